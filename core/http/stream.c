#include "http/stream.h"

#include "base/assert.h"
#include "http/conn.h"

void od_http_stream_begin(struct od_http_request *req, int status, size_t max_unsent)
{
    OD_ASSERT(req->state == OD_HTTP_OPEN && !req->stream && req->method != OD_HTTP_HEAD);
    req->stream = true;
    req->status = status;
    req->body_out.max = max_unsent;
    req->stream_out.max = max_unsent;
    od_http_host_replied(req);
    if (req->conn)
        req->conn->final = req->conn->stream = true;
}

bool od_http_stream_write(struct od_http_request *req, struct od_str s)
{
    OD_ASSERT(req->stream);
    if (!req->conn || od_http_stream_unsent(req) + s.len > req->body_out.max)
        return false;
    od_buf_str(&req->body_out, s);
    od_http_host_dirty(req->conn);
    return true;
}

size_t od_http_stream_unsent(const struct od_http_request *req)
{
    struct od_http_conn *conn = req->conn;
    size_t writing =
        conn && conn->writing ? uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp) : 0;
    return req->body_out.len + writing;
}

void od_http_stream_end(struct od_http_request *req)
{
    OD_ASSERT(req->stream && req->state == OD_HTTP_OPEN);
    req->state = OD_HTTP_SENT;
    if (req->conn)
        od_http_host_dirty(req->conn);
    else
        od_http_request_give(req);
}

static struct od_http_request *front(const struct od_http_conn *conn)
{
    if (od_list_empty(&conn->queue))
        return NULL;
    return OD_LIST_ENTRY(conn->queue.next, struct od_http_request, node);
}

/* What libuv was given, or the socket took, is out. */
static void piece_written(struct od_http_request *req)
{
    od_buf_reset(&req->stream_out);
    req->head_out = OD_STR("");
}

static void on_written(uv_write_t *write, int status)
{
    struct od_http_conn *conn = write->data;
    conn->writing = 0;
    if (conn->state == OD_HTTP_CONN_CLOSING)
        return;
    if (status < 0) {
        od_http_conn_close(conn);
        return;
    }
    piece_written(front(conn));
    od_http_conn_flush(conn);
}

/* Takes what waits; false: nothing does. What is handed to libuv must not move, so it is in a
 * buffer of its own. */
static bool next_piece(struct od_http_request *req, uv_buf_t bufs[2], unsigned *nbufs)
{
    *nbufs = 0;
    if (!req->head_out.ptr)
        od_http_reply_render(req, od_http_host_common(req->server), true);
    if (req->head_out.len)
        bufs[(*nbufs)++] =
            uv_buf_init((char *)(uintptr_t)req->head_out.ptr, (unsigned)req->head_out.len);
    if (req->body_out.len) {
        struct od_buf written = req->stream_out;
        req->stream_out = req->body_out;
        req->body_out = written;
        bufs[(*nbufs)++] = uv_buf_init(req->stream_out.ptr, (unsigned)req->stream_out.len);
    }
    return *nbufs > 0;
}

/* True: all of it is out. */
static bool write_piece(struct od_http_conn *conn, uv_buf_t *bufs, unsigned nbufs)
{
    size_t total = 0;
    for (unsigned i = 0; i < nbufs; i++)
        total += bufs[i].len;
    conn->server->metrics.bytes_out += total;
    int r = uv_try_write((uv_stream_t *)&conn->tcp, bufs, nbufs);
    if (r < 0 && r != UV_EAGAIN) {
        od_http_conn_close(conn);
        return false;
    }
    size_t written = r > 0 ? (size_t)r : 0;
    if (written == total)
        return true;
    for (; written >= bufs->len; bufs++, nbufs--)
        written -= bufs->len;
    bufs->base += written;
    bufs->len -= written;
    conn->write.data = conn;
    conn->writing = 1;
    if (uv_write(&conn->write, (uv_stream_t *)&conn->tcp, bufs, nbufs, on_written) < 0) {
        conn->writing = 0;
        od_http_conn_close(conn);
    }
    return false;
}

void od_http_conn_flush_stream(struct od_http_conn *conn)
{
    struct od_http_request *req = front(conn);
    if (!req || !req->stream)
        return;
    uv_buf_t bufs[2];
    unsigned nbufs;
    while (next_piece(req, bufs, &nbufs)) {
        if (!write_piece(conn, bufs, nbufs))
            return;
        piece_written(req);
    }
    if (req->state != OD_HTTP_SENT)
        return;
    od_list_shift(&conn->queue);
    conn->queued--;
    od_http_request_give(req);
}
