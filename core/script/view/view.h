#ifndef OD_SCRIPT_VIEW_VIEW_H
#define OD_SCRIPT_VIEW_VIEW_H

#include <lua.h>

#include "order/event.h"
#include "order/model.h"

/*
 * What scripts see of orders and events: read-only userdata that point at the C structs and are
 * indexed through the tables of order/fields.h; nothing is copied. A view is good until the call it
 * was made for ends; using it later raises. Amounts are integers in minor units, times integer
 * milliseconds, absent values nil; an unknown name raises, so that a typing error is found.
 */

/* Registers the metatables; once per state. order_method: from a name that is no field of an order,
 * a text, to the method of that name or nil; asked in composite commands and tests alone. [-0, +0,
 * v] */
void l_view_open(lua_State *L, lua_CFunction order_method);
/* [-0, +1, m] */
void l_push_order(lua_State *L, const struct od_order *o);
void l_push_event(lua_State *L, const struct od_event *e);
void l_push_shipment(lua_State *L, const struct od_shipment *s);

#endif
