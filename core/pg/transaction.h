#ifndef OD_PG_TRANSACTION_H
#define OD_PG_TRANSACTION_H

#include "pg/stmt.h"

/* The statements that open and close an explicit transaction. A failed one answers COMMIT with the
 * tag ROLLBACK. */
extern const struct od_pg_stmt od_pg_begin, od_pg_commit, od_pg_rollback;

/* Opens a transaction that only reads and in which every statement sees the database as the first
 * one did. */
extern const struct od_pg_stmt od_pg_begin_snapshot;

/*
 * The witness writes a record to the write-ahead log and nothing else. A transaction that changes
 * nothing commits without waiting for standbys. With the witness in it, its commit proves that all
 * rows that it could read are replicated, where the server has synchronous standbys. Rows can be
 * read before they are replicated, after the wait of their commit was cancelled or the server was
 * restarted. So whoever acts on what another transaction wrote commits a witness first: a
 * repetition that is answered with success, a delivery that leaves.
 */
extern const struct od_pg_stmt od_pg_witness;

#endif
