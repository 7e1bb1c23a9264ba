#ifndef OD_SCRIPT_VM_LIBS_H
#define OD_SCRIPT_VM_LIBS_H

#include <lua.h>

/*
 * The libraries that scripts may use are Lua's own, by whitelist. A guard stands in the place of an
 * original that would let a script block the loop or see addresses. A plugin may change its library
 * tables while it loads (add a function to `string`), but not what C keeps for itself.
 */

/* Prepares the guarded libraries and protects the strings' metatable; once per state. [-0, +0, v]
 */
void l_libs_open(lua_State *L);
/* Pushes a fresh environment with its own copies of the library tables. Its _G is itself.
 * [-0, +1, v] */
void l_libs_environment(lua_State *L);
/* Ends loading: the environment at the top and its libraries become read-only, so that no call of
 * a policy leaves something in them for the next. [-0, +0, m] */
void l_libs_seal(lua_State *L);

struct l_guard {
    const char *name;
    lua_CFunction guard; /* a closure whose upvalue 1 is the original; NULL: the original serves */
};

/* Each table ends with the name NULL. */
extern const struct l_guard l_base_guards[];
extern const struct l_guard l_string_guards[];
extern const struct l_guard l_table_guards[];
extern const struct l_guard l_utf8_guards[];

/* tostring, without addresses. */
int l_tostring(lua_State *L);

/* Goes on as the original from within a guard, in the same frame, so that its errors name the
 * caller's line. */
static inline int l_original(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

#endif
