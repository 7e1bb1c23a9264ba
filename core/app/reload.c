#include "app/reload.h"

#include <stdlib.h>

#include "app/app.h"
#include "app/rules.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "pg/conn.h"

struct waiter {
    od_reload_cb *cb;
    void *ctx;
    struct waiter *next;
};

struct od_reload {
    struct od_app *app;
    struct od_conf *started; /* what keys that need a restart have now; counted */
    struct od_deferred start;
    struct waiter *waiting; /* for the next reload */
    struct waiter *asked;   /* for the one under way */
    bool busy;
    struct od_rules *fresh;
    struct od_arena arena;
    struct od_str notes;
    struct od_reload_stats stats;
};

static void finish(struct od_reload *r, const struct od_err *err)
{
    struct waiter *asked = r->asked;
    struct od_str bundle = od_str_of(od_engine_rules(r->app->engine)->hash);
    r->asked = NULL;
    r->busy = false;
    r->stats.last_failed = err != NULL;
    if (err) {
        r->stats.failed++;
        od_error("reload_failed", "reason=\"%s%s%s\" serving=%.12s", err->origin,
                 err->origin[0] ? ": " : "", err->message, bundle.ptr);
    } else {
        r->stats.succeeded++;
        r->stats.last_us = od_clock_us();
        od_info("reloaded", "bundle=%.12s notes=\"%.*s\"", bundle.ptr, OD_STR_ARG(r->notes));
    }
    while (asked) {
        struct waiter *w = asked;
        asked = w->next;
        w->cb(w->ctx, err, bundle, r->notes);
        free(w);
    }
    od_arena_reset(&r->arena);
    if (r->waiting)
        od_deferred_arm(&r->start);
}

static void on_bundle_id(void *ctx, int32_t bundle_id)
{
    struct od_reload *r = ctx;
    r->fresh->policies.bundle_id = bundle_id;
}

static void on_stored(void *ctx, bool failed)
{
    struct od_reload *r = ctx;
    struct od_rules *fresh = r->fresh;
    struct od_err err;
    r->fresh = NULL;
    if (failed || !fresh->policies.bundle_id) {
        od_rules_unref(fresh);
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the database could not store the new rules");
        finish(r, &err);
        return;
    }
    od_engine_set_rules(r->app->engine, fresh);
    od_app_use_conf(r->app, fresh->conf);
    od_rules_unref(fresh);
    finish(r, NULL);
}

static int build(struct od_reload *r, struct od_err *err)
{
    struct od_conf *conf;
    if (od_conf_reload(r->app->conf, &conf, err))
        return -1;
    r->notes = od_conf_restart_notes(r->started, conf, &r->arena);
    if (r->notes.len)
        r->notes = od_arena_printf(&r->arena, "changed, but takes effect after a restart: %.*s",
                                   OD_STR_ARG(r->notes));
    int failed = od_rules_build(conf, &r->fresh, err);
    od_conf_unref(conf);
    return failed;
}

static void on_start(void *ctx)
{
    struct od_reload *r = ctx;
    struct od_err err;
    r->asked = r->waiting;
    r->waiting = NULL;
    r->busy = true;
    r->notes = OD_STR("");
    if (build(r, &err)) {
        finish(r, &err);
        return;
    }
    if (!od_pg_conn_up(r->app->query)) {
        od_rules_unref(r->fresh);
        r->fresh = NULL;
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the database cannot be reached");
        finish(r, &err);
        return;
    }
    size_t count;
    const struct od_stored_source *sources = od_rules_sources(r->fresh, &r->arena, &count);
    od_bundle_store(r->app->query, od_str_of(r->fresh->hash), sources, count, on_bundle_id, r);
    od_pg_sync(r->app->query, on_stored, r);
}

struct od_reload *od_reload_new(struct od_app *app)
{
    struct od_reload *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->app = app;
    r->started = od_conf_ref(app->conf);
    r->stats.last_us = od_clock_us();
    od_arena_init(&r->arena);
    od_deferred_init(&r->start, &app->loop, on_start, r);
    return r;
}

void od_reload_request(struct od_reload *r, od_reload_cb *cb, void *ctx)
{
    struct waiter *w = malloc(sizeof *w), **end = &r->waiting;
    if (!w)
        abort();
    *w = (struct waiter){cb, ctx, NULL};
    while (*end)
        end = &(*end)->next;
    *end = w;
    if (!r->busy)
        od_deferred_arm(&r->start);
}

bool od_reload_busy(const struct od_reload *r)
{
    return r->busy || r->waiting;
}

void od_reload_free(struct od_reload *r)
{
    if (!r)
        return;
    od_deferred_cancel(&r->start);
    od_conf_unref(r->started);
    od_arena_fini(&r->arena);
    free(r);
}

const struct od_reload_stats *od_reload_stats(const struct od_reload *r)
{
    return &r->stats;
}
