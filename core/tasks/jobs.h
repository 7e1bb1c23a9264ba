#ifndef OD_TASKS_JOBS_H
#define OD_TASKS_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

/*
 * Runs the plugins' scheduled jobs. A row of the table job says when a job is due and who runs it,
 * so that one process of several runs it. A process takes a due job with a lease and renews the
 * lease while the job runs. When the job has ended, next_at moves to the next point of its period.
 * Periods that passed meanwhile, or while no process ran, are not made up for. A failed run waits
 * for the next period like any other. When a process is gone, another takes its job over after the
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
    struct od_rules **rules; /* the rules that serve: od_engine_rules_slot */
    struct od_uuid process;  /* this process's row of server_process */
    bool enabled;
    int64_t interval_ms, lease_ms;
};

struct od_jobs *od_jobs_new(struct od_loop *loop, const struct od_jobs_conf *conf);

/* Answers GET /admin/jobs: {items: [{job, active, nextAt, …}]}. done is called once, never inside
 * this call. */
void od_jobs_json(struct od_jobs *j,
                  void (*done)(void *done_ctx, int status, struct od_str json,
                               const struct od_err *err),
                  void *done_ctx);
void od_jobs_metrics(const struct od_jobs *j, struct od_buf *out);

/* Takes no more jobs, waits for those that run (od_script_host_abort hurries them), gives their
 * rows back and calls back. The object is freed by then. */
void od_jobs_stop(struct od_jobs *j, void (*stopped)(void *ctx), void *ctx);

#endif
