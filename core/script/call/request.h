#ifndef OD_SCRIPT_CALL_REQUEST_H
#define OD_SCRIPT_CALL_REQUEST_H

#include <lua.h>

#include "order/model/event.h"
#include "order/model/policy.h"

/* Pushes the tables that a rule gets beside the order. */

/* Pushes `seq`: {value, year, series} for order.number, and `document`, too, for document.number.
 * [-0, +1, m] */
void l_push_seq(lua_State *L, const struct od_policy_request *r);
/* Pushes `request`: actor and reason, and what the question adds to them (request.shipment,
 * request.items …). [-0, +1, m] */
void l_push_request(lua_State *L, enum od_question q, const struct od_policy_request *r);

#endif
