#include <stdlib.h>

#include "store/write/parts.h"

static const uint32_t update_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY,
                                       OD_PG_INT8_ARRAY, OD_PG_INT8_ARRAY, OD_PG_BOOL_ARRAY};
/*
 * Differences: between LOAD and here another lane may have changed the row. That nothing is sold
 * twice is the table's check, which refuses the batch. The remaining `oversold` is never more than
 * the row lacks, whoever brought it there. In order of sku and location, as locks are always taken.
 */
static const struct od_pg_stmt update_stock = {
    .name = "update_stock",
    .sql = "update stock s set on_hand = s.on_hand + u.on_hand, reserved = s.reserved + u.reserved,"
           " oversold = greatest(0, least(s.oversold + u.oversold,"
           " s.reserved + u.reserved - s.on_hand - u.on_hand)),"
           " backorder = coalesce(u.backorder, s.backorder)"
           " from unnest($1, $2, $3, $4, $5, $6)"
           " as u (sku, location, on_hand, reserved, oversold, backorder)"
           " where s.sku = u.sku and s.location = u.location",
    .nparams = 6,
    .param_oids = update_oids,
};
static const struct od_pg_stmt insert_stock = {
    .name = "insert_stock",
    .sql = "insert into stock (sku, location, on_hand, reserved, oversold, backorder)"
           " select * from unnest($1, $2, $3, $4, $5, $6)",
    .nparams = 6,
    .param_oids = update_oids,
};

static const uint32_t adjust_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY,
                                       OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt insert_adjustments = {
    .name = "insert_adjustments",
    .sql = "insert into stock_adjustment (sku, location, delta, actor, reason)"
           " select * from unnest($1, $2, $3, $4, $5)",
    .nparams = 5,
    .param_oids = adjust_oids,
};

/* Rows of stock to be written, in order of sku and location. */
struct stock_rows {
    struct od_stock **all;
    size_t count, cap;
};

static void add(struct stock_rows *r, struct od_arena *a, struct od_stock *stock)
{
    r->all = od_arena_grow(a, r->all, r->count, &r->cap, sizeof(struct od_stock *));
    r->all[r->count++] = stock;
}

static int by_place(const void *a, const void *b)
{
    const struct od_stock *x = *(struct od_stock *const *)a, *y = *(struct od_stock *const *)b;
    int order = od_str_cmp(x->sku, y->sku);
    return order ? order : od_str_cmp(x->location, y->location);
}

#define STOCK_ARRAY(oid, put)                                                                      \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        for (size_t i = 0; i < r->count; i++) {                                                    \
            const struct od_stock *s = r->all[i];                                                  \
            put;                                                                                   \
        }                                                                                          \
        od_pg_array_end(p);                                                                        \
    } while (0)

static struct od_pg_params *put_places(struct stock_rows *r, struct od_pg_conn *conn)
{
    struct od_pg_params *p = od_pg_params(conn);
    qsort(r->all, r->count, sizeof *r->all, by_place);
    STOCK_ARRAY(OD_PG_TEXT, od_pg_array_text(p, s->sku));
    STOCK_ARRAY(OD_PG_TEXT, od_pg_array_text(p, s->location));
    return p;
}

static void put_backorder(struct od_pg_params *p, const struct od_stock *s, bool known)
{
    if (known && s->backorder == s->loaded_backorder)
        od_pg_array_null(p);
    else
        od_pg_array_bool(p, s->backorder);
}

/* For a new row the loaded values are zero, so the difference is the whole. */
static void send_rows(struct stock_rows *r, bool known, struct od_pg_conn *conn)
{
    if (!r->count)
        return;
    struct od_pg_params *p = put_places(r, conn);
    STOCK_ARRAY(OD_PG_INT8, od_pg_array_i64(p, s->on_hand - s->loaded_on_hand));
    STOCK_ARRAY(OD_PG_INT8, od_pg_array_i64(p, s->reserved - s->loaded_reserved));
    STOCK_ARRAY(OD_PG_INT8, od_pg_array_i64(p, s->oversold - s->loaded_oversold));
    STOCK_ARRAY(OD_PG_BOOL, put_backorder(p, s, known));
    od_pg_send(conn, known ? &update_stock : &insert_stock, p, NULL, NULL);
}

struct adjustment_row {
    const struct od_stock *stock;
    const struct od_adjustment *it;
};

struct adjustment_rows {
    struct adjustment_row *all;
    size_t count, cap;
};

/* Oldest first. */
static void add_adjustments(struct adjustment_rows *r, struct od_arena *a,
                            const struct od_stock *stock)
{
    size_t at;
    for (const struct od_adjustment *it = stock->adjusted; it; it = it->before) {
        r->all = od_arena_grow(a, r->all, r->count, &r->cap, sizeof *r->all);
        r->count++;
    }
    at = r->count;
    for (const struct od_adjustment *it = stock->adjusted; it; it = it->before)
        r->all[--at] = (struct adjustment_row){stock, it};
}

#define ADJUSTMENT_ARRAY(oid, put)                                                                 \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        for (size_t i = 0; i < r->count; i++) {                                                    \
            const struct adjustment_row *row = &r->all[i];                                         \
            put;                                                                                   \
        }                                                                                          \
        od_pg_array_end(p);                                                                        \
    } while (0)

static void send_adjustments(const struct adjustment_rows *r, struct od_pg_conn *conn)
{
    if (!r->count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    ADJUSTMENT_ARRAY(OD_PG_TEXT, od_pg_array_text(p, row->stock->sku));
    ADJUSTMENT_ARRAY(OD_PG_TEXT, od_pg_array_text(p, row->stock->location));
    ADJUSTMENT_ARRAY(OD_PG_INT8, od_pg_array_i64(p, row->it->delta));
    ADJUSTMENT_ARRAY(OD_PG_TEXT, od_pg_array_text(p, row->it->actor));
    ADJUSTMENT_ARRAY(OD_PG_TEXT, od_pg_array_text(p, row->it->reason));
    od_pg_send(conn, &insert_adjustments, p, NULL, NULL);
}

bool od_write_send_stock(struct od_write *w, struct od_pg_conn *conn)
{
    struct stock_rows created = {0}, changed = {0};
    struct adjustment_rows adjusted = {0};
    for (struct od_map_slot *slot = od_map_first(&w->set->stock); slot;
         slot = od_map_next(&w->set->stock, slot)) {
        for (struct od_stock *s = slot->value; s; s = s->next) {
            if (s->dirty == OD_DIRTY_NEW)
                add(&created, w->arena, s);
            else if (s->dirty == OD_DIRTY_CHANGED)
                add(&changed, w->arena, s);
            add_adjustments(&adjusted, w->arena, s);
        }
    }
    send_rows(&created, false, conn);
    send_rows(&changed, true, conn);
    send_adjustments(&adjusted, conn);
    return created.count + changed.count + adjusted.count > 0;
}
