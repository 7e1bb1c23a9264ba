#ifndef OD_TASKS_JOBS_LIST_H
#define OD_TASKS_JOBS_LIST_H

#include "base/err.h"
#include "base/str.h"

/* Answers GET /admin/jobs: every row of the table job, and what the bundle says about it. */

struct od_bundle;
struct od_pg_conn;

struct od_jobs_list_ask {
    void (*done)(void *done_ctx, int status, struct od_str json, const struct od_err *err);
    void *done_ctx;
    void (*over)(void *over_ctx); /* after done */
    void *over_ctx;
};

void od_jobs_list(struct od_pg_conn *conn, struct od_bundle *bundle,
                  const struct od_jobs_list_ask *ask);

#endif
