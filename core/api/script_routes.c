#include <stdlib.h>

#include "api/handler.h"
#include "api/pairs.h"
#include "api/routes.h"
#include "base/json/json.h"
#include "base/log.h"
#include "script/bundle/bundle.h"
#include "script/load/reserved.h"
#include "script/task/task.h"

/*
 * The routes of plugins: what no built-in path takes is looked for among those of the bundle that
 * serves. A table of them is made once for each bundle and kept until its last request has been
 * answered.
 */

enum { MAX_DEPTH = 32 };

struct script_route {
    struct od_api *api;
    struct script_table *table;
    uint32_t index; /* among the bundle's routes */
};

struct script_table {
    unsigned refs;
    struct od_bundle *bundle; /* counted */
    const struct od_offer *offers;
    uint32_t count;
    struct od_http_router *router;
    struct od_arena arena;
};

struct od_script_routes {
    struct script_table *serving; /* counted */
};

/* A request on its way through its script. */
struct routed {
    struct script_table *table; /* counted: the request's route is in it */
    struct od_http_request *req;
};

static void run_route(void *ctx, struct od_http_request *req);

static void table_unref(struct script_table *t)
{
    if (!t || --t->refs > 0)
        return;
    od_http_router_free(t->router);
    od_bundle_unref(t->bundle);
    od_arena_fini(&t->arena);
    free(t);
}

static enum od_http_method parse_method(struct od_str name)
{
    enum od_http_method m = OD_HTTP_GET;
    while (m < OD_HTTP_OTHER && !od_str_is(name, od_http_method_name(m)))
        m++;
    return m;
}

/* As the value of a label in Prometheus' text format. */
static const char *metric_label(struct od_arena *a, struct od_str label)
{
    char *out = od_arena_alloc(a, 2 * label.len + 1), *to = out;
    for (size_t i = 0; i < label.len; i++) {
        if (label.ptr[i] == '"' || label.ptr[i] == '\\')
            *to++ = '\\';
        *to++ = label.ptr[i];
    }
    *to = '\0';
    return out;
}

/* Anybody may use it, the pages of other sites included once [server] origins lets them. */
static bool is_public(const struct od_offer *offer)
{
    return od_str_is(offer->role, "public");
}

/* The counts under the previous bundle go on. */
static struct od_http_latency counted(const struct script_table *before, const char *name)
{
    const struct od_http_route *r = NULL;
    for (size_t i = 0; before && (r = od_http_router_route(before->router, i)); i++) {
        if (strcmp(r->name, name) == 0)
            return r->latency;
    }
    return (struct od_http_latency){0};
}

static struct script_table *make_table(struct od_api *api, struct od_bundle *bundle,
                                       const struct script_table *before)
{
    struct script_table *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->refs = 1;
    t->bundle = od_bundle_ref(bundle);
    t->offers = od_bundle_offers(bundle, OD_OFFER_ROUTE, &t->count);
    t->router = od_http_router_new();
    od_arena_init(&t->arena);
    for (uint32_t i = 0; i < t->count; i++) {
        struct script_route *r = OD_NEW(&t->arena, struct script_route);
        *r = (struct script_route){.api = api, .table = t, .index = i};
        struct od_http_route route = {
            .name = metric_label(&t->arena, t->offers[i].label),
            .method = parse_method(t->offers[i].method),
            .pattern = od_arena_str(&t->arena, t->offers[i].name).ptr,
            .flags = OD_HTTP_ANY_TYPE | (is_public(&t->offers[i]) ? OD_HTTP_FORMS : 0),
            .handler = run_route,
            .ctx = r,
        };
        route.latency = counted(before, route.name);
        if (od_http_router_has(t->router, route.method, route.pattern))
            od_warn("route_hidden", "route=\"%s\" reason=\"a plugin before it has this path\"",
                    route.name);
        else
            od_http_router_add(t->router, &route);
    }
    return t;
}

static const struct script_table *serving(struct od_api *api)
{
    struct od_bundle *bundle = od_engine_rules(api->engine)->bundle;
    struct script_table *before = api->script_routes->serving;
    if (!before || before->bundle != bundle) {
        api->script_routes->serving = make_table(api, bundle, before);
        table_unref(before);
    }
    return api->script_routes->serving;
}

static void fall_back(void *ctx, struct od_http_request *req)
{
    if (req->segment_count && od_path_reserved(req->segments[0])) {
        od_http_answer_unrouted(req, 0);
        return;
    }
    const struct script_table *t = serving(ctx);
    struct od_http_match match = od_http_router_match(t->router, req);
    if (match.route)
        od_http_route_run(req, match.route);
    else
        od_http_answer_unrouted(req, match.allow);
}

static bool read_body(struct od_http_request *req, struct od_route_request *out)
{
    struct od_json *body;
    struct od_err err;
    out->body = req->body;
    if (req->body.len == 0 || !od_http_type_is(req, OD_STR("application/json")))
        return true;
    if (od_json_parse(&req->arena, req->body, MAX_DEPTH, &body, &err)) {
        od_problem_sendf(req, 400, "malformed_json", "The body is not JSON: %s", err.message);
        return false;
    }
    out->json = req->body;
    return true;
}

/* RFC 9110 section 5.6.2, and not one that frames the message or that the server sets itself. */
static bool header_allowed(struct od_str name)
{
    static const char *const own[] = {
        "connection", "content-length",    "date",        "keep-alive", "server", "trailer",
        "upgrade",    "transfer-encoding", "x-request-id"};
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!word && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (od_str_eq_nocase(name, od_str_of(own[i])))
            return false;
    }
    return name.len > 0;
}

static void send_reply(struct od_http_request *req, const struct od_route_reply *reply)
{
    if (reply->type.ptr)
        od_http_set_type(req, od_arena_str(&req->arena, reply->type).ptr);
    for (uint32_t i = 0; i < reply->header_count; i++) {
        struct od_str name = reply->headers[i].name, value = reply->headers[i].value;
        if (header_allowed(name))
            od_http_set_header(req, od_arena_str(&req->arena, name).ptr, value);
    }
    od_buf_str(od_http_body(req), reply->body);
    od_http_send(req, reply->status);
}

/* As the API answers the command that the script gave. */
static void send_refusal(struct od_http_request *req, const struct od_task_refused *r)
{
    od_problem_send(req, &(struct od_problem){.status = r->status,
                                              .code = od_arena_str(&req->arena, r->code).ptr,
                                              .detail = r->message,
                                              .policy = r->policy,
                                              .retry_after_s = r->status == 503});
}

static void on_done(void *ctx, int status, const struct od_route_reply *reply)
{
    struct routed *r = ctx;
    struct script_table *t = r->table;
    if (reply && reply->refused.code.ptr)
        send_refusal(r->req, &reply->refused);
    else if (reply)
        send_reply(r->req, reply);
    else if (status == 503 || status == 504)
        od_problem_send(r->req,
                        &(struct od_problem){.status = 503,
                                             .code = "script_timeout",
                                             .detail = OD_STR("The script of this path took too "
                                                              "long; what it had done is done."),
                                             .retry_after_s = 1});
    else
        od_problem_sendf(r->req, 500, "script_failed",
                         "The script of this path failed; the server's log says where and why.");
    table_unref(t);
}

/* What a route asks for by the names that it had before roles were configured: a reader sees
 * orders, and an admin rules the shop. */
static enum od_permission needed(const struct od_offer *offer)
{
    if (od_str_is(offer->role, "reader"))
        return OD_MAY_ORDERS_VIEW;
    return od_str_is(offer->role, "admin") ? OD_MAY_RULES_ACTIVATE : OD_MAY_ROUTES_CALL;
}

static bool allowed(struct od_api *api, struct od_http_request *req, const struct od_offer *offer,
                    struct od_str *actor)
{
    const struct od_principal *who;
    if (is_public(offer)) {
        *actor = OD_STR("public");
        return true;
    }
    who = od_auth_allow(api->auth, req, needed(offer));
    if (!who || !od_auth_sees_all(who, req)) /* a script reads whole orders */
        return false;
    *actor = who->name;
    return true;
}

static void run_route(void *ctx, struct od_http_request *req)
{
    const struct script_route *route = ctx;
    struct script_table *t = route->table;
    struct od_api *api = route->api;
    const struct od_offer *offer = &t->offers[route->index];
    struct od_route_request request = {.method = offer->method, .path = req->path};
    struct routed *r = OD_NEW(&req->arena, struct routed);
    if (!allowed(api, req, offer, &request.actor) || !read_body(req, &request))
        return;
    request.params = od_pairs_json(req, req->params, req->param_count);
    request.query = od_pairs_json(req, req->query, req->query_count);
    request.headers = od_headers_json(req, false);
    *r = (struct routed){.table = t, .req = req};
    t->refs++;
    if (api->route(api->scripts, t->bundle, route->index, &request, on_done, r))
        return;
    od_problem_send(req, &(struct od_problem){.status = 503,
                                              .code = "overloaded",
                                              .detail = OD_STR("Too many scripts are under way. "
                                                               "Retry in a moment."),
                                              .retry_after_s = 1});
    table_unref(t);
}

const struct od_http_router *od_api_script_router(const struct od_api *api)
{
    const struct script_table *t = api->script_routes->serving;
    return t ? t->router : NULL;
}

void od_api_script_routes(struct od_api *api)
{
    api->script_routes = calloc(1, sizeof *api->script_routes);
    if (!api->script_routes)
        abort();
    od_http_router_fallback(api->router, fall_back, api);
}

void od_api_script_routes_free(struct od_api *api)
{
    if (!api->script_routes)
        return;
    table_unref(api->script_routes->serving);
    free(api->script_routes);
    api->script_routes = NULL;
}
