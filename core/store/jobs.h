#ifndef OD_STORE_JOBS_H
#define OD_STORE_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/uuid.h"
#include "pg/conn.h"

/*
 * The rows of the table job say when each job is due, and which process runs it. Jobs are due by
 * the database server's clock, which all processes share. Each function queues one statement, which
 * takes effect by itself, and the caller syncs. on_result is that of od_pg_send.
 */

struct od_job_plan {
    struct od_str job;           /* "auto_cancel@shop" */
    int64_t every_ms, offset_ms; /* it is due at multiples of every_ms since 1970, plus offset_ms */
};

typedef void od_job_result(void *ctx, const struct od_pg_result *r, const struct od_err *err);

/* Makes rows for jobs that have none, due at the next point of their plan. A row whose next_at lies
 * behind that point, because its plan was another one, is brought forward. */
void od_job_plan_send(struct od_pg_conn *conn, const struct od_job_plan *plans, uint32_t count,
                      od_job_result *on_result, void *ctx);

/* Plans jobs anew that are due later than two of their periods from now, because the server's clock
 * was ahead when that was written. */
void od_job_replan_send(struct od_pg_conn *conn, const struct od_job_plan *plans, uint32_t count);

/* Takes at most `limit` of these jobs that are due and that nobody with a valid lease runs. Rows:
 * job text, scheduled_at timestamptz, taken_over bool. */
void od_job_claim_send(struct od_pg_conn *conn, const struct od_uuid *process,
                       const struct od_str *jobs, uint32_t count, int32_t limit, int64_t lease_ms,
                       od_job_result *on_result, void *ctx);

/* Renews the leases of this process. Rows: job text, of the jobs that are still its own. */
void od_job_renew_send(struct od_pg_conn *conn, const struct od_uuid *process,
                       const struct od_str *jobs, uint32_t count, int64_t lease_ms,
                       od_job_result *on_result, void *ctx);

/* Notes that a run has ended; error absent: it succeeded. The job is due again at the plan's next
 * point from now. Nothing happens when another process has taken the job over. */
void od_job_finish_send(struct od_pg_conn *conn, const struct od_uuid *process,
                        const struct od_job_plan *plan, struct od_str error);
/* Gives a job back as it was taken, still due. */
void od_job_release_send(struct od_pg_conn *conn, const struct od_uuid *process, struct od_str job);

/* Lists all jobs in order of name. Rows: job text, next_at timestamptz, runner text (a uuid),
 * lease_until, last_start, last_end timestamptz, last_error text, runs, failures int8. All but job,
 * next_at, runs and failures may be null. */
void od_job_list_send(struct od_pg_conn *conn, od_job_result *on_result, void *ctx);

#endif
