#include "cli/verify/run.h"
#include "order/ledger/event.h"
#include "order/model/event.h"
#include "store/ledger.h"

/* Every order against the fold of its events. */

struct od_verify_fold {
    int64_t order_id;
    struct od_order *order;
    struct od_err err;
};

static void on_events(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_verify *v = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        int64_t order_id = od_pg_get_i64(r, i, 0);
        struct od_event e;
        while (v->fold_at < v->set.order_count && v->folds[v->fold_at].order_id < order_id)
            v->fold_at++;
        if (v->fold_at == v->set.order_count)
            return;
        struct od_verify_fold *f = &v->folds[v->fold_at];
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

static void compare(struct od_verify *v, const struct od_loaded *l, const struct od_verify_fold *f)
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
    v->result->differing++;
}

static void on_chunk(void *ctx, bool failed)
{
    struct od_verify *v = ctx;
    if (failed) {
        od_set_fini(&v->set);
        od_verify_finish(v, true);
        return;
    }
    for (size_t i = 0; i < v->set.order_count; i++)
        compare(v, v->set.orders[i], &v->folds[i]);
    od_set_fini(&v->set);
    od_arena_reset(&v->arena);
    od_progress_show(&v->progress, (int64_t)v->result->orders, v->total);
    od_verify_orders(v);
}

static void send_events(struct od_verify *v)
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
    struct od_verify *v = ctx;
    if (failed || v->set.order_count == 0) {
        od_set_fini(&v->set);
        if (failed)
            od_verify_finish(v, true);
        else
            od_verify_books(v);
        return;
    }
    v->fold_at = 0;
    v->folds = OD_NEW_ARRAY(&v->arena, struct od_verify_fold, v->set.order_count);
    for (size_t i = 0; i < v->set.order_count; i++)
        v->folds[i].order_id = v->set.orders[i]->order_id;
    v->last_id = v->set.orders[v->set.order_count - 1]->order_id;
    od_set_send(&v->set, v->conn, false);
    send_events(v);
    od_pg_sync(v->conn, on_chunk, v);
}

static void on_ids(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_verify *v = ctx;
    for (int i = 0; !err && i < r->rows; i++)
        (void)od_set_want_order(&v->set, od_pg_get_i64(r, i, 0));
}

void od_verify_orders(struct od_verify *v)
{
    od_set_init(&v->set, &v->arena);
    od_ledger_ids(v->conn, 0, v->last_id, on_ids, v);
    od_pg_sync(v->conn, on_ids_read, v);
}
