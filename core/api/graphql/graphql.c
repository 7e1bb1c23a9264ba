#include "api/graphql/graphql.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/graphql/ask.h"
#include "api/routes.h"
#include "base/assert.h"
#include "base/embed.h"
#include "base/json/value.h"
#include "read/graphql/run/execute.h"
#include "read/graphql/types.h"

/*
 * POST /graphql and GET /graphql, as GraphQL over HTTP says. A client that accepts
 * application/graphql-response+json is told by the status whether its request was good. Others get
 * application/json, where 200 says only that the answer is one of GraphQL.
 */

enum { BODY_DEPTH = 64, FAULTS_MAX = 50 };

static const char modern_type[] = "application/graphql-response+json; charset=utf-8",
                  plain_type[] = "application/json; charset=utf-8";

struct od_graphql *od_graphql_new(const struct od_graphql_conf *conf)
{
    struct od_graphql *g = calloc(1, sizeof *g);
    struct od_err err;

    OD_ASSERT(g);
    /* Both are made from what is built in, so a failure is a mistake that a unit test finds. */
    g->schema = od_gql_orders_schema(&err);
    OD_ASSERT(g->schema);
    OD_ASSERT(od_gql_bind(g->schema, &err) == 0);
    g->limits = (struct od_gql_plan_limits){conf->max_depth, conf->max_fields, conf->max_cost};
    g->introspection = conf->introspection;
    const struct od_gql_limits limits = {conf->max_bytes, conf->max_tokens, 2 * conf->max_depth};
    od_gql_texts_init(&g->texts, g->schema, &limits, conf->documents);
    return g;
}

void od_graphql_free(struct od_graphql *g)
{
    if (!g)
        return;
    od_gql_texts_fini(&g->texts);
    od_gql_schema_free(g->schema);
    free(g);
}

void od_graphql_metrics(const struct od_graphql *g, struct od_buf *out)
{
    od_buf_printf(out,
                  "# HELP orderd_graphql_requests_total Requests of GraphQL.\n"
                  "# TYPE orderd_graphql_requests_total counter\n"
                  "orderd_graphql_requests_total %llu\n"
                  "# HELP orderd_graphql_refused_total Those that were refused before they ran.\n"
                  "# TYPE orderd_graphql_refused_total counter\n"
                  "orderd_graphql_refused_total %llu\n"
                  "# HELP orderd_graphql_documents_total Documents by whether they were kept.\n"
                  "# TYPE orderd_graphql_documents_total counter\n"
                  "orderd_graphql_documents_total{kept=\"yes\"} %llu\n"
                  "orderd_graphql_documents_total{kept=\"no\"} %llu\n",
                  (unsigned long long)g->requests, (unsigned long long)g->refused,
                  (unsigned long long)g->texts.hits, (unsigned long long)g->texts.misses);
}

static void set_type(const struct od_ask *ask)
{
    od_http_set_type(ask->req, ask->modern ? modern_type : plain_type);
}

void od_ask_release(struct od_ask *ask)
{
    if (ask->rules)
        od_rules_unref(ask->rules);
    od_gql_variables_fini(&ask->variables);
    od_gql_text_unref(ask->text);
}

/* Answers faults that were found before anything ran: there is no `data`. */
static void refuse(struct od_ask *ask, const struct od_gql_faults *faults, int status)
{
    struct od_json_writer w;

    ask->graphql->refused++;
    od_jw_init(&w, od_http_body(ask->req));
    od_jw_object(&w);
    od_jw_key(&w, "errors");
    od_gql_faults_write(&w, faults, ask->text ? ask->text->source : OD_STR(""));
    od_jw_object_end(&w);
    set_type(ask);
    od_ask_release(ask);
    od_http_send(ask->req, status);
}

/* A request that is no request of GraphQL: 400 in both types. */
static void refuse_request(struct od_ask *ask, const char *code, const char *fmt, ...)
{
    va_list args;
    char text[300];

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct od_gql_fault *f = od_gql_fault(&ask->faults, OD_GQL_REQUEST, 0, "%s", text);
    f->place_count = 0;
    f->code = od_str_of(code);
    refuse(ask, &ask->faults, 400);
}

void od_ask_refuse(struct od_ask *ask, const struct od_gql_faults *faults)
{
    refuse(ask, faults, ask->modern ? 400 : 200);
}

static void write_cost(const struct od_ask *ask, struct od_json_writer *w)
{
    od_jw_key(w, "extensions");
    od_jw_object(w);
    od_jw_key(w, "cost");
    od_jw_object(w);
    od_jw_key(w, "requested");
    od_jw_i64(w, (int64_t)ask->cost);
    od_jw_key(w, "actual");
    od_jw_i64(w, (int64_t)ask->actual);
    od_jw_key(w, "statements");
    od_jw_i64(w, (int64_t)ask->statements);
    od_jw_object_end(w);
    od_jw_object_end(w);
}

void od_ask_write(struct od_ask *ask, struct od_json_writer *w)
{
    od_jw_key(w, "data");
    od_gql_execute(w, ask->arena, ask->graphql->schema, ask->plan, &ask->root, &ask->faults,
                   &ask->actual);
    if (ask->faults.count) {
        od_jw_key(w, "errors");
        od_gql_faults_write(w, &ask->faults, ask->text->source);
    }
    write_cost(ask, w);
}

static void answer(struct od_ask *ask)
{
    struct od_json_writer w;

    if (ask->failed.code != OD_ERR_NONE) {
        struct od_err err = ask->failed;
        od_ask_release(ask);
        od_api_send_err(ask->req, &err);
        return;
    }
    od_jw_init(&w, od_http_body(ask->req));
    od_jw_object(&w);
    od_ask_write(ask, &w);
    od_jw_object_end(&w);
    set_type(ask);
    od_api_set_position(ask->req, &ask->changed);
    od_ask_release(ask);
    od_http_send(ask->req, 200);
}

/* What a request says, wherever it says it. Each is NULL where it is not given. */
struct parts {
    const struct od_json *query, *operation, *variables, *extensions;
};

static bool is_given(const struct od_json *v)
{
    return v && v->type != OD_JSON_NULL;
}

/* Takes a member; false: it is of another type, which has been answered. */
static bool take(struct od_ask *ask, const struct od_json *body, const char *name,
                 enum od_json_type type, const struct od_json **out)
{
    const struct od_json *v = od_json_get(body, name);

    *out = is_given(v) ? v : NULL;
    if (!*out || v->type == type)
        return true;
    refuse_request(ask, "bad_request", "\"%s\" must be %s.", name,
                   type == OD_JSON_STRING ? "a string" : "an object");
    return false;
}

static bool read_body(struct od_ask *ask, struct od_json **body)
{
    struct od_err err;

    if (od_json_parse(&ask->req->arena, ask->req->body, BODY_DEPTH, body, &err)) {
        refuse_request(ask, "malformed_json", "The body is no JSON: %s.", err.message);
        return false;
    }
    if ((*body)->type == OD_JSON_OBJECT)
        return true;
    refuse_request(ask, "bad_request", "The body must be an object.");
    return false;
}

/* Makes an object of the query string, whose variables and extensions are JSON. */
static bool read_query_string(struct od_ask *ask, struct od_json **body)
{
    struct od_arena *a = &ask->req->arena;
    struct od_json *object = OD_NEW(a, struct od_json), **last = &object->child;
    struct od_err err;

    object->type = OD_JSON_OBJECT;
    for (size_t i = 0; i < ask->req->query_count; i++) {
        const struct od_http_pair *q = &ask->req->query[i];
        bool json = od_str_is(q->name, "variables") || od_str_is(q->name, "extensions");
        struct od_json *v = OD_NEW(a, struct od_json);
        if (od_json_get_str(object, q->name))
            continue;
        v->type = OD_JSON_STRING;
        v->text = q->value;
        if (json && q->value.len && od_json_parse(a, q->value, BODY_DEPTH, &v, &err)) {
            refuse_request(ask, "malformed_json", "\"%.*s\" is no JSON: %s.", (int)q->name.len,
                           q->name.ptr, err.message);
            return false;
        }
        if (json && !q->value.len)
            v->type = OD_JSON_NULL;
        v->key = q->name;
        *last = v;
        last = &v->next;
        object->count++;
    }
    *body = object;
    return true;
}

static bool read_parts(struct od_ask *ask, struct parts *p)
{
    struct od_json *body;
    bool get = ask->req->method != OD_HTTP_POST;

    return (get ? read_query_string(ask, &body) : read_body(ask, &body)) &&
           take(ask, body, "query", OD_JSON_STRING, &p->query) &&
           take(ask, body, "operationName", OD_JSON_STRING, &p->operation) &&
           take(ask, body, "variables", OD_JSON_OBJECT, &p->variables) &&
           take(ask, body, "extensions", OD_JSON_OBJECT, &p->extensions);
}

/* The hash of a document that the client believes to be kept here (the protocol of Apollo's
 * persisted queries, version 1). False: it is malformed, which has been answered. */
static bool read_hash(struct od_ask *ask, const struct parts *p, uint8_t hash[OD_SHA256], bool *has)
{
    const struct od_json *persisted = od_json_get(p->extensions, "persistedQuery");
    const struct od_json *text = persisted ? od_json_get(persisted, "sha256Hash") : NULL;

    *has = is_given(persisted);
    if (!*has || (text && text->type == OD_JSON_STRING && od_unhex(text->text, hash, OD_SHA256)))
        return true;
    refuse_request(ask, "bad_request",
                   "extensions.persistedQuery.sha256Hash must be a SHA-256 in hexadecimal.");
    return false;
}

/* Finds or reads the document. False: it is not there or not valid, which has been answered. */
static bool find_document(struct od_ask *ask, const struct parts *p)
{
    uint8_t hash[OD_SHA256];
    bool by_hash = false;

    if (p->extensions && !read_hash(ask, p, hash, &by_hash))
        return false;
    if (!p->query && !by_hash) {
        refuse_request(ask, "bad_request", "\"query\" is missing.");
        return false;
    }
    if (!p->query) {
        ask->text = od_gql_texts_find(&ask->graphql->texts, hash);
        if (!ask->text)
            refuse_request(ask, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
        return ask->text != NULL;
    }
    ask->text = od_gql_texts_get(&ask->graphql->texts, p->query->text);
    if (by_hash && memcmp(hash, ask->text->hash, OD_SHA256) != 0) {
        refuse_request(ask, "bad_request", "The hash is not that of the query.");
        return false;
    }
    if (!ask->text->faults.count)
        return true;
    od_ask_refuse(ask, &ask->text->faults);
    return false;
}

/* GetOperation() of section 6.1 of the specification. */
static bool find_operation(struct od_ask *ask, const struct od_json *name)
{
    for (struct od_gql_definition *d = ask->text->document->definitions; d; d = d->next) {
        if (d->is_fragment || (name && !od_str_eq(d->name.text, name->text)))
            continue;
        if (ask->operation) {
            od_gql_fault(&ask->faults, OD_GQL_REQUEST, d->at,
                         "operationName must say which of the operations to run.");
            od_ask_refuse(ask, &ask->faults);
            return false;
        }
        ask->operation = d;
    }
    if (ask->operation)
        return true;
    od_gql_fault(&ask->faults, OD_GQL_REQUEST, 0,
                 name ? "There is no operation of that name." : "There is no operation.");
    od_ask_refuse(ask, &ask->faults);
    return false;
}

/* Whether the client names the type as one that it takes. */
static bool accepts(const struct od_http_request *req, struct od_str type)
{
    struct od_str accept = od_http_header(req, "Accept"), piece;

    while (od_str_cut(&accept, ',', &piece)) {
        if (od_str_starts_with(od_str_trim(piece), type))
            return true;
    }
    return false;
}

static bool may_run(struct od_ask *ask)
{
    static const char *const words[] = {"query", "mutation", "subscription"};
    enum od_gql_operation operation = ask->operation->operation;

    if (ask->req->method != OD_HTTP_POST && operation != OD_GQL_QUERY) {
        od_http_set_header(ask->req, "Allow", OD_STR("POST"));
        od_gql_fault(&ask->faults, OD_GQL_REQUEST, ask->operation->at,
                     "A GET may run queries alone; send a %s by POST.", words[operation]);
        refuse(ask, &ask->faults, 405);
        return false;
    }
    if (operation != OD_GQL_SUBSCRIPTION || accepts(ask->req, OD_STR("text/event-stream")))
        return true;
    od_gql_fault(&ask->faults, OD_GQL_REQUEST, ask->operation->at,
                 "A subscription is answered with server-sent events; ask for it with Accept: "
                 "text/event-stream.");
    refuse(ask, &ask->faults, 406);
    return false;
}

static bool may_introspect(struct od_ask *ask)
{
    const struct od_gql_plan_field *f = od_gql_plan_named(ask->plan, "__schema");

    if (!f)
        f = od_gql_plan_named(ask->plan, "__type");
    if (!f || ask->graphql->introspection)
        return true;
    od_gql_fault(&ask->faults, OD_GQL_REQUEST, f->at,
                 "Introspection is turned off in the section [graphql] of the configuration.");
    return false;
}

static bool make_plan(struct od_ask *ask, const struct od_json *variables)
{
    struct od_arena *a = &ask->req->arena;

    if (od_gql_coerce_variables(&ask->variables, a, ask->operation, variables, &ask->faults) == 0)
        ask->plan = od_gql_plan(a, ask->graphql->schema, ask->text->document, ask->operation,
                                &ask->variables, &ask->graphql->limits, &ask->faults, &ask->cost);
    if (ask->plan && may_introspect(ask))
        return true;
    od_ask_refuse(ask, &ask->faults);
    return false;
}

static void run(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    struct od_ask *ask = OD_NEW(&req->arena, struct od_ask);
    struct parts parts;

    ask->api = api;
    ask->graphql = api->graphql;
    ask->req = req;
    ask->arena = &req->arena;
    ask->who = who;
    ask->modern = accepts(req, OD_STR("application/graphql-response+json"));
    ask->graphql->requests++;
    od_gql_variables_init(&ask->variables);
    od_gql_faults_init(&ask->faults, &req->arena, FAULTS_MAX);
    if (!read_parts(ask, &parts) || !find_document(ask, &parts) ||
        !find_operation(ask, parts.operation) || !may_run(ask) || !make_plan(ask, parts.variables))
        return;
    ask->rules = od_rules_ref(od_engine_rules(api->engine));
    ask->root = (struct od_gql_root){.sets = &ask->rules->statuses, .shop = ask->rules->shop};
    if (ask->operation->operation == OD_GQL_SUBSCRIPTION)
        od_ask_subscribe(ask);
    else
        (ask->operation->operation == OD_GQL_MUTATION ? od_ask_mutate : od_ask_load)(ask, answer);
}

OD_EMBED(od_api_graphql_text, "api/graphql/graphql.json");

static const struct od_api_route routes[] = {
    {"graphql", OD_HTTP_POST, "/graphql", OD_HTTP_JSON, OD_MAY_ORDERS_VIEW, run},
    {"graphql_get", OD_HTTP_GET, "/graphql", 0, OD_MAY_ORDERS_VIEW, run},
};

const struct od_api_chapter od_api_graphql = OD_API_CHAPTER(routes, od_api_graphql_text);
