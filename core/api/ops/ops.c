#include <stdio.h>
#include <unistd.h>

#include "api/graphql/graphql.h"
#include "api/handler.h"
#include "api/message_limit.h"
#include "api/openapi/openapi.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "http/server.h"
#include "order/machine/command_kind.h"
#include "pg/conn.h"
#include "tasks/consumers/consumers.h"

/* Answers operators and their machines: liveness, readiness, metrics, the contract. */

static void get_healthz(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    (void)ctx;
    od_http_reply(req, 200, "application/json", OD_STR("{\"status\":\"ok\"}"));
}

/* A consumer that cannot work is no reason to send customers elsewhere, but it is told. */
static void send_ready(const struct od_api *api, struct od_http_request *req)
{
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(req));
    od_jw_object(&w);
    od_jw_key(&w, "status");
    od_jw_cstr(&w, "ready");
    od_consumers_write_trouble(api->consumers, &w);
    od_jw_object_end(&w);
    od_http_send(req, 200);
}

static void get_readyz(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    struct od_api *api = ctx;
    const char *trouble = od_engine_trouble(api->engine);
    if (od_engine_ready(api->engine) && od_pg_conn_up(api->query)) {
        send_ready(api, req);
        return;
    }
    struct od_problem problem = {
        .status = 503,
        .code = "unavailable",
        .detail = od_arena_printf(&req->arena, "Not ready: %s.",
                                  *trouble ? trouble : "the database is being connected"),
        .retry_after_s = 1,
    };
    od_problem_send(req, &problem);
}

static void get_openapi(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    struct od_err err;
    (void)who;
    if (!api->description.len && od_openapi_write(api, &api->description, &err))
        od_api_send_err(req, &err);
    else
        od_http_reply(req, 200, "application/json", od_buf_view(&api->description));
}

static void family(struct od_buf *b, const char *name, const char *type, const char *help)
{
    od_buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void engine_metrics(struct od_buf *b, const struct od_engine *engine)
{
    static const char *const verdicts[] = {"done",   "not_found", "conflict",
                                           "policy", "invalid",   "stale"};
    struct od_engine_stats s;
    od_engine_stats(engine, &s);
    family(b, "orderd_commands_total", "counter", "Commands decided, by command and verdict.");
    for (enum od_command_type t = 0; t < OD_COMMAND_TYPES; t++) {
        for (int v = 0; v < 6; v++) {
            if (s.verdicts[t][v])
                od_buf_printf(b, "orderd_commands_total{command=\"%s\",verdict=\"%s\"} %llu\n",
                              od_command_name(t), verdicts[v],
                              (unsigned long long)s.verdicts[t][v]);
        }
    }
    const struct {
        const char *name, *type, *help;
        double value;
    } rows[] = {
        {"orderd_batches_total", "counter", "Batches decided.", (double)s.batches},
        {"orderd_batches_aborted_total", "counter", "Batches the database refused.",
         (double)s.aborted},
        {"orderd_retries_total", "counter", "Commands tried again by themselves.",
         (double)s.retries_alone},
        {"orderd_events_total", "counter", "Events decided.", (double)s.events},
        {"orderd_reads_total", "counter", "Orders read.", (double)s.reads},
        {"orderd_idempotency_replays_total", "counter", "Answers repeated for an idempotency key.",
         (double)s.replays},
        {"orderd_commands_withdrawn_total", "counter",
         "Commands whose callers left before the database was asked.", (double)s.withdrawn},
        {"orderd_load_seconds_total", "counter", "Time in LOAD.", (double)s.load_us / 1e6},
        {"orderd_decide_seconds_total", "counter", "Time in decide.", (double)s.decide_us / 1e6},
        {"orderd_write_seconds_total", "counter", "Time in WRITE.", (double)s.write_us / 1e6},
        {"orderd_queue_depth", "gauge", "Commands and reads waiting.", s.queued},
        {"orderd_lanes", "gauge", "Configured lanes.", s.lanes},
        {"orderd_lanes_up", "gauge", "Lanes with a connection.", s.lanes_up},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        family(b, rows[i].name, rows[i].type, rows[i].help);
        od_buf_printf(b, "%s %.15g\n", rows[i].name, rows[i].value);
    }
    family(b, "orderd_batch_size", "histogram", "Commands in a batch.");
    uint64_t below = 0;
    for (int i = 0; i < 12; i++) {
        below += s.batch_size[i];
        od_buf_printf(b, "orderd_batch_size_bucket{le=\"%u\"} %llu\n", (2u << i) - 1,
                      (unsigned long long)below);
    }
    od_buf_printf(b,
                  "orderd_batch_size_bucket{le=\"+Inf\"} %llu\norderd_batch_size_sum %llu\n"
                  "orderd_batch_size_count %llu\n",
                  (unsigned long long)s.batches, (unsigned long long)s.commands,
                  (unsigned long long)s.batches);
}

/* Every second power of two, from 64 us: finer ones would be most of the page. */
enum { LATENCY_FROM = 6 };

static void latency_metrics(struct od_buf *b, const struct od_http_router *router)
{
    const struct od_http_route *r;
    for (size_t i = 0; (r = od_http_router_route(router, i)); i++) {
        uint64_t below = 0;
        if (!r->latency.count)
            continue;
        for (int n = 0; n < OD_HTTP_LATENCY_BUCKETS - 1; n++) {
            below += r->latency.bucket[n];
            if (n < LATENCY_FROM || n % 2)
                continue;
            od_buf_printf(b, "orderd_http_request_seconds_bucket{route=\"%s\",le=\"%.6g\"} %llu\n",
                          r->name, (double)(1ULL << n) / 1e6, (unsigned long long)below);
        }
        od_buf_printf(b,
                      "orderd_http_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %llu\n"
                      "orderd_http_request_seconds_sum{route=\"%s\"} %.6f\n"
                      "orderd_http_request_seconds_count{route=\"%s\"} %llu\n",
                      r->name, (unsigned long long)r->latency.count, r->name,
                      (double)r->latency.sum_us / 1e6, r->name,
                      (unsigned long long)r->latency.count);
    }
}

static void http_metrics(struct od_buf *b, const struct od_api *api)
{
    const struct od_http_metrics *m = od_http_server_metrics(api->server);
    family(b, "orderd_http_replies_total", "counter", "Replies by status class.");
    for (int i = 1; i < 6; i++)
        od_buf_printf(b, "orderd_http_replies_total{class=\"%dxx\"} %llu\n", i,
                      (unsigned long long)m->replies[i]);
    family(b, "orderd_http_foreign_total", "counter",
           "Requests refused because another site's web page sent them, by what told it.");
    for (enum od_http_foreign f = OD_HTTP_FOREIGN_HOST; f < OD_HTTP_FOREIGN_KINDS; f++)
        od_buf_printf(b, "orderd_http_foreign_total{by=\"%s\"} %llu\n", od_http_foreign_name(f),
                      (unsigned long long)m->foreign[f]);
    family(b, "orderd_http_connections", "gauge", "Open connections.");
    od_buf_printf(b, "orderd_http_connections %u\n", m->connections_open);
    family(b, "orderd_http_requests", "gauge", "Requests that wait for their reply.");
    od_buf_printf(b, "orderd_http_requests %u\n", m->requests_in_flight);
    family(b, "orderd_http_request_seconds", "histogram", "From request to reply, by route.");
    latency_metrics(b, api->router);
    if (od_api_script_router(api))
        latency_metrics(b, od_api_script_router(api));
}

/* Resident pages from /proc/self/statm (proc(5)). */
static long long resident_bytes(void)
{
    long long total, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f)
        return 0;
    if (fscanf(f, "%lld %lld", &total, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * sysconf(_SC_PAGESIZE);
}

static void key_metrics(struct od_buf *b, const struct od_keys *keys)
{
    if (!keys)
        return;
    family(b, "orderd_keys_age_seconds", "gauge",
           "How long ago the keys that work were asked for; above 2 all keys are refused.");
    od_buf_printf(b, "orderd_keys_age_seconds %.3f\n", (double)od_keys_age_us(keys) / 1e6);
}

static void get_metrics(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    struct od_api *api = ctx;
    struct od_buf *b = od_http_body(req);
    engine_metrics(b, api->engine);
    http_metrics(b, api);
    key_metrics(b, od_auth_keys(api->auth));
    od_streams_metrics(api->streams, b);
    od_message_limit_metrics(api->message_limit, b);
    od_graphql_metrics(api->graphql, b);
    api->more_metrics(api->metrics_ctx, b);
    const struct od_rules *rules = od_engine_rules(api->engine);
    family(b, "orderd_bundle_info", "gauge", "The rules that serve.");
    od_buf_printf(b, "orderd_bundle_info{bundle=\"%s\"} 1\n", rules->hash);
    family(b, "process_resident_memory_bytes", "gauge", "Resident memory.");
    od_buf_printf(b, "process_resident_memory_bytes %lld\n", resident_bytes());
    family(b, "process_start_time_seconds", "gauge", "Start of the process.");
    od_buf_printf(b, "process_start_time_seconds %.3f\n", (double)api->started_us / 1e6);
    od_http_set_type(req, "text/plain; version=0.0.4; charset=utf-8");
    od_http_send(req, 200);
}

OD_EMBED(od_api_ops_text, "api/ops/ops.json");

static const struct od_api_route routes[] = {
    {"healthz", OD_HTTP_GET, "/healthz", 0, OD_PUBLIC, get_healthz},
    {"readyz", OD_HTTP_GET, "/readyz", 0, OD_PUBLIC, get_readyz},
    {"metrics", OD_HTTP_GET, "/metrics", 0, OD_PUBLIC, get_metrics},
    {"openapi", OD_HTTP_GET, "/openapi.json", 0, OD_PUBLIC, get_openapi},
};

const struct od_api_chapter od_api_ops = OD_API_CHAPTER(routes, od_api_ops_text);
