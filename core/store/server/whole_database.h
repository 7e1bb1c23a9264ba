#ifndef OD_STORE_SERVER_WHOLE_DATABASE_H
#define OD_STORE_SERVER_WHOLE_DATABASE_H

#include "base/arena.h"
#include "pg/conn.h"

/*
 * Treats a database as a whole: says what is in it, and puts another one in its place. It is for
 * backup and restore, so everything waits (pg/wait.h).
 */
struct od_whole_database {
    struct od_str name;
    int32_t server_version; /* major */
    int64_t tables;         /* tables and other relations, without the system's */
    int64_t bytes;
    int64_t sessions;      /* sessions of others on this database */
    struct od_str session; /* one of them, for messages: "pid 7 (orderd)"; absent: none */
};

/* Strings live in the arena. */
int od_whole_database_look(struct od_pg_conn *conn, struct od_arena *a,
                           struct od_whole_database *out, struct od_err *err) OD_MUST_CHECK;

/* Makes an empty database with the encoding and collation of the connection's own. A database of
 * that name is dropped first. */
int od_whole_database_make_beside(struct od_pg_conn *conn, struct od_str name,
                                  struct od_err *err) OD_MUST_CHECK;

/* Renames two databases in one transaction: `old` to `replaced`, and `fresh` to the name of `old`.
 * Nobody may be connected to either. */
int od_whole_database_swap(struct od_pg_conn *conn, struct od_str old, struct od_str fresh,
                           struct od_str replaced, struct od_err *err) OD_MUST_CHECK;

int od_whole_database_drop(struct od_pg_conn *conn, struct od_str name,
                           struct od_err *err) OD_MUST_CHECK;

/* Collects statistics for the planner, which a restore leaves empty. */
int od_whole_database_analyze(struct od_pg_conn *conn, struct od_err *err) OD_MUST_CHECK;

#endif
