#include "store/load/load.h"

#include "store/load/parts.h"
#include "store/rows/rows.h"

static const uint32_t key_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt select_keys = {
    .name = "select_keys",
    .sql = "select k.principal, k.key, k.request_hash, k.order_id, k.version, k.command, k.ref_id,"
           " k.sku, k.on_hand, k.reserved, k.location from unnest($1, $2) as u (principal, key)"
           " join idempotency_key k on k.principal = u.principal and k.key = u.key",
    .nparams = 2,
    .param_oids = key_oids,
};

void od_set_init(struct od_set *s, struct od_arena *arena)
{
    *s = (struct od_set){.arena = arena, .numbers = {.arena = arena}};
    od_map_init(&s->orders_by_id);
    od_map_init(&s->stock);
}

void od_set_fini(struct od_set *s)
{
    od_map_fini(&s->orders_by_id);
    od_map_fini(&s->stock);
}

struct od_loaded *od_set_order(const struct od_set *s, int64_t order_id)
{
    return od_map_get(&s->orders_by_id, od_map_id(&order_id));
}

struct od_loaded *od_set_want_order(struct od_set *s, int64_t order_id)
{
    struct od_loaded *l = od_set_order(s, order_id);
    if (l)
        return l;
    l = OD_NEW(s->arena, struct od_loaded);
    l->order_id = order_id;
    l->activities = OD_STR("[]");
    od_map_put(&s->orders_by_id, od_map_id(&l->order_id), l);
    s->orders = od_arena_grow(s->arena, s->orders, s->order_count, &s->order_cap,
                              sizeof(struct od_loaded *));
    s->orders[s->order_count++] = l;
    return l;
}

void od_set_want_key(struct od_set *s, struct od_str principal, struct od_str key)
{
    s->principals = od_arena_grow(s->arena, s->principals, s->key_count, &s->principal_cap,
                                  sizeof *s->principals);
    s->keys = od_arena_grow(s->arena, s->keys, s->key_count, &s->key_cap, sizeof *s->keys);
    s->principals[s->key_count] = principal;
    s->keys[s->key_count++] = key;
}

const struct od_key_row *od_set_key(const struct od_set *s, struct od_str principal,
                                    struct od_str key)
{
    for (size_t i = 0; i < s->key_row_count; i++) {
        if (od_str_eq(s->key_rows[i].key, key) && od_str_eq(s->key_rows[i].principal, principal))
            return &s->key_rows[i];
    }
    return NULL;
}

static struct od_str text_at(struct od_set *s, const struct od_pg_result *r, int row, int col)
{
    if (od_pg_is_null(r, row, col))
        return OD_STR_NONE;
    return od_arena_str(s->arena, od_pg_get_text(r, row, col));
}

static void on_keys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    if (err)
        return;
    s->key_row_count = (size_t)r->rows;
    s->key_rows = OD_NEW_ARRAY(s->arena, struct od_key_row, s->key_row_count);
    for (int i = 0; i < r->rows; i++) {
        s->key_rows[i] = (struct od_key_row){
            .principal = text_at(s, r, i, 0),
            .key = text_at(s, r, i, 1),
            .request_hash = text_at(s, r, i, 2),
            .order_id = od_pg_is_null(r, i, 3) ? 0 : od_pg_get_i64(r, i, 3),
            .version = od_pg_is_null(r, i, 4) ? 0 : od_pg_get_i32(r, i, 4),
            .command = text_at(s, r, i, 5),
            .ref_id = od_pg_get_i32(r, i, 6),
            .sku = text_at(s, r, i, 7),
            .on_hand = od_pg_is_null(r, i, 8) ? 0 : od_pg_get_i64(r, i, 8),
            .reserved = od_pg_is_null(r, i, 9) ? 0 : od_pg_get_i64(r, i, 9),
            .location = text_at(s, r, i, 10),
        };
    }
}

static void on_orders(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_loaded *l = od_set_order(s, od_pg_get_i64(r, i, 0));
        l->order = OD_NEW(s->arena, struct od_order);
        od_row_read(r, i, OD_ENTITY_ORDER, l->order, s->arena);
        l->version = l->order->version;
        l->behind = s->locked && od_pg_get_bool(r, i, r->cols - 1);
    }
}

void od_set_put_ids(const struct od_set *s, struct od_pg_params *p)
{
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < s->order_count; i++)
        od_pg_array_i64(p, s->orders[i]->order_id);
    od_pg_array_end(p);
}

void od_set_put_texts(struct od_pg_params *p, const struct od_str *texts, size_t n)
{
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < n; i++)
        od_pg_array_text(p, texts[i]);
    od_pg_array_end(p);
}

void od_set_send_ids(struct od_set *s, struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                     void (*cb)(void *, const struct od_pg_result *, const struct od_err *))
{
    struct od_pg_params *p = od_pg_params(conn);
    od_set_put_ids(s, p);
    od_pg_send(conn, stmt, p, cb, s);
}

/* Behind the locks: whoever held them may have used the same key. */
static void send_keys(struct od_set *s, struct od_pg_conn *conn)
{
    if (!s->key_count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    od_set_put_texts(p, s->principals, s->key_count);
    od_set_put_texts(p, s->keys, s->key_count);
    od_pg_send(conn, &select_keys, p, on_keys, s);
}

void od_set_send(struct od_set *s, struct od_pg_conn *conn, bool lock)
{
    s->locked = lock;
    if (s->order_count) {
        const struct od_entity_sql *orders = od_store_sql(OD_ENTITY_ORDER);
        od_set_send_ids(s, conn, lock ? &orders->lock : &orders->select, on_orders);
    }
    od_numbers_send(&s->numbers, conn);
    if (!s->documents) {
        od_set_send_stock(s, conn);
        send_keys(s, conn);
    }
    if (s->order_count) {
        od_set_send_children(s, conn);
        if (!(s->left_out & 1U << OD_ENTITY_ORDER))
            od_set_send_activities(s, conn);
    }
}

void od_set_send_documents(struct od_set *s, struct od_pg_conn *conn)
{
    od_numbers_send_documents(&s->numbers, conn);
    od_set_send_stock(s, conn);
    send_keys(s, conn);
}
