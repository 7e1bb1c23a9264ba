#include "app/stop.h"

#include "api/auth.h"
#include "app/app.h"
#include "app/database.h"
#include "app/reload.h"
#include "app/upkeep.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "feed/feed.h"
#include "http/router.h"
#include "http/server.h"
#include "loop/local.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "pg/conn.h"

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

static void on_drain_timeout(void *ctx)
{
    struct od_app *app = ctx;
    od_http_server_abort(app->server);
}

static void drain_http(struct od_app *app)
{
    if (!app->server)
        return;
    struct od_timer *timer = od_timer_new(&app->loop, on_drain_timeout, app);
    od_timer_start(timer, (uint64_t)app->conf->server.drain_timeout_ms, 0);
    app->stop_waits = 1;
    od_http_server_drain(app->server, stage_done, app);
    wait_stage(app);
    od_timer_free(timer);
    od_http_server_free(app->server);
    od_http_router_free(app->router);
}

void od_app_stop(struct od_app *app)
{
    app->stopping = true;
    od_signals_free(app->signals);
    od_watch_free(app->watches[0]);
    od_watch_free(app->watches[1]);
    drain_http(app);
    app->stop_waits = (app->control != NULL) + (app->feed != NULL);
    if (app->control)
        od_local_close(app->control, stage_done, app);
    if (app->feed) /* it looks at the engine until it has stopped */
        od_feed_stop(app->feed, stage_done, app);
    wait_stage(app);
    while (app->reload && od_reload_busy(app->reload) && od_loop_run_once(&app->loop))
        ;
    if (app->engine) {
        app->stop_waits = 1;
        od_engine_stop(app->engine, stage_done, app);
        wait_stage(app);
    }
    od_auth_free(app->auth);
    od_upkeep_free(app->upkeep);
    if (app->query) {
        app->stop_waits = 1;
        od_pg_conn_free(app->query, stage_done, app);
        wait_stage(app);
    }
    od_reload_free(app->reload);
    od_database_close(app->database);
    od_conf_unref(app->conf);
    od_loop_fini(&app->loop);
}
