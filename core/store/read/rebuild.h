#ifndef OD_STORE_READ_REBUILD_H
#define OD_STORE_READ_REBUILD_H

#include "base/arena.h"
#include "pg/conn.h"
#include "store/read/projection.h"

/*
 * The statements that make a projection's tables anew. The new ones stand in a schema of their own
 * under the same names, and the session looks there first, so the projection's fold fills them as
 * it stands. Scripts are for od_pg_script_wait.
 */
struct od_rebuild_stmts {
    const char *begin_script; /* makes the empty tables, and has the session look there first */
    struct od_pg_stmt one_at_a_time; /* waits for rebuilds of the same projection elsewhere */
    struct od_pg_stmt start;         /* rows[1]: (position text, orders int8, about) */
    struct od_pg_stmt ids;           /* behind $1 int8, $2 int4 of them; rows: (order_id int8) */
    /* Orders with an event at or behind the position $1 text that the new tables do not have as
     * they are; $2 int4: the most. rows: (order_id int8) */
    struct od_pg_stmt behind;
    const char *analyze_script;
    struct od_pg_stmt lock_tables; /* against readers of the old tables, for a moment */
    const char *swap_script;       /* inside the transaction that holds the locks */
    /* $1 text: the position from which the sweep reads on */
    struct od_pg_stmt built;
    const char *end_script; /* whatever has happened */

    /* For who must see everything without a rebuild. rows[1]: (text): the position of the cursor */
    struct od_pg_stmt cursor;
    /* For proofs: the orders behind $1 int8, $2 int4 of them. rows: (order_id int8, bool): whether
     * its rows must be right: it has been folded as it is, or it did not change just now. */
    struct od_pg_stmt settled;
    struct od_pg_stmt orphans; /* rows of no order: (order_id int8) */
};

void od_rebuild_stmts_init(struct od_rebuild_stmts *s, struct od_arena *a, const char *name,
                           const char *const *tables);

/* Statements of a projection's own texts: what differs of the orders $1 int8[], and of its sums. */
void od_projection_proof_stmts(struct od_pg_stmt *differ, struct od_pg_stmt *sums,
                               const char *differ_sql, const char *sums_sql);

/* Marks a projection as built where there is no order yet. $1 text: its name */
extern const struct od_pg_stmt od_projection_begin_empty;

/* rows: (name text, folded int8, behind int8, built_at timestamptz or null, bytes int8, events int8
 * that the sweep has not passed) of one projection. */
void od_projection_status_stmt(struct od_pg_stmt *stmt, struct od_arena *a, const char *name,
                               const char *const *tables);

#endif
