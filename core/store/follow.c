#include "store/follow.h"

#include <stdio.h>

#include "store/server/position.h"

bool od_place_parse(struct od_str text, struct od_place *out)
{
    struct od_str position, order, rest = text;
    int64_t seq = 0;
    *out = (struct od_place){0};
    bool parts = od_str_cut(&rest, '-', &position) && rest.ptr;
    if (!od_str_to_i64(position, 0, INT64_MAX, &out->position))
        return false;
    if (!parts || rest.len == 0)
        return position.len == text.len;
    (void)od_str_cut(&rest, '-', &order);
    if (!od_str_to_i64(order, 0, INT64_MAX, &out->order_id) ||
        !od_str_to_i64(rest, 0, INT32_MAX, &seq))
        return false;
    out->seq = (int32_t)seq;
    return true;
}

void od_place_format(const struct od_place *p, char out[OD_PLACE_TEXT])
{
    snprintf(out, OD_PLACE_TEXT, "%lld-%lld-%d", (long long)p->position, (long long)p->order_id,
             p->seq);
}

int od_place_compare(const struct od_place *x, const struct od_place *y)
{
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    if (x->order_id != y->order_id)
        return x->order_id < y->order_id ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

#define BEHIND                                                                                     \
    " where (e.txid, e.order_id, e.seq) > ($1::int8::text::xid8, $2, $3)"                          \
    " and e.txid < " OD_POSITION_END
#define IN_ORDER " order by e.txid, e.order_id, e.seq limit $4"

static const uint32_t after_oids[] = {OD_PG_INT8, OD_PG_INT8, OD_PG_INT4, OD_PG_INT4};
/* The page is taken before anything is joined to it, so that the index alone decides its rows. */
static const struct od_pg_stmt select_events = {
    .name = "follow_events",
    .sql = "select " OD_EVENT_COLUMNS ", b.hash, e.txid::text::int8, o.uuid, o.order_number,"
           " o.currency, o.store from (select * from order_event e" BEHIND IN_ORDER ") e"
           " join orders o using (order_id) left join bundle b using (bundle_id)"
           " order by e.txid, e.order_id, e.seq",
    .nparams = 4,
    .param_oids = after_oids,
};
static const struct od_pg_stmt select_changes = {
    .name = "follow_changes",
    .sql = "with page as materialized (select e.txid, e.order_id, e.seq from order_event e" BEHIND
        IN_ORDER ") select e.order_id, e.seq, e.txid::text::int8, o.uuid, o.order_number,"
           " (select count(*) from page) from (select distinct on (order_id) * from page"
           " order by order_id, txid desc, seq desc) e"
           " join orders o using (order_id) order by e.txid, e.order_id, e.seq",
    .nparams = 4,
    .param_oids = after_oids,
};
static const struct od_pg_stmt select_end = {
    .name = "follow_end",
    .sql = "select coalesce(l.txid::text::int8, 0), coalesce(l.order_id, 0), coalesce(l.seq, 0),"
           " e.at from (select " OD_POSITION_END "::text::int8 as at) e left join lateral"
           " (select txid, order_id, seq from order_event where txid < e.at::text::xid8"
           " order by txid desc, order_id desc, seq desc limit 1) l on true",
};

static const struct od_pg_stmt ask_standbys = {
    .name = "follow_standbys",
    .sql = "select current_setting('synchronous_standby_names') <> ''",
};

static void send_after(struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                       const struct od_place *after, int32_t limit, od_pg_on_result *on_result,
                       void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i64(p, after->position);
    od_pg_i64(p, after->order_id);
    od_pg_i32(p, after->seq);
    od_pg_i32(p, limit);
    od_pg_send(conn, stmt, p, on_result, ctx);
}

void od_follow_events(struct od_pg_conn *conn, const struct od_place *after, int32_t limit,
                      od_pg_on_result *on_result, void *ctx)
{
    send_after(conn, &select_events, after, limit, on_result, ctx);
}

void od_follow_changes(struct od_pg_conn *conn, const struct od_place *after, int32_t limit,
                       od_pg_on_result *on_result, void *ctx)
{
    send_after(conn, &select_changes, after, limit, on_result, ctx);
}

void od_follow_end(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &select_end, NULL, on_result, ctx);
}

void od_follow_standbys(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx)
{
    od_pg_send(conn, &ask_standbys, NULL, on_result, ctx);
}

struct od_place od_follow_place(const struct od_pg_result *r, int row)
{
    return (struct od_place){
        .position = od_pg_get_i64(r, row, OD_FOLLOW_POSITION),
        .order_id = od_pg_get_i64(r, row, 0),
        .seq = od_pg_get_i32(r, row, 1),
    };
}
