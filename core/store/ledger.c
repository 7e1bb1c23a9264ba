#include "store/ledger.h"

#include "order/show/render.h"

#define SINCE                                                                                      \
    " ($1::timestamptz is null or exists (select 1 from order_event e"                             \
    " where e.order_id = o.order_id and e.at >= $1))"
static const uint32_t ids_oids[] = {OD_PG_TIMESTAMPTZ, OD_PG_INT8};
static const struct od_pg_stmt count_orders = {
    .name = "ledger_count",
    .sql = "select count(*) from orders o where" SINCE,
    .nparams = 1,
    .param_oids = ids_oids,
};
static const struct od_pg_stmt select_ids = {
    .name = "ledger_ids",
    .sql = "select o.order_id from orders o where o.order_id > $2 and" SINCE
           " order by o.order_id limit 500",
    .nparams = 2,
    .param_oids = ids_oids,
};
_Static_assert(OD_LEDGER_PAGE == 500, "the limit of ledger_ids");

#define EVENT_COLUMNS                                                                              \
    OD_EVENT_COLUMNS                                                                               \
    ", b.hash, case"                                                                               \
    " when c.cause like 'delivery:%' then json_strip_nulls(json_build_object('delivery',"          \
    " substr(c.cause, 10)::int8, 'orderId', d.order_id, 'seq', d.seq, 'hook', d.hook))"            \
    " when c.cause like 'message:%' then json_build_object('message',"                             \
    " substr(c.cause, 10 + length(split_part(c.cause, ':', 2))),"                                  \
    " 'source', split_part(c.cause, ':', 2)) end"
/* Behind order_event e. */
#define EVENT_JOINS                                                                                \
    " left join bundle b using (bundle_id)"                                                        \
    " left join event_cause c on c.order_id = e.order_id and c.seq = e.seq"                        \
    " left join delivery d on d.delivery_id ="                                                     \
    " case when c.cause like 'delivery:%' then substr(c.cause, 10)::int8 end"

static const uint32_t events_oids[] = {OD_PG_INT8, OD_PG_INT4, OD_PG_INT4};
static const struct od_pg_stmt select_events = {
    .name = "ledger_events",
    .sql = "select " EVENT_COLUMNS " from order_event e" EVENT_JOINS
           " where e.order_id = $1 and e.seq > $2 order by e.seq limit $3",
    .nparams = 3,
    .param_oids = events_oids,
};

static const uint32_t latest_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT4};
static const struct od_pg_stmt select_latest = {
    .name = "ledger_latest_events",
    .sql = "select " EVENT_COLUMNS " from unnest($1) i (order_id)"
           " cross join lateral (select * from order_event l where l.order_id = i.order_id"
           " order by l.seq desc limit $2) e" EVENT_JOINS " order by e.order_id, e.seq",
    .nparams = 2,
    .param_oids = latest_oids,
};

static const struct od_pg_stmt select_activities = {
    .name = "ledger_activities",
    .sql = "select order_id, seq, at, actor, data->>'comment',"
           " coalesce((data->>'customer_notified')::bool, false) from order_event"
           " where order_id = $1 and seq > $2 and type = 'activity.added' order by seq limit $3",
    .nparams = 3,
    .param_oids = events_oids,
};

static const uint32_t version_oids[] = {OD_PG_INT8, OD_PG_TIMESTAMPTZ};
static const struct od_pg_stmt select_version_at = {
    .name = "ledger_version_at",
    .sql = "select seq from order_event where order_id = $1 and recorded_at <= $2"
           " order by seq desc limit 1",
    .nparams = 2,
    .param_oids = version_oids,
};

static struct od_pg_params *since_params(struct od_pg_conn *conn, int64_t since)
{
    struct od_pg_params *p = od_pg_params(conn);
    if (since)
        od_pg_time(p, since);
    else
        od_pg_null(p);
    return p;
}

void od_ledger_count(struct od_pg_conn *conn, int64_t since, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &count_orders, since_params(conn, since), on_result, ctx);
}

void od_ledger_ids(struct od_pg_conn *conn, int64_t since, int64_t after,
                   od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = since_params(conn, since);
    od_pg_i64(p, after);
    od_pg_send(conn, &select_ids, p, on_result, ctx);
}

static void send_page(struct od_pg_conn *conn, const struct od_pg_stmt *stmt, int64_t order_id,
                      int32_t after, int32_t limit, od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, order_id);
    od_pg_i32(p, after);
    od_pg_i32(p, limit);
    od_pg_send(conn, stmt, p, on_result, ctx);
}

void od_ledger_events(struct od_pg_conn *conn, int64_t order_id, int32_t after, int32_t limit,
                      od_pg_on_result *on_result, void *ctx)
{
    send_page(conn, &select_events, order_id, after, limit, on_result, ctx);
}

void od_ledger_latest_events(struct od_pg_conn *conn, const int64_t *order_ids, size_t count,
                             int32_t limit, od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < count; i++)
        od_pg_array_i64(p, order_ids[i]);
    od_pg_array_end(p);
    od_pg_i32(p, limit);
    od_pg_send(conn, &select_latest, p, on_result, ctx);
}

int od_ledger_event_write(struct od_json_writer *w, const struct od_pg_result *r, int row,
                          int digits, struct od_arena *a, struct od_err *err)
{
    struct od_event e;
    if (od_event_row_read(r, row, &e, NULL, a, err))
        return -1;
    od_jw_object(w);
    od_event_write_members(w, &e, od_pg_get_text(r, row, OD_EVENT_COLUMN_COUNT), digits);
    od_jw_key(w, "cause");
    if (od_pg_is_null(r, row, OD_EVENT_COLUMN_COUNT + 1))
        od_jw_null(w);
    else
        od_jw_raw(w, od_pg_get_text(r, row, OD_EVENT_COLUMN_COUNT + 1));
    od_jw_object_end(w);
    return 0;
}

void od_ledger_activities(struct od_pg_conn *conn, int64_t order_id, int32_t after, int32_t limit,
                          od_pg_on_result *on_result, void *ctx)
{
    send_page(conn, &select_activities, order_id, after, limit, on_result, ctx);
}

void od_ledger_version_at(struct od_pg_conn *conn, int64_t order_id, int64_t time,
                          od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, order_id);
    od_pg_time(p, time);
    od_pg_send(conn, &select_version_at, p, on_result, ctx);
}
