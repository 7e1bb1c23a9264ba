#ifndef OD_RULES_MAKE_SHADOW_H
#define OD_RULES_MAKE_SHADOW_H

#include "base/buf.h"
#include "engine/shadow.h"

struct od_conf;

/* What [shadow] says, as a part of a running server. */

/* The rules that are to decide beside those that serve: conf's, with the folders and plugins of
 * [shadow]. *out NULL: it names neither dir nor scripts. */
int od_shadow_rules(struct od_conf *conf, struct od_rules **out, struct od_err *err) OD_MUST_CHECK;

/* {"hash", "decided", "skipped", "different", "failed", "cpuMs", "differences": [{at, orderId,
 * command, live, candidate, policy}]}, the latest first; without a shadow (NULL) {"hash": null},
 * and "error" when why has a code. */
void od_shadow_json(const struct od_shadow *s, const struct od_err *why, struct od_buf *out);
/* Prometheus text; nothing without a shadow. */
void od_shadow_metrics(const struct od_shadow *s, struct od_buf *out);

#endif
