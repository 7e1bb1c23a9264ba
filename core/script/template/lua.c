#include "script/template/lua.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "script/template/html.h"

#define LUA_MAX (4 << 20) /* a template has at most 256 KiB; a tag becomes about ten bytes more */

struct translation {
    struct od_str text;
    bool plain;
    size_t at; /* what stands before it is translated */
    struct od_html html;
    struct od_buf lua;
};

static size_t find(struct od_str text, size_t from, const char *mark)
{
    const char *found =
        from < text.len ? memmem(text.ptr + from, text.len - from, mark, strlen(mark)) : NULL;

    return found ? (size_t)(found - text.ptr) : text.len;
}

static void add_lines(struct od_buf *lua, struct od_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\n')
            od_buf_char(lua, '\n');
}

static void add_text(struct translation *t, size_t from, size_t to)
{
    struct od_str text = od_str_slice(t->text, from, to);

    if (text.len > 0)
        od_buf_printf(&t->lua, " text_(%zu,%zu)", from, to);
    if (!t->plain)
        od_html_feed(&t->html, text);
    add_lines(&t->lua, text);
    t->at = to;
}

/* Whether nothing but blanks, from *begin on, stands before `at` on its line. */
static bool begins_line(const struct translation *t, size_t at, size_t *begin)
{
    while (at > t->at && (t->text.ptr[at - 1] == ' ' || t->text.ptr[at - 1] == '\t'))
        at--;
    *begin = at;
    return at == 0 || t->text.ptr[at - 1] == '\n';
}

/* Whether the line ends at `at`; *next: where the next begins. */
static bool ends_line(const struct translation *t, size_t at, size_t *next)
{
    if (at < t->text.len && t->text.ptr[at] == '\r')
        at++;
    *next = at < t->text.len ? at + 1 : at;
    return at == t->text.len || t->text.ptr[at] == '\n';
}

/* A comment up to the end; one in long brackets has an end of its own. */
static bool begins_last_comment(struct od_str code)
{
    return od_str_starts_with(code, OD_STR("--")) && !memchr(code.ptr, '\n', code.len) &&
           !od_str_starts_with(code, OD_STR("--[[")) && !od_str_starts_with(code, OD_STR("--[="));
}

/* Without a comment that ends it: what follows on its line is Lua of ours. */
static struct od_str without_comment(struct od_str code)
{
    char quote = '\0';

    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (c == '\n')
            quote = '\0';
        else if (quote && c == '\\')
            i++;
        else if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (begins_last_comment(od_str_slice(code, i, code.len)))
            return od_str_slice(code, 0, i);
    }
    return code;
}

static int add_value(struct translation *t, struct od_str code, struct od_err *err)
{
    struct od_str value = without_comment(code);
    enum od_html_slot slot;

    if (od_str_trim(value).len == 0)
        return od_err_set(err, OD_ERR_SCRIPT, "<%%= %%> without a value");
    if (od_html_value(&t->html, &slot, err) != 0)
        return -1;
    od_buf_printf(&t->lua, " %s(", slot == OD_HTML_URL ? "url_" : "value_");
    od_buf_str(&t->lua, value);
    od_buf_str(&t->lua, OD_STR(");"));
    add_lines(&t->lua, od_str_slice(code, value.len, code.len));
    return 0;
}

static int add_code(struct translation *t, struct od_str code, struct od_err *err)
{
    if (t->html.state != OD_HTML_TEXT && find(code, 0, "include") < code.len)
        return od_err_set(err, OD_ERR_SCRIPT, "include(…) stands in text, not %s",
                          od_html_place(&t->html));
    if (od_html_code(&t->html, err) != 0)
        return -1;
    od_buf_char(&t->lua, ' ');
    od_buf_str(&t->lua, without_comment(code));
    od_buf_char(&t->lua, ';'); /* code that is not complete is found here, not in a later line */
    return 0;
}

/* The tag that begins at t->at, "<%". */
static int add_tag(struct translation *t, size_t end, struct od_err *err)
{
    char kind = t->at + 2 < end ? t->text.ptr[t->at + 2] : '\0';
    bool marked = kind == '=' || kind == '#';
    struct od_str code = od_str_slice(t->text, t->at + (marked ? 3 : 2), end);

    if (kind == '-')
        return od_err_set(err, OD_ERR_SCRIPT,
                          "nothing is written without escaping: use <%%= %%>, or include(\"…\")");
    if (kind == '=' && add_value(t, code, err) != 0)
        return -1;
    if (!marked && add_code(t, code, err) != 0)
        return -1;
    if (kind == '#')
        add_lines(&t->lua, code);
    t->at = end + 2;
    return 0;
}

/* Static text up to the next tag, and that tag; at the end the text alone. */
static int add_next(struct translation *t, struct od_err *err)
{
    size_t tag = find(t->text, t->at, "<%"), end = find(t->text, tag + 2, "%>"), begin = tag;
    size_t next = end + 2;
    bool alone;

    if (tag == t->text.len) {
        add_text(t, t->at, tag);
        return 0;
    }
    if (end == t->text.len) {
        t->at = tag;
        return od_err_set(err, OD_ERR_SCRIPT, "<%% without its %%>");
    }
    alone =
        begins_line(t, tag, &begin) && ends_line(t, end + 2, &next) && t->text.ptr[tag + 2] != '=';
    add_text(t, t->at, begin);
    alone = alone && t->html.state == OD_HTML_TEXT;
    if (!alone)
        add_text(t, begin, tag);
    t->at = tag;
    if (add_tag(t, end, err) != 0)
        return -1;
    if (alone) {
        add_lines(&t->lua, od_str_slice(t->text, t->at, next));
        t->at = next;
    }
    return 0;
}

static int translate(struct translation *t, struct od_err *err)
{
#define ADD_NAME(lua, c) ", " #lua
    static const char *const names = &(OD_TEMPLATE_FUNCTIONS(ADD_NAME))[2];
#undef ADD_NAME
    /* Locals of each call, for what a template assigns to must be gone with its document. */
    od_buf_printf(&t->lua,
                  "local %s = ... return function(order, document, shop, part) local %s = %s",
                  names, names, names);
    while (t->at < t->text.len)
        if (add_next(t, err) != 0)
            return -1;
    if (t->html.state != OD_HTML_TEXT)
        return od_err_set(err, OD_ERR_SCRIPT, "the template ends %s", od_html_place(&t->html));
    od_buf_str(&t->lua, OD_STR(OD_TEMPLATE_END));
    if (t->lua.overflow)
        return od_err_set(err, OD_ERR_LIMIT, "the template has too many tags");
    return 0;
}

int od_template_translate(struct od_str text, bool plain, struct od_arena *a, struct od_str *lua,
                          int *line, struct od_err *err)
{
    struct translation t = {.text = text, .plain = plain};
    int rc;

    od_buf_init(&t.lua, LUA_MAX);
    rc = translate(&t, err);
    *lua = od_arena_str(a, od_buf_view(&t.lua));
    *line = 1;
    for (size_t i = 0; rc != 0 && i < t.at; i++)
        *line += text.ptr[i] == '\n';
    od_buf_fini(&t.lua);
    return rc;
}
