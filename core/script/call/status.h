#ifndef OD_SCRIPT_CALL_STATUS_H
#define OD_SCRIPT_CALL_STATUS_H

#include <lua.h>

#include "script/vm/binding.h"

/* Tells scripts about statuses: oms.status, oms.statuses, oms.status_name, oms.rollup_status. */

void l_status_open(lua_State *L); /* makes their tables; once per state. [-0, +0, m] */
extern const struct l_binding l_status_bindings[];

#endif
