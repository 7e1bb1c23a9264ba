#ifndef OD_SCRIPT_CALL_CALENDAR_H
#define OD_SCRIPT_CALL_CALENDAR_H

#include <lua.h>

/* Times and amounts for scripts: oms.now, oms.date, oms.format_amount, oms.parse_amount. */

int l_oms_now(lua_State *L);
int l_oms_date(lua_State *L);
int l_oms_format_amount(lua_State *L);
int l_oms_parse_amount(lua_State *L);

#endif
