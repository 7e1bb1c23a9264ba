#include "api/reads/find.h"

#include "api/handler.h"
#include "api/reach.h"
#include "api/reads/lookup.h"

/* GET /api/orders?q=: what lookup.c finds, as a list shows it. */

struct search {
    struct od_lookup lookup;
    struct od_rules *rules;
    struct od_str fields;
    const struct od_principal *who;
};

static void write_orders(const struct search *s, struct od_json_writer *w)
{
    const struct od_lookup *l = &s->lookup;
    od_jw_array(w);
    for (uint32_t i = 0; i < l->shown; i++) {
        if (od_lookup_shows(l, i))
            od_api_write_order(w, l->req, s->fields, s->rules, l->set.orders[i], s->who->classes);
    }
    od_jw_array_end(w);
}

static void on_found(void *ctx, const struct od_err *err)
{
    struct search *s = ctx;
    struct od_lookup *l = &s->lookup;
    struct od_json_writer w;
    if (err) {
        od_rules_unref(s->rules);
        od_api_send_query_err(l->req, err);
        return;
    }
    od_jw_init(&w, od_http_body(l->req));
    od_jw_object(&w);
    od_jw_key(&w, "items");
    write_orders(s, &w);
    od_jw_key(&w, "matched");
    od_lookup_write_matches(l, &w);
    od_jw_key(&w, "next");
    od_jw_str(&w, l->next);
    od_jw_object_end(&w);
    od_set_fini(&l->set);
    od_rules_unref(s->rules);
    od_http_send(l->req, 200);
}

static int read_one(struct search *s, struct od_str name, struct od_str value, struct od_err *err)
{
    int64_t limit;
    if (od_str_is(name, "q"))
        return 0;
    if (od_str_is(name, "fields")) {
        s->fields = value;
        return 0;
    }
    if (od_str_is(name, "sort") || od_str_is(name, "count"))
        return od_err_set(err, OD_ERR_INVALID,
                          "What is found with q is ranked, and not counted; leave %.*s out.",
                          OD_STR_ARG(name));
    if (od_str_is(name, "after")) {
        s->lookup.after = value;
        return 0;
    }
    if (od_str_is(name, "limit")) {
        if (!od_str_to_i64(value, 1, OD_SEARCH_LIMIT, &limit))
            return od_err_set(err, OD_ERR_INVALID, "limit must be 1 to %d.", OD_SEARCH_LIMIT);
        s->lookup.limit = (uint32_t)limit;
        return 0;
    }
    return od_lookup_filter(&s->lookup, name, value, err);
}

static int read_query(struct search *s, struct od_err *err)
{
    const struct od_http_request *req = s->lookup.req;
    for (size_t i = 0; i < req->query_count; i++) {
        if (read_one(s, req->query[i].name, req->query[i].value, err))
            return -1;
    }
    return 0;
}

/* The documents show what they must. */
static void begin(void *ctx)
{
    struct search *s = ctx;
    struct od_err err;
    s->rules = od_rules_ref(od_engine_rules(s->lookup.api->engine));
    if (od_lookup_begin(&s->lookup, &err) == 0)
        return;
    od_rules_unref(s->rules);
    od_api_send_query_err(s->lookup.req, &err);
}

/* Documents have names, addresses and transaction ids beside numbers. */
static bool sees_documents(struct od_http_request *req, const struct od_principal *who)
{
    return od_api_sees_classes(req, who,
                               OD_CLASS_BIT(OD_CLASS_PERSONAL) | OD_CLASS_BIT(OD_CLASS_MONEY), "q");
}

static bool filters_seen(struct od_http_request *req, const struct od_principal *who)
{
    for (size_t i = 0; i < req->query_count; i++) {
        if (!od_api_filter_seen(req, who, req->query[i].name))
            return false;
    }
    return true;
}

void od_api_find(struct od_api *api, struct od_http_request *req, const struct od_principal *who,
                 struct od_str q)
{
    if (!sees_documents(req, who) || !filters_seen(req, who))
        return;
    struct search *s = OD_NEW(&req->arena, struct search);
    struct od_err err;
    s->lookup.api = api;
    s->lookup.req = req;
    s->lookup.q = q;
    s->who = who;
    s->lookup.limit = OD_SEARCH_DEFAULT_LIMIT;
    s->lookup.ctx = s;
    s->lookup.done = on_found;
    if (read_query(s, &err)) {
        od_api_send_query_err(req, &err);
        return;
    }
    if (!od_api_fields_known(req, s->fields, od_engine_rules(api->engine)))
        return;
    od_api_filter_stores(who, &req->arena, s->lookup.filters, &s->lookup.filter_count);
    od_api_reach(api, req, "search", begin, s);
}
