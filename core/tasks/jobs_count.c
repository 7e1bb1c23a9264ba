#include "tasks/jobs_count.h"

#include <stdlib.h>
#include <string.h>

struct od_job_counter {
    struct od_job_counter *next;
    char *job;
    uint64_t runs, failures, us;
};

void od_job_count(struct od_job_counter **list, struct od_str job, bool failed, int64_t us)
{
    struct od_job_counter *c = *list;
    while (c && !od_str_is(job, c->job))
        c = c->next;
    if (!c) {
        c = calloc(1, sizeof *c);
        if (!c || !(c->job = strndup(job.ptr, job.len)))
            abort();
        c->next = *list;
        *list = c;
    }
    c->runs++;
    c->failures += failed;
    c->us += (uint64_t)us;
}

static void family(struct od_buf *out, const char *name, const char *help)
{
    od_buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
}

void od_job_counters_write(const struct od_job_counter *list, struct od_buf *out)
{
    family(out, "orderd_job_runs_total", "Runs of jobs that ended here.");
    for (const struct od_job_counter *c = list; c; c = c->next)
        od_buf_printf(out, "orderd_job_runs_total{job=\"%s\"} %llu\n", c->job,
                      (unsigned long long)c->runs);
    family(out, "orderd_job_failures_total", "Of these, those that failed.");
    for (const struct od_job_counter *c = list; c; c = c->next)
        od_buf_printf(out, "orderd_job_failures_total{job=\"%s\"} %llu\n", c->job,
                      (unsigned long long)c->failures);
    family(out, "orderd_job_seconds_total", "Time in runs of jobs.");
    for (const struct od_job_counter *c = list; c; c = c->next)
        od_buf_printf(out, "orderd_job_seconds_total{job=\"%s\"} %.6f\n", c->job,
                      (double)c->us / 1e6);
}

void od_job_counters_free(struct od_job_counter *list)
{
    for (struct od_job_counter *c = list, *next; c; c = next) {
        next = c->next;
        free(c->job);
        free(c);
    }
}
