#include "cli/deliveries/deliveries.h"

#include <string.h>

#include "base/clock.h"
#include "cli/session.h"
#include "pg/wait.h"

enum { LIMIT = 50, SAMPLES = 3, LIMIT_MAX = 100000 };

/* What may stand behind `orderd deliveries`. Without a verb it lists. */
static const struct verb {
    const char *name;
    enum { NOTHING = 0, DELIVERY, TARGET, DELIVERY_OR_OPTION } argument;
    int (*run)(struct od_deliveries *d, struct od_err *err);
} verbs[] = {
    {"list", NOTHING, od_deliveries_list},
    {"show", DELIVERY, od_deliveries_show},
    {"redeliver", DELIVERY_OR_OPTION, od_deliveries_redeliver},
    {"targets", NOTHING, od_deliveries_targets},
    {"pause", TARGET, od_deliveries_pause},
    {"resume", TARGET, od_deliveries_resume},
    {"test", TARGET, od_deliveries_test},
    {"rederive", NOTHING, od_deliveries_rederive},
};

struct asking {
    struct od_deliveries *d;
    od_pg_on_result *on_result;
};

static void on_result(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct asking *a = ctx;
    if (err) {
        a->d->failure = *err;
        return;
    }
    a->d->rows = r->rows;
    if (a->on_result)
        a->on_result(a->d, r, err);
}

int od_deliveries_ask(struct od_deliveries *d, const struct od_pg_stmt *stmt,
                      struct od_pg_params *p, od_pg_on_result *seen, struct od_err *err)
{
    struct asking asking = {d, seen};
    od_err_clear(&d->failure);
    d->rows = 0;
    od_pg_send(d->conn, stmt, p, on_result, &asking);
    od_pg_sync(d->conn, NULL, NULL);
    od_pg_wait(d->conn);
    if (d->failure.code == OD_ERR_NONE)
        return 0;
    *err = d->failure;
    return -1;
}

static int take_time(struct od_cli *cli, const char *option, int64_t *at)
{
    const char *text = od_cli_option(cli, option);
    if (!text || od_time_parse(od_str_of(text), at))
        return 0;
    return od_cli_misuse(cli, "%s needs a time like 2026-01-31T00:00:00Z, not \"%s\"", option,
                         text);
}

static int take_options(struct od_cli *cli, struct od_deliveries *d)
{
    static const char *const states[] = {"queued", "delivered", "failed"};
    int status;
    const char *limit = od_cli_option(cli, "--limit");
    bool known = false;
    d->json = od_cli_flag(cli, "--json");
    d->only_failed = od_cli_flag(cli, "--failed");
    d->target = od_cli_option(cli, "--target");
    d->state = od_cli_option(cli, "--state");
    d->order = od_cli_option(cli, "--order");
    if ((status = take_time(cli, "--since", &d->since)) ||
        (status = take_time(cli, "--until", &d->until)))
        return status;
    if (limit && !od_str_to_i64(od_str_of(limit), 1, LIMIT_MAX, &d->limit))
        return od_cli_misuse(cli, "--limit needs a number from 1 to %d", LIMIT_MAX);
    for (size_t i = 0; d->state && i < sizeof states / sizeof *states; i++)
        known = known || strcmp(d->state, states[i]) == 0;
    if (d->state && !known)
        return od_cli_misuse(cli, "--state is queued, delivered or failed, not \"%s\"", d->state);
    return 0;
}

static int take_argument(struct od_cli *cli, struct od_deliveries *d, const struct verb *v)
{
    const char *text = cli->argc > 1 ? cli->argv[1] : NULL;
    bool wants = v->argument == DELIVERY || v->argument == TARGET ||
                 (v->argument == DELIVERY_OR_OPTION && !d->target);
    if (cli->argc > (wants ? 2 : 1))
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[wants ? 2 : 1]);
    if (wants && !text)
        return od_cli_misuse(cli, "%s needs %s", v->name,
                             v->argument == TARGET     ? "the name of a target"
                             : v->argument == DELIVERY ? "the id of a delivery"
                                                       : "the id of a delivery, or --target");
    if (!wants)
        return 0;
    if (v->argument == TARGET)
        d->target = text;
    else if (!od_str_to_i64(od_str_of(text), 1, INT64_MAX, &d->delivery_id))
        return od_cli_misuse(cli, "\"%s\" is no id of a delivery", text);
    return 0;
}

static const struct verb *verb_of(const struct od_cli *cli)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (cli->argc == 0 || strcmp(cli->argv[0], verbs[i].name) == 0)
            return &verbs[i];
    }
    return NULL;
}

static int run(struct od_deliveries *d, const struct od_cli *cli, const struct verb *v,
               struct od_err *err)
{
    if (od_session_open(d->session, cli, false, err))
        return -1;
    d->conn = od_session_connect(d->session, err);
    if (!d->conn || (d->order && od_session_find_order(d->conn, d->order, &d->order_id, err)))
        return -1;
    return v->run(d, err);
}

int od_cli_deliveries(struct od_cli *cli)
{
    struct od_session s = {0};
    struct od_deliveries d = {.session = &s};
    struct od_err err;
    int status = take_options(cli, &d);
    const struct verb *v = verb_of(cli);
    if (status)
        return status;
    if (!v)
        return od_cli_misuse(cli, "does not know \"%s\"", cli->argv[0]);
    if ((status = take_argument(cli, &d, v)))
        return status;
    if (v->run == od_deliveries_rederive && !d.since)
        return od_cli_misuse(cli, "rederive needs --since");
    if (!d.limit)
        d.limit = v->run == od_deliveries_rederive ? SAMPLES : LIMIT;
    od_arena_init(&d.arena);
    int failed = run(&d, cli, v, &err);
    if (d.conn)
        od_pg_conn_free_wait(d.conn, &s.loop);
    od_session_close(&s);
    od_arena_fini(&d.arena);
    return failed ? od_cli_fail(&err) : 0;
}
