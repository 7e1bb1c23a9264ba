#include "script/value/verdict.h"

#include <lauxlib.h>
#include <string.h>

#include "order/model/limits.h"
#include "script/value/opaque.h"
#include "script/value/scalar.h"
#include "script/vm/vm.h"

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
enum { CODE = 1, REASON, HOLD, USER_VALUES = HOLD };

/* Makes a verdict of the three values at the top: code, reason, handle. [-3, +1, m] */
static int l_verdict(lua_State *L, bool refused)
{
    struct verdict *v = lua_newuserdatauv(L, sizeof *v, USER_VALUES);

    v->refused = refused;
    lua_insert(L, -4);
    lua_setiuservalue(L, -4, HOLD);
    lua_setiuservalue(L, -3, REASON);
    lua_setiuservalue(L, -2, CODE);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &verdict_key);
    lua_setmetatable(L, -2);
    return 1;
}

void l_push_verdict(lua_State *L, const struct od_policy_answer *answer)
{
    l_push_str(L, answer->code);
    l_push_str(L, answer->reason);
    l_push_str(L, answer->hold);
    l_verdict(L, answer->refused);
}

/* Text of a-z, 0-9, _ and what is in `more`. [-0, +0, v] */
static void l_check_word(lua_State *L, int idx, const char *what, size_t max, const char *more)
{
    struct od_str s = l_check_text(L, idx, what, max);

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || strchr(more, c)))
            luaL_error(L, "%s '%s' may have a-z, 0-9%s%s and _ only", what, s.ptr,
                       *more ? ", " : "", more);
    }
}

/* oms.allow(reason?) */
static int l_oms_allow(lua_State *L)
{
    l_require_context(L, OD_VM_POLICY, "oms.allow");
    lua_settop(L, 1);
    if (!lua_isnil(L, 1))
        l_check_text(L, 1, "oms.allow: the reason", REASON_MAX);
    lua_pushnil(L);
    lua_insert(L, 1);
    lua_pushnil(L);
    return l_verdict(L, false);
}

/* oms.refuse(code, reason) */
static int l_oms_refuse(lua_State *L)
{
    l_require_context(L, OD_VM_POLICY | OD_VM_COMMAND, "oms.refuse");
    lua_settop(L, 2);
    l_check_word(L, 1, "oms.refuse: the code", CODE_MAX, "");
    l_check_text(L, 2, "oms.refuse: the reason", REASON_MAX);
    lua_pushnil(L);
    return l_verdict(L, true);
}

/* oms.hold(handle, reason): yes, but with a hold to begin with. */
static int l_oms_hold(lua_State *L)
{
    l_require_context(L, OD_VM_POLICY, "oms.hold");
    lua_settop(L, 2);
    l_check_word(L, 1, "oms.hold: the handle", OD_HOLD_HANDLE_MAX, "-");
    l_check_text(L, 2, "oms.hold: the reason", REASON_MAX);
    lua_pushnil(L);
    lua_insert(L, 1);
    lua_insert(L, 2); /* nil, reason, handle */
    return l_verdict(L, false);
}

bool l_read_verdict(lua_State *L, int idx, struct od_arena *a, struct od_policy_answer *out)
{
    const struct verdict *v = lua_touserdata(L, idx);

    if (!l_is_opaque(L, idx, &verdict_key))
        return false;
    out->refused = v->refused;
    out->code = l_opaque_text(L, idx, CODE, a);
    out->reason = l_opaque_text(L, idx, REASON, a);
    out->hold = l_opaque_text(L, idx, HOLD, a);
    return true;
}

static int l_verdict_index(lua_State *L)
{
    static const char *const fields[] = {"allowed", "code", "reason", "hold", NULL};
    const struct verdict *v = lua_touserdata(L, 1);
    const char *name = luaL_checkstring(L, 2);

    for (int i = 0; fields[i]; i++) {
        if (strcmp(name, fields[i]) != 0)
            continue;
        if (i == 0)
            lua_pushboolean(L, !v->refused);
        else
            lua_getiuservalue(L, 1, i);
        return 1;
    }
    return luaL_error(L, "a verdict has no field '%s'; it has allowed, code, reason and hold",
                      name);
}

void l_verdict_open(lua_State *L)
{
    l_open_opaque(L, "verdict", &verdict_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &verdict_key);
    lua_pushcfunction(L, l_verdict_index);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

const struct l_binding l_verdict_bindings[] = {
    {"allow", l_oms_allow, 0},
    {"refuse", l_oms_refuse, 0},
    {"hold", l_oms_hold, 0},
    {NULL, NULL, 0},
};
