#include "api/handler.h"
#include "api/reach.h"
#include "api/reads/find.h"
#include "api/reads/filters.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "order/show/render.h"
#include "pg/conn.h"
#include "store/load/load.h"
#include "store/search/page.h"

/* GET /api/orders: one statement finds the ids of a page in the projection of lists, a set load
 * reads those orders whole. */

enum { FILTERS_MAX = sizeof((struct od_search *)0)->filters / sizeof(struct od_filter) };

struct page {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_principal *who;
    struct od_rules *rules;
    struct od_search search;
    struct od_pg_stmt ids, count;
    struct od_set set;
    struct od_search_page page;
    bool counts; /* count=true */
    int64_t total;
    struct od_str fields; /* names of members, between commas; absent: all */
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
        if (od_search_page_shows(&p->page, i))
            od_api_write_order(&w, p->req, p->fields, p->rules, l, p->who->classes);
    }
    od_jw_array_end(&w);
    od_jw_key(&w, "next");
    od_jw_str(&w, p->page.next);
    if (p->counts) {
        od_jw_key(&w, "total");
        od_jw_i64(&w, p->total);
    }
    od_jw_object_end(&w);
    od_rules_unref(p->rules);
    od_http_send(p->req, 200);
}

static void on_ids(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct page *p = ctx;
    if (!err)
        od_search_page_take(&p->page, r);
}

static void on_count(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct page *p = ctx;
    if (!err)
        p->total = od_pg_get_i64(r, 0, 0);
}

static void on_found(void *ctx, bool failed)
{
    struct page *p = ctx;
    if (failed) {
        od_set_fini(&p->set);
        fail(p);
        return;
    }
    od_search_page_load(&p->page, p->api->query);
    od_pg_sync(p->api->query, on_loaded, p);
}

/* A parameter of the query; false: *err says what is wrong with it. */
static bool read_parameter(struct page *p, struct od_str name, struct od_str value,
                           struct od_err *err)
{
    struct od_search *s = &p->search;
    int64_t limit;
    if (od_str_is(name, "q")) {
        /* It is empty: a search field that nobody has typed in. */
    } else if (od_str_is(name, "sort")) {
        s->sort = value;
    } else if (od_str_is(name, "after")) {
        s->after = value;
    } else if (od_str_is(name, "fields")) {
        p->fields = value;
    } else if (od_str_is(name, "count")) {
        p->counts = od_str_is(value, "true");
        if (!p->counts && !od_str_is(value, "false"))
            (void)od_err_set(err, OD_ERR_INVALID, "count must be true or false.");
    } else if (od_str_is(name, "limit")) {
        if (od_str_to_i64(value, 1, OD_SEARCH_LIMIT, &limit))
            s->limit = (uint32_t)limit;
        else
            (void)od_err_set(err, OD_ERR_INVALID, "limit must be 1 to %d.", OD_SEARCH_LIMIT);
    } else {
        return od_search_filter(s, name, value, err) == 0;
    }
    return err->code == OD_ERR_NONE;
}

/* The query string into the search; answers 422 and returns false when it does not fit. */
static bool read_query(struct page *p)
{
    struct od_http_request *req = p->req;
    struct od_err err = {0};
    for (size_t i = 0; i < req->query_count; i++) {
        if (read_parameter(p, req->query[i].name, req->query[i].value, &err))
            continue;
        od_problem_sendf(req, 422, "bad_query", "%s", err.message);
        return false;
    }
    if (!od_api_filter_seen(req, p->who, p->search.sort))
        return false;
    for (size_t i = 0; i < req->query_count; i++) {
        if (!od_api_filter_seen(req, p->who, req->query[i].name))
            return false;
    }
    if (p->who->stores && p->search.filter_count == FILTERS_MAX) {
        od_problem_sendf(req, 422, "bad_query", "There are too many filters.");
        return false;
    }
    od_api_filter_stores(p->who, &req->arena, p->search.filters, &p->search.filter_count);
    return true;
}

static void find(void *ctx, const struct od_err *wrong)
{
    struct page *p = ctx;
    struct od_http_request *req = p->req;
    struct od_pg_conn *query = p->api->query;
    struct od_pg_params *params = od_pg_params(query);
    struct od_err err;
    if (wrong) {
        od_api_send_query_err(req, wrong);
        return;
    }
    if (od_search_sql(&p->search, params, &p->ids.sql, &err)) {
        od_problem_sendf(req, 422, "bad_query", "%s", err.message);
        return;
    }
    p->ids.nparams = params->count;
    p->rules = od_rules_ref(od_engine_rules(p->api->engine));
    od_set_init(&p->set, &req->arena);
    od_search_page_init(&p->page, &p->search, &p->set);
    od_pg_send(query, &p->ids, params, on_ids, p);
    if (p->counts) {
        params = od_pg_params(query);
        od_search_count_sql(&p->search, params, &p->count.sql);
        p->count.nparams = params->count;
        od_pg_send(query, &p->count, params, on_count, p);
    }
    od_pg_sync(query, on_found, p);
}

/* What this read must show is listed. */
static void begin(void *ctx)
{
    struct page *p = ctx;
    od_api_filters_ready(p->api, p->req, p->search.filters, p->search.filter_count, find, p);
}

static void list_orders(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    struct od_str q = od_http_query(req, "q");
    if (q.len) {
        od_api_find(api, req, who, q);
        return;
    }
    struct page *p = OD_NEW(&req->arena, struct page);
    p->api = api;
    p->req = req;
    p->who = who;
    p->search.arena = &req->arena;
    p->search.statuses = &od_engine_rules(api->engine)->statuses;
    p->search.limit = OD_SEARCH_DEFAULT_LIMIT;
    if (!read_query(p) || !od_api_fields_known(req, p->fields, od_engine_rules(api->engine)))
        return;
    od_api_reach_search(api, req, &p->search, begin, p);
}

OD_EMBED(od_api_list_text, "api/reads/list.json");

static const struct od_api_route routes[] = {
    {"list_orders", OD_HTTP_GET, "/api/orders", OD_API_HIDES, OD_MAY_ORDERS_VIEW, list_orders},
};

const struct od_api_chapter od_api_list = OD_API_CHAPTER(routes, od_api_list_text);
