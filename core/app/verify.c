#include "app/verify.h"

#include <stdlib.h>

#include "app/progress.h"
#include "base/arena.h"
#include "loop/loop.h"
#include "order/event.h"
#include "pg/conn.h"
#include "store/events.h"
#include "store/load.h"

enum { CHUNK = 500 };

/* Where a run stands: each step sends a pipeline and names what follows its sync. */
struct verify {
    struct od_pg_conn *conn;
    struct od_arena arena;
    struct od_set set;
    struct folded *folds; /* [set.order_count], in the order of set.orders */
    size_t fold_at;
    int64_t last_id, total;
    FILE *out;
    struct od_progress progress;
    struct od_verify_result *result;
    struct od_err *err;
    bool finished, failed, closed;
};

struct folded {
    int64_t order_id;
    struct od_order *order;
    struct od_err err;
};

static const struct od_pg_stmt sql_begin = {
    .name = "verify_begin", .sql = "begin isolation level repeatable read read only"};
static const struct od_pg_stmt sql_count = {.name = "verify_count",
                                            .sql = "select count(*) from orders"};
static const uint32_t ids_oids[] = {OD_PG_INT8};
static const struct od_pg_stmt select_ids = {
    .name = "verify_ids",
    .sql = "select order_id from orders where order_id > $1 order by order_id limit 500",
    .nparams = 1,
    .param_oids = ids_oids,
};
static const struct od_pg_stmt select_orphans = {
    .name = "verify_orphans",
    .sql = "select distinct e.order_id from order_event e where e.seq = 1"
           " and not exists (select 1 from orders o where o.order_id = e.order_id)"
           " order by 1 limit 1000",
};
/* Every SKU, with what its books should say. */
static const struct od_pg_stmt select_stock = {
    .name = "verify_stock",
    .sql = "with units as (select sku, sum(qty - qty_canceled - qty_shipped)::int8 as reserved,"
           " sum(qty_shipped)::int8 as shipped from order_item where stock_tracked group by sku),"
           " put as (select sku, sum(delta)::int8 as delta from stock_adjustment group by sku)"
           " select s.sku, s.on_hand, s.reserved,"
           " coalesce(p.delta, 0) - coalesce(u.shipped, 0), coalesce(u.reserved, 0)"
           " from stock s left join units u using (sku) left join put p using (sku)"
           " where s.reserved <> coalesce(u.reserved, 0)"
           " or s.on_hand <> coalesce(p.delta, 0) - coalesce(u.shipped, 0) order by s.sku",
};

static void next_chunk(struct verify *v);

static void finish(struct verify *v, bool failed)
{
    v->failed = failed;
    v->finished = true;
}

static void differs(struct verify *v)
{
    v->result->differing++;
}

static void on_orphans(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct verify *v = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        fprintf(v->out, "order %lld: has events but no row\n", (long long)od_pg_get_i64(r, i, 0));
        differs(v);
    }
}

static void on_stock(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct verify *v = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_str sku = od_pg_get_text(r, i, 0);
        fprintf(v->out, "sku %.*s: on hand %lld, should be %lld; reserved %lld, should be %lld\n",
                OD_STR_ARG(sku), (long long)od_pg_get_i64(r, i, 1),
                (long long)od_pg_get_i64(r, i, 3), (long long)od_pg_get_i64(r, i, 2),
                (long long)od_pg_get_i64(r, i, 4));
        differs(v);
    }
}

static void on_done(void *ctx, bool failed)
{
    finish(ctx, failed);
}

static void last_checks(struct verify *v)
{
    od_pg_send(v->conn, &select_orphans, NULL, on_orphans, v);
    od_pg_send(v->conn, &select_stock, NULL, on_stock, v);
    od_pg_sync(v->conn, on_done, v);
}

static void on_events(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct verify *v = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        int64_t order_id = od_pg_get_i64(r, i, 0);
        struct od_event e;
        while (v->fold_at < v->set.order_count && v->folds[v->fold_at].order_id < order_id)
            v->fold_at++;
        if (v->fold_at == v->set.order_count)
            return;
        struct folded *f = &v->folds[v->fold_at];
        v->result->events++;
        if (f->order_id != order_id || f->err.code)
            continue;
        if (!f->order)
            f->order = OD_NEW(&v->arena, struct od_order);
        if (od_event_row_read(r, i, &e, NULL, &v->arena, &f->err))
            continue;
        /* fold keeps what the event points to */
        struct od_event *kept = OD_NEW(&v->arena, struct od_event);
        *kept = e;
        (void)!od_fold(f->order, kept, &v->arena, &f->err);
    }
}

static void compare(struct verify *v, const struct od_loaded *l, const struct folded *f)
{
    const char *what = NULL;
    v->result->orders++;
    if (!l->order)
        return; /* deleted since its id was read: not under one snapshot */
    if (f->err.code)
        what = f->err.message;
    else if (!f->order)
        what = "has no events";
    else
        what = od_order_diff(&v->arena, l->order, f->order);
    if (!what)
        return;
    fprintf(v->out, "order %lld (%.*s): %s%s\n", (long long)l->order_id,
            OD_STR_ARG(l->order->order_number), what,
            f->order && !f->err.code ? " differs from the fold of its events" : "");
    differs(v);
}

static void on_chunk(void *ctx, bool failed)
{
    struct verify *v = ctx;
    if (failed) {
        od_set_fini(&v->set);
        finish(v, true);
        return;
    }
    for (size_t i = 0; i < v->set.order_count; i++)
        compare(v, v->set.orders[i], &v->folds[i]);
    od_set_fini(&v->set);
    od_arena_reset(&v->arena);
    od_progress_show(&v->progress, (int64_t)v->result->orders, v->total);
    next_chunk(v);
}

static void send_events(struct verify *v)
{
    struct od_pg_params *p = od_pg_params(v->conn);
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < v->set.order_count; i++)
        od_pg_array_i64(p, v->set.orders[i]->order_id);
    od_pg_array_end(p);
    od_pg_send(v->conn, &od_select_events, p, on_events, v);
}

static void on_ids_read(void *ctx, bool failed)
{
    struct verify *v = ctx;
    if (failed || v->set.order_count == 0) {
        od_set_fini(&v->set);
        if (failed)
            finish(v, true);
        else
            last_checks(v);
        return;
    }
    v->fold_at = 0;
    v->folds = OD_NEW_ARRAY(&v->arena, struct folded, v->set.order_count);
    for (size_t i = 0; i < v->set.order_count; i++)
        v->folds[i].order_id = v->set.orders[i]->order_id;
    v->last_id = v->set.orders[v->set.order_count - 1]->order_id;
    od_set_send(&v->set, v->conn, false);
    send_events(v);
    od_pg_sync(v->conn, on_chunk, v);
}

static void on_ids(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct verify *v = ctx;
    for (int i = 0; !err && i < r->rows; i++)
        (void)od_set_want_order(&v->set, od_pg_get_i64(r, i, 0));
}

static void next_chunk(struct verify *v)
{
    od_set_init(&v->set, &v->arena);
    struct od_pg_params *p = od_pg_params(v->conn);
    od_pg_i64(p, v->last_id);
    od_pg_send(v->conn, &select_ids, p, on_ids, v);
    od_pg_sync(v->conn, on_ids_read, v);
}

static void on_count(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct verify *v = ctx;
    if (!err)
        v->total = od_pg_get_i64(r, 0, 0);
}

static void on_begun(void *ctx, bool failed)
{
    if (failed)
        finish(ctx, true);
    else
        next_chunk(ctx);
}

static void on_up(void *ctx)
{
    struct verify *v = ctx;
    od_pg_send(v->conn, &sql_begin, NULL, NULL, NULL);
    od_pg_send(v->conn, &sql_count, NULL, on_count, v);
    od_pg_sync(v->conn, on_begun, v);
}

static void on_down(void *ctx, const struct od_err *why)
{
    struct verify *v = ctx;
    if (!v->err->code)
        *v->err = *why;
    finish(v, true);
}

static void on_error(void *ctx, const struct od_err *err)
{
    struct verify *v = ctx;
    if (!v->err->code)
        *v->err = *err;
}

static void on_closed(void *ctx)
{
    ((struct verify *)ctx)->closed = true;
}

int od_verify_run(struct od_loop *loop, const char *conninfo, FILE *out, bool progress,
                  struct od_verify_result *result, struct od_err *err)
{
    /* By index, and never a plan for the size the tables had a moment ago. */
    static const char *const setup[] = {"set jit = off", "set statement_timeout = 0", NULL};
    struct verify v = {.out = out, .result = result, .err = err};
    *result = (struct od_verify_result){0};
    od_err_clear(err);
    od_arena_init(&v.arena);
    od_progress_init(&v.progress, "verify", progress);
    struct od_pg_conn_conf conf = {
        .conninfo = conninfo,
        .setup = setup,
        .ctx = &v,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
    };
    v.conn = od_pg_conn_new(loop, &conf);
    while (!v.finished && od_loop_run_once(loop))
        ;
    od_progress_end(&v.progress);
    od_pg_conn_free(v.conn, on_closed, &v);
    while (!v.closed && od_loop_run_once(loop))
        ;
    od_arena_fini(&v.arena);
    return v.failed ? -1 : 0;
}
