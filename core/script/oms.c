#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "base/log.h"
#include "script/host.h"
#include "script/value.h"

/*
 * The table `oms`: what a script can say. Every binding checks its context first. Each plugin has
 * its own functions, which know as upvalue 1 (its name, in the bundle's arena) whom they serve.
 */

#define LOG_LINES 20  /* per call */
#define LOG_BYTES 300 /* per line */
#define IN_CALL   (OD_VM_POLICY | OD_VM_HOOK)

static const char status_keys[OD_STATUS_KINDS]; /* registry keys: code -> frozen status */
static const char *const status_nouns[OD_STATUS_KINDS] = {"order", "payment", "shipment"};

static struct od_str plugin_of(lua_State *L)
{
    return *(const struct od_str *)lua_touserdata(L, lua_upvalueindex(1));
}

/* Keeps the function at index 2 under the name at index 1. Where a registration stands is the line
 * of the call. [-0, +0, m] */
static void l_register(lua_State *L, struct od_registrations *to)
{
    struct od_bundle *b = od_bundle_of(L);
    struct od_registration *r;
    struct od_str name;
    lua_Debug ar;
    int function;

    name.ptr = luaL_checklstring(L, 1, &name.len);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    function = luaL_ref(L, LUA_REGISTRYINDEX);

    if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "Sl", &ar))
        luaL_error(L, "a registration must stand in a file");
    to->all = od_arena_grow(&b->arena, to->all, to->count, &to->cap, sizeof *to->all);
    r = &to->all[to->count++];
    *r = (struct od_registration){
        .name = od_arena_str(&b->arena, name),
        .plugin = plugin_of(L),
        .origin = od_arena_printf(&b->arena, "%s:%d", ar.short_src, ar.currentline),
        .label =
            od_arena_printf(&b->arena, "%.*s@%.*s", OD_STR_ARG(name), OD_STR_ARG(plugin_of(L))),
        .function = function,
    };
}

/* oms.policy(name, fn) */
static int l_policy(lua_State *L)
{
    struct od_bundle *b = od_bundle_of(L);
    enum od_question q;
    struct od_str name;

    l_require_context(L, OD_VM_LOAD, "oms.policy");
    name.ptr = luaL_checklstring(L, 1, &name.len);
    if (!od_question_parse(name, &q))
        return luaL_error(L, "there is no policy '%s'; known: %s", name.ptr,
                          od_known_questions(&b->arena).ptr);
    for (uint32_t i = 0; i < b->policies.count; i++) {
        const struct od_registration *r = &b->policies.all[i];
        if (od_str_eq(r->name, name) && od_str_eq(r->plugin, plugin_of(L)))
            return luaL_error(L, "%s is registered twice in this plugin, first at %s", name.ptr,
                              r->origin.ptr);
    }
    l_register(L, &b->policies);
    return 0;
}

/* oms.on(topic, fn) */
static int l_on(lua_State *L)
{
    struct od_bundle *b = od_bundle_of(L);
    struct od_str name;

    l_require_context(L, OD_VM_LOAD, "oms.on");
    name.ptr = luaL_checklstring(L, 1, &name.len);
    if (!od_topic_known(name))
        return luaL_error(L, "there is no event '%s'; known: %s", name.ptr,
                          od_known_topics(&b->arena).ptr);
    l_register(L, &b->hooks);
    return 0;
}

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
    l_freeze(L);
}

/* oms.status(kind, code) */
static int l_status(lua_State *L)
{
    const char *kind = luaL_checkstring(L, 1);
    int i = 0;

    while (i < OD_STATUS_KINDS && strcmp(kind, status_nouns[i]) != 0)
        i++;
    if (i == OD_STATUS_KINDS)
        return luaL_error(L, "there is no kind of status '%s'; known: order, payment, shipment",
                          kind);
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &status_keys[i]);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) == LUA_TNIL)
        l_push_unknown_status(L, 2);
    return 1;
}

/* oms.now() */
static int l_now(lua_State *L)
{
    l_require_context(L, IN_CALL, "oms.now");
    lua_pushinteger(L, od_vm_of(L)->now_us / 1000);
    return 1;
}

/* oms.log(text) */
static int l_log(lua_State *L)
{
    struct od_vm *vm = od_vm_of(L);
    char line[LOG_BYTES + 1];
    struct od_str text;
    size_t n;

    text.ptr = luaL_checklstring(L, 1, &text.len);
    if (++vm->log_lines > LOG_LINES)
        return luaL_error(L, "oms.log: more than %d lines in one call", LOG_LINES);
    n = text.len < LOG_BYTES ? text.len : LOG_BYTES;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        line[i] = iscntrl(c) ? ' ' : c == '"' ? '\'' : (char)c;
    }
    line[n] = '\0';
    od_info("script_log", "plugin=%.*s text=\"%s\"", OD_STR_ARG(plugin_of(L)), line);
    return 0;
}

static const luaL_Reg bindings[] = {
    {"policy", l_policy},     {"on", l_on},         {"allow", l_oms_allow},
    {"refuse", l_oms_refuse}, {"status", l_status}, {"now", l_now},
    {"log", l_log},           {"mail", l_oms_mail}, {"webhook", l_oms_webhook},
    {"notify", l_oms_notify}, {NULL, NULL},
};

void l_oms_open(lua_State *L, const struct od_str *plugin)
{
    lua_newtable(L);
    lua_pushlightuserdata(L, (void *)plugin);
    luaL_setfuncs(L, bindings, 1);
    l_freeze(L);
    lua_setfield(L, -2, "oms");
}

static void l_set_text(lua_State *L, const char *key, struct od_str text)
{
    lua_pushlstring(L, text.ptr ? text.ptr : "", text.len);
    lua_setfield(L, -2, key);
}

static void l_push_status(lua_State *L, const struct od_status *s)
{
    lua_createtable(L, 0, 6);
    l_set_text(L, "code", s->code);
    l_set_text(L, "name", s->name);
    l_set_text(L, "phase", s->phase);
    l_set_text(L, "badge", s->badge);
    l_set_text(L, "progress", s->progress);
    lua_pushboolean(L, s->cancelable);
    lua_setfield(L, -2, "cancelable");
    l_freeze(L);
}

void l_oms_prepare(lua_State *L)
{
    const struct od_status_sets *sets = od_bundle_of(L)->statuses;

    l_verdict_open(L);
    l_intent_open(L);
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        lua_newtable(L);
        for (uint32_t i = 0; i < sets->of[kind].count; i++) {
            const struct od_status *s = &sets->of[kind].statuses[i];
            lua_pushlstring(L, s->code.ptr, s->code.len);
            l_push_status(L, s);
            lua_rawset(L, -3);
        }
        lua_rawsetp(L, LUA_REGISTRYINDEX, &status_keys[kind]);
    }
}
