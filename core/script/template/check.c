#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "script/bundle/bundle.h"
#include "script/bundle/lexer.h"
#include "script/bundle/loaded.h"
#include "script/template/link.h"
#include "script/template/lua.h"
#include "script/template/printing.h"
#include "script/vm/vm.h"

/* Finds what is wrong with a template while it loads, and says it in terms of the template, because
 * its author did not write the Lua that it becomes. */

/* The Lua of a template, in the state's work arena. [-0, +0, v] */
static struct od_str l_translate(lua_State *L, const char *name, struct od_str text)
{
    struct od_arena *work = &od_vm_of(L)->work;
    struct od_str lua;
    struct od_err err;
    int line;

    od_arena_reset(work);
    if (od_template_translate(text, od_template_is_plain(od_str_of(name)), work, &lua, &line,
                              &err) != 0)
        luaL_error(L, "%s:%d: %s", name, line, err.message);
    return lua;
}

static int l_load(lua_State *L, const char *name, struct od_str lua)
{
    char chunk[LUA_IDSIZE + 2]; /* with the '=' that says it is a name */

    snprintf(chunk, sizeof chunk, "=%s", name);
    return luaL_loadbufferx(L, lua.ptr, lua.len, chunk, "t");
}

/* Whether what Lua stumbled over is none of the template's own text. */
static bool is_ours(const char *near)
{
    static const char *const ours[] = {"';'", "text_", "value_", "url_", "<eof>"};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strstr(near, ours[i]))
            return true;
    return false;
}

/* Raises the syntax error at the top. [-1, +0, v] */
static void l_raise_syntax(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    const char *too_many = strstr(message, "<eof> expected"), *near = strstr(message, " near ");

    if (too_many)
        lua_pushlstring(L, message, (size_t)(too_many - message));
    if (too_many)
        luaL_error(L, "%san 'end' is too many: a <%% %%> tag is misplaced", lua_tostring(L, -1));
    if (!near || !is_ours(near))
        lua_error(L);
    lua_pushlstring(L, message, (size_t)(near - message));
    luaL_error(L, "%s: a <%% %%> tag is incomplete or misplaced", lua_tostring(L, -1));
}

/* Compiles what a template became; the chunk stays on the stack. [-0, +1, v] */
static void l_compile(lua_State *L, const char *name, struct od_str lua)
{
    if (l_load(L, name, lua) == LUA_OK)
        return;
    if (strstr(lua_tostring(L, -1), "near <eof>")) { /* our own end closed one of the template's */
        lua.len -= strlen(OD_TEMPLATE_END);
        (void)l_load(L, name, lua);
    }
    l_raise_syntax(L);
}

void l_template_compile(lua_State *L, const char *name, struct od_str text)
{
    l_compile(L, name, l_translate(L, name, text));
}

struct od_str l_template_check(lua_State *L, const char *name, struct od_str text)
{
    struct od_str lua = l_translate(L, name, text);

    l_compile(L, name, lua);
    lua_pop(L, 1);
    return lua;
}

void od_template_unknown(const struct od_bundle *b, struct od_str name, struct od_err *err)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];
    struct od_nearest near;

    od_nearest_init(&near, name);
    for (uint32_t i = 0; i < all->count; i++)
        od_nearest_try(&near, all->all[i]->offer.name);
    (void)od_err_set(err, OD_ERR_SCRIPT, "there is no template '%.*s'%s%.*s%s", OD_STR_ARG(name),
                     near.best.len ? "; did you mean '" : "", OD_STR_ARG(near.best),
                     near.best.len ? "'?" : "");
}

static bool is_there(const struct od_bundle *b, struct od_str name)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];

    for (uint32_t i = 0; i < all->count; i++)
        if (od_str_eq(all->all[i]->offer.name, name))
            return true;
    return false;
}

/* The calls of include("NAME") in a template's Lua. It begins with all of the text and line 1. */
struct include {
    struct od_str rest, name;
    int line; /* of the name */
};

/* Behind the name `include`: the text in quotes that is all of its first argument, or absent. */
static struct od_str read_included(struct od_lexer *s)
{
    struct od_str name = OD_STR_NONE;
    bool closed;

    od_lexer_blanks(s);
    closed = od_lexer_peek(s, 0) == '(';
    od_lexer_skip(s, closed);
    od_lexer_blanks(s);
    if (od_lexer_peek(s, 0) != '"' && od_lexer_peek(s, 0) != '\'')
        return name;
    name.ptr = s->at + 1;
    od_lexer_string(s);
    name.len = (size_t)(s->at - name.ptr) - 1;
    od_lexer_blanks(s);
    if ((closed && od_lexer_peek(s, 0) != ',' && od_lexer_peek(s, 0) != ')') ||
        memchr(name.ptr, '\\', name.len))
        return OD_STR_NONE;
    return name;
}

/* The next one; false past the last. */
static bool next_include(struct include *i)
{
    struct od_lexer s = {i->rest.ptr, i->rest.ptr + i->rest.len, i->line};
    bool field = false, found = false;

    for (od_lexer_blanks(&s); !found && s.at < s.end; od_lexer_blanks(&s)) {
        char c = *s.at;

        if (c == '"' || c == '\'') {
            od_lexer_string(&s);
        } else if (od_lexer_is_name(c)) {
            bool include = od_str_is(od_lexer_name(&s), "include") && !field;
            i->line = s.line;
            i->name = include ? read_included(&s) : OD_STR_NONE;
            found = i->name.ptr != NULL;
        } else if (!od_lexer_long_bracket(&s)) {
            field = c == '.' || c == ':';
            od_lexer_skip(&s, 1);
            continue;
        }
        field = false;
    }
    i->rest = (struct od_str){s.at, (size_t)(s.end - s.at)};
    if (!found)
        i->line = s.line;
    return found;
}

static int check_includes(const struct od_bundle *b, const struct od_registration *r,
                          struct od_arena *a, struct od_err *err)
{
    struct include include = {.line = 1};
    int line;

    bool plain = od_template_is_plain(r->offer.name);

    if (od_template_translate(r->template->text, plain, a, &include.rest, &line, err) != 0)
        return -1;
    while (next_include(&include)) {
        bool there = is_there(b, include.name);
        if (there && od_template_is_plain(include.name) == plain)
            continue;
        if (there)
            (void)od_err_set(err, OD_ERR_SCRIPT, OD_TEMPLATE_MIXED);
        else
            od_template_unknown(b, include.name, err);
        snprintf(err->origin, sizeof err->origin, "%.*s/%.*s:%d", OD_STR_ARG(r->offer.plugin),
                 OD_STR_ARG(r->template->name), include.line);
        return -1;
    }
    return 0;
}

int od_template_includes_check(const struct od_bundle *b, struct od_err *err)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];
    struct od_arena a;
    int rc = 0;

    od_arena_init(&a);
    for (uint32_t i = 0; rc == 0 && i < all->count; i++)
        rc = check_includes(b, all->all[i], &a, err);
    od_arena_fini(&a);
    return rc;
}
