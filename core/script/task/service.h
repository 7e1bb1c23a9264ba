#ifndef OD_SCRIPT_TASK_SERVICE_H
#define OD_SCRIPT_TASK_SERVICE_H

#include <lua.h>
#include <stdint.h>

#include "order/machine/command_kind.h"
#include "order/model/command.h"

/* Scripts have commands carried out by these services, which stand in the table of commands. */

/* The i-th of all, in the order of the commands; NULL behind the last. */
const struct od_service *od_service_at(uint32_t i);

/* Return the service of that name in oms, or of that method of an order; NULL when there is none.
 */
const struct od_service *od_service_named(const char *name);
const struct od_service *od_service_method(const char *method);

/*
 * Reads the command that the arguments from index `first` on ask for. It is in the arena, with its
 * strings. Raises what the body's parser finds, with `what` before it: "oms.create_shipment:
 * /items/0/qty: must be …". `currency` is that of amounts given as integers; when it is absent, the
 * one that PLACE names, or the default. *body, unless `body` is NULL, is as in od_task_part.
 * [-0, +0, v]
 */
struct od_command *l_service_command(lua_State *L, const struct od_service *s, const char *what,
                                     int first, struct od_str currency, struct od_arena *a,
                                     struct od_str *body);

/* Reads an order's reference: its id, uuid or number, or a table or order with order_id.
 * [-0, +0, v] */
struct od_order_ref l_check_ref(lua_State *L, int idx, const char *what, struct od_arena *a);

#endif
