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
 * A connection to PostgreSQL on the loop. It is pipelined, never blocks, and comes back by itself
 * after a loss: it tries again after 50 ms, then after twice as long up to backoff_max_ms, with
 * jitter. od_pg_send queues statements and od_pg_sync ends a pipeline of them. Between two syncs
 * the first error aborts the rest.
 *
 * Every callback runs exactly once and never inside the call that registered it. On a loss all that
 * is in flight gets OD_ERR_UNAVAILABLE, in order, and then on_down runs. The outcome of a commit in
 * flight is then unknown. Statements that are sent while the connection is down fail in the same
 * way.
 *
 * A WARNING of the server between a commit and its result ends the session as a loss does. The
 * outcome of that commit is unknown, too, because it may not have reached a synchronous standby.
 * The sync commits a statement that is outside an explicit transaction, so on_sync tells of
 * success, not on_result.
 */
struct od_pg_conn;
struct od_pg_server;

/* Any callback may be NULL. */
struct od_pg_conn_conf {
    /* The database of the process: where it is, and which server its other connections are on
     * (pg/server.h). It must outlive the connection. */
    struct od_pg_server *server;
    const char *conninfo;     /* used without a server: key=value or URI; copied */
    const char *const *setup; /* SQL run on each connect, NULL-terminated or NULL; copied */
    unsigned rotation;        /* a scout's: the index of the host of the conninfo to try first */
    bool scout;               /* goes to that host whatever other connections have found */
    void *ctx;
    void (*on_up)(void *ctx);
    void (*on_down)(void *ctx, const struct od_err *why); /* only after on_up */
    /* Runs for each error of a statement but "aborted", before its on_result. */
    void (*on_error)(void *ctx, const struct od_err *err);
    /* Runs for each notification of a channel that setup listens on. Those that are sent during a
     * loss are lost. */
    void (*on_notify)(void *ctx, const char *channel, const char *payload);
    /* The time for one answer, counted from when it is the next that the server owes. After it the
     * session ends as by a loss. It must be longer than the statement_timeout that the server
     * keeps. 0: the connection waits for ever. */
    uint32_t answer_timeout_ms;
    uint32_t connect_timeout_ms; /* for lookup, connection and setup together; 0: 10 s */
    uint32_t backoff_max_ms;     /* 0: 1 s */
    bool quiet;                  /* failed attempts are expected: logged at debug level */
    uint32_t params_max;         /* bytes of one statement's parameters; 0: 64 MiB */
};

/* Refuses a conninfo that libpq cannot parse (OD_ERR_CONFIG). */
int od_pg_conninfo_check(const char *conninfo, struct od_err *err) OD_MUST_CHECK;

struct od_pg_conn *od_pg_conn_new(struct od_loop *loop, const struct od_pg_conn_conf *conf);
/* Frees the connection. All that is in flight gets OD_ERR_UNAVAILABLE in the next round, on_down is
 * not called, and closed(ctx) (may be NULL) comes last. Accepts NULL; then nothing is called. */
void od_pg_conn_free(struct od_pg_conn *c, void (*closed)(void *ctx), void *ctx);

bool od_pg_conn_up(const struct od_pg_conn *c);
bool od_pg_conn_idle(const struct od_pg_conn *c); /* no callback is outstanding */

/* Empties the connection's own parameters and returns them. They are valid until the next
 * od_pg_params of this connection. */
struct od_pg_params *od_pg_params(struct od_pg_conn *c);

/* Tells of a statement's result, or of an error. Both are valid only during the call. */
typedef void od_pg_on_result(void *ctx, const struct od_pg_result *r, const struct od_err *err);

/*
 * Queues a statement. params (NULL for none) is read before this returns. on_result (may be NULL)
 * gets a result or an error. OD_ERR_DB has the server's sqlstate and message; or it has no sqlstate
 * and says "aborted", because an earlier statement of the pipeline failed. OD_ERR_LIMIT says that
 * the parameters outgrew their maximum, which aborts the pipeline as well. After sqlstate 26000, or
 * 0A000 for a plan whose result type changed, statements are prepared anew and a retry succeeds.
 */
void od_pg_send(struct od_pg_conn *c, const struct od_pg_stmt *stmt,
                const struct od_pg_params *params,
                void (*on_result)(void *ctx, const struct od_pg_result *r,
                                  const struct od_err *err),
                void *ctx);

/* How many statements were sent on it so far, refused ones included. */
uint64_t od_pg_statements(const struct od_pg_conn *c);

/* Ends the pipeline and sends it. on_sync (may be NULL) runs after all results of the pipeline;
 * failed: one of them was an error. */
void od_pg_sync(struct od_pg_conn *c, void (*on_sync)(void *ctx, bool failed), void *ctx);

/*
 * Runs SQL text of any number of statements over the simple protocol. They are one implicit
 * transaction unless the text has its own. Call it only while od_pg_conn_idle, and send nothing
 * else until on_result has run. on_result gets the last statement's result in text form, so only
 * rows, affected and tag are of use.
 */
void od_pg_script(struct od_pg_conn *c, const char *sql,
                  void (*on_result)(void *ctx, const struct od_pg_result *r,
                                    const struct od_err *err),
                  void *ctx);

/* Prepares every statement anew before its next use. A plan that was made while tables were small
 * stays bad after they have grown. */
void od_pg_conn_replan(struct od_pg_conn *c);

#endif
