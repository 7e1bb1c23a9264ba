#include "api/handler.h"
#include "api/routes.h"

/* What only the process as a whole can do or tell: replays, bundles, the shadow, jobs. The answers
 * come from server/ through od_api.admin. */

static struct od_str problem_detail(struct od_http_request *req, const struct od_err *err)
{
    return od_arena_printf(&req->arena, "%s%s%s", err->origin, err->origin[0] ? ": " : "",
                           err->message);
}

static const char *problem_code(int status, const struct od_err *err)
{
    if (err->code == OD_ERR_CONFIG)
        return "config_error";
    if (err->code == OD_ERR_SCRIPT)
        return "script_error";
    return status == 404 ? "not_found" : status == 409 ? "conflict" : "invalid";
}

static void on_done(void *ctx, int status, struct od_str json, const struct od_err *err)
{
    struct od_http_request *req = ctx;
    if (!err) {
        od_http_reply(req, status, "application/json", json);
    } else if (status >= 400 && status < 500) {
        od_problem_send(req, &(struct od_problem){.status = status,
                                                  .code = problem_code(status, err),
                                                  .detail = problem_detail(req, err)});
    } else {
        od_api_send_err(req, err);
    }
}

static void ask(struct od_api *api, struct od_http_request *req, enum od_admin_request what)
{
    struct od_str actor;
    if (od_auth_allow(api->auth, req, OD_ROLE_ADMIN, &actor))
        api->admin(api->ctx, what, od_http_param(req, "hash"), req->body, actor, on_done, req);
}

#define HANDLER(name, what)                                                                        \
    static void name(void *ctx, struct od_http_request *req)                                       \
    {                                                                                              \
        ask(ctx, req, what);                                                                       \
    }
HANDLER(post_replay, OD_ADMIN_REPLAY)
HANDLER(get_replay, OD_ADMIN_REPLAY_STATUS)
HANDLER(get_bundles, OD_ADMIN_BUNDLES)
HANDLER(get_bundle, OD_ADMIN_BUNDLE)
HANDLER(post_activate, OD_ADMIN_ACTIVATE)
HANDLER(post_rollback, OD_ADMIN_ROLLBACK)
HANDLER(get_shadow, OD_ADMIN_SHADOW)
HANDLER(get_migration, OD_ADMIN_MIGRATION)
HANDLER(get_feed, OD_ADMIN_FEED)
HANDLER(get_jobs, OD_ADMIN_JOBS)
#undef HANDLER

void od_api_admin_routes(struct od_api *api, struct od_http_router *router)
{
    const struct od_http_route routes[] = {
        {"replay", OD_HTTP_POST, "/admin/replay", OD_HTTP_JSON, post_replay, api, {0}},
        {"get_replay", OD_HTTP_GET, "/admin/replay", 0, get_replay, api, {0}},
        {"get_bundles", OD_HTTP_GET, "/admin/bundles", 0, get_bundles, api, {0}},
        {"get_bundle", OD_HTTP_GET, "/admin/bundles/:hash", 0, get_bundle, api, {0}},
        {"activate",
         OD_HTTP_POST,
         "/admin/bundles/:hash/activate",
         OD_HTTP_ANY_TYPE,
         post_activate,
         api,
         {0}},
        {"rollback",
         OD_HTTP_POST,
         "/admin/bundles/rollback",
         OD_HTTP_ANY_TYPE,
         post_rollback,
         api,
         {0}},
        {"get_shadow", OD_HTTP_GET, "/admin/shadow", 0, get_shadow, api, {0}},
        {"get_migration", OD_HTTP_GET, "/admin/migration", 0, get_migration, api, {0}},
        {"get_feed", OD_HTTP_GET, "/admin/feed", 0, get_feed, api, {0}},
        {"get_jobs", OD_HTTP_GET, "/admin/jobs", 0, get_jobs, api, {0}},
    };
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        od_http_router_add(router, &routes[i]);
}
