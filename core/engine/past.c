#include "engine/past.h"

#include "order/ledger/event.h"
#include "order/model/event.h"
#include "store/events.h"

struct od_past_order *od_past_find(const struct od_past_orders *h, int64_t order_id,
                                   int32_t version)
{
    for (struct od_past_order *it = h->first; it; it = it->next) {
        if (it->order_id == order_id && it->version == version)
            return it;
    }
    return NULL;
}

void od_past_want(struct od_past_orders *h, int64_t order_id, int32_t version)
{
    if (od_past_find(h, order_id, version))
        return;
    struct od_past_order *it = OD_NEW(h->arena, struct od_past_order);
    *it = (struct od_past_order){order_id, version, .next = h->first};
    it->loaded.activities = OD_STR("[]");
    h->first = it;
}

/* Each event has a place of its own in the arena, because fold keeps pointers into it. */
static void fold_row(struct od_past_orders *h, const struct od_pg_result *res, int row)
{
    struct od_event *e = OD_NEW(h->arena, struct od_event);
    struct od_err bad;
    int64_t order_id = od_pg_get_i64(res, row, 0);
    int failed = od_event_row_read(res, row, e, NULL, h->arena, &bad);
    for (struct od_past_order *it = h->first; it; it = it->next) {
        if (it->order_id != order_id || e->seq > it->version || it->err.code)
            continue;
        if (!it->loaded.order)
            it->loaded.order = OD_NEW(h->arena, struct od_order);
        if (failed || od_fold(it->loaded.order, e, h->arena, &bad))
            it->err = bad;
        else if (e->type == OD_EVENT_ACTIVITY_ADDED)
            od_loaded_add_activity(&it->loaded, h->arena, e);
    }
}

static void on_events(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    for (int i = 0; !err && i < res->rows; i++)
        fold_row(ctx, res, i);
}

void od_past_send(struct od_past_orders *h, struct od_pg_conn *conn)
{
    if (!h->first)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_array_begin(p, OD_PG_INT8);
    for (struct od_past_order *it = h->first; it; it = it->next)
        od_pg_array_i64(p, it->order_id);
    od_pg_array_end(p);
    od_pg_send(conn, &od_select_events, p, on_events, h);
}
