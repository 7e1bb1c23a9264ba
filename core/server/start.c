#include "server/start.h"

#include <stdio.h>
#include <string.h>

#include "access/role.h"
#include "api/access/oidc.h"
#include "api/access/people.h"
#include "api/auth.h"
#include "api/graphql/graphql.h"
#include "api/documents/letterhead.h"
#include "api/message_limit.h"
#include "rules/activate/activation.h"
#include "server/admin.h"
#include "server/app.h"
#include "server/control.h"
#include "server/database.h"
#include "rules/activate/first_rules.h"
#include "tasks/consumers/conf.h"
#include "tasks/consumers/consumers.h"
#include "tasks/jobs.h"
#include "tasks/receivers.h"
#include "server/metrics.h"
#include "rules/activate/migrate.h"
#include "rules/activate/reload.h"
#include "server/replays.h"
#include "tasks/runner.h"
#include "server/upkeep.h"
#include "server/part_conf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "conf/conf.h"
#include "conf/shop.h"
#include "desk/desk.h"
#include "engine/engine.h"
#include "feed/feed.h"
#include "feed/targets/conf.h"
#include "feed/tail.h"
#include "http/router.h"
#include "http/server.h"
#include "read/projection/projector.h"
#include "read/projection/rebuild.h"
#include "pg/conn.h"
#include "pg/wait.h"
#include "store/access/users.h"
#include "store/rules/activation.h"

enum { START_TIMEOUT_MS = 60000 };

/* Waits until ready() or the deadline; nothing else is served yet. */
static int wait_until(struct od_app *app, bool (*ready)(struct od_app *app), const char *what,
                      struct od_err *err)
{
    int64_t deadline = od_clock_monotonic_us() + START_TIMEOUT_MS * 1000LL;
    while (!ready(app)) {
        if (app->stopping)
            return od_err_set(err, OD_ERR_UNAVAILABLE, "stopped while starting");
        if (od_clock_monotonic_us() > deadline)
            return od_err_set(err, OD_ERR_UNAVAILABLE, "%s did not come up within %d s", what,
                              START_TIMEOUT_MS / 1000);
        od_loop_run_once(&app->loop);
    }
    return 0;
}

/* ---- the database */

static void on_query_up(void *ctx)
{
    struct od_app *app = ctx;
    if (app->activation) /* what was notified meanwhile is lost */
        od_activation_poll(app->activation);
}

/* The query connection is also the sentinel of a private cluster: when it is lost, the cluster's
 * server may have died. */
static void on_query_down(void *ctx, const struct od_err *why)
{
    struct od_app *app = ctx;
    (void)why;
    if (!app->stopping)
        od_database_check(app->database);
}

static void on_query_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    if (err->code == OD_ERR_DB)
        od_warn("query_refused", "sqlstate=%s message=\"%s\"", err->sqlstate, err->message);
}

static void on_notify(void *ctx, const char *channel, const char *payload)
{
    struct od_app *app = ctx;
    (void)channel, (void)payload; /* the last activation counts, not the one that was told of */
    if (app->activation)
        od_activation_poll(app->activation);
}

static bool query_ready(struct od_app *app)
{
    return od_pg_conn_up(app->serving.query);
}

int od_start_database(struct od_app *app, struct od_err *err)
{
    const struct od_conf *c = app->serving.conf;
    char timeout[64];
    snprintf(timeout, sizeof timeout, "set statement_timeout = %lld",
             (long long)c->database.statement_timeout_ms);
    const char *const setup[] = {"listen " OD_ACTIVATION_CHANNEL, timeout, "set jit = off", NULL};
    if (od_database_open(&app->loop, app->serving.conf, &app->database, err))
        return -1;
    od_database_watch(app->database, app->serving.conf);
    struct od_pg_conn_conf conn = {
        .server = od_database_server(app->database),
        .setup = setup,
        .answer_timeout_ms =
            (uint32_t)(c->database.statement_timeout_ms + c->database.answer_grace_ms),
        .connect_timeout_ms = (uint32_t)app->serving.conf->database.connect_timeout_ms,
        .ctx = app,
        .on_up = on_query_up,
        .on_down = on_query_down,
        .on_error = on_query_error,
        .on_notify = on_notify,
    };
    app->serving.query = od_pg_conn_new(&app->loop, &conn);
    return wait_until(app, query_ready, "the database", err);
}

/* ---- the parts */

static bool engine_ready(struct od_app *app)
{
    return od_engine_ready(app->serving.engine);
}

static int start_engine(struct od_app *app, struct od_rules *rules, struct od_err *err)
{
    struct od_engine_conf conf;
    od_wire_engine(app->serving.conf, od_database_server(app->database), &conf);
    if (od_row_types_load(app->serving.query, &conf.types, err))
        return -1;
    app->serving.engine = od_engine_new(&app->loop, &conf);
    od_engine_set_rules(app->serving.engine, rules);
    return wait_until(app, engine_ready, "the connections to the database", err);
}

static void start_scripts(struct od_app *app)
{
    app->scripts = od_script_host_new(&app->loop, app->serving.engine,
                                      od_database_server(app->database), app->serving.conf);
    struct od_jobs_conf jobs = {
        .query = app->serving.query,
        .scripts = app->scripts,
        .rules = od_engine_rules_slot(app->serving.engine),
        .process = app->process_id,
        .enabled = app->serving.conf->jobs.enabled,
        .interval_ms = app->serving.conf->jobs.interval_ms,
        .lease_ms = app->serving.conf->jobs.lease_ms,
    };
    app->jobs = od_jobs_new(&app->loop, &jobs);
    struct od_receivers_conf receivers = {
        .query = app->serving.query,
        .scripts = app->scripts,
        .rules = od_engine_rules_slot(app->serving.engine),
        .task_ms = app->serving.conf->script.task_timeout_ms,
        .park_ms = app->serving.conf->receivers.park_ms,
        .keep_ms = app->serving.conf->receivers.keep_ms,
    };
    app->receivers = od_receivers_new(&app->loop, &receivers);
    app->consumers = od_consumers_new(&app->loop, app->receivers);
    app->replays = od_replays_new(&app->serving);
}

static uint64_t feed_activity(void *ctx)
{
    struct od_app *app = ctx;
    struct od_engine_stats stats;
    od_engine_stats(app->serving.engine, &stats);
    return stats.commands;
}

/* With the logo as soon as there is one to show. */
static struct od_conf_shop_keys shop_of(void *ctx, struct od_str store, struct od_arena *a)
{
    struct od_app *app = ctx;
    if (app->api.letterheads)
        return od_letterhead(app->api.letterheads, store, a);
    struct od_conf_shop_keys shop = od_conf_shop(app->serving.conf, store, a);
    shop.logo = OD_STR_NONE;
    return shop;
}

static int start_feed(struct od_app *app, struct od_err *err)
{
    struct od_feed_conf conf;
    if (od_targets_check(app->serving.conf, err))
        return -1;
    od_wire_feed(app->serving.conf, od_database_server(app->database), &conf);
    conf.rules = od_engine_rules_slot(app->serving.engine);
    conf.ctx = app;
    conf.activity = feed_activity;
    conf.engine = app->serving.engine;
    conf.shop = shop_of;
    conf.conf = app->serving.conf;
    app->feed = od_feed_new(&app->loop, &conf);
    return 0;
}

static bool tail_ready(struct od_app *app)
{
    return od_tail_up(app->tail);
}

static int start_tail(struct od_app *app, struct od_err *err)
{
    struct od_tail_conf conf;
    od_wire_tail(app->serving.conf, od_database_server(app->database), &conf);
    conf.ctx = app;
    conf.activity = feed_activity;
    app->tail = od_tail_new(&app->loop, &conf);
    return wait_until(app, tail_ready, "the connection that follows the ledger", err);
}

static bool projector_ready(struct od_app *app)
{
    return od_projector_up(app->projector);
}

static void on_changed_order(void *ctx, int64_t order_id)
{
    od_projector_changed(ctx, order_id);
}

static int start_projector(struct od_app *app, struct od_err *err)
{
    struct od_projector_conf conf;
    struct od_pg_server *server = od_database_server(app->database);
    if (od_projections_ready(&app->loop, server, err))
        return -1;
    od_wire_projector(app->serving.conf, server, &conf);
    app->projector = od_projector_new(&app->loop, &conf);
    od_engine_watch_orders(app->serving.engine, on_changed_order, app->projector);
    return wait_until(app, projector_ready, "the connection for projections", err);
}

/* Large bodies are batches of orders: nobody else's is worth its memory. */
static bool may_send_large(void *ctx, const struct od_http_request *req)
{
    struct od_app *app = ctx;
    return od_auth_knows(app->auth, req, OD_MAY_ORDERS_PLACE);
}

static bool keys_ready(struct od_app *app)
{
    return od_keys_fresh(app->keys);
}

static int start_keys(struct od_app *app, struct od_err *err)
{
    if (app->serving.conf->auth.mode == OD_CONF_AUTH_OPEN)
        return 0;
    const struct od_keys_conf conf = {
        .server = od_database_server(app->database),
        .connect_timeout_ms = (uint32_t)app->serving.conf->database.connect_timeout_ms,
        .session_idle_ms = app->serving.conf->auth.session_idle_ms,
    };
    app->keys = od_keys_new(&app->loop, &conf);
    return wait_until(app, keys_ready, "the connection for keys", err);
}

static void on_device_secret(void *ctx, const struct od_pg_result *r)
{
    struct od_people_conf *conf = ctx;
    struct od_str secret = r->rows == 1 ? od_pg_get_bytea(r, 0, 0) : OD_STR("");
    if (secret.len == sizeof conf->device_secret)
        memcpy(conf->device_secret, secret.ptr, secret.len);
    else /* somebody took it away: cookies of before count no more */
        od_random(conf->device_secret, sizeof conf->device_secret);
}

static int start_people(struct od_app *app, struct od_err *err)
{
    const struct od_conf *c = app->serving.conf;
    struct od_pg_params *p = od_pg_params(app->serving.query);
    struct od_people_conf conf = {
        .keys = app->keys,
        .session_idle_ms = c->auth.session_idle_ms,
        .session_max_ms = c->auth.session_max_ms,
        .link_life_ms = c->auth.link_life_ms,
        .passwords = {{(uint32_t)(c->auth.password_memory >> 10),
                       (uint32_t)c->auth.password_passes},
                      (uint32_t)c->auth.password_queue},
    };
    od_pg_text(p, OD_STR("device"));
    if (od_pg_exec_wait(app->serving.query, &od_access_secret, p, on_device_secret, &conf, err))
        return -1;
    app->people = od_people_new(&app->loop, &conf);
    app->oidc = od_oidc_new(&app->loop, c);
    return 0;
}

static struct od_graphql *new_graphql(const struct od_conf *c)
{
    const struct od_graphql_conf conf = {
        .max_bytes = (uint32_t)c->graphql.max_bytes,
        .max_tokens = (uint32_t)c->graphql.max_tokens,
        .max_depth = (uint32_t)c->graphql.max_depth,
        .max_fields = (uint32_t)c->graphql.max_fields,
        .max_cost = (uint64_t)c->graphql.max_cost,
        .documents = (uint32_t)c->graphql.documents,
        .introspection = c->graphql.introspection,
    };
    return od_graphql_new(&conf);
}

static struct od_message_limit *new_message_limit(const struct od_conf *conf)
{
    const struct od_message_limit_conf limit = {
        .rate = conf->receivers.rate,
        .forged_cost = conf->receivers.forged_cost,
    };
    return od_message_limit_new(&limit);
}

static int start_http(struct od_app *app, struct od_err *err)
{
    struct od_http_conf conf;
    od_wire_http(app->serving.conf, &conf);
    struct od_roles *roles;
    if (od_roles_new(app->serving.conf, &roles, err))
        return -1;
    if (!app->keys)
        od_info("open_to_this_machine",
                "reason=\"every program here may do everything; mode = keys in [auth] and `orderd "
                "key add NAME --role owner` change that\"");
    app->auth = od_auth_new(app->keys, roles);
    od_roles_unref(roles);
    app->router = od_http_router_new();
    app->api = (struct od_api){
        .loop = &app->loop,
        .engine = app->serving.engine,
        .query = app->serving.query,
        .feed = app->feed,
        .tail = app->tail,
        .projector = app->projector,
        .stream_max_unsent = (size_t)app->serving.conf->stream.max_unsent,
        .stream_listeners = (uint32_t)app->serving.conf->stream.listeners,
        .graphql = new_graphql(app->serving.conf),
        .auth = app->auth,
        .people = app->people,
        .oidc = app->oidc,
        .started_us = od_clock_us(),
        .letterheads = od_letterheads_new(app->serving.conf),
        .receivers = app->receivers,
        .message_limit = new_message_limit(app->serving.conf),
        .consumers = app->consumers,
        .scripts = app->scripts,
        .route = od_script_host_route,
        .more_metrics = od_app_metrics,
        .metrics_ctx = app,
    };
    od_api_routes(&app->api, app->router);
    od_api_add(&app->api, &od_server_admin, app);
    od_api_add(&app->api, &od_server_reload, app);
    od_api_add(&app->api, &od_desk, NULL);
    conf.admits_large = may_send_large;
    conf.admits_ctx = app;
    app->server = od_http_server_new(&app->loop.uv, &conf, app->router);
    app->api.server = app->server;
    return od_http_server_listen(app->server, err);
}

static void on_rules_changed(void *ctx, int32_t activation_id)
{
    struct od_app *app = ctx;
    od_migrate_look(app->migrate, activation_id);
}

static void first_activation(struct od_app *app, const struct od_first_rules *first)
{
    struct od_activation_conf conf = {
        .serving = &app->serving,
        .process_id = app->process_id,
        .address = od_http_server_address(app->server),
        .changed = on_rules_changed,
        .ctx = app,
    };
    app->activation = od_activation_new(&conf);
    if (first->failed.code == OD_ERR_NONE)
        od_activation_adopt(app->activation, first->rules, first->activation_id, first->age_us,
                            first->automatic);
    else
        od_activation_failed(app->activation, first->activation_id, &first->failed);
    if (first->refused.code == OD_ERR_NONE)
        return;
    od_activation_files_refused(app->activation, &first->refused);
    od_reload_refused(app->reload);
}

int od_app_check(const struct od_conf *conf, struct od_err *err)
{
    struct od_roles *roles;
    if (od_roles_new(conf, &roles, err))
        return -1;
    od_roles_unref(roles);
    return od_targets_check(conf, err) || od_consumers_check(conf, err) || od_oidc_check(conf, err)
               ? -1
               : 0;
}

int od_start_parts(struct od_app *app, const struct od_first_rules *first, struct od_err *err)
{
    if (od_app_check(app->serving.conf, err) || start_engine(app, first->rules, err))
        return -1;
    app->migrate = od_migrate_new(&app->serving);
    const struct od_reload_conf reload = {&app->serving, od_app_check, od_app_adopt, app};
    app->reload = od_reload_new(&reload);
    app->upkeep = od_upkeep_new(&app->loop, app->serving.query);
    od_upkeep_use_conf(app->upkeep, app->serving.conf);
    start_scripts(app);
    if (start_feed(app, err) || start_tail(app, err) || start_projector(app, err) ||
        start_keys(app, err) || start_people(app, err) || start_http(app, err) ||
        od_consumers_use(app->consumers, app->serving.conf, err))
        return -1;
    first_activation(app, first);
    app->control = od_control_listen(&app->loop, app->serving.conf->database.data_dir.ptr,
                                     od_app_admin_line, app, err);
    return app->control ? 0 : -1;
}
