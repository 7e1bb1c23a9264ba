#include "tasks/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks/jobs_count.h"
#include "tasks/jobs_list.h"
#include "tasks/runner.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/rules.h"
#include "loop/timer.h"
#include "script/bundle/bundle.h"
#include "store/jobs.h"

enum { RENEWALS = 3 }; /* in one lease: two may come late */

/* One that this process runs. */
struct run {
    struct od_list node;
    struct od_jobs *jobs;
    struct od_job_plan plan; /* its name is the run's own */
    bool renewed;            /* the last renewal found its row to be ours */
    int64_t since_us;
};

struct claimed {
    struct od_str job;
    int64_t scheduled_at;
};

struct od_jobs {
    struct od_jobs_conf conf;
    struct od_timer *timer;
    struct od_deferred stopping;
    struct od_bundle *bundle; /* counted: whose jobs these are */
    struct od_arena arena;    /* of plans */
    struct od_job_plan *plans;
    uint32_t plan_count;
    bool planned; /* they have their rows */
    bool planning, claiming, renewing;
    struct od_arena claim_arena;
    struct claimed *claimed; /* [claimed_count]: ours once the claim has been committed */
    int claimed_count;
    int64_t renewed_us;
    struct od_list running;
    uint32_t running_count;
    unsigned in_flight; /* syncs that have not come */
    struct od_job_counter *counters;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void check_stopped(struct od_jobs *j)
{
    if (j->stopped && !j->running_count && !j->in_flight)
        od_deferred_arm(&j->stopping);
}

static void on_sync(void *ctx, bool failed)
{
    struct od_jobs *j = ctx;
    (void)failed;
    j->in_flight--;
    check_stopped(j);
}

static void end_pipeline(struct od_jobs *j)
{
    j->in_flight++;
    od_pg_sync(j->conf.query, on_sync, j);
}

static const struct od_job_plan *plan_of(const struct od_jobs *j, struct od_str job)
{
    for (uint32_t i = 0; i < j->plan_count; i++) {
        if (od_str_eq(j->plans[i].job, job))
            return &j->plans[i];
    }
    return NULL;
}

static struct run *run_of(const struct od_jobs *j, struct od_str job)
{
    for (struct od_list *n = j->running.next; n != &j->running; n = n->next) {
        struct run *r = OD_LIST_ENTRY(n, struct run, node);
        if (od_str_eq(r->plan.job, job))
            return r;
    }
    return NULL;
}

static void free_run(struct run *r)
{
    od_list_remove(&r->node);
    r->jobs->running_count--;
    free((char *)(uintptr_t)r->plan.job.ptr);
    free(r);
}

static void on_ended(void *ctx, const struct od_err *err, bool stopped)
{
    struct run *r = ctx;
    struct od_jobs *j = r->jobs;
    const struct od_job_plan *plan = plan_of(j, r->plan.job); /* as the rules are by now */
    char text[900];
    if (err)
        snprintf(text, sizeof text, "%s%s%s", err->origin, err->origin[0] ? ": " : "",
                 err->message);
    if (stopped) {
        od_job_release_send(j->conf.query, &j->conf.process, r->plan.job);
    } else {
        od_job_count(&j->counters, r->plan.job, err != NULL, od_clock_monotonic_us() - r->since_us);
        od_job_finish_send(j->conf.query, &j->conf.process, plan ? plan : &r->plan,
                           err ? od_str_of(text) : OD_STR_NONE);
    }
    free_run(r);
    end_pipeline(j);
}

static void start_job(struct od_jobs *j, struct od_str job, int64_t scheduled_at)
{
    const struct od_job_plan *plan = plan_of(j, job);
    struct run *r = plan && !j->stopped ? calloc(1, sizeof *r) : NULL;
    if (r) {
        r->jobs = j;
        r->plan = *plan;
        r->plan.job = od_str_n(strndup(job.ptr, job.len), job.len);
        r->renewed = true;
        r->since_us = od_clock_monotonic_us();
        od_list_push(&j->running, &r->node);
        j->running_count++;
        if (od_script_host_job(j->conf.scripts, j->bundle, (uint32_t)(plan - j->plans),
                               scheduled_at, on_ended, r))
            return;
        free_run(r);
    }
    od_job_release_send(j->conf.query, &j->conf.process, job);
    end_pipeline(j);
}

static void on_claimed(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_jobs *j = ctx;
    if (err)
        return;
    j->claimed = OD_NEW_ARRAY(&j->claim_arena, struct claimed, (size_t)r->rows);
    j->claimed_count = r->rows;
    for (int i = 0; i < r->rows; i++) {
        struct od_str job = od_arena_str(&j->claim_arena, od_pg_get_text(r, i, 0));
        j->claimed[i] = (struct claimed){job, od_pg_get_time(r, i, 1)};
        if (od_pg_get_bool(r, i, 2))
            od_warn("job_taken_over", "job=%.*s", OD_STR_ARG(job));
    }
}

/* A claim that failed at its commit may be ours or not: its lease ends by itself. */
static void on_claim_committed(void *ctx, bool failed)
{
    struct od_jobs *j = ctx;
    j->claiming = false;
    for (int i = 0; !failed && i < j->claimed_count; i++)
        start_job(j, j->claimed[i].job, j->claimed[i].scheduled_at);
    on_sync(j, failed);
}

static void claim(struct od_jobs *j)
{
    struct od_arena names;
    uint32_t count = 0;
    od_arena_init(&names);
    struct od_str *free_jobs = OD_NEW_ARRAY(&names, struct od_str, j->plan_count);
    for (uint32_t i = 0; i < j->plan_count; i++) {
        if (!run_of(j, j->plans[i].job))
            free_jobs[count++] = j->plans[i].job;
    }
    if (count) {
        j->claiming = true;
        j->claimed_count = 0;
        od_arena_reset(&j->claim_arena);
        od_job_replan_send(j->conf.query, j->plans, j->plan_count);
        od_job_claim_send(j->conf.query, &j->conf.process, free_jobs, count, (int32_t)count,
                          j->conf.lease_ms, on_claimed, j);
        j->in_flight++;
        od_pg_sync(j->conf.query, on_claim_committed, j);
    }
    od_arena_fini(&names);
}

/* One that is no longer ours runs elsewhere by now: it is ended here. */
static void on_renewed(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_jobs *j = ctx;
    j->renewing = false;
    if (err)
        return;
    j->renewed_us = od_clock_monotonic_us();
    for (int i = 0; i < res->rows; i++) {
        struct run *r = run_of(j, od_pg_get_text(res, i, 0));
        if (r)
            r->renewed = true;
    }
    for (struct od_list *n = j->running.next, *next; n != &j->running; n = next) {
        struct run *r = OD_LIST_ENTRY(n, struct run, node);
        next = n->next;
        if (r->renewed)
            continue;
        od_warn("job_lease_lost", "job=%.*s", OD_STR_ARG(r->plan.job));
        od_script_host_cancel(j->conf.scripts, r);
    }
}

static void renew(struct od_jobs *j)
{
    struct od_arena names;
    uint32_t count = 0;
    od_arena_init(&names);
    struct od_str *jobs = OD_NEW_ARRAY(&names, struct od_str, j->running_count);
    for (struct od_list *n = j->running.next; n != &j->running; n = n->next) {
        struct run *r = OD_LIST_ENTRY(n, struct run, node);
        r->renewed = false;
        jobs[count++] = r->plan.job;
    }
    j->renewing = true;
    od_job_renew_send(j->conf.query, &j->conf.process, jobs, count, j->conf.lease_ms, on_renewed,
                      j);
    end_pipeline(j);
    od_arena_fini(&names);
}

/* The jobs of the rules that serve now. */
static void take_bundle(struct od_jobs *j)
{
    struct od_bundle *bundle = (*j->conf.rules)->bundle;
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    if (bundle == j->bundle)
        return;
    od_bundle_unref(j->bundle);
    j->bundle = od_bundle_ref(bundle);
    j->planned = false;
    od_arena_reset(&j->arena);
    const struct od_offer *offers = od_bundle_offers(bundle, OD_OFFER_JOB, &j->plan_count);
    j->plans = OD_NEW_ARRAY(&j->arena, struct od_job_plan, j->plan_count);
    for (uint32_t i = 0; i < j->plan_count; i++) {
        const struct od_offer *o = &offers[i];
        j->plans[i] = (struct od_job_plan){
            .job =
                od_arena_printf(&j->arena, "%.*s@%.*s", OD_STR_ARG(o->name), OD_STR_ARG(o->plugin)),
            .every_ms = o->every_ms ? o->every_ms : DAY_MS,
            .offset_ms = o->every_ms ? 0 : o->at_ms,
        };
    }
}

static void on_planned(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_jobs *j = ctx;
    (void)r;
    j->planned = !err;
    j->planning = false;
}

static void on_timer(void *ctx)
{
    struct od_jobs *j = ctx;
    if (!od_pg_conn_up(j->conf.query) || j->planning)
        return;
    take_bundle(j);
    if (!j->planned && j->plan_count) {
        j->planning = true;
        od_job_plan_send(j->conf.query, j->plans, j->plan_count, on_planned, j);
        end_pipeline(j);
        return;
    }
    if (j->plan_count && !j->claiming)
        claim(j);
    int64_t since_ms = (od_clock_monotonic_us() - j->renewed_us) / 1000;
    if (j->running_count && !j->renewing && since_ms >= j->conf.lease_ms / RENEWALS)
        renew(j);
}

static void on_stopping(void *ctx)
{
    struct od_jobs *j = ctx;
    void (*stopped)(void *) = j->stopped;
    void *stopped_ctx = j->stopped_ctx;
    od_job_counters_free(j->counters);
    od_timer_free(j->timer);
    od_bundle_unref(j->bundle);
    od_arena_fini(&j->arena);
    od_arena_fini(&j->claim_arena);
    free(j);
    stopped(stopped_ctx);
}

struct od_jobs *od_jobs_new(struct od_loop *loop, const struct od_jobs_conf *conf)
{
    struct od_jobs *j = calloc(1, sizeof *j);
    if (!j)
        abort();
    j->conf = *conf;
    od_arena_init(&j->arena);
    od_arena_init(&j->claim_arena);
    od_list_init(&j->running);
    od_deferred_init(&j->stopping, loop, on_stopping, j);
    j->timer = od_timer_new(loop, on_timer, j);
    int64_t renewal_ms = conf->lease_ms / RENEWALS;
    if (conf->enabled)
        od_timer_start(j->timer, 1,
                       (uint64_t)(conf->interval_ms < renewal_ms ? conf->interval_ms : renewal_ms));
    return j;
}

static void on_listed(void *ctx)
{
    struct od_jobs *j = ctx;
    j->in_flight--;
    check_stopped(j);
}

void od_jobs_json(struct od_jobs *j,
                  void (*done)(void *done_ctx, int status, struct od_str json,
                               const struct od_err *err),
                  void *done_ctx)
{
    j->in_flight++;
    od_jobs_list(j->conf.query, (*j->conf.rules)->bundle,
                 &(struct od_jobs_list_ask){done, done_ctx, on_listed, j});
}

void od_jobs_metrics(const struct od_jobs *j, struct od_buf *out)
{
    od_buf_printf(out,
                  "# HELP orderd_jobs_running Jobs that this process runs.\n"
                  "# TYPE orderd_jobs_running gauge\norderd_jobs_running %u\n",
                  j->running_count);
    od_job_counters_write(j->counters, out);
}

void od_jobs_stop(struct od_jobs *j, void (*stopped)(void *ctx), void *ctx)
{
    j->stopped = stopped;
    j->stopped_ctx = ctx;
    od_timer_stop(j->timer);
    check_stopped(j);
}
