#include "cli/session.h"
#include "server/database.h"
#include "cli/explain/explained.h"
#include "rules/make/candidate.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "pg/transaction.h"
#include "pg/wait.h"
#include "script/bundle/bundle.h"
#include "store/ledger.h"

/* orderd explain: one order, read beside the server in one snapshot. */

enum { CONNECT_MS = 30000, SENT_MAX = 10000, JSON_MAX = 256 << 20 };

struct explain {
    const char *name; /* as the caller wrote it */
    bool json;

    struct od_conf *conf;
    struct od_loop loop;
    struct od_database *database;
    struct od_pg_conn *conn;
    struct od_arena arena;
    struct od_rules *rules;
    struct od_set set;
    int64_t order_id;
    size_t event_cap;
    struct od_explained result;
    struct od_err failure; /* of the reading */
};

static const char *const setup[] = {"set jit = off", "set default_transaction_read_only = on",
                                    "set application_name = 'orderd explain'", NULL};

static void on_ledger(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct explain *x = ctx;
    struct od_explained *result = &x->result;
    for (int i = 0; !err && i < r->rows; i++) {
        result->events = od_arena_grow(&x->arena, result->events, result->event_count,
                                       &x->event_cap, sizeof *result->events);
        struct od_explained_event *e = &result->events[result->event_count++];
        *e = (struct od_explained_event){0};
        if (!od_pg_is_null(r, i, OD_EVENT_COLUMN_COUNT))
            e->bundle = od_arena_str(&x->arena, od_pg_get_text(r, i, OD_EVENT_COLUMN_COUNT));
        if (!od_pg_is_null(r, i, OD_EVENT_COLUMN_COUNT + 1))
            e->cause = od_arena_str(&x->arena, od_pg_get_text(r, i, OD_EVENT_COLUMN_COUNT + 1));
        struct od_err bad;
        if (od_event_row_read(r, i, &e->event, NULL, &x->arena, &bad) && !x->failure.code)
            x->failure = bad;
    }
}

static void on_sent(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct explain *x = ctx;
    struct od_explained *result = &x->result;
    result->sent = OD_NEW_ARRAY(&x->arena, struct od_delivery_row, err ? 0 : (size_t)r->rows);
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_delivery_row *d = &result->sent[result->sent_count++];
        struct od_str *const texts[] = {&d->order_number, &d->topic, &d->target, &d->kind, &d->hook,
                                        &d->recipient,    &d->name,  &d->state,  &d->error};
        od_delivery_row_read(r, i, d);
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            *texts[t] = od_arena_str(&x->arena, *texts[t]);
    }
}

static void ask_sent(struct explain *x)
{
    struct od_pg_params *p = od_pg_params(x->conn);
    od_pg_i64(p, x->order_id);
    for (int i = 0; i < 5; i++) /* of any target, state and time */
        od_pg_null(p);
    od_pg_i32(p, SENT_MAX);
    od_pg_send(x->conn, &od_select_deliveries, p, on_sent, x);
}

static void on_read(void *ctx, bool failed)
{
    struct explain *x = ctx;
    if (failed && !x->failure.code)
        (void)od_err_set(&x->failure, OD_ERR_DB, "the order could not be read");
}

static void on_error(void *ctx, const struct od_err *err)
{
    struct explain *x = ctx;
    if (!x->failure.code)
        x->failure = *err;
}

static int read_order(struct explain *x, struct od_err *err)
{
    struct od_loaded *l = od_set_want_order(&x->set, x->order_id);
    x->set.shop = x->rules->shop;
    x->set.stock_of_orders = true;
    od_pg_send(x->conn, &od_pg_begin_snapshot, NULL, NULL, NULL);
    od_set_send(&x->set, x->conn, false);
    od_ledger_events(x->conn, x->order_id, 0, INT32_MAX, on_ledger, x);
    ask_sent(x);
    od_pg_sync(x->conn, on_read, x);
    od_pg_wait(x->conn);
    if (x->failure.code) {
        *err = x->failure;
        return -1;
    }
    if (!l->order)
        return od_err_set(err, OD_ERR_NOT_FOUND, "there is no order \"%s\"", x->name);
    x->result.order = l->order;
    x->result.activities = l->activities;
    return 0;
}

static void list_actions(struct explain *x)
{
    const struct od_rules *rules = x->rules;
    struct od_decide_env env = {
        .policies = &rules->policies,
        .statuses = &rules->statuses,
        .stock = &x->set.stock,
        .track = rules->track,
        .shop = rules->shop,
        .arena = &x->arena,
        .now = od_clock_us(),
    };
    uint32_t count;
    const struct od_offer *offers = od_bundle_offers(rules->bundle, OD_OFFER_COMMAND, &count);
    struct od_str *composites = OD_NEW_ARRAY(&x->arena, struct od_str, count);
    for (uint32_t i = 0; i < count; i++)
        composites[i] = offers[i].name;
    x->result.actions = od_order_actions(&env, x->result.order, OD_STR("orderd explain"),
                                         composites, count, &x->result.action_count);
}

static void show(struct explain *x)
{
    if (!x->json) {
        od_explained_print(&x->result, stdout);
        return;
    }
    struct od_buf text;
    od_buf_init(&text, JSON_MAX);
    od_explained_json(&x->result, &text);
    printf("%.*s\n", OD_STR_ARG(od_buf_view(&text)));
    od_buf_fini(&text);
}

static int explain(struct explain *x, struct od_err *err)
{
    if (od_database_open_existing(&x->loop, x->conf, &x->database, err))
        return -1;
    struct od_pg_conn_conf conf = {
        .server = od_database_server(x->database), .setup = setup, .ctx = x, .on_error = on_error};
    x->conn = od_pg_conn_new(&x->loop, &conf);
    if (od_pg_wait_up(x->conn, CONNECT_MS, err) ||
        od_session_find_order(x->conn, x->name, &x->order_id, err) ||
        od_active_rules_load(x->conn, x->conf, &x->rules, &x->result.active, err))
        return -1;
    x->result.arena = &x->arena;
    x->result.rules = x->rules;
    if (read_order(x, err))
        return -1;
    list_actions(x);
    show(x);
    return 0;
}

int od_cli_explain(struct od_cli *cli)
{
    struct explain x = {.json = od_cli_flag(cli, "--json")};
    struct od_err err;
    if (cli->argc != 1)
        return od_cli_misuse(cli, "needs one order");
    x.name = cli->argv[0];
    x.conf = od_cli_conf(cli);
    if (!x.conf)
        return 1;
    od_cli_quiet(x.conf);
    od_loop_init(&x.loop);
    od_arena_init(&x.arena);
    od_set_init(&x.set, &x.arena);
    int status = explain(&x, &err) ? od_cli_fail(&err) : 0;
    od_set_fini(&x.set);
    od_rules_unref(x.rules);
    od_arena_fini(&x.arena);
    if (x.conn)
        od_pg_conn_free_wait(x.conn, &x.loop);
    od_database_close(x.database);
    od_loop_fini(&x.loop);
    od_conf_unref(x.conf);
    return status;
}
