#include "order/model.h"

#include <string.h>

#include "order/fields.h"

struct od_item *od_order_item(const struct od_order *o, int32_t order_item_id)
{
    return order_item_id >= 1 && (uint32_t)order_item_id <= o->item_count
               ? &o->items[order_item_id - 1]
               : NULL;
}

struct od_shipment *od_order_shipment(const struct od_order *o, int32_t shipment_id)
{
    return shipment_id >= 1 && (uint32_t)shipment_id <= o->shipment_count
               ? &o->shipments[shipment_id - 1]
               : NULL;
}

struct od_hold *od_order_hold(const struct od_order *o, struct od_str handle)
{
    for (uint32_t i = 0; i < o->hold_count; i++) {
        struct od_hold *h = &o->holds[i];
        if (h->dirty != OD_DIRTY_DELETED && od_str_eq(h->handle, handle))
            return h;
    }
    return NULL;
}

int32_t od_item_open(const struct od_item *it)
{
    return it->qty - it->qty_canceled - it->qty_shipped;
}

static void *copy(struct od_arena *a, const void *from, size_t count, size_t size)
{
    void *to = count > 0 ? od_arena_array(a, count, size) : NULL;

    if (to)
        memcpy(to, from, count * size);
    return to;
}

struct od_order *od_order_clone(struct od_arena *a, const struct od_order *o)
{
    struct od_order *c = copy(a, o, 1, sizeof *o);

    c->items = copy(a, o->items, o->item_count, sizeof *o->items);
    c->shipments = copy(a, o->shipments, o->shipment_count, sizeof *o->shipments);
    c->shipment_cap = o->shipment_count;
    c->holds = copy(a, o->holds, o->hold_count, sizeof *o->holds);
    c->hold_cap = o->hold_count;
    /* Payments, and the items of a shipment, never change once they are there. They can be shared,
     * as long as the next payment goes to a new array. */
    c->payment_cap = o->payment_count;
    return c;
}

/* The field in which two entities of a kind differ, or NULL. */
static const char *differs(enum od_entity_kind kind, const void *x, const void *y)
{
    const struct od_entity *e = &od_entities[kind];

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!od_field_equal(&e->fields[i], x, y))
            return e->fields[i].name;
    }
    return NULL;
}

static const char *path(struct od_arena *a, const char *list, uint32_t i, const char *field)
{
    return field ? od_arena_printf(a, "%s[%u].%s", list, i, field).ptr : NULL;
}

static const char *diff_items(struct od_arena *a, const struct od_order *x,
                              const struct od_order *y)
{
    const char *at = x->item_count == y->item_count ? NULL : "items";

    for (uint32_t i = 0; !at && i < x->item_count; i++)
        at = path(a, "items", i, differs(OD_ENTITY_ITEM, &x->items[i], &y->items[i]));
    return at;
}

static const char *diff_addresses(struct od_arena *a, const struct od_order *x,
                                  const struct od_order *y)
{
    static const char *const names[2] = {"shipping_address", "billing_address"};

    for (int i = 0; i < 2; i++) {
        const char *field;
        if (x->addresses[i].present != y->addresses[i].present)
            return names[i];
        if (!x->addresses[i].present)
            continue;
        field = differs(OD_ENTITY_ADDRESS, &x->addresses[i], &y->addresses[i]);
        if (field)
            return od_arena_printf(a, "%s.%s", names[i], field).ptr;
    }
    return NULL;
}

static const char *diff_payments(struct od_arena *a, const struct od_order *x,
                                 const struct od_order *y)
{
    const char *at = x->payment_count == y->payment_count ? NULL : "payments";

    for (uint32_t i = 0; !at && i < x->payment_count; i++)
        at = path(a, "payments", i, differs(OD_ENTITY_PAYMENT, &x->payments[i], &y->payments[i]));
    return at;
}

static const struct od_shipment_item *find_item(const struct od_shipment *s, int32_t order_item_id)
{
    for (uint32_t i = 0; i < s->item_count; i++) {
        if (s->items[i].order_item_id == order_item_id)
            return &s->items[i];
    }
    return NULL;
}

/* The items of a shipment are a set: a row knows no order among them. */
static const char *diff_shipment(const struct od_shipment *x, const struct od_shipment *y)
{
    const char *field = differs(OD_ENTITY_SHIPMENT, x, y);

    if (!field && x->item_count != y->item_count)
        field = "items";
    for (uint32_t i = 0; !field && i < x->item_count; i++) {
        const struct od_shipment_item *other = find_item(y, x->items[i].order_item_id);
        if (!other || differs(OD_ENTITY_SHIPMENT_ITEM, &x->items[i], other))
            field = "items";
    }
    return field;
}

static const char *diff_shipments(struct od_arena *a, const struct od_order *x,
                                  const struct od_order *y)
{
    const char *at = x->shipment_count == y->shipment_count ? NULL : "shipments";

    for (uint32_t i = 0; !at && i < x->shipment_count; i++)
        at = path(a, "shipments", i, diff_shipment(&x->shipments[i], &y->shipments[i]));
    return at;
}

static uint32_t live_holds(const struct od_order *o)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < o->hold_count; i++)
        n += o->holds[i].dirty != OD_DIRTY_DELETED;
    return n;
}

/* Holds are a set, too, and a released one counts as gone. */
static const char *diff_holds(struct od_arena *a, const struct od_order *x,
                              const struct od_order *y)
{
    const char *at = live_holds(x) == live_holds(y) ? NULL : "holds";

    for (uint32_t i = 0; !at && i < x->hold_count; i++) {
        const struct od_hold *h = &x->holds[i], *other = od_order_hold(y, h->handle);
        if (h->dirty == OD_DIRTY_DELETED)
            continue;
        at = path(a, "holds", i, other ? differs(OD_ENTITY_HOLD, h, other) : "handle");
    }
    return at;
}

const char *od_order_diff(struct od_arena *a, const struct od_order *x, const struct od_order *y)
{
    const char *at = differs(OD_ENTITY_ORDER, x, y);

    if (!at)
        at = diff_addresses(a, x, y);
    if (!at)
        at = diff_items(a, x, y);
    if (!at)
        at = diff_payments(a, x, y);
    if (!at)
        at = diff_shipments(a, x, y);
    if (!at)
        at = diff_holds(a, x, y);
    return at;
}
