#ifndef OD_SERVER_APP_H
#define OD_SERVER_APP_H

#include <stdbool.h>

#include "api/api.h"
#include "rules/activate/serving.h"
#include "base/err.h"
#include "base/uuid.h"
#include "loop/loop.h"
#include "server/stop.h"

/*
 * A running server owns every part. Parts are made in the order of this struct and stopped in the
 * reverse order.
 */

struct od_activation;
struct od_conf;
struct od_consumers;
struct od_database;
struct od_feed;
struct od_tail;
struct od_receivers;
struct od_jobs;
struct od_keys;
struct od_local_server;
struct od_migrate;
struct od_oidc;
struct od_people;
struct od_projector;
struct od_reload;
struct od_replays;
struct od_script_host;
struct od_signals;
struct od_timer;
struct od_upkeep;
struct od_watch;

struct od_app {
    struct od_loop loop;
    struct od_uuid process_id; /* this process's row of server_process */
    struct od_database *database;
    struct od_serving serving; /* its conf is that of this process's own file */
    struct od_feed *feed;
    struct od_tail *tail;
    struct od_projector *projector;
    struct od_receivers *receivers;
    struct od_consumers *consumers;
    struct od_keys *keys; /* NULL: [auth] mode = open */
    struct od_auth *auth;
    struct od_people *people;
    struct od_oidc *oidc;
    struct od_http_router *router;
    struct od_http_server *server;
    struct od_api api;
    struct od_script_host *scripts;
    struct od_jobs *jobs;
    struct od_replays *replays;
    struct od_activation *activation;
    struct od_migrate *migrate;
    struct od_reload *reload;
    struct od_upkeep *upkeep;
    struct od_local_server *control;
    struct od_signals *signals;
    struct od_watch *watches[2]; /* scripts, plugins; NULL: not watched */
    /* Why there is no shadow; code NONE: there is one, or none is wanted. */
    struct od_err shadow_err;
    bool stopping;
    int stop_signal; /* the signal that began the stop; 0: none */
    bool draining;   /* the HTTP server drains */
    enum od_stop_stage stop_stage;
    struct od_timer *stop_timer; /* runs until the next stage */
    unsigned stop_waits;         /* parts of the current stop stage that have not called back */
};

/* Serves until SIGTERM or SIGINT, then drains, and returns when everything is closed. It takes a
 * reference of conf. */
int od_app_serve(struct od_conf *conf, struct od_err *err) OD_MUST_CHECK;

/* Whether the parts can use a configuration: the server's od_reload_conf.check. It may take a
 * while. */
int od_app_check(const struct od_conf *conf, struct od_err *err) OD_MUST_CHECK;

/* The server's od_reload_conf.adopt. The configuration takes effect where that is possible while
 * serving; then the shadow does, then the rules. */
struct od_activated;
struct od_rules;
void od_app_adopt(void *app, struct od_rules *rules, const struct od_activated *activation,
                  struct od_rules *shadow, const struct od_err *shadow_err);

#endif
