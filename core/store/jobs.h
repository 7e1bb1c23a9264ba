#ifndef OD_STORE_JOBS_H
#define OD_STORE_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/uuid.h"
#include "pg/conn.h"

/*
 * Rows of `job`: when each is due, and which process runs it. Due is by the server's clock, which
 * all processes share. Each function queues one statement, which takes effect by itself; the caller
 * syncs. on_result as of od_pg_send.
 */

struct od_job_plan {
    struct od_str job;           /* "auto_cancel@shop" */
    int64_t every_ms, offset_ms; /* due at multiples of every_ms since 1970, plus offset_ms */
};

typedef void od_job_result(void *ctx, const struct od_pg_result *r, const struct od_err *err);

/* Makes rows of jobs that have none, due at the next point of their plan; a row whose next_at lies
 * behind that (its plan was another one) is brought forward. */
void od_job_plan_send(struct od_pg_conn *conn, const struct od_job_plan *plans, uint32_t count,
                      od_job_result *on_result, void *ctx);

/* Plans anew what is due later than two of its periods from now: the server's clock was ahead when
 * that was written. */
void od_job_replan_send(struct od_pg_conn *conn, const struct od_job_plan *plans, uint32_t count);

/* Takes at most `limit` of these jobs that are due and run by nobody whose lease still holds.
 * Rows: job text, scheduled_at timestamptz, taken_over bool. */
void od_job_claim_send(struct od_pg_conn *conn, const struct od_uuid *process,
                       const struct od_str *jobs, uint32_t count, int32_t limit, int64_t lease_ms,
                       od_job_result *on_result, void *ctx);

/* Rows: job text, of those that are still this process's. */
void od_job_renew_send(struct od_pg_conn *conn, const struct od_uuid *process,
                       const struct od_str *jobs, uint32_t count, int64_t lease_ms,
                       od_job_result *on_result, void *ctx);

/* The run has ended; error absent: well. Due again at the plan's next point from now. Nothing
 * happens when another process has taken the job over. */
void od_job_finish_send(struct od_pg_conn *conn, const struct od_uuid *process,
                        const struct od_job_plan *plan, struct od_str error);
/* Gives it back as it was taken, still due. */
void od_job_release_send(struct od_pg_conn *conn, const struct od_uuid *process, struct od_str job);

/* Rows of all jobs, in order of name: job text, next_at, runner text (a uuid), lease_until,
 * last_start, last_end timestamptz, last_error text, runs, failures int8. All but job, next_at,
 * runs and failures may be null. */
void od_job_list_send(struct od_pg_conn *conn, od_job_result *on_result, void *ctx);

#endif
