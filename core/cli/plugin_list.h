#ifndef OD_CLI_PLUGIN_LIST_H
#define OD_CLI_PLUGIN_LIST_H

#include "base/err.h"

/* Prints `orderd plugin list`: the default rules and every plugin in the folder of plugins. */

struct od_conf;

/* Prints on standard output. It fails when the configured rules do not load; err says why, and the
 * list shows only what manifests say. */
int od_plugin_list(struct od_conf *conf, struct od_err *err) OD_MUST_CHECK;

#endif
