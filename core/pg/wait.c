#include "pg/wait.h"

#include "loop/timer.h"
#include "pg/conn_impl.h"

struct waiting {
    void (*read)(void *ctx, const struct od_pg_result *r);
    void *ctx;
    struct od_err err;
};

static void on_time_over(void *ctx)
{
    *(bool *)ctx = true;
}

int od_pg_wait_up(struct od_pg_conn *c, uint32_t timeout_ms, struct od_err *err)
{
    bool over = false;
    struct od_timer *timer = od_timer_new(c->loop, on_time_over, &over);

    od_timer_start(timer, timeout_ms, 0);
    while (!over && !od_pg_conn_up(c))
        od_loop_run_once(c->loop);
    od_timer_free(timer);
    if (od_pg_conn_up(c))
        return 0;
    if (c->error.code == OD_ERR_NONE)
        return od_err_set(err, OD_ERR_UNAVAILABLE, "the database did not answer in time");
    *err = c->error;
    return -1;
}

void od_pg_wait(struct od_pg_conn *c)
{
    while (!od_pg_conn_idle(c))
        od_loop_run_once(c->loop);
}

static void on_result(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct waiting *w = ctx;
    if (err)
        w->err = *err;
    else if (w->read)
        w->read(w->ctx, r);
}

/* The sync commits what had no transaction of its own. */
static void on_sync(void *ctx, bool failed)
{
    struct waiting *w = ctx;
    if (failed && w->err.code == OD_ERR_NONE)
        od_err_set(&w->err, OD_ERR_UNAVAILABLE, "the database was lost before it committed");
}

static int outcome(const struct waiting *w, struct od_err *err)
{
    if (w->err.code == OD_ERR_NONE)
        return 0;
    *err = w->err;
    return -1;
}

int od_pg_exec_wait(struct od_pg_conn *c, const struct od_pg_stmt *stmt,
                    const struct od_pg_params *params,
                    void (*read)(void *ctx, const struct od_pg_result *r), void *ctx,
                    struct od_err *err)
{
    struct waiting w = {.read = read, .ctx = ctx};
    od_pg_send(c, stmt, params, on_result, &w);
    od_pg_sync(c, on_sync, &w);
    od_pg_wait(c);
    return outcome(&w, err);
}

int od_pg_script_wait(struct od_pg_conn *c, const char *sql, struct od_err *err)
{
    struct waiting w = {0};
    od_pg_script(c, sql, on_result, &w);
    od_pg_wait(c);
    return outcome(&w, err);
}

static void on_closed(void *ctx)
{
    *(bool *)ctx = true;
}

void od_pg_conn_free_wait(struct od_pg_conn *c, struct od_loop *loop)
{
    bool closed = c == NULL;
    od_pg_conn_free(c, on_closed, &closed);
    while (!closed)
        od_loop_run_once(loop);
}
