#ifndef OD_ENGINE_SHADOW_H
#define OD_ENGINE_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/rules.h"

/*
 * A shadow is a set of rules that decides every command beside the live rules, without effect. It
 * stops deciding while it has used up its share of processor time. Where it would have decided
 * otherwise, that is counted, and the last differences are kept.
 */

struct od_shadow;

struct od_shadow_conf {
    uint32_t share;   /* percent of CPU time, 1 … 100 */
    uint32_t samples; /* how many differences are kept */
};

/* Takes a reference of rules. */
struct od_shadow *od_shadow_new(struct od_rules *rules, const struct od_shadow_conf *conf);
void od_shadow_free(struct od_shadow *s); /* NULL is accepted */

/* Both stand around one live decision in a batch. begin gets the decision as od_decide will get it,
 * end gets its result. They do nothing while the share is used up. */
void od_shadow_begin(struct od_shadow *s, const struct od_decision *before,
                     const struct od_command *c);
void od_shadow_end(struct od_shadow *s, const struct od_decision *after);

struct od_shadow_difference {
    int64_t at, order_id;
    char command[40]; /* "cancel", "commands/counter_sale" */
    char live[120];   /* "allowed, completed" or "refused on_hold: Release the hold first" */
    char candidate[120];
    char policy[80]; /* the candidate's policy that refused or failed */
};

struct od_shadow_stats {
    const char *hash;                             /* of the shadow's bundle */
    uint64_t decided, skipped, different, failed; /* failed: a policy of the shadow failed */
    uint64_t us;
};
void od_shadow_stats(const struct od_shadow *s, struct od_shadow_stats *out);
/* Fills out[max] with the kept differences, the latest first, and returns how many. They are valid
 * until the next decision. */
uint32_t od_shadow_differences(const struct od_shadow *s, const struct od_shadow_difference **out,
                               uint32_t max);

#endif
