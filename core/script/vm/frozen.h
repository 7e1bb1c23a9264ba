#ifndef OD_SCRIPT_VM_FROZEN_H
#define OD_SCRIPT_VM_FROZEN_H

#include <lua.h>
#include <stdbool.h>

/*
 * Tables as scripts meet them: read-only ("frozen"), and visited in a fixed order of their keys.
 * Stock Lua 5.4 has no read-only tables; a frozen one is an empty table whose metatable answers for
 * the real one.
 */

/* Replaces the table at the top by a frozen view of it. Scripts cannot reach the table behind it.
 * [-1, +1, m] */
void l_freeze(lua_State *L);
/* Freezes the table at the top itself, for everybody who has it already. A metatable that it had
 * goes on answering for fields that are not there. [-0, +0, m] */
void l_freeze_in_place(lua_State *L);
/* Pushes the table at idx, or the one behind it when it is frozen. [-0, +1, -] */
void l_thaw(lua_State *L, int idx);
/* Returns true when a metatable of C's own protects the value at idx from scripts. [-0, +0, -] */
bool l_is_protected(lua_State *L, int idx);

/* Pushes a sequence of the keys of the plain table at idx: numbers ascending, strings in the order
 * of their bytes, then false and true. Raises for keys without an order (tables, functions).
 * [-0, +1, v] */
void l_sorted_keys(lua_State *L, int idx);
/* Replaces the sequence of keys at the top by the three values of a loop over them, as pairs()
 * returns. The loop reads the value at idx with its metamethods and leaves out nils.
 * [-1, +3, m] */
void l_push_iterator(lua_State *L, int idx);

#endif
