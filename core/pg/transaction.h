#ifndef OD_PG_TRANSACTION_H
#define OD_PG_TRANSACTION_H

#include "pg/stmt.h"

/* The statements that open and close an explicit transaction. A failed one answers COMMIT with the
 * tag ROLLBACK. */
extern const struct od_pg_stmt od_pg_begin, od_pg_commit, od_pg_rollback;

/* Opens one that only reads and in which every statement sees the database as the first one did. */
extern const struct od_pg_stmt od_pg_begin_snapshot;

/*
 * Writes a record to the write-ahead log and nothing else. A transaction that changed nothing is
 * committed without waiting for anybody; with this in it, its commit says that all that it could
 * read is as safe as it would be itself: replicated, where the server has synchronous standbys.
 * Rows may be read before they are replicated, when a commit's wait was cancelled or the server was
 * started again, so whoever acts on what another transaction wrote (a repetition that is answered
 * with success, a delivery that leaves) commits this first.
 */
extern const struct od_pg_stmt od_pg_witness;

#endif
