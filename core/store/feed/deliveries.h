#ifndef OD_STORE_FEED_DELIVERIES_H
#define OD_STORE_FEED_DELIVERIES_H

#include "base/str.h"
#include "pg/conn.h"

/*
 * Rows of `delivery`: what is to be sent, to which target, and how that went. state is queued until
 * it is delivered or, after its last attempt, failed.
 *
 * `target` is the name of the target, `recipient` whom the intent is for: a mail's address, a URL,
 * an order. The columns are target_name and target.
 */

struct od_planned { /* a row that will be written */
    int64_t order_id;
    int32_t seq;
    struct od_str topic;
    int32_t intent; /* its place among the hooks' intents; -1: the target itself wants the event */
    struct od_str target;
    bool ordered; /* the target takes an order's deliveries one after the other */
    struct od_str hook, kind, recipient, name, payload;
    struct od_str error; /* present: the hook failed, so the row begins as failed */
    struct od_str once;  /* present: an order has only one delivery with this key, ever */
};

/* Sends the insert of n ≥ 1 rows. An ordered one is due no sooner than the last that is queued of
 * its order. A row that is there already stays as it is. Of several with one key, the first of the
 * order counts; keys outlive their rows (table delivery_once). */
void od_deliveries_insert(struct od_pg_conn *conn, const struct od_planned *rows, size_t n,
                          int32_t bundle_id);

/* A delivery that is due, as od_due_read finds it; strings are borrowed from the result. */
struct od_due {
    int64_t delivery_id, order_id;
    int32_t seq, attempts; /* attempts so far */
    int64_t created_at;
    struct od_str topic, hook, kind, recipient, name, payload;
    struct od_str uuid; /* of the order; absent: there is none, it is a test */
};
void od_due_read(const struct od_pg_result *r, int row, struct od_due *out);

/* The next deliveries of a target, in the order in which they became due. $1 target name, $2 limit
 * int4, $3 delivery_ids int8[] that are under way, $4 order_ids int8[] whose deliveries are to
 * wait, $5 ordered bool: of each order only the first that is queued. */
extern const struct od_pg_stmt od_select_due;
/* rows[1]: (bool) the server waits for synchronous standbys. */
extern const struct od_pg_stmt od_ask_standbys;

/* $1 delivery_ids int8[] */
extern const struct od_pg_stmt od_mark_delivered;
/* $1 delivery_ids int8[], $2 whys text[], $3 waits int8[] in ms until the next attempt; -1: it is
 * given up. */
extern const struct od_pg_stmt od_mark_failed;
/* Of ordered targets: $1 delivery_ids int8[], which wait for another attempt or no longer wait.
 * What comes behind them of their orders waits as long, or is due. Else each look at the queue
 * would pass over all that must not go yet, and with many orders held up a target that is dead
 * would cost the others their turn. */
extern const struct od_pg_stmt od_hold_followers, od_release_followers;
/* $1 delivery_ids int8[], $2 attempts int4[], $3 latencies int8[] in ms, $4 statuses int4[], 0:
 * none, $5 errors text[], $6 answers text[] */
extern const struct od_pg_stmt od_insert_attempts;

/* For people. $1 order_id int8, target, state text, since, until timestamptz, before int8, each may
 * be null; limit int4. rows, the newest first: as od_delivery_write takes them. */
extern const struct od_pg_stmt od_select_deliveries;
/* $1 delivery_id int8. rows[0 or 1]: the same, then payload. */
extern const struct od_pg_stmt od_select_delivery;
/* $1 delivery_id int8. rows, the oldest first: as od_attempt_write takes them. */
extern const struct od_pg_stmt od_select_attempts;

/* $1 delivery_id int8. The events that the delivery's command led to; rows, in their order: as
 * od_caused_write takes them. */
extern const struct od_pg_stmt od_select_caused;

/* A row of od_select_deliveries; strings are borrowed from the result. */
struct od_delivery_row {
    int64_t delivery_id, order_id; /* order_id 0: a test, or a notice */
    struct od_str order_number, topic, target, kind, hook, recipient, name, state, error;
    int32_t seq, attempts;
    int64_t created_at, delivered_at, next_at; /* 0: it was not delivered, it does not wait */
};
void od_delivery_row_read(const struct od_pg_result *r, int row, struct od_delivery_row *out);

struct od_json_writer;
void od_caused_write(struct od_json_writer *w, const struct od_pg_result *r, int row);
void od_delivery_write(struct od_json_writer *w, const struct od_pg_result *r, int row);
enum { OD_DELIVERY_COLUMNS = 16 };
void od_attempt_write(struct od_json_writer *w, const struct od_pg_result *r, int row);

/* $1 delivery_id int8. Queues it again, with all its attempts before it. affected: 0 or 1 */
extern const struct od_pg_stmt od_redeliver;
/* $1 target text, $2 since, $3 until timestamptz or null, of when they were made, $4 only_failed
 * bool, $5 int8 behind which id, $6 limit int4. rows[1]: (last id int8 or null, count int8) */
extern const struct od_pg_stmt od_redeliver_range;
/* $1 target text, $2 limit int4. What waits for its next attempt is due now. */
extern const struct od_pg_stmt od_hurry_deliveries;
/* $1 target text, $2 payload json. rows[0 or 1]: (delivery_id int8). No row: no such target. */
extern const struct od_pg_stmt od_insert_test;

/* What was made of events: $1 order_ids int8[], $2 target text or null. rows, by order and event:
 * od_made_read. */
extern const struct od_pg_stmt od_select_made;
struct od_made_delivery {
    int64_t order_id;
    int32_t seq;
    struct od_str topic, kind, target, hook, recipient, name,
        payload; /* borrowed from the result */
};
void od_made_read(const struct od_pg_result *r, int row, struct od_made_delivery *out);
/* What orders were told once: $1 order_ids int8[]. rows: order_id, key. */
extern const struct od_pg_stmt od_select_told;

/* Clears away, $2 int4 rows at most: those delivered $1 int8 ms ago; those given up that were made
 * so long ago. affected: how many. */
extern const struct od_pg_stmt od_expire_delivered, od_expire_failed;
/* Deliveries that an older process has made. */
extern const struct od_pg_stmt od_adopt_deliveries;

#endif
