#include "script/call/status.h"

#include <lauxlib.h>
#include <string.h>

#include "order/amounts/rollup.h"
#include "order/model/shop.h"
#include "script/bundle/loaded.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"

/* Answers scripts' questions about statuses. The answers are made once per state; asking is a look
 * into a table. */

static const char rollup_keys[OD_STATUS_KINDS]; /* registry: rollup -> code */
static const char status_keys[OD_STATUS_KINDS]; /* registry keys: code -> frozen status */
static const char *const status_names[] = {"code",     "name",       "phase", "badge",
                                           "progress", "cancelable", NULL};
static const struct l_shape status_shape = {.noun = "status", .names = status_names};
static const char *const status_nouns[OD_STATUS_KINDS] = {"order", "payment", "shipment"};

/* A status that the configuration no longer has; see od_status_can_move for the same kindness. */
static void l_push_unknown_status(lua_State *L, int code)
{
    static const char *const empty[] = {"name", "phase", "badge", "progress"};

    lua_newtable(L);
    if (lua_isstring(L, code))
        lua_pushvalue(L, code);
    else
        lua_pushliteral(L, "");
    lua_setfield(L, -2, "code");
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        lua_pushliteral(L, "");
        lua_setfield(L, -2, empty[i]);
    }
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "cancelable");
    l_as_record(L, &status_shape);
    l_freeze(L);
}

static enum od_status_kind l_check_kind(lua_State *L)
{
    const char *kind = luaL_checkstring(L, 1);
    int i = 0;

    while (i < OD_STATUS_KINDS && strcmp(kind, status_nouns[i]) != 0)
        i++;
    if (i == OD_STATUS_KINDS)
        luaL_error(L, "there is no kind of status '%s'; known: order, payment, shipment", kind);
    return (enum od_status_kind)i;
}

/* oms.statuses(kind): the codes, in the order of the configuration. */
static int l_oms_statuses(lua_State *L)
{
    const struct od_status_set *set = &od_bundle_of(L)->statuses->of[l_check_kind(L)];

    lua_createtable(L, (int)set->count, 0);
    for (uint32_t i = 0; i < set->count; i++) {
        l_push_str(L, set->statuses[i].code);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    l_as_list(L);
    return 1;
}

/* oms.status(kind, code) */
static int l_oms_status(lua_State *L)
{
    enum od_status_kind i = l_check_kind(L);

    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &status_keys[i]);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) == LUA_TNIL)
        l_push_unknown_status(L, 2);
    return 1;
}

/* oms.status_name(kind, code, store?): what the store's customers read. */
static int l_oms_status_name(lua_State *L)
{
    enum od_status_kind kind = l_check_kind(L);
    const struct od_bundle *b = od_bundle_of(L);
    struct od_str code, store = OD_STR_NONE;

    code.ptr = luaL_checklstring(L, 2, &code.len);
    store.ptr = luaL_optlstring(L, 3, NULL, &store.len);
    l_push_str(L, od_shop_status_name(b->shop, store, b->statuses, kind, code));
    return 1;
}

/* oms.rollup_status(kind, rollup) */
static int l_oms_rollup_status(lua_State *L)
{
    enum od_status_kind kind = l_check_kind(L);

    if (kind == OD_STATUS_ORDER)
        return luaL_error(L, "oms.rollup_status: payments and shipments have rollups, orders none");
    luaL_checktype(L, 2, LUA_TSTRING);
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &rollup_keys[kind]);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) == LUA_TNIL)
        return luaL_error(L, "oms.rollup_status: there is no rollup '%s'", lua_tostring(L, 2));
    return 1;
}

static void l_push_status(lua_State *L, const struct od_status *s)
{
    lua_createtable(L, 0, 6);
    l_set_text(L, "code", s->code.ptr ? s->code : OD_STR(""));
    l_set_text(L, "name", s->name.ptr ? s->name : OD_STR(""));
    l_set_text(L, "phase", s->phase.ptr ? s->phase : OD_STR(""));
    l_set_text(L, "badge", s->badge.ptr ? s->badge : OD_STR(""));
    l_set_text(L, "progress", s->progress.ptr ? s->progress : OD_STR(""));
    lua_pushboolean(L, s->cancelable);
    lua_setfield(L, -2, "cancelable");
    l_as_record(L, &status_shape);
    l_freeze(L);
}

static void l_keep_statuses(lua_State *L, enum od_status_kind kind)
{
    const struct od_status_set *set = &od_bundle_of(L)->statuses->of[kind];

    lua_newtable(L);
    for (uint32_t i = 0; i < set->count; i++) {
        l_push_str(L, set->statuses[i].code);
        l_push_status(L, &set->statuses[i]);
        lua_rawset(L, -3);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &status_keys[kind]);
}

static void l_keep_rollups(lua_State *L, enum od_status_kind kind)
{
    const struct od_status_set *set = &od_bundle_of(L)->statuses->of[kind];

    lua_createtable(L, 0, OD_ROLLUPS);
    for (int r = 0; r < OD_ROLLUPS; r++) {
        l_push_str(L, od_rollup_name((enum od_rollup)r));
        l_push_str(L, od_rollup_status(set, (enum od_rollup)r));
        lua_rawset(L, -3);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &rollup_keys[kind]);
}

void l_status_open(lua_State *L)
{
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++)
        l_keep_statuses(L, (enum od_status_kind)kind);
    l_keep_rollups(L, OD_STATUS_PAYMENT);
    l_keep_rollups(L, OD_STATUS_SHIPMENT);
}

const struct l_binding l_status_bindings[] = {
    {"status", l_oms_status, 0},
    {"statuses", l_oms_statuses, 0},
    {"status_name", l_oms_status_name, 0},
    {"rollup_status", l_oms_rollup_status, 0},
    {NULL, NULL, 0},
};
