#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "order/show/render.h"
#include "pg/conn.h"
#include "store/load/load.h"

/* GET /api/inventory/:sku. */

struct stock_read {
    struct od_rules *rules; /* counted: whose locations the rows stand in the order of */
    struct od_set set;
    struct od_str sku;
    void (*done)(void *ctx, const struct od_stock *first);
    void *ctx;
};

/* `done` answers the request, in whose arena *r is. */
static void on_loaded(void *ctx, bool failed)
{
    struct stock_read *r = ctx;
    struct od_rules *rules = r->rules;
    const struct od_stock *first = failed ? NULL : od_map_get(&r->set.stock, r->sku);
    od_set_fini(&r->set);
    r->done(r->ctx, first);
    od_rules_unref(rules);
}

static void read_stock(struct od_api *api, struct od_http_request *req, struct od_str sku,
                       void (*done)(void *ctx, const struct od_stock *first), void *ctx)
{
    struct stock_read *r = OD_NEW(&req->arena, struct stock_read);
    r->rules = od_rules_ref(od_engine_rules(api->engine));
    r->sku = sku;
    r->done = done;
    r->ctx = ctx;
    od_set_init(&r->set, &req->arena);
    r->set.shop = r->rules->shop;
    od_set_want_sku(&r->set, sku);
    od_set_send(&r->set, api->query, false);
    od_pg_sync(api->query, on_loaded, r);
}

static bool has_row(const struct od_stock *first)
{
    for (const struct od_stock *s = first; s; s = s->next) {
        if (s->exists)
            return true;
    }
    return false;
}

static void on_stock(void *ctx, const struct od_stock *first)
{
    struct od_http_request *req = ctx;
    struct od_json_writer w;
    if (!first) {
        od_api_send_unavailable(req);
        return;
    }
    if (!has_row(first)) {
        od_problem_sendf(req, 404, "sku_not_found", "There is no stock of this SKU.");
        return;
    }
    od_jw_init(&w, od_http_body(req));
    od_stock_write(&w, first, NULL);
    od_http_send(req, 200);
}

static void get_inventory(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    struct od_api *api = ctx;
    static const char *const none[] = {NULL};
    if (od_api_query_known(req, none))
        read_stock(api, req, od_http_param(req, "sku"), on_stock, req);
}

OD_EMBED(od_api_inventory_text, "api/reads/inventory.json");

static const struct od_api_route routes[] = {
    {"get_inventory", OD_HTTP_GET, "/api/inventory/:sku", OD_API_NO_ORDERS, OD_MAY_INVENTORY_VIEW,
     get_inventory},
};

const struct od_api_chapter od_api_inventory = OD_API_CHAPTER(routes, od_api_inventory_text);
