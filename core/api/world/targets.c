#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/rows.h"
#include "api/routes.h"
#include "feed/deliver/deliver.h"
#include "feed/feed.h"
#include "pg/conn.h"
#include "store/feed/deliveries.h"
#include "store/feed/targets.h"

/* Targets: how each is set up and fares; pause, resume, a test, and a range sent again. */

enum { RANGE_ROWS = 2000, HURRY_ROWS = 20000 };

struct call {
    struct od_api *api;
    struct od_http_request *req;
    struct od_json_writer w;
    struct od_str name; /* absent: all */
    bool found;
    int64_t delivery_id; /* of a test */
    /* A range that is sent again. */
    int64_t since, until, after, count, last;
    bool only_failed;
};

static struct call *begin(struct od_api *api, struct od_http_request *req)
{
    struct call *c = OD_NEW(&req->arena, struct call);
    c->api = api;
    c->req = req;
    c->name = od_http_param(req, "target");
    return c;
}

static void send_missing(struct od_http_request *req)
{
    od_problem_sendf(req, 404, "target_not_found", "There is no such target.");
}

/* ---- what there is */

/* One that this process is not set up with has a name and a state, and what waits for it. */
static void write_target(void *ctx, const struct od_pg_result *r, int row)
{
    struct call *c = ctx;
    const struct od_deliverer *d = od_feed_deliverer(c->api->feed);
    struct od_str name = od_target_state_name(r, row);
    struct od_json_writer *w = &c->w;
    od_jw_object(w);
    od_jw_key(w, "name");
    od_jw_str(w, name);
    od_target_state_write(w, r, row);
    bool known = od_deliverer_write(d, name, w);
    od_jw_key(w, "configured");
    od_jw_bool(w, known);
    od_jw_object_end(w);
}

static void on_targets(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->found = !err && r->rows > 0;
    if (!c->found)
        return;
    od_jw_init(&c->w, od_http_body(c->req));
    if (c->name.ptr) {
        write_target(c, r, 0);
        return;
    }
    od_rows_write(&c->w, c->req, r, write_target, c);
}

static void on_read(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->found)
        send_missing(c->req);
    else
        od_http_send(c->req, 200);
}

static void read_targets(struct call *c)
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_send(c->api->query, &od_select_targets, p, on_targets, c);
    od_pg_sync(c->api->query, on_read, c);
}

static void get_targets(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {NULL};
    (void)who;
    if (od_api_query_known(req, names))
        read_targets(begin(ctx, req));
}

/* ---- pause and resume */

static void on_changed(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    od_deliverer_look(od_feed_deliverer(c->api->feed));
    read_targets(c);
}

static struct call *change(void *ctx, struct od_http_request *req, struct od_str actor,
                           const struct od_pg_stmt *stmt)
{
    struct call *c = begin(ctx, req);
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_text(p, actor.ptr ? actor : OD_STR(""));
    od_pg_send(c->api->query, stmt, p, NULL, NULL);
    return c;
}

static void pause_target(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = change(ctx, req, who->name, &od_pause_target);
    od_pg_sync(c->api->query, on_changed, c);
}

/* Whoever resumes a target has put it right: what waits for its next attempt need not. */
static void resume_target(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = change(ctx, req, who->name, &od_resume_target);
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_i32(p, HURRY_ROWS);
    od_pg_send(c->api->query, &od_hurry_deliveries, p, NULL, NULL);
    od_pg_sync(c->api->query, on_changed, c);
}

/* ---- a test */

static void on_test(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (!err && r->rows == 1)
        c->delivery_id = od_pg_get_i64(r, 0, 0);
}

static void on_tested(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    if (!c->delivery_id) {
        send_missing(c->req);
        return;
    }
    od_deliverer_poke(od_feed_deliverer(c->api->feed));
    od_jw_init(&c->w, od_http_body(c->req));
    od_jw_object(&c->w);
    od_jw_key(&c->w, "deliveryId");
    od_jw_i64(&c->w, c->delivery_id);
    od_jw_object_end(&c->w);
    od_http_send(c->req, 202);
}

static void test_target(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    (void)who;
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_text(p, OD_STR("{\"test\":true}"));
    od_pg_send(c->api->query, &od_insert_test, p, on_test, c);
    od_pg_sync(c->api->query, on_tested, c);
}

/* ---- a range, again */

static void send_range(struct call *c);

static void on_range(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->last = 0;
    if (err || r->rows != 1 || od_pg_is_null(r, 0, 0))
        return;
    c->after = od_pg_get_i64(r, 0, 0);
    c->last = od_pg_get_i64(r, 0, 1);
    c->count += c->last;
}

static void on_range_queued(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    if (c->last == RANGE_ROWS) {
        send_range(c);
        return;
    }
    od_deliverer_poke(od_feed_deliverer(c->api->feed));
    od_jw_init(&c->w, od_http_body(c->req));
    od_jw_object(&c->w);
    od_jw_key(&c->w, "queued");
    od_jw_i64(&c->w, c->count);
    od_jw_object_end(&c->w);
    od_http_send(c->req, 202);
}

/* So many at a time that nobody waits for it. */
static void send_range(struct call *c)
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_given_time(p, c->since);
    od_pg_given_time(p, c->until);
    od_pg_bool(p, c->only_failed);
    od_pg_i64(p, c->after);
    od_pg_i32(p, RANGE_ROWS);
    od_pg_send(c->api->query, &od_redeliver_range, p, on_range, c);
    od_pg_sync(c->api->query, on_range_queued, c);
}

static bool take_time(struct call *c, const struct od_json *v, int64_t *us)
{
    if (v->type == OD_JSON_STRING && od_time_parse(v->text, us))
        return true;
    od_problem_sendf(c->req, 422, "invalid", "%.*s must be a time like 2026-01-31T12:00:00Z.",
                     OD_STR_ARG(v->key));
    return false;
}

static bool take_range(struct call *c, const struct od_json *body)
{
    for (const struct od_json *v = body->child; v; v = v->next) {
        if (od_str_is(v->key, "since") || od_str_is(v->key, "until")) {
            if (!take_time(c, v, od_str_is(v->key, "since") ? &c->since : &c->until))
                return false;
        } else if (od_str_is(v->key, "only") && v->type == OD_JSON_STRING &&
                   od_str_is(v->text, "failed")) {
            c->only_failed = true;
        } else {
            od_problem_sendf(c->req, 422, "invalid",
                             "The body may have since, until, and \"only\": \"failed\".");
            return false;
        }
    }
    return true;
}

static void redeliver_range(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    struct od_json *body;
    (void)who;
    if (od_api_object(req, &body) && take_range(c, body))
        send_range(c);
}

OD_EMBED(od_api_targets_text, "api/world/targets.json");

static const struct od_api_route routes[] = {
    {"get_targets", OD_HTTP_GET, "/api/targets", OD_API_NO_ORDERS, OD_MAY_TARGETS_VIEW,
     get_targets},
    {"get_target", OD_HTTP_GET, "/api/targets/:target", OD_API_NO_ORDERS, OD_MAY_TARGETS_VIEW,
     get_targets},
    {"pause_target", OD_HTTP_POST, "/api/targets/:target/pause",
     OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS, OD_MAY_TARGETS_MANAGE, pause_target},
    {"resume_target", OD_HTTP_POST, "/api/targets/:target/resume",
     OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS, OD_MAY_TARGETS_MANAGE, resume_target},
    {"test_target", OD_HTTP_POST, "/api/targets/:target/test", OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS,
     OD_MAY_TARGETS_MANAGE, test_target},
    {"redeliver_range", OD_HTTP_POST, "/api/targets/:target/redeliver", OD_HTTP_JSON,
     OD_MAY_TARGETS_MANAGE, redeliver_range},
};

const struct od_api_chapter od_api_targets = OD_API_CHAPTER(routes, od_api_targets_text);
