#include "script/task/query_check.h"

#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"
#include "base/uuid.h"
#include "script/value/scalar.h"
#include "script/vm/vm.h"

/* Columns, comparisons and values of queries. */

#define TEXT_MAX    2000                     /* bytes of a value */
#define TIME_MAX_MS INT64_C(253402300799999) /* the end of 9999 */

static int l_unknown_column(lua_State *L, struct od_str name)
{
    enum od_query_source source = OD_QUERY_ORDER;
    struct od_str rest = name, first, wanted = name;
    const char *prefix = "", *dot = "";
    struct od_query_column column;
    struct od_nearest near;

    if (od_str_cut(&rest, '.', &first) && rest.ptr) {
        if (!od_query_source_parse(first, &source))
            return luaL_error(L,
                              "there is no column '%s': before the dot stands orders, or one of %s",
                              name.ptr, od_query_known_sources(od_vm_of(L)->arena));
        prefix = od_query_source_name(source);
        dot = ".";
        wanted = rest;
    }
    od_nearest_init(&near, wanted);
    for (uint32_t i = 0; od_query_column_at(source, i, &column); i++)
        od_nearest_try(&near, od_str_of(column.name));
    if (near.best.len == 0)
        return luaL_error(L, "there is no column '%s'", name.ptr);
    return luaL_error(L, "there is no column '%s'; did you mean %s%s%s?", name.ptr, prefix, dot,
                      near.best.ptr);
}

struct od_query_column l_query_check_column(lua_State *L, int idx)
{
    struct od_str name = l_check_text(L, idx, "the column", 100);
    struct od_query_column column = {0};

    if (!od_query_column(name, &column))
        l_unknown_column(L, name);
    return column;
}

enum od_query_compare l_query_check_compare(lua_State *L, int idx)
{
    static const struct {
        const char *word;
        enum od_query_compare compare;
    } words[] = {
        {"=", OD_QUERY_EQ},
        {"!=", OD_QUERY_NE},
        {"<>", OD_QUERY_NE},
        {"<", OD_QUERY_LT},
        {"<=", OD_QUERY_LE},
        {">", OD_QUERY_GT},
        {">=", OD_QUERY_GE},
        {"like", OD_QUERY_LIKE},
        {"in", OD_QUERY_IN},
        {"is_null", OD_QUERY_NULL},
        {"not_null", OD_QUERY_NOT_NULL},
    };
    const char *word = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].compare;
    luaL_error(L, "there is no comparison '%s'; known: = != < <= > >= like in is_null not_null",
               word);
    return OD_QUERY_EQ;
}

int l_query_wrong_value(lua_State *L, int idx, const struct od_query_column *c, const char *wanted)
{
    if (lua_isnil(L, idx))
        return luaL_error(L, "%s cannot be compared with nil; use is_null or not_null", c->name);
    return luaL_error(L, "%s is compared with %s, got %s", c->name, wanted,
                      lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx)
                                                      : luaL_typename(L, idx));
}

static void l_push_integer(lua_State *L, int idx, const struct od_query_column *c)
{
    lua_Integer n = lua_tointeger(L, idx);

    if (!lua_isinteger(L, idx) || (c->type == OD_FIELD_I32 && (n < INT32_MIN || n > INT32_MAX)))
        l_query_wrong_value(L, idx, c,
                            c->type == OD_FIELD_MONEY ? "a whole number of minor units (cents)"
                                                      : "a whole number");
    lua_pushfstring(L, "%I", (LUAI_UACINT)n);
}

/* Milliseconds since 1970, as scripts have times, or RFC 3339. [-0, +1, v] */
static void l_push_moment(lua_State *L, int idx, const struct od_query_column *c)
{
    lua_Integer ms = lua_tointeger(L, idx);
    struct od_buf *text = &od_vm_of(L)->scratch;
    struct od_str s = OD_STR_NONE;
    int64_t us = ms * 1000;
    bool good = lua_isinteger(L, idx) && ms >= 0 && ms <= TIME_MAX_MS;

    if (lua_type(L, idx) == LUA_TSTRING) {
        s.ptr = lua_tolstring(L, idx, &s.len);
        good = od_time_parse(s, &us);
    }
    if (!good)
        l_query_wrong_value(L, idx, c,
                            "milliseconds (a whole number) or a text like "
                            "2026-05-31T08:00:00Z");
    od_buf_reset(text);
    od_time_format(text, us);
    lua_pushlstring(L, text->ptr, text->len);
}

static void l_push_uuid(lua_State *L, int idx, const struct od_query_column *c)
{
    struct od_str s = OD_STR_NONE;
    struct od_uuid uuid;

    if (lua_type(L, idx) == LUA_TSTRING)
        s.ptr = lua_tolstring(L, idx, &s.len);
    if (!s.ptr || !od_uuid_parse(s, &uuid))
        l_query_wrong_value(L, idx, c, "a uuid");
    lua_pushvalue(L, idx);
}

static void l_push_text(lua_State *L, int idx, const struct od_query_column *c)
{
    if (lua_type(L, idx) != LUA_TSTRING)
        l_query_wrong_value(L, idx, c, "a text");
    if (lua_rawlen(L, idx) > 0) /* empty texts may be looked for, too */
        l_check_text(L, idx, c->name, TEXT_MAX);
    lua_pushvalue(L, idx);
}

struct od_str l_query_push_value(lua_State *L, int idx, const struct od_query_column *c)
{
    struct od_str s;

    switch (c->type) {
    case OD_FIELD_STR:
        l_push_text(L, idx, c);
        break;
    case OD_FIELD_I32:
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        l_push_integer(L, idx, c);
        break;
    case OD_FIELD_BOOL:
        if (!lua_isboolean(L, idx))
            l_query_wrong_value(L, idx, c, "true or false");
        lua_pushstring(L, lua_toboolean(L, idx) ? "true" : "false");
        break;
    case OD_FIELD_TIME:
        l_push_moment(L, idx, c);
        break;
    case OD_FIELD_UUID:
        l_push_uuid(L, idx, c);
        break;
    case OD_FIELD_JSON:
        luaL_error(L, "%s is JSON: it can be compared with is_null and not_null only", c->name);
        break;
    }
    s.ptr = lua_tolstring(L, -1, &s.len);
    return s;
}
