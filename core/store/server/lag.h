#ifndef OD_STORE_SERVER_LAG_H
#define OD_STORE_SERVER_LAG_H

#include "pg/conn.h"

/*
 * Asks how far the feed is behind the ledger, and who is in its way. A transaction that is left
 * open in any database of the server holds the feed back (store/server/position.h). So does another
 * process that has locked the cursor and does not go on.
 */

/* Selects the oldest event that the feed has not read. rows[0 or 1]: (age_us int8, held bool);
 * held: a transaction that is still open stands before it. No row: everything is read. */
extern const struct od_pg_stmt od_select_lag;

/* Selects who holds the feed back: with $1 held bool who has the oldest open transaction, else who
 * has the cursor. rows[0 or 1], for od_holder_read. */
extern const struct od_pg_stmt od_select_holder;

/* Ends the session that has the cursor and has been in the same state for $1 int8 ms, unless it
 * waits for a standby. It must be of the same role. rows[0 or 1]: (pid int4) */
extern const struct od_pg_stmt od_end_cursor_holder;

/* Selects the server's sessions and prepared transactions that have been in a transaction for $1
 * int8 ms and hold others back, oldest first. rows[≤ 20], for od_holder_read. */
extern const struct od_pg_stmt od_select_long_transactions;

enum od_holder_kind { OD_HOLDER_NONE = 0, OD_HOLDER_SESSION, OD_HOLDER_PREPARED };

struct od_holder {
    enum od_holder_kind kind;
    int32_t pid; /* SESSION */
    char database[64], application[64];
    char gid[201];  /* PREPARED */
    int64_t age_us; /* age of its transaction; -1: this role may not see it */
};

void od_holder_read(const struct od_pg_result *r, int row, struct od_holder *out);
bool od_holder_same(const struct od_holder *a, const struct od_holder *b);
/* Returns "session", "prepared", or "" for NONE. */
const char *od_holder_kind_name(enum od_holder_kind kind);

#endif
