#ifndef OD_SERVER_DATABASE_H
#define OD_SERVER_DATABASE_H

#include "base/err.h"
#include "loop/loop.h"

/*
 * Makes the database of a configuration ready for use. It starts or adopts a private cluster, or
 * connects to the user's own server, and migrates the schema. Every subcommand that needs the
 * database begins here.
 */

struct od_conf;
struct od_database;
struct od_pg_server;

int od_database_open(struct od_loop *loop, const struct od_conf *conf, struct od_database **out,
                     struct od_err *err) OD_MUST_CHECK;
/* Does the same for callers that only read. It fails instead of making a new private cluster. */
int od_database_open_existing(struct od_loop *loop, const struct od_conf *conf,
                              struct od_database **out, struct od_err *err) OD_MUST_CHECK;

/* The next three each do a part of that. This one fails when a private cluster was never made. */
int od_database_exists(const struct od_conf *conf, struct od_err *err) OD_MUST_CHECK;
/* Opens the database as it is, perhaps without a schema or with an older one; for backup and
 * restore. */
int od_database_reach(struct od_loop *loop, const struct od_conf *conf, struct od_database **out,
                      struct od_err *err) OD_MUST_CHECK;
/* Migrates a database and settles its ledger (store/server/position.h). */
int od_database_prepare(struct od_loop *loop, struct od_pg_server *server,
                        struct od_err *err) OD_MUST_CHECK;

/* Returns the server for connections to the database. It is valid until the close. */
struct od_pg_server *od_database_server(const struct od_database *d);
/* Returns the conninfo for PostgreSQL's own programs. */
const char *od_database_conninfo(const struct od_database *d);
/* Watches the database's clock from now on, and looks among the hosts of the user's own server for
 * a newer primary. */
void od_database_watch(struct od_database *d, const struct od_conf *conf);
/* Call it when a connection was lost. It starts a private cluster again that has died. */
void od_database_check(struct od_database *d);
/* Closes the database. It runs the loop until a private cluster that nobody else uses has stopped.
 * Accepts NULL. */
void od_database_close(struct od_database *d);

#endif
