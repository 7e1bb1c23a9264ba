#include <stddef.h>
#include <string.h>

#include "store/load/parts.h"
#include "store/rows/rows.h"

/* The rows that belong to orders, set-wise: one statement for each kind. */

/* Where the rows of a kind go: into an array of the order, or, of those that have parents, of the
 * parent whose id is the first field of both. */
struct child {
    enum od_entity_kind kind;
    size_t array, count, cap; /* offsets; cap 0: none is kept */
    const struct child *parent;
};

#define OF_ORDER(entity, name)                                                                     \
    {                                                                                              \
        .kind = entity, .array = offsetof(struct od_order, name##s),                               \
        .count = offsetof(struct od_order, name##_count),                                          \
        .cap = offsetof(struct od_order, name##_cap)                                               \
    }
#define OF_PARENT(entity, above, type)                                                             \
    {                                                                                              \
        .kind = entity, .array = offsetof(struct type, items),                                     \
        .count = offsetof(struct type, item_count), .parent = above                                \
    }

static const struct child items = OF_ORDER(OD_ENTITY_ITEM, item);
static const struct child addresses = {.kind = OD_ENTITY_ADDRESS};
static const struct child payments = OF_ORDER(OD_ENTITY_PAYMENT, payment);
static const struct child shipments = OF_ORDER(OD_ENTITY_SHIPMENT, shipment);
static const struct child shipment_items =
    OF_PARENT(OD_ENTITY_SHIPMENT_ITEM, &shipments, od_shipment);
static const struct child holds = OF_ORDER(OD_ENTITY_HOLD, hold);
static const struct child refunds = OF_ORDER(OD_ENTITY_REFUND, refund);
static const struct child refund_items = OF_PARENT(OD_ENTITY_REFUND_ITEM, &refunds, od_refund);
static const struct child returns = OF_ORDER(OD_ENTITY_RETURN, return );
static const struct child return_items = OF_PARENT(OD_ENTITY_RETURN_ITEM, &returns, od_return);
static const struct child invoices = OF_ORDER(OD_ENTITY_INVOICE, invoice);
static const struct child changes = OF_ORDER(OD_ENTITY_CHANGE, change);
#undef OF_ORDER
#undef OF_PARENT

/* Parents stand before what belongs to them. */
static const struct child *const children[] = {
    &items,   &addresses,    &payments, &shipments,    &shipment_items, &holds,
    &refunds, &refund_items, &returns,  &return_items, &invoices,       &changes,
};

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

static void attach(void *owner, const struct child *c, void *rows, uint32_t count)
{
    char *at = owner;
    size_t cap = count;
    memcpy(at + c->array, &rows, sizeof rows);
    memcpy(at + c->count, &count, sizeof count);
    if (c->cap)
        memcpy(at + c->cap, &cap, sizeof cap);
}

static void attach_addresses(struct od_order *o, const struct od_address *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int at = od_str_is(rows[i].kind, "billing") ? OD_BILLING : OD_SHIPPING;
        o->addresses[at] = rows[i];
        o->addresses[at].present = true;
    }
}

static int32_t id_of(const char *row)
{
    int32_t id;
    memcpy(&id, row, sizeof id);
    return id;
}

static char *find_parent(const struct od_order *o, const struct child *parent, int32_t id)
{
    const char *at = (const char *)o;
    char *rows;
    uint32_t count;
    memcpy(&rows, at + parent->array, sizeof rows);
    memcpy(&count, at + parent->count, sizeof count);
    for (uint32_t i = 0; i < count; i++, rows += od_entities[parent->kind].size) {
        if (id_of(rows) == id)
            return rows;
    }
    return NULL;
}

/* Rows come sorted by their parents. */
static void attach_to_parents(struct od_order *o, const struct child *c, char *rows, uint32_t count)
{
    size_t size = od_entities[c->kind].size;
    for (uint32_t i = 0, n; i < count; i += n) {
        char *first = rows + i * size;
        for (n = 1; i + n < count && id_of(first + n * size) == id_of(first); n++)
            ;
        char *parent = find_parent(o, c->parent, id_of(first));
        if (parent)
            attach(parent, c, first, n);
    }
}

struct reading {
    struct od_set *set;
    const struct child *child;
};

/* An order placed after the orders statement ran would have children without a header; they are
 * skipped. */
static void on_children(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    if (err) /* the arena with the reading may be gone */
        return;
    const struct reading *reading = ctx;
    const struct child *c = reading->child;
    for (int i = 0, end; i < r->rows; i = end) {
        end = od_set_run_end(r, i);
        struct od_loaded *l = od_set_order(reading->set, od_pg_get_i64(r, i, 0));
        if (!l || !l->order)
            continue;
        void *rows = read_run(reading->set, r, i, end, c->kind);
        uint32_t count = (uint32_t)(end - i);
        if (c->parent)
            attach_to_parents(l->order, c, rows, count);
        else if (c == &addresses)
            attach_addresses(l->order, rows, count);
        else
            attach(l->order, c, rows, count);
    }
}

void od_set_send_children(struct od_set *s, struct od_pg_conn *conn)
{
    for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
        struct reading *reading = OD_NEW(s->arena, struct reading);
        *reading = (struct reading){s, children[i]};
        struct od_pg_params *p = od_pg_params(conn);
        od_set_put_ids(s, p);
        od_pg_send(conn, &od_store_sql(children[i]->kind)->select, p, on_children, reading);
    }
}
