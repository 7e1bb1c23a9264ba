#ifndef OD_HTTP_ROUTER_H
#define OD_HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "http/metrics.h"
#include "http/request.h"

/*
 * Method and path pattern to handler. Patterns are segments, literal or ":name"; a literal wins
 * over a name, and matching costs one step a segment. The same name of a route labels its metrics.
 */

typedef void od_http_handler(void *ctx, struct od_http_request *req);

/* What a route's body may be. A body of another type is refused with 415 before the handler runs;
 * a route with none of these ignores bodies. */
enum od_http_route_flag {
    OD_HTTP_JSON = 1u << 0,   /* application/json, charset absent or utf-8 */
    OD_HTTP_NDJSON = 1u << 1, /* application/x-ndjson */
    OD_HTTP_ANY_TYPE = 1u << 2,
    OD_HTTP_CSV = 1u << 3,   /* text/csv */
    OD_HTTP_LARGE = 1u << 4, /* not a type: a body up to max_large_body_bytes */
    OD_HTTP_FORMS =
        1u << 5, /* not a type: what forms send is taken, as anybody may use the route */
};

#define OD_HTTP_MAX_PARAMS 8

struct od_http_route {
    const char *name; /* "order_cancel"; the metric's label */
    enum od_http_method method;
    const char *pattern; /* "/api/orders/:id/cancel" */
    unsigned flags;
    od_http_handler *handler;
    void *ctx;
    struct od_http_latency latency; /* kept by the server; zero at first */
};

struct od_http_match {
    struct od_http_route *route; /* NULL: no such path, or another method */
    unsigned allow;              /* bit per od_http_method the path has; 0: no such path */
};

struct od_http_router;

struct od_http_router *od_http_router_new(void);
void od_http_router_free(struct od_http_router *router);

/* Adds a copy of *route; its strings are borrowed. Aborts on a pattern that cannot be or is there
 * already: routes are written in the program. */
void od_http_router_add(struct od_http_router *router, const struct od_http_route *route);
/* Serves everything below `target` below `prefix` too, where the latter has no route of its own. */
void od_http_router_alias(struct od_http_router *router, const char *prefix, const char *target);

/* Who is asked about paths that have no route; without one they are answered 404. Its handler
 * answers like any other, maybe with od_http_answer_unrouted. */
void od_http_router_fallback(struct od_http_router *router, od_http_handler *handler, void *ctx);
/* False: there is none. */
bool od_http_router_fall_back(const struct od_http_router *router, struct od_http_request *req);

/* Whether a pattern of the same form with this method was added. */
bool od_http_router_has(const struct od_http_router *router, enum od_http_method method,
                        const char *pattern);

/* Finds the route of req's method and segments and fills req->params on a match. */
struct od_http_match od_http_router_match(const struct od_http_router *router,
                                          struct od_http_request *req);

/* Runs the handler of req's route, after its body's type was looked at: else 415. */
void od_http_route_run(struct od_http_request *req, struct od_http_route *route);

/* The i-th route as added, NULL past the end. */
const struct od_http_route *od_http_router_route(const struct od_http_router *router, size_t i);

/* Answers a request that no route takes: 404, or 405 (to OPTIONS 204) with Allow when the path has
 * the methods of `allow`, a bit each. */
void od_http_answer_unrouted(struct od_http_request *req, unsigned allow);

#endif
