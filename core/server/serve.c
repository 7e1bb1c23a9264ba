#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/documents/letterhead.h"
#include "rules/activate/activate.h"
#include "rules/activate/activation.h"
#include "server/admin.h"
#include "server/app.h"
#include "server/first_user.h"
#include "server/part_conf.h"
#include "rules/activate/first_rules.h"
#include "tasks/consumers/consumers.h"
#include "tasks/runner.h"
#include "rules/make/shadow.h"
#include "server/start.h"
#include "server/stop.h"
#include "server/upkeep.h"
#include "access/role.h"
#include "api/auth.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "feed/feed.h"
#include "engine/engine.h"
#include "http/server.h"
#include "loop/signal.h"
#include "loop/watch.h"

/* Serving: start every part, wait for signals, stop every part. */

static void on_watch(void *ctx)
{
    od_app_reload(ctx, "watch");
}

static void use_watch(struct od_app *app)
{
    struct od_err err;
    const char *const dirs[] = {app->serving.conf->plugins.scripts.ptr,
                                app->serving.conf->plugins.dir.ptr};
    bool wanted = app->serving.conf->plugins.watch && !app->stopping;
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

static void use_consumers(struct od_app *app, const struct od_conf *conf)
{
    struct od_err err;
    if (app->consumers && od_consumers_use(app->consumers, conf, &err))
        od_error("consumers_unchanged", "reason=\"%s\"", err.message);
}

/* They were checked before the rules were activated. */
static void use_roles(struct od_app *app, const struct od_conf *conf)
{
    struct od_roles *roles;
    struct od_err err;
    if (od_roles_new(conf, &roles, &err)) {
        od_error("roles_unchanged", "reason=\"%s\"", err.message);
        return;
    }
    od_auth_use_roles(app->auth, roles);
    od_roles_unref(roles);
}

static void use_conf(struct od_app *app, struct od_conf *conf)
{
    struct od_conf *old = app->serving.conf;
    app->serving.conf = od_conf_ref(conf);
    /* A watch that stays sees what changed while the new rules were on their way. */
    if (!watches_same(old, conf))
        use_watch(app);
    od_conf_unref(old);
    od_log_set_level((enum od_log_level)conf->log.level);
    od_upkeep_use_conf(app->upkeep, conf);
    od_script_host_use_conf(app->scripts, conf);
    if (app->feed) /* it has not stopped */
        od_feed_use_conf(app->feed, conf);
    use_consumers(app, conf);
    struct od_http_origins origins = od_wire_origins(conf);
    od_http_server_set_origins(app->server, &origins);
    od_letterheads_free(app->api.letterheads);
    app->api.letterheads = od_letterheads_new(conf);
    use_roles(app, conf);
}

static void use_shadow(struct od_app *app, struct od_rules *rules, const struct od_err *err)
{
    struct od_shadow_conf conf = {
        .share = (uint32_t)app->serving.conf->shadow.share,
        .samples = (uint32_t)app->serving.conf->shadow.samples,
    };
    app->shadow_err = err ? *err : (struct od_err){0};
    od_engine_set_shadow(app->serving.engine, rules ? od_shadow_new(rules, &conf) : NULL);
}

void od_app_adopt(void *ctx, struct od_rules *rules, const struct od_activated *activation,
                  struct od_rules *shadow, const struct od_err *shadow_err)
{
    struct od_app *app = ctx;
    use_conf(app, rules->conf);
    use_shadow(app, shadow, shadow_err);
    od_activation_adopt(app->activation, rules, activation->activation_id, activation->age_us,
                        false);
}

static void on_signal(void *ctx, int signum)
{
    struct od_app *app = ctx;
    if (signum == SIGHUP) {
        if (app->reload && !app->stopping)
            od_app_reload(app, "signal");
        return;
    }
    if (app->stop_signal) { /* one of another kind is what a parent adds, not a second request */
        if (signum == app->stop_signal)
            od_app_stop_signal(app);
        return;
    }
    app->stop_signal = signum;
    od_app_stop_signal(app);
    app->stopping = true;
    od_loop_stop(&app->loop);
}

/* A shadow is nobody's server: without one the rest starts all the same. */
static void start_shadow(struct od_app *app)
{
    struct od_rules *rules;
    struct od_err err;
    bool failed = od_shadow_rules(app->serving.conf, &rules, &err);
    if (failed)
        od_warn("shadow_failed", "reason=\"%s%s%s\"", err.origin, err.origin[0] ? ": " : "",
                err.message);
    use_shadow(app, rules, failed ? &err : NULL);
    od_rules_unref(rules);
}

static int start(struct od_app *app, struct od_files *files, struct od_err *err)
{
    struct od_first_rules first = {0};
    app->signals = od_signals_new(&app->loop, on_signal, app, err);
    if (!app->signals || od_start_database(app, err) ||
        od_first_rules_choose(&app->serving, files, &first, err))
        return -1;
    int failed = od_start_parts(app, &first, err);
    od_rules_unref(first.rules);
    if (failed)
        return -1;
    start_shadow(app);
    use_watch(app);
    return 0;
}

static void run(struct od_app *app)
{
    printf("orderd ready on http://%s\n", od_http_server_address(app->server));
    od_first_user_print(app);
    fflush(stdout);
    od_info("ready", "address=%s bundle=%.12s", od_http_server_address(app->server),
            od_engine_rules(app->serving.engine)->hash);
    od_loop_run(&app->loop);
    od_info("stopping", "reason=signal");
}

static void read_files(struct od_conf *conf, struct od_files *files)
{
    if (od_rules_source_read(conf, &files->source, &files->err))
        return;
    files->read = true;
    if (od_rules_make(&files->source, &files->rules, &files->err))
        files->rules = NULL;
}

int od_app_serve(struct od_conf *conf, struct od_err *err)
{
    struct od_app *app = calloc(1, sizeof *app);
    struct od_files files = {0};
    if (!app)
        abort();
    read_files(conf, &files);
    od_loop_init(&app->loop);
    od_app_stop_init(app);
    app->serving.loop = &app->loop;
    app->serving.conf = od_conf_ref(conf);
    app->process_id = od_uuid_v7(od_clock_us());
    int failed = start(app, &files, err);
    if (files.read)
        od_rules_source_fini(&files.source);
    od_rules_unref(files.rules);
    if (app->stop_signal) {
        od_info("stopped", "reason=\"stopped while starting\"");
        failed = 0;
    } else if (!failed) {
        run(app);
    }
    od_app_stop(app);
    free(app);
    return failed;
}
