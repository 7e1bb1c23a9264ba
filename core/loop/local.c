#include "loop/local.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

enum { LINE_MAX_BYTES = 4096, BACKLOG = 16 };

struct od_local_server {
    uv_pipe_t uv;
    struct od_loop *loop;
    char path[108];
    void (*request)(void *ctx, struct od_local_request *r, struct od_str line);
    void *ctx;
    uint32_t open; /* the listener and the requests that are not closed yet */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct od_local_request {
    uv_pipe_t uv;
    uv_write_t write;
    struct od_local_server *server;
    char line[LINE_MAX_BYTES];
    size_t len;
    bool asked; /* with the handler, which holds the request until it replies */
    bool gone;
    char *answer;
};

static void release_server(struct od_local_server *s)
{
    if (--s->open > 0)
        return;
    if (s->closed)
        s->closed(s->closed_ctx);
    free(s);
}

static void on_request_closed(uv_handle_t *h)
{
    struct od_local_request *r = h->data;
    release_server(r->server);
    free(r->answer);
    free(r);
}

static void close_request(struct od_local_request *r)
{
    if (!uv_is_closing((uv_handle_t *)&r->uv))
        uv_close((uv_handle_t *)&r->uv, on_request_closed);
}

static void on_written(uv_write_t *w, int status)
{
    (void)status;
    close_request(w->data);
}

void od_local_reply(struct od_local_request *r, struct od_str text)
{
    r->answer = malloc(text.len + 1);
    if (!r->answer)
        abort();
    memcpy(r->answer, text.ptr, text.len);
    uv_buf_t buf = uv_buf_init(r->answer, (unsigned)text.len);
    r->write.data = r;
    if (r->gone || uv_write(&r->write, (uv_stream_t *)&r->uv, &buf, 1, on_written))
        close_request(r);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct od_local_request *r = h->data;
    (void)suggested;
    *buf = uv_buf_init(r->line + r->len, (unsigned)(sizeof r->line - r->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct od_local_request *r = stream->data;
    (void)buf;
    if (n < 0) {
        r->gone = true;
        if (!r->asked)
            close_request(r);
        else
            uv_read_stop(stream);
        return;
    }
    r->len += (size_t)n;
    char *end = memchr(r->line, '\n', r->len);
    if (r->asked || (!end && r->len < sizeof r->line))
        return;
    uv_read_stop(stream);
    if (!end) {
        close_request(r);
        return;
    }
    r->asked = true;
    r->server->request(r->server->ctx, r, od_str_n(r->line, (size_t)(end - r->line)));
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct od_local_server *s = listener->data;
    if (status < 0)
        return;
    struct od_local_request *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->server = s;
    s->open++;
    uv_pipe_init(&s->loop->uv, &r->uv, 0);
    r->uv.data = r;
    if (uv_accept(listener, (uv_stream_t *)&r->uv) ||
        uv_read_start((uv_stream_t *)&r->uv, on_alloc, on_read))
        close_request(r);
}

static void on_listener_closed(uv_handle_t *h)
{
    release_server(h->data);
}

struct od_local_server *od_local_listen(struct od_loop *loop, const char *path,
                                        void (*request)(void *ctx, struct od_local_request *r,
                                                        struct od_str line),
                                        void *ctx, struct od_err *err)
{
    struct od_local_server *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    if (strlen(path) >= sizeof s->path) {
        free(s);
        (void)od_err_set(err, OD_ERR_CONFIG, "the socket path %s is longer than 107 bytes", path);
        return NULL;
    }
    memcpy(s->path, path, strlen(path) + 1);
    s->loop = loop;
    s->request = request;
    s->ctx = ctx;
    s->open = 1;
    uv_pipe_init(&loop->uv, &s->uv, 0);
    s->uv.data = s;
    unlink(path);
    int code = uv_pipe_bind(&s->uv, path);
    if (!code)
        code = uv_listen((uv_stream_t *)&s->uv, BACKLOG, on_connection);
    if (code) {
        (void)od_err_set(err, OD_ERR_IO, "cannot listen on %s: %s", path, uv_strerror(code));
        uv_close((uv_handle_t *)&s->uv, on_listener_closed);
        return NULL;
    }
    return s;
}

void od_local_close(struct od_local_server *s, void (*closed)(void *ctx), void *ctx)
{
    s->closed = closed;
    s->closed_ctx = ctx;
    unlink(s->path);
    uv_close((uv_handle_t *)&s->uv, on_listener_closed);
}

/* Sends or receives until done or the deadline; answer NULL: sends. */
static int exchange(int fd, struct od_str line, int64_t deadline_us, struct od_buf *answer)
{
    size_t sent = 0;
    for (;;) {
        int64_t left = (deadline_us - od_clock_monotonic_us()) / 1000;
        struct pollfd p = {.fd = fd, .events = sent < line.len ? POLLOUT : POLLIN};
        if (left <= 0)
            return ETIMEDOUT;
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        if (sent < line.len) {
            ssize_t n = send(fd, line.ptr + sent, line.len - sent, MSG_NOSIGNAL);
            if (n < 0)
                return errno;
            sent += (size_t)n;
            continue;
        }
        char chunk[4096];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n <= 0)
            return n < 0 ? errno : 0;
        od_buf_append(answer, chunk, (size_t)n);
    }
}

int od_local_ask(const char *path, struct od_str line, int timeout_ms, struct od_buf *answer,
                 struct od_err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return od_err_set(err, OD_ERR_CONFIG, "the socket path %s is longer than 107 bytes", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return od_err_set(err, OD_ERR_IO, "socket: %s", strerror(errno));
    int code = 0;
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
        code = errno;
    } else {
        struct od_buf text;
        od_buf_init(&text, LINE_MAX_BYTES);
        od_buf_str(&text, line);
        od_buf_char(&text, '\n');
        code =
            exchange(fd, od_buf_view(&text), od_clock_monotonic_us() + timeout_ms * 1000LL, answer);
        od_buf_fini(&text);
    }
    close(fd);
    if (code == ENOENT || code == ECONNREFUSED)
        return od_err_set(err, OD_ERR_NOT_FOUND, "nobody listens on %s", path);
    if (code)
        return od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(code));
    return 0;
}
