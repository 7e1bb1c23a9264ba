#ifndef OD_TASKS_JOBS_H
#define OD_TASKS_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

/*
 * The plugins' scheduled jobs. Each has a row (table job) that says when it is due and who runs it,
 * so that of several processes one runs it: a process takes a due job with a lease, renews that
 * while the job runs, and moves next_at to the next point of the job's period when it has ended.
 * Periods that passed meanwhile, or while no process ran, are not made up for. A failed run waits
 * for the next period like any other. The job of a process that is gone is taken over when its
 * lease has run out.
 */

struct od_buf;
struct od_conf;
struct od_jobs;
struct od_loop;
struct od_pg_conn;
struct od_rules;
struct od_script_host;

struct od_jobs_conf {
    struct od_pg_conn *query; /* shared; must outlive the jobs */
    struct od_script_host *scripts;
    struct od_rules **rules; /* those that serve: od_engine_rules_slot */
    struct od_uuid process;  /* this server_process */
    bool enabled;
    int64_t interval_ms, lease_ms;
};

struct od_jobs *od_jobs_new(struct od_loop *loop, const struct od_jobs_conf *conf);

/* GET /admin/jobs: {items: [{job, active, nextAt, …}]}. done is called once, never in here. */
void od_jobs_json(struct od_jobs *j,
                  void (*done)(void *done_ctx, int status, struct od_str json,
                               const struct od_err *err),
                  void *done_ctx);
void od_jobs_metrics(const struct od_jobs *j, struct od_buf *out);

/* Takes no more jobs, waits for those that run (od_script_host_abort hurries them), gives back
 * their rows and calls back; the jobs are gone by then. */
void od_jobs_stop(struct od_jobs *j, void (*stopped)(void *ctx), void *ctx);

#endif
