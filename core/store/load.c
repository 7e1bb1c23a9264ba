#include "store/load.h"

#include "base/json.h"
#include "order/event.h"
#include "store/sql.h"

enum { ACTIVITIES_MAX = 4 << 20 };

static const uint32_t key_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt select_keys = {
    .name = "select_keys",
    .sql = "select k.principal, k.key, k.request_hash, k.order_id, k.version, k.command, k.ref_id,"
           " k.sku, k.on_hand, k.reserved from unnest($1, $2) as u (principal, key)"
           " join idempotency_key k on k.principal = u.principal and k.key = u.key",
    .nparams = 2,
    .param_oids = key_oids,
};

/* The skus of tracked items are found inside the statement, so that stock needs no round trip of
 * its own; an array (not a join) keeps it an index scan in order of sku. */
static const uint32_t stock_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY};
static const struct od_pg_stmt lock_stock = {
    .name = "lock_stock",
    .sql =
        "select sku, on_hand, reserved from stock"
        " where sku = any($1 || array(select i.sku from order_item i"
        " where i.order_id = any($2) and i.stock_tracked)) order by sku collate \"C\" for update",
    .nparams = 2,
    .param_oids = stock_oids,
};
static const struct od_pg_stmt read_stock = {
    .name = "read_stock",
    .sql = "select sku, on_hand, reserved from stock"
           " where sku = any($1 || array(select i.sku from order_item i"
           " where i.order_id = any($2) and i.stock_tracked))",
    .nparams = 2,
    .param_oids = stock_oids,
};
static const struct od_pg_stmt read_wanted_stock = {
    .name = "read_wanted_stock",
    .sql = "select sku, on_hand, reserved from stock where sku = any($1)",
    .nparams = 1,
    .param_oids = stock_oids,
};
static const struct od_pg_stmt lock_wanted_stock = {
    .name = "lock_wanted_stock",
    .sql = "select sku, on_hand, reserved from stock where sku = any($1) order by sku collate "
           "\"C\" for update",
    .nparams = 1,
    .param_oids = stock_oids,
};

static const uint32_t count_oids[] = {OD_PG_INT4};
static const struct od_pg_stmt take_numbers = {
    .name = "take_numbers",
    .sql = "select nextval('order_id_seq'), nextval('order_number_seq')"
           " from generate_series(1, $1)",
    .nparams = 1,
    .param_oids = count_oids,
};

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
static const struct od_pg_stmt select_activities = {
    .name = "select_activities",
    .sql = "select order_id, seq, at, actor, data->>'comment',"
           " coalesce((data->>'customer_notified')::bool, false) from order_event"
           " where order_id = any($1) and type = 'activity.added' order by order_id, seq",
    .nparams = 1,
    .param_oids = ids_oids,
};

void od_set_init(struct od_set *s, struct od_arena *arena)
{
    *s = (struct od_set){.arena = arena};
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

static struct od_stock *stock_of(struct od_set *s, struct od_str sku)
{
    struct od_stock *stock = od_map_get(&s->stock, sku);
    if (!stock) {
        stock = OD_NEW(s->arena, struct od_stock);
        stock->sku = od_arena_str(s->arena, sku);
        od_map_put(&s->stock, stock->sku, stock);
    }
    return stock;
}

void od_set_want_sku(struct od_set *s, struct od_str sku)
{
    if (od_map_get(&s->stock, sku))
        return;
    struct od_stock *stock = stock_of(s, sku);
    s->skus = od_arena_grow(s->arena, s->skus, s->sku_count, &s->sku_cap, sizeof *s->skus);
    s->skus[s->sku_count++] = stock->sku;
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
    }
}

/* Rows i … end-1 belong to one order: rows come sorted by it. */
static int run_end(const struct od_pg_result *r, int i)
{
    int64_t order_id = od_pg_get_i64(r, i, 0);
    int end = i + 1;
    while (end < r->rows && od_pg_get_i64(r, end, 0) == order_id)
        end++;
    return end;
}

/* Reads one order's rows of a kind into a fresh array. */
static void *read_run(struct od_set *s, const struct od_pg_result *r, int from, int to,
                      enum od_entity_kind kind)
{
    size_t size = od_entities[kind].size;
    char *array = od_arena_array(s->arena, (size_t)(to - from), size);
    for (int i = from; i < to; i++)
        od_row_read(r, i, kind, array + (size_t)(i - from) * size, s->arena);
    return array;
}

/*
 * For each run of rows of one order that was found, calls attach(s, order, r, from, to). An order
 * placed after the orders statement ran would have children without a header; they are skipped.
 */
static void each_run(struct od_set *s, const struct od_pg_result *r,
                     void (*attach)(struct od_set *, struct od_order *, const struct od_pg_result *,
                                    int, int))
{
    for (int i = 0, end; i < r->rows; i = end) {
        end = run_end(r, i);
        struct od_loaded *l = od_set_order(s, od_pg_get_i64(r, i, 0));
        if (l && l->order)
            attach(s, l->order, r, i, end);
    }
}

static void attach_items(struct od_set *s, struct od_order *o, const struct od_pg_result *r,
                         int from, int to)
{
    o->items = read_run(s, r, from, to, OD_ENTITY_ITEM);
    o->item_count = (uint32_t)(to - from);
}

static void attach_addresses(struct od_set *s, struct od_order *o, const struct od_pg_result *r,
                             int from, int to)
{
    struct od_address *rows = read_run(s, r, from, to, OD_ENTITY_ADDRESS);
    for (int i = 0; i < to - from; i++) {
        int at = od_str_is(rows[i].kind, "billing") ? OD_BILLING : OD_SHIPPING;
        o->addresses[at] = rows[i];
        o->addresses[at].present = true;
    }
}

static void attach_payments(struct od_set *s, struct od_order *o, const struct od_pg_result *r,
                            int from, int to)
{
    o->payments = read_run(s, r, from, to, OD_ENTITY_PAYMENT);
    o->payment_count = (uint32_t)(to - from);
    o->payment_cap = o->payment_count;
}

static void attach_shipments(struct od_set *s, struct od_order *o, const struct od_pg_result *r,
                             int from, int to)
{
    o->shipments = read_run(s, r, from, to, OD_ENTITY_SHIPMENT);
    o->shipment_count = (uint32_t)(to - from);
    o->shipment_cap = o->shipment_count;
}

static void attach_holds(struct od_set *s, struct od_order *o, const struct od_pg_result *r,
                         int from, int to)
{
    o->holds = read_run(s, r, from, to, OD_ENTITY_HOLD);
    o->hold_count = (uint32_t)(to - from);
    o->hold_cap = o->hold_count;
}

static void attach_shipment_items(struct od_set *s, struct od_order *o,
                                  const struct od_pg_result *r, int from, int to)
{
    struct od_shipment_item *rows = read_run(s, r, from, to, OD_ENTITY_SHIPMENT_ITEM);
    uint32_t count = (uint32_t)(to - from);
    for (uint32_t i = 0, n; i < count; i += n) {
        for (n = 1; i + n < count && rows[i + n].shipment_id == rows[i].shipment_id; n++)
            ;
        struct od_shipment *shipment = od_order_shipment(o, rows[i].shipment_id);
        if (shipment) {
            shipment->items = rows + i;
            shipment->item_count = n;
        }
    }
}

#define CHILDREN_CALLBACK(what)                                                                    \
    static void on_##what(void *ctx, const struct od_pg_result *r, const struct od_err *err)       \
    {                                                                                              \
        if (!err)                                                                                  \
            each_run(ctx, r, attach_##what);                                                       \
    }
CHILDREN_CALLBACK(items)
CHILDREN_CALLBACK(addresses)
CHILDREN_CALLBACK(payments)
CHILDREN_CALLBACK(shipments)
CHILDREN_CALLBACK(shipment_items)
CHILDREN_CALLBACK(holds)
#undef CHILDREN_CALLBACK

static void on_stock(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_stock *stock = stock_of(s, od_pg_get_text(r, i, 0));
        stock->on_hand = stock->loaded_on_hand = od_pg_get_i64(r, i, 1);
        stock->reserved = stock->loaded_reserved = od_pg_get_i64(r, i, 2);
        stock->exists = true;
    }
}

static void on_numbers(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        s->order_ids[i] = od_pg_get_i64(r, i, 0);
        s->number_values[i] = od_pg_get_i64(r, i, 1);
    }
}

static void write_activity(struct od_json_writer *w, int32_t seq, int64_t at, struct od_str actor,
                           struct od_str comment, bool notified)
{
    od_jw_object(w);
    od_jw_key(w, "activityId");
    od_jw_i64(w, seq);
    od_jw_key(w, "comment");
    od_jw_str(w, comment);
    od_jw_key(w, "customerNotified");
    od_jw_bool(w, notified);
    od_jw_key(w, "createdAt");
    od_jw_time(w, at);
    od_jw_key(w, "username");
    od_jw_str(w, actor);
    od_jw_object_end(w);
}

static void on_activities(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    struct od_buf b;
    od_buf_init(&b, ACTIVITIES_MAX);
    for (int i = 0, end; !err && i < r->rows; i = end) {
        end = run_end(r, i);
        struct od_loaded *l = od_set_order(s, od_pg_get_i64(r, i, 0));
        struct od_json_writer w;
        od_buf_reset(&b);
        od_jw_init(&w, &b);
        od_jw_array(&w);
        for (int row = i; row < end; row++)
            write_activity(&w, od_pg_get_i32(r, row, 1), od_pg_get_time(r, row, 2),
                           od_pg_is_null(r, row, 3) ? OD_STR_NONE : od_pg_get_text(r, row, 3),
                           od_pg_get_text(r, row, 4), od_pg_get_bool(r, row, 5));
        od_jw_array_end(&w);
        if (l && !b.overflow)
            l->activities = od_arena_str(s->arena, od_buf_view(&b));
    }
    od_buf_fini(&b);
}

void od_loaded_add_activity(struct od_loaded *l, struct od_arena *a, const struct od_event *e)
{
    struct od_buf b;
    struct od_json_writer w;
    od_buf_init(&b, ACTIVITIES_MAX);
    od_buf_append(&b, l->activities.ptr, l->activities.len - 1); /* without its "]" */
    od_jw_init(&w, &b);
    w.comma = l->activities.len > 2;
    write_activity(&w, e->seq, e->at, e->actor, e->comment, e->customer_notified);
    od_buf_char(&b, ']');
    if (!b.overflow)
        l->activities = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
}

static void send_ids(struct od_set *s, struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                     void (*cb)(void *, const struct od_pg_result *, const struct od_err *))
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < s->order_count; i++)
        od_pg_array_i64(p, s->orders[i]->order_id);
    od_pg_array_end(p);
    od_pg_send(conn, stmt, p, cb, s);
}

static void put_texts(struct od_pg_params *p, const struct od_str *texts, size_t n)
{
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < n; i++)
        od_pg_array_text(p, texts[i]);
    od_pg_array_end(p);
}

static const struct od_pg_stmt *stock_statement(const struct od_set *s, bool of_orders)
{
    if (s->lock_stock)
        return of_orders ? &lock_stock : &lock_wanted_stock;
    return of_orders ? &read_stock : &read_wanted_stock;
}

static void send_stock(struct od_set *s, struct od_pg_conn *conn)
{
    bool of_orders = s->stock_of_orders && s->order_count > 0;
    if (!of_orders && s->sku_count == 0)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    put_texts(p, s->skus, s->sku_count);
    if (of_orders) {
        od_pg_array_begin(p, OD_PG_INT8);
        for (size_t i = 0; i < s->order_count; i++)
            od_pg_array_i64(p, s->orders[i]->order_id);
        od_pg_array_end(p);
    }
    od_pg_send(conn, stock_statement(s, of_orders), p, on_stock, s);
}

void od_set_send(struct od_set *s, struct od_pg_conn *conn, bool lock)
{
    if (s->order_count) {
        const struct od_entity_sql *orders = od_store_sql(OD_ENTITY_ORDER);
        send_ids(s, conn, lock ? &orders->lock : &orders->select, on_orders);
    }
    if (lock)
        send_stock(s, conn);
    /* Behind the locks: whoever held them may have used the same key. */
    if (s->key_count) {
        struct od_pg_params *p = od_pg_params(conn);
        put_texts(p, s->principals, s->key_count);
        put_texts(p, s->keys, s->key_count);
        od_pg_send(conn, &select_keys, p, on_keys, s);
    }
    if (s->number_count) {
        s->order_ids = OD_NEW_ARRAY(s->arena, int64_t, s->number_count);
        s->number_values = OD_NEW_ARRAY(s->arena, int64_t, s->number_count);
        struct od_pg_params *p = od_pg_params(conn);
        od_pg_i32(p, (int32_t)s->number_count);
        od_pg_send(conn, &take_numbers, p, on_numbers, s);
    }
    if (s->order_count) {
        send_ids(s, conn, &od_store_sql(OD_ENTITY_ITEM)->select, on_items);
        send_ids(s, conn, &od_store_sql(OD_ENTITY_ADDRESS)->select, on_addresses);
        send_ids(s, conn, &od_store_sql(OD_ENTITY_PAYMENT)->select, on_payments);
        send_ids(s, conn, &od_store_sql(OD_ENTITY_SHIPMENT)->select, on_shipments);
        send_ids(s, conn, &od_store_sql(OD_ENTITY_SHIPMENT_ITEM)->select, on_shipment_items);
        send_ids(s, conn, &od_store_sql(OD_ENTITY_HOLD)->select, on_holds);
        send_ids(s, conn, &select_activities, on_activities);
    }
}
