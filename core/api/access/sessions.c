#include "api/access/people.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/rows.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "pg/conn.h"
#include "store/access/sessions.h"

/* Where a user has logged in. Everybody sees and ends his own; those who administer see and end
 * everybody's. */

struct call {
    struct od_api *api;
    struct od_http_request *req;
    int64_t own;     /* user_id; 0: everybody's */
    int64_t current; /* the session that asks; 0: a key does */
    struct od_json_writer w;
    bool done;
};

/* NULL: it has been answered. `all` needs the permission, and so does a key, which has none of its
 * own. */
static struct call *begin(struct od_api *api, struct od_http_request *req,
                          const struct od_principal *who, enum od_permission permission)
{
    static const char *const names[] = {"all", NULL};
    if (!od_api_query_known(req, names) || od_people_closed(api, req))
        return NULL;
    bool all = who->kind != OD_PRINCIPAL_USER || od_str_is(od_http_query(req, "all"), "true");
    if (all && !od_auth_allow(api->auth, req, permission))
        return NULL;
    struct call *c = OD_NEW(&req->arena, struct call);
    *c = (struct call){.api = api, .req = req, .current = who->session_id};
    c->own = all ? 0 : who->id;
    return c;
}

static void write_session(void *ctx, const struct od_pg_result *r, int row)
{
    struct call *c = ctx;
    struct od_json_writer *w = &c->w;
    int64_t id = od_pg_get_i64(r, row, 0);
    od_jw_object(w);
    od_jw_key(w, "sessionId");
    od_jw_i64(w, id);
    od_jw_key(w, "userId");
    od_jw_i64(w, od_pg_get_i64(r, row, 1));
    od_jw_key(w, "email");
    od_jw_str(w, od_pg_get_text(r, row, 2));
    od_jw_key(w, "browser");
    od_jw_str(w, od_pg_get_text(r, row, 3));
    od_jw_key(w, "createdAt");
    od_jw_time(w, od_pg_get_time(r, row, 4));
    od_jw_key(w, "lastSeenAt");
    od_jw_time(w, od_pg_get_time(r, row, 5));
    od_jw_key(w, "expiresAt");
    od_jw_time(w, od_pg_get_time(r, row, 6));
    od_jw_key(w, "current");
    od_jw_bool(w, id == c->current);
    od_jw_object_end(w);
}

static void on_sessions(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (err)
        return;
    od_rows_write(&c->w, c->req, r, write_session, c);
}

static void on_read(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else
        od_http_send(c->req, 200);
}

static void get_sessions(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who, OD_MAY_USERS_VIEW);
    if (!c)
        return;
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_given_i64(p, c->own);
    od_pg_i64(p, c->api->people->conf.session_idle_ms / 1000);
    od_pg_send(c->api->query, &od_sessions_list, p, on_sessions, c);
    od_pg_sync(c->api->query, on_read, c);
}

static void on_done(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->done = !err && r->rows == 1;
}

static void on_renewed(void *ctx)
{
    struct call *c = ctx;
    od_http_send(c->req, 204);
}

static void send_missing(struct od_http_request *req)
{
    od_problem_sendf(req, 404, "session_not_found", "There is no such session.");
}

static void on_ended(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->done)
        send_missing(c->req);
    else
        od_keys_renew(c->api->people->conf.keys, on_renewed, c);
}

static void end_session(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who, OD_MAY_USERS_MANAGE);
    int64_t id;
    if (!c)
        return;
    if (!od_str_to_i64(od_http_param(req, "session"), 1, INT64_MAX, &id)) {
        send_missing(req);
        return;
    }
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, id);
    od_pg_given_i64(p, c->own);
    od_pg_send(c->api->query, &od_session_delete, p, on_done, c);
    od_pg_sync(c->api->query, on_ended, c);
}

static const struct od_api_route routes[] = {
    {"get_sessions", OD_HTTP_GET, "/api/sessions", OD_API_NO_ORDERS, OD_SIGNED_IN, get_sessions},
    {"end_session", OD_HTTP_DELETE, "/api/sessions/:session", OD_API_NO_ORDERS, OD_SIGNED_IN,
     end_session},
};

OD_EMBED(od_openapi_sessions, "api/access/sessions.json");
const struct od_api_chapter od_api_sessions = OD_API_CHAPTER(routes, od_openapi_sessions);
