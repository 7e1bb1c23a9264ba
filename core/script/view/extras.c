#include "order/amounts/rollup.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/view/push.h"
#include "script/vm/frozen.h"

/* The names that an order and its items have beside their fields and lists: addresses, and values
 * that follow from the fields. */

static const char *const unit_names[] = {"order_item_id", "qty", NULL};
static const struct l_shape unit_shape = {.noun = "unit", .names = unit_names};

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

static void l_order_payment_rollup(lua_State *L, const void *base)
{
    l_push_str(L, od_rollup_name(od_rollup_payment(base)));
}

static void l_order_shipment_rollup(lua_State *L, const void *base)
{
    l_push_str(L, od_rollup_name(od_rollup_shipment(base)));
}

static void l_order_amount_outstanding(lua_State *L, const void *base)
{
    lua_pushinteger(L, od_amount_outstanding(base));
}

static void l_order_amount_overpaid(lua_State *L, const void *base)
{
    lua_pushinteger(L, od_amount_overpaid(base));
}

static void l_order_amount_refundable(lua_State *L, const void *base)
{
    lua_pushinteger(L, od_amount_refundable(base));
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

void l_push_units(lua_State *L, const struct od_units *units, uint32_t count)
{
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        l_set_integer(L, "order_item_id", units[i].order_item_id);
        l_set_integer(L, "qty", units[i].qty);
        l_as_record(L, &unit_shape);
        l_freeze(L);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    l_as_list(L);
    l_freeze(L);
}

static const struct od_view_extra order_extras[] = {
    {"hold", l_order_hold},
    {"canceled", l_order_canceled},
    {"shipping_address", l_order_shipping_address},
    {"billing_address", l_order_billing_address},
    {"payment_rollup", l_order_payment_rollup},
    {"shipment_rollup", l_order_shipment_rollup},
    {"amount_outstanding", l_order_amount_outstanding},
    {"amount_overpaid", l_order_amount_overpaid},
    {"amount_refundable", l_order_amount_refundable},
    {NULL, NULL},
};
static const struct od_view_extra item_extras[] = {{"qty_open", l_item_qty_open}, {NULL, NULL}};
static const struct od_view_extra no_extras[] = {{NULL, NULL}};

const struct od_view_extra *l_view_extras(enum od_entity_kind kind)
{
    return kind == OD_ENTITY_ORDER  ? order_extras
           : kind == OD_ENTITY_ITEM ? item_extras
                                    : no_extras;
}
