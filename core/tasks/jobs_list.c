#include "tasks/jobs_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json/json.h"
#include "script/bundle/bundle.h"
#include "store/jobs.h"

enum { JSON_MAX = 16 << 20 };

struct list {
    struct od_jobs_list_ask ask;
    struct od_bundle *bundle; /* counted */
    struct od_buf json;
    struct od_err err;
};

static const struct od_offer *offer_of(const struct od_bundle *b, struct od_str job)
{
    uint32_t count;
    const struct od_offer *offers = od_bundle_offers(b, OD_OFFER_JOB, &count);
    struct od_str rest = job, name;
    if (!od_str_cut(&rest, '@', &name))
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (od_str_eq(offers[i].name, name) && od_str_eq(offers[i].plugin, rest))
            return &offers[i];
    }
    return NULL;
}

static void write_time(struct od_json_writer *w, const char *key, const struct od_pg_result *r,
                       int row, int col)
{
    od_jw_key(w, key);
    if (od_pg_is_null(r, row, col))
        od_jw_null(w);
    else
        od_jw_time(w, od_pg_get_time(r, row, col));
}

/* When it runs: "every 300 s", or "at 03:00" UTC; null for a job that no plugin has any more. */
static void write_schedule(struct od_json_writer *w, const struct od_offer *o)
{
    char text[48];
    od_jw_key(w, "schedule");
    if (!o) {
        od_jw_null(w);
        return;
    }
    if (o->every_ms)
        snprintf(text, sizeof text, "every %.15g s", (double)o->every_ms / 1000);
    else
        snprintf(text, sizeof text, "at %02d:%02d", (int)(o->at_ms / 3600000),
                 (int)(o->at_ms / 60000 % 60));
    od_jw_cstr(w, text);
}

static void write_job(struct od_json_writer *w, const struct list *l, const struct od_pg_result *r,
                      int i)
{
    struct od_str job = od_pg_get_text(r, i, 0);
    const struct od_offer *offer = offer_of(l->bundle, job);
    od_jw_object(w);
    od_jw_key(w, "job");
    od_jw_str(w, job);
    od_jw_key(w, "active");
    od_jw_bool(w, offer != NULL);
    write_schedule(w, offer);
    write_time(w, "nextAt", r, i, 1);
    od_jw_key(w, "runner");
    od_jw_str(w, od_pg_get_text(r, i, 2));
    write_time(w, "leaseUntil", r, i, 3);
    write_time(w, "lastStart", r, i, 4);
    write_time(w, "lastEnd", r, i, 5);
    od_jw_key(w, "lastError");
    od_jw_str(w, od_pg_get_text(r, i, 6));
    od_jw_key(w, "runs");
    od_jw_i64(w, od_pg_get_i64(r, i, 7));
    od_jw_key(w, "failures");
    od_jw_i64(w, od_pg_get_i64(r, i, 8));
    od_jw_object_end(w);
}

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct list *l = ctx;
    struct od_json_writer w;
    if (err) {
        l->err = *err;
        return;
    }
    od_jw_init(&w, &l->json);
    od_jw_object(&w);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (int i = 0; i < r->rows; i++)
        write_job(&w, l, r, i);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
}

static void on_sync(void *ctx, bool failed)
{
    struct list *l = ctx;
    if (failed)
        l->ask.done(l->ask.done_ctx, 503, OD_STR_NONE, &l->err);
    else
        l->ask.done(l->ask.done_ctx, 200, od_buf_view(&l->json), NULL);
    l->ask.over(l->ask.over_ctx);
    od_bundle_unref(l->bundle);
    od_buf_fini(&l->json);
    free(l);
}

void od_jobs_list(struct od_pg_conn *conn, struct od_bundle *bundle,
                  const struct od_jobs_list_ask *ask)
{
    struct list *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->ask = *ask;
    l->bundle = od_bundle_ref(bundle);
    od_buf_init(&l->json, JSON_MAX);
    od_job_list_send(conn, on_rows, l);
    od_pg_sync(conn, on_sync, l);
}
