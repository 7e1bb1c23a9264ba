#ifndef OD_SCRIPT_TEMPLATE_LUA_H
#define OD_SCRIPT_TEMPLATE_LUA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * From the text of a template to the Lua that writes it, line for line, so that what goes wrong
 * names a line of the template. It is a chunk that takes the functions templates have, in this
 * order, and returns a function of order, document, shop and part.
 */

#define OD_TEMPLATE_FUNCTIONS "text_, value_, url_, include, money, date, number, percent, qty"

#define OD_TEMPLATE_END " end" /* of the function */

/*
 * `<% code %>`, `<%= value %>`, `<%# comment %>`. Static text becomes text_(from, to), offsets in
 * the template's own text; values value_(v), or url_(v) in an attribute that is a URL. A line that
 * holds nothing but code or comment writes nothing. *lua is in the arena, as is all else it takes.
 * Errors: OD_ERR_SCRIPT, *line where.
 */
int od_template_translate(struct od_str text, struct od_arena *a, struct od_str *lua, int *line,
                          struct od_err *err) OD_MUST_CHECK;

#endif
