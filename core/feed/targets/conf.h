#ifndef OD_FEED_TARGETS_CONF_H
#define OD_FEED_TARGETS_CONF_H

#include "base/arena.h"
#include "feed/targets/kind.h"

/* The targets of a configuration: the sections [target.NAME], and those that are there without. */

struct od_targets {
    struct od_arena arena;
    struct od_target_conf *items;
    size_t count, cap;
    struct od_str text; /* all that they were read from, to tell whether it has changed */
    bool registered;    /* each has its row of `target`, so that deliveries can be made for it */
};

int od_targets_read(const struct od_conf *c, struct od_targets *out,
                    struct od_err *err) OD_MUST_CHECK;
void od_targets_fini(struct od_targets *t);
/* 0 when od_targets_read would succeed. */
int od_targets_check(const struct od_conf *c, struct od_err *err) OD_MUST_CHECK;

/* Does the target want an event by itself that is known under these topics? Patterns are a topic,
 * "shipment.*", or "*". */
bool od_target_wants(const struct od_target_conf *t, const struct od_str *topics, uint32_t n);

/* A name in a list with blanks or commas between them: cuts the first off; false: there is none. */
bool od_target_next_word(struct od_str *list, struct od_str *word);

#endif
