#include "server/upkeep.h"

#include <stdlib.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "store/access/sessions.h"
#include "store/feed/deliveries.h"
#include "store/server/upkeep.h"

enum { EVERY_MS = 30000, EXPIRE_ROWS = 2000 };

/* The longest wait of a schedule of a target, with its jitter (feed/targets/). */
#define TARGET_WAIT_MAX_MS (INT64_C(29) * 3600 * 1000)

struct od_upkeep {
    struct od_pg_conn *query;
    struct od_timer *timer;
    int64_t ttl_ms, wait_max_ms;
    int64_t keep_delivered_ms, keep_failed_ms;
    bool expiring; /* deliveries, until a batch finds few */
};

static void expire(struct od_upkeep *u);

static void on_expired(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_upkeep *u = ctx;
    u->expiring = u->expiring || (!err && od_pg_get_i64(r, 0, 0) == EXPIRE_ROWS);
}

static void on_expired_all(void *ctx, bool failed)
{
    struct od_upkeep *u = ctx;
    bool more = u->expiring && !failed && od_pg_conn_up(u->query);
    u->expiring = false;
    if (more)
        expire(u);
}

/* So many deliveries at a time that nobody waits for it; the next batch follows at once. */
static void expire(struct od_upkeep *u)
{
    const struct {
        const struct od_pg_stmt *stmt;
        int64_t keep_ms;
    } kinds[] = {{&od_expire_delivered, u->keep_delivered_ms},
                 {&od_expire_failed, u->keep_failed_ms}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct od_pg_params *p = od_pg_params(u->query);
        od_pg_i64(p, kinds[i].keep_ms);
        od_pg_i32(p, EXPIRE_ROWS);
        od_pg_send(u->query, kinds[i].stmt, p, on_expired, u);
    }
    od_pg_sync(u->query, on_expired_all, u);
}

static void on_timer(void *ctx)
{
    struct od_upkeep *u = ctx;
    od_arena_pool_trim();
    if (!od_pg_conn_up(u->query))
        return;
    struct od_pg_params *p = od_pg_params(u->query);
    od_pg_i64(p, u->ttl_ms);
    od_pg_send(u->query, &od_expire_keys, p, NULL, NULL);
    p = od_pg_params(u->query);
    od_pg_i64(p, u->wait_max_ms);
    od_pg_send(u->query, &od_hasten_deliveries, p, NULL, NULL);
    od_pg_send(u->query, &od_expire_sessions, NULL, NULL, NULL);
    od_pg_send(u->query, &od_expire_links, NULL, NULL, NULL);
    od_pg_sync(u->query, NULL, NULL);
    if (!u->expiring)
        expire(u);
}

struct od_upkeep *od_upkeep_new(struct od_loop *loop, struct od_pg_conn *query)
{
    struct od_upkeep *u = calloc(1, sizeof *u);
    if (!u)
        abort();
    u->query = query;
    u->timer = od_timer_new(loop, on_timer, u);
    od_timer_start(u->timer, EVERY_MS, EVERY_MS);
    return u;
}

void od_upkeep_use_conf(struct od_upkeep *u, const struct od_conf *conf)
{
    u->ttl_ms = conf->engine.idempotency_ttl_ms;
    u->wait_max_ms = 2 * conf->feed.retry_max_ms;
    if (u->wait_max_ms < TARGET_WAIT_MAX_MS)
        u->wait_max_ms = TARGET_WAIT_MAX_MS;
    u->keep_delivered_ms = conf->feed.keep_delivered_ms;
    u->keep_failed_ms = conf->feed.keep_failed_ms;
}

void od_upkeep_free(struct od_upkeep *u)
{
    if (!u)
        return;
    od_timer_free(u->timer);
    free(u);
}
