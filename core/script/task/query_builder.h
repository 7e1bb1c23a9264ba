#ifndef OD_SCRIPT_TASK_QUERY_BUILDER_H
#define OD_SCRIPT_TASK_QUERY_BUILDER_H

#include <lua.h>

#include "script/vm/binding.h"

/* oms.orders() asks about many orders, and is put together call by call. */

void l_query_open(lua_State *L); /* registers its metatables; once per state. [-0, +0, v] */
extern const struct l_binding l_query_bindings[];

#endif
