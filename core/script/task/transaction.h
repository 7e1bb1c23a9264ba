#ifndef OD_SCRIPT_TASK_TRANSACTION_H
#define OD_SCRIPT_TASK_TRANSACTION_H

#include <lua.h>

/* oms.transaction: several commands that are decided as one. */

void l_transaction_open(lua_State *L); /* registers its metatable; once per state. [-0, +0, v] */
int l_oms_transaction(lua_State *L);

#endif
