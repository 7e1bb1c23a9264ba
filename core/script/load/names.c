#include "script/load/names.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "script/bundle/capabilities.h"
#include "script/bundle/lexer.h"
#include "script/load/oms.h"
#include "script/task/service.h"

/*
 * Looks at the text of a script before it runs for the names of `oms` that it uses. Names that it
 * cannot see (oms["na" .. "me"], and all behind a local variable called oms) are checked when they
 * are called.
 */

static bool find_name(struct od_str name, unsigned *capability)
{
    const struct od_service *s;
    const struct l_binding *b;

    for (size_t i = 0; (b = od_oms_binding(i)) != NULL; i++) {
        if (od_str_is(name, b->name)) {
            *capability = b->capability;
            return true;
        }
    }
    for (uint32_t i = 0; (s = od_service_at(i)); i++) {
        if (od_str_is(name, s->name)) {
            *capability = OD_CAP_COMMANDS;
            return true;
        }
    }
    return false;
}

static int check_name(struct od_str name, unsigned capabilities, struct od_err *err)
{
    const struct l_binding *b;
    struct od_nearest near;
    const struct od_service *s;
    unsigned needed;

    if (find_name(name, &needed)) {
        if ((needed & ~capabilities) == 0)
            return 0;
        return od_err_set(err, OD_ERR_SCRIPT,
                          "oms.%.*s needs a capability: add `capabilities = %s` to plugin.ini",
                          OD_STR_ARG(name), od_capability_word((enum od_capability)needed));
    }
    od_nearest_init(&near, name);
    for (size_t i = 0; (b = od_oms_binding(i)) != NULL; i++)
        od_nearest_try(&near, od_str_of(b->name));
    for (uint32_t i = 0; (s = od_service_at(i)); i++)
        od_nearest_try(&near, od_str_of(s->name));
    if (near.best.len == 0)
        return od_err_set(err, OD_ERR_SCRIPT, "there is no oms.%.*s", OD_STR_ARG(name));
    return od_err_set(err, OD_ERR_SCRIPT, "there is no oms.%.*s; did you mean oms.%.*s?",
                      OD_STR_ARG(name), OD_STR_ARG(near.best));
}

/* Behind the name `oms`: the field that is asked of it, absent when none is. */
static struct od_str read_field(struct od_lexer *s)
{
    od_lexer_blanks(s);
    if (od_lexer_peek(s, 0) != '.' || od_lexer_peek(s, 1) == '.')
        return OD_STR_NONE;
    od_lexer_skip(s, 1);
    od_lexer_blanks(s);
    return od_lexer_name(s);
}

/* Behind `local` or `function`: whether it binds the name `oms` to something else, as `local oms =
 * {}` and `function f(oms)` do and `local oms = oms` does not. */
static bool shadows(struct od_lexer s)
{
    bool parameters = false, found = false;

    for (od_lexer_blanks(&s); s.at < s.end; od_lexer_blanks(&s)) {
        struct od_str name = od_lexer_name(&s);

        if (name.len > 0) {
            found = found || od_str_is(name, "oms");
            od_lexer_blanks(&s);
        }
        parameters = parameters || od_lexer_peek(&s, 0) == '(';
        if (!strchr(parameters ? "(,.:" : ",.:", od_lexer_peek(&s, 0)) ||
            od_lexer_peek(&s, 0) == '\0')
            break;
        od_lexer_skip(&s, 1);
    }
    if (!found || od_lexer_peek(&s, 0) != '=')
        return found;
    od_lexer_skip(&s, 1);
    od_lexer_blanks(&s);
    return !od_str_is(od_lexer_name(&s), "oms");
}

int od_names_check(struct od_str file, struct od_str text, unsigned capabilities,
                   struct od_err *err)
{
    struct od_lexer s = {text.ptr, text.ptr + text.len, 1};
    bool field = false; /* the next name is a field: x.oms is not the global */

    for (od_lexer_blanks(&s); s.at < s.end; od_lexer_blanks(&s)) {
        char c = *s.at;
        struct od_str name;

        if (c == '"' || c == '\'') {
            od_lexer_string(&s);
        } else if (od_lexer_is_name(
                       c)) { /* numbers, too: no name of interest begins inside of one */
            name = od_lexer_name(&s);
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
        } else if (!od_lexer_long_bracket(&s)) {
            bool concat = c == '.' && od_lexer_peek(&s, 1) == '.';
            field = (c == '.' || c == ':') && !concat;
            od_lexer_skip(&s, concat ? 2 : 1);
            continue;
        }
        field = false;
    }
    return 0;
}
