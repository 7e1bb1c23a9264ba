#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/routes.h"
#include "feed/deliver/deliver.h"
#include "feed/feed.h"
#include "pg/conn.h"
#include "store/feed/deliveries.h"

/* What was sent to whom, by pages, the newest first; one with its body and attempts; and again. */

enum { MAX_PAGE = 200, DEFAULT_PAGE = 50 };

struct call {
    struct od_api *api;
    struct od_http_request *req;
    struct od_json_writer w;
    struct od_read read; /* of an order's deliveries: says whether it exists, and its id */
    int64_t limit;
    int64_t delivery_id;
    bool found;
    /* Filters; absent or 0: none. */
    struct od_str target, state;
    int64_t since, until, before, order_id;
};

static struct call *begin(struct od_api *api, struct od_http_request *req)
{
    struct call *c = OD_NEW(&req->arena, struct call);
    c->api = api;
    c->req = req;
    c->limit = DEFAULT_PAGE;
    return c;
}

/* ---- lists */

static void on_list(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    struct od_json_writer *w = &c->w;
    if (err)
        return;
    od_jw_init(w, od_http_body(c->req));
    od_jw_object(w);
    od_jw_key(w, "items");
    od_jw_array(w);
    for (int i = 0; i < r->rows && i < c->limit; i++) {
        od_jw_object(w);
        od_delivery_write(w, r, i);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
    od_jw_key(w, "next");
    if (r->rows > c->limit)
        od_jw_i64(w, od_pg_get_i64(r, (int)c->limit - 1, 0));
    else
        od_jw_null(w);
    od_jw_object_end(w);
}

static void on_listed(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else
        od_http_send(c->req, 200);
}

static void list(struct call *c)
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_given_i64(p, c->order_id);
    od_pg_text(p, c->target);
    od_pg_text(p, c->state);
    od_pg_given_time(p, c->since);
    od_pg_given_time(p, c->until);
    od_pg_given_i64(p, c->before);
    od_pg_i32(p, (int32_t)c->limit + 1);
    od_pg_send(c->api->query, &od_select_deliveries, p, on_list, c);
    od_pg_sync(c->api->query, on_listed, c);
}

static bool time_query(struct od_http_request *req, const char *name, int64_t *us)
{
    struct od_str text = od_http_query(req, name);
    if (!text.ptr || od_time_parse(text, us))
        return true;
    od_problem_sendf(req, 422, "bad_query", "%s must be a time like 2026-01-31T12:00:00Z.", name);
    return false;
}

static bool page_query(struct call *c)
{
    struct od_str after = od_http_query(c->req, "after"), limit = od_http_query(c->req, "limit");
    if ((!after.ptr || od_str_to_i64(after, 1, INT64_MAX, &c->before)) &&
        (!limit.ptr || od_str_to_i64(limit, 1, MAX_PAGE, &c->limit)))
        return true;
    od_problem_sendf(c->req, 422, "bad_query", "after must be the `next` of a page, limit 1 to %d.",
                     MAX_PAGE);
    return false;
}

static void get_deliveries(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"target", "state", "since", "until",
                                        "after",  "limit", NULL};
    struct call *c = begin(ctx, req);
    (void)who;
    if (!od_api_query_known(req, names) || !page_query(c) || !time_query(req, "since", &c->since) ||
        !time_query(req, "until", &c->until))
        return;
    c->target = od_http_query(req, "target");
    c->state = od_http_query(req, "state");
    if (c->state.ptr && !od_str_is(c->state, "queued") && !od_str_is(c->state, "delivered") &&
        !od_str_is(c->state, "failed"))
        od_problem_sendf(req, 422, "bad_query", "state must be queued, delivered or failed.");
    else
        list(c);
}

static void on_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct call *c = ctx;
    if (err) {
        od_api_send_err(c->req, err);
    } else if (!outcome->order) {
        od_problem_sendf(c->req, 404, "order_not_found", "There is no such order.");
    } else {
        c->order_id = outcome->order->order_id;
        list(c);
    }
}

static void get_order_deliveries(void *ctx, struct od_http_request *req,
                                 const struct od_principal *who)
{
    static const char *const names[] = {"after", "limit", NULL};
    struct call *c = begin(ctx, req);
    (void)who;
    if (!od_api_query_known(req, names) || !page_query(c) || !od_api_order_ref(req, &c->read.ref))
        return;
    c->read.ctx = c;
    c->read.done = on_order;
    od_engine_read(c->api->engine, &c->read);
}

/* ---- one */

static void on_one(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->found = !err && r->rows == 1;
    if (!c->found)
        return;
    od_jw_init(&c->w, od_http_body(c->req));
    od_jw_object(&c->w);
    od_delivery_write(&c->w, r, 0);
    od_jw_key(&c->w, "payload");
    od_jw_raw(&c->w, od_pg_get_text(r, 0, OD_DELIVERY_COLUMNS));
}

static void on_attempts(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (err || !c->found)
        return;
    od_jw_key(&c->w, "tries");
    od_jw_array(&c->w);
    for (int i = 0; i < r->rows; i++)
        od_attempt_write(&c->w, r, i);
    od_jw_array_end(&c->w);
}

static void on_caused(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (err || !c->found)
        return;
    od_jw_key(&c->w, "caused");
    od_jw_array(&c->w);
    for (int i = 0; i < r->rows; i++)
        od_caused_write(&c->w, r, i);
    od_jw_array_end(&c->w);
    od_jw_object_end(&c->w);
}

static void send_missing(struct od_http_request *req)
{
    od_problem_sendf(req, 404, "delivery_not_found", "There is no such delivery.");
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

static bool delivery_id(struct call *c)
{
    if (od_str_to_i64(od_http_param(c->req, "delivery"), 1, INT64_MAX, &c->delivery_id))
        return true;
    send_missing(c->req);
    return false;
}

static void read_one(struct call *c)
{
    struct od_pg_conn *conn = c->api->query;
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, c->delivery_id);
    od_pg_send(conn, &od_select_delivery, p, on_one, c);
    p = od_pg_params(conn);
    od_pg_i64(p, c->delivery_id);
    od_pg_send(conn, &od_select_attempts, p, on_attempts, c);
    p = od_pg_params(conn);
    od_pg_i64(p, c->delivery_id);
    od_pg_send(conn, &od_select_caused, p, on_caused, c);
    od_pg_sync(conn, on_read, c);
}

static void get_delivery(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {NULL};
    struct call *c = begin(ctx, req);
    (void)who;
    if (od_api_query_known(req, names) && delivery_id(c))
        read_one(c);
}

static void on_queued(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->found = !err && r->affected == 1;
}

static void on_redelivered(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    if (c->found)
        od_deliverer_poke(od_feed_deliverer(c->api->feed));
    read_one(c);
}

static void redeliver(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    (void)who;
    if (!delivery_id(c))
        return;
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, c->delivery_id);
    od_pg_send(c->api->query, &od_redeliver, p, on_queued, c);
    od_pg_sync(c->api->query, on_redelivered, c);
}

OD_EMBED(od_api_deliveries_text, "api/world/deliveries.json");

static const struct od_api_route routes[] = {
    {"get_deliveries", OD_HTTP_GET, "/api/deliveries", 0, OD_MAY_DELIVERIES_VIEW, get_deliveries},
    {"get_delivery", OD_HTTP_GET, "/api/deliveries/:delivery", 0, OD_MAY_DELIVERIES_VIEW,
     get_delivery},
    {"get_order_deliveries", OD_HTTP_GET, "/api/orders/:id/deliveries", 0, OD_MAY_ORDERS_VIEW,
     get_order_deliveries},
    {"redeliver", OD_HTTP_POST, "/api/deliveries/:delivery/redeliver", OD_HTTP_ANY_TYPE,
     OD_MAY_DELIVERIES_REPEAT, redeliver},
};

const struct od_api_chapter od_api_deliveries = OD_API_CHAPTER(routes, od_api_deliveries_text);
