#include <ctype.h>
#include <string.h>

#include "script/testing/test.h"
#include "script/value/verdict.h"
#include "script/vm/frozen.h"
#include "script/vm/libs.h"
#include "script/vm/vm.h"

/* t:equal and the other checks. One that fails raises at the line that called it, on one line. */

#define SHOWN_MAX 160 /* bytes of one value in a message */
#define DEPTH_MAX 16

static bool is_name(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isalnum((unsigned char)s.ptr[i]) && s.ptr[i] != '_')
            return false;
    return s.len > 0 && !isdigit((unsigned char)s.ptr[0]);
}

static void show_text(struct od_buf *out, struct od_str s)
{
    struct od_json_writer w;

    od_jw_init(&w, out);
    od_jw_str(&w, s.len > SHOWN_MAX ? od_str_n(s.ptr, SHOWN_MAX) : s);
}

static void l_show(lua_State *L, int idx, struct od_buf *out, int depth);

/* {a = 1, b = {…}}; [-0, +0, v] */
static void l_show_table(lua_State *L, int idx, struct od_buf *out, int depth)
{
    size_t begun = out->len;
    lua_Integer n;

    l_thaw(L, idx);
    l_sorted_keys(L, -1);
    n = (lua_Integer)lua_rawlen(L, -1);
    od_buf_char(out, '{');
    for (lua_Integer i = 1; i <= n; i++) {
        if (depth > 2 || out->len - begun > SHOWN_MAX) {
            od_buf_str(out, OD_STR("…"));
            break;
        }
        lua_rawgeti(L, -1, i);
        if (lua_type(L, -1) == LUA_TSTRING)
            od_buf_printf(out, "%s = ", lua_tostring(L, -1));
        lua_rawget(L, -3);
        l_show(L, -1, out, depth + 1);
        lua_pop(L, 1);
        if (i < n)
            od_buf_str(out, OD_STR(", "));
    }
    od_buf_char(out, '}');
    lua_pop(L, 2);
}

static void l_show(lua_State *L, int idx, struct od_buf *out, int depth)
{
    struct od_str s;

    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 10, "a value nested too deeply");
    if (lua_type(L, idx) == LUA_TSTRING) {
        s.ptr = lua_tolstring(L, idx, &s.len);
        show_text(out, s);
    } else if (lua_type(L, idx) == LUA_TTABLE) {
        l_show_table(L, idx, out, depth);
    } else if (lua_isnil(L, idx) || lua_isboolean(L, idx) || lua_isnumber(L, idx)) {
        od_buf_str(out, od_str_of(luaL_tolstring(L, idx, NULL)));
        lua_pop(L, 1);
    } else if (luaL_getmetafield(L, idx, "__name") == LUA_TSTRING) {
        od_buf_printf(out, "a%s %s", strchr("aeiou", lua_tostring(L, -1)[0]) ? "n" : "",
                      lua_tostring(L, -1));
        lua_pop(L, 1);
    } else {
        od_buf_printf(out, "a %s", luaL_typename(L, idx));
    }
}

/* Where in two tables the values differ: "items[2].qty". */
struct path {
    char text[200];
    size_t len;
};

/* Appends the key at idx. [-0, +0, m] */
static void l_enter(lua_State *L, struct path *path, int idx)
{
    struct od_str key;
    size_t room = sizeof path->text - path->len;
    int n;

    if (lua_type(L, idx) == LUA_TSTRING) {
        key.ptr = lua_tolstring(L, idx, &key.len);
        n = snprintf(path->text + path->len, room, is_name(key) ? "%s%s" : "%s['%s']",
                     is_name(key) && path->len > 0 ? "." : "", key.ptr);
    } else {
        n = snprintf(path->text + path->len, room, "[%s]", luaL_tolstring(L, idx, NULL));
        lua_pop(L, 1);
    }
    path->len = (size_t)n < room ? path->len + (size_t)n : sizeof path->text - 1;
}

static bool l_differ(lua_State *L, int got, int wanted, struct path *path, int depth);

/* Finds the first key of the table at `keys_of` whose values differ in the two. [-0, +0|2, v] */
static bool l_differ_at_keys(lua_State *L, int keys_of, int got, int wanted, struct path *path,
                             int depth)
{
    int top = lua_gettop(L);
    lua_Integer n;

    l_sorted_keys(L, keys_of);
    n = (lua_Integer)lua_rawlen(L, top + 1);
    for (lua_Integer i = 1; i <= n; i++) {
        size_t before = path->len;
        lua_rawgeti(L, top + 1, i);
        l_enter(L, path, top + 2);
        lua_pushvalue(L, top + 2);
        lua_rawget(L, got);
        lua_pushvalue(L, top + 2);
        lua_rawget(L, wanted);
        if (l_differ(L, top + 3, top + 4, path, depth + 1)) {
            lua_replace(L, top + 2);
            lua_replace(L, top + 1);
            lua_settop(L, top + 2);
            return true;
        }
        path->len = before;
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
    return false;
}

/* True with the two values that differ at the top. Tables are compared by what is in them. [-0,
 * +0|2, v] */
static bool l_differ(lua_State *L, int got, int wanted, struct path *path, int depth)
{
    int top = lua_gettop(L);

    luaL_checkstack(L, 20, "tables nested too deeply");
    if (lua_compare(L, got, wanted, LUA_OPEQ))
        return false;
    if (!lua_istable(L, got) || !lua_istable(L, wanted) || depth > DEPTH_MAX) {
        lua_pushvalue(L, got);
        lua_pushvalue(L, wanted);
        return true;
    }
    l_thaw(L, got);
    l_thaw(L, wanted);
    if (l_differ_at_keys(L, top + 2, top + 1, top + 2, path, depth) ||
        l_differ_at_keys(L, top + 1, top + 1, top + 2, path, depth)) {
        lua_replace(L, top + 2);
        lua_replace(L, top + 1);
        return true;
    }
    lua_settop(L, top);
    return false;
}

/* Any value as text, without addresses. [-0, +1, v] */
static const char *l_push_text(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_pushcfunction(L, l_tostring);
    lua_pushvalue(L, idx);
    lua_call(L, 1, 1);
    return lua_tostring(L, -1);
}

/* "what: ", when it was given at idx; also the refusal behind a false: t:ok(order:cancel()). */
static void l_begin(lua_State *L, struct od_buf *out, int idx)
{
    const char *what = lua_isnoneornil(L, idx) ? NULL : l_push_text(L, idx);

    od_buf_reset(out);
    if (!what)
        return;
    od_buf_printf(out, "%s: ", what);
    lua_pop(L, 1);
}

static int l_raise(lua_State *L, struct od_buf *out)
{
    luaL_where(L, 1);
    lua_pushlstring(L, out->ptr, out->len);
    lua_concat(L, 2);
    return lua_error(L);
}

/* t:equal(got, wanted, what?) */
static int l_equal(lua_State *L)
{
    struct od_buf *out = &l_test_of(L)->task.text;
    struct path path = {{0}, 0};

    luaL_checkany(L, 3);
    lua_settop(L, 4);
    if (!l_differ(L, 2, 3, &path, 0))
        return 0;
    l_begin(L, out, 4);
    if (path.len > 0)
        od_buf_printf(out, "at %s ", path.text);
    od_buf_str(out, OD_STR("expected "));
    l_show(L, -1, out, 0);
    od_buf_str(out, OD_STR(", got "));
    l_show(L, -2, out, 0);
    return l_raise(L, out);
}

/* t:ok(value, what?) */
static int l_ok(lua_State *L)
{
    struct od_buf *out = &l_test_of(L)->task.text;

    luaL_checkany(L, 2);
    if (lua_toboolean(L, 2))
        return 0;
    l_begin(L, out, 3);
    od_buf_str(out, OD_STR("expected a true value, got "));
    l_show(L, 2, out, 0);
    return l_raise(L, out);
}

/* t:fail(text) */
static int l_fail(lua_State *L)
{
    l_test_of(L);
    return luaL_error(L, "%s", luaL_checkstring(L, 2));
}

/* The verdict at index 2, or the refusal that a command was answered with. [-0, +0, v] */
static struct od_policy_answer l_verdict(lua_State *L, const char *method)
{
    struct od_test *t = l_test_of(L);
    struct od_policy_answer answer = {0};

    if (l_read_verdict(L, 2, &t->arena, &answer))
        return answer;
    if (lua_istable(L, 2) && lua_getfield(L, 2, "code") == LUA_TSTRING) {
        answer.refused = true;
        answer.code = l_test_text(L, t, -1);
        lua_getfield(L, 2, "message");
        answer.reason = lua_isstring(L, -1) ? l_test_text(L, t, -1) : OD_STR_NONE;
        return answer;
    }
    od_buf_reset(&t->task.text);
    od_buf_printf(&t->task.text, "%s expects a verdict (what t:ask answers), got ", method);
    l_show(L, 2, &t->task.text, 0);
    l_raise(L, &t->task.text);
    return answer;
}

/* t:allowed(verdict) */
static int l_allowed(lua_State *L)
{
    struct od_policy_answer answer = l_verdict(L, "t:allowed");

    if (!answer.refused)
        return 0;
    return luaL_error(L, "expected it to be allowed, got refused \"%s\": %s", answer.code.ptr,
                      answer.reason.ptr ? answer.reason.ptr : "without a reason");
}

/* t:refused(verdict, code?) */
static int l_refused(lua_State *L)
{
    struct od_policy_answer answer = l_verdict(L, "t:refused");
    const char *code = luaL_optstring(L, 3, NULL);

    if (!answer.refused)
        return luaL_error(L, "expected it to be refused%s%s%s, got %s", code ? " \"" : "",
                          code ? code : "", code ? "\"" : "", answer.hold.ptr ? "held" : "allowed");
    if (code && !od_str_is(answer.code, code))
        return luaL_error(L, "expected it to be refused \"%s\", got \"%s\": %s", code,
                          answer.code.ptr,
                          answer.reason.ptr ? answer.reason.ptr : "without a reason");
    return 0;
}

/* Stack: t, function, text or nil, then what the function left or the error. */
static int l_raised(lua_State *L, int status, lua_KContext ctx)
{
    const char *message;

    (void)ctx;
    if (status == LUA_OK || status == LUA_YIELD) {
        if (lua_isnil(L, 3))
            return luaL_error(L, "expected an error, got none");
        return luaL_error(L, "expected an error with \"%s\", got none", lua_tostring(L, 3));
    }
    l_rethrow_trip(L, status);
    message = l_push_text(L, -1);
    if (!lua_isnil(L, 3) && !strstr(message, lua_tostring(L, 3)))
        return luaL_error(L, "expected an error with \"%s\", got \"%s\"", lua_tostring(L, 3),
                          message);
    return 1;
}

/* t:raises(fn, text?): the error's text */
static int l_raises(lua_State *L)
{
    l_test_of(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    luaL_optstring(L, 3, NULL);
    lua_settop(L, 3);
    lua_pushvalue(L, 2);
    return l_raised(L, lua_pcallk(L, 0, 0, 0, 0, l_raised), 0);
}

const luaL_Reg od_test_checks[] = {
    {"equal", l_equal}, {"ok", l_ok},         {"allowed", l_allowed}, {"refused", l_refused},
    {"fail", l_fail},   {"raises", l_raises}, {NULL, NULL},
};
