#include "store/server/upkeep.h"

static const uint32_t ttl_oids[] = {OD_PG_INT8};
const struct od_pg_stmt od_expire_keys = {
    .name = "upkeep_expire_keys",
    .sql = "delete from idempotency_key where ctid = any(array(select ctid from idempotency_key"
           " where created_at < now() - $1 * interval '1 ms' limit 20000 for update skip locked))",
    .nparams = 1,
    .param_oids = ttl_oids,
};

const struct od_pg_stmt od_hasten_deliveries = {
    .name = "upkeep_hasten_deliveries",
    .sql = "update delivery set next_at = now() where state = 'queued'"
           " and next_at > now() + $1 * interval '1 ms'",
    .nparams = 1,
    .param_oids = ttl_oids,
};
