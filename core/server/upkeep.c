#include "server/upkeep.h"

#include <stdlib.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "loop/timer.h"
#include "pg/conn.h"

enum { EVERY_MS = 30000 };

struct od_upkeep {
    struct od_pg_conn *query;
    struct od_timer *timer;
    int64_t ttl_ms, retry_max_ms;
};

static const uint32_t ttl_oids[] = {OD_PG_INT8};
static const struct od_pg_stmt expire_keys = {
    .name = "upkeep_expire_keys",
    .sql = "delete from idempotency_key where ctid = any(array(select ctid from idempotency_key"
           " where created_at < now() - $1 * interval '1 ms' limit 20000 for update skip locked))",
    .nparams = 1,
    .param_oids = ttl_oids,
};

/* Deliveries that wait longer than any is made to wait: the server's clock was ahead when that was
 * written. */
static const struct od_pg_stmt hasten_deliveries = {
    .name = "upkeep_hasten_deliveries",
    .sql = "update delivery set next_at = now() where state = 'pending'"
           " and next_at > now() + 2 * $1 * interval '1 ms'",
    .nparams = 1,
    .param_oids = ttl_oids,
};

static void on_timer(void *ctx)
{
    struct od_upkeep *u = ctx;
    od_arena_pool_trim();
    if (!od_pg_conn_up(u->query))
        return;
    struct od_pg_params *p = od_pg_params(u->query);
    od_pg_i64(p, u->ttl_ms);
    od_pg_send(u->query, &expire_keys, p, NULL, NULL);
    p = od_pg_params(u->query);
    od_pg_i64(p, u->retry_max_ms);
    od_pg_send(u->query, &hasten_deliveries, p, NULL, NULL);
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
