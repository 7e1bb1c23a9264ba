#ifndef OD_SCRIPT_CALL_STORE_H
#define OD_SCRIPT_CALL_STORE_H

#include <lua.h>

/* What scripts ask about the stores of the shop: oms.store. */

void l_store_open(lua_State *L); /* makes its table; once per state. [-0, +0, m] */
int l_oms_store(lua_State *L);

#endif
