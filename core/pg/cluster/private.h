#ifndef OD_PG_PRIVATE_H
#define OD_PG_PRIVATE_H

#include <stdbool.h>

#include "base/err.h"
#include "loop/loop.h"

/*
 * A PostgreSQL of orderd's own, under its data directory, reachable only over a Unix socket. Any
 * number of orderd processes share it: the first starts it, the last to leave stops it, and whoever
 * sees it die starts it again. It outlives an orderd that is killed, and is adopted by the next.
 *
 *   DATA/pg             the cluster, of the user that runs it (postgres when orderd is root)
 *   DATA/run            the socket; in /tmp when the path is too long for one
 *   DATA/postgres.log   its log; DATA/initdb.log: how the cluster was made
 *   DATA/users.lock     flock: shared by every process that uses it, exclusive to stop it
 *   DATA/start.lock     flock: exclusive while it is being made or started
 */
struct od_pg_private;

/* Makes, starts or adopts the cluster and its database "orderd", running the loop until that is
 * done (up to 60 s: recovery after a kill takes its time). NULL with *err for the user when it
 * cannot be. */
struct od_pg_private *od_pg_private_start(struct od_loop *loop, const char *data_dir,
                                          struct od_err *err) OD_MUST_CHECK;

/* For od_pg_conn_new; valid until stop. */
const char *od_pg_private_conninfo(const struct od_pg_private *p);

/* Call when a connection was lost: starts PostgreSQL again if it is dead. Returns at once. It is
 * also looked after once a second. */
void od_pg_private_check(struct od_pg_private *p);

/* Leaves; the last process stops PostgreSQL and runs the loop until it is gone (30 s, then it is
 * told to quit without a checkpoint). Accepts NULL. */
void od_pg_private_stop(struct od_pg_private *p);

#endif
