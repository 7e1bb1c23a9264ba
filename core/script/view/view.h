#ifndef OD_SCRIPT_VIEW_VIEW_H
#define OD_SCRIPT_VIEW_VIEW_H

#include <lua.h>

#include "order/model/event.h"
#include "order/model/model.h"

/*
 * Scripts see orders and events through views: read-only userdata that point at the C structs and
 * are indexed through the tables of order/model/fields.h. Nothing is copied. A view is good until
 * the call it was made for ends; using it later raises. Amounts are integers in minor units, times
 * are integers in milliseconds, and absent values are nil. An unknown name raises, so that a typing
 * mistake shows.
 */

/* Registers the metatables; once per state. order_method is called with a text that names no field
 * of an order and returns the method of that name, or nothing. It is called in composite commands
 * and tests alone. [-0, +0, v] */
void l_view_open(lua_State *L, lua_CFunction order_method);
/* Push a view of the struct. [-0, +1, m] */
void l_push_order(lua_State *L, const struct od_order *o);
void l_push_event(lua_State *L, const struct od_event *e);
void l_push_shipment(lua_State *L, const struct od_shipment *s);

#endif
