#include "cli/verify/run.h"

#include <unistd.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "loop/loop.h"
#include "pg/transaction.h"
#include "read/projection/projection.h"
#include "read/projection/proof.h"
#include "read/projection/rebuild.h"
#include "server/database.h"
#include "store/ledger.h"

void od_verify_finish(struct od_verify *v, bool failed)
{
    v->failed = failed;
    v->finished = true;
}

static void on_count(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_verify *v = ctx;
    if (!err)
        v->total = od_pg_get_i64(r, 0, 0);
}

static void on_begun(void *ctx, bool failed)
{
    if (failed)
        od_verify_finish(ctx, true);
    else
        od_verify_orders(ctx);
}

static void on_up(void *ctx)
{
    struct od_verify *v = ctx;
    od_pg_send(v->conn, &od_pg_begin_snapshot, NULL, NULL, NULL);
    od_ledger_count(v->conn, 0, on_count, v);
    od_pg_sync(v->conn, on_begun, v);
}

static void on_down(void *ctx, const struct od_err *why)
{
    struct od_verify *v = ctx;
    if (!v->err->code)
        *v->err = *why;
    od_verify_finish(v, true);
}

static void on_error(void *ctx, const struct od_err *err)
{
    struct od_verify *v = ctx;
    if (!v->err->code)
        *v->err = *err;
}

static void on_closed(void *ctx)
{
    ((struct od_verify *)ctx)->closed = true;
}

static void on_difference(void *ctx, const struct od_projection *projection, int64_t order_id,
                          const char *what)
{
    struct od_verify *v = ctx;
    if (order_id)
        fprintf(v->out, "order %lld: projection %s: %s\n", (long long)order_id, projection->name,
                what);
    else
        fprintf(v->out, "projection %s: %s\n", projection->name, what);
    v->result->differing++;
}

int od_verify_run(struct od_loop *loop, struct od_pg_server *server, FILE *out, bool progress,
                  struct od_verify_result *result, struct od_err *err)
{
    /* It reads all there is, which may take long. */
    static const char *const setup[] = {"set jit = off", "set statement_timeout = 0", NULL};
    struct od_verify v = {.out = out, .result = result, .err = err};
    *result = (struct od_verify_result){0};
    od_err_clear(err);
    od_arena_init(&v.arena);
    od_progress_init(&v.progress, "verify", progress);
    struct od_pg_conn_conf conf = {
        .server = server,
        .setup = setup,
        .ctx = &v,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
    };
    if (od_projections_ready(loop, server, err)) {
        od_arena_fini(&v.arena);
        return -1;
    }
    v.conn = od_pg_conn_new(loop, &conf);
    while (!v.finished && od_loop_run_once(loop))
        ;
    for (size_t i = 0; !v.failed && od_projections[i]; i++)
        v.failed = od_projection_prove(v.conn, od_projections[i], on_difference, &v, err) != 0;
    od_progress_end(&v.progress);
    od_pg_conn_free(v.conn, on_closed, &v);
    while (!v.closed && od_loop_run_once(loop))
        ;
    od_arena_fini(&v.arena);
    return v.failed ? -1 : 0;
}

/* orderd verify */
int od_cli_verify(struct od_cli *cli)
{
    struct od_session s = {0};
    struct od_verify_result result = {0};
    struct od_err err;
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    int failed = od_session_open(&s, cli, false, &err) ||
                 od_verify_run(&s.loop, od_database_server(s.database), stdout,
                               isatty(STDERR_FILENO), &result, &err);
    od_session_close(&s);
    if (failed)
        return od_cli_fail(&err);
    printf("verified %llu orders, %llu differ (%llu events)\n", (unsigned long long)result.orders,
           (unsigned long long)result.differing, (unsigned long long)result.events);
    return result.differing ? 1 : 0;
}
