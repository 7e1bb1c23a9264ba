#include "api/at.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "order/show/render.h"
#include "order/show/sight.h"

/* Reads of one order: whole, its shipments; as it is, or as it was. */

struct view {
    struct od_http_request *req;
    const struct od_principal *who;
    struct od_read_at read;
    void (*render)(struct od_json_writer *w, const struct od_outcome *outcome, unsigned classes);
};

static void render_order(struct od_json_writer *w, const struct od_outcome *outcome,
                         unsigned classes)
{
    const struct od_rules *rules = outcome->rules;
    od_order_write_seen(w, outcome->order, &rules->statuses, rules->shop, outcome->activities,
                        classes);
}

static void render_shipments(struct od_json_writer *w, const struct od_outcome *outcome,
                             unsigned classes)
{
    struct od_sight sight = {.classes = classes};
    od_jw_object(w);
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < outcome->order->shipment_count; i++)
        od_part_write(w, outcome->order, OD_ENTITY_SHIPMENT, &outcome->order->shipments[i], &sight);
    od_jw_array_end(w);
    od_sight_write_masked(w, &sight);
    od_jw_object_end(w);
}

static void on_read(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct view *v = ctx;
    if (err && v->read.missing && v->who->stores) { /* it may be of a store that is not seen */
        (void)od_api_sees_order(v->req, v->who, NULL);
        return;
    }
    if (err && v->read.missing) {
        od_problem_sendf(v->req, 404, "version_not_found", "%s", err->message);
        return;
    }
    if (err) {
        od_api_send_err(v->req, err);
        return;
    }
    if (!od_api_sees_order(v->req, v->who, outcome->order))
        return;
    od_api_set_etag(v->req, outcome->order->version);
    if (od_api_not_modified(v->req, outcome->order->version)) {
        od_http_send(v->req, 304);
        return;
    }
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(v->req));
    v->render(&w, outcome, v->who->classes);
    od_http_send(v->req, 200);
}

static void read_order(void *ctx, struct od_http_request *req, const struct od_principal *who,
                       void (*render)(struct od_json_writer *, const struct od_outcome *, unsigned))
{
    static const char *const names[] = {"at", NULL};
    struct view *v = OD_NEW(&req->arena, struct view);
    struct od_str at = od_http_query(req, "at");
    struct od_err err;
    if (!od_api_query_known(req, names) || !od_api_order_ref(req, &v->read.read.ref))
        return;
    if (at.ptr && od_read_at_parse(at, &v->read, &err)) {
        od_problem_sendf(req, 422, "bad_query", "%s", err.message);
        return;
    }
    v->req = req;
    v->who = who;
    v->render = render;
    v->read.api = ctx;
    v->read.ctx = v;
    v->read.done = on_read;
    od_read_at(&v->read);
}

static void get_order(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    read_order(ctx, req, who, render_order);
}

static void get_shipments(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    read_order(ctx, req, who, render_shipments);
}

OD_EMBED(od_api_reads_text, "api/reads/order.json");

static const struct od_api_route routes[] = {
    {"get_order", OD_HTTP_GET, "/api/orders/:id", OD_API_HIDES, OD_MAY_ORDERS_VIEW, get_order},
    {"get_shipments", OD_HTTP_GET, "/api/orders/:id/shipments", OD_API_HIDES, OD_MAY_ORDERS_VIEW,
     get_shipments},
};

const struct od_api_chapter od_api_reads = OD_API_CHAPTER(routes, od_api_reads_text);
