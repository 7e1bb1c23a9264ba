#ifndef OD_PG_PRIVATE_H
#define OD_PG_PRIVATE_H

#include <stdbool.h>

#include "base/err.h"
#include "loop/loop.h"

/*
 * The private cluster is a PostgreSQL of orderd's own below its data directory, which only a Unix
 * socket leads to. Any number of orderd processes share it. The first starts it, the last to leave
 * stops it, and whoever sees it die starts it again. It outlives an orderd that is killed, and the
 * next one adopts it.
 *
 *   DATA/pg             the cluster, of the user that runs it (postgres when orderd is root)
 *   DATA/run            the socket; in /tmp when the path is too long for one
 *   DATA/postgres.log   its log; DATA/initdb.log: how the cluster was made
 *   DATA/users.lock     flock: shared by every process that uses it, exclusive to stop it
 *   DATA/start.lock     flock: exclusive while it is being made or started
 */
struct od_pg_private;

/* Makes, starts or adopts the cluster and its database "orderd". It runs the loop until that is
 * done, for up to 60 s, because recovery after a kill takes its time. On failure it returns NULL,
 * and *err tells the user why. */
struct od_pg_private *od_pg_private_start(struct od_loop *loop, const char *data_dir,
                                          struct od_err *err) OD_MUST_CHECK;

/* Returns the conninfo for od_pg_conn_new. It is valid until the stop. */
const char *od_pg_private_conninfo(const struct od_pg_private *p);

/* Starts PostgreSQL again if it is dead, and returns at once. Call it when a connection was lost;
 * the cluster is also looked after once a second. */
void od_pg_private_check(struct od_pg_private *p);

/* Leaves the cluster. The last process stops PostgreSQL and runs the loop until it is gone. After
 * 30 s PostgreSQL is told to quit without a checkpoint. Accepts NULL. */
void od_pg_private_stop(struct od_pg_private *p);

#endif
