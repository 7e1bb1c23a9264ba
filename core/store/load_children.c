#include "store/load_parts.h"
#include "store/sql.h"

/* The rows that belong to orders, set-wise: one statement for each kind. */

int od_set_run_end(const struct od_pg_result *r, int i)
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
        end = od_set_run_end(r, i);
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

void od_set_send_children(struct od_set *s, struct od_pg_conn *conn)
{
    od_set_send_ids(s, conn, &od_store_sql(OD_ENTITY_ITEM)->select, on_items);
    od_set_send_ids(s, conn, &od_store_sql(OD_ENTITY_ADDRESS)->select, on_addresses);
    od_set_send_ids(s, conn, &od_store_sql(OD_ENTITY_PAYMENT)->select, on_payments);
    od_set_send_ids(s, conn, &od_store_sql(OD_ENTITY_SHIPMENT)->select, on_shipments);
    od_set_send_ids(s, conn, &od_store_sql(OD_ENTITY_SHIPMENT_ITEM)->select, on_shipment_items);
    od_set_send_ids(s, conn, &od_store_sql(OD_ENTITY_HOLD)->select, on_holds);
}
