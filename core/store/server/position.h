#ifndef OD_STORE_SERVER_POSITION_H
#define OD_STORE_SERVER_POSITION_H

#include "base/err.h"
#include "pg/conn.h"

/*
 * A position says where an event stands in the ledger.
 *
 * The position of an event is a number: the id of the transaction that wrote it, plus the ledger's
 * base. All events of a transaction share it. (position, order_id, seq) is a total order and is
 * indexed (order_event_feed). The position is kept in order_event.txid.
 *
 * The order is safe to follow. A reader takes the events before OD_POSITION_END, which is the base
 * plus the oldest transaction id that may still be writing. Whatever commits later has that
 * position or a higher one, so a reader that remembers only its place misses nothing and sees
 * nothing twice, however many write at once. The price: one transaction that is left open anywhere
 * on the server holds every reader back.
 *
 * Transaction ids belong to a server, and positions outlive it. After pg_dump and restore the ids
 * begin low again. After a failover or a restore to a point in time they go on, but the ids of a
 * tail that was lost are given out once more, and somebody may have read that tail. So the ledger
 * remembers its server by system identifier and timeline. On another one, or when a position lies
 * ahead of the server's ids, the base is raised above every position there is
 * (od_position_settle_sql), by a gap that no lost tail can have crossed. Positions are therefore
 * monotone for readers inside and outside of the database.
 *
 * Every session that writes events or moves a cursor settles the ledger before anything else, when
 * it connects. The base is a constant in a column's default, so writing costs nothing for it, and a
 * process that knows nothing of positions writes right ones.
 */

/*
 * Within an order positions never fall. A transaction takes its id when it locks its first order,
 * and may then wait for another one whose next event a transaction with a later id writes; it would
 * write behind that event with the earlier id. Its events take the position of the one before them
 * instead. That is safe for readers: a position that is higher than the writer's own id is not
 * read before the writer has ended either, and events at one position are read in order of seq.
 *
 * OD_POSITION_BEHIND is the last column of the statement that locks orders: bool, true when the
 * row was written by a transaction with a later id than this one's. Every event changes its order's
 * row, so the row's xmin is the last event's transaction. Ids count in a circle of 2^32; within a
 * window as small as this no id comes round again.
 */
#define OD_POSITION_BEHIND                                                                         \
    "(xmin::text::int8 - (select pg_current_xact_id()::text::int8)) & 4294967295"                  \
    " between 1 and 16777215"

/* Raises events that this transaction has just written to the position of the one that its order
 * had before. $1 order_ids int8[], $2 int4[] the versions before, pairwise. */
extern const struct od_pg_stmt od_position_raise;

/* The first position (xid8) that is not safe to read yet. It is evaluated once in a statement. */
#define OD_POSITION_END                                                                            \
    "(select (pg_snapshot_xmin(pg_current_snapshot())::text::int8 + base)::text::xid8 from "       \
    "ledger)"

/*
 * SQL for a session's setup that settles the ledger. It takes about a millisecond when there is
 * nothing to do. Else it waits for the transactions that use order_event, and raises a warning that
 * says what it did. Events that were written before anybody noticed, and that a cursor has passed
 * unread, are moved ahead of the cursor. It does nothing on a standby.
 */
extern const char od_position_settle_sql[];

/* Does the same over a session of its own and waits for it. */
int od_position_settle(struct od_loop *loop, struct od_pg_server *server,
                       struct od_err *err) OD_MUST_CHECK;

/* Selects (line text): a row for each way in which positions, cursors and the server disagree, and
 * for each event, of 20 at most, whose position is before that of the event that it follows. */
extern const struct od_pg_stmt od_position_check;

#endif
