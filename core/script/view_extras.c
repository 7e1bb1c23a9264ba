#include "script/record.h"
#include "script/value.h"
#include "script/view_parts.h"

/* What an order and its parts have beside their fields: lists, parts, and what follows from the
 * fields. */

static void l_order_items(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    l_push_list(L, OD_ENTITY_ITEM, o->items, o->item_count);
}

static void l_order_payments(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    l_push_list(L, OD_ENTITY_PAYMENT, o->payments, o->payment_count);
}

static void l_order_shipments(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    l_push_list(L, OD_ENTITY_SHIPMENT, o->shipments, o->shipment_count);
}

/* A released hold stays in the snapshot, marked deleted, until its row is; so holds that stand need
 * not be neighbours, and their list is a table. */
static void l_order_holds(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    lua_Integer n = 0;

    lua_createtable(L, (int)o->hold_count, 0);
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (o->holds[i].dirty == OD_DIRTY_DELETED)
            continue;
        l_push_record(L, OD_ENTITY_HOLD, &o->holds[i]);
        lua_rawseti(L, -2, ++n);
    }
    l_as_list(L);
    l_freeze(L);
}

static void l_order_hold(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    uint32_t i = 0;

    while (i < o->hold_count && o->holds[i].dirty == OD_DIRTY_DELETED)
        i++;
    l_push_record(L, OD_ENTITY_HOLD, i < o->hold_count ? &o->holds[i] : NULL);
}

static void l_order_canceled(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    lua_pushboolean(L, o->canceled_at != 0);
}

static void l_push_address(lua_State *L, const struct od_address *a)
{
    l_push_record(L, OD_ENTITY_ADDRESS, a->present ? a : NULL);
}

static void l_order_shipping_address(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    l_push_address(L, &o->addresses[OD_SHIPPING]);
}

static void l_order_billing_address(lua_State *L, const void *base)
{
    const struct od_order *o = base;
    l_push_address(L, &o->addresses[OD_BILLING]);
}

static void l_item_qty_open(lua_State *L, const void *base)
{
    lua_pushinteger(L, od_item_open(base));
}

static void l_shipment_items(lua_State *L, const void *base)
{
    const struct od_shipment *s = base;
    l_push_list(L, OD_ENTITY_SHIPMENT_ITEM, s->items, s->item_count);
}

static const struct od_view_extra order_extras[] = {
    {"items", l_order_items},
    {"payments", l_order_payments},
    {"shipments", l_order_shipments},
    {"holds", l_order_holds},
    {"hold", l_order_hold},
    {"canceled", l_order_canceled},
    {"shipping_address", l_order_shipping_address},
    {"billing_address", l_order_billing_address},
    {NULL, NULL},
};
static const struct od_view_extra item_extras[] = {{"qty_open", l_item_qty_open}, {NULL, NULL}};
static const struct od_view_extra shipment_extras[] = {{"items", l_shipment_items}, {NULL, NULL}};
static const struct od_view_extra no_extras[] = {{NULL, NULL}};

const struct od_view_extra *const od_view_extras[OD_ENTITY_COUNT] = {
    [OD_ENTITY_ORDER] = order_extras,       [OD_ENTITY_ITEM] = item_extras,
    [OD_ENTITY_ADDRESS] = no_extras,        [OD_ENTITY_PAYMENT] = no_extras,
    [OD_ENTITY_SHIPMENT] = shipment_extras, [OD_ENTITY_SHIPMENT_ITEM] = no_extras,
    [OD_ENTITY_HOLD] = no_extras,
};
