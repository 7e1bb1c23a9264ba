#ifndef OD_FEED_LAG_H
#define OD_FEED_LAG_H

#include <stdbool.h>
#include <stdint.h>

#include "store/server/lag.h"

/*
 * Watches how far the feed is behind, and says who holds it back: once in the log when that lasts,
 * and once more when it is over. It ends a session of another process that has the cursor and has
 * not moved for twice the limit of transactions. The server ends an idle session by itself after
 * that limit, but not one that waits for a frozen reader.
 */
struct od_buf;
struct od_pg_conn;

struct od_lag_state {
    int64_t lag_us;          /* age of the oldest unread event; 0: all are read */
    int64_t held_us;         /* the same while somebody is in the way, else 0 */
    struct od_holder holder; /* who it is; NONE: nobody, or it is not known */
};

struct od_lag {
    struct od_pg_conn *conn;
    uint32_t warn_after_ms; /* a hold-up of so long is logged */
    uint32_t limit_ms;      /* the limit of the feed's transactions */
    int64_t looked_us;      /* monotonic; 0: never */
    struct od_lag_state now;
    bool unread, held, owner;
    bool told;
    struct od_holder told_of;
    void (*done)(void *ctx);
    void *ctx;
};

/* conn is the feed's own connection, which is asked between its transactions. */
void od_lag_init(struct od_lag *l, struct od_pg_conn *conn, uint32_t warn_after_ms,
                 uint32_t limit_ms);
bool od_lag_due(const struct od_lag *l); /* once a second */
/* Looks at the ledger. owner: this process had the cursor in the last round. done is called once,
 * later. */
void od_lag_look(struct od_lag *l, bool owner, void (*done)(void *ctx), void *ctx);

/* Fills *out as of now: an event that was found unread has grown older since. */
void od_lag_state(const struct od_lag *l, struct od_lag_state *out);
void od_lag_json(const struct od_lag_state *s, struct od_buf *out);
void od_lag_metrics(const struct od_lag_state *s, struct od_buf *out);

#endif
