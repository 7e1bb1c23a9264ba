#ifndef OD_CLI_PLUGIN_LIST_H
#define OD_CLI_PLUGIN_LIST_H

#include "base/err.h"

/* What `orderd plugin list` prints: the default rules and every plugin in the folder of plugins. */

struct od_conf;

/* On standard output. -1 when the configured rules do not load; the list then says what manifests
 * say, and err why. */
int od_plugin_list(struct od_conf *conf, struct od_err *err) OD_MUST_CHECK;

#endif
