#include "store/rules/activation.h"

static const struct od_pg_stmt last = {
    .name = "activation_last",
    .sql = "select a.activation_id, a.bundle_id, b.hash, a.kind,"
           " (extract(epoch from clock_timestamp() - a.at) * 1000000)::int8"
           " from activation a join bundle b using (bundle_id)"
           " order by a.activation_id desc limit 1",
};

void od_activation_last(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &last, NULL, on_result, ctx);
}

void od_activation_row_read(const struct od_pg_result *r, struct od_activation_row *out)
{
    *out = (struct od_activation_row){
        .activation_id = od_pg_get_i32(r, 0, 0),
        .bundle_id = od_pg_get_i32(r, 0, 1),
        .hash = od_pg_get_text(r, 0, 2),
        .kind = od_pg_get_text(r, 0, 3),
        .age_us = od_pg_get_i64(r, 0, 4),
    };
}

static const struct od_pg_stmt rules_ini = {
    .name = "activation_rules_ini",
    .sql = "select source from bundle_source where plugin = '' and file = 'rules.ini' and bundle_id"
           " = (select bundle_id from activation order by activation_id desc limit 1)",
};

void od_activation_rules_ini(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &rules_ini, NULL, on_result, ctx);
}

static const uint32_t before_oids[] = {OD_PG_BOOL};
static const struct od_pg_stmt before = {
    .name = "activation_before",
    .sql = "with recursive h as (select *, row_number() over (order by activation_id) as n,"
           " lag(bundle_id) over (order by activation_id) as replaced from"
           " (select * from activation order by activation_id desc limit 500) l),"
           /* Lists what served, the last first. An activation is put on top; a rollback takes off
            * what was above the bundle that it went back to. */
           " s as (select 0::int8 as n, '{}'::int4[] as stack union all"
           " select h.n, case when h.kind like '%rollback' and h.bundle_id = any(s.stack[2:])"
           " then s.stack[1 + array_position(s.stack[2:], h.bundle_id):]"
           " else h.bundle_id || s.stack end from s join h on h.n = s.n + 1),"
           " top as (select stack, stack[1] as bundle_id from s order by n desc limit 1),"
           " now as (select kind from h order by n desc limit 1)"
           " select b.bundle_id, b.hash from now, top, unnest(top.stack) with ordinality"
           " as e(bundle_id, place) join bundle b using (bundle_id)"
           " where e.bundle_id <> top.bundle_id and e.bundle_id not in"
           " (select replaced from h where kind = 'auto_rollback' and replaced is not null)"
           " and not ($1 and now.kind = 'auto_rollback') order by e.place limit 1",
    .nparams = 1,
    .param_oids = before_oids,
};

void od_activation_before(struct od_pg_conn *conn, bool automatic, od_pg_on_result *on_result,
                          void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_bool(p, automatic);
    od_pg_send(conn, &before, p, on_result, ctx);
}

static const struct od_pg_stmt lock = {
    .name = "activation_lock",
    .sql = "select pg_advisory_xact_lock(122537101324901)",
};

static const uint32_t insert_oids[] = {OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT, OD_PG_INT4};
static const struct od_pg_stmt insert = {
    .name = "activation_insert",
    .sql = "with a as (insert into activation (bundle_id, actor, kind, reason)"
           " select bundle_id, $2, $3, $4 from bundle where hash = $1"
           " and $5 = (select coalesce(max(activation_id), 0) from activation)"
           " returning activation_id, bundle_id)"
           " select activation_id, bundle_id,"
           " pg_notify('" OD_ACTIVATION_CHANNEL "', activation_id::text) from a",
    .nparams = 5,
    .param_oids = insert_oids,
};

void od_activation_insert(struct od_pg_conn *conn, const struct od_new_activation *a,
                          od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &lock, NULL, NULL, NULL);
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, a->hash);
    od_pg_text(p, a->actor);
    od_pg_text(p, a->kind);
    od_pg_text(p, a->reason);
    od_pg_i32(p, a->after);
    od_pg_send(conn, &insert, p, on_result, ctx);
}

static const uint32_t codes_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt in_statuses = {
    .name = "orders_in_statuses",
    .sql =
        "select 0, status, count(*) from orders where status = any($1) group by status"
        " union all select 1, payment_status, count(*) from orders"
        " where payment_status = any($2) group by payment_status"
        " union all select 2, code, count(distinct order_id) from"
        " (select order_id, shipment_status as code from orders where shipment_status = any($3)"
        " union all select order_id, status from shipment where status = any($3)) s group by code"
        " order by 1, 2",
    .nparams = 3,
    .param_oids = codes_oids,
};

void od_orders_in_statuses(struct od_pg_conn *conn, const struct od_status_codes *codes,
                           od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    for (int k = 0; k < OD_STATUS_KINDS; k++) {
        od_pg_array_begin(p, OD_PG_TEXT);
        for (uint32_t i = 0; i < codes->count[k]; i++)
            od_pg_array_text(p, codes->codes[k][i]);
        od_pg_array_end(p);
    }
    od_pg_send(conn, &in_statuses, p, on_result, ctx);
}

/* In pages along the primary key: all pages together read the table once. */
static const uint32_t page_oids[] = {OD_PG_TEXT, OD_PG_INT8, OD_PG_INT4};
static const struct od_pg_stmt pages[OD_STATUS_KINDS] = {
    [OD_STATUS_ORDER] =
        {
            .name = "orders_in_order_status",
            .sql = "select order_id from orders where status = $1 and order_id > $2"
                   " order by order_id limit $3",
            .nparams = 3,
            .param_oids = page_oids,
        },
    [OD_STATUS_PAYMENT] =
        {
            .name = "orders_in_payment_status",
            .sql = "select order_id from orders where payment_status = $1 and order_id > $2"
                   " order by order_id limit $3",
            .nparams = 3,
            .param_oids = page_oids,
        },
    [OD_STATUS_SHIPMENT] =
        {
            .name = "orders_in_shipment_status",
            .sql = "select order_id from ((select order_id from orders where shipment_status = $1"
                   " and order_id > $2 order by order_id limit $3)"
                   " union (select order_id from shipment where status = $1 and order_id > $2"
                   " order by order_id limit $3)) o order by order_id limit $3",
            .nparams = 3,
            .param_oids = page_oids,
        },
};

void od_orders_in_status(struct od_pg_conn *conn, enum od_status_kind kind, struct od_str code,
                         int64_t after_order_id, int32_t limit, od_pg_on_result *on_result,
                         void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, code);
    od_pg_i64(p, after_order_id);
    od_pg_i32(p, limit);
    od_pg_send(conn, &pages[kind], p, on_result, ctx);
}

static const struct od_pg_stmt migrate_lock = {
    .name = "migrate_lock",
    .sql = "select pg_try_advisory_lock(122537101324902)",
};
static const struct od_pg_stmt migrate_unlock = {
    .name = "migrate_unlock",
    .sql = "select pg_advisory_unlock(122537101324902)",
};

void od_migrate_lock(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &migrate_lock, NULL, on_result, ctx);
}

void od_migrate_unlock(struct od_pg_conn *conn)
{
    od_pg_send(conn, &migrate_unlock, NULL, NULL, NULL);
}

static const uint32_t moved_oids[] = {OD_PG_INT4, OD_PG_INT8};
static const struct od_pg_stmt migrate_moved = {
    .name = "migrate_moved",
    .sql = "update activation set moved = moved + $2 where activation_id = $1",
    .nparams = 2,
    .param_oids = moved_oids,
};

void od_migrate_moved(struct od_pg_conn *conn, int32_t activation_id, int64_t orders)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i32(p, activation_id);
    od_pg_i64(p, orders);
    od_pg_send(conn, &migrate_moved, p, NULL, NULL);
}

/* pg_locks has the two halves of an advisory lock's key (PostgreSQL's manual, 54.12). */
static const struct od_pg_stmt migrate_progress = {
    .name = "migrate_progress",
    .sql = "select (select moved from activation where activation_id = $1),"
           " exists (select 1 from pg_locks where locktype = 'advisory' and granted and"
           " database = (select oid from pg_database where datname = current_database())"
           " and (classid::int8 << 32 | objid::int8) = 122537101324902)",
    .nparams = 1,
    .param_oids = moved_oids,
};

void od_migrate_progress(struct od_pg_conn *conn, int32_t activation_id, od_pg_on_result *on_result,
                         void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i32(p, activation_id);
    od_pg_send(conn, &migrate_progress, p, on_result, ctx);
}

static const uint32_t process_oids[] = {OD_PG_UUID, OD_PG_TEXT, OD_PG_INT4, OD_PG_TEXT,
                                        OD_PG_INT4, OD_PG_INT4, OD_PG_TEXT};
static const struct od_pg_stmt process_seen = {
    .name = "process_seen",
    .sql = "insert into server_process (server_process_id, host, pid, address, bundle_id,"
           " activation_id, error) values ($1, $2, $3, $4, $5, $6, $7)"
           " on conflict (server_process_id) do update set bundle_id = excluded.bundle_id,"
           " activation_id = excluded.activation_id, error = excluded.error, seen_at = now()",
    .nparams = 7,
    .param_oids = process_oids,
};
static const struct od_pg_stmt process_forget = {
    .name = "process_forget",
    .sql = "delete from server_process where seen_at < now() - interval '1 day'",
};
static const struct od_pg_stmt process_gone = {
    .name = "process_gone",
    .sql = "delete from server_process where server_process_id = $1",
    .nparams = 1,
    .param_oids = process_oids,
};

void od_process_seen(struct od_pg_conn *conn, const struct od_server_process *s)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, &s->id);
    od_pg_text(p, s->host);
    od_pg_i32(p, s->pid);
    od_pg_text(p, s->address);
    od_pg_i32(p, s->bundle_id);
    od_pg_i32(p, s->activation_id);
    od_pg_text(p, s->error);
    od_pg_send(conn, &process_seen, p, NULL, NULL);
    od_pg_send(conn, &process_forget, NULL, NULL, NULL);
}

void od_process_gone(struct od_pg_conn *conn, const struct od_uuid *id)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, id);
    od_pg_send(conn, &process_gone, p, NULL, NULL);
}
