#include <stdio.h>
#include <stdlib.h>

#include "rules/activate/activate.h"
#include "cli/bundles_print.h"
#include "cli/cli.h"
#include "server/control.h"
#include "server/database.h"
#include "rules/make/stored.h"
#include "base/terminal/columns.h"
#include "base/json/json.h"
#include "conf/conf.h"
#include "engine/rules.h"
#include "loop/loop.h"
#include "pg/conn.h"
#include "pg/wait.h"
#include "store/rules/bundles.h"

/* bundle: what served and serves. Reads the database; to activate it asks a running server, and
 * only where there is none it writes the activation itself, for servers elsewhere to follow. */

enum { CONNECT_MS = 30000, JSON_DEPTH = 8 };

struct session {
    struct od_conf *conf;
    struct od_loop loop;
    struct od_database *database;
    struct od_pg_conn *conn;
    struct od_arena arena;
    struct od_err err;
    int status; /* of the exit */
    bool done;
};

/* ---- list */

static void print_overview(void *ctx, const struct od_pg_result *r)
{
    struct session *s = ctx;
    struct od_json *all;
    s->status = od_json_parse(&s->arena, od_pg_get_text(r, 0, 0), JSON_DEPTH, &all, &s->err);
    if (s->status)
        return;
    od_bundles_print(all);
}

static void on_overview(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct session *s = ctx;
    if (err) {
        s->err = *err;
        s->status = -1;
        return;
    }
    print_overview(s, r);
}

static int list(struct session *s)
{
    od_bundle_overview(s->conn, on_overview, s);
    od_pg_sync(s->conn, NULL, NULL);
    od_pg_wait(s->conn);
    return s->status;
}

/* ---- show */

struct show {
    struct session *session;
    struct od_str file; /* "plugin/file" or "file"; absent: all */
    int shown, sources;
};

static bool wanted(const struct show *w, struct od_str plugin, struct od_str file)
{
    struct od_str rest = w->file, first;
    if (!w->file.ptr || od_str_eq(w->file, file))
        return true;
    return od_str_cut(&rest, '/', &first) && od_str_eq(first, plugin) && od_str_eq(rest, file);
}

static void on_sources(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct show *w = ctx;
    if (err) {
        w->session->err = *err;
        w->session->status = -1;
        return;
    }
    w->sources = r->rows;
    for (int i = 0; i < r->rows; i++) {
        struct od_str plugin = od_pg_get_text(r, i, 1), file = od_pg_get_text(r, i, 2);
        struct od_str text = od_pg_get_text(r, i, 3);
        if (!wanted(w, plugin, file))
            continue;
        w->shown++;
        if (!w->file.ptr)
            printf("%s==> %.*s%s%.*s <==\n", i ? "\n" : "", OD_STR_ARG(plugin),
                   plugin.len ? "/" : "", OD_STR_ARG(file));
        fwrite(text.ptr, 1, text.len, stdout);
    }
}

static int show(struct session *s, const char *hash, const char *file)
{
    struct show w = {.session = s, .file = od_str_of(file)};
    od_bundle_show(s->conn, od_str_of(hash), on_sources, &w);
    od_pg_sync(s->conn, NULL, NULL);
    od_pg_wait(s->conn);
    if (s->status)
        return -1;
    if (!w.sources)
        return od_bundle_unknown(&s->err, od_str_of(hash));
    if (!w.shown)
        return od_err_set(&s->err, OD_ERR_NOT_FOUND, "the bundle has no file %s", file);
    return 0;
}

/* ---- activate, rollback */

static void print_served(const char *hash, struct od_str notes)
{
    printf("serving bundle %s\n%.*s", hash, OD_STR_ARG(notes));
}

static void on_activated(void *ctx, const struct od_err *err, const struct od_activated *a)
{
    struct session *s = ctx;
    s->done = true;
    if (!err) {
        fwrite(a->notes.ptr, 1, a->notes.len, stdout);
        return;
    }
    s->err = *err;
    s->status = -1;
}

struct found {
    struct session *session;
    struct od_rules *rules;
};

static void on_rules(void *ctx, const struct od_err *err, struct od_rules *rules)
{
    struct found *f = ctx;
    f->rules = rules;
    f->session->done = true;
    if (!err)
        return;
    f->session->err = *err;
    f->session->status = -1;
}

static void wait_done(struct session *s)
{
    while (!s->done && od_loop_run_once(&s->loop))
        ;
    s->done = false;
}

static int activate_here(struct session *s, const struct od_stored_choice *which, const char *kind)
{
    struct found f = {.session = s};
    od_stored_rules(s->conn, s->conf, which, on_rules, &f);
    wait_done(s);
    if (s->status)
        return -1;
    struct od_activate what = {.rules = f.rules, .kind = kind, .actor = OD_STR("orderd bundle")};
    od_activate(s->conn, &what, on_activated, s);
    wait_done(s);
    if (!s->status)
        printf("activated bundle %s; no server runs here\n", f.rules->hash);
    od_rules_unref(f.rules);
    return s->status;
}

struct told {
    bool refused;
};

static void on_answer(void *ctx, long pid, struct od_str text)
{
    struct told *t = ctx;
    struct od_str rest = text, word;
    (void)pid;
    if (od_str_cut(&rest, ' ', &word) && od_str_is(word, "ok")) {
        struct od_str hash;
        char shown[65];
        od_str_cut(&rest, '\n', &hash);
        snprintf(shown, sizeof shown, "%.*s", OD_STR_ARG(hash));
        print_served(shown, rest);
        return;
    }
    t->refused = true;
    od_str_cut(&rest, '\n', &word);
    od_wrap_to(stderr, fprintf(stderr, "refused:"), 2, word);
    od_wrap_long(stderr, rest);
}

/* 0 done, 1 refused, 2 nobody runs, -1 error. */
static int activate_there(const struct od_conf *conf, struct od_str line, struct od_err *err)
{
    struct told t = {0};
    int asked = od_control_ask_one(conf->database.data_dir.ptr, line, on_answer, &t, err);
    if (asked < 0)
        return err->code == OD_ERR_NOT_FOUND ? 2 : -1;
    return asked == 0 ? 2 : t.refused;
}

/* ---- the subcommand */

static int open_session(struct session *s)
{
    od_loop_init(&s->loop);
    if (od_database_open_existing(&s->loop, s->conf, &s->database, &s->err))
        return -1;
    struct od_pg_conn_conf conf = {.server = od_database_server(s->database)};
    s->conn = od_pg_conn_new(&s->loop, &conf);
    return od_pg_wait_up(s->conn, CONNECT_MS, &s->err);
}

static void close_session(struct session *s)
{
    if (s->conn)
        od_pg_conn_free_wait(s->conn, &s->loop);
    od_database_close(s->database);
    od_loop_fini(&s->loop);
}

static int with_database(struct session *s, struct od_cli *cli,
                         const struct od_stored_choice *which)
{
    int failed = open_session(s);
    if (failed)
        ;
    else if (which)
        failed = activate_here(s, which, which->before ? "rollback" : "activate");
    else if (cli->argc > 1)
        failed = show(s, cli->argv[1], cli->argc > 2 ? cli->argv[2] : NULL);
    else
        failed = list(s);
    close_session(s);
    return failed ? od_cli_fail(&s->err) : 0;
}

static int activate(struct session *s, struct od_cli *cli, const struct od_stored_choice *which)
{
    char line[128] = "rollback";
    if (!which->before)
        snprintf(line, sizeof line, "activate %s", which->hash.ptr);
    int answered = activate_there(s->conf, od_str_of(line), &s->err);
    if (answered == 2)
        return with_database(s, cli, which);
    return answered < 0 ? od_cli_fail(&s->err) : answered;
}

int od_cli_bundle(struct od_cli *cli)
{
    struct session s = {0};
    const char *what = cli->argc ? cli->argv[0] : "";
    struct od_str word = od_str_of(what);
    bool has_hash = cli->argc > 1;
    struct od_stored_choice which = {.before = od_str_is(word, "rollback")};
    bool moves = which.before || od_str_is(word, "activate");
    bool known = (od_str_is(word, "list") && cli->argc == 1) ||
                 (od_str_is(word, "show") && has_hash && cli->argc <= 3) ||
                 (which.before && cli->argc == 1) ||
                 (od_str_is(word, "activate") && cli->argc == 2);
    if (!known)
        return od_cli_misuse(cli, "list, show HASH [FILE], activate HASH or rollback");
    if (has_hash && moves)
        which.hash = od_str_of(cli->argv[1]);
    if (has_hash && strlen(cli->argv[1]) > 64)
        return od_cli_misuse(cli, "a hash has 64 hex digits");
    s.conf = od_cli_conf(cli);
    if (!s.conf)
        return 1;
    od_cli_quiet(s.conf);
    od_arena_init(&s.arena);
    int status = moves ? activate(&s, cli, &which) : with_database(&s, cli, NULL);
    od_arena_fini(&s.arena);
    od_conf_unref(s.conf);
    return status;
}
