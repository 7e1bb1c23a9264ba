#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json/json.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "conf/conf.h"
#include "conf/shop.h"
#include "pg/transaction.h"
#include "pg/wait.h"
#include "rules/make/candidate.h"
#include "script/template/letter.h"
#include "store/load/load.h"
#include "store/names.h"

/* orderd mail preview: a mail from the configuration's own files, which need not serve yet, about
 * an order of the database. Nothing is sent. */

enum { JSON_MAX = 64 << 20 };

struct preview {
    struct od_letter letter;
    const char *name; /* of the order, as the caller wrote it */
    struct od_order_ref ref;
    bool json, html;
    struct od_session session;
    struct od_pg_conn *conn;
    struct od_arena arena;
    struct od_set set;
    struct od_rules *rules;
    struct od_letter_texts texts;
};

static int find(struct preview *p, int64_t *order_id, struct od_err *err)
{
    struct od_names names;
    *order_id = p->ref.order_id;
    if (*order_id)
        return 0;
    od_names_init(&names, &p->arena);
    od_names_begin(&names);
    od_names_want(&names, &p->ref);
    od_names_send(&names, p->conn);
    od_pg_sync(p->conn, NULL, NULL);
    od_pg_wait(p->conn);
    int failed = od_names_found(&names, &p->ref, order_id, err);
    od_names_end(&names);
    od_names_fini(&names);
    if (!failed && !*order_id)
        return od_err_set(err, OD_ERR_NOT_FOUND, "there is no order \"%s\"", p->name);
    return failed;
}

static void on_read(void *ctx, bool failed)
{
    bool *answer = ctx;
    *answer = !failed;
}

/* NULL: err says why. */
static const struct od_order *read_order(struct preview *p, struct od_err *err)
{
    int64_t order_id;
    bool done = false;
    if (find(p, &order_id, err))
        return NULL;
    const struct od_loaded *l = od_set_want_order(&p->set, order_id);
    p->set.shop = p->rules->shop;
    od_pg_send(p->conn, &od_pg_begin_snapshot, NULL, NULL, NULL);
    od_set_send(&p->set, p->conn, false);
    od_pg_sync(p->conn, on_read, &done);
    od_pg_wait(p->conn);
    if (!done)
        (void)od_err_set(err, OD_ERR_DB, "the order could not be read");
    else if (!l->order)
        (void)od_err_set(err, OD_ERR_NOT_FOUND, "there is no order \"%s\"", p->name);
    return done ? l->order : NULL;
}

static void show_json(const struct preview *p)
{
    struct od_json_writer w;
    struct od_buf out;
    od_buf_init(&out, JSON_MAX);
    od_jw_init(&w, &out);
    od_jw_object(&w);
    od_jw_key(&w, "template");
    od_jw_str(&w, p->letter.template);
    od_jw_key(&w, "language");
    od_jw_str(&w, p->texts.language.len ? p->texts.language : OD_STR_NONE);
    od_jw_key(&w, "subject");
    od_jw_str(&w, p->texts.subject);
    od_jw_key(&w, "text");
    od_jw_str(&w, p->texts.text);
    od_jw_key(&w, "html");
    od_jw_str(&w, p->texts.html);
    od_jw_object_end(&w);
    printf("%.*s\n", OD_STR_ARG(od_buf_view(&out)));
    od_buf_fini(&out);
}

static int show(const struct preview *p, struct od_err *err)
{
    if (p->json) {
        show_json(p);
    } else if (!p->html) {
        printf("Subject: %s\n\n%s", p->texts.subject.ptr, p->texts.text.ptr);
    } else if (p->texts.html.ptr) {
        printf("%s", p->texts.html.ptr);
    } else {
        return od_err_set(err, OD_ERR_NOT_FOUND, "this mail has no HTML, only text");
    }
    return 0;
}

static int preview(struct preview *p, struct od_cli *cli, struct od_err *err)
{
    const struct od_candidate files = {0};
    const struct od_order *order;
    if (od_session_open(&p->session, cli, false, err) ||
        od_candidate_build(p->session.conf, &files, &p->rules, err) ||
        !(p->conn = od_session_connect(&p->session, err)) || !(order = read_order(p, err)))
        return -1;
    struct od_conf_shop_keys shop = od_conf_shop(p->session.conf, order->store, &p->arena);
    shop.logo = OD_STR_NONE;
    if (!p->letter.language.len)
        p->letter.language = order->locale;
    p->letter.fallback = shop.language;
    p->letter.at_us = od_clock_us();
    od_letter_settle(&p->letter, order);
    return od_bundle_letter(p->rules->bundle, &p->letter, order, &shop, &p->arena, &p->texts,
                            err) ||
                   show(p, err)
               ? -1
               : 0;
}

int od_cli_mail(struct od_cli *cli)
{
    struct preview p = {.json = od_cli_flag(cli, "--json"), .html = od_cli_flag(cli, "--html")};
    struct od_err err;
    p.letter.language = od_str_of(od_cli_option(cli, "--language"));
    if (cli->argc != 3 || strcmp(cli->argv[0], "preview") != 0)
        return od_cli_misuse(cli, "needs: preview TEMPLATE ORDER");
    p.letter.template = od_str_of(cli->argv[1]);
    p.name = cli->argv[2];
    if (!od_order_ref_parse(od_str_of(p.name), &p.ref))
        return od_cli_misuse(cli, "\"%s\" is no number, uuid or id:42 of an order", p.name);
    od_arena_init(&p.arena);
    od_set_init(&p.set, &p.arena);
    int status = preview(&p, cli, &err) ? od_cli_fail(&err) : 0;
    od_set_fini(&p.set);
    od_rules_unref(p.rules);
    od_arena_fini(&p.arena);
    if (p.conn)
        od_pg_conn_free_wait(p.conn, &p.session.loop);
    od_session_close(&p.session);
    return status;
}
