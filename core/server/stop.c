#include "server/stop.h"

#include <unistd.h>

#include "api/access/oidc.h"
#include "api/access/people.h"
#include "api/auth.h"
#include "api/documents/letterhead.h"
#include "rules/activate/activation.h"
#include "server/app.h"
#include "server/database.h"
#include "tasks/consumers/consumers.h"
#include "tasks/jobs.h"
#include "tasks/receivers.h"
#include "rules/activate/migrate.h"
#include "rules/activate/reload.h"
#include "server/replays.h"
#include "tasks/runner.h"
#include "server/upkeep.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "feed/feed.h"
#include "feed/tail.h"
#include "http/router.h"
#include "http/server.h"
#include "loop/local.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "base/log.h"
#include "pg/conn.h"
#include "pg/server.h"
#include "pg/wait.h"
#include "read/projection/projector.h"

static void stage_done(void *ctx)
{
    struct od_app *app = ctx;
    app->stop_waits--;
}

static void wait_stage(struct od_app *app)
{
    while (app->stop_waits && od_loop_run_once(&app->loop))
        ;
}

static void drop(struct od_app *app)
{
    if (app->scripts)
        od_script_host_abort(app->scripts);
    if (app->server)
        od_http_server_abort(app->server);
}

/* After each stage but the first, milliseconds until the next. Two seconds are many commits of a
 * database that is well. */
enum { DROP_MS = 2000, GIVE_UP_MS = 3000, CLUSTER_MS = 60000 };

static void give_up(struct od_app *app)
{
    od_warn("stop_gives_up", "reason=\"the database does not answer\"");
    if (app->database)
        od_pg_server_give_up(od_database_server(app->database));
}

static void next_stage(void *ctx)
{
    struct od_app *app = ctx;
    switch (app->stop_stage) {
    case OD_STOP_NONE:
        app->stop_stage = OD_STOP_DRAIN;
        od_timer_start(app->stop_timer, (uint64_t)app->serving.conf->server.drain_timeout_ms, 0);
        return;
    case OD_STOP_DRAIN:
        app->stop_stage = OD_STOP_DROP;
        od_timer_start(app->stop_timer, DROP_MS, 0);
        if (app->draining)
            drop(app);
        return;
    case OD_STOP_DROP:
        app->stop_stage = OD_STOP_GIVE_UP;
        od_timer_start(app->stop_timer, GIVE_UP_MS, 0);
        give_up(app);
        return;
    case OD_STOP_CLUSTER:
        app->stop_stage = OD_STOP_GIVE_UP;
        od_timer_start(app->stop_timer, GIVE_UP_MS, 0);
        return;
    case OD_STOP_GIVE_UP:
        od_error("stop_forced", "reason=\"it took too long\"");
        _exit(1);
    }
}

void od_app_stop_init(struct od_app *app)
{
    app->stop_timer = od_timer_new(&app->loop, next_stage, app);
}

void od_app_stop_signal(struct od_app *app)
{
    next_stage(app);
}

static void drain_http(struct od_app *app)
{
    if (!app->server)
        return;
    app->stop_waits = 1;
    app->draining = true;
    if (app->people)
        od_people_stop(app->people);
    od_http_server_drain(app->server, stage_done, app);
    if (app->stop_stage != OD_STOP_DRAIN)
        drop(app);
    wait_stage(app);
    app->draining = false;
    od_http_server_free(app->server);
    app->server = NULL;
    od_api_routes_free(&app->api);
    od_letterheads_free(app->api.letterheads);
    app->api.letterheads = NULL;
    od_http_router_free(app->router);
}

/* Messages under way end, and their offsets are committed. */
static void drain_consumers(struct od_app *app)
{
    if (!app->consumers)
        return;
    app->stop_waits = 1;
    app->draining = true;
    od_consumers_stop(app->consumers, stage_done, app);
    app->consumers = NULL;
    if (app->stop_stage != OD_STOP_DRAIN)
        drop(app);
    wait_stage(app);
    app->draining = false;
}

/* Who gives commands by itself. */
static void stop_callers(struct od_app *app)
{
    if (app->migrate)
        od_migrate_stop(app->migrate);
    if (app->scripts)
        od_script_host_abort(app->scripts);
    app->stop_waits = (app->control != NULL) + (app->feed != NULL) + (app->tail != NULL) +
                      (app->jobs != NULL) + (app->receivers != NULL);
    if (app->control)
        od_local_close(app->control, stage_done, app);
    if (app->feed) /* it looks at the engine until it has stopped */
        od_feed_stop(app->feed, stage_done, app);
    if (app->tail)
        od_tail_stop(app->tail, stage_done, app);
    if (app->receivers)
        od_receivers_stop(app->receivers, stage_done, app);
    if (app->jobs)
        od_jobs_stop(app->jobs, stage_done, app);
    wait_stage(app);
    app->feed = NULL;
    od_replays_free(app->replays);
}

static bool moving(const struct od_app *app)
{
    return (app->reload && od_reload_busy(app->reload)) ||
           (app->activation && od_activation_busy(app->activation)) ||
           (app->migrate && od_migrate_busy(app->migrate));
}

static void stop_engine(struct od_app *app)
{
    if (app->scripts) {
        app->stop_waits = 1;
        od_script_host_stop(app->scripts, stage_done, app);
        wait_stage(app);
    }
    if (app->serving.engine) {
        app->stop_waits = 1;
        od_engine_stop(app->serving.engine, stage_done, app);
        wait_stage(app);
    }
    if (app->projector) { /* it was told of the last commits */
        app->stop_waits = 1;
        od_projector_stop(app->projector, stage_done, app);
        wait_stage(app);
    }
}

static void stop_query(struct od_app *app)
{
    od_auth_free(app->auth);
    if (app->people) { /* passwords that are being checked */
        app->stop_waits = 1;
        od_people_free(app->people, stage_done, app);
        wait_stage(app);
    }
    if (app->oidc) {
        app->stop_waits = 1;
        od_oidc_free(app->oidc, stage_done, app);
        wait_stage(app);
    }
    if (app->keys) {
        app->stop_waits = 1;
        od_keys_free(app->keys, stage_done, app);
        wait_stage(app);
    }
    od_upkeep_free(app->upkeep);
    if (app->serving.query) {
        app->stop_waits = 1;
        od_pg_conn_free(app->serving.query, stage_done, app);
        wait_stage(app);
    }
}

void od_app_stop(struct od_app *app)
{
    app->stopping = true;
    if (app->stop_stage == OD_STOP_NONE) /* the start has failed */
        next_stage(app);
    od_watch_free(app->watches[0]);
    od_watch_free(app->watches[1]);
    drain_http(app);
    drain_consumers(app);
    if (app->activation)
        od_activation_stop(app->activation);
    stop_callers(app);
    while (moving(app) && od_loop_run_once(&app->loop))
        ;
    if (app->serving.query && od_pg_conn_up(app->serving.query))
        od_pg_wait(app->serving.query); /* that this process is gone has been told */
    stop_engine(app);
    od_migrate_free(app->migrate);
    stop_query(app);
    od_activation_free(app->activation);
    od_reload_free(app->reload);
    od_timer_start(app->stop_timer, CLUSTER_MS, 0);
    app->stop_stage = OD_STOP_CLUSTER;
    od_database_close(app->database);
    od_timer_free(app->stop_timer);
    od_signals_free(app->signals); /* last: a signal must not end this half way */
    od_conf_unref(app->serving.conf);
    od_loop_fini(&app->loop);
}
