#ifndef OD_SCRIPT_TASK_SERVICES_H
#define OD_SCRIPT_TASK_SERVICES_H

#include <lua.h>

#include "script/vm/binding.h"

struct l_shape;
struct od_service;
struct od_task_part;

/* Services as scripts call them: as fields of oms in routes and jobs, and as methods of an order in
 * composite commands and tests. */

/* Sets the fields of `oms` that give commands from routes and jobs (oms.cancel_order, …), and
 * oms.transaction, into the table at the top. [-0, +0, m] */
void l_services_open(lua_State *L);
/* Takes a text and returns the method of an order under that name (order:cancel), or nothing. */
int l_order_method(lua_State *L);
/* Raises unless the context is a route or a job and the plugin may give commands. [-0, +0, v] */
void l_require_service(lua_State *L, const char *what, const char *method);
/* Reads one part of a request: the order's reference, then as l_service_command. [-0, +0, v] */
void l_service_part(lua_State *L, const struct od_service *s, const char *what, int first,
                    struct od_task_part *out);
/* Returns the shape of the answer to the part. */
const struct l_shape *l_part_answer_shape(const struct od_task_part *part);
extern const struct l_binding l_order_bindings[];

#endif
