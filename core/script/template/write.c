#include <lauxlib.h>
#include <string.h>
#include <time.h>

#include "base/money.h"
#include "conf/conf.h"
#include "script/bundle/loaded.h"
#include "script/template/printing.h"
#include "script/template/template.h"
#include "script/value/scalar.h"
#include "script/vm/vm.h"

/* Writes what templates write. Everything but their own text is escaped here. */

#define NUMBER_MAX 64 /* bytes of an int64 with its separators, and of a separator */
#define MS_MAX     INT64_C(253402300799999) /* the end of year 9999 */

struct od_printing *l_printing(lua_State *L)
{
    struct od_printing *p = od_plugin_of(L)->printing;

    if (!p)
        luaL_error(L, "templates are for documents only");
    return p;
}

static void l_check_length(lua_State *L, const struct od_printing *p)
{
    if (p->out->overflow || p->out->len - p->begin > OD_TEMPLATE_OUTPUT_MAX)
        luaL_error(L, "the document is longer than %d bytes", OD_TEMPLATE_OUTPUT_MAX);
}

/* text_(from, to). Upvalue 1: the template's text. */
int l_template_text(lua_State *L)
{
    const struct od_str *text = lua_touserdata(L, lua_upvalueindex(1));
    lua_Integer from = luaL_checkinteger(L, 1), to = luaL_checkinteger(L, 2);
    struct od_printing *p = l_printing(L);

    luaL_argcheck(L, from >= 0 && from <= to && (size_t)to <= text->len, 1, "not in the template");
    l_charge(L, (double)(to - from) / 64);
    od_buf_append(p->out, text->ptr + from, (size_t)(to - from));
    l_check_length(L, p);
    return 0;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '`':
        return "&#96;";
    }
    return NULL;
}

static void escape(struct od_buf *out, struct od_str s)
{
    size_t from = 0;

    for (size_t i = 0; i < s.len; i++) {
        const char *e = entity(s.ptr[i]);
        if (!e)
            continue;
        od_buf_append(out, s.ptr + from, i - from);
        od_buf_append(out, e, strlen(e));
        from = i + 1;
    }
    od_buf_append(out, s.ptr + from, s.len - from);
}

/* A value does not end the first line of a text, which is the mail's subject; behind it, it may
 * have lines of its own. */
static void write_plain(const struct od_printing *p, struct od_str s)
{
    bool first = !memchr(p->out->ptr + p->begin, '\n', p->out->len - p->begin);

    for (size_t i = 0; i < s.len; i++) {
        bool control = (unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f;
        bool kept = s.ptr[i] == '\t' || (s.ptr[i] == '\n' && !first);
        od_buf_char(p->out, control && !kept ? ' ' : s.ptr[i]);
    }
}

/* Returns the argument as text; absent for nil. A value without a text of its own is most likely a
 * mistake. [-0, +0, v] */
static struct od_str l_value_text(lua_State *L)
{
    struct od_str s = OD_STR_NONE;
    int type = lua_type(L, 1);

    if (type == LUA_TNONE || type == LUA_TNIL)
        return s;
    if (type != LUA_TSTRING && type != LUA_TNUMBER)
        luaL_error(L, "<%%= %%> writes texts and numbers, not a %s", luaL_typename(L, 1));
    s.ptr = luaL_tolstring(L, 1, &s.len);
    if (!od_is_storable(s))
        luaL_error(L, "<%%= %%>: the text is not valid UTF-8");
    l_charge(L, (double)s.len / 8);
    return s;
}

/* value_(v) */
int l_template_value(lua_State *L)
{
    struct od_printing *p = l_printing(L);
    struct od_str s = l_value_text(L);

    if (s.len > 0 && p->plain)
        write_plain(p, s);
    else if (s.len > 0)
        escape(p->out, s);
    l_check_length(L, p);
    return 0;
}

/* Schemes that neither run anything nor tell anybody that the document is looked at, unless a
 * person follows them. */
static bool is_safe_url(struct od_str url)
{
    static const char *const begins[] = {"https://", "http://", "mailto:", "data:image/"};

    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        size_t n = strlen(begins[i]);
        if (url.len > n && od_str_eq_nocase(od_str_slice(url, 0, n), od_str_of(begins[i])))
            return true;
    }
    return false;
}

/* url_(v): "#" in place of a URL that is none of those. */
int l_template_url(lua_State *L)
{
    struct od_printing *p = l_printing(L);
    const struct od_str *logo = &p->job->shop->logo;
    struct od_str s;

    if (lua_islightuserdata(L, 1) && lua_touserdata(L, 1) == logo) {
        s = *logo;
        l_charge(L, (double)s.len / 64);
    } else {
        s = l_value_text(L);
    }
    if (s.ptr)
        escape(p->out, is_safe_url(s) ? s : OD_STR("#"));
    l_check_length(L, p);
    return 0;
}

struct number_format {
    int digits;
    bool trim; /* no zeros at the end */
    const char *suffix;
};

/* The plain decimal in `plain` with the separators given as arguments 2 (default ".") and 3
 * (default ","). [-0, +1, v] */
static int l_push_separated(lua_State *L, struct od_str plain, const char *suffix)
{
    const char *point = luaL_optstring(L, 2, "."), *group = luaL_optstring(L, 3, ",");
    const char *dot = memchr(plain.ptr, '.', plain.len);
    size_t whole = dot ? (size_t)(dot - plain.ptr) : plain.len;
    luaL_Buffer b;

    luaL_argcheck(L, strlen(point) < 8, 2, "a short separator");
    luaL_argcheck(L, strlen(group) < 8, 3, "a short separator");
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < whole; i++) {
        luaL_addchar(&b, plain.ptr[i]);
        if (plain.ptr[i] != '-' && i + 1 < whole && (whole - i - 1) % 3 == 0)
            luaL_addstring(&b, group);
    }
    if (dot)
        luaL_addstring(&b, point);
    if (dot)
        luaL_addlstring(&b, dot + 1, plain.len - whole - 1);
    luaL_addstring(&b, suffix);
    luaL_pushresult(&b);
    return 1;
}

/* Argument 1, an integer of 10^-digits; nil stays nil. [-0, +1, v] */
static int l_format(lua_State *L, struct number_format f)
{
    char space[NUMBER_MAX];
    struct od_buf plain = {.ptr = space, .cap = sizeof space, .max = sizeof space};

    if (lua_isnoneornil(L, 1))
        return 0;
    od_decimal_format(&plain, luaL_checkinteger(L, 1), f.digits);
    while (f.trim && f.digits > 0 && plain.ptr[plain.len - 1] == '0')
        plain.len--;
    if (plain.ptr[plain.len - 1] == '.')
        plain.len--;
    return l_push_separated(L, od_buf_view(&plain), f.suffix);
}

/* money(amount, point?, group?): without the currency. */
int l_template_money(lua_State *L)
{
    return l_format(L, (struct number_format){l_printing(L)->digits, false, ""});
}

/* number(n, point?, group?): weights and other numbers of 4 digits. */
int l_template_number(lua_State *L)
{
    return l_format(L, (struct number_format){OD_DECIMAL_DIGITS, true, ""});
}

int l_template_percent(lua_State *L)
{
    return l_format(L, (struct number_format){OD_DECIMAL_DIGITS, true, "%"});
}

/* qty(n, point?, group?) */
int l_template_qty(lua_State *L)
{
    return l_format(L, (struct number_format){0, false, ""});
}

/* date(ms): "2026-11-21", in UTC; nil stays nil. */
int l_template_date(lua_State *L)
{
    char text[16];
    time_t seconds;
    struct tm tm;
    lua_Integer ms;

    if (lua_isnoneornil(L, 1))
        return 0;
    ms = luaL_checkinteger(L, 1);
    luaL_argcheck(L, ms >= 0 && ms <= MS_MAX, 1, "milliseconds since 1970, up to the year 9999");
    seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, &tm);
    lua_pushlstring(L, text, strftime(text, sizeof text, "%Y-%m-%d", &tm));
    return 1;
}
