#ifndef OD_API_API_H
#define OD_API_API_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/*
 * The HTTP API: routes and handlers that turn requests into commands and reads for the engine, and
 * outcomes into answers. It holds no state of its own beside the keys that callers may use.
 */

struct od_auth;
struct od_buf;
struct od_engine;
struct od_http_request;
struct od_http_router;
struct od_http_server;
struct od_loop;
struct od_pg_conn;

struct od_api {
    struct od_loop *loop;
    struct od_engine *engine;
    struct od_pg_conn *query; /* lists, events, metrics: what may take longer than a batch */
    struct od_auth *auth;
    struct od_http_server *server; /* for its metrics; set once it exists */
    struct od_http_router *router;
    int64_t started_us;

    void *ctx;
    /* POST /admin/reload: done is called once; bundle is the hash that now serves; notes (may be
     * absent) tell of keys that wait for a restart. */
    void (*reload)(void *ctx,
                   void (*done)(void *done_ctx, const struct od_err *err, struct od_str bundle,
                                struct od_str notes),
                   void *done_ctx);
    /* Appends metrics of parts the API does not know (feed, reload). */
    void (*more_metrics)(void *ctx, struct od_buf *out);
};

/* Adds every route of the API, and /api/oms/ as another name of /api/. */
void od_api_routes(struct od_api *api, struct od_http_router *router);

#endif
