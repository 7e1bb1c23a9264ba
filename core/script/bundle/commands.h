#ifndef OD_SCRIPT_BUNDLE_COMMANDS_H
#define OD_SCRIPT_BUNDLE_COMMANDS_H

#include <lua.h>
#include <stdbool.h>

#include "base/str.h"

struct od_bundle;
struct od_registration;

/* The names of commands: orderd's own, and those of composite commands that plugins register. */

/* Returns the composite command of that name; NULL when no plugin registers it. */
const struct od_registration *od_bundle_command(const struct od_bundle *b, struct od_str name);
bool od_is_own_command(struct od_str name); /* "cancel", "hold", …: what oms.run may name */
/* Raises that no plugin of the bundle registers the command, with the nearest name that there is,
 * among orderd's own, too, if `own` is set. [-0, +0, v] */
int l_unknown_command(lua_State *L, const char *binding, struct od_str name, bool own);

#endif
