#ifndef OD_PG_WAIT_H
#define OD_PG_WAIT_H

#include "pg/conn.h"

/*
 * Runs the loop until a connection has answered. The start and the subcommands of the command line
 * use this, because they serve nobody meanwhile. It must not be called from inside a callback.
 * Errors are those of od_pg_send.
 */

/* Waits until the connection is up. OD_ERR_UNAVAILABLE: timeout_ms has passed; the message has the
 * last reason. */
int od_pg_wait_up(struct od_pg_conn *c, uint32_t timeout_ms, struct od_err *err) OD_MUST_CHECK;

/* Waits until no callback of the connection is outstanding. */
void od_pg_wait(struct od_pg_conn *c);

/* Sends one statement and its sync, and waits. read (may be NULL) gets the result. */
int od_pg_exec_wait(struct od_pg_conn *c, const struct od_pg_stmt *stmt,
                    const struct od_pg_params *params,
                    void (*read)(void *ctx, const struct od_pg_result *r), void *ctx,
                    struct od_err *err) OD_MUST_CHECK;

/* Runs od_pg_script and waits for it. */
int od_pg_script_wait(struct od_pg_conn *c, const char *sql, struct od_err *err) OD_MUST_CHECK;

/* Frees the connection and waits until its memory is gone. */
void od_pg_conn_free_wait(struct od_pg_conn *c, struct od_loop *loop);

#endif
