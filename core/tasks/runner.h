#ifndef OD_TASKS_RUNNER_H
#define OD_TASKS_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "script/task/task.h"

/*
 * Runs the scripts that may wait, routes and jobs, and answers what they wait for: queries over
 * read-only connections of its own, so that a slow one holds up neither commands nor the API; one
 * whole order by the engine's reader; commands by the engine. Each has its time (task_timeout), and
 * there are at most max_tasks of them.
 */

struct od_buf;
struct od_conf;
struct od_engine;
struct od_loop;
struct od_pg_server;
struct od_script_host;

struct od_script_host *od_script_host_new(struct od_loop *loop, struct od_engine *engine,
                                          struct od_pg_server *server, const struct od_conf *conf);
/* A reload's [script] takes effect for tasks that start from now on. */
void od_script_host_use_conf(struct od_script_host *h, const struct od_conf *conf);

/*
 * Starts the bundle's route or job `index`. False: too many are under way, or the host stops, and
 * done will not be called. Else done is called once, perhaps before this returns; what it is given
 * is gone afterwards. Failures have been logged.
 *
 * A route's host is a struct od_script_host (see od_api.route): status 500 or 503 without a reply.
 */
bool od_script_host_route(void *host, struct od_bundle *b, uint32_t index,
                          const struct od_route_request *r,
                          void (*done)(void *ctx, int status, const struct od_route_reply *reply),
                          void *ctx);
/* err NULL: it returned. stopped: od_script_host_abort ended it. */
bool od_script_host_job(struct od_script_host *h, struct od_bundle *b, uint32_t index,
                        int64_t scheduled_at,
                        void (*done)(void *ctx, const struct od_err *err, bool stopped), void *ctx);

/* Ends the job that was started with this ctx, if it is still under way. */
void od_script_host_cancel(struct od_script_host *h, const void *ctx);

/* Ends what is under way, as soon as the commands it gave are answered, and starts nothing more. */
void od_script_host_abort(struct od_script_host *h);
/* Aborts, closes the connections and calls back; the host is gone by then. The engine must still
 * answer. */
void od_script_host_stop(struct od_script_host *h, void (*stopped)(void *ctx), void *ctx);

/* Appends Prometheus text. */
void od_script_host_metrics(const struct od_script_host *h, struct od_buf *out);

#endif
