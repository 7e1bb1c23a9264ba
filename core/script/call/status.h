#ifndef OD_SCRIPT_CALL_STATUS_H
#define OD_SCRIPT_CALL_STATUS_H

#include <lua.h>

/* What scripts ask about statuses: oms.status, oms.statuses, oms.status_name, oms.rollup_status. */

void l_status_open(lua_State *L); /* makes their tables; once per state. [-0, +0, m] */
int l_oms_status(lua_State *L);
int l_oms_statuses(lua_State *L);
int l_oms_status_name(lua_State *L);
int l_oms_rollup_status(lua_State *L);

#endif
