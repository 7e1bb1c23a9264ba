#include "script/vm/error.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "script/vm/frozen.h"

#define TRACE_LINES 20

/* Copies with control characters made blanks, so that a message is one line whatever it quotes. */
static void copy_line(char *out, size_t size, const char *text, size_t len)
{
    size_t n = len < size ? len : size - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = iscntrl((unsigned char)text[i]) ? ' ' : text[i];
    out[n] = '\0';
}

void od_vm_origin(lua_State *L, char *out, size_t size)
{
    lua_Debug ar;

    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            snprintf(out, size, "%s:%d", ar.short_src, ar.currentline);
            return;
        }
    }
}

void od_vm_trace(lua_State *L, struct od_buf *out)
{
    int lines = 0;
    lua_Debug ar;

    od_buf_reset(out);
    for (int level = 0; lines < TRACE_LINES && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sln", &ar);
        if (ar.currentline <= 0)
            continue;
        lines++;
        od_buf_printf(out, "%s:%d: in ", ar.short_src, ar.currentline);
        if (*ar.what == 'm')
            od_buf_printf(out, "main chunk\n");
        else if (ar.name)
            od_buf_printf(out, "function '%s'\n", ar.name);
        else
            od_buf_printf(out, "function <%s:%d>\n", ar.short_src, ar.linedefined);
    }
}

/* Whether a function of that file is among the innermost that run on `stack`, or none runs at all:
 * then it is a file that does not compile. */
static bool is_running(lua_State *stack, const char *file, size_t len)
{
    bool any = false;
    lua_Debug ar;

    for (int level = 0; level < TRACE_LINES && lua_getstack(stack, level, &ar); level++) {
        lua_getinfo(stack, "Sl", &ar);
        if (ar.currentline <= 0)
            continue;
        any = true;
        if (strncmp(ar.short_src, file, len) == 0 && ar.short_src[len] == '\0')
            return true;
    }
    return !any;
}

/* Where the name of the file that a message begins with ends, as "plugin/file.lua" does, or a
 * template's "plugin/templates/name.html" or "….txt"; NULL when it begins with none. */
static const char *file_end(const char *text, size_t len)
{
    static const char *const endings[] = {".lua:", ".html:", ".txt:"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const char *found = memmem(text, len, endings[i], strlen(endings[i]));
        if (found)
            return found + strlen(endings[i]) - 1;
    }
    return NULL;
}

/* Length of the "plugin/file.lua:12: " that Lua put before a message, 0 when it did not: a script
 * may write whatever it likes there. */
static size_t position_prefix(lua_State *stack, const char *text, size_t len)
{
    size_t scan = len < LUA_IDSIZE ? len : LUA_IDSIZE;
    const char *colon = file_end(text, scan);
    size_t i;

    if (!colon || !is_running(stack, text, (size_t)(colon - text)))
        return 0;
    i = (size_t)(colon - text) + 1;
    while (i < len && isdigit((unsigned char)text[i]))
        i++;
    return i + 1 < len && text[i] == ':' && text[i + 1] == ' ' ? i + 2 : 0;
}

/* A table {code =, message =, origin =}: "message (code)"; origin, where it is given, is the place
 * in the configuration that is to blame. [-0, +0, m] */
static bool l_describe_table(lua_State *L, int idx, struct od_err *e)
{
    struct od_str message = OD_STR_NONE, code = OD_STR_NONE;
    char text[sizeof e->message];

    l_thaw(L, idx);
    lua_pushliteral(L, "message");
    if (lua_rawget(L, -2) == LUA_TSTRING)
        message.ptr = lua_tolstring(L, -1, &message.len);
    lua_pushliteral(L, "code");
    if (lua_rawget(L, -3) == LUA_TSTRING)
        code.ptr = lua_tolstring(L, -1, &code.len);
    if (message.ptr) {
        snprintf(text, sizeof text, "%.*s%s%.*s%s", OD_STR_ARG(message), code.ptr ? " (" : "",
                 OD_STR_ARG(code), code.ptr ? ")" : "");
        copy_line(e->message, sizeof e->message, text, strlen(text));
    }
    lua_pushliteral(L, "origin");
    if (message.ptr && lua_rawget(L, -4) == LUA_TSTRING) {
        const char *origin = lua_tolstring(L, -1, &code.len);
        copy_line(e->origin, sizeof e->origin, origin, code.len);
    }
    lua_pop(L, 4);
    return message.ptr != NULL;
}

void l_describe_error(lua_State *L, int idx, lua_State *stack, struct od_err *e)
{
    size_t len, prefix;
    const char *text;

    e->origin[0] = '\0';
    if (lua_type(L, idx) != LUA_TSTRING) {
        od_vm_origin(stack, e->origin, sizeof e->origin);
        if (!lua_istable(L, idx) || !l_describe_table(L, idx, e))
            snprintf(e->message, sizeof e->message, "the error object is a %s value, not a message",
                     luaL_typename(L, idx));
        return;
    }
    text = lua_tolstring(L, idx, &len);
    prefix = position_prefix(stack, text, len);
    if (prefix > 0)
        copy_line(e->origin, sizeof e->origin, text, prefix - 2);
    else
        od_vm_origin(stack, e->origin, sizeof e->origin);
    copy_line(e->message, sizeof e->message, text + prefix, len - prefix);
}
