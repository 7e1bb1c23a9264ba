#ifndef OD_ACCESS_LOCKOUT_H
#define OD_ACCESS_LOCKOUT_H

#include <stdint.h>

#include "base/str.h"

/*
 * Slows those who guess passwords. Each wrong one makes the next wait twice as long, from a second
 * to OD_LOCKOUT_MAX_S. Attempts are counted when they begin, so that a thousand at once are no way
 * round it, and a right one is taken back.
 *
 * Three things are counted for a stranger: the pair of user and address, the address over all
 * users, and the user over all addresses. The last would let anybody lock a user out, so it does
 * not count for a browser that this user has logged in from before (its device cookie), and neither
 * does what others do from the same address. Such a browser is counted by itself.
 *
 * The table has a fixed size. When too many share a place in it, the one with the fewest failures
 * makes room. All of it is in memory, for this process alone.
 */

struct od_lockout;

enum { OD_LOCKOUT_MAX_S = 15 * 60, OD_LOCKOUT_FORGET_S = 60 * 60 };

struct od_lockout_who {
    struct od_str user;   /* as it was typed; case does not count */
    const uint8_t *peer;  /* [16], of od_http_peer */
    struct od_str device; /* what its cookie names for this user; absent: a stranger */
};

struct od_lockout *od_lockout_new(void);
void od_lockout_free(struct od_lockout *l); /* NULL allowed */

/* An attempt begins. Returns 0, or how many seconds are to be waited; then it may not be made, and
 * does not count. */
unsigned od_lockout_try(struct od_lockout *l, const struct od_lockout_who *who, int64_t now_us);
/* The attempt was right. */
void od_lockout_right(struct od_lockout *l, const struct od_lockout_who *who);
/* The attempt was not made after all: it is taken back. */
void od_lockout_undo(struct od_lockout *l, const struct od_lockout_who *who);

#endif
