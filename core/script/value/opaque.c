#include "script/value/opaque.h"

void l_open_opaque(lua_State *L, const char *name, const void *key)
{
    lua_newtable(L);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

bool l_is_opaque(lua_State *L, int idx, const void *key)
{
    bool equal;

    if (!lua_isuserdata(L, idx) || !lua_getmetatable(L, idx))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    equal = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return equal;
}

struct od_str l_opaque_text(lua_State *L, int idx, int n, struct od_arena *a)
{
    struct od_str s = OD_STR_NONE;

    if (lua_getiuservalue(L, idx, n) == LUA_TSTRING) {
        s.ptr = lua_tolstring(L, -1, &s.len);
        s = od_arena_str(a, s);
    }
    lua_pop(L, 1);
    return s;
}
