#ifndef OD_HTTP_SERVER_H
#define OD_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/metrics.h"
#include "http/address/origin.h"
#include "http/router.h"

/*
 * An HTTP/1.1 server on a libuv loop. It keeps connections alive and takes pipelined requests,
 * whose replies leave in the order of the requests. Everything that a client can be slow or big
 * with has a limit and a deadline. Requests that another site's web page sent are refused
 * (http/address/origin.h). Its life is: new, listen, drain, free.
 */

struct uv_loop_s;
struct od_http_server;

struct od_http_conf {
    const char *listen; /* http/address/address.h */
    struct od_http_origins origins;
    bool reuse_port; /* several processes share the port */
    int backlog;
    uint32_t max_connections;    /* further ones are answered 503 and closed */
    uint32_t max_pipeline;       /* so many requests of one connection under way stop reading */
    size_t max_header_bytes;     /* request line and headers: 431 */
    size_t max_body_bytes;       /* 413 */
    size_t max_large_body_bytes; /* for routes with OD_HTTP_LARGE and callers that */
    /* admits_large is true for, by the request's headers. NULL: for everybody. */
    bool (*admits_large)(void *ctx, const struct od_http_request *req);
    void *admits_ctx;
    size_t max_response_bytes;
    uint32_t header_timeout_ms; /* 408: from a request's first byte to the end of its headers */
    uint32_t body_timeout_ms;   /* 408: from there to the end of its body */
    uint32_t idle_timeout_ms;   /* a connection without a request is closed after it */
    uint32_t write_timeout_ms;  /* so is a client that takes no byte of its reply */
    uint32_t linger_timeout_ms; /* time for the client to read the last reply and close */
    /* The time for a reply to a client that has closed its half. A client that still reads cannot
     * be told from one that has left, and thousands may have left while the database does not
     * answer. */
    uint32_t half_timeout_ms;
};

/* Sets defaults: 127.0.0.1:8080, any Host, 1024 connections, 32 requests in a pipeline, 16 KiB
 * headers, 1 MiB bodies, 64 MiB responses, 10 s for headers, 30 s for bodies and writes, 60 s idle,
 * 2 s linger, 5 s half closed. */
void od_http_conf_default(struct od_http_conf *conf);

/* Copies *conf with its strings. router and loop are borrowed and must outlive the server. */
struct od_http_server *od_http_server_new(struct uv_loop_s *loop, const struct od_http_conf *conf,
                                          const struct od_http_router *router);
/* Takes effect from the next request on. The strings are copied. */
void od_http_server_set_origins(struct od_http_server *server,
                                const struct od_http_origins *origins);
/* Binds the address and accepts connections. After a failure the server must still be drained. */
int od_http_server_listen(struct od_http_server *server, struct od_err *err) OD_MUST_CHECK;
/* Returns "127.0.0.1:8080" with the real port once the server listens, else "". It lives as long as
 * the server. */
const char *od_http_server_address(const struct od_http_server *server);
uint16_t od_http_server_port(const struct od_http_server *server);

const struct od_http_metrics *od_http_server_metrics(const struct od_http_server *server);

/* Stops accepting and closes idle connections. The others end with `Connection: close` after what
 * they have under way. cb is called once, from the loop, when no connection, request or handle is
 * left. */
void od_http_server_drain(struct od_http_server *server, void (*cb)(void *ctx), void *ctx);
/* Drops all connections while draining. Handlers must still reply to the requests that they
 * have. */
void od_http_server_abort(struct od_http_server *server);
/* Frees the server after the drain has called back. Accepts NULL. */
void od_http_server_free(struct od_http_server *server);

#endif
