#ifndef OD_API_API_H
#define OD_API_API_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "order/model/command.h"

/*
 * The HTTP API: routes and handlers that turn requests into commands and reads for the engine, and
 * outcomes into answers. It holds no state of its own beside the keys that callers may use.
 */

struct od_auth;
struct od_buf;
struct od_bundle;
struct od_engine;
struct od_http_request;
struct od_http_router;
struct od_http_server;
struct od_letterheads;
struct od_loop;
struct od_pg_conn;
struct od_route_reply;
struct od_route_request;
struct od_script_routes;

enum od_admin_request {
    OD_ADMIN_REPLAY = 0,    /* POST /admin/replay: start one, 202 */
    OD_ADMIN_REPLAY_STATUS, /* GET /admin/replay: its progress or report */
    OD_ADMIN_BUNDLES,       /* GET /admin/bundles: stored bundles, activations, processes */
    OD_ADMIN_BUNDLE,        /* GET /admin/bundles/:hash: its sources; argument: hash */
    OD_ADMIN_ACTIVATE,      /* POST /admin/bundles/:hash/activate; argument: hash or its start */
    OD_ADMIN_ROLLBACK,      /* POST /admin/bundles/rollback */
    OD_ADMIN_SHADOW,        /* GET /admin/shadow: its counts and last differences */
    OD_ADMIN_MIGRATION,     /* GET /admin/migration: orders moved, orders left */
    OD_ADMIN_FEED,          /* GET /admin/feed: how far behind it is, and because of whom */
    OD_ADMIN_JOBS,          /* GET /admin/jobs: each with its next and last run */
};

/* What came of a reload; valid during the call. */
struct od_api_reload {
    struct od_str bundle;   /* hash that serves (dry run: would) */
    struct od_str notes;    /* a line each: keys that wait for a restart, orders that will move */
    struct od_str refusals; /* with an error, a line each: everything that refuses */
    struct od_str findings; /* of the checks: a JSON array */
};
typedef void od_api_reload_cb(void *ctx, const struct od_err *err,
                              const struct od_api_reload *answer);

/* What the handler of a command's route is called with. */
struct od_command_route {
    struct od_api *api;
    enum od_command_type type;
};

struct od_api {
    struct od_command_route commands[OD_COMMAND_TYPES];
    struct od_loop *loop;
    struct od_engine *engine;
    struct od_pg_conn *query; /* lists, events, metrics: what may take longer than a batch */
    struct od_auth *auth;
    struct od_http_server *server; /* for its metrics; set once it exists */
    struct od_http_router *router;
    struct od_script_routes *script_routes; /* the API's own; od_api_routes_free */
    int64_t started_us;
    struct od_letterheads *letterheads; /* of the process's configuration; server/ replaces it */

    void *ctx;
    /* POST /admin/reload: done is called once, with an error when the new rules are refused. */
    void (*reload)(void *ctx, bool dry_run, od_api_reload_cb *done, void *done_ctx);
    /* What only server/ can answer, beside reload: see enum od_admin_request. done is called once,
     * with a status and a JSON text, or an error. body and argument are borrowed during the call.
     */
    void (*admin)(void *ctx, enum od_admin_request what, struct od_str argument, struct od_str body,
                  struct od_str actor,
                  void (*done)(void *done_ctx, int status, struct od_str json,
                               const struct od_err *err),
                  void *done_ctx);
    /* Runs a plugin's route. False: too many scripts are under way, done is not called. Else done
     * is called once, perhaps before this returns: reply, or NULL and a status of 500 (it failed,
     * which has been logged) or 503 (its time was up, or the server stops). scripts is its first
     * argument. */
    void *scripts;
    bool (*route)(void *scripts, struct od_bundle *bundle, uint32_t index,
                  const struct od_route_request *request,
                  void (*done)(void *done_ctx, int status, const struct od_route_reply *reply),
                  void *done_ctx);
    /* Appends metrics of parts the API does not know (feed, reload). */
    void (*more_metrics)(void *ctx, struct od_buf *out);
};

/* Adds every route of the API, and /api/oms/ as another name of /api/. */
void od_api_routes(struct od_api *api, struct od_http_router *router);
/* When no request is left, before the router is freed. */
void od_api_routes_free(struct od_api *api);

#endif
