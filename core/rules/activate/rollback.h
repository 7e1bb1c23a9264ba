#ifndef OD_RULES_ACTIVATE_ROLLBACK_H
#define OD_RULES_ACTIVATE_ROLLBACK_H

#include <stdbool.h>

#include "base/arena.h"
#include "script/bundle/bundle.h"

/* Says whether new rules fail so often that the previous ones should come back. */

struct od_conf;
struct od_rules;

/*
 * Compares the rate of failures since `baseline` with [rollback] of conf, for all answers together
 * and for each question. When it is true, *reason (in the arena) says how many failed, and the last
 * error with its file and line.
 */
bool od_rollback_due(const struct od_conf *conf, const struct od_rules *rules,
                     const struct od_bundle_stats *baseline, struct od_arena *a,
                     struct od_str *reason);

#endif
