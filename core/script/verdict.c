#include <lauxlib.h>

#include "script/host.h"
#include "script/value.h"

/*
 * The answers to "may this be done?": userdata that only these functions make, so that a policy
 * which forgets to answer, or answers with something that is merely true, is an error and not a
 * yes.
 */

#define CODE_MAX   40
#define REASON_MAX 500

struct verdict {
    bool refused;
};

static const char verdict_key;
enum { CODE = 1, REASON = 2 }; /* user values */

static int l_verdict(lua_State *L, bool refused, int code, int reason)
{
    struct verdict *v;

    lua_settop(L, 2);
    v = lua_newuserdatauv(L, sizeof *v, 2);
    v->refused = refused;
    if (code) {
        lua_pushvalue(L, code);
        lua_setiuservalue(L, -2, CODE);
    }
    lua_pushvalue(L, reason);
    lua_setiuservalue(L, -2, REASON);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &verdict_key);
    lua_setmetatable(L, -2);
    return 1;
}

int l_oms_allow(lua_State *L)
{
    l_require_context(L, OD_VM_POLICY, "oms.allow");
    lua_settop(L, 1);
    if (!lua_isnil(L, 1))
        l_check_text(L, 1, "oms.allow: the reason", REASON_MAX);
    return l_verdict(L, false, 0, 1);
}

int l_oms_refuse(lua_State *L)
{
    struct od_str code;

    l_require_context(L, OD_VM_POLICY, "oms.refuse");
    lua_settop(L, 2);
    code = l_check_text(L, 1, "oms.refuse: the code", CODE_MAX);
    l_check_text(L, 2, "oms.refuse: the reason", REASON_MAX);
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return luaL_error(L, "oms.refuse: the code '%s' may have a-z, 0-9 and _ only",
                              code.ptr);
    }
    return l_verdict(L, true, 1, 2);
}

bool l_read_verdict(lua_State *L, int idx, struct od_arena *a, struct od_policy_answer *out)
{
    const struct verdict *v = lua_touserdata(L, idx);

    if (!l_is_opaque(L, idx, &verdict_key))
        return false;
    out->refused = v->refused;
    out->code = l_opaque_text(L, idx, CODE, a);
    out->reason = l_opaque_text(L, idx, REASON, a);
    return true;
}

void l_verdict_open(lua_State *L)
{
    l_open_opaque(L, "verdict", &verdict_key);
}
