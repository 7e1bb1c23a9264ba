#include "http/conn.h"

#include "base/assert.h"

static void input(struct od_http_conn *conn, const char *data, size_t len);

static void enter(struct od_http_conn *conn, enum od_http_conn_state state)
{
    struct od_http_server *server = conn->server;
    conn->state = state;
    conn->timed = conn->serial;
    conn->deadline_ms = uv_now(server->loop) + server->timeout_ms[state];
    conn->unwritten = uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp);
    od_list_remove(&conn->node);
    od_list_push(&server->conns[state], &conn->node);
}

static enum od_http_conn_state state_of(const struct od_http_conn *conn)
{
    if (conn->state == OD_HTTP_CONN_CLOSING || conn->state == OD_HTTP_CONN_LINGER)
        return conn->state;
    if (conn->writing > 0)
        return OD_HTTP_CONN_WRITING;
    if (conn->stash.len > 0) /* we keep the client waiting, not it us */
        return OD_HTTP_CONN_BUSY;
    if (conn->parser.stage == OD_HTTP_STAGE_BODY)
        return OD_HTTP_CONN_BODY;
    if (conn->parser.stage == OD_HTTP_STAGE_HEAD)
        return OD_HTTP_CONN_HEAD;
    if (od_list_empty(&conn->queue))
        return OD_HTTP_CONN_IDLE;
    return conn->half ? OD_HTTP_CONN_HALF : OD_HTTP_CONN_BUSY;
}

/* A deadline belongs to a state and a request: bytes that trickle in do not move it. */
static void update(struct od_http_conn *conn)
{
    enum od_http_conn_state state = state_of(conn);
    if (state != conn->state || conn->timed != conn->serial)
        enter(conn, state);
}

/* Gives up the request being received. */
static void abandon(struct od_http_conn *conn)
{
    struct od_http_request *req = conn->parser.req;
    conn->parser.req = NULL;
    conn->parser.stage = OD_HTTP_STAGE_NONE;
    if (req)
        od_http_request_give(req);
}

static void on_closed(uv_handle_t *handle)
{
    struct od_http_conn *conn = handle->data;
    struct od_http_server *server = conn->server;
    od_list_remove(&conn->dirty);
    od_list_remove(&conn->node);
    abandon(conn);
    for (struct od_list *node; (node = od_list_shift(&conn->queue));) {
        struct od_http_request *req = OD_LIST_ENTRY(node, struct od_http_request, node);
        req->conn = NULL;
        if (req->state == OD_HTTP_SENT)
            od_http_request_give(req);
        else if (req->gone)
            req->gone(req->gone_ctx);
    }
    od_http_conn_give(conn);
    od_http_host_closed(server);
}

void od_http_conn_close(struct od_http_conn *conn)
{
    if (conn->state == OD_HTTP_CONN_CLOSING)
        return;
    enter(conn, OD_HTTP_CONN_CLOSING);
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

/* Adds a complete or failed request to the queue; replies leave in this order. */
static void enqueue(struct od_http_conn *conn, struct od_http_request *req)
{
    od_list_push(&conn->queue, &req->node);
    conn->queued++;
}

/* Answers a fault after all earlier requests, and takes no more. */
static void fault(struct od_http_conn *conn, enum od_http_fault kind, const char *detail)
{
    struct od_http_request *req = conn->parser.req;
    if (!req) {
        req = od_http_request_take(conn->server);
        req->conn = conn;
    }
    conn->parser.req = NULL;
    conn->parser.stage = OD_HTTP_STAGE_NONE;
    conn->final = true;
    enqueue(conn, req);
    od_http_dispatch_fault(req, kind, detail);
}

static void complete(struct od_http_conn *conn)
{
    struct od_http_request *req = conn->parser.req;
    conn->parser.req = NULL;
    if (!req->keep_alive)
        conn->polite = true;
    if (!req->keep_alive || conn->server->draining)
        conn->final = true;
    enqueue(conn, req);
    od_http_dispatch(req);
}

static void begin(struct od_http_conn *conn)
{
    struct od_http_request *req = od_http_request_take(conn->server);
    req->conn = conn;
    conn->serial++;
    od_http_parser_begin(&conn->parser, req);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct od_http_conn *conn = handle->data;
    (void)suggested;
    buf->base = conn->server->read_bytes;
    buf->len = sizeof conn->server->read_bytes;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct od_http_conn *conn = stream->data;
    if (n == 0)
        return;
    if (n == UV_EOF) {
        /* A client may close its half and still wait for what it asked. */
        conn->polite = conn->half = true;
        abandon(conn);
        /* Who listens to a stream has nothing to say: its end is the sign that it left. */
        if (conn->state == OD_HTTP_CONN_LINGER || conn->stream)
            od_http_conn_close(conn);
        else
            od_http_conn_finish(conn);
        return;
    }
    if (n < 0) {
        od_http_conn_close(conn);
        return;
    }
    conn->server->metrics.bytes_in += (uint64_t)n;
    input(conn, buf->base, (size_t)n);
    od_http_conn_settle(conn);
}

static void set_reading(struct od_http_conn *conn, bool on)
{
    if (conn->reading == on)
        return;
    conn->reading = on;
    if (!on)
        uv_read_stop((uv_stream_t *)&conn->tcp);
    else if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) < 0)
        od_http_conn_close(conn);
}

/* One request's bytes or less; says how many were taken. */
static size_t input_some(struct od_http_conn *conn, const char *data, size_t len)
{
    size_t used;
    if (conn->parser.stage == OD_HTTP_STAGE_NONE) {
        /* RFC 9112 section 2.2: empty lines before a request are ignored. */
        if (*data == '\r' || *data == '\n')
            return 1;
        begin(conn);
    }
    switch (od_http_parser_feed(&conn->parser, data, len, &used)) {
    case OD_HTTP_PARSE_MORE:
        break;
    case OD_HTTP_PARSE_DONE:
        complete(conn);
        break;
    case OD_HTTP_PARSE_FAULT:
        fault(conn, conn->parser.fault, conn->parser.detail);
        break;
    }
    return used;
}

static void input(struct od_http_conn *conn, const char *data, size_t len)
{
    while (len > 0 && !conn->final && conn->state != OD_HTTP_CONN_CLOSING) {
        if (conn->queued >= conn->server->conf.max_pipeline) {
            conn->stash.max = OD_HTTP_READ_BYTES;
            od_buf_append(&conn->stash, data, len);
            OD_ASSERT(!conn->stash.overflow);
            set_reading(conn, false);
            return;
        }
        size_t used = input_some(conn, data, len);
        data += used;
        len -= used;
    }
}

/* The pipeline has room again: first what was read already, then the socket. */
static void resume(struct od_http_conn *conn)
{
    struct od_buf stash = conn->stash;
    od_buf_init(&conn->stash, 0);
    input(conn, stash.ptr, stash.len);
    od_buf_fini(&stash);
    if (conn->stash.len == 0 && conn->state != OD_HTTP_CONN_CLOSING)
        set_reading(conn, true);
}

static void send_continue(struct od_http_conn *conn)
{
    static char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uv_buf_t buf = {.base = line, .len = sizeof line - 1};
    conn->parser.req->expect_continue = false;
    /* Nothing else is waiting to be written, so a socket that does not take it whole is broken. */
    if (uv_try_write((uv_stream_t *)&conn->tcp, &buf, 1) != (int)buf.len)
        od_http_conn_close(conn);
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    (void)shutdown;
    (void)status;
}

/* Closing with unread bytes makes the kernel send RST, which can destroy the reply before the
 * client has read it (RFC 9112 section 9.6): so close our half, and wait for the client to close
 * its own. */
static void end(struct od_http_conn *conn)
{
    if (conn->polite || uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) < 0) {
        od_http_conn_close(conn);
        return;
    }
    enter(conn, OD_HTTP_CONN_LINGER);
    set_reading(conn, true);
}

void od_http_conn_settle(struct od_http_conn *conn)
{
    if (conn->state == OD_HTTP_CONN_CLOSING || conn->state == OD_HTTP_CONN_LINGER)
        return;
    if (!conn->reading && !conn->final && conn->queued < conn->server->conf.max_pipeline)
        resume(conn);
    bool empty = od_list_empty(&conn->queue);
    if (conn->final && empty) {
        end(conn);
        return;
    }
    if (empty && conn->parser.stage == OD_HTTP_STAGE_BODY && conn->parser.req->expect_continue &&
        conn->parser.req->body_in.len == 0)
        send_continue(conn);
    update(conn);
}

void od_http_conn_finish(struct od_http_conn *conn)
{
    conn->final = true;
    set_reading(conn, false);
    od_http_conn_settle(conn);
}

void od_http_conn_expire(struct od_http_conn *conn)
{
    size_t unwritten = uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp);
    switch (conn->state) {
    case OD_HTTP_CONN_HEAD:
        fault(conn, OD_HTTP_FAULT_HEADER_TIMEOUT, NULL);
        update(conn);
        break;
    case OD_HTTP_CONN_BODY:
        fault(conn, OD_HTTP_FAULT_BODY_TIMEOUT, NULL);
        update(conn);
        break;
    case OD_HTTP_CONN_WRITING:
        if (unwritten < conn->unwritten)
            enter(conn, OD_HTTP_CONN_WRITING);
        else
            od_http_conn_close(conn);
        break;
    case OD_HTTP_CONN_IDLE:
    case OD_HTTP_CONN_LINGER:
    case OD_HTTP_CONN_BUSY:
    case OD_HTTP_CONN_HALF:
    case OD_HTTP_CONN_CLOSING:
    case OD_HTTP_CONN_STATES:
        od_http_conn_close(conn);
        break;
    }
}

void od_http_conn_accept(struct od_http_server *server, bool refuse)
{
    struct od_http_conn *conn = od_http_conn_take(server);
    conn->server = server;
    conn->tcp.data = conn;
    od_list_init(&conn->node);
    od_list_init(&conn->dirty);
    od_list_init(&conn->queue);
    od_http_parser_init(&conn->parser, &server->limits);
    uv_tcp_init(server->loop, &conn->tcp);
    od_http_host_opened(server);
    /* Those being told to go are open too; past twice the limit there is no answer any more. */
    bool flood = server->metrics.connections_open / 2 > server->conf.max_connections;
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&conn->tcp) < 0 || flood) {
        od_http_conn_close(conn);
        return;
    }
    (void)uv_tcp_nodelay(&conn->tcp, 1); /* replies are written whole */
    enter(conn, OD_HTTP_CONN_IDLE);
    set_reading(conn, true);
    if (refuse && conn->state != OD_HTTP_CONN_CLOSING)
        fault(conn, OD_HTTP_FAULT_CONNECTIONS, NULL);
}

void od_http_peer(const struct od_http_request *req, uint8_t out[16])
{
    struct sockaddr_storage address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
    const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
    int len = sizeof address;

    memset(out, 0, 16);
    if (!req->conn || uv_tcp_getpeername(&req->conn->tcp, (struct sockaddr *)&address, &len) < 0)
        return;
    if (address.ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        memcpy(out, &six->sin6_addr, 8);
    } else if (address.ss_family == AF_INET6) {
        memcpy(out, &six->sin6_addr, 16);
    } else if (address.ss_family == AF_INET) {
        out[10] = out[11] = 0xff;
        memcpy(out + 12, &four->sin_addr, 4);
    }
}
