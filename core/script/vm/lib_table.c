#include <lauxlib.h>
#include <math.h>

#include "script/vm/libs.h"
#include "script/vm/vm.h"

/*
 * Guards of the table library. Its functions loop in C over as many elements as # says, and a table
 * with a few well-placed integer keys can say 2^62.
 */

#define LENGTH_MAX 100000

static int l_bounded_length(lua_State *L)
{
    lua_Integer n;

    luaL_checkany(L, 1);
    n = luaL_len(L, 1);
    if (n > LENGTH_MAX)
        return luaL_error(L, "a table of more than %d elements", LENGTH_MAX);
    l_charge(L, (double)n);
    return l_original(L);
}

static int l_sort(lua_State *L)
{
    lua_Integer n;

    luaL_checkany(L, 1);
    n = luaL_len(L, 1);
    if (n > LENGTH_MAX)
        return luaL_error(L, "a table of more than %d elements", LENGTH_MAX);
    l_charge(L, 4 * (double)n * log2((double)n + 1));
    return l_original(L);
}

/* A range given by the caller is a length, too. */
static int l_ranged(lua_State *L, int from_arg, int to_arg)
{
    lua_Integer from = luaL_optinteger(L, from_arg, 1);
    lua_Integer to = lua_isnoneornil(L, to_arg) ? luaL_len(L, 1) : luaL_checkinteger(L, to_arg);

    if (from <= to && (lua_Unsigned)to - (lua_Unsigned)from >= LENGTH_MAX)
        return luaL_error(L, "a range of more than %d elements", LENGTH_MAX);
    l_charge(L, from <= to ? (double)(to - from + 1) : 0);
    return l_original(L);
}

static int l_concat(lua_State *L)
{
    return l_ranged(L, 3, 4);
}

static int l_unpack(lua_State *L)
{
    return l_ranged(L, 2, 3);
}

/* No move: it copies any range between any tables, and rules need none of it. */
const struct l_guard l_table_guards[] = {
    {"concat", l_concat}, {"insert", l_bounded_length},
    {"pack", NULL},       {"remove", l_bounded_length},
    {"sort", l_sort},     {"unpack", l_unpack},
    {NULL, NULL},
};
