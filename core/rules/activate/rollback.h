#ifndef OD_RULES_ACTIVATE_ROLLBACK_H
#define OD_RULES_ACTIVATE_ROLLBACK_H

#include <stdbool.h>

#include "base/arena.h"
#include "script/bundle/bundle.h"

/* Whether rules that were put into service fail so often that the ones before are to come back. */

struct od_conf;
struct od_rules;

/*
 * By [rollback] of conf: the rate of failures since `baseline`, of all answers together or of one
 * question. True: *reason (in the arena) says how many, and the last error with its file and line.
 */
bool od_rollback_due(const struct od_conf *conf, const struct od_rules *rules,
                     const struct od_bundle_stats *baseline, struct od_arena *a,
                     struct od_str *reason);

#endif
