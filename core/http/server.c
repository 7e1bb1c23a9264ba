#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "http/address/address.h"
#include "http/conn.h"

void od_http_conf_default(struct od_http_conf *conf)
{
    *conf = (struct od_http_conf){
        .listen = "127.0.0.1:8080",
        .origins = {.any_host = true},
        .backlog = 1024,
        .max_connections = 1024,
        .max_pipeline = 32,
        .max_header_bytes = 16 << 10,
        .max_body_bytes = 1 << 20,
        .max_large_body_bytes = 16 << 20,
        .max_response_bytes = 64 << 20,
        .header_timeout_ms = 10000,
        .body_timeout_ms = 30000,
        .idle_timeout_ms = 60000,
        .write_timeout_ms = 30000,
        .linger_timeout_ms = 2000,
        .half_timeout_ms = 5000,
    };
}

static void flush_all(uv_idle_t *idle)
{
    struct od_http_server *server = idle->data;
    struct od_list due;
    od_list_init(&due);
    od_list_splice(&due, &server->dirty);
    uv_idle_stop(idle);
    for (struct od_list *node; (node = od_list_shift(&due));)
        od_http_conn_flush(OD_LIST_ENTRY(node, struct od_http_conn, dirty));
}

static void expire_all(uv_timer_t *timer)
{
    struct od_http_server *server = timer->data;
    uint64_t now = uv_now(server->loop), stood_still = now - server->ticked_ms;
    server->ticked_ms = now;
    /* When it was the process that stood still, what clients sent meanwhile has not been read yet.
     * The loop reads it before the next tick. */
    if (stood_still > 2 * server->tick_ms)
        return;
    for (unsigned state = 0; state < OD_HTTP_CONN_STATES; state++) {
        struct od_list *list = &server->conns[state];
        while (server->timeout_ms[state] > 0 && !od_list_empty(list)) {
            struct od_http_conn *conn = OD_LIST_ENTRY(list->next, struct od_http_conn, node);
            if (conn->deadline_ms > now)
                break;
            od_http_conn_expire(conn);
        }
    }
}

static void set_timeouts(struct od_http_server *server)
{
    const struct od_http_conf *conf = &server->conf;
    uint32_t shortest = UINT32_MAX;
    server->timeout_ms[OD_HTTP_CONN_IDLE] = conf->idle_timeout_ms;
    server->timeout_ms[OD_HTTP_CONN_HEAD] = conf->header_timeout_ms;
    server->timeout_ms[OD_HTTP_CONN_BODY] = conf->body_timeout_ms;
    server->timeout_ms[OD_HTTP_CONN_WRITING] = conf->write_timeout_ms;
    server->timeout_ms[OD_HTTP_CONN_LINGER] = conf->linger_timeout_ms;
    server->timeout_ms[OD_HTTP_CONN_HALF] = conf->half_timeout_ms;
    for (unsigned state = 0; state < OD_HTTP_CONN_STATES; state++) {
        if (server->timeout_ms[state] > 0 && server->timeout_ms[state] < shortest)
            shortest = server->timeout_ms[state];
    }
    /* Late by an eighth at most, and never worth waking up more often than a hundred times a
     * second. */
    server->tick_ms = shortest / 8 < 10 ? 10 : shortest / 8 > 500 ? 500 : shortest / 8;
}

static char *copy(struct od_str text)
{
    char *out = strndup(text.ptr ? text.ptr : "", text.len);
    if (!out)
        abort();
    return out;
}

void od_http_server_set_origins(struct od_http_server *server,
                                const struct od_http_origins *origins)
{
    char *hosts = copy(origins->hosts), *list = copy(origins->origins);
    free(server->hosts);
    free(server->origins);
    server->hosts = hosts;
    server->origins = list;
    server->conf.origins = (struct od_http_origins){
        .any_host = origins->any_host, .hosts = od_str_of(hosts), .origins = od_str_of(list)};
}

/* For the parser, which knows no routes. */
static bool takes_large(void *ctx, struct od_http_request *req)
{
    const struct od_http_server *server = ctx;
    struct od_http_match match = od_http_router_match(server->router, req);
    req->param_count = 0;
    return match.route && match.route->flags & OD_HTTP_LARGE &&
           od_http_foreign(server, req) == OD_HTTP_FOREIGN_NOT &&
           (!server->conf.admits_large || server->conf.admits_large(server->conf.admits_ctx, req));
}

struct od_http_server *od_http_server_new(struct uv_loop_s *loop, const struct od_http_conf *conf,
                                          const struct od_http_router *router)
{
    OD_ASSERT(conf->max_pipeline > 0);
    struct od_http_server *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    server->conf = *conf;
    server->conf.listen = strdup(conf->listen);
    od_http_server_set_origins(server, &conf->origins);
    server->limits = (struct od_http_limits){.header_bytes = conf->max_header_bytes,
                                             .body_bytes = conf->max_body_bytes,
                                             .large_body_bytes = conf->max_large_body_bytes,
                                             .takes_large = takes_large,
                                             .ctx = server};
    server->router = router;
    server->loop = loop;
    set_timeouts(server);
    for (unsigned state = 0; state < OD_HTTP_CONN_STATES; state++)
        od_list_init(&server->conns[state]);
    od_list_init(&server->dirty);
    od_list_init(&server->spare_requests);
    od_list_init(&server->spare_conns);
    uv_tcp_init(loop, &server->listener);
    uv_idle_init(loop, &server->flusher);
    uv_timer_init(loop, &server->ticker);
    server->listener.data = server->flusher.data = server->ticker.data = server;
    server->handles = 3;
    return server;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct od_http_server *server = listener->data;
    if (status < 0)
        return;
    od_http_conn_accept(server, server->metrics.connections_open >= server->conf.max_connections);
}

static int adopt(struct od_http_server *server, int fd, struct od_err *err)
{
    struct sockaddr_storage bound = {0};
    int len = sizeof bound;
    int r = uv_tcp_open(&server->listener, fd);
    if (r < 0) {
        close(fd);
    } else {
        r = uv_listen((uv_stream_t *)&server->listener, server->conf.backlog, on_connection);
        if (r == 0)
            r = uv_tcp_getsockname(&server->listener, (struct sockaddr *)&bound, &len);
    }
    if (r < 0)
        return od_err_set(err, OD_ERR_IO, "cannot listen on %s: %s", server->conf.listen,
                          uv_strerror(r));
    od_http_address_format(&bound, server->address);
    return 0;
}

int od_http_server_listen(struct od_http_server *server, struct od_err *err)
{
    struct sockaddr_storage address;
    if (od_http_address_parse(od_str_of(server->conf.listen), &address, err) < 0)
        return -1;
    int fd = od_http_address_bind(&address, server->conf.reuse_port, err);
    return fd < 0 ? -1 : adopt(server, fd, err);
}

const char *od_http_server_address(const struct od_http_server *server)
{
    return server->address;
}

uint16_t od_http_server_port(const struct od_http_server *server)
{
    const char *colon = strrchr(server->address, ':');
    int64_t port = 0;
    if (colon)
        (void)od_str_to_i64(od_str_of(colon + 1), 0, 65535, &port);
    return (uint16_t)port;
}

const struct od_http_metrics *od_http_server_metrics(const struct od_http_server *server)
{
    return &server->metrics;
}

void od_http_host_dirty(struct od_http_conn *conn)
{
    struct od_http_server *server = conn->server;
    if (conn->state == OD_HTTP_CONN_CLOSING || !od_list_empty(&conn->dirty))
        return;
    od_list_push(&server->dirty, &conn->dirty);
    /* An idle handle runs before the loop waits, and keeps it from waiting until it has run. */
    if (!uv_is_active((uv_handle_t *)&server->flusher))
        uv_idle_start(&server->flusher, flush_all);
}

void od_http_host_replied(struct od_http_request *req)
{
    struct od_http_server *server = req->server;
    server->metrics.replies[req->status / 100]++;
    if (req->route) {
        /* The route is the router's, and its latency the server's to keep. */
        struct od_http_route *route = (struct od_http_route *)(uintptr_t)req->route;
        od_http_latency_add(&route->latency, od_clock_monotonic_us() - req->begun_us);
    }
    if (req->conn)
        od_http_host_dirty(req->conn);
}

void od_http_host_sent(struct od_http_request *req)
{
    req->state = OD_HTTP_SENT;
    od_http_host_replied(req);
    if (!req->conn)
        od_http_request_give(req);
}

struct od_str od_http_host_common(struct od_http_server *server)
{
    int64_t now_s = od_clock_us() / 1000000;
    if (now_s != server->date_s) {
        time_t t = (time_t)now_s;
        struct tm tm;
        server->date_s = now_s;
        gmtime_r(&t, &tm);
        server->common_len = strftime(server->common, sizeof server->common,
                                      "Date: %a, %d %b %Y %H:%M:%S GMT\r\nServer: orderd\r\n", &tm);
    }
    return od_str_n(server->common, server->common_len);
}

void od_http_host_opened(struct od_http_server *server)
{
    server->metrics.connections_total++;
    if (server->metrics.connections_open++ > 0)
        return;
    server->ticked_ms = uv_now(server->loop);
    uv_timer_start(&server->ticker, expire_all, server->tick_ms, server->tick_ms);
}

void od_http_host_closed(struct od_http_server *server)
{
    if (--server->metrics.connections_open == 0)
        uv_timer_stop(&server->ticker);
    od_http_host_check(server);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct od_http_server *server = handle->data;
    if (--server->handles == 0)
        server->drained(server->drained_ctx);
}

void od_http_host_check(struct od_http_server *server)
{
    if (!server->draining || server->stopping || server->metrics.connections_open > 0 ||
        server->metrics.requests_in_flight > 0)
        return;
    server->stopping = true;
    uv_close((uv_handle_t *)&server->flusher, on_handle_closed);
    uv_close((uv_handle_t *)&server->ticker, on_handle_closed);
}

/* Calls fn for each connection that is not closing; fn may move it to another list. */
static void each_conn(struct od_http_server *server, void (*fn)(struct od_http_conn *conn))
{
    for (unsigned state = 0; state < OD_HTTP_CONN_CLOSING; state++) {
        struct od_list *list = &server->conns[state];
        for (struct od_list *node = list->next, *next; node != list; node = next) {
            next = node->next;
            fn(OD_LIST_ENTRY(node, struct od_http_conn, node));
        }
    }
}

static void let_leave(struct od_http_conn *conn)
{
    for (struct od_list *l = conn->queue.next; l != &conn->queue; l = l->next) {
        struct od_http_request *req = OD_LIST_ENTRY(l, struct od_http_request, node);
        if (req->state == OD_HTTP_OPEN && req->leave)
            req->leave(req->leave_ctx);
    }
}

static void drain_conn(struct od_http_conn *conn)
{
    let_leave(conn);
    if (conn->parser.stage != OD_HTTP_STAGE_NONE)
        return; /* its request is the last it may make */
    if (od_list_empty(&conn->queue) && conn->state == OD_HTTP_CONN_IDLE)
        od_http_conn_close(conn);
    else
        od_http_conn_finish(conn);
}

void od_http_server_drain(struct od_http_server *server, void (*cb)(void *ctx), void *ctx)
{
    OD_ASSERT(!server->draining);
    server->draining = true;
    server->drained = cb;
    server->drained_ctx = ctx;
    uv_close((uv_handle_t *)&server->listener, on_handle_closed);
    each_conn(server, drain_conn);
    od_http_host_check(server);
}

void od_http_server_abort(struct od_http_server *server)
{
    OD_ASSERT(server->draining);
    each_conn(server, od_http_conn_close);
}

void od_http_server_free(struct od_http_server *server)
{
    if (!server)
        return;
    OD_ASSERT(server->draining && server->handles == 0);
    od_http_pool_fini(server);
    free((char *)(uintptr_t)server->conf.listen);
    free(server->hosts);
    free(server->origins);
    free(server);
}
