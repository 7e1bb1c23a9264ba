#include "store/messages.h"

#define COLUMNS                                                                                    \
    "message_id, source, sender_id, state, attempts, reason, received_at,"                         \
    " case when state = 'parked' then next_at end, finished_at, substr(body, 1, 4096)"

static const uint32_t keep_oids[] = {OD_PG_TEXT, OD_PG_TEXT,        OD_PG_JSON, OD_PG_BYTEA,
                                     OD_PG_TEXT, OD_PG_TIMESTAMPTZ, OD_PG_TEXT, OD_PG_TEXT,
                                     OD_PG_INT4, OD_PG_INT8,        OD_PG_BYTEA};
/* A sender that goes on sending one that had failed has it tried anew, as it sends it now. */
static const struct od_pg_stmt keep = {
    .name = "message_keep",
    .sql = "insert into message as m (source, sender_id, headers, body, reason, received_at,"
           " next_at, state, finished_at, topic, \"partition\", \"offset\", key)"
           " values ($1, $2, $3, $4, $5, $6,"
           " now() + interval '1 second', $7, case when $7 = 'failed' then now() end,"
           " $8, $9, $10, $11)"
           " on conflict (source, sender_id) do update set"
           " (state, headers, body, received_at, next_at, attempts, finished_at, reason) ="
           " (select excluded.state, excluded.headers, excluded.body, excluded.received_at,"
           " excluded.next_at, 1, excluded.finished_at, excluded.reason where m.state = 'failed'"
           " union all select m.state, m.headers, m.body, m.received_at, m.next_at, m.attempts,"
           " m.finished_at, case m.state when 'parked' then excluded.reason else m.reason end"
           " where m.state <> 'failed') returning message_id, state",
    .nparams = 11,
    .param_oids = keep_oids,
};

static const uint32_t claim_oids[] = {OD_PG_INT4, OD_PG_INT8};
static const struct od_pg_stmt claim = {
    .name = "message_claim",
    .sql = "update message m set next_at = now() + $2 * interval '1 ms', attempts = attempts + 1"
           " from (select message_id from message where state = 'parked' and next_at <= now()"
           " order by next_at, message_id limit $1 for update skip locked) d"
           " where m.message_id = d.message_id"
           " returning m.message_id, m.source, m.headers, m.body, m.received_at, m.topic,"
           " m.\"partition\", m.\"offset\", m.key, m.sender_id",
    .nparams = 2,
    .param_oids = claim_oids,
};

static const uint32_t settle_oids[] = {OD_PG_INT8, OD_PG_TEXT, OD_PG_TEXT};
static const struct od_pg_stmt settle = {
    .name = "message_settle",
    .sql = "update message set state = $2, reason = coalesce($3, reason), finished_at = now()"
           " where message_id = $1 and state = 'parked'",
    .nparams = 3,
    .param_oids = settle_oids,
};

static const uint32_t wait_oids[] = {OD_PG_INT8, OD_PG_TEXT, OD_PG_INT8};
static const struct od_pg_stmt wait_on = {
    .name = "message_wait",
    .sql = "update message set reason = $2,"
           " next_at = now() + least(2 ^ least(attempts, 20), 300) * interval '1 second',"
           " state = case when o.over then 'failed' else state end,"
           " finished_at = case when o.over then now() end"
           " from (select received_at < now() - $3 * interval '1 ms' as over from message"
           " where message_id = $1) o where message_id = $1 and state = 'parked'",
    .nparams = 3,
    .param_oids = wait_oids,
};

static const uint32_t list_oids[] = {OD_PG_INT8, OD_PG_TEXT, OD_PG_TEXT, OD_PG_INT4};
static const struct od_pg_stmt list = {
    .name = "message_list",
    .sql = "select " COLUMNS " from message where ($1 = 0 or message_id < $1)"
           " and ($2 is null or source = $2) and ($3 is null or state = $3)"
           " order by message_id desc limit $4",
    .nparams = 4,
    .param_oids = list_oids,
};

static const uint32_t id_oids[] = {OD_PG_INT8};
static const struct od_pg_stmt retry = {
    .name = "message_retry",
    .sql = "update message set state = 'parked', next_at = now(), finished_at = null"
           " where message_id = $1 and state in ('parked', 'failed') returning " COLUMNS,
    .nparams = 1,
    .param_oids = id_oids,
};
static const struct od_pg_stmt discard = {
    .name = "message_discard",
    .sql = "update message set state = 'discarded', finished_at = now()"
           " where message_id = $1 and state in ('parked', 'failed') returning " COLUMNS,
    .nparams = 1,
    .param_oids = id_oids,
};
static const struct od_pg_stmt expire = {
    .name = "message_expire",
    .sql = "delete from message where message_id in (select message_id from message"
           " where finished_at < now() - $1 * interval '1 ms' limit 1000 for update skip locked)",
    .nparams = 1,
    .param_oids = id_oids,
};
static const struct od_pg_stmt count = {
    .name = "message_count",
    .sql = "select count(*) filter (where state = 'parked'), count(*) filter (where state ="
           " 'failed') from message where state in ('parked', 'failed')",
};

void od_message_keep_send(struct od_pg_conn *conn, const struct od_message_kept *m,
                          od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, m->source);
    od_pg_text(p, m->sender_id);
    od_pg_text(p, m->headers);
    od_pg_bytea(p, m->body.ptr ? m->body : OD_STR(""));
    od_pg_text(p, m->reason);
    od_pg_time(p, m->received_at);
    od_pg_text(p, m->state);
    od_pg_text(p, m->topic);
    if (m->topic.ptr) {
        od_pg_i32(p, m->partition);
        od_pg_i64(p, m->offset);
    } else {
        od_pg_null(p);
        od_pg_null(p);
    }
    od_pg_bytea(p, m->key);
    od_pg_send(conn, &keep, p, on_result, ctx);
}

void od_message_claim_send(struct od_pg_conn *conn, int32_t limit, int64_t lease_ms,
                           od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i32(p, limit);
    od_pg_i64(p, lease_ms);
    od_pg_send(conn, &claim, p, on_result, ctx);
}

void od_message_settle_send(struct od_pg_conn *conn, int64_t message_id, struct od_str state,
                            struct od_str reason)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, message_id);
    od_pg_text(p, state);
    od_pg_text(p, reason);
    od_pg_send(conn, &settle, p, NULL, NULL);
}

void od_message_wait_send(struct od_pg_conn *conn, int64_t message_id, struct od_str reason,
                          int64_t keep_ms)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, message_id);
    od_pg_text(p, reason);
    od_pg_i64(p, keep_ms);
    od_pg_send(conn, &wait_on, p, NULL, NULL);
}

void od_message_list_send(struct od_pg_conn *conn, int64_t before, struct od_str source,
                          struct od_str state, int32_t limit, od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, before);
    od_pg_text(p, source);
    od_pg_text(p, state);
    od_pg_i32(p, limit);
    od_pg_send(conn, &list, p, on_result, ctx);
}

static void send_id(struct od_pg_conn *conn, const struct od_pg_stmt *stmt, int64_t message_id,
                    od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, message_id);
    od_pg_send(conn, stmt, p, on_result, ctx);
}

void od_message_retry_send(struct od_pg_conn *conn, int64_t message_id, od_pg_on_result *on_result,
                           void *ctx)
{
    send_id(conn, &retry, message_id, on_result, ctx);
}

void od_message_discard_send(struct od_pg_conn *conn, int64_t message_id,
                             od_pg_on_result *on_result, void *ctx)
{
    send_id(conn, &discard, message_id, on_result, ctx);
}

void od_message_expire_send(struct od_pg_conn *conn, int64_t keep_ms)
{
    send_id(conn, &expire, keep_ms, NULL, NULL);
}

void od_message_count_send(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &count, NULL, on_result, ctx);
}
