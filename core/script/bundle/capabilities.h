#ifndef OD_SCRIPT_BUNDLE_CAPABILITIES_H
#define OD_SCRIPT_BUNDLE_CAPABILITIES_H

#include <lua.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct od_bundle_source;
struct od_script_plugin;

/* The things that a plugin may do beside looking and answering, as bits. */
enum od_capability {
    OD_CAP_MAIL = 1 << 0,
    OD_CAP_NOTIFY = 1 << 1,
    OD_CAP_HTTP = 1 << 2,     /* oms.webhook, to the hosts it names */
    OD_CAP_COMMANDS = 1 << 3, /* giving commands, from routes and jobs and as intents of hooks */
    OD_CAP_SQL_READ = 1 << 4, /* oms.orders() */
};

/* Reads what the plugin declares, which the configuration must have granted, into *p; its arrays
 * are in the arena. Errors stand at plugin.ini's line. */
int od_capabilities_check(struct od_script_plugin *p, const struct od_bundle_source *source,
                          struct od_arena *a, struct od_err *err) OD_MUST_CHECK;
const char *od_capability_word(enum od_capability cap); /* "mail", "http:HOST", … */
/* Returns whether the plugin may send to the URL. *host is the URL's host, absent when it has no
 * plain one. */
bool od_capability_reaches(const struct od_script_plugin *p, struct od_str url,
                           struct od_str *host);
/* Raises unless the plugin declared the capability and was granted it. [-0, +0, v] */
void l_require_capability(lua_State *L, enum od_capability cap, const char *binding);

#endif
