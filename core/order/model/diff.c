#include <string.h>

#include "order/model/fields.h"
#include "order/model/model.h"

/* Where two snapshots, or two addresses, are not the same. */

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

bool od_address_same(const struct od_address *x, const struct od_address *y)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ADDRESS];
    bool same = x->present == y->present;

    for (uint32_t i = 0; x->present && same && i < e->field_count; i++)
        same = e->fields[i].flags & OD_FIELD_KEY || od_field_equal(&e->fields[i], x, y);
    return same;
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

/* The numbered parts of an order, and of those that have items where they are. */
struct list {
    const char *name;
    enum od_entity_kind kind;
    size_t first, count; /* in the order */
    enum od_entity_kind item_kind;
    size_t items, item_count; /* in the part; 0: it has none */
};

#define LIST(part, kind_)                                                                          \
    .name = #part "s", .kind = kind_, .first = offsetof(struct od_order, part##s),                 \
    .count = offsetof(struct od_order, part##_count)
#define ITEMS(part, kind_)                                                                         \
    .item_kind = kind_, .items = offsetof(struct od_##part, items),                                \
    .item_count = offsetof(struct od_##part, item_count)
static const struct list lists[] = {
    {LIST(item, OD_ENTITY_ITEM)},
    {LIST(payment, OD_ENTITY_PAYMENT)},
    {LIST(shipment, OD_ENTITY_SHIPMENT), ITEMS(shipment, OD_ENTITY_SHIPMENT_ITEM)},
    {LIST(refund, OD_ENTITY_REFUND), ITEMS(refund, OD_ENTITY_REFUND_ITEM)},
    {LIST(return, OD_ENTITY_RETURN), ITEMS(return, OD_ENTITY_RETURN_ITEM)},
    {LIST(invoice, OD_ENTITY_INVOICE)},
    {LIST(change, OD_ENTITY_CHANGE)},
};
#undef LIST
#undef ITEMS

static const char *entity_of(const void *owner, size_t first, enum od_entity_kind kind, uint32_t i)
{
    const char *list;

    memcpy(&list, (const char *)owner + first, sizeof list);
    return list + (size_t)i * od_entities[kind].size;
}

static uint32_t count_of(const void *owner, size_t count)
{
    return *(const uint32_t *)((const char *)owner + count);
}

static bool has_item(const struct list *l, const char *part, const char *item)
{
    for (uint32_t i = 0; i < count_of(part, l->item_count); i++) {
        if (!differs(l->item_kind, entity_of(part, l->items, l->item_kind, i), item))
            return true;
    }
    return false;
}

/* The items of a part are a set: a row knows no order among them. No event names one twice. */
static bool same_items(const struct list *l, const char *x, const char *y)
{
    uint32_t count = l->items ? count_of(x, l->item_count) : 0;

    if (l->items && count != count_of(y, l->item_count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!has_item(l, y, entity_of(x, l->items, l->item_kind, i)))
            return false;
    }
    return true;
}

static const char *diff_list(struct od_arena *a, const struct list *l, const struct od_order *x,
                             const struct od_order *y)
{
    if (count_of(x, l->count) != count_of(y, l->count))
        return l->name;
    for (uint32_t i = 0; i < count_of(x, l->count); i++) {
        const char *px = entity_of(x, l->first, l->kind, i);
        const char *py = entity_of(y, l->first, l->kind, i);
        const char *field = differs(l->kind, px, py);
        if (!field && !same_items(l, px, py))
            field = "items";
        if (field)
            return od_arena_printf(a, "%s[%u].%s", l->name, i, field).ptr;
    }
    return NULL;
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
        const char *field = other ? differs(OD_ENTITY_HOLD, h, other) : "handle";
        at = field ? od_arena_printf(a, "holds[%u].%s", i, field).ptr : NULL;
    }
    return at;
}

const char *od_order_diff(struct od_arena *a, const struct od_order *x, const struct od_order *y)
{
    const char *at = differs(OD_ENTITY_ORDER, x, y);

    if (!at)
        at = diff_addresses(a, x, y);
    for (size_t i = 0; !at && i < sizeof lists / sizeof *lists; i++)
        at = diff_list(a, &lists[i], x, y);
    if (!at)
        at = diff_holds(a, x, y);
    return at;
}
