#ifndef OD_PG_CONN_H
#define OD_PG_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/loop.h"
#include "pg/params.h"
#include "pg/result.h"
#include "pg/stmt.h"

/*
 * One connection to PostgreSQL on the loop: pipelined, never blocking, coming back by itself after
 * a loss (50 ms, doubling to backoff_max_ms, with jitter). Statements are queued with od_pg_send
 * and closed off with od_pg_sync; between two syncs the first error aborts the rest.
 *
 * Every callback runs exactly once and never inside the call that registered it. On a loss all that
 * is in flight gets OD_ERR_UNAVAILABLE, in order, and then on_down runs: what a commit in flight
 * did is then unknown. Statements sent while the connection is down fail the same way.
 *
 * A WARNING of the server between a commit and its result ends the session as a loss does, for the
 * commit's outcome is as unknown: what was committed may not have reached a synchronous standby.
 * A statement outside an explicit transaction is committed by its sync, so success is what on_sync
 * tells, not on_result.
 */
struct od_pg_conn;
struct od_pg_server;

/* Any callback may be NULL. */
struct od_pg_conn_conf {
    /* The database of the process, which must outlive the connection: where it is, and which server
     * its other connections are on (pg/server.h). */
    struct od_pg_server *server;
    const char *conninfo;     /* without one: libpq's, key=value or URI; copied */
    const char *const *setup; /* SQL run on each connect, NULL-terminated or NULL; copied */
    unsigned rotation;        /* which host of the conninfo is tried first */
    void *ctx;
    void (*on_up)(void *ctx);
    void (*on_down)(void *ctx, const struct od_err *why); /* only after on_up */
    /* Each error of a statement, before its on_result, except "aborted". */
    void (*on_error)(void *ctx, const struct od_err *err);
    /* Notifications of channels that setup listens on. Those sent during a loss are lost. */
    void (*on_notify)(void *ctx, const char *channel, const char *payload);
    /* For each answer, from when it is the next one that the server owes; then the session ends
     * like one that is lost. Longer than the statement_timeout that the server keeps. 0: for ever.
     */
    uint32_t answer_timeout_ms;
    uint32_t connect_timeout_ms; /* for lookup, connect and setup together; 0: 10 s */
    uint32_t backoff_max_ms;     /* 0: 1 s */
    bool quiet;                  /* failed attempts are expected: logged at debug level */
    uint32_t params_max;         /* bytes of one statement's parameters; 0: 64 MiB */
};

/* Refuses a conninfo that libpq cannot parse (OD_ERR_CONFIG). */
int od_pg_conninfo_check(const char *conninfo, struct od_err *err) OD_MUST_CHECK;

struct od_pg_conn *od_pg_conn_new(struct od_loop *loop, const struct od_pg_conn_conf *conf);
/* What is in flight gets OD_ERR_UNAVAILABLE in the next round, on_down is not called, and
 * closed(ctx) (may be NULL) comes last. Accepts NULL, then nothing is called. */
void od_pg_conn_free(struct od_pg_conn *c, void (*closed)(void *ctx), void *ctx);

bool od_pg_conn_up(const struct od_pg_conn *c);
bool od_pg_conn_idle(const struct od_pg_conn *c); /* no callback is outstanding */

/* The connection's own parameters, emptied: valid until the next od_pg_params of this connection.
 */
struct od_pg_params *od_pg_params(struct od_pg_conn *c);

/* What a statement came to: its result, or an error. Both are valid during the call alone. */
typedef void od_pg_on_result(void *ctx, const struct od_pg_result *r, const struct od_err *err);

/*
 * Queues a statement. params (NULL for none) is read before this returns. on_result (may be NULL)
 * gets a result, or an error: OD_ERR_DB with the server's sqlstate and message, or with no sqlstate
 * and "aborted" because an earlier statement of the pipeline failed; OD_ERR_LIMIT when the
 * parameters outgrew their maximum, which aborts the pipeline as well. After sqlstate 26000, or
 * 0A000 for a plan whose result type changed, statements are prepared anew and a retry succeeds.
 */
void od_pg_send(struct od_pg_conn *c, const struct od_pg_stmt *stmt,
                const struct od_pg_params *params,
                void (*on_result)(void *ctx, const struct od_pg_result *r,
                                  const struct od_err *err),
                void *ctx);

/* Ends the pipeline and sends it. on_sync (may be NULL) runs after all its results; failed: one of
 * them was an error. */
void od_pg_sync(struct od_pg_conn *c, void (*on_sync)(void *ctx, bool failed), void *ctx);

/*
 * Runs SQL text of any number of statements over the simple protocol, as one implicit transaction
 * unless it has its own. Only while od_pg_conn_idle, and nothing else may be sent until on_result,
 * which gets the last statement's result (in text: only rows, affected and tag are of use).
 */
void od_pg_script(struct od_pg_conn *c, const char *sql,
                  void (*on_result)(void *ctx, const struct od_pg_result *r,
                                    const struct od_err *err),
                  void *ctx);

/* Prepares every statement anew before its next use: a plan made while tables were small stays bad
 * after they grew. */
void od_pg_conn_replan(struct od_pg_conn *c);

#endif
