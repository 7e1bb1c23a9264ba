#include "script/value/json.h"

#include <lauxlib.h>
#include <math.h>

#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/* JSON to Lua and back. */

#define DEPTH_MAX 16

/* shape: of an object, or of the objects in an array; NULL: none. */
static void push_json(lua_State *L, const struct od_json *v, const struct l_shape *shape)
{
    lua_Integer i = 0;

    luaL_checkstack(L, 8, "JSON is nested too deeply");
    switch (v->type) {
    case OD_JSON_NULL:
        lua_pushnil(L);
        return;
    case OD_JSON_BOOL:
        lua_pushboolean(L, v->boolean);
        return;
    case OD_JSON_NUMBER:
        l_push_str(L, v->text);
        if (lua_stringtonumber(L, lua_tostring(L, -1)) == 0)
            luaL_error(L, "a number that Lua cannot hold");
        lua_remove(L, -2);
        return;
    case OD_JSON_STRING:
        l_push_str(L, v->text);
        return;
    case OD_JSON_ARRAY:
        lua_createtable(L, (int)v->count, 0);
        for (const struct od_json *e = v->child; e; e = e->next) {
            push_json(L, e, shape);
            lua_rawseti(L, -2, ++i);
        }
        l_as_list(L);
        break;
    case OD_JSON_OBJECT:
        lua_createtable(L, 0, (int)v->count);
        for (const struct od_json *e = v->child; e; e = e->next) {
            l_push_str(L, e->key);
            push_json(L, e, l_part_shape(shape, e->key));
            lua_rawset(L, -3);
        }
        if (shape)
            l_as_record(L, shape);
        break;
    }
    l_freeze(L);
}

void l_push_json(lua_State *L, struct od_str text)
{
    l_push_json_as(L, text, NULL);
}

/* [-0, +1, v], or nothing when it is not JSON */
static int push_text(lua_State *L, struct od_str text, const struct l_shape *shape,
                     struct od_err *err)
{
    struct od_arena *work = &od_vm_of(L)->work;
    struct od_json *root;

    l_charge(L, (double)text.len / 4);
    od_arena_reset(work);
    if (od_json_parse(work, text, 64, &root, err) != 0)
        return -1;
    push_json(L, root, shape);
    od_arena_reset(work); /* the tree of a big text is bigger than the text */
    return 0;
}

void l_push_json_as(lua_State *L, struct od_str text, const struct l_shape *shape)
{
    struct od_err err;

    if (!text.ptr)
        lua_pushnil(L);
    else if (push_text(L, text, shape, &err))
        luaL_error(L, "stored JSON cannot be read: %s", err.message);
}

bool l_push_json_if(lua_State *L, struct od_str text)
{
    struct od_err err;

    if (push_text(L, text, NULL, &err) == 0)
        return true;
    lua_pushnil(L);
    return false;
}

static void l_too_long(lua_State *L, const struct od_json_writer *w)
{
    luaL_error(L, "data is longer than %d bytes of JSON", (int)w->buf->max);
}

/* The string at idx. A table may hold a big one a thousand times, so that reading it is charged.
 * [-0, +0, v] */
static struct od_str l_storable(lua_State *L, int idx, const char *what)
{
    struct od_str s = OD_STR_NONE;

    s.ptr = lua_tolstring(L, idx, &s.len);
    l_charge(L, (double)s.len / 16);
    if (!od_is_storable(s))
        luaL_error(L, "data has a %s that is not UTF-8 without NUL", what);
    return s;
}

static void write_number(lua_State *L, int idx, struct od_json_writer *w)
{
    lua_Number n = lua_tonumber(L, idx);
    struct od_str text;

    if (lua_isinteger(L, idx)) {
        od_jw_i64(w, lua_tointeger(L, idx));
        return;
    }
    if (!isfinite(n))
        luaL_error(L, "JSON has no number for nan and inf");
    lua_pushvalue(L, idx); /* lua_tolstring converts in place */
    text.ptr = lua_tolstring(L, -1, &text.len);
    od_jw_raw(w, text);
    lua_pop(L, 1); /* od_jw_raw has copied */
}

static void write_value(lua_State *L, int idx, struct od_json_writer *w, int depth);

/* A table with t[1], or marked as a list, is an array; any other an object. Expects the thawed
 * table at idx. */
static void write_table(lua_State *L, int idx, struct od_json_writer *w, int depth)
{
    lua_Integer n;
    bool array;

    if (depth > DEPTH_MAX)
        luaL_error(L, "data is nested deeper than %d levels", DEPTH_MAX);
    luaL_checkstack(L, 8, "data is nested too deeply");
    l_sorted_keys(L, idx);
    n = (lua_Integer)lua_rawlen(L, -1);
    array = lua_rawgeti(L, idx, 1) != LUA_TNIL || l_is_list(L, idx);
    lua_pop(L, 1);
    if (array)
        od_jw_array(w);
    else
        od_jw_object(w);
    for (lua_Integer i = 1; i <= n; i++) {
        int type = lua_rawgeti(L, -1, i);
        if (array ? !lua_isinteger(L, -1) || lua_tointeger(L, -1) != i : type != LUA_TSTRING)
            luaL_error(L, "data must be a list (1, 2, 3 …) or have names as keys, not both");
        if (!array) {
            od_jw_key_str(w, l_storable(L, -1, "name"));
        }
        lua_rawget(L, idx);
        write_value(L, lua_gettop(L), w, depth + 1);
        lua_pop(L, 1);
    }
    if (array)
        od_jw_array_end(w);
    else
        od_jw_object_end(w);
    lua_pop(L, 1);
}

static void write_value(lua_State *L, int idx, struct od_json_writer *w, int depth)
{
    if (w->buf->overflow)
        l_too_long(L, w);
    switch (lua_type(L, idx)) {
    case LUA_TBOOLEAN:
        od_jw_bool(w, lua_toboolean(L, idx));
        break;
    case LUA_TNUMBER:
        write_number(L, idx, w);
        break;
    case LUA_TSTRING:
        od_jw_str(w, l_storable(L, idx, "string"));
        break;
    case LUA_TTABLE:
        l_thaw(L, idx);
        write_table(L, lua_gettop(L), w, depth);
        lua_pop(L, 1);
        break;
    default:
        luaL_error(L, "data cannot hold a %s; copy the fields it needs", luaL_typename(L, idx));
    }
}

void l_write_json(lua_State *L, int idx, struct od_json_writer *w)
{
    write_value(L, lua_absindex(L, idx), w, 1);
    if (w->buf->overflow)
        l_too_long(L, w);
}
