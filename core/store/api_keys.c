#include "store/api_keys.h"

static const uint32_t oids[] = {OD_PG_TEXT, OD_PG_TEXT, OD_PG_BYTEA};

static const struct od_pg_stmt select_working = {
    .name = "keys_select",
    .sql = "select key_hash, name, role from api_key where revoked_at is null",
};

static const struct od_pg_stmt insert = {
    .sql = "with added as (insert into api_key (name, role, key_hash) values ($1, $2, $3)"
           " on conflict (name) do nothing returning 1)"
           " select pg_notify('" OD_KEYS_CHANNEL "', '') from added",
    .nparams = 3,
    .param_oids = oids,
};

static const struct od_pg_stmt revoke_named = {
    .sql = "with revoked as (update api_key set revoked_at = now()"
           " where name = $1 and revoked_at is null returning 1)"
           " select pg_notify('" OD_KEYS_CHANNEL "', '') from revoked",
    .nparams = 1,
    .param_oids = oids,
};

static const struct od_pg_stmt list = {
    .sql = "select name, role,"
           " to_char(created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
           " revoked_at is not null from api_key order by name",
};

void od_keys_select(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &select_working, NULL, on_result, ctx);
}

void od_key_insert(struct od_pg_conn *conn, struct od_str name, struct od_str role,
                   struct od_str hash, od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, name);
    od_pg_text(p, role);
    od_pg_bytea(p, hash);
    od_pg_send(conn, &insert, p, on_result, ctx);
}

void od_key_revoke(struct od_pg_conn *conn, struct od_str name, od_pg_on_result *on_result,
                   void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, name);
    od_pg_send(conn, &revoke_named, p, on_result, ctx);
}

void od_keys_list(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &list, NULL, on_result, ctx);
}
