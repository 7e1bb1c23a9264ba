#include <lauxlib.h>
#include <string.h>

#include "script/vm/frozen.h"
#include "script/vm/libs.h"
#include "script/vm/vm.h"

/* The guarded part of the base library. */

/* Addresses differ from run to run. */
int l_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    switch (lua_type(L, 1)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
        luaL_tolstring(L, 1, NULL);
        return 1;
    }
    if (luaL_getmetafield(L, 1, "__tostring")) {
        lua_insert(L, 1);
        lua_call(L, 1, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            return luaL_error(L, "'__tostring' must return a string");
        return 1;
    }
    if (luaL_getmetafield(L, 1, "__name") != LUA_TSTRING)
        lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

/* The same order in every run and every process; see l_sorted_keys. */
static int l_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs")) {
        lua_insert(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    l_sorted_keys(L, 1);
    l_push_iterator(L, 1);
    return 3;
}

/* Returns from pcall when its function is through. It also goes on here after a wait or an error
 * inside a coroutine. Below the top: true, then the results, or the error alone. ctx: how many
 * templates were one in another before. */
static int l_pcall_done(lua_State *L, int status, lua_KContext ctx)
{
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L);
    l_rethrow_trip(L, status);
    od_vm_of(L)->includes = (int)ctx;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* There is no xpcall: a message handler that runs because a count hook raised runs with hooks off
 * (ldo.c, luaD_hook), so that a loop in it would never end. */
static int l_pcall(lua_State *L)
{
    lua_KContext includes = od_vm_of(L)->includes;

    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return l_pcall_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, includes, l_pcall_done),
                        includes);
}

/*
 * Metatables of scripts hold only what cannot hurt: no __gc and __close (code that runs while the
 * call is being stopped), no __mode (results would depend on the collector), no __len (library
 * functions trust #), no __metatable and __name (C marks its own objects with them). The table gets
 * a copy, so that adding to the original afterwards changes nothing; there is no getmetatable.
 */
static const char *const metamethods[] = {
    "__index", "__newindex", "__call", "__tostring", "__eq",  "__lt",  "__le",  "__concat",
    "__unm",   "__add",      "__sub",  "__mul",      "__div", "__mod", "__pow", "__idiv",
};

static void l_check_metamethods(lua_State *L, int idx)
{
    static const char *const refused[] = {"__gc",        "__close", "__mode", "__len",
                                          "__metatable", "__name",  "__pairs"};

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, idx) != LUA_TNIL)
            luaL_error(L, "setmetatable: %s is not available to scripts", refused[i]);
        lua_pop(L, 1);
    }
}

static int l_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    lua_settop(L, 2);
    if (l_is_protected(L, 1))
        return luaL_error(L, "this table is read-only");
    if (lua_istable(L, 2)) {
        l_check_metamethods(L, 2);
        lua_newtable(L);
        for (size_t i = 0; i < sizeof metamethods / sizeof metamethods[0]; i++) {
            lua_pushstring(L, metamethods[i]);
            lua_pushvalue(L, -1);
            lua_rawget(L, 2);
            lua_rawset(L, 3);
        }
    }
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

/* Numbers have few digits; reading a long text for one is one instruction. */
static int l_tonumber(lua_State *L)
{
    size_t len = 0;

    if (lua_type(L, 1) == LUA_TSTRING)
        lua_tolstring(L, 1, &len);
    l_charge(L, (double)len / 16);
    return l_original(L);
}

const struct l_guard l_base_guards[] = {
    {"assert", NULL},
    {"error", NULL},
    {"ipairs", NULL},
    {"pairs", l_pairs},
    {"pcall", l_pcall},
    {"select", NULL},
    {"setmetatable", l_setmetatable},
    {"tonumber", l_tonumber},
    {"tostring", l_tostring},
    {"type", NULL},
    {NULL, NULL},
};
