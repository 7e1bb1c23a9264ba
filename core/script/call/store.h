#ifndef OD_SCRIPT_CALL_STORE_H
#define OD_SCRIPT_CALL_STORE_H

#include <lua.h>

#include "script/vm/binding.h"

/* Tells scripts about the stores of the shop: oms.store. */

void l_store_open(lua_State *L); /* makes its table; once per state. [-0, +0, m] */
extern const struct l_binding l_store_bindings[];

#endif
