#ifndef OD_TASKS_JOBS_COUNT_H
#define OD_TASKS_JOBS_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Counts for metrics how often each job ran here, how often it failed and how long it took. */
struct od_job_counter; /* a list; NULL is the empty one */

void od_job_count(struct od_job_counter **list, struct od_str job, bool failed, int64_t us);
void od_job_counters_write(const struct od_job_counter *list, struct od_buf *out);
void od_job_counters_free(struct od_job_counter *list);

#endif
