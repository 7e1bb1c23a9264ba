#include "order/model/parts.h"

#include <stddef.h>
#include <string.h>

#include "base/assert.h"

/* A member of another type than is asked for finds no branch in _Generic and does not compile. */
#define MEMBER(type, member, ctype)                                                                \
    (uint16_t)(offsetof(struct type, member) +                                                     \
               0 * sizeof(_Generic(((struct type *)0)->member, ctype : 0)))

/* A list of the order that grows. */
#define LIST(KIND, type, member, one)                                                              \
    .kind = OD_ENTITY_##KIND, .owner = OD_ENTITY_ORDER, .name = #member,                           \
    .list = MEMBER(od_order, member, struct type *),                                               \
    .count = MEMBER(od_order, one##_count, uint32_t), .cap = MEMBER(od_order, one##_cap, size_t),  \
    .dirty = MEMBER(type, dirty, enum od_dirty)
/* The items of a part, which is made with all of them. */
#define ITEMS(KIND, type, OWNER, owner_type)                                                       \
    .kind = OD_ENTITY_##KIND, .owner = OD_ENTITY_##OWNER, .name = "items",                         \
    .list = MEMBER(owner_type, items, struct type *),                                              \
    .count = MEMBER(owner_type, item_count, uint32_t)

/* clang-format off */
const struct od_part_kind od_part_kinds[OD_ENTITY_COUNT] = {
    [OD_ENTITY_ITEM] = {LIST(ITEM, od_item, items, item), .flags = OD_PART_UUID},
    [OD_ENTITY_PAYMENT] = {LIST(PAYMENT, od_payment, payments, payment)},
    [OD_ENTITY_SHIPMENT] = {LIST(SHIPMENT, od_shipment, shipments, shipment), .flags = OD_PART_UUID},
    [OD_ENTITY_SHIPMENT_ITEM] = {ITEMS(SHIPMENT_ITEM, od_shipment_item, SHIPMENT, od_shipment), .flags = OD_PART_SHARED},
    [OD_ENTITY_REFUND] = {LIST(REFUND, od_refund, refunds, refund)},
    [OD_ENTITY_REFUND_ITEM] = {ITEMS(REFUND_ITEM, od_refund_item, REFUND, od_refund), .flags = OD_PART_SHARED},
    [OD_ENTITY_RETURN] = {LIST(RETURN, od_return, returns, return)},
    [OD_ENTITY_RETURN_ITEM] = {ITEMS(RETURN_ITEM, od_return_item, RETURN, od_return), .dirty = MEMBER(od_return_item, dirty, enum od_dirty)},
    [OD_ENTITY_INVOICE] = {LIST(INVOICE, od_invoice, invoices, invoice), .flags = OD_PART_SHARED},
    [OD_ENTITY_CHANGE] = {LIST(CHANGE, od_change, changes, change)},
    [OD_ENTITY_HOLD] = {LIST(HOLD, od_hold, holds, hold), .flags = OD_PART_SET},
    [OD_ENTITY_ADDRESS] = {
        .kind = OD_ENTITY_ADDRESS, .owner = OD_ENTITY_ORDER, .name = "addresses",
        .list = offsetof(struct od_order, addresses), .slots = 2,
        .dirty = MEMBER(od_address, dirty, enum od_dirty), .present = MEMBER(od_address, present, bool)},
};
/* clang-format on */

static const void *member(const void *of, uint16_t offset)
{
    return (const char *)of + offset;
}

void od_part_put(const struct od_part_kind *p, void *owner, void *list, uint32_t count)
{
    char *to = owner;
    size_t cap = count;

    OD_ASSERT(!p->slots);
    memcpy(to + p->list, &list, sizeof list);
    memcpy(to + p->count, &count, sizeof count);
    if (p->cap)
        memcpy(to + p->cap, &cap, sizeof cap);
}

enum od_dirty od_part_dirty(const struct od_part_kind *p, const void *part)
{
    return p->dirty ? *(const enum od_dirty *)member(part, p->dirty) : OD_CLEAN;
}

bool od_part_stands(const struct od_part_kind *p, const void *part)
{
    if (p->present && !*(const bool *)member(part, p->present))
        return false;
    return od_part_dirty(p, part) != OD_DIRTY_DELETED;
}

int32_t od_part_id(const void *part)
{
    int32_t id;

    memcpy(&id, part, sizeof id);
    return id;
}

void *od_part_numbered(enum od_entity_kind kind, const struct od_order *o, int32_t id)
{
    const struct od_part_kind *p = &od_part_kinds[kind];

    return id >= 1 && (uint32_t)id <= od_part_count(p, o) ? od_part_at(p, o, (uint32_t)id - 1)
                                                          : NULL;
}
