#ifndef OD_FEED_LAG_H
#define OD_FEED_LAG_H

#include <stdbool.h>
#include <stdint.h>

#include "store/server/lag.h"

/*
 * Watches how far the feed is behind, and tells who holds it back: once in the log when that lasts,
 * once more when it is over. A session of another process that has the cursor and has not moved for
 * twice the transactions' limit is ended; the server ends an idle one by itself after that limit,
 * but not one that waits for a frozen reader.
 */
struct od_buf;
struct od_pg_conn;

struct od_lag_state {
    int64_t lag_us;          /* age of the oldest event that is not read; 0: all are */
    int64_t held_us;         /* the same while somebody is in the way, else 0 */
    struct od_holder holder; /* who; NONE when nobody is, or it is not known */
};

struct od_lag {
    struct od_pg_conn *conn;
    uint32_t warn_after_ms; /* of being held */
    uint32_t limit_ms;      /* of the feed's transactions */
    int64_t looked_us;      /* monotonic; 0: never */
    struct od_lag_state now;
    bool unread, held, owner;
    bool told;
    struct od_holder told_of;
    void (*done)(void *ctx);
    void *ctx;
};

/* The feed's own connection: it is asked between its transactions. */
void od_lag_init(struct od_lag *l, struct od_pg_conn *conn, uint32_t warn_after_ms,
                 uint32_t limit_ms);
bool od_lag_due(const struct od_lag *l); /* once a second */
/* owner: the cursor was ours in the last round. done is called once, later. */
void od_lag_look(struct od_lag *l, bool owner, void (*done)(void *ctx), void *ctx);

/* As of now: what was found unread grows older. */
void od_lag_state(const struct od_lag *l, struct od_lag_state *out);
void od_lag_json(const struct od_lag_state *s, struct od_buf *out);
void od_lag_metrics(const struct od_lag_state *s, struct od_buf *out);

#endif
