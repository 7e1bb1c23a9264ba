#include "server/admin.h"

#include <stdlib.h>

#include "api/handler.h"
#include "base/embed.h"
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

/* One question that waits for its answer. */
struct asked {
    struct od_app *app;
    struct od_http_request *req;
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

static const char *problem_code(int status, const struct od_err *err)
{
    if (err->code == OD_ERR_CONFIG)
        return "config_error";
    if (err->code == OD_ERR_SCRIPT)
        return "script_error";
    return status == 404 ? "not_found" : status == 409 ? "conflict" : "invalid";
}

static void send_problem(struct od_http_request *req, int status, const struct od_err *err)
{
    if (status >= 500) {
        od_api_send_err(req, err);
        return;
    }
    od_problem_send(req, &(struct od_problem){
                             .status = status,
                             .code = problem_code(status, err),
                             .detail = od_arena_printf(&req->arena, "%s%s%s", err->origin,
                                                       err->origin[0] ? ": " : "", err->message),
                         });
}

/* Answers, and frees q. */
static void finish(struct asked *q)
{
    if (q->err.code != OD_ERR_NONE)
        send_problem(q->req, q->status ? q->status : status_of(&q->err), &q->err);
    else
        od_http_reply(q->req, q->status, "application/json", od_buf_view(&q->json));
    od_buf_fini(&q->json);
    free(q);
}

static struct asked *ask(void *ctx, struct od_http_request *req)
{
    struct asked *q = calloc(1, sizeof *q);
    if (!q)
        abort();
    q->app = ctx;
    q->req = req;
    od_buf_init(&q->json, ANSWER_MAX);
    return q;
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

static void get_bundles(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
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
        (void)od_bundle_unknown(&q->err, od_http_param(q->req, "hash"));
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

static void get_bundle(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
    od_bundle_show(q->app->serving.query, od_http_param(req, "hash"), on_sources, q);
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

static void activate(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    struct od_stored_choice which = {.hash = od_http_param(req, "hash")};
    od_activation_use(q->app->activation, &which, "activate", who->name, on_used, q);
}

static void roll_back(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    struct od_stored_choice which = {.before = true};
    od_activation_use(q->app->activation, &which, "rollback", who->name, on_used, q);
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

static void get_migration(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
    od_migrate_json(q->app->migrate, &q->json, on_migration, q);
}

static void get_shadow(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
    od_shadow_json(od_engine_shadow(q->app->serving.engine), &q->app->shadow_err, &q->json);
    q->status = 200;
    finish(q);
}

static void get_feed(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
    struct od_lag_state lag;
    od_lag_state(od_feed_lag(q->app->feed), &lag);
    od_lag_json(&lag, &q->json);
    q->status = 200;
    finish(q);
}

static void get_replay(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
    od_replays_status(q->app->replays, &q->json);
    q->status = 200;
    finish(q);
}

static void post_replay(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
    q->status = od_replays_start(q->app->replays, req->body, &q->json, &q->err);
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

static void get_jobs(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct asked *q = ask(ctx, req);
    (void)who;
    od_jobs_json(q->app->jobs, on_jobs, q);
}

OD_EMBED(od_server_admin_text, "server/admin.json");

static const struct od_api_route routes[] = {
    {"replay", OD_HTTP_POST, "/admin/replay", OD_HTTP_JSON, OD_MAY_RULES_REPLAY, post_replay},
    {"get_replay", OD_HTTP_GET, "/admin/replay", 0, OD_MAY_RULES_VIEW, get_replay},
    {"get_bundles", OD_HTTP_GET, "/admin/bundles", OD_API_NO_ORDERS, OD_MAY_RULES_VIEW,
     get_bundles},
    {"get_bundle", OD_HTTP_GET, "/admin/bundles/:hash", OD_API_NO_ORDERS, OD_MAY_RULES_VIEW,
     get_bundle},
    {"activate", OD_HTTP_POST, "/admin/bundles/:hash/activate", OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS,
     OD_MAY_RULES_ACTIVATE, activate},
    {"rollback", OD_HTTP_POST, "/admin/bundles/rollback", OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS,
     OD_MAY_RULES_ACTIVATE, roll_back},
    {"get_shadow", OD_HTTP_GET, "/admin/shadow", 0, OD_MAY_RULES_VIEW, get_shadow},
    {"get_migration", OD_HTTP_GET, "/admin/migration", OD_API_NO_ORDERS, OD_MAY_RULES_VIEW,
     get_migration},
    {"get_feed", OD_HTTP_GET, "/admin/feed", OD_API_NO_ORDERS, OD_MAY_SERVER_VIEW, get_feed},
    {"get_jobs", OD_HTTP_GET, "/admin/jobs", OD_API_NO_ORDERS, OD_MAY_SERVER_VIEW, get_jobs},
};

const struct od_api_chapter od_server_admin = OD_API_CHAPTER(routes, od_server_admin_text);
