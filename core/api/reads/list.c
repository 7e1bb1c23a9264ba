#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "order/show/render.h"
#include "pg/conn.h"
#include "store/load/load.h"
#include "store/search/search.h"

/* GET /api/orders: one statement finds the ids of a page, a set load reads those orders whole. */

struct page {
    struct od_api *api;
    struct od_http_request *req;
    struct od_rules *rules;
    struct od_search search;
    struct od_pg_stmt stmt;
    struct od_set set;
    struct od_str next;
};

static void fail(struct page *p)
{
    od_api_send_unavailable(p->req);
    od_rules_unref(p->rules);
}

static void on_loaded(void *ctx, bool failed)
{
    struct page *p = ctx;
    od_set_fini(&p->set);
    if (failed) {
        fail(p);
        return;
    }
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(p->req));
    od_jw_object(&w);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (size_t i = 0; i < p->set.order_count; i++) {
        const struct od_loaded *l = p->set.orders[i];
        if (l->order)
            od_order_write(&w, l->order, &p->rules->statuses, p->rules->shop, l->activities);
    }
    od_jw_array_end(&w);
    od_jw_key(&w, "next");
    od_jw_str(&w, p->next);
    od_jw_object_end(&w);
    od_rules_unref(p->rules);
    od_http_send(p->req, 200);
}

static void on_ids(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct page *p = ctx;
    od_set_init(&p->set, &p->req->arena);
    for (int i = 0; !err && i < r->rows; i++) {
        if (i == (int)p->search.limit) {
            p->next = od_search_cursor(&p->search, od_pg_get_text(r, i - 1, 1),
                                       od_pg_get_i64(r, i - 1, 0));
            break;
        }
        (void)od_set_want_order(&p->set, od_pg_get_i64(r, i, 0));
    }
}

static void on_found(void *ctx, bool failed)
{
    struct page *p = ctx;
    if (failed) {
        od_set_fini(&p->set);
        fail(p);
        return;
    }
    od_set_send(&p->set, p->api->query, false);
    od_pg_sync(p->api->query, on_loaded, p);
}

/* The query string into the search; answers 422 and returns false when it does not fit. */
static bool read_query(struct page *p)
{
    struct od_http_request *req = p->req;
    struct od_search *s = &p->search;
    struct od_err err = {0};
    for (size_t i = 0; i < req->query_count; i++) {
        struct od_str name = req->query[i].name, value = req->query[i].value;
        int64_t limit;
        int failed = 0;
        if (od_str_is(name, "sort")) {
            s->sort = value;
        } else if (od_str_is(name, "after")) {
            s->after = value;
        } else if (od_str_is(name, "limit")) {
            failed = !od_str_to_i64(value, 1, OD_SEARCH_LIMIT, &limit);
            if (failed)
                (void)od_err_set(&err, OD_ERR_INVALID, "limit must be 1 to %d.", OD_SEARCH_LIMIT);
            else
                s->limit = (uint32_t)limit;
        } else {
            failed = od_search_filter(s, name, value, &err);
        }
        if (failed) {
            od_problem_sendf(req, 422, "bad_query", "%s", err.message);
            return false;
        }
    }
    return true;
}

static void list_orders(void *ctx, struct od_http_request *req, struct od_str actor)
{
    (void)actor;
    struct od_api *api = ctx;
    struct page *p = OD_NEW(&req->arena, struct page);
    struct od_err err;
    p->api = api;
    p->req = req;
    p->search.arena = &req->arena;
    p->search.statuses = &od_engine_rules(api->engine)->statuses;
    p->search.limit = OD_SEARCH_DEFAULT_LIMIT;
    if (!read_query(p))
        return;
    struct od_pg_params *params = od_pg_params(api->query);
    if (od_search_sql(&p->search, params, &p->stmt.sql, &err)) {
        od_problem_sendf(req, 422, "bad_query", "%s", err.message);
        return;
    }
    p->stmt.nparams = params->count;
    p->rules = od_rules_ref(od_engine_rules(api->engine));
    od_pg_send(api->query, &p->stmt, params, on_ids, p);
    od_pg_sync(api->query, on_found, p);
}

OD_EMBED(od_api_list_text, "api/reads/list.json");

static const struct od_api_route routes[] = {
    {"list_orders", OD_HTTP_GET, "/api/orders", 0, OD_API_READERS, list_orders},
};

const struct od_api_chapter od_api_list = OD_API_CHAPTER(routes, od_api_list_text);
