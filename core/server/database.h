#ifndef OD_SERVER_DATABASE_H
#define OD_SERVER_DATABASE_H

#include "base/err.h"
#include "loop/loop.h"

/*
 * The database of a configuration, ready for use: a private cluster started or adopted, or the
 * user's own server; migrated. Every subcommand that needs the database begins here.
 */

struct od_conf;
struct od_database;
struct od_pg_server;

int od_database_open(struct od_loop *loop, const struct od_conf *conf, struct od_database **out,
                     struct od_err *err) OD_MUST_CHECK;
/* For what only reads: an error instead of a new private cluster. */
int od_database_open_existing(struct od_loop *loop, const struct od_conf *conf,
                              struct od_database **out, struct od_err *err) OD_MUST_CHECK;

/* The parts of it. An error when a private cluster was never made. */
int od_database_exists(const struct od_conf *conf, struct od_err *err) OD_MUST_CHECK;
/* As it is, perhaps without a schema, or with an older one: for backup and restore. */
int od_database_reach(struct od_loop *loop, const struct od_conf *conf, struct od_database **out,
                      struct od_err *err) OD_MUST_CHECK;
/* Migrates a database and settles its ledger (store/position.h). */
int od_database_prepare(struct od_loop *loop, struct od_pg_server *server,
                        struct od_err *err) OD_MUST_CHECK;

/* For connections to it; valid until it is closed. */
struct od_pg_server *od_database_server(const struct od_database *d);
/* Where it is, for PostgreSQL's own programs. */
const char *od_database_conninfo(const struct od_database *d);
/* Looks at the database's clock, and among the hosts of the user's own server for a newer primary,
 * from now on. */
void od_database_watch(struct od_database *d, const struct od_conf *conf);
/* The connection was lost: starts a private cluster's server again when it has died. */
void od_database_check(struct od_database *d);
/* Runs the loop until a private cluster that nobody else uses has stopped. Accepts NULL. */
void od_database_close(struct od_database *d);

#endif
