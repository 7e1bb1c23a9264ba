#include "feed/deliver/deliver.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "feed/deliver/parts.h"
#include "feed/deliver/session.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "store/feed/targets.h"

enum {
    LOOK_US = 1000000, /* between looks at the targets' rows */
    SWAP_US = 1000000, /* what is under way may go on for so long when targets change */
};

void od_deliverer_pump(struct od_deliverer *d)
{
    if (!d->up || d->stopping || d->swapping)
        return;
    if (!d->looking && od_clock_monotonic_us() - d->looked_us >= LOOK_US)
        od_deliverer_look_up(d);
    for (size_t i = 0; i < d->targets.count; i++) {
        struct od_outgoing *t = &d->items[i];
        if (t->owned && !t->paused && !t->disabled && t->conf->enabled && t->more && !t->asking)
            od_outgoing_ask(t);
    }
}

static void on_timer(void *ctx)
{
    struct od_deliverer *d = ctx;
    if (d->stored.version < 0)
        od_deliverer_refresh(d);
    if (d->swapping)
        od_deliverer_proceed(d);
    else
        od_deliverer_pump(d);
}

/* ---- targets are opened and closed */

static void open_targets(struct od_deliverer *d)
{
    const struct od_target_host host = {d->loop, d->conf.engine};
    d->items = calloc(d->targets.count ? d->targets.count : 1, sizeof *d->items);
    if (!d->items)
        abort();
    for (size_t i = 0; i < d->targets.count; i++) {
        struct od_outgoing *t = &d->items[i];
        t->deliverer = d;
        t->conf = &d->targets.items[i];
        od_list_init(&t->attempts);
        od_list_init(&t->fresh);
        t->self = t->conf->kind->open(&host, t->conf);
    }
}

static void on_target_closed(void *ctx)
{
    struct od_deliverer *d = ctx;
    d->closing--;
    od_deliverer_proceed(d);
}

static void close_targets(struct od_deliverer *d)
{
    d->closing = (unsigned)d->targets.count + 1;
    for (size_t i = 0; i < d->targets.count; i++) {
        d->items[i].closed = true;
        d->items[i].conf->kind->close(d->items[i].self, on_target_closed, d);
    }
    d->closing--;
}

static bool idle(const struct od_deliverer *d)
{
    for (size_t i = 0; i < d->targets.count; i++) {
        if (d->items[i].under_way || d->items[i].asking)
            return false;
    }
    return !d->looking;
}

static void on_closed(void *ctx)
{
    struct od_deliverer *d = ctx;
    void (*stopped)(void *ctx) = d->stopped;
    void *stopped_ctx = d->stopped_ctx;
    free(d->items);
    od_targets_fini(&d->targets);
    od_targets_fini(&d->next);
    od_arena_fini(&d->stored.arena);
    od_arena_fini(&d->coming.arena);
    od_conf_unref(d->conf.conf);
    od_timer_free(d->timer);
    od_deferred_cancel(&d->flushing);
    free(d);
    stopped(stopped_ctx);
}

/* All are closed, nothing is under way: the deliverer ends, or goes on with other targets. */
static void close_or_swap(struct od_deliverer *d)
{
    if (d->stopping) {
        struct od_pg_conn *conn = d->conn;
        d->conn = NULL;
        d->up = false;
        od_timer_stop(d->timer);
        od_pg_conn_free(conn, on_closed, d);
        return;
    }
    free(d->items);
    od_targets_fini(&d->targets);
    d->targets = d->next;
    d->next = (struct od_targets){0};
    d->swapping = false;
    open_targets(d);
    if (d->up) {
        od_pg_send(d->conn, &od_release_targets, NULL, NULL, NULL);
        od_deliverer_register(d);
    }
}

/* Attempts that were begun and are not noted. */
static bool has_attempts(const struct od_deliverer *d)
{
    for (size_t i = 0; i < d->targets.count; i++) {
        if (!od_list_empty(&d->items[i].attempts))
            return true;
    }
    return !od_list_empty(&d->ended) || !od_list_empty(&d->marking);
}

/* A request that hangs must not keep all targets from being changed: it is given up and made again.
 */
static bool may_close(const struct od_deliverer *d)
{
    if (d->stopping)
        return d->conn && !has_attempts(d);
    return idle(d) || od_clock_monotonic_us() - d->swap_us > SWAP_US;
}

void od_deliverer_proceed(struct od_deliverer *d)
{
    bool ending = d->stopping || d->swapping;
    if (!od_list_empty(&d->ended))
        od_deferred_arm(&d->flushing);
    if (!ending) {
        od_deliverer_pump(d);
        return;
    }
    if (d->targets.count && !d->items[0].closed && may_close(d))
        close_targets(d);
    /* A stop does not wait for what the database is asked, such as a witness. */
    if (d->closing || (d->stopping ? !d->conn || has_attempts(d) : !idle(d)))
        return;
    if (d->targets.count == 0 || d->items[0].closed)
        close_or_swap(d);
}

/* ---- the connection */

static void on_up(void *ctx)
{
    struct od_deliverer *d = ctx;
    d->up = true;
    od_deferred_arm(&d->flushing);
    if (!d->stopping && !d->swapping)
        od_deliverer_register(d);
    od_deliverer_refresh(d);
}

static void on_notify(void *ctx, const char *channel, const char *payload)
{
    struct od_deliverer *d = ctx;
    (void)channel, (void)payload;
    od_deliverer_refresh(d);
    od_deliverer_look(d);
}

/* Whoever takes the locks next begins what was not noted again. */
static void on_down(void *ctx, const struct od_err *why)
{
    struct od_deliverer *d = ctx;
    (void)why;
    d->up = false;
    for (size_t i = 0; i < d->targets.count; i++)
        d->items[i].owned = false;
    od_deliverer_proceed(d);
}

static void on_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    if (err->code != OD_ERR_UNAVAILABLE)
        od_warn("deliverer_refused", "sqlstate=%s message=\"%s\"", err->sqlstate, err->message);
}

static struct od_pg_conn *connect_deliverer(struct od_deliverer *d)
{
    struct od_arena arena;
    od_arena_init(&arena);
    struct od_pg_conn_conf conn = {
        .server = d->conf.server,
        .setup = od_feed_session(&arena, "orderd deliver", d->conf.transaction_limit_ms,
                                 "listen " OD_TARGETS_CHANNEL),
        .connect_timeout_ms = d->conf.connect_timeout_ms,
        .answer_timeout_ms = d->conf.answer_timeout_ms,
        .ctx = d,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
        .on_notify = on_notify,
        .quiet = true, /* the feed's own connection tells */
    };
    struct od_pg_conn *c = od_pg_conn_new(d->loop, &conn);
    od_arena_fini(&arena);
    return c;
}

struct od_deliverer *od_deliverer_new(struct od_loop *loop, const struct od_deliverer_conf *conf)
{
    struct od_deliverer *d = calloc(1, sizeof *d);
    struct od_err err;
    if (!d)
        abort();
    d->loop = loop;
    d->conf = *conf;
    d->conf.conf = od_conf_ref(conf->conf);
    od_list_init(&d->ended);
    od_list_init(&d->marking);
    od_deferred_init(&d->flushing, loop, od_deliverer_flush, d);
    od_arena_init(&d->stored.arena);
    od_arena_init(&d->coming.arena);
    d->stored.version = -1;
    if (od_targets_read(conf->conf, NULL, 0, &d->targets, &err))
        abort(); /* the caller has checked them */
    open_targets(d);
    d->timer = od_timer_new(loop, on_timer, d);
    od_timer_start(d->timer, conf->interval_ms, conf->interval_ms);
    d->conn = connect_deliverer(d);
    return d;
}

void od_deliverer_use(struct od_deliverer *d, struct od_conf *conf)
{
    struct od_conf *old = d->conf.conf;
    d->conf.conf = od_conf_ref(conf);
    od_conf_unref(old);
    od_deliverer_combine(d);
}

void od_deliverer_swap(struct od_deliverer *d, struct od_targets *targets)
{
    if (od_str_eq(d->targets.text, targets->text) && !d->swapping) {
        d->targets.version = targets->version;
        od_targets_fini(targets);
        return;
    }
    od_targets_fini(&d->next);
    d->next = *targets;
    *targets = (struct od_targets){0};
    if (!d->swapping)
        d->swap_us = od_clock_monotonic_us();
    d->swapping = true;
    od_deliverer_proceed(d);
}

const struct od_targets *od_deliverer_targets(const struct od_deliverer *d)
{
    return d->swapping ? &d->next : &d->targets;
}

void od_deliverer_look(struct od_deliverer *d)
{
    d->looked_us = 0;
    od_deliverer_pump(d);
}

void od_deliverer_poke(struct od_deliverer *d)
{
    for (size_t i = 0; i < d->targets.count; i++)
        d->items[i].more = true;
    od_deliverer_pump(d);
}

void od_deliverer_stop(struct od_deliverer *d, void (*stopped)(void *ctx), void *ctx)
{
    d->stopping = true;
    d->stopped = stopped;
    d->stopped_ctx = ctx;
    if (d->targets.count && !d->items[0].closed)
        close_targets(d);
    od_deferred_arm(&d->flushing);
    od_deliverer_proceed(d);
}
