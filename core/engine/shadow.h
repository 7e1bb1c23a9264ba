#ifndef OD_ENGINE_SHADOW_H
#define OD_ENGINE_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/rules.h"

/*
 * A shadow decides what the live rules decide, beside them and without effect, as long as it keeps
 * within its share of the processor's time; what it would have done otherwise is counted and the
 * last differences are kept.
 */

struct od_shadow;

struct od_shadow_conf {
    uint32_t share;   /* percent of CPU time, 1 … 100 */
    uint32_t samples; /* differences kept */
};

/* Takes a reference of rules. */
struct od_shadow *od_shadow_new(struct od_rules *rules, const struct od_shadow_conf *conf);
void od_shadow_free(struct od_shadow *s); /* NULL is accepted */

/* Around one live decision, in the batch. begin: before it, with the decision as it will be handed
 * to od_decide; end: with its result. Both do nothing when the share is used up. */
void od_shadow_begin(struct od_shadow *s, const struct od_decision *before,
                     const struct od_command *c);
void od_shadow_end(struct od_shadow *s, const struct od_decision *after);

struct od_shadow_difference {
    int64_t at, order_id;
    char command[40]; /* "cancel", "commands/counter_sale" */
    char live[120];   /* "allowed, completed" or "refused on_hold: Release the hold first" */
    char candidate[120];
    char policy[80]; /* of the candidate, where one refused or failed */
};

struct od_shadow_stats {
    const char *hash;                             /* of the shadow's bundle */
    uint64_t decided, skipped, different, failed; /* failed: a policy of the shadow did */
    uint64_t us;
};
void od_shadow_stats(const struct od_shadow *s, struct od_shadow_stats *out);
/* The kept differences, the latest first; valid until the next decision. */
uint32_t od_shadow_differences(const struct od_shadow *s, const struct od_shadow_difference **out,
                               uint32_t max);

#endif
