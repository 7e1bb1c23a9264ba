#ifndef OD_SCRIPT_LOAD_REGISTER_TASKS_H
#define OD_SCRIPT_LOAD_REGISTER_TASKS_H

#include <lua.h>

/* oms.command, oms.route, oms.job and oms.test register what plugins offer beside answers and
 * hooks. */

int l_oms_command(lua_State *L);
int l_oms_route(lua_State *L);
int l_oms_job(lua_State *L);
int l_oms_test(lua_State *L);

#endif
