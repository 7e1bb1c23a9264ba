#ifndef OD_PG_WAIT_H
#define OD_PG_WAIT_H

#include "pg/conn.h"

/*
 * Running the loop until a connection has answered: for start-up and command-line subcommands,
 * which serve nobody meanwhile. Never from inside a callback. Errors are those of od_pg_send.
 */

/* Until the connection is up; OD_ERR_UNAVAILABLE after timeout_ms, with the last reason. */
int od_pg_wait_up(struct od_pg_conn *c, uint32_t timeout_ms, struct od_err *err) OD_MUST_CHECK;

/* Until no callback of the connection is outstanding. */
void od_pg_wait(struct od_pg_conn *c);

/* Sends one statement and its sync and waits. read (may be NULL) gets the result. */
int od_pg_exec_wait(struct od_pg_conn *c, const struct od_pg_stmt *stmt,
                    const struct od_pg_params *params,
                    void (*read)(void *ctx, const struct od_pg_result *r), void *ctx,
                    struct od_err *err) OD_MUST_CHECK;

/* od_pg_script, waited for. */
int od_pg_script_wait(struct od_pg_conn *c, const char *sql, struct od_err *err) OD_MUST_CHECK;

/* Frees the connection and waits until its memory is gone. */
void od_pg_conn_free_wait(struct od_pg_conn *c, struct od_loop *loop);

#endif
