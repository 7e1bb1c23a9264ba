#ifndef OD_RULES_MAKE_SHADOW_H
#define OD_RULES_MAKE_SHADOW_H

#include "base/buf.h"
#include "engine/shadow.h"

struct od_conf;

/* Makes the shadow of a running server as [shadow] says, and tells about it. */

/* Makes the rules that decide beside those that serve: conf's, with the folders and plugins of
 * [shadow]. *out NULL: [shadow] names neither dir nor scripts. */
int od_shadow_rules(struct od_conf *conf, struct od_rules **out, struct od_err *err) OD_MUST_CHECK;

/* Appends {"hash", "decided", "skipped", "different", "failed", "cpuMs", "differences": [{at,
 * orderId, command, live, candidate, policy}]}, with the latest difference first. Without a shadow
 * (NULL) it is {"hash": null}, with "error" when *why has a code. */
void od_shadow_json(const struct od_shadow *s, const struct od_err *why, struct od_buf *out);
/* Appends Prometheus text, or nothing without a shadow. */
void od_shadow_metrics(const struct od_shadow *s, struct od_buf *out);

#endif
