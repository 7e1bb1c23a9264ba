#include "server/upkeep.h"

#include <stdlib.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "store/server/upkeep.h"

enum { EVERY_MS = 30000 };

struct od_upkeep {
    struct od_pg_conn *query;
    struct od_timer *timer;
    int64_t ttl_ms, retry_max_ms;
};

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
    od_pg_i64(p, u->retry_max_ms);
    od_pg_send(u->query, &od_hasten_deliveries, p, NULL, NULL);
    od_pg_sync(u->query, NULL, NULL);
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
    u->retry_max_ms = conf->feed.retry_max_ms;
}

void od_upkeep_free(struct od_upkeep *u)
{
    if (!u)
        return;
    od_timer_free(u->timer);
    free(u);
}
