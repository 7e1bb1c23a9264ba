#ifndef TESTS_UNIT_HTTP_HARNESS_H
#define TESTS_UNIT_HTTP_HARNESS_H

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "base/clock.h"
#include "http/reply.h"
#include "http/server.h"

/* A server with a few routes and blocking-free clients, all on one loop in one thread. */

#define DEADLINE_US INT64_C(600000000) /* for what hangs */

struct host {
    uv_loop_t loop;
    struct od_http_router *router;
    struct od_http_server *server;
    struct od_http_request *parked[64]; /* of /later/:id, by id */
    size_t parked_count;
    bool drained;
};

struct client {
    int fd;
    char in[1 << 16]; /* a NUL behind what was received */
    size_t len;
    bool eof, reset;
};

static inline void on_hello(void *ctx, struct od_http_request *req)
{
    (void)ctx;
    od_http_reply(req, 200, "application/json", OD_STR("{\"hello\":true}"));
}

static inline void on_echo(void *ctx, struct od_http_request *req)
{
    (void)ctx;
    od_http_reply(req, 200, "text/plain", req->body);
}

static inline void on_big(void *ctx, struct od_http_request *req)
{
    (void)ctx;
    char *to = od_buf_reserve(od_http_body(req), 32 << 20);
    memset(to, 'x', 32 << 20);
    od_buf_commit(od_http_body(req), 32 << 20);
    od_http_send(req, 200);
}

static inline void on_later(void *ctx, struct od_http_request *req)
{
    struct host *h = ctx;
    int64_t id;
    assert_true(od_str_to_i64(od_http_param(req, "id"), 0, 63, &id));
    h->parked[id] = req;
    h->parked_count++;
}

static inline void answer_parked(struct host *h, int id)
{
    struct od_http_request *req = h->parked[id];
    assert_non_null(req);
    h->parked[id] = NULL;
    od_buf_printf(od_http_body(req), "<%d>", id);
    od_http_send(req, 200);
}

static inline void host_start(struct host *h, const struct od_http_conf *conf)
{
    struct od_err err;
    memset(h, 0, sizeof *h);
    assert_int_equal(uv_loop_init(&h->loop), 0);
    h->router = od_http_router_new();
    const struct od_http_route routes[] = {
        {.name = "hello", .method = OD_HTTP_GET, .pattern = "/hello", .handler = on_hello},
        {.name = "echo",
         .method = OD_HTTP_POST,
         .pattern = "/echo",
         .handler = on_echo,
         .flags = OD_HTTP_ANY_TYPE},
        {.name = "json",
         .method = OD_HTTP_POST,
         .pattern = "/json",
         .handler = on_echo,
         .flags = OD_HTTP_JSON},
        {.name = "big", .method = OD_HTTP_GET, .pattern = "/big", .handler = on_big},
        {.name = "later",
         .method = OD_HTTP_GET,
         .pattern = "/later/:id",
         .handler = on_later,
         .ctx = h},
    };
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        od_http_router_add(h->router, &routes[i]);
    h->server = od_http_server_new(&h->loop, conf, h->router);
    if (od_http_server_listen(h->server, &err) < 0)
        fail_msg("%s", err.message);
}

static inline struct od_http_conf test_conf(void)
{
    struct od_http_conf conf;
    od_http_conf_default(&conf);
    conf.listen = "127.0.0.1:0";
    return conf;
}

static inline void turn(struct host *h, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    uv_run(&h->loop, UV_RUN_NOWAIT);
    poll(&p, fd >= 0, 1);
}

#define UNTIL(h, fd, condition)                                                                    \
    do {                                                                                           \
        int64_t until_ = od_clock_monotonic_us() + DEADLINE_US;                                    \
        while (!(condition)) {                                                                     \
            if (od_clock_monotonic_us() > until_)                                                  \
                fail_msg("never: %s", #condition);                                                 \
            turn((h), (fd));                                                                       \
        }                                                                                          \
    } while (0)

static inline void on_drained(void *ctx)
{
    ((struct host *)ctx)->drained = true;
}

/* Every handle and request must be gone, or the loop would not close. */
static inline void host_stop(struct host *h)
{
    od_http_server_drain(h->server, on_drained, h);
    od_http_server_abort(h->server);
    UNTIL(h, -1, h->drained);
    od_http_server_free(h->server);
    od_http_router_free(h->router);
    assert_int_equal(uv_loop_close(&h->loop), 0);
}

static inline void client_open(struct client *c, struct host *h)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(od_http_server_port(h->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memset(c, 0, sizeof *c);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof to), 0);
}

static inline void client_close(struct client *c)
{
    close(c->fd);
    c->fd = -1;
}

static inline void client_send(struct client *c, const char *text)
{
    assert_int_equal(send(c->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static inline bool client_poll(struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->len, sizeof c->in - 1 - c->len, MSG_DONTWAIT);
    if (n > 0)
        c->len += (size_t)n;
    c->eof |= n == 0;
    c->reset |= n < 0 && errno != EAGAIN;
    c->in[c->len] = '\0';
    return c->eof || c->reset;
}

static inline bool client_has(struct client *c, const char *text)
{
    client_poll(c);
    return strstr(c->in, text) != NULL;
}

static inline void client_expect(struct client *c, struct host *h, const char *text)
{
    int64_t until = od_clock_monotonic_us() + DEADLINE_US;
    while (!client_has(c, text)) {
        if (c->eof || c->reset || od_clock_monotonic_us() > until)
            fail_msg("expected '%s' (eof %d, reset %d) in: %s", text, c->eof, c->reset, c->in);
        turn(h, c->fd);
    }
}

static inline void client_expect_end(struct client *c, struct host *h)
{
    UNTIL(h, c->fd, client_poll(c));
    assert_false(c->reset);
}

static inline void client_forget(struct client *c)
{
    c->len = 0;
    c->in[0] = '\0';
}

static inline size_t count_text(const char *in, const char *text)
{
    size_t n = 0;
    for (; (in = strstr(in, text)); in += strlen(text))
        n++;
    return n;
}

#endif
