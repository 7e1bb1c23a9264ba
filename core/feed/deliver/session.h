#ifndef OD_FEED_DELIVER_SESSION_H
#define OD_FEED_DELIVER_SESSION_H

#include <stdint.h>

#include "base/arena.h"

/*
 * How the sessions of the feed and of the deliverer begin. Their plans are forced as the lanes' are
 * (engine/engine.c): by index, whatever the tables held when they were made. A process that is
 * stopped inside a transaction loses it after the limit, and with it the cursor or its targets.
 *
 * Returns statements that end with NULL, in the arena; `last` is one more of them.
 */
const char *const *od_feed_session(struct od_arena *a, const char *name, uint32_t limit_ms,
                                   const char *last);

#endif
