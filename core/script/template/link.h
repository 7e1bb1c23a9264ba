#ifndef OD_SCRIPT_TEMPLATE_LINK_H
#define OD_SCRIPT_TEMPLATE_LINK_H

#include <lua.h>
#include <stdbool.h>

#include "script/bundle/bundle.h"

/* The part that templates have in loading a bundle. */

#define OD_TEMPLATE_CHOICE "template." /* [policy] template.invoice = PLUGIN */

/* Whether a plugin's file is a template, "templates/NAME.html". */
bool od_template_name(struct od_str file, struct od_str *name);

/* Before any code runs: raises for wrong syntax, with the template's file:line. name:
 * "default/templates/invoice.html". Returns the Lua that the template becomes, line for line, in
 * the state's work arena. [-0, +0, v] */
struct od_str l_template_check(lua_State *L, const char *name, struct od_str text);

/* Templates see the globals of the plugin's scripts, which stand at the top. [-0, +0, m] */
void l_template_keep_environment(lua_State *L);

/* After the scripts ran: lists the templates, chooses one of each name, compiles them. */
int od_templates_link(struct od_bundle *b, const struct od_bundle_source *source,
                      struct od_err *err) OD_MUST_CHECK;

#endif
