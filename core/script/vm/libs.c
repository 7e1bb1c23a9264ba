#include "script/vm/libs.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "script/vm/frozen.h"

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

/* Names that other Lua programs have, and what to use here. */
static const struct {
    const char *names, *instead;
} missing[] = {
    {" os ", "use oms.now() and oms.date()"},
    {" io dofile loadfile ", "scripts reach no files; a job or route can give commands and answer"},
    {" require package ",
     "the files of a plugin run in the order of their names and share globals"},
    {" load loadstring ", "code stands in the plugin's files"},
    {" coroutine ", "routes and jobs wait by themselves"},
    {" next ", "ask #list == 0, or loop with pairs"},
    {" print warn ", "use oms.log"},
    {" xpcall ", "use pcall"},
    {" getmetatable rawget rawset rawequal rawlen debug collectgarbage ", "rules need none of it"},
};

/* __index of the environment: any other unknown global is nil. */
static int l_missing_global(lua_State *L)
{
    const char *name;

    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    name = lua_tostring(L, 2);
    if (strlen(name) > 20) /* longer than any of them */
        return 0;
    lua_pushfstring(L, " %s ", name);
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        if (strstr(missing[i].names, lua_tostring(L, -1)))
            return luaL_error(L, "%s is missing on purpose: %s", name, missing[i].instead);
    return 0;
}

static int l_sealed_global(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "[…]";

    return luaL_error(L, "global '%s' is read-only: globals are set while files load; use a local",
                      name);
}

void l_libs_environment(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, l_missing_global);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
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
    lua_getmetatable(L, -1);
    lua_pushcfunction(L, l_sealed_global);
    lua_setfield(L, -2, "__newindex");
    lua_pop(L, 1);
}
