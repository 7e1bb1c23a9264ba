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
 * An HTTP/1.1 server on a libuv loop: keep-alive, pipelining with replies in request order, limits
 * and timeouts for everything a client can be slow or big with, and no requests that another site's
 * web page sent (http/address/origin.h). Life: new, listen, drain, free.
 */

struct uv_loop_s;
struct od_http_server;

struct od_http_conf {
    const char *listen; /* http/address.h */
    struct od_http_origins origins;
    bool reuse_port; /* several processes share the port */
    int backlog;
    uint32_t max_connections; /* more are answered 503 and closed */
    uint32_t max_pipeline;   /* requests of one connection under way before it is read no further */
    size_t max_header_bytes; /* request line and headers: 431 */
    size_t max_body_bytes;   /* 413 */
    size_t max_large_body_bytes; /* the same of routes with OD_HTTP_LARGE … */
    /* … for whom this lets, by the request's headers; NULL: everybody. */
    bool (*admits_large)(void *ctx, const struct od_http_request *req);
    void *admits_ctx;
    size_t max_response_bytes;
    uint32_t header_timeout_ms; /* from a request's first byte to the end of its headers: 408 */
    uint32_t body_timeout_ms;   /* from there to the end of its body: 408 */
    uint32_t idle_timeout_ms;   /* without a request, then closed */
    uint32_t write_timeout_ms;  /* without the client taking a byte of a reply, then closed */
    uint32_t linger_timeout_ms; /* after the last reply, for the client to read it and close */
    /* For the reply to a client that has closed its half: one that still reads cannot be told from
     * one that has left, and of those there may be thousands while the database does not answer. */
    uint32_t half_timeout_ms;
};

/* Defaults: 127.0.0.1:8080, any Host, 1024 connections, 32 in a pipeline, 16 KiB headers, 1 MiB
 * bodies, 64 MiB responses, 10 s for headers, 30 s for bodies and writes, 60 s idle, 2 s linger, 5
 * s half closed. */
void od_http_conf_default(struct od_http_conf *conf);

/* Copies *conf (its strings too); router and loop are borrowed and must outlive the server. */
struct od_http_server *od_http_server_new(struct uv_loop_s *loop, const struct od_http_conf *conf,
                                          const struct od_http_router *router);
/* From the next request on. Copies the strings. */
void od_http_server_set_origins(struct od_http_server *server,
                                const struct od_http_origins *origins);
/* Binds and accepts. After a failure the server still has to be drained. */
int od_http_server_listen(struct od_http_server *server, struct od_err *err) OD_MUST_CHECK;
/* "127.0.0.1:8080" with the real port, once listening; else "". Lives as long as the server. */
const char *od_http_server_address(const struct od_http_server *server);
uint16_t od_http_server_port(const struct od_http_server *server);

const struct od_http_metrics *od_http_server_metrics(const struct od_http_server *server);

/* Stops accepting, closes idle connections, ends the others with `Connection: close` after what
 * they have under way. cb is called once, from the loop, when no connection, request or handle is
 * left. */
void od_http_server_drain(struct od_http_server *server, void (*cb)(void *ctx), void *ctx);
/* While draining: drops all connections. Requests still with handlers have to be replied to. */
void od_http_server_abort(struct od_http_server *server);
/* Only after the drain has called back. Accepts NULL. */
void od_http_server_free(struct od_http_server *server);

#endif
