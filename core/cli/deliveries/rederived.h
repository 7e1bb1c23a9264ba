#ifndef OD_CLI_DELIVERIES_REDERIVED_H
#define OD_CLI_DELIVERIES_REDERIVED_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* The findings of `orderd deliveries rederive`: what the rules and targets that there are would
 * send of past events, compared with what was sent. */

enum od_rederived_change {
    OD_REDERIVED_CHANGED = 0, /* with another body, to somebody else, or a mail by another target */
    OD_REDERIVED_NEW,         /* it would be sent, and was not */
    OD_REDERIVED_GONE,        /* it was sent, and would not be */
    OD_REDERIVED_FAILS,       /* a hook would fail that did not */
    OD_REDERIVED_CHANGES
};

struct od_rederived_sample {
    int64_t order_id;
    int32_t seq;
    struct od_str was, now; /* bodies, their beginning; absent: there is none */
};

/* Differences of one sort: the same change, of the same sort of thing, by the same hook. */
struct od_rederived_group {
    enum od_rederived_change change;
    struct od_str kind, target, topic, hook, name;
    uint64_t count;
    struct od_rederived_sample *samples; /* [sample_count] the first ones */
    size_t sample_count, sample_cap;
};

struct od_rederived {
    struct od_arena arena;
    size_t samples_max; /* of each group */
    uint64_t events, same, of[OD_REDERIVED_CHANGES];
    struct od_rederived_group *groups; /* [group_count] in the order in which they were found */
    size_t group_count, group_cap;
    const char *bundle; /* the hash of the rules */
    bool active;        /* they serve; else they are the configuration's */
    bool partial;       /* deliveries of that time have been cleared away */
};

/* Notes a difference; everything is copied. */
void od_rederived_note(struct od_rederived *all, const struct od_rederived_group *what,
                       const struct od_rederived_sample *where);
void od_rederived_print(const struct od_rederived *all, FILE *out);
void od_rederived_json(const struct od_rederived *all, struct od_buf *out);

#endif
