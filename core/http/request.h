#ifndef OD_HTTP_REQUEST_H
#define OD_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/str.h"

/*
 * A request and its reply. A handler gets the complete request, keeps it as long as it needs, and
 * replies exactly once (http/reply.h). After that the request is no longer the handler's. Until
 * then it stays valid, even when the client has gone; the reply is then dropped.
 */

struct od_http_conn;
struct od_http_route;
struct od_http_server;

enum od_http_method {
    OD_HTTP_GET = 0,
    OD_HTTP_HEAD, /* routed as GET; the reply's body is counted but not sent */
    OD_HTTP_POST,
    OD_HTTP_PUT,
    OD_HTTP_PATCH,
    OD_HTTP_DELETE,
    OD_HTTP_OPTIONS,
    OD_HTTP_OTHER, /* a method that no route can have */
};

struct od_http_pair {
    struct od_str name, value;
};

enum od_http_request_state {
    OD_HTTP_RECEIVING = 0,
    OD_HTTP_OPEN, /* with its handler */
    OD_HTTP_SENT, /* replied; waiting for its turn on the wire */
};

struct od_http_request {
    /* The request as it was sent. All strings live until the reply. */
    enum od_http_method method;
    struct od_str path;      /* as sent, percent-encoded, without the query */
    struct od_str *segments; /* of the path, decoded: UTF-8 without NUL; "/" has none */
    size_t segment_count;
    struct od_http_pair *params; /* the route's :names with their segments */
    size_t param_count;
    struct od_http_pair *query; /* decoded, in order, names may repeat */
    size_t query_count;
    struct od_http_pair *headers; /* as sent, in order */
    size_t header_count;
    struct od_str body;
    const struct od_http_route *route;
    struct od_arena arena; /* for whatever lives as long as this request */
    void *user;            /* belongs to the handler; NULL at first */
    /* A handler that can stop what it began sets this. It is called once when the client leaves
     * while the request is open. The handler must still reply later. */
    void (*gone)(void *ctx);
    void *gone_ctx;
    /* Set by a handler that waits for something to happen: called once when the server begins to
     * stop while the request is open, so that it replies with what there is. */
    void (*leave)(void *ctx);
    void *leave_ctx;

    /* Only the server uses the rest. */
    enum od_http_request_state state;
    bool keep_alive; /* the client wants it */
    uint8_t http_minor;
    bool expect_continue; /* the client waits for 100 before it sends the body */
    int status;           /* of the reply */
    int64_t begun_us;     /* monotonic, when the handler was called */
    struct od_list node;  /* the connection's queue, or the pool */
    struct od_http_server *server;
    struct od_http_conn *conn; /* NULL once the client has gone */
    size_t header_cap, reply_header_cap;
    struct od_http_pair *reply_headers;
    size_t reply_header_count;
    const char *reply_type;
    bool stream; /* the reply goes on (stream.h): body_out waits, stream_out is being written */
    struct od_buf head_in, body_in, body_out, stream_out;
    struct od_str head_out;
};

void od_http_request_init(struct od_http_request *req);
/* Makes the request as new. Buffers of modest size are kept for the next request. */
void od_http_request_reset(struct od_http_request *req);
void od_http_request_fini(struct od_http_request *req);

/* Each returns the first value of that name, or absent. Header names are compared without case. */
struct od_str od_http_header(const struct od_http_request *req, const char *name);
struct od_str od_http_query(const struct od_http_request *req, const char *name);
struct od_str od_http_param(const struct od_http_request *req, const char *name);

/* Whether the body's media type is `type`, with no charset or with charset utf-8. */
bool od_http_type_is(const struct od_http_request *req, struct od_str type);

/* "GET", …; "OTHER" for OD_HTTP_OTHER. */
/* The other end's address: IPv4 as ::ffff:0:0/96, of IPv6 the network of 64 bits, which is one
 * host's as a rule. All zero when it cannot be told. Only while the handler is called. */
void od_http_peer(const struct od_http_request *req, uint8_t out[16]);

const char *od_http_method_name(enum od_http_method method);

#endif
