#include <ctype.h>
#include <string.h>

#include "base/nearest.h"
#include "script/host.h"
#include "script/service.h"

/*
 * A look at the text of a script before it runs: which names of `oms` it uses. It follows Lua's
 * lexical grammar (manual 3.1) as far as needed to skip what is not code. What it cannot see
 * (oms["na" .. "me"], and all behind a local variable called oms) is checked again when it is
 * called.
 */

struct scan {
    const char *at, *end;
    int line;
};

static void skip(struct scan *s, size_t n)
{
    for (; n > 0 && s->at < s->end; n--)
        s->line += *s->at++ == '\n';
}

static char peek(const struct scan *s, size_t n)
{
    return (size_t)(s->end - s->at) > n ? s->at[n] : '\0';
}

/* Skips a long bracket ([[ … ]], [==[ … ]==]) that begins here; false when none does. */
static bool skip_long_bracket(struct scan *s)
{
    size_t level = 0, i;

    if (peek(s, 0) != '[')
        return false;
    while (peek(s, 1 + level) == '=')
        level++;
    if (peek(s, 1 + level) != '[')
        return false;
    skip(s, level + 2);
    while (s->at < s->end) {
        for (i = 0; i < level && peek(s, 1 + i) == '='; i++)
            ;
        if (*s->at == ']' && i == level && peek(s, 1 + level) == ']') {
            skip(s, level + 2);
            return true;
        }
        skip(s, 1);
    }
    return true;
}

static void skip_string(struct scan *s)
{
    char quote = *s->at;

    skip(s, 1);
    while (s->at < s->end && *s->at != quote && *s->at != '\n')
        skip(s, *s->at == '\\' ? 2 : 1);
    skip(s, 1);
}

/* Skips blanks and comments. */
static void skip_blanks(struct scan *s)
{
    while (s->at < s->end) {
        if (isspace((unsigned char)*s->at)) {
            skip(s, 1);
        } else if (peek(s, 0) == '-' && peek(s, 1) == '-') {
            skip(s, 2);
            if (!skip_long_bracket(s))
                while (s->at < s->end && *s->at != '\n')
                    skip(s, 1);
        } else {
            return;
        }
    }
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static struct od_str read_name(struct scan *s)
{
    struct od_str name = {s->at, 0};

    while (is_name(peek(s, 0))) {
        skip(s, 1);
        name.len++;
    }
    return name;
}

bool od_oms_name_find(struct od_str name, unsigned *capability)
{
    for (const struct od_oms_name *n = od_oms_names; n->name; n++) {
        if (od_str_is(name, n->name)) {
            *capability = n->capability;
            return true;
        }
    }
    for (const struct od_service *s = od_services; s->name; s++) {
        if (od_str_is(name, s->name)) {
            *capability = OD_CAP_COMMANDS;
            return true;
        }
    }
    return false;
}

static int check_name(struct od_str name, unsigned capabilities, struct od_err *err)
{
    unsigned needed;
    struct od_nearest near;

    if (od_oms_name_find(name, &needed)) {
        if ((needed & ~capabilities) == 0)
            return 0;
        return od_err_set(err, OD_ERR_SCRIPT,
                          "oms.%.*s needs a capability: add `capabilities = %s` to plugin.ini",
                          OD_STR_ARG(name), od_capability_word((enum od_capability)needed));
    }
    od_nearest_init(&near, name);
    for (const struct od_oms_name *n = od_oms_names; n->name; n++)
        od_nearest_try(&near, od_str_of(n->name));
    for (const struct od_service *s = od_services; s->name; s++)
        od_nearest_try(&near, od_str_of(s->name));
    if (near.best.len == 0)
        return od_err_set(err, OD_ERR_SCRIPT, "there is no oms.%.*s", OD_STR_ARG(name));
    return od_err_set(err, OD_ERR_SCRIPT, "there is no oms.%.*s; did you mean oms.%.*s?",
                      OD_STR_ARG(name), OD_STR_ARG(near.best));
}

/* Behind the name `oms`: the field that is asked of it, absent when none is. */
static struct od_str read_field(struct scan *s)
{
    skip_blanks(s);
    if (peek(s, 0) != '.' || peek(s, 1) == '.')
        return OD_STR_NONE;
    skip(s, 1);
    skip_blanks(s);
    return read_name(s);
}

/* Behind `local` or `function`: whether it binds the name `oms` to something else, as `local oms =
 * {}` and `function f(oms)` do and `local oms = oms` does not. */
static bool shadows(struct scan s)
{
    bool parameters = false, found = false;

    for (skip_blanks(&s); s.at < s.end; skip_blanks(&s)) {
        struct od_str name = read_name(&s);

        if (name.len > 0) {
            found = found || od_str_is(name, "oms");
            skip_blanks(&s);
        }
        parameters = parameters || peek(&s, 0) == '(';
        if (!strchr(parameters ? "(,.:" : ",.:", peek(&s, 0)) || peek(&s, 0) == '\0')
            break;
        skip(&s, 1);
    }
    if (!found || peek(&s, 0) != '=')
        return found;
    skip(&s, 1);
    skip_blanks(&s);
    return !od_str_is(read_name(&s), "oms");
}

int od_names_check(struct od_str file, struct od_str text, unsigned capabilities,
                   struct od_err *err)
{
    struct scan s = {text.ptr, text.ptr + text.len, 1};
    bool field = false; /* the next name is a field: x.oms is not the global */

    for (skip_blanks(&s); s.at < s.end; skip_blanks(&s)) {
        char c = *s.at;
        struct od_str name;

        if (c == '"' || c == '\'') {
            skip_string(&s);
        } else if (is_name(c)) { /* numbers, too: no name of interest begins inside of one */
            name = read_name(&s);
            if ((od_str_is(name, "local") || od_str_is(name, "function")) && shadows(s))
                return 0;
            if (od_str_is(name, "oms") && !field)
                name = read_field(&s);
            else
                name = OD_STR_NONE;
            if (name.len > 0 && check_name(name, capabilities, err) != 0) {
                snprintf(err->origin, sizeof err->origin, "%.*s:%d", OD_STR_ARG(file), s.line);
                return -1;
            }
        } else if (!skip_long_bracket(&s)) {
            bool concat = c == '.' && peek(&s, 1) == '.';
            field = (c == '.' || c == ':') && !concat;
            skip(&s, concat ? 2 : 1);
            continue;
        }
        field = false;
    }
    return 0;
}

/* Behind the name `include`: the text in quotes that is all of its first argument, or absent. */
static struct od_str read_included(struct scan *s)
{
    struct od_str name = OD_STR_NONE;
    bool closed;

    skip_blanks(s);
    closed = peek(s, 0) == '(';
    skip(s, closed);
    skip_blanks(s);
    if (peek(s, 0) != '"' && peek(s, 0) != '\'')
        return name;
    name.ptr = s->at + 1;
    skip_string(s);
    name.len = (size_t)(s->at - name.ptr) - 1;
    skip_blanks(s);
    if ((closed && peek(s, 0) != ',' && peek(s, 0) != ')') || memchr(name.ptr, '\\', name.len))
        return OD_STR_NONE;
    return name;
}

bool od_include_next(struct od_include *i)
{
    struct scan s = {i->rest.ptr, i->rest.ptr + i->rest.len, i->line};
    bool field = false, found = false;

    for (skip_blanks(&s); !found && s.at < s.end; skip_blanks(&s)) {
        char c = *s.at;

        if (c == '"' || c == '\'') {
            skip_string(&s);
        } else if (is_name(c)) {
            bool include = od_str_is(read_name(&s), "include") && !field;
            i->line = s.line;
            i->name = include ? read_included(&s) : OD_STR_NONE;
            found = i->name.ptr != NULL;
        } else if (!skip_long_bracket(&s)) {
            field = c == '.' || c == ':';
            skip(&s, 1);
            continue;
        }
        field = false;
    }
    i->rest = (struct od_str){s.at, (size_t)(s.end - s.at)};
    if (!found)
        i->line = s.line;
    return found;
}
