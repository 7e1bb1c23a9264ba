#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "script/vm/libs.h"
#include "script/vm/vm.h"

/*
 * Guards of the string library. Lua's matcher backtracks without looking at any hook (one pattern
 * ran 4.2 s here), so that its worst case is bounded before it starts, and charged to the budget.
 */

/* Reads one item of a pattern at *p (not its suffix) and says whether it chooses a length itself.
 */
static bool skip_item(const char **p, const char *end)
{
    const char *at = *p;
    bool choice = false;

    if (*at == '%' && at + 1 < end) {
        choice = at[1] == 'b' || (at[1] >= '1' && at[1] <= '9');
        at += at[1] == 'b' ? 4 : 2;
    } else if (*at == '[') {
        at++;
        if (at < end && *at == '^')
            at++;
        do /* a ] in first place is a member */
            at += at < end && *at == '%' ? 2 : 1;
        while (at < end && *at != ']');
        at++;
    } else {
        at++;
    }
    *p = at < end ? at : end;
    return choice;
}

/*
 * Steps the matcher may take at worst: k items of open length share at most n bytes between them in
 * C(n + k, k) ways (a free start is one more of them), and every `?` doubles that.
 */
static double worst_case(const char *p, size_t len, size_t subject, bool anchor_allowed)
{
    const char *end = p + len;
    double steps = 1 + (double)len / 32, n = (double)subject;
    int choices = 1;

    if (anchor_allowed && len > 0 && *p == '^') {
        choices = 0;
        p++;
    }
    while (p < end) {
        choices += skip_item(&p, end);
        if (p < end && strchr("*+-", *p)) {
            choices++;
            p++;
        } else if (p < end && *p == '?') {
            steps *= 2;
            p++;
        }
    }
    for (int i = 1; i <= choices && steps < 1e18; i++)
        steps *= (n + i) / i;
    return steps;
}

/* The original, on a subject of so many bytes. */
static int l_bounded(lua_State *L, size_t subject, double steps)
{
    double limit = (double)od_vm_of(L)->limits.pattern_steps;

    if (steps > limit)
        return luaL_error(L,
                          "pattern cost: on %d bytes this pattern may take %s steps, the limit is "
                          "%d; use fewer of * + - ?, anchor it with ^, or shorten the subject",
                          (int)subject,
                          steps < 1e9 ? lua_pushfstring(L, "%d", (int)steps) : "over a billion",
                          (int)limit);
    l_charge(L, steps / 8); /* a step is some 6 ns, a hooked instruction 2 */
    return l_original(L);
}

static int l_bounded_match(lua_State *L, bool anchor_allowed)
{
    size_t subject, len;
    const char *pattern;

    luaL_checklstring(L, 1, &subject);
    pattern = luaL_checklstring(L, 2, &len);
    return l_bounded(L, subject, worst_case(pattern, len, subject, anchor_allowed));
}

static int l_match(lua_State *L)
{
    return l_bounded_match(L, true);
}

/* find(s, text, init, true) is no pattern: at worst it compares the text at each byte. */
static int l_find(lua_State *L)
{
    size_t subject, len;

    if (!lua_toboolean(L, 4))
        return l_bounded_match(L, true);
    luaL_checklstring(L, 1, &subject);
    luaL_checklstring(L, 2, &len);
    return l_bounded(L, subject, (double)subject / 16 * (1 + (double)len));
}

/* gmatch knows no anchor: ^ is a character there (Lua manual 6.4.1). */
static int l_gmatch(lua_State *L)
{
    return l_bounded_match(L, false);
}

/* Looks at each byte of its subject, in one instruction. */
static int l_whole(lua_State *L)
{
    size_t len = 0;

    if (lua_type(L, 1) == LUA_TSTRING)
        lua_tolstring(L, 1, &len);
    l_charge(L, (double)len / 16);
    return l_original(L);
}

/* The original counts up to n even when there is nothing to repeat. */
static int l_rep(lua_State *L)
{
    size_t len, separator = 0;

    luaL_checklstring(L, 1, &len);
    luaL_checkinteger(L, 2);
    if (!lua_isnoneornil(L, 3))
        luaL_checklstring(L, 3, &separator);
    if (len + separator == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    return l_original(L);
}

/* Tables and functions without addresses: what the guarded tostring says of them. */
static int l_format(lua_State *L)
{
    size_t len;
    const char *at = luaL_checklstring(L, 1, &len), *end = at + len; /* NULs are text like any */

    while ((at = memchr(at, '%', (size_t)(end - at)))) {
        at++; /* a NUL stands behind the text */
        if (*at == '%') {
            at++;
            continue;
        }
        at += strspn(at, "-+ #0123456789.");
        if (*at == 'p')
            return luaL_error(L, "string.format: %%p is not available to scripts");
    }
    for (int i = 2; i <= lua_gettop(L); i++) {
        switch (lua_type(L, i)) {
        case LUA_TTABLE:
        case LUA_TUSERDATA:
        case LUA_TFUNCTION:
            lua_pushcfunction(L, l_tostring);
            lua_pushvalue(L, i);
            lua_call(L, 1, 1);
            lua_replace(L, i);
        }
    }
    return l_original(L);
}

const struct l_guard l_string_guards[] = {
    {"byte", l_whole},    {"char", NULL},    {"find", l_find},     {"format", l_format},
    {"gmatch", l_gmatch}, {"gsub", l_match}, {"len", NULL},        {"lower", l_whole},
    {"match", l_match},   {"rep", l_rep},    {"reverse", l_whole}, {"sub", NULL},
    {"upper", l_whole},   {NULL, NULL},
};

const struct l_guard l_utf8_guards[] = {
    {"char", NULL},   {"charpattern", NULL}, {"codepoint", l_whole}, {"codes", l_whole},
    {"len", l_whole}, {"offset", l_whole},   {NULL, NULL},
};
