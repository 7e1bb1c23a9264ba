#include "store/feed/deliveries.h"

#include "base/json/json.h"
#include "store/rows/members.h"

/* A row that the target itself wants has minus the target's number for its intent, so that all
 * rows of an event are told apart by the key that there always was. */
#define INSERT                                                                                     \
    "insert into delivery (order_id, seq, topic, intent, hook, kind, target, name, payload,"       \
    " last_error, state, bundle_id, target_name, next_at)"                                         \
    " select u.order_id, u.seq, u.topic, case when u.intent >= 0 then u.intent"                    \
    " else -(select t.target_id from target t where t.name = u.target_name) end,"                  \
    " u.hook, u.kind, u.target, u.name, u.payload, u.error,"                                       \
    " case when u.error is null then 'queued' else 'failed' end, $11, u.target_name,"              \
    " case when u.ordered then greatest(now(), (select max(q.next_at) from delivery q"             \
    " where q.target_name = u.target_name and q.order_id = u.order_id and q.state = 'queued'))"    \
    " else now() end from "
#define IN_ORDER " order by u.place on conflict (order_id, seq, topic, intent) do nothing"
#define NAMES                                                                                      \
    "order_id, seq, topic, intent, hook, kind, target, name, payload, error, target_name, ordered"

static const uint32_t insert_oids[] = {
    OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY,
    OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_JSON_ARRAY, OD_PG_TEXT_ARRAY,
    OD_PG_INT4,       OD_PG_TEXT_ARRAY, OD_PG_BOOL_ARRAY, OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt insert_deliveries = {
    .name = "feed_insert_deliveries",
    .sql = INSERT "unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13) with ordinality as"
                  " u (" NAMES ", place)" IN_ORDER,
    .nparams = 13,
    .param_oids = insert_oids,
};
/* Those with keys take a fifth longer. */
static const struct od_pg_stmt insert_once = {
    .name = "feed_insert_once",
    .sql = "with u as materialized (select * from"
           " unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13, $14) with ordinality as"
           " u (" NAMES ", once, place)),"
           " first as materialized (select order_id, once, min(place) as place from u"
           " where once is not null group by order_id, once),"
           " news as (insert into delivery_once (order_id, key) select order_id, once from first"
           " order by order_id, once on conflict do nothing returning order_id, key) " INSERT
           "u where u.once is null or u.place in (select f.place from first f"
           " join news n on n.order_id = f.order_id and n.key = f.once)" IN_ORDER,
    .nparams = 14,
    .param_oids = insert_oids,
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
    bool once = false;
    for (size_t i = 0; i < n; i++)
        once = once || rows[i].once.ptr;
    PLANNED_ARRAY(OD_PG_INT8, od_pg_array_i64(p, d->order_id));
    PLANNED_ARRAY(OD_PG_INT4, od_pg_array_i32(p, d->seq));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->topic));
    PLANNED_ARRAY(OD_PG_INT4, od_pg_array_i32(p, d->intent));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->hook));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->kind));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->recipient));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->name));
    PLANNED_ARRAY(OD_PG_JSON, od_pg_array_text(p, d->payload));
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->error));
    od_pg_i32(p, bundle_id);
    PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->target));
    PLANNED_ARRAY(OD_PG_BOOL, od_pg_array_bool(p, d->ordered));
    if (once)
        PLANNED_ARRAY(OD_PG_TEXT, od_pg_array_text(p, d->once));
    od_pg_send(conn, once ? &insert_once : &insert_deliveries, p, NULL, NULL);
}

/* ---- the queue */

static const uint32_t due_oids[] = {OD_PG_TEXT, OD_PG_INT4, OD_PG_INT8_ARRAY, OD_PG_INT8_ARRAY,
                                    OD_PG_BOOL};
const struct od_pg_stmt od_select_due = {
    .name = "delivery_select_due",
    .sql = "select delivery_id, order_id, seq, attempts, created_at, topic, hook, kind, target,"
           " name, payload, (select o.uuid::text from orders o where o.order_id = d.order_id)"
           " from delivery d"
           " where target_name = $1 and state = 'queued' and next_at <= now()"
           " and delivery_id <> all($3) and order_id <> all($4)"
           " and (not $5 or not exists (select from delivery before where before.target_name = $1"
           " and before.state = 'queued' and before.order_id = d.order_id"
           " and before.delivery_id < d.delivery_id))"
           " order by next_at, delivery_id limit $2",
    .nparams = 5,
    .param_oids = due_oids,
};

void od_due_read(const struct od_pg_result *r, int row, struct od_due *out)
{
    *out = (struct od_due){
        .delivery_id = od_pg_get_i64(r, row, 0),
        .order_id = od_pg_get_i64(r, row, 1),
        .seq = od_pg_get_i32(r, row, 2),
        .attempts = od_pg_get_i32(r, row, 3),
        .created_at = od_pg_get_time(r, row, 4),
        .topic = od_pg_get_text(r, row, 5),
        .hook = od_pg_get_text(r, row, 6),
        .kind = od_pg_get_text(r, row, 7),
        .recipient = od_pg_get_text(r, row, 8),
        .name = od_pg_get_text(r, row, 9),
        .payload = od_pg_get_text(r, row, 10),
        .uuid = od_pg_get_text(r, row, 11),
    };
}

const struct od_pg_stmt od_ask_standbys = {
    .name = "feed_ask_standbys",
    .sql = "select current_setting('synchronous_standby_names') <> ''",
};

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
const struct od_pg_stmt od_mark_delivered = {
    .name = "feed_mark_delivered",
    .sql = "update delivery set state = 'delivered', attempts = attempts + 1, delivered_at = now(),"
           " last_error = null where delivery_id = any($1)",
    .nparams = 1,
    .param_oids = ids_oids,
};

/* What follows a delivery in the queue of an ordered target. */
#define FOLLOWERS                                                                                  \
    " from delivery f where f.delivery_id = any($1) and d.target_name = f.target_name"             \
    " and d.order_id = f.order_id and d.state = 'queued' and d.delivery_id > f.delivery_id"
const struct od_pg_stmt od_hold_followers = {
    .name = "feed_hold_followers",
    .sql = "update delivery d set next_at = f.next_at" FOLLOWERS " and d.next_at < f.next_at",
    .nparams = 1,
    .param_oids = ids_oids,
};
const struct od_pg_stmt od_release_followers = {
    .name = "feed_release_followers",
    .sql = "update delivery d set next_at = now()" FOLLOWERS " and d.next_at > now()",
    .nparams = 1,
    .param_oids = ids_oids,
};

static const uint32_t failed_oids[] = {OD_PG_INT8_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY};
const struct od_pg_stmt od_mark_failed = {
    .name = "feed_mark_failed",
    .sql = "update delivery d set attempts = d.attempts + 1, last_error = u.why,"
           " state = case when u.wait < 0 then 'failed' else 'queued' end,"
           " next_at = now() + greatest(u.wait, 0) * interval '1 ms'"
           " from unnest($1, $2, $3) as u (delivery_id, why, wait)"
           " where d.delivery_id = u.delivery_id",
    .nparams = 3,
    .param_oids = failed_oids,
};

static const uint32_t attempt_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY, OD_PG_INT8_ARRAY,
                                        OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY};
const struct od_pg_stmt od_insert_attempts = {
    .name = "delivery_insert_attempts",
    .sql = "insert into delivery_attempt (delivery_id, attempt, latency_ms, status, error, answer)"
           " select delivery_id, attempt, least(latency, 2147483647)::int4, nullif(status, 0),"
           " error, answer from unnest($1, $2, $3, $4, $5, $6)"
           " as u (delivery_id, attempt, latency, status, error, answer) on conflict do nothing",
    .nparams = 6,
    .param_oids = attempt_oids,
};

/* ---- for people */

/* Queued as if it were new; its earlier attempts stay on record. */
#define AGAIN "state = 'queued', attempts = 0, next_at = now(), delivered_at = null"

#define COLUMNS                                                                                    \
    "d.delivery_id, d.order_id, o.order_number, d.seq, d.topic, d.target_name, d.kind, d.hook,"    \
    " d.target, d.name, d.state, d.attempts, d.last_error, d.created_at, d.delivered_at,"          \
    " case when d.state = 'queued' then d.next_at end"
#define FROM " from delivery d left join orders o on o.order_id = d.order_id"

static const uint32_t list_oids[] = {OD_PG_INT8,        OD_PG_TEXT, OD_PG_TEXT, OD_PG_TIMESTAMPTZ,
                                     OD_PG_TIMESTAMPTZ, OD_PG_INT8, OD_PG_INT4};
const struct od_pg_stmt od_select_deliveries = {
    .name = "delivery_list",
    .sql = "select " COLUMNS FROM " where ($1 is null or d.order_id = $1)"
           " and ($2 is null or d.target_name = $2) and ($3 is null or d.state = $3)"
           " and ($4 is null or d.created_at >= $4) and ($5 is null or d.created_at < $5)"
           " and ($6 is null or d.delivery_id < $6) order by d.delivery_id desc limit $7",
    .nparams = 7,
    .param_oids = list_oids,
};

static const uint32_t id_oids[] = {OD_PG_INT8};
const struct od_pg_stmt od_select_delivery = {
    .name = "delivery_select",
    .sql = "select " COLUMNS ", d.payload" FROM " where d.delivery_id = $1",
    .nparams = 1,
    .param_oids = id_oids,
};

const struct od_pg_stmt od_select_attempts = {
    .name = "delivery_attempts",
    .sql = "select attempt, at, latency_ms, status, error, answer from delivery_attempt"
           " where delivery_id = $1 order by at desc, attempt desc limit 100",
    .nparams = 1,
    .param_oids = id_oids,
};

static const struct od_member delivery_members[OD_DELIVERY_COLUMNS] = {
    {"deliveryId", OD_MEMBER_I64},   {"orderId", OD_MEMBER_ID}, /* 0: a test */
    {"orderNumber", OD_MEMBER_TEXT}, {"seq", OD_MEMBER_I32},     {"topic", OD_MEMBER_TEXT},
    {"target", OD_MEMBER_TEXT},      {"kind", OD_MEMBER_TEXT},   {"hook", OD_MEMBER_TEXT},
    {"recipient", OD_MEMBER_TEXT},   {"name", OD_MEMBER_TEXT},   {"state", OD_MEMBER_TEXT},
    {"attempts", OD_MEMBER_I32},     {"error", OD_MEMBER_TEXT},  {"createdAt", OD_MEMBER_TIME},
    {"deliveredAt", OD_MEMBER_TIME}, {"nextAt", OD_MEMBER_TIME},
};
static const struct od_member attempt_members[] = {
    {"attempt", OD_MEMBER_I32}, {"at", OD_MEMBER_TIME},    {"latencyMs", OD_MEMBER_I32},
    {"status", OD_MEMBER_I32},  {"error", OD_MEMBER_TEXT}, {"answer", OD_MEMBER_TEXT},
};

void od_delivery_write(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    od_members_write(w, r, row, 0, delivery_members, OD_DELIVERY_COLUMNS);
}

static int64_t time_or_0(const struct od_pg_result *r, int row, int col)
{
    return od_pg_is_null(r, row, col) ? 0 : od_pg_get_time(r, row, col);
}

void od_delivery_row_read(const struct od_pg_result *r, int row, struct od_delivery_row *out)
{
    *out = (struct od_delivery_row){
        .delivery_id = od_pg_get_i64(r, row, 0),
        .order_id = od_pg_get_i64(r, row, 1),
        .order_number = od_pg_get_text(r, row, 2),
        .seq = od_pg_get_i32(r, row, 3),
        .topic = od_pg_get_text(r, row, 4),
        .target = od_pg_get_text(r, row, 5),
        .kind = od_pg_get_text(r, row, 6),
        .hook = od_pg_get_text(r, row, 7),
        .recipient = od_pg_get_text(r, row, 8),
        .name = od_pg_get_text(r, row, 9),
        .state = od_pg_get_text(r, row, 10),
        .attempts = od_pg_get_i32(r, row, 11),
        .error = od_pg_get_text(r, row, 12),
        .created_at = time_or_0(r, row, 13),
        .delivered_at = time_or_0(r, row, 14),
        .next_at = time_or_0(r, row, 15),
    };
}

const struct od_pg_stmt od_select_caused = {
    .name = "delivery_caused",
    .sql = "select c.order_id, c.seq, e.type from event_cause c join order_event e"
           " on e.order_id = c.order_id and e.seq = c.seq where c.cause = 'delivery:' || $1::text"
           " order by c.order_id, c.seq limit 100",
    .nparams = 1,
    .param_oids = id_oids,
};

void od_caused_write(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    static const struct od_member members[] = {
        {"orderId", OD_MEMBER_I64}, {"seq", OD_MEMBER_I32}, {"type", OD_MEMBER_TEXT}};
    od_jw_object(w);
    od_members_write(w, r, row, 0, members, sizeof members / sizeof *members);
    od_jw_object_end(w);
}

void od_attempt_write(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    od_jw_object(w);
    od_members_write(w, r, row, 0, attempt_members,
                     sizeof attempt_members / sizeof *attempt_members);
    od_jw_object_end(w);
}

const struct od_pg_stmt od_redeliver = {
    .name = "delivery_redeliver",
    .sql = "update delivery set " AGAIN " where delivery_id = $1 and kind <> 'hook'",
    .nparams = 1,
    .param_oids = id_oids,
};

static const uint32_t range_oids[] = {OD_PG_TEXT, OD_PG_TIMESTAMPTZ, OD_PG_TIMESTAMPTZ,
                                      OD_PG_BOOL, OD_PG_INT8,        OD_PG_INT4};
const struct od_pg_stmt od_redeliver_range = {
    .name = "delivery_redeliver_range",
    .sql = "with chosen as (select delivery_id from delivery where target_name = $1"
           " and state in ('failed', 'delivered') and (not $4 or state = 'failed')"
           " and kind <> 'hook' and ($2 is null or created_at >= $2)"
           " and ($3 is null or created_at < $3) and delivery_id > $5"
           " order by delivery_id limit $6),"
           " queued as (update delivery d set " AGAIN
           " from chosen where d.delivery_id = chosen.delivery_id"
           " returning d.delivery_id)"
           " select max(delivery_id), count(*) from queued",
    .nparams = 6,
    .param_oids = range_oids,
};

static const uint32_t test_oids[] = {OD_PG_TEXT, OD_PG_JSON};
const struct od_pg_stmt od_insert_test = {
    .name = "delivery_insert_test",
    .sql = "insert into delivery (order_id, seq, topic, intent, kind, target, name, payload,"
           " bundle_id, state, target_name) select 0, 0, 'target.test',"
           " (nextval(pg_get_serial_sequence('delivery', 'delivery_id')) % 2147483647)::int4,"
           " 'test', name, 'target.test', $2, 0, 'queued', name from target where name = $1"
           " returning delivery_id",
    .nparams = 2,
    .param_oids = test_oids,
};

/* ---- compared with what would be sent now */

static const uint32_t made_oids[] = {OD_PG_INT8_ARRAY, OD_PG_TEXT};
const struct od_pg_stmt od_select_made = {
    .name = "delivery_made",
    .sql = "select order_id, seq, topic, kind, target_name, hook, target, name, payload"
           " from delivery where order_id = any($1) and ($2 is null or target_name = $2)"
           " order by order_id, seq, delivery_id",
    .nparams = 2,
    .param_oids = made_oids,
};

void od_made_read(const struct od_pg_result *r, int row, struct od_made_delivery *out)
{
    *out = (struct od_made_delivery){
        .order_id = od_pg_get_i64(r, row, 0),
        .seq = od_pg_get_i32(r, row, 1),
        .topic = od_pg_get_text(r, row, 2),
        .kind = od_pg_get_text(r, row, 3),
        .target = od_pg_get_text(r, row, 4),
        .hook = od_pg_get_text(r, row, 5),
        .recipient = od_pg_get_text(r, row, 6),
        .name = od_pg_get_text(r, row, 7),
        .payload = od_pg_get_text(r, row, 8),
    };
}

static const uint32_t told_oids[] = {OD_PG_INT8_ARRAY};
const struct od_pg_stmt od_select_told = {
    .name = "delivery_told",
    .sql = "select order_id, key from delivery_once where order_id = any($1)",
    .nparams = 1,
    .param_oids = told_oids,
};

/* ---- upkeep */

#define EXPIRE(which)                                                                              \
    "with gone as (delete from delivery where delivery_id = any(array(select delivery_id"          \
    " from delivery where " which " limit $2 for update skip locked)) returning delivery_id),"     \
    " attempts as (delete from delivery_attempt a using gone"                                      \
    " where a.delivery_id = gone.delivery_id)"                                                     \
    " select count(*) from gone"

static const uint32_t expire_oids[] = {OD_PG_INT8, OD_PG_INT4};
const struct od_pg_stmt od_expire_delivered = {
    .name = "delivery_expire_delivered",
    .sql = EXPIRE("state = 'delivered' and delivered_at < now() - $1 * interval '1 ms'"),
    .nparams = 2,
    .param_oids = expire_oids,
};
const struct od_pg_stmt od_expire_failed = {
    .name = "delivery_expire_failed",
    .sql = EXPIRE("state = 'failed' and created_at < now() - $1 * interval '1 ms'"),
    .nparams = 2,
    .param_oids = expire_oids,
};

static const uint32_t hurry_oids[] = {OD_PG_TEXT, OD_PG_INT4};
const struct od_pg_stmt od_hurry_deliveries = {
    .name = "delivery_hurry",
    .sql = "update delivery set next_at = now() where delivery_id = any(array(select delivery_id"
           " from delivery where target_name = $1 and state = 'queued' and next_at > now()"
           " order by next_at, delivery_id limit $2 for update skip locked))",
    .nparams = 2,
    .param_oids = hurry_oids,
};

const struct od_pg_stmt od_adopt_deliveries = {
    .name = "delivery_adopt",
    .sql = "update delivery set state = 'queued',"
           " target_name = case when kind = 'command' then 'command' else target_name end"
           " where state = 'pending'",
};
