#include "script/task/route.h"

#include <lauxlib.h>
#include <string.h>

#include "script/bundle/loaded.h"
#include "script/task/thread.h"
#include "script/value/json.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"

/* Routes: the request as a table, and the table they return as a reply. */

#define HEADER_NAME_MAX  64   /* bytes */
#define HEADER_VALUE_MAX 2000 /* bytes */

static void l_set_json(lua_State *L, const char *key, struct od_str text)
{
    l_push_json(L, text);
    lua_setfield(L, -2, key);
}

/* An object, empty when there is no text. [-0, +0, v] */
static void l_set_object(lua_State *L, const char *key, struct od_str text)
{
    l_set_json(L, key, text.ptr ? text : OD_STR("{}"));
}

static void l_push_request(lua_State *L, const struct od_route_request *r)
{
    static const char *const names[] = {"method", "path", "params", "query", "headers",
                                        "body",   "json", "actor",  NULL};
    static const struct l_shape request = {.noun = "request", .names = names};

    l_check_body(L, r->body);
    lua_createtable(L, 0, 8);
    l_set_text(L, "method", r->method);
    l_set_text(L, "path", r->path);
    l_set_text(L, "actor", r->actor);
    l_set_text(L, "body", r->body);
    l_set_object(L, "params", r->params);
    l_set_object(L, "query", r->query);
    l_set_object(L, "headers", r->headers);
    l_set_json(L, "json", r->json);
    l_as_record(L, &request);
    l_freeze(L);
}

/* The field of the reply at index 3, left at the top. [-0, +1, v] */
static int l_field(lua_State *L, const char *name)
{
    return lua_getfield(L, 3, name);
}

static void l_check_names(lua_State *L)
{
    static const char *const known[] = {"status", "json", "html", "text", "headers"};

    l_thaw(L, 3);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "[…]";
        size_t i = 0;

        while (i < sizeof known / sizeof known[0] && strcmp(name, known[i]) != 0)
            i++;
        if (i == sizeof known / sizeof known[0])
            luaL_error(L, "a reply has status, json, html, text and headers, but no '%s'", name);
    }
    lua_pop(L, 1);
}

static void l_read_status(lua_State *L, struct od_route_reply *reply)
{
    lua_Integer status = 200;

    if (l_field(L, "status") != LUA_TNIL) {
        status = lua_tointeger(L, -1);
        if (!lua_isinteger(L, -1) || status < 200 || status > 599)
            luaL_error(L, "the reply's status must be a whole number from 200 to 599");
    }
    lua_pop(L, 1);
    reply->status = (int)status;
}

static void l_take_json(lua_State *L, struct od_route_call *c)
{
    struct od_json_writer w;

    od_jw_init(&w, &c->body);
    l_write_json(L, -1, &w);
}

static void l_take_text(lua_State *L, struct od_route_call *c, const char *name)
{
    struct od_str text;

    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "the reply's %s must be a string, got %s", name, luaL_typename(L, -1));
    text.ptr = lua_tolstring(L, -1, &text.len);
    od_buf_str(&c->body, text);
    if (c->body.overflow)
        luaL_error(L, "the reply's %s is longer than %d bytes", name, OD_ROUTE_BODY_MAX);
}

static void l_read_body(lua_State *L, struct od_route_call *c)
{
    static const struct {
        const char *name, *type;
    } forms[] = {
        {"json", "application/json"},
        {"html", "text/html; charset=utf-8"},
        {"text", "text/plain; charset=utf-8"},
    };
    struct od_route_reply *reply = &c->reply;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (l_field(L, forms[i].name) != LUA_TNIL) {
            if (reply->type.ptr)
                luaL_error(L, "a reply has one of json, html and text, not both");
            reply->type = od_str_of(forms[i].type);
            if (i == 0)
                l_take_json(L, c);
            else
                l_take_text(L, c, forms[i].name);
        }
        lua_pop(L, 1);
    }
    /* RFC 9110 6.4.1. */
    if (reply->type.ptr && (reply->status == 204 || reply->status == 304))
        luaL_error(L, "a reply of status %d has no body", reply->status);
    reply->body = reply->type.ptr ? od_buf_view(&c->body) : OD_STR_NONE;
}

/* RFC 9110 5.6.2: what a header's name is made of. */
static bool is_token(struct od_str s)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !memchr(others, c, sizeof others - 1))
            return false;
    }
    return s.len > 0 && s.len <= HEADER_NAME_MAX;
}

/* Nothing that could end the line: a value must not become another header. */
static bool is_header_value(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return s.len <= HEADER_VALUE_MAX;
}

/* How the connection is framed is the server's business. */
static bool is_framing(struct od_str name)
{
    static const char *const names[] = {
        "content-length", "transfer-encoding", "connection", "keep-alive",
        "upgrade",        "trailer",           "te",         "date"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (od_str_eq_nocase(name, od_str_of(names[i])))
            return true;
    return false;
}

/* Name at -2, value at -1. [-0, +0, v] */
static void l_take_header(lua_State *L, struct od_route_call *c)
{
    struct od_route_reply *reply = &c->reply;
    struct od_str name = OD_STR_NONE, value;

    if (lua_type(L, -2) == LUA_TSTRING)
        name.ptr = lua_tolstring(L, -2, &name.len);
    if (!is_token(name))
        luaL_error(L, "headers: '%s' is no name of a header", name.ptr ? name.ptr : "[…]");
    if (is_framing(name))
        luaL_error(L, "headers: %s is set by the server", name.ptr);
    if (lua_type(L, -1) != LUA_TSTRING && !lua_isinteger(L, -1))
        luaL_error(L, "headers: %s must be a string", name.ptr);
    lua_pushvalue(L, -1); /* lua_tolstring converts in place */
    value.ptr = lua_tolstring(L, -1, &value.len);
    if (!is_header_value(value))
        luaL_error(L,
                   "headers: the value of %s must have at most %d bytes and no line ends or "
                   "control characters",
                   name.ptr, HEADER_VALUE_MAX);
    value = od_arena_str(c->arena, value);
    lua_pop(L, 1);
    if (od_str_eq_nocase(name, OD_STR("content-type"))) {
        reply->type = value;
        return;
    }
    if (reply->header_count == sizeof reply->headers / sizeof reply->headers[0])
        luaL_error(L, "headers: more than %d", (int)reply->header_count);
    reply->headers[reply->header_count].name = od_arena_str(c->arena, name);
    reply->headers[reply->header_count++].value = value;
}

static void l_read_headers(lua_State *L, struct od_route_call *c)
{
    if (l_field(L, "headers") != LUA_TNIL) {
        if (!lua_istable(L, -1))
            luaL_error(L, "the reply's headers must be a table of names and values");
        l_thaw(L, -1);
        l_sorted_keys(L, -1);
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
            lua_pushvalue(L, -1);
            lua_rawget(L, -4);
            l_take_header(L, c);
            lua_pop(L, 2);
        }
        lua_pop(L, 3);
    }
    lua_pop(L, 1);
}

/* The route's result is at index 3, behind the body's argument and the call. */
static int l_route_returned(lua_State *L, int status, lua_KContext ctx)
{
    struct od_route_call *c = lua_touserdata(L, 1);

    (void)status;
    (void)ctx;
    od_buf_reset(&c->body);
    c->reply = (struct od_route_reply){.status = 204};
    if (lua_isnil(L, 3))
        return 0;
    if (!lua_istable(L, 3))
        return luaL_error(L, "%s must return a table {status =, json =, …} or nothing, got %s",
                          c->route->offer.label.ptr, luaL_typename(L, 3));
    l_check_names(L);
    l_read_status(L, &c->reply);
    l_read_body(L, c);
    l_read_headers(L, c);
    return 0;
}

int l_run_route(lua_State *L)
{
    const struct od_route_call *c = lua_touserdata(L, 1);

    lua_pushnil(L); /* so that what comes back stands at index 3 in any case */
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->route->function);
    l_push_request(L, c->request);
    lua_callk(L, 1, 1, 0, l_route_returned);
    return l_route_returned(L, LUA_OK, 0);
}
