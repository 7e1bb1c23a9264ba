#ifndef OD_CLI_SESSION_H
#define OD_CLI_SESSION_H

#include "cli/cli.h"
#include "base/err.h"
#include "loop/loop.h"

/* The session of a subcommand that works on the database: its configuration, loop and database. */

struct od_conf;
struct od_database;
struct od_pg_conn;

struct od_session {
    struct od_conf *conf;
    struct od_loop loop;
    struct od_database *database;
};

/* Opens a session. makes: a database is made where there is none. It ends the process when the
 * configuration cannot be read. After a failure the session must be closed, too. */
int od_session_open(struct od_session *s, const struct od_cli *cli, bool makes,
                    struct od_err *err) OD_MUST_CHECK;
void od_session_close(struct od_session *s);

/* Returns a connection that is up, or NULL with *err filled. od_pg_conn_free_wait frees it. */
struct od_pg_conn *od_session_connect(struct od_session *s, struct od_err *err);

/* Finds an order by its number, its uuid or "id:42", as a person writes it. */
int od_session_find_order(struct od_pg_conn *conn, const char *name, int64_t *order_id,
                          struct od_err *err) OD_MUST_CHECK;

#endif
