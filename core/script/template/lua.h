#ifndef OD_SCRIPT_TEMPLATE_LUA_H
#define OD_SCRIPT_TEMPLATE_LUA_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Translates the text of a template into the Lua that writes it, line for line, so that an error
 * names a line of the template. The Lua is a chunk that takes the functions of templates, in the
 * order of this list, and returns a function of order, document, shop and part.
 */

/* X(name in Lua, l_template_ of the C function in printing.h) */
#define OD_TEMPLATE_FUNCTIONS(X)                                                                   \
    X(text_, text)                                                                                 \
    X(value_, value)                                                                               \
    X(url_, url)                                                                                   \
    X(include, include)                                                                            \
    X(money, money)                                                                                \
    X(date, date)                                                                                  \
    X(number, number)                                                                              \
    X(percent, percent)                                                                            \
    X(qty, qty)

#define OD_TEMPLATE_END " end" /* closes the function */

/*
 * A template has `<% code %>`, `<%= value %>` and `<%# comment %>`. Static text becomes
 * text_(from, to), offsets in the template's own text. Values become value_(v), or url_(v) in an
 * attribute that is a URL. A line that holds nothing but code or comments writes nothing. *lua is
 * in the arena, and so is everything else. Errors are OD_ERR_SCRIPT, with *line.
 *
 * plain: the text is no HTML, so a value may stand anywhere.
 */
int od_template_translate(struct od_str text, bool plain, struct od_arena *a, struct od_str *lua,
                          int *line, struct od_err *err) OD_MUST_CHECK;

#endif
