#include "server/admin.h"

#include <stdlib.h>

#include "rules/activate/activation.h"
#include "server/app.h"
#include "feed/feed.h"
#include "feed/lag.h"
#include "tasks/jobs.h"
#include "rules/activate/migrate.h"
#include "server/replays.h"
#include "rules/make/shadow.h"
#include "base/json/json.h"
#include "engine/engine.h"
#include "store/rules/bundles.h"

enum { ANSWER_MAX = 16 << 20 };

typedef void done_cb(void *done_ctx, int status, struct od_str json, const struct od_err *err);

/* One question that waits for its answer. */
struct asked {
    struct od_app *app;
    done_cb *done;
    void *done_ctx;
    struct od_str hash; /* of the bundle asked for; lives with done_ctx */
    struct od_buf json;
    struct od_err err;
    int status; /* 0: not known yet */
};

static int status_of(const struct od_err *err)
{
    switch (err->code) {
    case OD_ERR_NOT_FOUND:
        return 404;
    case OD_ERR_AMBIGUOUS:
    case OD_ERR_CONFIG:
        return 409; /* orders are in the way */
    case OD_ERR_INVALID:
    case OD_ERR_SCRIPT:
        return 422;
    case OD_ERR_NONE:
    case OD_ERR_MALFORMED:
    case OD_ERR_LIMIT:
    case OD_ERR_DB:
    case OD_ERR_UNAVAILABLE:
    case OD_ERR_IO:
        return 503;
    }
    abort();
}

static void finish(struct asked *q)
{
    bool failed = q->err.code != OD_ERR_NONE;
    if (failed)
        q->done(q->done_ctx, q->status ? q->status : status_of(&q->err), OD_STR_NONE, &q->err);
    else
        q->done(q->done_ctx, q->status, od_buf_view(&q->json), NULL);
    od_buf_fini(&q->json);
    free(q);
}

static void on_synced(void *ctx, bool failed)
{
    struct asked *q = ctx;
    if (failed && q->err.code == OD_ERR_NONE)
        (void)od_err_set(&q->err, OD_ERR_UNAVAILABLE, "the database cannot be reached");
    finish(q);
}

/* ---- bundles */

/* PostgreSQL puts blanks and newlines between the parts of JSON; the other answers have none. */
static void put_compact(struct od_buf *out, struct od_str json)
{
    bool text = false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.ptr[i];
        if (c == '"')
            text = !text;
        if (text || (c != ' ' && c != '\n'))
            od_buf_char(out, c);
        if (text && c == '\\' && i + 1 < json.len)
            od_buf_char(out, json.ptr[++i]);
    }
}

static void on_overview(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct asked *q = ctx;
    if (!err)
        put_compact(&q->json, od_pg_get_text(r, 0, 0));
    q->status = 200;
}

static void get_bundles(struct asked *q)
{
    od_bundle_overview(q->app->serving.query, on_overview, q);
    od_pg_sync(q->app->serving.query, on_synced, q);
}

static void on_sources(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct asked *q = ctx;
    struct od_json_writer w;
    if (err)
        return;
    if (r->rows == 0) {
        (void)od_bundle_unknown(&q->err, q->hash);
        return;
    }
    od_jw_init(&w, &q->json);
    od_jw_object(&w);
    od_jw_key(&w, "bundle");
    od_jw_str(&w, od_pg_get_text(r, 0, 0));
    od_jw_key(&w, "files");
    od_jw_array(&w);
    for (int i = 0; i < r->rows; i++) {
        od_jw_object(&w);
        od_jw_key(&w, "plugin");
        od_jw_str(&w, od_pg_get_text(r, i, 1));
        od_jw_key(&w, "file");
        od_jw_str(&w, od_pg_get_text(r, i, 2));
        od_jw_key(&w, "source");
        od_jw_str(&w, od_pg_get_text(r, i, 3));
        od_jw_object_end(&w);
    }
    od_jw_array_end(&w);
    od_jw_object_end(&w);
    q->status = 200;
}

static void get_bundle(struct asked *q, struct od_str hash)
{
    q->hash = hash;
    od_bundle_show(q->app->serving.query, hash, on_sources, q);
    od_pg_sync(q->app->serving.query, on_synced, q);
}

static void on_used(void *ctx, const struct od_err *err, struct od_str bundle, struct od_str notes)
{
    struct asked *q = ctx;
    struct od_json_writer w;
    if (err) {
        q->err = *err;
        finish(q);
        return;
    }
    od_jw_init(&w, &q->json);
    od_jw_object(&w);
    od_jw_key(&w, "bundle");
    od_jw_str(&w, bundle);
    od_jw_key(&w, "notes");
    od_jw_lines(&w, notes);
    od_jw_object_end(&w);
    q->status = 200;
    finish(q);
}

static void activate(struct asked *q, struct od_str hash, struct od_str actor)
{
    struct od_stored_choice which = {.hash = hash};
    od_activation_use(q->app->activation, &which, "activate", actor, on_used, q);
}

static void roll_back(struct asked *q, struct od_str actor)
{
    struct od_stored_choice which = {.before = true};
    od_activation_use(q->app->activation, &which, "rollback", actor, on_used, q);
}

/* ---- what is known at once */

static void on_migration(void *ctx, const struct od_err *err)
{
    struct asked *q = ctx;
    if (err)
        q->err = *err;
    else
        q->status = 200;
    finish(q);
}

static void get_migration(struct asked *q)
{
    od_migrate_json(q->app->migrate, &q->json, on_migration, q);
}

static void get_shadow(struct asked *q)
{
    od_shadow_json(od_engine_shadow(q->app->serving.engine), &q->app->shadow_err, &q->json);
    q->status = 200;
    finish(q);
}

static void get_feed(struct asked *q)
{
    struct od_lag_state lag;
    od_lag_state(od_feed_lag(q->app->feed), &lag);
    od_lag_json(&lag, &q->json);
    q->status = 200;
    finish(q);
}

static void get_replay(struct asked *q)
{
    od_replays_status(q->app->replays, &q->json);
    q->status = 200;
    finish(q);
}

static void post_replay(struct asked *q, struct od_str body)
{
    q->status = od_replays_start(q->app->replays, body, &q->json, &q->err);
    finish(q);
}

static void on_jobs(void *ctx, int status, struct od_str json, const struct od_err *err)
{
    struct asked *q = ctx;
    if (err)
        q->err = *err;
    else
        od_buf_str(&q->json, json);
    q->status = status;
    finish(q);
}

void od_app_admin(void *app, enum od_admin_request what, struct od_str argument, struct od_str body,
                  struct od_str actor, done_cb *done, void *done_ctx)
{
    struct asked *q = calloc(1, sizeof *q);
    if (!q)
        abort();
    q->app = app;
    q->done = done;
    q->done_ctx = done_ctx;
    od_buf_init(&q->json, ANSWER_MAX);
    switch (what) {
    case OD_ADMIN_REPLAY:
        post_replay(q, body);
        return;
    case OD_ADMIN_REPLAY_STATUS:
        get_replay(q);
        return;
    case OD_ADMIN_BUNDLES:
        get_bundles(q);
        return;
    case OD_ADMIN_BUNDLE:
        get_bundle(q, argument);
        return;
    case OD_ADMIN_ACTIVATE:
        activate(q, argument, actor);
        return;
    case OD_ADMIN_ROLLBACK:
        roll_back(q, actor);
        return;
    case OD_ADMIN_SHADOW:
        get_shadow(q);
        return;
    case OD_ADMIN_MIGRATION:
        get_migration(q);
        return;
    case OD_ADMIN_FEED:
        get_feed(q);
        return;
    case OD_ADMIN_JOBS:
        od_jobs_json(q->app->jobs, on_jobs, q);
        return;
    }
    abort();
}
