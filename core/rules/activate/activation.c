#include "rules/activate/activation.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rules/activate/activate.h"
#include "rules/activate/rollback.h"
#include "rules/activate/serving.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "script/bundle/bundle.h"
#include "store/rules/activation.h"

enum { POLL_MS = 1000, SEEN_EVERY = 5 /* polls */ };

struct od_activation {
    struct od_activation_conf conf;
    struct od_serving *serving;
    struct od_timer *timer;
    char host[65], address[128];
    unsigned polls;
    unsigned busy; /* operations that have not ended */
    bool stopped;

    int32_t id;       /* of the activation that is served */
    int64_t since_us; /* monotonic: when that was made */
    bool watched;     /* its failures may put the bundle before back */
    bool rolling_back;
    struct od_bundle_stats baseline; /* when it was swapped in */

    bool looking;                  /* at the last activation */
    struct od_activation_row last; /* without its strings */
    bool last_automatic, last_is_ours;
    int32_t failed_id; /* an activation that cannot be served here */
    char error[1024];  /* why; "" when it can */
    struct od_activation_stats stats;
};

static struct od_rules *serving_rules(const struct od_activation *a)
{
    return od_engine_rules(a->serving->engine);
}

static void tell(struct od_activation *a)
{
    struct od_server_process p = {
        .id = a->conf.process_id,
        .host = od_str_of(a->host),
        .address = od_str_of(a->address),
        .pid = (int32_t)getpid(),
        .bundle_id = serving_rules(a)->policies.bundle_id,
        .activation_id = a->id,
        .error = a->error[0] ? od_str_of(a->error) : OD_STR_NONE,
    };
    if (a->stopped || !od_pg_conn_up(a->serving->query))
        return;
    od_process_seen(a->serving->query, &p);
    od_pg_sync(a->serving->query, NULL, NULL);
}

void od_activation_adopt(struct od_activation *a, struct od_rules *rules, int32_t activation_id,
                         int64_t age_us, bool automatic)
{
    if (activation_id < a->id)
        return;
    if (rules != serving_rules(a))
        od_engine_set_rules(a->serving->engine, rules);
    if (activation_id > a->id) {
        a->stats.adopted++;
        od_info("activated", "activation=%d bundle=%.12s", activation_id, rules->hash);
    }
    a->id = activation_id;
    a->since_us = od_clock_monotonic_us() - age_us;
    a->watched = !automatic;
    a->baseline = od_bundle_stats(rules->bundle);
    a->error[0] = '\0';
    a->failed_id = 0;
    a->conf.changed(a->conf.ctx, activation_id);
    tell(a);
}

static void keep_error(struct od_activation *a, const struct od_err *err)
{
    snprintf(a->error, sizeof a->error, "%s%s%s", err->origin, err->origin[0] ? ": " : "",
             err->message);
}

void od_activation_files_refused(struct od_activation *a, const struct od_err *err)
{
    keep_error(a, err);
    tell(a);
}

void od_activation_failed(struct od_activation *a, int32_t activation_id, const struct od_err *err)
{
    a->failed_id = activation_id;
    a->stats.failed++;
    keep_error(a, err);
    od_error("activation_not_served", "activation=%d serving=%.12s reason=\"%s\"", activation_id,
             serving_rules(a)->hash, a->error);
    tell(a);
}

/* ---- following */

static void on_rules(void *ctx, const struct od_err *err, struct od_rules *rules)
{
    struct od_activation *a = ctx;
    a->busy--;
    a->looking = false;
    if (!err)
        od_activation_adopt(a, rules, a->last.activation_id, a->last.age_us, a->last_automatic);
    else if (err->code != OD_ERR_UNAVAILABLE) /* else the next look tries again */
        od_activation_failed(a, a->last.activation_id, err);
    od_rules_unref(rules);
}

static void on_last(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_activation *a = ctx;
    a->last = (struct od_activation_row){0};
    if (err || r->rows == 0)
        return;
    od_activation_row_read(r, &a->last);
    a->last_automatic = od_str_is(a->last.kind, "auto_rollback");
    a->last_is_ours = od_str_is(a->last.hash, serving_rules(a)->hash);
    a->last.hash = a->last.kind = OD_STR_NONE;
}

static void on_looked(void *ctx, bool failed)
{
    struct od_activation *a = ctx;
    int32_t id = a->last.activation_id;
    a->looking = false;
    a->busy--;
    if (failed || a->stopped || id <= a->id || id == a->failed_id)
        return;
    if (a->last_is_ours) {
        od_activation_adopt(a, serving_rules(a), id, a->last.age_us, a->last_automatic);
        return;
    }
    struct od_stored_choice which = {.bundle_id = a->last.bundle_id};
    a->looking = true;
    a->busy++;
    od_stored_rules(a->serving->query, a->serving->conf, &which, on_rules, a);
}

void od_activation_poll(struct od_activation *a)
{
    if (a->looking || a->stopped || !od_pg_conn_up(a->serving->query))
        return;
    a->looking = true;
    a->busy++;
    od_activation_last(a->serving->query, on_last, a);
    od_pg_sync(a->serving->query, on_looked, a);
}

/* ---- activating what is stored */

struct using
{
    struct od_activation *a;
    struct od_arena arena;
    const char *kind;
    struct od_str actor, reason;
    int32_t after;
    struct od_rules *rules; /* counted */
    od_activation_cb *done;
    void *ctx;
};

static void end_use(struct using *u, const struct od_err *err, struct od_str notes)
{
    struct od_activation *a = u->a;
    a->busy--;
    if (err)
        od_error("activation_refused", "kind=%s actor=\"%.*s\" serving=%.12s reason=\"%s%s%s\"",
                 u->kind, OD_STR_ARG(u->actor), serving_rules(a)->hash, err->origin,
                 err->origin[0] ? ": " : "", err->message);
    u->done(u->ctx, err, od_str_of(serving_rules(a)->hash), notes);
    od_rules_unref(u->rules);
    od_arena_fini(&u->arena);
    free(u);
}

static void on_activated(void *ctx, const struct od_err *err, const struct od_activated *result)
{
    struct using *u = ctx;
    u->a->stats.rollbacks += !err && result->made && u->after;
    if (!err && (result->made || !u->after))
        od_activation_adopt(u->a, u->rules, result->activation_id, result->age_us, u->after > 0);
    end_use(u, err, result->notes);
}

static void on_found(void *ctx, const struct od_err *err, struct od_rules *rules)
{
    struct using *u = ctx;
    u->rules = rules;
    if (err) {
        end_use(u, err, OD_STR(""));
        return;
    }
    struct od_activate what = {
        .rules = rules,
        .kind = u->kind,
        .actor = u->actor,
        .reason = u->reason,
        .after = u->after,
    };
    od_activate(u->a->serving->query, &what, on_activated, u);
}

static void use(struct od_activation *a, const struct od_stored_choice *which,
                const struct od_activate *what, od_activation_cb *done, void *ctx)
{
    struct using *u = calloc(1, sizeof *u);
    if (!u)
        abort();
    od_arena_init(&u->arena);
    u->a = a;
    u->kind = what->kind;
    u->actor = od_arena_str(&u->arena, what->actor);
    u->reason = od_arena_str(&u->arena, what->reason);
    u->after = what->after;
    u->done = done;
    u->ctx = ctx;
    a->busy++;
    od_stored_rules(a->serving->query, a->serving->conf, which, on_found, u);
}

void od_activation_use(struct od_activation *a, const struct od_stored_choice *which,
                       const char *kind, struct od_str actor, od_activation_cb *done, void *ctx)
{
    struct od_activate what = {.kind = kind, .actor = actor};
    use(a, which, &what, done, ctx);
}

/* ---- automatic rollback */

static void on_rolled_back(void *ctx, const struct od_err *err, struct od_str bundle,
                           struct od_str notes)
{
    struct od_activation *a = ctx;
    (void)bundle, (void)notes;
    a->rolling_back = false;
    if (err && err->code != OD_ERR_UNAVAILABLE)
        a->watched = false; /* there is nothing to go back to: told once */
}

static void watch_failures(struct od_activation *a)
{
    const struct od_conf *conf = a->serving->conf;
    struct od_activate what = {.kind = "auto_rollback", .actor = OD_STR("orderd"), .after = a->id};
    struct od_stored_choice before = {.before = true, .automatic = true};
    struct od_arena arena;
    if (!a->watched || a->rolling_back || !a->id || !od_pg_conn_up(a->serving->query) ||
        od_clock_monotonic_us() - a->since_us > conf->rollback.window_ms * 1000)
        return;
    od_arena_init(&arena);
    if (od_rollback_due(conf, serving_rules(a), &a->baseline, &arena, &what.reason)) {
        od_error("rolling_back", "activation=%d bundle=%.12s reason=\"%.*s\"", a->id,
                 serving_rules(a)->hash, OD_STR_ARG(what.reason));
        a->rolling_back = true;
        use(a, &before, &what, on_rolled_back, a);
    }
    od_arena_fini(&arena);
}

static void on_timer(void *ctx)
{
    struct od_activation *a = ctx;
    od_activation_poll(a);
    watch_failures(a);
    if (++a->polls % SEEN_EVERY == 0)
        tell(a);
}

struct od_activation *od_activation_new(const struct od_activation_conf *conf)
{
    struct od_activation *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    a->conf = *conf;
    a->serving = conf->serving;
    snprintf(a->address, sizeof a->address, "%s", conf->address);
    if (gethostname(a->host, sizeof a->host - 1))
        snprintf(a->host, sizeof a->host, "localhost");
    a->timer = od_timer_new(a->serving->loop, on_timer, a);
    od_timer_start(a->timer, POLL_MS, POLL_MS);
    return a;
}

void od_activation_stats(const struct od_activation *a, struct od_activation_stats *out)
{
    *out = a->stats;
    out->activation_id = a->id;
    out->behind = a->failed_id != 0;
}

bool od_activation_busy(const struct od_activation *a)
{
    return a->busy > 0;
}

void od_activation_stop(struct od_activation *a)
{
    od_timer_stop(a->timer);
    a->stopped = true;
    if (!od_pg_conn_up(a->serving->query))
        return;
    od_process_gone(a->serving->query, &a->conf.process_id);
    od_pg_sync(a->serving->query, NULL, NULL);
}

void od_activation_free(struct od_activation *a)
{
    if (!a)
        return;
    od_timer_free(a->timer);
    free(a);
}
