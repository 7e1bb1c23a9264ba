#include "feed/deliver/parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "pg/conn.h"
#include "store/feed/targets.h"

/* Which targets this process carries out, and what people have said of them. */

enum {
    END_OWNERS_US = 2000000, /* between tries to end owners that do not go on */
    SILENT_OWNER_MS = 10000, /* an owner that is well looks once a second */
};

struct od_outgoing *od_deliverer_find(const struct od_deliverer *d, struct od_str name)
{
    for (size_t i = 0; i < d->targets.count; i++) {
        if (od_str_eq(d->items[i].conf->name, name))
            return &d->items[i];
    }
    return NULL;
}

static void on_look(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliverer *d = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_target_row row;
        od_target_row_read(r, i, &row);
        if (row.version != d->stored.version)
            od_deliverer_refresh(d);
        struct od_outgoing *t = od_deliverer_find(d, row.name);
        if (!t)
            continue;
        if (row.owned && !t->owned) {
            t->streak = 0;
            t->more = true;
        }
        t->owned = row.owned;
        if (t->disabled && !row.disabled) { /* somebody has resumed it */
            t->streak = 0;
            t->rest_until_us = 0;
        }
        t->paused = row.paused;
        t->disabled = row.disabled;
        t->failing = row.failing_ms >= 0;
        t->failing_us = t->failing ? od_clock_monotonic_us() - row.failing_ms * 1000 : 0;
        t->overdue_ms = row.overdue_ms;
        t->more = t->more || row.overdue_ms > 0;
    }
}

static void on_looked(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    (void)failed;
    d->looking = false;
    od_deliverer_proceed(d);
}

static void on_owner_ended(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx;
    for (int i = 0; !err && i < r->rows; i++)
        od_warn("target_taken_over", "pid=%d reason=\"its process did not go on\"",
                (int)od_pg_get_i32(r, i, 0));
}

void od_deliverer_look_up(struct od_deliverer *d)
{
    int64_t now = od_clock_monotonic_us();
    bool all = true;
    d->looking = true;
    d->looked_us = now;
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < d->targets.count; i++)
        od_pg_array_text(p, d->items[i].conf->name);
    od_pg_array_end(p);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < d->targets.count; i++) {
        all = all && d->items[i].owned;
        if (d->items[i].owned)
            od_pg_array_text(p, d->items[i].conf->name);
    }
    od_pg_array_end(p);
    od_pg_send(d->conn, &od_look_at_targets, p, on_look, d);
    if (!all && now - d->ended_owners_us > END_OWNERS_US) {
        d->ended_owners_us = now;
        p = od_pg_params(d->conn);
        od_pg_i64(p, 2 * (int64_t)d->conf.transaction_limit_ms);
        od_pg_i64(p, SILENT_OWNER_MS);
        od_pg_send(d->conn, &od_end_target_owners, p, on_owner_ended, d);
    }
    od_pg_sync(d->conn, on_looked, d);
}

static void on_registered(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    if (!d->swapping)
        d->targets.registered = d->targets.registered || !failed;
}

void od_deliverer_register(struct od_deliverer *d)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < d->targets.count; i++) {
        if (!d->items[i].conf->stored)
            od_pg_array_text(p, d->items[i].conf->name);
    }
    od_pg_array_end(p);
    od_pg_send(d->conn, &od_register_targets, p, NULL, NULL);
    od_pg_send(d->conn, &od_adopt_deliveries, NULL, NULL, NULL);
    od_pg_sync(d->conn, on_registered, d);
    od_deliverer_look_up(d);
}
