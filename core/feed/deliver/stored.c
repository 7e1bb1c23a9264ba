#include "feed/deliver/parts.h"

#include "base/log.h"
#include "feed/targets/settings.h"
#include "pg/conn.h"
#include "store/feed/targets.h"

/*
 * The targets that the API made. They are read when the connection comes up, when a process tells
 * that it changed one, and when their version turns out to be another, because a notification may
 * be lost.
 */

static void on_settings(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliverer *d = ctx;
    struct od_stored *s = &d->coming;
    if (err || r->rows == 0)
        return;
    od_arena_reset(&s->arena);
    s->version = od_pg_get_i64(r, 0, 0);
    s->count = od_stored_targets_read(r, &s->items, &s->arena);
}

static void on_refreshed(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    bool again = d->refresh_again;
    d->refreshing = d->refresh_again = false;
    if (!failed && !d->stopping) {
        struct od_stored old = d->stored;
        d->stored = d->coming;
        d->coming = old;
        od_deliverer_combine(d);
    }
    if (again)
        od_deliverer_refresh(d);
    else
        od_deliverer_proceed(d);
}

void od_deliverer_refresh(struct od_deliverer *d)
{
    d->refresh_again = d->refreshing;
    if (d->refreshing || !d->up || d->stopping)
        return;
    d->refreshing = true;
    od_pg_send(d->conn, &od_select_settings, NULL, on_settings, d);
    od_pg_sync(d->conn, on_refreshed, d);
}

static void tell_troubles(const struct od_targets *t)
{
    for (size_t i = 0; i < t->trouble_count; i++)
        od_error("target_unusable", "target=%.*s reason=\"%.*s\"", OD_STR_ARG(t->troubles[i].name),
                 OD_STR_ARG(t->troubles[i].reason));
}

void od_deliverer_combine(struct od_deliverer *d)
{
    struct od_targets targets;
    struct od_err err;
    if (od_targets_read(d->conf.conf, d->stored.items, d->stored.count, &targets, &err)) {
        od_error("targets_unchanged", "reason=\"%s\"", err.message); /* a reload has checked them */
        return;
    }
    targets.version = d->stored.version;
    if (!od_str_eq(targets.text, d->targets.text))
        tell_troubles(&targets);
    od_deliverer_swap(d, &targets);
}

int od_deliverer_try(const struct od_deliverer *d, const struct od_stored_target *t,
                     struct od_json_writer *show, struct od_err *err)
{
    return od_target_try(d->conf.conf, t, show, err);
}

bool od_deliverer_configured(const struct od_deliverer *d, struct od_str name)
{
    const struct od_outgoing *t = od_deliverer_find(d, name);
    return t && !t->conf->stored;
}

int64_t od_deliverer_targets_max(const struct od_deliverer *d)
{
    return d->conf.conf->feed.max_targets;
}
