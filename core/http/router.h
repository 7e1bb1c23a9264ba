#ifndef OD_HTTP_ROUTER_H
#define OD_HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "http/metrics.h"
#include "http/request.h"

/*
 * Finds the handler for a method and a path. A pattern is a list of segments, each a literal or
 * ":name". A literal wins over a name. A pattern that ends in "/" takes only paths that do.
 * Matching costs one step for each segment. A route's name labels its metrics.
 */

typedef void od_http_handler(void *ctx, struct od_http_request *req);

/* The media types that a route takes. A body of another type is refused with 415 before the handler
 * runs. A route with none of these flags ignores bodies. */
enum od_http_route_flag {
    OD_HTTP_JSON = 1u << 0,   /* application/json, charset absent or utf-8 */
    OD_HTTP_NDJSON = 1u << 1, /* application/x-ndjson */
    OD_HTTP_ANY_TYPE = 1u << 2,
    OD_HTTP_CSV = 1u << 3,   /* text/csv */
    OD_HTTP_LARGE = 1u << 4, /* not a type: the body may have max_large_body_bytes */
    /* Not a type: the route takes what forms send, because anybody may use it. */
    OD_HTTP_FORMS = 1u << 5,
};

#define OD_HTTP_MAX_PARAMS 8

struct od_http_route {
    const char *name; /* "order_cancel"; the metric's label */
    enum od_http_method method;
    const char *pattern; /* "/api/orders/:id/cancel" */
    unsigned flags;
    od_http_handler *handler;
    void *ctx;
    struct od_http_latency latency; /* the server keeps it; zero at first */
};

struct od_http_match {
    struct od_http_route *route; /* NULL: there is no such path, or it has other methods */
    unsigned allow;              /* a bit for each od_http_method of the path; 0: no such path */
};

struct od_http_router;

struct od_http_router *od_http_router_new(void);
void od_http_router_free(struct od_http_router *router);

/* Adds a copy of *route, whose strings are borrowed. It aborts on a pattern that is malformed or
 * was added before, because routes are written in the program. */
void od_http_router_add(struct od_http_router *router, const struct od_http_route *route);
/* Serves everything below `target` below `prefix` as well, where `prefix` has no route of its
 * own. */
void od_http_router_alias(struct od_http_router *router, const char *prefix, const char *target);

/* Sets the handler for paths that have no route. Without one they are answered 404. The handler
 * answers like any other, perhaps with od_http_answer_unrouted. */
void od_http_router_fallback(struct od_http_router *router, od_http_handler *handler, void *ctx);
/* Calls that handler; false when there is none. */
bool od_http_router_fall_back(const struct od_http_router *router, struct od_http_request *req);

/* Whether a pattern of the same form with this method was added. */
bool od_http_router_has(const struct od_http_router *router, enum od_http_method method,
                        const char *pattern);

/* Finds the route of req's method and segments and fills req->params on a match. */
struct od_http_match od_http_router_match(const struct od_http_router *router,
                                          struct od_http_request *req);

/* Runs the handler of req's route if the body's type is one that the route takes; else it answers
 * 415. */
void od_http_route_run(struct od_http_request *req, struct od_http_route *route);

/* Returns the i-th route in the order in which they were added, or NULL past the end. */
const struct od_http_route *od_http_router_route(const struct od_http_router *router, size_t i);

/* Answers a request that no route takes. It is 404 when the path has no method; else 405, or 204 to
 * OPTIONS, with the header Allow. allow: a bit for each method of the path. */
void od_http_answer_unrouted(struct od_http_request *req, unsigned allow);

#endif
