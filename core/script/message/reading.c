#include <inttypes.h>
#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/idempotency_key.h"
#include "order/model/command.h"
#include "order/model/limits.h"
#include "script/message/message.h"
#include "script/task/thread.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/*
 * oms.read(value, shape) takes the members that a shape names out of what a stranger sent, and
 * nothing else. Each is of the type that the shape says, or the message is refused with a sentence
 * that names the member. So scripts never meet a nil or a table where they expect a text.
 */

#define TEXT_MAX_BYTES 4000
#define NAME_MAX_BYTES 100
#define ID_MAX_BYTES   100
#define LIST_MAX       1000
#define AMOUNT_MAX     INT64_C(1000000000000000) /* minor units; sums stay far from overflow */
#define DEPTH_MAX      8                         /* of shapes */

/* Where in the message a member stands, from the inside out. */
struct step {
    const struct step *outer;
    const char *name; /* NULL: an element of a list */
    lua_Integer index;
};

/* [-0, +1, m] */
static void l_push_path(lua_State *L, const struct step *at)
{
    if (!at) {
        lua_pushliteral(L, "");
        return;
    }
    l_push_path(L, at->outer);
    if (at->name)
        lua_pushfstring(L, "%s%s%s", lua_tostring(L, -1), at->outer ? "." : "", at->name);
    else
        lua_pushfstring(L, "%s[%I]", lua_tostring(L, -1), (LUAI_UACINT)at->index);
    lua_remove(L, -2);
}

/* Whoever gave the value is to blame: the sender of a message, the caller of a command or route. */
static int l_bad(lua_State *L, const struct step *at, const char *must)
{
    const char *code = od_vm_of(L)->context & OD_VM_RECEIVER ? "bad_message" : "bad_arguments";

    if (!at)
        return l_refuse(L, code, 422, lua_pushfstring(L, "The message must be %s", must));
    l_push_path(L, at);
    return l_refuse(L, code, 422, lua_pushfstring(L, "%s must be %s", lua_tostring(L, -1), must));
}

/* ---- single values; each pushes what it reads [-0, +1, v] */

static void l_read_storable(lua_State *L, int idx, const struct step *at, size_t max,
                            const char *must)
{
    struct od_str s = OD_STR_NONE;

    if (lua_type(L, idx) == LUA_TSTRING)
        s.ptr = lua_tolstring(L, idx, &s.len);
    if (s.len == 0 || s.len > max || !od_is_storable(s))
        l_bad(L, at, must);
    lua_pushvalue(L, idx);
}

static void l_read_text(lua_State *L, int idx, const struct step *at)
{
    l_read_storable(L, idx, at, TEXT_MAX_BYTES, "a text of 1 to 4000 bytes");
}

static void l_read_name(lua_State *L, int idx, const struct step *at)
{
    l_read_storable(L, idx, at, NAME_MAX_BYTES, "a text of 1 to 100 bytes");
}

/* What an order is called by: as text, for a number would be an internal id. */
static void l_read_ref(lua_State *L, int idx, const struct step *at)
{
    static const char must[] = "an order's number or uuid, as text";
    struct od_order_ref ref;
    struct od_str s;

    l_read_storable(L, idx, at, OD_ORDER_NUMBER_MAX, must);
    s.ptr = lua_tolstring(L, idx, &s.len);
    if (!od_order_ref_parse(s, &ref))
        l_bad(L, at, must);
}

/* A number is as good a name as a text. */
static void l_read_id(lua_State *L, int idx, const struct step *at)
{
    struct od_str s = OD_STR_NONE;

    lua_pushvalue(L, idx);
    if (lua_type(L, idx) == LUA_TSTRING || lua_isinteger(L, idx))
        s.ptr = lua_tolstring(L, -1, &s.len);
    if (s.len == 0 || s.len > ID_MAX_BYTES || !od_idempotency_key_valid(s, 0))
        l_bad(L, at, "an id of 1 to 100 printable ASCII characters without blanks");
}

/* 1e3 and 1000.0 are no whole numbers: nobody writes money or units like that by intention. */
static void l_read_whole(lua_State *L, int idx, const struct step *at, lua_Integer min,
                         lua_Integer max, const char *must)
{
    if (!lua_isinteger(L, idx) || lua_tointeger(L, idx) < min || lua_tointeger(L, idx) > max)
        l_bad(L, at, must);
    lua_pushvalue(L, idx);
}

static void l_read_integer(lua_State *L, int idx, const struct step *at)
{
    l_read_whole(L, idx, at, INT64_MIN, INT64_MAX, "a whole number");
}

static void l_read_amount(lua_State *L, int idx, const struct step *at)
{
    l_read_whole(L, idx, at, 0, AMOUNT_MAX, "an amount: a whole number of minor units");
}

static void l_read_count(lua_State *L, int idx, const struct step *at)
{
    l_read_whole(L, idx, at, 1, INT32_MAX, "a whole number from 1");
}

static void l_read_number(lua_State *L, int idx, const struct step *at)
{
    if (lua_type(L, idx) != LUA_TNUMBER)
        l_bad(L, at, "a number");
    lua_pushvalue(L, idx);
}

static void l_read_boolean(lua_State *L, int idx, const struct step *at)
{
    if (!lua_isboolean(L, idx))
        l_bad(L, at, "true or false");
    lua_pushvalue(L, idx);
}

static void l_read_time(lua_State *L, int idx, const struct step *at)
{
    struct od_str s = OD_STR_NONE;
    int64_t us = 0;

    if (lua_type(L, idx) == LUA_TSTRING)
        s.ptr = lua_tolstring(L, idx, &s.len);
    if (!s.ptr || !od_time_parse(s, &us))
        l_bad(L, at, "a time like 2026-05-31T08:00:00Z");
    lua_pushinteger(L, us / 1000);
}

static void l_read_any(lua_State *L, int idx, const struct step *at)
{
    (void)at;
    lua_pushvalue(L, idx);
}

static const struct {
    const char *name;
    void (*read)(lua_State *L, int idx, const struct step *at);
} types[] = {
    {"text", l_read_text},   {"name", l_read_name},       {"ref", l_read_ref},
    {"id", l_read_id},       {"integer", l_read_integer}, {"amount", l_read_amount},
    {"count", l_read_count}, {"number", l_read_number},   {"boolean", l_read_boolean},
    {"time", l_read_time},   {"any", l_read_any},
};

/* The type at `shape` is "text", or "text?" for a member that may be missing. */
static void l_read_single(lua_State *L, int idx, int shape, const struct step *at)
{
    const char *type = lua_tostring(L, shape);
    size_t len = strlen(type);
    bool optional = len > 0 && type[len - 1] == '?';
    bool empty = lua_type(L, idx) == LUA_TSTRING && lua_rawlen(L, idx) == 0;

    len -= optional;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strlen(types[i].name) != len || strncmp(types[i].name, type, len) != 0)
            continue;
        if (lua_isnil(L, idx) || (optional && empty)) {
            if (!optional)
                l_bad(L, at, "there");
            lua_pushnil(L);
        } else {
            types[i].read(L, idx, at);
        }
        return;
    }
    luaL_error(
        L,
        "oms.read: there is no type '%s'; known: text name id ref integer amount count number "
        "boolean time any, with a ? behind what may be missing",
        type);
}

/* ---- tables */

static void l_read(lua_State *L, int idx, int shape, const struct step *at, int depth);

static void l_read_list(lua_State *L, int idx, int element, const struct step *at, int depth)
{
    lua_Integer n = 0;

    lua_newtable(L);
    if (lua_isnil(L, idx))
        goto done;
    if (!lua_istable(L, idx))
        l_bad(L, at, "a list");
    l_thaw(L, idx);
    int from = lua_gettop(L), to = from - 1;
    if (lua_rawlen(L, from) == 0 && !l_is_list(L, from))
        l_bad(L, at, "a list");
    n = (lua_Integer)lua_rawlen(L, from);
    if (n > LIST_MAX)
        l_bad(L, at, "a list of at most 1000");
    for (lua_Integer i = 1; i <= n; i++) {
        struct step here = {at, NULL, i};
        lua_rawgeti(L, from, i);
        l_read(L, lua_gettop(L), element, &here, depth);
        if (lua_isnil(L, -1))
            l_bad(L, &here, "there");
        lua_rawseti(L, to, i);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
done:
    l_as_list(L);
}

/* An object that is missing reads like an empty one: what it should have had is told then. */
static void l_read_object(lua_State *L, int idx, int shape, const struct step *at, int depth)
{
    lua_newtable(L);
    int to = lua_gettop(L), from = 0;
    if (!lua_isnil(L, idx) && !lua_istable(L, idx))
        l_bad(L, at, "an object");
    if (lua_istable(L, idx)) {
        l_thaw(L, idx);
        from = lua_gettop(L);
        if (l_is_list(L, from) || lua_rawlen(L, from) > 0)
            l_bad(L, at, "an object");
    }
    l_sorted_keys(L, shape);
    int keys = lua_gettop(L);
    for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
        struct step here = {at, lua_tostring(L, -1), 0};
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "oms.read: a shape is { name = type, … }, or { type } for a list");
        lua_pushvalue(L, -1);
        lua_rawget(L, shape); /* name, type */
        if (from) {
            lua_pushvalue(L, -2);
            lua_rawget(L, from);
        } else {
            lua_pushnil(L);
        }
        int top = lua_gettop(L);
        l_read(L, top, top - 1, &here, depth);
        lua_pushvalue(L, top - 2);
        lua_insert(L, -2);
        lua_rawset(L, to);
        lua_settop(L, keys);
    }
    lua_settop(L, to);
}

/* [-0, +1, v] */
static void l_read(lua_State *L, int idx, int shape, const struct step *at, int depth)
{
    luaL_checkstack(L, 16, "oms.read");
    l_charge(L, 4);
    if (depth > DEPTH_MAX)
        luaL_error(L, "oms.read: the shape is deeper than %d", DEPTH_MAX);
    if (lua_type(L, shape) == LUA_TSTRING) {
        l_read_single(L, idx, shape, at);
        return;
    }
    luaL_checktype(L, shape, LUA_TTABLE);
    if (lua_rawgeti(L, shape, 1) == LUA_TNIL) {
        lua_pop(L, 1);
        l_read_object(L, idx, shape, at, depth + 1);
        return;
    }
    l_read_list(L, idx, lua_gettop(L), at, depth + 1);
    lua_remove(L, -2);
}

/* oms.read(value, shape, where?) */
static int l_oms_read(lua_State *L)
{
    struct step root = {0};

    lua_settop(L, 3);
    if (lua_type(L, 2) != LUA_TTABLE)
        return luaL_error(L, "oms.read: the shape must be a table, like { id = \"text\" }");
    root.name = luaL_optstring(L, 3, NULL);
    l_thaw(L, 2);
    lua_replace(L, 2);
    if (lua_isnil(L, 1) && !root.name)
        l_bad(L, NULL, "JSON");
    l_read(L, 1, 2, root.name ? &root : NULL, 0);
    return 1;
}

/* oms.shorten(text, most): at most so many bytes, cut between characters, "…" where it was cut */
static int l_oms_shorten(lua_State *L)
{
    static const char cut[] = "…";
    size_t len, most, keep;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer given = luaL_checkinteger(L, 2);

    luaL_argcheck(L, given >= (lua_Integer)sizeof cut, 2, "must be at least 4 bytes");
    most = (size_t)given;
    lua_settop(L, 1);
    if (len <= most)
        return 1;
    keep = most - (sizeof cut - 1);
    while (keep > 0 && ((unsigned char)text[keep] & 0xc0) == 0x80)
        keep--;
    lua_pushlstring(L, text, keep);
    lua_pushstring(L, cut);
    lua_concat(L, 2);
    return 1;
}

const struct l_binding l_reading_bindings[] = {
    {"read", l_oms_read, 0},
    {"shorten", l_oms_shorten, 0},
    {NULL, NULL, 0},
};
