#ifndef OD_STORE_READ_PROJECTION_H
#define OD_STORE_READ_PROJECTION_H

#include "base/arena.h"
#include "pg/conn.h"

/*
 * The statements that keep a projection (read/projection/projection.h). They are made of its name
 * and of its first table, which has a row for each order: order_id and version.
 *
 * A place in the ledger is (position text, order_id int8, seq int4), as cursors of the feed have
 * it. A projection's cursor stands where every event before it has been folded, and moves no
 * further than OD_POSITION_END (store/server/position.h).
 */
struct od_projection_stmts {
    /* Waits for the folds of other transactions; until the end of this one. Its snapshot is older
     * than the lock, so it stands alone before the fold. */
    struct od_pg_stmt lock;
    struct od_pg_stmt fold; /* $1 int8[] order ids */

    /* Locks the cursor. rows[0 or 1]: no columns. No row: another process sweeps. */
    struct od_pg_stmt lock_cursor;
    /* Selects the orders of the next events behind the cursor that are behind. $1 int4: the most
     * events to read. rows: (order_id int8 or null, position text, order_id int8, seq int4, events
     * int8): a row for each such order, and a last one with null for it. The others tell of the
     * last event that was read, and how many were; position null: there was none. */
    struct od_pg_stmt sweep;
    struct od_pg_stmt move_cursor; /* $1 position text, $2 order_id int8, $3 seq int4 */
    /* Whether an open transaction holds the cursor back: there are events that it may not pass
     * yet, the oldest of which was recorded more than $1 int8 milliseconds ago. rows[1]: (bool) */
    struct od_pg_stmt held;
    /* Selects the orders behind of all events that could be seen now and not under the snapshot $1
     * text (null: that the cursor may not pass yet). rows: (order_id int8 or null, snapshot text):
     * a row for each, and a last one with null and what can be seen now. */
    struct od_pg_stmt ahead;

    /* Selects which of the orders $1 int8[] are not folded at the versions $2 int4[] yet.
     * rows: (order_id int8) */
    struct od_pg_stmt lacking;
};

/* Texts live in the arena; the statements are prepared under names made of the projection's. */
void od_projection_stmts_init(struct od_projection_stmts *s, struct od_arena *a, const char *name,
                              const char *table, const char *fold);

/* Makes the row of a projection unless it is there. $1 text: its name */
extern const struct od_pg_stmt od_projection_know;
/* $1 text: the name. rows[0 or 1]: (bool): its tables hold every order */
extern const struct od_pg_stmt od_projection_is_built;

#endif
