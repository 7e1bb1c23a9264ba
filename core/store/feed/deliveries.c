#include "store/feed/deliveries.h"

static const uint32_t delivery_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY,
                                         OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY,
                                         OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_JSON_ARRAY,
                                         OD_PG_TEXT_ARRAY, OD_PG_INT4};
static const struct od_pg_stmt insert_deliveries = {
    .name = "feed_insert_deliveries",
    .sql = "insert into delivery (order_id, seq, topic, intent, hook, kind, target, name, payload,"
           " last_error, state, bundle_id)"
           " select u.*, case when u.error is null then 'pending' else 'failed' end, $11"
           " from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
           " as u (order_id, seq, topic, intent, hook, kind, target, name, payload, error)"
           " on conflict (order_id, seq, topic, intent) do nothing",
    .nparams = 11,
    .param_oids = delivery_oids,
};

#define PLANNED_ARRAY(oid, put)                                                                    \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        for (size_t i = 0; i < n; i++) {                                                           \
            const struct od_planned *d = &rows[i];                                                 \
            put;                                                                                   \
        }                                                                                          \
        od_pg_array_end(p);                                                                        \
    } while (0)

void od_deliveries_insert(struct od_pg_conn *conn, const struct od_planned *rows, size_t n,
                          int32_t bundle_id)
{
    struct od_pg_params *p = od_pg_params(conn);
    PLANNED_ARRAY(OD_PG_INT8, od_pg_array_i64(p, d->order_id));
    PLANNED_ARRAY(OD_PG_INT4, od_pg_array_i32(p, d->seq));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->topic));
    PLANNED_ARRAY(OD_PG_INT4, od_pg_array_i32(p, d->intent));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->hook));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->kind));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->target));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->name));
    PLANNED_ARRAY(OD_PG_JSON, od_pg_array_text(p, d->payload));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->error));
    od_pg_i32(p, bundle_id);
    od_pg_send(conn, &insert_deliveries, p, NULL, NULL);
}

static const uint32_t limit_oids[] = {OD_PG_INT4};
const struct od_pg_stmt od_select_due = {
    .name = "feed_select_due",
    .sql =
        "select delivery_id, order_id, seq, topic, hook, kind, target, name, payload from delivery"
        " where state = 'pending' and next_at <= now() order by next_at, delivery_id limit $1"
        " for update skip locked",
    .nparams = 1,
    .param_oids = limit_oids,
};

/* Its transaction holds no more than its deliveries, and waits for commands and standbys. */
const struct od_pg_stmt od_set_patience = {
    .name = "feed_set_patience", .sql = "set local idle_in_transaction_session_timeout = '5min'"};

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
const struct od_pg_stmt od_mark_delivered = {
    .name = "feed_mark_delivered",
    .sql = "update delivery set state = 'delivered', attempts = attempts + 1, delivered_at = now(),"
           " last_error = null where delivery_id = any($1)",
    .nparams = 1,
    .param_oids = ids_oids,
};

/* Waits retry_min * 2^attempts up to retry_max; gives up after max_attempts, or at once. */
static const uint32_t failed_oids[] = {OD_PG_INT8_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_BOOL_ARRAY,
                                       OD_PG_INT4,       OD_PG_INT8,       OD_PG_INT8};
const struct od_pg_stmt od_mark_failed = {
    .name = "feed_mark_failed",
    .sql = "update delivery d set attempts = d.attempts + 1, last_error = u.why,"
           " state = case when u.final or d.attempts + 1 >= $4 then 'failed' else 'pending' end,"
           " next_at = now() + least($5 * 2 ^ least(d.attempts, 30), $6) * interval '1 ms'"
           " from unnest($1, $2, $3) as u (delivery_id, why, final)"
           " where d.delivery_id = u.delivery_id",
    .nparams = 6,
    .param_oids = failed_oids,
};

const struct od_pg_stmt od_ask_standbys = {
    .name = "feed_ask_standbys",
    .sql = "select current_setting('synchronous_standby_names') <> ''",
};
