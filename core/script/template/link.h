#ifndef OD_SCRIPT_TEMPLATE_LINK_H
#define OD_SCRIPT_TEMPLATE_LINK_H

#include <lua.h>
#include <stdbool.h>

#include "script/bundle/bundle.h"

/* Loads the templates of a bundle. */

#define OD_TEMPLATE_CHOICE "template." /* [policy] template.invoice = PLUGIN */

/* Returns whether a plugin's file is a template: "templates/NAME.html", or "templates/NAME.txt",
 * which is known as "NAME.txt". */
bool od_template_name(struct od_str file, struct od_str *name);
/* Returns whether the template of that name, or file, is text and no HTML. */
bool od_template_is_plain(struct od_str name);

/* Checks the syntax before any code runs, and raises with the template's file:line. `name` is
 * "default/templates/invoice.html". Returns the Lua that the template becomes, line for line, in
 * the state's work arena. [-0, +0, v] */
struct od_str l_template_check(lua_State *L, const char *name, struct od_str text);

/* Keeps the environment at the top: templates see the globals of the plugin's scripts.
 * [-0, +0, m] */
void l_template_keep_environment(lua_State *L);

/* Lists the templates, chooses one of each name and compiles them, after the scripts ran. */
int od_templates_link(struct od_bundle *b, const struct od_bundle_source *source,
                      struct od_err *err) OD_MUST_CHECK;

#endif
