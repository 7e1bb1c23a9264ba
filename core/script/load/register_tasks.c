#include "script/load/register_tasks.h"

#include <lauxlib.h>
#include <string.h>

#include "base/nearest.h"
#include "conf/value.h"
#include "script/bundle/bundle.h"
#include "script/bundle/commands.h"
#include "script/bundle/loaded.h"
#include "script/load/register.h"
#include "script/value/scalar.h"
#include "script/load/reserved.h"
#include "script/vm/vm.h"

/* oms.command, oms.route, oms.job, oms.test: what plugins offer beside answers and hooks. */

#define NAME_MAX_BYTES    40
#define TEST_NAME_MAX     300 /* bytes: a sentence */
#define PATTERN_MAX_BYTES 200
#define PARAMETERS_MAX    8 /* as http/router.h has them */
#define DAY_MS            (INT64_C(24) * 60 * 60 * 1000)
#define PERIOD_MIN_MS     1000

/* The name at index 1: [a-z][a-z0-9_]{0,39}. [-0, +0, v] */
static void l_check_name(lua_State *L, const char *binding)
{
    const char *what = lua_pushfstring(L, "%s: the name", binding);
    struct od_str name = l_check_text(L, 1, what, NAME_MAX_BYTES);

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool later = (c >= '0' && c <= '9') || c == '_';
        if (!(c >= 'a' && c <= 'z') && !(i > 0 && later))
            luaL_error(L, "%s '%s' must begin with a-z and go on with a-z, 0-9 and _", what,
                       name.ptr);
    }
    lua_pop(L, 1);
}

/* oms.command(name, fn) */
static int l_oms_command(lua_State *L)
{
    l_require_context(L, OD_VM_LOAD, "oms.command");
    lua_settop(L, 2);
    l_check_name(L, "oms.command");
    if (od_is_own_command(od_str_of(lua_tostring(L, 1))))
        return luaL_error(L, "oms.command: '%s' is a command of orderd's own; choose another name",
                          lua_tostring(L, 1));
    l_register(L, OD_OFFER_COMMAND, 2);
    return 0;
}

static bool is_segment(struct od_str s)
{
    bool parameter = s.len > 0 && s.ptr[0] == ':';

    for (size_t i = parameter ? 1 : 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && (parameter || !memchr("-.~", c, 3)))
            return false;
    }
    return s.len > (parameter ? 1U : 0U);
}

/* "/hello/:name" at index 1, which the server itself must not have. [-0, +0, v] */
static void l_check_pattern(lua_State *L)
{
    struct od_str rest = l_check_text(L, 1, "oms.route: the pattern", PATTERN_MAX_BYTES), segment;
    const char *pattern = rest.ptr;
    bool first = true;
    int parameters = 0;

    if (*pattern != '/')
        luaL_error(L, "oms.route: the pattern '%s' must begin with /", pattern);
    rest = od_str_slice(rest, 1, rest.len);
    while (rest.len > 0 && od_str_cut(&rest, '/', &segment)) {
        if (!is_segment(segment))
            luaL_error(L,
                       "oms.route: in '%s' each part between slashes must be letters, digits "
                       "and - . _ ~, or a parameter like :name",
                       pattern);
        parameters += segment.ptr[0] == ':';
        if (first && od_path_reserved(segment))
            luaL_error(L, "oms.route: '%s' is under /%s, which is orderd's own", pattern,
                       lua_pushlstring(L, segment.ptr, segment.len));
        first = false;
    }
    if (parameters > PARAMETERS_MAX)
        luaL_error(L, "oms.route: the pattern '%s' has more than %d parameters", pattern,
                   PARAMETERS_MAX);
    if (pattern[1] != '\0' && pattern[strlen(pattern) - 1] == '/')
        luaL_error(L, "oms.route: the pattern '%s' must not end in /", pattern);
}

/* The one of the list that the string at idx is; copied nowhere, it is C's. [-0, +0, v] */
static struct od_str l_check_choice(lua_State *L, int idx, const char *what,
                                    const char *const choices[])
{
    const char *text = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
    luaL_Buffer known;

    for (int i = 0; choices[i]; i++)
        if (strcmp(text, choices[i]) == 0)
            return od_str_of(choices[i]);
    luaL_buffinit(L, &known);
    for (int i = 0; choices[i]; i++) {
        luaL_addstring(&known, i > 0 ? ", " : "");
        luaL_addstring(&known, choices[i]);
    }
    luaL_pushresult(&known);
    luaL_error(L, "oms.route: %s must be one of %s", what, lua_tostring(L, -1));
    return OD_STR_NONE;
}

/* Raises for options that the table at idx should not have. `known` ends with NULL. [-0, +0, v] */
static void l_check_options(lua_State *L, int idx, const char *binding, const char *const known[])
{
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "[…]";
        int i = 0;

        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i]) {
            const char *near = od_nearest_of(od_str_of(name), known).ptr;
            luaL_error(
                L, *near ? "%s has no option '%s' (did you mean '%s'?)" : "%s has no option '%s'",
                binding, name, near);
        }
    }
}

/* {role =} at index 2, which may be left out: a function stands there then. [-0, +0|1, v] */
static struct od_str l_read_role(lua_State *L)
{
    static const char *const options[] = {"role", NULL};
    static const char *const roles[] = {"public", "reader", "staff", "admin", NULL};
    struct od_str role = OD_STR("staff");

    if (lua_isfunction(L, 2)) {
        lua_settop(L, 2);
        lua_newtable(L);
        lua_insert(L, 2);
        return role;
    }
    if (!lua_istable(L, 2))
        luaL_error(L,
                   "oms.route: behind the pattern stands the function, or a table of options "
                   "like { role = \"staff\" }; got %s",
                   luaL_typename(L, 2));
    l_check_options(L, 2, "oms.route", options);
    if (lua_getfield(L, 2, "role") != LUA_TNIL)
        role = l_check_choice(L, -1, "role", roles);
    lua_pop(L, 1);
    return role;
}

/* oms.route(method, pattern, [{role =},] fn) */
static int l_oms_route(lua_State *L)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};
    struct od_registration *r;
    struct od_str method, role;

    l_require_context(L, OD_VM_LOAD, "oms.route");
    lua_settop(L, 4);
    method = l_check_choice(L, 1, "the method", methods);
    lua_remove(L, 1); /* pattern, options, function */
    l_check_pattern(L);
    role = l_read_role(L);
    r = l_register(L, OD_OFFER_ROUTE, 3);
    r->offer.method = method;
    r->offer.role = role;
    return 0;
}

/* "03:00" as milliseconds after midnight. */
static bool parse_clock(struct od_str s, int64_t *ms)
{
    int64_t hour, minute;

    if (s.len != 5 || s.ptr[2] != ':' || !od_str_to_i64(od_str_slice(s, 0, 2), 0, 23, &hour) ||
        !od_str_to_i64(od_str_slice(s, 3, 5), 0, 59, &minute))
        return false;
    *ms = (hour * 60 + minute) * 60 * 1000;
    return true;
}

/* The option's text, absent when it is not given. [-0, +1, v] */
static struct od_str l_option(lua_State *L, const char *name)
{
    struct od_str s = OD_STR_NONE;

    if (lua_getfield(L, 2, name) == LUA_TSTRING)
        s.ptr = lua_tolstring(L, -1, &s.len);
    else if (!lua_isnil(L, -1))
        luaL_error(L, "oms.job: %s must be a string, like \"5m\" or \"03:00\"", name);
    return s;
}

/* oms.job(name, {every =} | {at =}, fn) */
static int l_oms_job(lua_State *L)
{
    static const char *const options[] = {"every", "at", NULL};
    int64_t every_ms = 0, at_ms = 0;
    struct od_registration *r;
    struct od_str every, at;

    l_require_context(L, OD_VM_LOAD, "oms.job");
    lua_settop(L, 3);
    l_check_name(L, "oms.job");
    luaL_checktype(L, 2, LUA_TTABLE);
    l_check_options(L, 2, "oms.job", options);
    every = l_option(L, "every");
    at = l_option(L, "at");
    if (!every.ptr == !at.ptr)
        return luaL_error(L, "oms.job: say either every = \"5m\" or at = \"03:00\" (UTC)");
    if (every.ptr && (!od_conf_duration(every, &every_ms) || every_ms < PERIOD_MIN_MS ||
                      every_ms > 366 * DAY_MS))
        return luaL_error(L,
                          "oms.job: every must be a duration from 1s to 366d, like \"5m\"; got "
                          "'%s'",
                          every.ptr);
    if (at.ptr && !parse_clock(at, &at_ms))
        return luaL_error(L, "oms.job: at must be a time of day in UTC, like \"03:00\"; got '%s'",
                          at.ptr);
    lua_settop(L, 3);
    r = l_register(L, OD_OFFER_JOB, 3);
    r->offer.every_ms = every_ms;
    r->offer.at_ms = at_ms;
    return 0;
}

/* oms.receiver(source, fn) */
static int l_oms_receiver(lua_State *L)
{
    l_require_context(L, OD_VM_LOAD, "oms.receiver");
    lua_settop(L, 2);
    l_check_name(L, "oms.receiver");
    l_register(L, OD_OFFER_RECEIVER, 2);
    return 0;
}

/* oms.test(name, function(t) … end) */
static int l_oms_test(lua_State *L)
{
    l_require_context(L, OD_VM_LOAD, "oms.test");
    l_check_text(L, 1, "oms.test: the name", TEST_NAME_MAX);
    l_register(L, OD_OFFER_TEST, 2);
    return 0;
}

const struct l_binding l_register_task_bindings[] = {
    {"command", l_oms_command, 0},   {"route", l_oms_route, 0}, {"job", l_oms_job, 0},
    {"receiver", l_oms_receiver, 0}, {"test", l_oms_test, 0},   {NULL, NULL, 0},
};
