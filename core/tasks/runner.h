#ifndef OD_TASKS_RUNNER_H
#define OD_TASKS_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "script/task/task.h"

/*
 * Runs the scripts that may wait, which are routes and jobs, and answers what they wait for.
 * Queries go over read-only connections of its own (query.h), so that a slow one holds up neither
 * commands nor the API. The engine reads whole orders and runs commands. Each script has a deadline
 * (task_timeout), and at most max_tasks run at once.
 */

struct od_buf;
struct od_conf;
struct od_engine;
struct od_loop;
struct od_pg_server;
struct od_script_host;

struct od_script_host *od_script_host_new(struct od_loop *loop, struct od_engine *engine,
                                          struct od_pg_server *server, const struct od_conf *conf);
/* Takes over [script] of a reloaded configuration for tasks that start from now on. */
void od_script_host_use_conf(struct od_script_host *h, const struct od_conf *conf);

/*
 * Starts the bundle's route or job `index`. False: too many scripts are under way, or the host
 * stops; done will not be called. Else done is called once, perhaps before this returns, with
 * values that are valid during the call. Failures have been logged.
 *
 * A route's host is a struct od_script_host (see od_api.route). Without a reply the status is 500,
 * 503 (the server stops) or 504 (its time was up).
 */
bool od_script_host_route(void *host, struct od_bundle *b, uint32_t index,
                          const struct od_route_request *r,
                          void (*done)(void *ctx, int status, const struct od_route_reply *reply),
                          void *ctx);
/* err NULL: the job returned. stopped: od_script_host_abort ended it. */
bool od_script_host_job(struct od_script_host *h, struct od_bundle *b, uint32_t index,
                        int64_t scheduled_at,
                        void (*done)(void *ctx, const struct od_err *err, bool stopped), void *ctx);

/* Starts a receiver. done is called as for a route; the reply's receipt says what came of it. */
bool od_script_host_receiver(
    struct od_script_host *h, struct od_bundle *b, uint32_t index, const struct od_message *m,
    void (*done)(void *ctx, int status, const struct od_route_reply *reply), void *ctx);

/* Ends the job that was started with this ctx, if it is still under way. */
void od_script_host_cancel(struct od_script_host *h, const void *ctx);

/* Starts nothing more and ends each script that is under way, as soon as the commands that it gave
 * are answered. */
void od_script_host_abort(struct od_script_host *h);
/* Aborts, closes the connections and calls back; the host is freed by then. The engine must still
 * answer meanwhile. */
void od_script_host_stop(struct od_script_host *h, void (*stopped)(void *ctx), void *ctx);

/* Appends Prometheus text. */
void od_script_host_metrics(const struct od_script_host *h, struct od_buf *out);

#endif
