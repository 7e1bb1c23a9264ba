#ifndef OD_STORE_LEDGER_H
#define OD_STORE_LEDGER_H

#include <stdint.h>

#include "base/json/json.h"

#include "pg/conn.h"
#include "store/events.h"

/* Walks over orders and their events page by page. verify and replay read the whole ledger by it,
 * explain and the API's list the events of one order. */

enum { OD_LEDGER_PAGE = 500 }; /* ids in a page */

/* Counts the orders that have an event at or after `since` (microseconds; 0: all orders). rows[1]:
 * (count int8) */
void od_ledger_count(struct od_pg_conn *conn, int64_t since, od_pg_on_result *on_result, void *ctx);
/* Selects the ids of the next such orders behind `after`, ascending. rows[0 … OD_LEDGER_PAGE]:
 * (order_id int8) */
void od_ledger_ids(struct od_pg_conn *conn, int64_t since, int64_t after,
                   od_pg_on_result *on_result, void *ctx);
/* Selects at most `limit` events of an order behind the sequence number `after`. rows:
 * (OD_EVENT_COLUMNS, hash text of the bundle that decided, or null, cause json or null). The cause
 * is what gave the event's command beside its actor: {"delivery", "orderId", "seq", "hook"}, the
 * delivery of a hook's command with the event that the hook saw, or {"message", "source"}, what
 * another system sent to a receiver. */
void od_ledger_events(struct od_pg_conn *conn, int64_t order_id, int32_t after, int32_t limit,
                      od_pg_on_result *on_result, void *ctx);
/* Selects the latest `limit` events of each of some orders, sorted by order and seq, in such rows.
 */
void od_ledger_latest_events(struct od_pg_conn *conn, const int64_t *order_ids, size_t count,
                             int32_t limit, od_pg_on_result *on_result, void *ctx);
/* Writes the API's form of the event of such a row. digits: of the order's currency. -1: the row
 * does not decode; nothing was written. */
int od_ledger_event_write(struct od_json_writer *w, const struct od_pg_result *r, int row,
                          int digits, struct od_arena *a, struct od_err *err) OD_MUST_CHECK;
/* Selects at most `limit` comments of an order behind the sequence number `after`, oldest first.
 * od_activity_row_write (store/load/load.h) reads the rows. */
void od_ledger_activities(struct od_pg_conn *conn, int64_t order_id, int32_t after, int32_t limit,
                          od_pg_on_result *on_result, void *ctx);
/* The version that an order had at a time (microseconds): that of the last event recorded until
 * then. rows[0 or 1]: (version int4); none: it was not there yet. */
void od_ledger_version_at(struct od_pg_conn *conn, int64_t order_id, int64_t time,
                          od_pg_on_result *on_result, void *ctx);

#endif
