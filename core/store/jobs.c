#include "store/jobs.h"

/* [jobs] lease is 1 h at most: one that ends later was given before the clock was put back. */
#define LEASE_MAX "interval '2 hours'"

/* The first point of the plan (every, offset) after now. */
#define NEXT_AT(every, offset)                                                                     \
    "to_timestamp(((floor((extract(epoch from clock_timestamp()) * 1000 - " offset ") / " every    \
    ") + 1) * " every " + " offset ") / 1000)"

static const uint32_t plan_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY, OD_PG_INT8_ARRAY};
static const struct od_pg_stmt plan_jobs = {
    .name = "job_plan",
    .sql = "insert into job (job, next_at)"
           " select u.job, " NEXT_AT(
               "u.every", "u.off") " from unnest($1, $2, $3)"
                                   " as u (job, every, off) order by u.job"
                                   " on conflict (job) do update set next_at = excluded.next_at"
                                   " where job.next_at > excluded.next_at",
    .nparams = 3,
    .param_oids = plan_oids,
};

/* Writes nothing where nothing is wrong. */
static const struct od_pg_stmt replan_jobs = {
    .name = "job_replan",
    .sql = "update job set next_at = " NEXT_AT(
        "u.every", "u.off") " from unnest($1, $2, $3) as u (job, every, off)"
                            " where job.job = u.job and job.runner is null"
                            " and job.next_at > now() + 2 * u.every * interval '1 ms'",
    .nparams = 3,
    .param_oids = plan_oids,
};

static const uint32_t claim_oids[] = {OD_PG_UUID, OD_PG_TEXT_ARRAY, OD_PG_INT4, OD_PG_INT8};
static const struct od_pg_stmt claim_jobs = {
    .name = "job_claim",
    .sql = "with due as (select job, runner is not null as taken_over from job"
           " where job = any($2) and next_at <= now()"
           " and (runner is null or lease_until < now()"
           " or lease_until > now() + " LEASE_MAX ")"
           " order by next_at, job limit $3 for update skip locked)"
           " update job j set runner = $1, lease_until = now() + $4 * interval '1 ms',"
           " last_start = now(), failures = j.failures + due.taken_over::int,"
           " last_error = case when due.taken_over then 'the process that ran it is gone'"
           " else j.last_error end"
           " from due where j.job = due.job returning j.job, j.next_at, due.taken_over",
    .nparams = 4,
    .param_oids = claim_oids,
};

static const uint32_t renew_oids[] = {OD_PG_UUID, OD_PG_TEXT_ARRAY, OD_PG_INT8};
static const struct od_pg_stmt renew_jobs = {
    .name = "job_renew",
    .sql = "update job set lease_until = now() + $3 * interval '1 ms'"
           " where runner = $1 and job = any($2) returning job",
    .nparams = 3,
    .param_oids = renew_oids,
};

static const uint32_t finish_oids[] = {OD_PG_UUID, OD_PG_TEXT, OD_PG_INT8, OD_PG_INT8, OD_PG_TEXT};
static const struct od_pg_stmt finish_job = {
    .name = "job_finish",
    .sql = "update job set runner = null, lease_until = null, last_end = now(), last_error = $5,"
           " runs = runs + 1, failures = failures + ($5 is not null)::int,"
           " next_at = " NEXT_AT("$3", "$4") " where job = $2 and runner = $1",
    .nparams = 5,
    .param_oids = finish_oids,
};

static const uint32_t release_oids[] = {OD_PG_UUID, OD_PG_TEXT};
static const struct od_pg_stmt release_job = {
    .name = "job_release",
    .sql = "update job set runner = null, lease_until = null where job = $2 and runner = $1",
    .nparams = 2,
    .param_oids = release_oids,
};

static const struct od_pg_stmt list_jobs = {
    .name = "job_list",
    .sql = "select job, next_at, runner::text, lease_until, last_start, last_end, last_error, runs,"
           " failures from job order by job",
};

static void put_jobs(struct od_pg_params *p, const struct od_str *jobs, uint32_t count)
{
    od_pg_array_begin(p, OD_PG_TEXT);
    for (uint32_t i = 0; i < count; i++)
        od_pg_array_text(p, jobs[i]);
    od_pg_array_end(p);
}

static void send_plans(struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                       const struct od_job_plan *plans, uint32_t count, od_job_result *on_result,
                       void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (uint32_t i = 0; i < count; i++)
        od_pg_array_text(p, plans[i].job);
    od_pg_array_end(p);
    od_pg_array_begin(p, OD_PG_INT8);
    for (uint32_t i = 0; i < count; i++)
        od_pg_array_i64(p, plans[i].every_ms);
    od_pg_array_end(p);
    od_pg_array_begin(p, OD_PG_INT8);
    for (uint32_t i = 0; i < count; i++)
        od_pg_array_i64(p, plans[i].offset_ms);
    od_pg_array_end(p);
    od_pg_send(conn, stmt, p, on_result, ctx);
}

void od_job_plan_send(struct od_pg_conn *conn, const struct od_job_plan *plans, uint32_t count,
                      od_job_result *on_result, void *ctx)
{
    send_plans(conn, &plan_jobs, plans, count, on_result, ctx);
}

void od_job_replan_send(struct od_pg_conn *conn, const struct od_job_plan *plans, uint32_t count)
{
    send_plans(conn, &replan_jobs, plans, count, NULL, NULL);
}

void od_job_claim_send(struct od_pg_conn *conn, const struct od_uuid *process,
                       const struct od_str *jobs, uint32_t count, int32_t limit, int64_t lease_ms,
                       od_job_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, process);
    put_jobs(p, jobs, count);
    od_pg_i32(p, limit);
    od_pg_i64(p, lease_ms);
    od_pg_send(conn, &claim_jobs, p, on_result, ctx);
}

void od_job_renew_send(struct od_pg_conn *conn, const struct od_uuid *process,
                       const struct od_str *jobs, uint32_t count, int64_t lease_ms,
                       od_job_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, process);
    put_jobs(p, jobs, count);
    od_pg_i64(p, lease_ms);
    od_pg_send(conn, &renew_jobs, p, on_result, ctx);
}

void od_job_finish_send(struct od_pg_conn *conn, const struct od_uuid *process,
                        const struct od_job_plan *plan, struct od_str error)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, process);
    od_pg_text(p, plan->job);
    od_pg_i64(p, plan->every_ms);
    od_pg_i64(p, plan->offset_ms);
    od_pg_text(p, error);
    od_pg_send(conn, &finish_job, p, NULL, NULL);
}

void od_job_release_send(struct od_pg_conn *conn, const struct od_uuid *process, struct od_str job)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, process);
    od_pg_text(p, job);
    od_pg_send(conn, &release_job, p, NULL, NULL);
}

void od_job_list_send(struct od_pg_conn *conn, od_job_result *on_result, void *ctx)
{
    od_pg_send(conn, &list_jobs, NULL, on_result, ctx);
}
