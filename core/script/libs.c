#include "script/libs.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "script/value.h"

#define PLAIN(function)                                                                            \
    {                                                                                              \
        .name = function                                                                           \
    }

/* No random and randomseed: a policy's answer follows from its arguments. */
static const struct l_guard math_guards[] = {
    PLAIN("abs"),  PLAIN("acos"),       PLAIN("asin"), PLAIN("atan"),       PLAIN("ceil"),
    PLAIN("cos"),  PLAIN("deg"),        PLAIN("exp"),  PLAIN("floor"),      PLAIN("fmod"),
    PLAIN("huge"), PLAIN("log"),        PLAIN("max"),  PLAIN("maxinteger"), PLAIN("min"),
    PLAIN("modf"), PLAIN("mininteger"), PLAIN("pi"),   PLAIN("rad"),        PLAIN("sin"),
    PLAIN("sqrt"), PLAIN("tan"),        PLAIN("type"), PLAIN("tointeger"),  PLAIN("ult"),
    {0},
};

/* Absent on purpose: coroutine, debug, io, os, package, and of the base library collectgarbage,
 * dofile, getmetatable, load, loadfile, next, print, raw*, require, warn, xpcall. */
static const struct library {
    const char *name; /* "_G": its entries stand in the environment itself */
    lua_CFunction open;
    const struct l_guard *guards;
} libraries[] = {
    {"_G", luaopen_base, l_base_guards},      {"string", luaopen_string, l_string_guards},
    {"table", luaopen_table, l_table_guards}, {"math", luaopen_math, math_guards},
    {"utf8", luaopen_utf8, l_utf8_guards},
};

#define LIBRARIES (sizeof libraries / sizeof libraries[0])

/* Registry key of library i's template. */
static void *template_key(size_t i)
{
    return (void *)&libraries[i];
}

/* The guarded copy of the library table at the top, in its place. [-1, +1, v] */
static void l_guarded_copy(lua_State *L, const struct l_guard *guards)
{
    lua_newtable(L);
    for (const struct l_guard *g = guards; g->name; g++) {
        lua_getfield(L, -2, g->name);
        if (g->guard)
            lua_pushcclosure(L, g->guard, 1);
        lua_setfield(L, -2, g->name);
    }
    lua_remove(L, -2);
}

/* ("x"):len() works through the metatable of all strings: it leads to a table of its own,
 * which no script can name. [-0, +0, v] */
static void l_protect_strings(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, template_key(1));
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

void l_libs_open(lua_State *L)
{
    for (size_t i = 0; i < LIBRARIES; i++) {
        lua_pushcfunction(L, libraries[i].open);
        lua_call(L, 0, 1);
        l_guarded_copy(L, libraries[i].guards);
        lua_rawsetp(L, LUA_REGISTRYINDEX, template_key(i));
    }
    l_protect_strings(L);
}

/* Copies the entries of the table at the top into the one at `to`, and drops it. [-1, +0, v] */
static void l_copy_entries(lua_State *L, int to)
{
    to = lua_absindex(L, to);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, to);
    }
    lua_pop(L, 1);
}

void l_libs_environment(lua_State *L)
{
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "_G");
    for (size_t i = 0; i < LIBRARIES; i++) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, template_key(i));
        if (strcmp(libraries[i].name, "_G") == 0) {
            l_copy_entries(L, -2);
            continue;
        }
        lua_newtable(L);
        lua_insert(L, -2);
        l_copy_entries(L, -2);
        lua_setfield(L, -2, libraries[i].name);
    }
}

void l_libs_seal(lua_State *L)
{
    for (size_t i = 0; i < LIBRARIES; i++) {
        lua_pushstring(L, libraries[i].name);
        lua_rawget(L, -2);
        bool itself = lua_rawequal(L, -1, -2);
        if (lua_istable(L, -1) && !itself && !l_is_protected(L, -1))
            l_freeze_in_place(L);
        lua_pop(L, 1);
    }
    l_freeze_in_place(L);
}
