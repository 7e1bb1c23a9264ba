#include "store/events.h"

#include "order/ledger/event.h"

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
const struct od_pg_stmt od_select_events = {
    .name = "select_events",
    .sql = "select " OD_EVENT_COLUMNS
           " from order_event e where e.order_id = any($1) order by e.order_id, e.seq",
    .nparams = 1,
    .param_oids = ids_oids,
};

static const uint32_t of_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY, OD_PG_INT4_ARRAY};
const struct od_pg_stmt od_select_events_of = {
    .name = "select_events_of",
    .sql = "select " OD_EVENT_COLUMNS " from unnest($1, $2, $3) as u (order_id, after, upto)"
           " join order_event e on e.order_id = u.order_id and e.seq > u.after and e.seq <= u.upto"
           " order by e.order_id, e.seq",
    .nparams = 3,
    .param_oids = of_oids,
};

static const uint32_t between_oids[] = {OD_PG_INT8, OD_PG_INT4, OD_PG_INT4, OD_PG_INT4};
const struct od_pg_stmt od_select_events_between = {
    .name = "select_events_between",
    .sql = "select " OD_EVENT_COLUMNS " from order_event e"
           " where e.order_id = $1 and e.seq > $2 and e.seq <= $3 order by e.seq limit $4",
    .nparams = 4,
    .param_oids = between_oids,
};

static struct od_str text_at(const struct od_pg_result *r, int row, int col, struct od_arena *a)
{
    if (od_pg_is_null(r, row, col))
        return OD_STR_NONE;
    return od_arena_str(a, od_pg_get_text(r, row, col));
}

int od_event_row_read(const struct od_pg_result *r, int row, struct od_event *e,
                      struct od_str *data, struct od_arena *a, struct od_err *err)
{
    *e = (struct od_event){
        .order_id = od_pg_get_i64(r, row, 0),
        .seq = od_pg_get_i32(r, row, 1),
        .at = od_pg_get_time(r, row, 3),
        .recorded_at = od_pg_get_time(r, row, 4),
        .actor = text_at(r, row, 5, a),
        .bundle_id = od_pg_get_i32(r, row, 6),
        .policy = text_at(r, row, 7, a),
        .reason = text_at(r, row, 8, a),
        .overruled = text_at(r, row, 9, a),
        .policy_reason = text_at(r, row, 17, a),
    };
    for (int k = 0; k < OD_STATUS_KINDS; k++) {
        e->status[k].from = text_at(r, row, 10 + 2 * k, a);
        e->status[k].to = text_at(r, row, 11 + 2 * k, a);
    }
    struct od_str type = od_pg_get_text(r, row, 2);
    if (!od_event_type_parse(type, &e->type))
        return od_err_set(err, OD_ERR_INVALID, "event %d has the unknown type \"%.*s\"", e->seq,
                          OD_STR_ARG(type));
    struct od_str text = text_at(r, row, 16, a);
    if (data)
        *data = text;
    if (od_event_decode(e, text, a, err))
        return od_err_wrap(err, "event %d (%.*s)", e->seq, OD_STR_ARG(type));
    return 0;
}
