
#include "base/assert.h"
#include "http/conn.h"

/* Replies gathered into one system call; more go out in the next one. */
#define GATHER 32

static uv_buf_t buf_of(const char *ptr, size_t len)
{
    return (uv_buf_t){.base = (char *)(uintptr_t)ptr, .len = len};
}

/* The replies ready at the front of the queue: fills bufs[≤ 2 * GATHER] and says how many requests.
 */
static uint32_t gather(struct od_http_conn *conn, uv_buf_t *bufs, unsigned *nbufs, size_t *total)
{
    struct od_http_server *server = conn->server;
    uint32_t n = 0;
    *nbufs = 0;
    *total = 0;
    for (struct od_list *l = conn->queue.next; l != &conn->queue && n < GATHER; l = l->next, n++) {
        struct od_http_request *req = OD_LIST_ENTRY(l, struct od_http_request, node);
        if (req->state != OD_HTTP_SENT || req->stream)
            break;
        bool last = conn->final && l->next == &conn->queue;
        od_http_reply_render(req, od_http_host_common(server), last);
        bufs[(*nbufs)++] = buf_of(req->head_out.ptr, req->head_out.len);
        if (req->body_out.len > 0)
            bufs[(*nbufs)++] = buf_of(req->body_out.ptr, req->body_out.len);
        *total += req->head_out.len + req->body_out.len;
    }
    return n;
}

static void release(struct od_http_conn *conn, uint32_t n)
{
    for (; n > 0; n--) {
        struct od_list *node = od_list_shift(&conn->queue);
        OD_ASSERT(node && conn->queued > 0);
        conn->queued--;
        od_http_request_give(OD_LIST_ENTRY(node, struct od_http_request, node));
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct od_http_conn *conn = write->data;
    uint32_t n = conn->writing;
    conn->writing = 0;
    if (conn->state == OD_HTTP_CONN_CLOSING)
        return;
    if (status < 0) {
        od_http_conn_close(conn);
        return;
    }
    release(conn, n);
    od_http_conn_flush(conn);
}

/* Leaves to libuv what the socket would not take; the n requests stay until it is done. */
static void write_rest(struct od_http_conn *conn, uv_buf_t *bufs, unsigned nbufs, size_t written,
                       uint32_t n)
{
    while (written >= bufs->len) {
        written -= bufs->len;
        bufs++;
        nbufs--;
    }
    bufs->base += written;
    bufs->len -= written;
    conn->write.data = conn;
    conn->writing = n;
    if (uv_write(&conn->write, (uv_stream_t *)&conn->tcp, bufs, nbufs, on_written) < 0) {
        conn->writing = 0;
        od_http_conn_close(conn);
    }
}

/* True when all of what was ready has been written and there was something. */
static bool flush_once(struct od_http_conn *conn)
{
    uv_buf_t bufs[2 * GATHER];
    unsigned nbufs;
    size_t total;
    uint32_t n = gather(conn, bufs, &nbufs, &total);
    if (n == 0)
        return false;
    conn->server->metrics.bytes_out += total;
    int r = uv_try_write((uv_stream_t *)&conn->tcp, bufs, nbufs);
    if (r < 0 && r != UV_EAGAIN) {
        od_http_conn_close(conn);
        return false;
    }
    size_t written = r > 0 ? (size_t)r : 0;
    if (written < total) {
        write_rest(conn, bufs, nbufs, written, n);
        return false;
    }
    release(conn, n);
    return true;
}

void od_http_conn_flush(struct od_http_conn *conn)
{
    if (conn->state == OD_HTTP_CONN_CLOSING || conn->writing > 0)
        return;
    while (flush_once(conn))
        ;
    if (conn->state != OD_HTTP_CONN_CLOSING && conn->writing == 0)
        od_http_conn_flush_stream(conn);
    od_http_conn_settle(conn);
}
