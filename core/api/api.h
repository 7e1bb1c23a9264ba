#ifndef OD_API_API_H
#define OD_API_API_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The HTTP API. Its routes and handlers turn requests into commands and reads for the engine, and
 * outcomes into answers. Its only state of its own is the keys that callers may use.
 */

struct od_api_chapter;
struct od_auth;
struct od_bundle;
struct od_engine;
struct od_feed;
struct od_graphql;
struct od_http_request;
struct od_http_router;
struct od_http_server;
struct od_letterheads;
struct od_loop;
struct od_message_limit;
struct od_oidc;
struct od_people;
struct od_pg_conn;
struct od_projector;
struct od_route_reply;
struct od_route_request;
struct od_consumers;
struct od_receivers;
struct od_report_zones;
struct od_script_routes;
struct od_streams;
struct od_tail;

struct od_api {
    struct od_loop *loop;
    struct od_engine *engine;
    struct od_pg_conn *query; /* for lists, events and metrics, which may take longer than a
                                 batch */
    struct od_feed *feed;     /* what it knows of its targets; set once it exists */
    struct od_auth *auth;
    struct od_people *people;
    struct od_oidc *oidc;
    struct od_projector *projector;
    struct od_tail *tail;     /* for those who wait for events */
    size_t stream_max_unsent; /* bytes that wait for a stream's client at most */
    uint32_t stream_listeners;
    struct od_streams *streams;           /* the API's own; od_api_routes_free */
    struct od_graphql *graphql;           /* the API's own; od_api_routes_free */
    struct od_report_zones *report_zones; /* the same; NULL: none is known yet */
    struct od_http_server *server;        /* for its metrics; set once it exists */
    struct od_http_router *router;
    struct od_script_routes *script_routes; /* the API's own; od_api_routes_free frees it */
    struct od_arena arena;                  /* holds what routes are bound to */
    const struct od_api_chapter **chapters; /* in the order in which they were added */
    size_t chapter_count, chapter_cap;
    struct od_buf description; /* the OpenAPI document; made when it is asked for first */
    int64_t started_us;
    struct od_letterheads *letterheads; /* of the process's configuration; server/ replaces them */

    /* Runs a plugin's route. False: too many scripts are under way, done is not called. Else done
     * is called once, perhaps before this returns: reply, or NULL and a status of 500 (it failed,
     * which has been logged) 503 (the server stops) or 504 (its time was up). scripts is its first
     * argument. */
    struct od_receivers *receivers;
    struct od_message_limit *message_limit; /* the API's own; od_api_routes_free frees it */
    struct od_consumers *consumers;
    void *scripts;
    bool (*route)(void *scripts, struct od_bundle *bundle, uint32_t index,
                  const struct od_route_request *request,
                  void (*done)(void *done_ctx, int status, const struct od_route_reply *reply),
                  void *done_ctx);
    /* Appends the metrics of parts that the API does not know, such as feed and reload. */
    void (*more_metrics)(void *ctx, struct od_buf *out);
    void *metrics_ctx;
};

/* Adds every route of the API, and /api/oms/ as another name of /api/. Others may add routes
 * afterwards (api/route.h). */
void od_api_routes(struct od_api *api, struct od_http_router *router);
/* Frees the routes. Call it when no request is left, before the router is freed. */
void od_api_routes_free(struct od_api *api);

#endif
