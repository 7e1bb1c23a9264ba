#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "base/money.h"
#include "order/show/render.h"
#include "pg/conn.h"
#include "store/ledger.h"
#include "store/load/load.h"

/* GET /api/orders/:id/events and …/activities: the ledger of one order, or the comments in it,
 * oldest first, by pages. */

enum { MAX_PAGE = 1000, DEFAULT_PAGE = 200 };

struct ledger {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_principal *who;
    struct od_read read; /* says whether the order exists, and its id */
    bool comments;       /* these alone */
    int64_t after, limit;
    int digits; /* of the order's currency */
    bool failed;
};

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct ledger *l = ctx;
    struct od_json_writer w;
    struct od_err bad;
    if (err)
        return;
    od_jw_init(&w, od_http_body(l->req));
    od_jw_object(&w);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (int i = 0; i < r->rows && i < l->limit && !l->failed; i++) {
        if (l->comments)
            od_activity_row_write(&w, r, i);
        else if (od_ledger_event_write(&w, r, i, l->digits, &l->req->arena, &bad))
            l->failed = true;
    }
    od_jw_array_end(&w);
    od_jw_key(&w, "next");
    if (r->rows > l->limit)
        od_jw_i64(&w, od_pg_get_i32(r, (int)l->limit - 1, 1));
    else
        od_jw_null(&w);
    od_jw_object_end(&w);
}

static void on_page(void *ctx, bool failed)
{
    struct ledger *l = ctx;
    struct od_err err;
    if (failed) {
        od_api_send_unavailable(l->req);
    } else if (l->failed) {
        (void)od_err_set(&err, OD_ERR_INVALID, "an event cannot be read");
        od_api_send_err(l->req, &err);
    } else {
        od_http_send(l->req, 200);
    }
}

static void on_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct ledger *l = ctx;
    if (err) {
        od_api_send_err(l->req, err);
        return;
    }
    if (!od_api_sees_order(l->req, l->who, outcome->order))
        return;
    od_api_set_etag(l->req, outcome->order->version);
    if (od_api_not_modified(l->req, outcome->order->version)) {
        od_http_send(l->req, 304);
        return;
    }
    l->digits = od_currency_digits(outcome->order->currency);
    (l->comments ? od_ledger_activities : od_ledger_events)(l->api->query, outcome->order->order_id,
                                                            (int32_t)l->after,
                                                            (int32_t)l->limit + 1, on_rows, l);
    od_pg_sync(l->api->query, on_page, l);
}

static void get_page(struct od_api *api, struct od_http_request *req,
                     const struct od_principal *who, bool comments)
{
    static const char *const names[] = {"after", "limit", NULL};
    struct ledger *l = OD_NEW(&req->arena, struct ledger);
    if (!od_api_query_known(req, names) || !od_api_order_ref(req, &l->read.ref))
        return;
    l->api = api;
    l->req = req;
    l->who = who;
    l->comments = comments;
    l->limit = DEFAULT_PAGE;
    struct od_str after = od_http_query(req, "after"), limit = od_http_query(req, "limit");
    if ((after.ptr && !od_str_to_i64(after, 0, INT32_MAX, &l->after)) ||
        (limit.ptr && !od_str_to_i64(limit, 1, MAX_PAGE, &l->limit))) {
        od_problem_sendf(req, 422, "bad_query", "after must be a whole number, limit 1 to %d.",
                         MAX_PAGE);
        return;
    }
    l->read.ctx = l;
    l->read.done = on_order;
    od_engine_read(api->engine, &l->read);
}

static void get_events(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    if (od_api_sees_classes(req, who, OD_CLASSES_ALL, "The ledger of an order"))
        get_page(ctx, req, who, false);
}

static void get_activities(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    if (od_api_sees_classes(req, who, OD_CLASS_BIT(OD_CLASS_INTERNAL), "The timeline of an order"))
        get_page(ctx, req, who, true);
}

OD_EMBED(od_api_events_text, "api/reads/events.json");

static const struct od_api_route routes[] = {
    {"get_events", OD_HTTP_GET, "/api/orders/:id/events", OD_API_HIDES, OD_MAY_ORDERS_VIEW,
     get_events},
    {"get_activities", OD_HTTP_GET, "/api/orders/:id/activities", OD_API_HIDES, OD_MAY_ORDERS_VIEW,
     get_activities},
};

const struct od_api_chapter od_api_events = OD_API_CHAPTER(routes, od_api_events_text);
