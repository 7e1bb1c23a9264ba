#ifndef OD_SCRIPT_LOAD_SETTINGS_H
#define OD_SCRIPT_LOAD_SETTINGS_H

#include <lua.h>

#include "base/err.h"
#include "base/str.h"

struct od_bundle_source;
struct od_config_key;
struct od_plugin;

/* The settings of a plugin: the lines of [plugin.NAME] in the configuration. */

/* Returns the declared key that `name` in [plugin.…] belongs to, an exact name before any pattern;
 * NULL when there is none. */
const struct od_config_key *od_plugin_key(const struct od_plugin *p, struct od_str name);
/* Checks every `[plugin.NAME]` line against the keys that the plugin declares. Errors stand at the
 * line. */
int od_settings_check(const struct od_bundle_source *source, struct od_str currency,
                      struct od_err *err) OD_MUST_CHECK;
/* Pushes oms.config, a frozen table of the plugin's checked settings. [-0, +1, m] */
void l_push_config(lua_State *L, const struct od_bundle_source *source);

#endif
