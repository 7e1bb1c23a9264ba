#ifndef OD_SCRIPT_VM_LIBS_H
#define OD_SCRIPT_VM_LIBS_H

#include <lua.h>

/*
 * The libraries scripts may use: Lua's own, by whitelist, with guards where the originals would let
 * a script block the loop or see addresses. A plugin may change its tables while it loads (`string`
 * gets a function more); what C keeps for itself is out of its reach.
 */

/* Prepares the guarded libraries and protects the strings' metatable; once per state. [-0, +0, v]
 */
void l_libs_open(lua_State *L);
/* A fresh environment with its own copies of the library tables; _G is itself. [-0, +1, v] */
void l_libs_environment(lua_State *L);
/* Loading is over: the environment at the top and its libraries become read-only, so that no call
 * of a policy leaves something behind in them for the next. [-0, +0, m] */
void l_libs_seal(lua_State *L);

struct l_guard {
    const char *name;
    lua_CFunction
        guard; /* NULL: the original as it is; else a closure whose upvalue 1 is the original */
};

/* Ends of the tables: name NULL. */
extern const struct l_guard l_base_guards[];
extern const struct l_guard l_string_guards[];
extern const struct l_guard l_table_guards[];
extern const struct l_guard l_utf8_guards[];

/* tostring without addresses. */
int l_tostring(lua_State *L);

/* In a guard: goes on as the original, in the same frame, so that its errors name the caller's
 * line. */
static inline int l_original(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

#endif
