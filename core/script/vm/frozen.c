#include "script/vm/frozen.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "script/vm/vm.h"

bool l_is_protected(lua_State *L, int idx)
{
    if (luaL_getmetafield(L, idx, "__metatable") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

static int l_read_only(lua_State *L)
{
    return luaL_error(L, "this table is read-only");
}

/* Upvalue 1: the table behind. */
static int l_frozen_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
    return 1;
}

static int l_frozen_pairs(lua_State *L)
{
    l_sorted_keys(L, lua_upvalueindex(1));
    l_push_iterator(L, 1);
    return 3;
}

/* Makes the empty table below the top the frozen view of the one at the top. [-1, +0, m] */
static void l_show_frozen(lua_State *L)
{
    lua_createtable(L, 0, 5);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, l_frozen_len, 1);
    lua_setfield(L, -2, "__len");
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, l_frozen_pairs, 1);
    lua_setfield(L, -2, "__pairs");
    lua_pushcfunction(L, l_read_only);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -3);
    lua_pop(L, 1);
}

void l_freeze(lua_State *L)
{
    lua_newtable(L);
    lua_insert(L, -2);
    l_show_frozen(L);
}

void l_freeze_in_place(lua_State *L)
{
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, -3);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, -5); /* clearing fields is allowed during a traversal (Lua manual, next) */
    }
    if (lua_getmetatable(L, -2))
        lua_setmetatable(L, -2);
    l_show_frozen(L);
}

void l_thaw(lua_State *L, int idx)
{
    if (l_is_protected(L, idx) && luaL_getmetafield(L, idx, "__index") == LUA_TTABLE)
        return;
    lua_pushvalue(L, idx);
}

struct key {
    int type;
    bool is_integer;
    lua_Integer integer;
    lua_Number number;
    struct od_str string; /* borrowed from the table, which is not touched while keys are sorted */
};

static int rank(const struct key *k)
{
    return k->type == LUA_TNUMBER ? 0 : k->type == LUA_TSTRING ? 1 : 2;
}

static int compare_keys(const void *left, const void *right)
{
    const struct key *a = left, *b = right;

    if (rank(a) != rank(b))
        return rank(a) - rank(b);
    if (a->type == LUA_TSTRING)
        return od_str_cmp(a->string, b->string);
    if (a->type == LUA_TNUMBER && a->number != b->number)
        return a->number < b->number ? -1 : 1;
    if (a->is_integer != b->is_integer) /* 2^63, which rounded integers equal and are below of */
        return a->is_integer ? -1 : 1;
    return (a->integer > b->integer) - (a->integer < b->integer);
}

static struct key key_at(lua_State *L, int idx)
{
    struct key k = {.type = lua_type(L, idx)};

    switch (k.type) {
    case LUA_TNUMBER:
        k.is_integer = lua_isinteger(L, idx);
        k.number = lua_tonumber(L, idx);
        k.integer = k.is_integer ? lua_tointeger(L, idx) : 0;
        break;
    case LUA_TSTRING:
        k.string.ptr = lua_tolstring(L, idx, &k.string.len);
        break;
    case LUA_TBOOLEAN:
        k.integer = lua_toboolean(L, idx);
        break;
    default:
        luaL_error(L, "a table with %s keys has no order to visit them in", luaL_typename(L, idx));
    }
    return k;
}

static void push_key(lua_State *L, const struct key *k)
{
    if (k->type == LUA_TSTRING)
        lua_pushlstring(L, k->string.ptr, k->string.len);
    else if (k->type == LUA_TBOOLEAN)
        lua_pushboolean(L, k->integer != 0);
    else if (k->is_integer)
        lua_pushinteger(L, k->integer);
    else
        lua_pushnumber(L, k->number);
}

void l_sorted_keys(lua_State *L, int idx)
{
    struct key *keys;
    size_t n = 0, filled = 0;

    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 8, "pairs");
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
        n++;
    l_charge(L, (double)n * (1 + log2((double)n + 1)));
    /* Userdata, so that raising leaves nothing behind. */
    keys = lua_newuserdatauv(L, n * sizeof *keys, 0);
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
        keys[filled++] = key_at(L, -2);
    if (n > 0)
        qsort(keys, n, sizeof *keys, compare_keys);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        push_key(L, &keys[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_remove(L, -2);
}

/* Upvalues: keys, position, the value looped over. */
static int l_next_pair(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(2));

    for (;;) {
        at++;
        if (lua_rawgeti(L, lua_upvalueindex(1), at) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, -1);
        if (lua_gettable(L, lua_upvalueindex(3)) != LUA_TNIL)
            break;
        lua_pop(L, 2);
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(2));
    return 2;
}

void l_push_iterator(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_pushinteger(L, 0);
    lua_pushvalue(L, idx);
    lua_pushcclosure(L, l_next_pair, 3);
    lua_pushvalue(L, idx);
    lua_pushnil(L);
}
