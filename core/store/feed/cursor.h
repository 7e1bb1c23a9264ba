#ifndef OD_STORE_FEED_CURSOR_H
#define OD_STORE_FEED_CURSOR_H

#include "pg/conn.h"

/*
 * The feed's place in the ledger (store/server/position.h). A process works on the feed while its
 * transaction holds the lock on this row.
 */

/* Locks the cursor. rows[0 or 1]: no columns. No row: another process has it. */
extern const struct od_pg_stmt od_lock_cursor;

/* Selects the next events behind the cursor, in the order of positions. $1 limit int4. rows[≤
 * limit]: OD_EVENT_COLUMNS (store/events.h), then the position int8. */
extern const struct od_pg_stmt od_select_unread_events;

/* Selects events that the feed has passed, in the order of positions: $1 limit int4, $2 recorded
 * since timestamptz, $3 and before timestamptz or null, behind $4 position text, $5 order_id int8,
 * $6 seq int4. rows: as of od_select_unread_events. */
extern const struct od_pg_stmt od_select_passed_events;

/* Moves the cursor. $1 position text, $2 order_id int8, $3 seq int4 of the last event that was
 * read; $4 int8 how many were read. */
extern const struct od_pg_stmt od_move_cursor;

#endif
