#ifndef OD_SCRIPT_VM_FROZEN_H
#define OD_SCRIPT_VM_FROZEN_H

#include <lua.h>
#include <stdbool.h>

/*
 * Tables as scripts meet them: read-only ("frozen"), and visited in a fixed order of their keys.
 * Stock Lua 5.4 has no read-only tables; a frozen one is an empty table whose metatable answers for
 * the real one.
 */

/* Replaces the table at the top by a frozen view of it. Scripts cannot get at what is behind. [-1,
 * +1, m] */
void l_freeze(lua_State *L);
/* Freezes the table at the top itself, for all who have it already. A metatable it had goes on
 * answering for fields that are not there. [-0, +0, m] */
void l_freeze_in_place(lua_State *L);
/* The table at idx, or, when it is frozen, the one behind it. [-0, +1, -] */
void l_thaw(lua_State *L, int idx);
/* True when a metatable of C's own makes the value at idx untouchable for scripts. [-0, +0, -] */
bool l_is_protected(lua_State *L, int idx);

/* A sequence of the keys of the plain table at idx: numbers ascending, strings in byte order, then
 * false and true. Raises for keys without an order (tables, functions). [-0, +1, v] */
void l_sorted_keys(lua_State *L, int idx);
/* pairs(): the three values of a loop over the keys in the sequence at the top, reading the value
 * at idx with its metamethods and leaving out nils. [-1, +3, m] */
void l_push_iterator(lua_State *L, int idx);

#endif
