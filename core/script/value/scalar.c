#include "script/value/scalar.h"

#include <lauxlib.h>

void l_push_str(lua_State *L, struct od_str s)
{
    if (s.ptr)
        lua_pushlstring(L, s.ptr, s.len);
    else
        lua_pushnil(L);
}

void l_set_text(lua_State *L, const char *key, struct od_str text)
{
    if (!text.ptr)
        return;
    l_push_str(L, text);
    lua_setfield(L, -2, key);
}

void l_set_integer(lua_State *L, const char *key, int64_t value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

bool od_is_storable(struct od_str s)
{
    return od_utf8_valid(s) && !od_str_has_nul(s);
}

struct od_str l_check_text(lua_State *L, int idx, const char *what, size_t max)
{
    struct od_str s = OD_STR_NONE;

    if (lua_type(L, idx) != LUA_TSTRING)
        luaL_error(L, "%s must be a string, got %s", what, luaL_typename(L, idx));
    s.ptr = lua_tolstring(L, idx, &s.len);
    if (s.len == 0 || s.len > max)
        luaL_error(L, "%s must have 1 to %d bytes, got %d", what, (int)max, (int)s.len);
    if (!od_is_storable(s))
        luaL_error(L, "%s must be UTF-8 without NUL", what);
    return s;
}
