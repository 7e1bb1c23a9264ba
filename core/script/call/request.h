#ifndef OD_SCRIPT_CALL_REQUEST_H
#define OD_SCRIPT_CALL_REQUEST_H

#include <lua.h>

#include "order/event.h"
#include "order/policy.h"

/* The tables that a rule gets beside the order. */

/* {value, year, series} of order.number; document.number adds `document`. [-0, +1, m] */
void l_push_seq(lua_State *L, const struct od_policy_request *r);
/* What the question is about: actor and reason, and its own (request.shipment, request.items …).
 * [-0, +1, m] */
void l_push_request(lua_State *L, enum od_question q, const struct od_policy_request *r);

#endif
