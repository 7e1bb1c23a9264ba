#ifndef OD_STORE_FEED_DELIVERIES_H
#define OD_STORE_FEED_DELIVERIES_H

#include "base/str.h"
#include "pg/conn.h"

/* Rows of `delivery`: what is to be sent, to whom, and how that went. */

struct od_planned { /* a row to be */
    int64_t order_id;
    int32_t seq;
    struct od_str topic;
    int32_t intent;
    struct od_str hook, kind, target, name, payload;
    struct od_str error; /* present: the hook failed, the row is born failed */
};

/* Sends the insert of n ≥ 1 rows; one that is there already stays as it is. */
void od_deliveries_insert(struct od_pg_conn *conn, const struct od_planned *rows, size_t n,
                          int32_t bundle_id);

/* Locks deliveries that are due and that nobody else has locked. $1 limit int4.
 * rows[≤ limit]: (delivery_id int8, order_id int8, seq int4, topic, hook, kind, target, name,
 * payload) */
extern const struct od_pg_stmt od_select_due;
/* Lets the transaction that holds them wait for commands and standbys. */
extern const struct od_pg_stmt od_set_patience;
/* rows[1]: (bool) the server waits for synchronous standbys. */
extern const struct od_pg_stmt od_ask_standbys;

/* $1 delivery_ids int8[] */
extern const struct od_pg_stmt od_mark_delivered;
/* $1 delivery_ids int8[], $2 whys text[], $3 finals bool[], $4 max_attempts int4, $5 retry_min_ms
 * int8, $6 retry_max_ms int8. A delivery waits retry_min * 2^attempts, at most retry_max, and is
 * given up after max_attempts or when it is final. */
extern const struct od_pg_stmt od_mark_failed;

#endif
