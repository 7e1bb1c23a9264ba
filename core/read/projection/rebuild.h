#ifndef OD_READ_PROJECTION_REBUILD_H
#define OD_READ_PROJECTION_REBUILD_H

#include "base/err.h"

/*
 * A rebuild makes the tables of a projection anew beside the live ones, which are read and folded
 * meanwhile, and swaps them in one transaction. It waits for the database, so it is for the start
 * of a server and for the command line. One that is interrupted leaves the live tables as they are.
 */
struct od_loop;
struct od_pg_conn;
struct od_pg_server;
struct od_progress;
struct od_projection;

/* conn: a session of its own, which must be freed afterwards. progress may be NULL. */
int od_projection_rebuild(struct od_pg_conn *conn, const struct od_projection *projection,
                          struct od_progress *progress, struct od_err *err) OD_MUST_CHECK;

/* Builds every projection that was never built, and folds what no process has folded yet in the
 * others: until then they may lack what was committed right before a process was killed. */
int od_projections_ready(struct od_loop *loop, struct od_pg_server *server,
                         struct od_err *err) OD_MUST_CHECK;

#endif
