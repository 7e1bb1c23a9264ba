#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/auth.h"
#include "app/app.h"
#include "app/control.h"
#include "app/database.h"
#include "app/metrics.h"
#include "app/reload.h"
#include "app/rules.h"
#include "app/stop.h"
#include "app/upkeep.h"
#include "app/wiring.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "feed/feed.h"
#include "http/router.h"
#include "http/server.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "pg/conn.h"
#include "store/bundles.h"

/* Serving: start every part, wait for signals, stop every part. */

enum { START_TIMEOUT_MS = 60000 };

static void on_reload_asked_locally(void *ctx, const struct od_err *err, struct od_str bundle,
                                    struct od_str notes)
{
    struct od_buf answer;
    od_buf_init(&answer, 8192);
    if (err)
        od_buf_printf(&answer, "error %s%s%s\n", err->origin, err->origin[0] ? ": " : "",
                      err->message);
    else
        od_buf_printf(&answer, "ok %.*s%s%.*s\n", OD_STR_ARG(bundle), notes.len ? " " : "",
                      OD_STR_ARG(notes));
    od_local_reply(ctx, od_buf_view(&answer));
    od_buf_fini(&answer);
}

static void on_control(void *ctx, struct od_local_request *r, struct od_str line)
{
    struct od_app *app = ctx;
    if (od_str_is(line, "reload"))
        od_reload_request(app->reload, on_reload_asked_locally, r);
    else
        od_local_reply(r, OD_STR("error unknown request\n"));
}

static void on_reload_unattended(void *ctx, const struct od_err *err, struct od_str bundle,
                                 struct od_str notes)
{
    (void)ctx, (void)err, (void)bundle, (void)notes; /* the reload has logged it */
}

static void on_watch(void *ctx)
{
    struct od_app *app = ctx;
    od_reload_request(app->reload, on_reload_unattended, app);
}

static void api_reload(void *ctx, od_reload_cb *done, void *done_ctx)
{
    struct od_app *app = ctx;
    od_reload_request(app->reload, done, done_ctx);
}

static uint64_t feed_activity(void *ctx)
{
    struct od_app *app = ctx;
    struct od_engine_stats stats;
    od_engine_stats(app->engine, &stats);
    return stats.commands;
}

static void on_query_up(void *ctx)
{
    (void)ctx;
}

/* The query connection is also the sentinel of a private cluster: when it is lost, the cluster's
 * server may have died. */
static void on_query_down(void *ctx, const struct od_err *why)
{
    struct od_app *app = ctx;
    if (app->stopping)
        return;
    od_warn("database_lost", "reason=\"%s\"", why->message);
    od_database_check(app->database);
}

static void on_query_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    if (err->code == OD_ERR_DB)
        od_warn("query_refused", "sqlstate=%s message=\"%s\"", err->sqlstate, err->message);
}

/* Waits until ready() or the deadline; nothing else is served yet. */
static int wait_until(struct od_app *app, bool (*ready)(struct od_app *app), const char *what,
                      struct od_err *err)
{
    int64_t deadline = od_clock_monotonic_us() + START_TIMEOUT_MS * 1000LL;
    while (!ready(app)) {
        if (od_clock_monotonic_us() > deadline || app->stopping)
            return od_err_set(err, OD_ERR_UNAVAILABLE, "%s did not come up within %d s", what,
                              START_TIMEOUT_MS / 1000);
        od_loop_run_once(&app->loop);
    }
    return 0;
}

static bool query_ready(struct od_app *app)
{
    return od_pg_conn_up(app->query);
}

static bool engine_ready(struct od_app *app)
{
    return od_engine_ready(app->engine);
}

struct first_rules {
    struct od_rules *rules;
    bool done, failed;
};

static void on_first_id(void *ctx, int32_t bundle_id)
{
    struct first_rules *f = ctx;
    f->rules->policies.bundle_id = bundle_id;
}

static void on_first_stored(void *ctx, bool failed)
{
    struct first_rules *f = ctx;
    f->failed = failed;
    f->done = true;
}

int od_app_store_rules(struct od_loop *loop, struct od_pg_conn *conn, struct od_rules *rules,
                       struct od_err *err)
{
    struct first_rules f = {.rules = rules};
    struct od_arena arena;
    size_t count;
    od_arena_init(&arena);
    const struct od_stored_source *sources = od_rules_sources(rules, &arena, &count);
    od_bundle_store(conn, od_str_of(rules->hash), sources, count, on_first_id, &f);
    od_pg_sync(conn, on_first_stored, &f);
    while (!f.done && od_loop_run_once(loop))
        ;
    od_arena_fini(&arena);
    if (f.failed || !rules->policies.bundle_id)
        return od_err_set(err, OD_ERR_DB, "the database could not store the rules");
    return 0;
}

static int start_engine(struct od_app *app, struct od_rules *rules, struct od_err *err)
{
    struct od_engine_conf conf;
    od_wire_engine(app->conf, od_database_conninfo(app->database), &conf);
    if (od_row_types_load(app->query, &conf.types, err))
        return -1;
    app->engine = od_engine_new(&app->loop, &conf);
    od_engine_set_rules(app->engine, rules);
    return wait_until(app, engine_ready, "the connections to the database", err);
}

static int start_http(struct od_app *app, struct od_err *err)
{
    struct od_http_conf conf;
    od_wire_http(app->conf, &conf);
    app->auth = od_auth_new(&app->loop, app->query, app->conf->auth.mode == OD_CONF_AUTH_OPEN);
    app->router = od_http_router_new();
    app->api = (struct od_api){
        .loop = &app->loop,
        .engine = app->engine,
        .query = app->query,
        .auth = app->auth,
        .started_us = od_clock_us(),
        .ctx = app,
        .reload = api_reload,
        .more_metrics = od_app_metrics,
    };
    od_api_routes(&app->api, app->router);
    app->server = od_http_server_new(&app->loop.uv, &conf, app->router);
    app->api.server = app->server;
    return od_http_server_listen(app->server, err);
}

static void start_feed(struct od_app *app)
{
    struct od_feed_conf conf;
    od_wire_feed(app->conf, od_database_conninfo(app->database), &conf);
    conf.rules = od_engine_rules_slot(app->engine);
    conf.ctx = app;
    conf.activity = feed_activity;
    app->feed = od_feed_new(&app->loop, &conf);
}

static void use_watch(struct od_app *app)
{
    struct od_err err;
    const char *const dirs[] = {app->conf->plugins.scripts.ptr, app->conf->plugins.dir.ptr};
    bool wanted = app->conf->plugins.watch && !app->stopping;
    for (int i = 0; i < 2; i++) {
        od_watch_free(app->watches[i]);
        app->watches[i] = wanted ? od_watch_new(&app->loop, dirs[i], on_watch, app, &err) : NULL;
        if (wanted && !app->watches[i])
            od_warn("watch_failed", "reason=\"%s\"", err.message);
    }
}

static bool watches_same(const struct od_conf *a, const struct od_conf *b)
{
    return a->plugins.watch == b->plugins.watch &&
           strcmp(a->plugins.scripts.ptr, b->plugins.scripts.ptr) == 0 &&
           strcmp(a->plugins.dir.ptr, b->plugins.dir.ptr) == 0;
}

void od_app_use_conf(struct od_app *app, struct od_conf *conf)
{
    struct od_conf *old = app->conf;
    app->conf = od_conf_ref(conf);
    /* A watch that stays sees what changed while the new rules were on their way. */
    if (!watches_same(old, conf))
        use_watch(app);
    od_conf_unref(old);
    od_log_set_level((enum od_log_level)conf->log.level);
    od_upkeep_set_ttl(app->upkeep, conf->engine.idempotency_ttl_ms);
}

static void on_signal(void *ctx, int signum)
{
    struct od_app *app = ctx;
    if (signum == SIGHUP) {
        if (app->reload)
            od_reload_request(app->reload, on_reload_unattended, app);
        return;
    }
    if (app->stopping)
        _Exit(130); /* asked twice: now */
    app->stopping = true;
    od_loop_stop(&app->loop);
}

static int start(struct od_app *app, struct od_rules *rules, struct od_err *err)
{
    app->signals = od_signals_new(&app->loop, on_signal, app, err);
    if (!app->signals)
        return -1;
    if (od_database_open(&app->loop, app->conf, &app->database, err))
        return -1;
    struct od_pg_conn_conf conn = {
        .conninfo = od_database_conninfo(app->database),
        .connect_timeout_ms = (uint32_t)app->conf->database.connect_timeout_ms,
        .ctx = app,
        .on_up = on_query_up,
        .on_down = on_query_down,
        .on_error = on_query_error,
    };
    app->query = od_pg_conn_new(&app->loop, &conn);
    if (wait_until(app, query_ready, "the database", err) ||
        od_app_store_rules(&app->loop, app->query, rules, err) || start_engine(app, rules, err))
        return -1;
    app->reload = od_reload_new(app);
    app->upkeep = od_upkeep_new(&app->loop, app->query);
    od_upkeep_set_ttl(app->upkeep, app->conf->engine.idempotency_ttl_ms);
    start_feed(app);
    if (start_http(app, err))
        return -1;
    app->control =
        od_control_listen(&app->loop, app->conf->database.data_dir.ptr, on_control, app, err);
    if (!app->control)
        return -1;
    use_watch(app);
    return 0;
}

int od_app_serve(struct od_conf *conf, struct od_err *err)
{
    struct od_app *app = calloc(1, sizeof *app);
    struct od_rules *rules;
    if (!app)
        abort();
    /* A mistake in the rules is found before anything is started. */
    if (od_rules_build(conf, &rules, err)) {
        free(app);
        return -1;
    }
    od_loop_init(&app->loop);
    app->conf = od_conf_ref(conf);
    int failed = start(app, rules, err);
    od_rules_unref(rules);
    if (!failed && !app->stopping) {
        printf("orderd ready on http://%s\n", od_http_server_address(app->server));
        fflush(stdout);
        od_info("ready", "address=%s bundle=%.12s", od_http_server_address(app->server),
                od_engine_rules(app->engine)->hash);
        od_loop_run(&app->loop);
        od_info("stopping", "reason=signal");
    }
    od_app_stop(app);
    free(app);
    return failed;
}
