#include "engine/past.h"

#include <stdlib.h>

#include "order/ledger/event.h"
#include "order/ledger/fold.h"
#include "order/model/event.h"
#include "order/model/model.h"
#include "store/events.h"
#include "store/load/load.h"

enum { PAGE = 200 }; /* events; about a millisecond of folding */

struct od_past_order *od_past_new(int64_t order_id, int32_t version)
{
    struct od_past_order *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->order_id = order_id;
    p->version = version;
    p->activities = OD_STR("[]");
    od_arena_init(&p->arenas[0]);
    od_arena_init(&p->arenas[1]);
    return p;
}

void od_past_free(struct od_past_order *p)
{
    if (!p)
        return;
    od_arena_fini(&p->arenas[0]);
    od_arena_fini(&p->arenas[1]);
    free(p);
}

bool od_past_done(const struct od_past_order *p)
{
    return p->err.code != OD_ERR_NONE || (p->order && p->order->version == p->version);
}

/* What fold keeps of an event points into the arena, where each has its own. */
static int fold_row(struct od_past_order *p, const struct od_pg_result *res, int row)
{
    struct od_arena *a = &p->arenas[p->current];
    struct od_event *e = OD_NEW(a, struct od_event);
    if (od_event_row_read(res, row, e, NULL, a, &p->err))
        return -1;
    return od_fold(p->order, e, a, &p->err);
}

/* Leaves what the page's events needed behind. */
static void move_on(struct od_past_order *p)
{
    int next = !p->current;
    p->order = od_order_keep(&p->arenas[next], p->order);
    od_arena_reset(&p->arenas[p->current]);
    p->current = next;
}

static void on_events(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_past_order *p = ctx;
    if (err)
        return;
    if (!p->order)
        p->order = OD_NEW(&p->arenas[p->current], struct od_order);
    int failed = 0;
    for (int i = 0; !failed && i < res->rows; i++)
        failed = fold_row(p, res, i);
    if (!failed && res->rows == 0)
        (void)od_err_set(&p->err, OD_ERR_DB, "the ledger of order %lld ends at version %d, not %d",
                         (long long)p->order_id, p->order->version, p->version);
    if (!od_past_done(p))
        move_on(p);
}

static void on_activities(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_past_order *p = ctx;
    if (!err)
        p->activities = od_activities_json(res, 0, res->rows, &p->arenas[p->current]);
}

void od_past_send(struct od_past_order *p, struct od_pg_conn *conn)
{
    int32_t version = p->order ? p->order->version : 0;
    struct od_pg_params *params = od_pg_params(conn);
    od_pg_i64(params, p->order_id);
    od_pg_i32(params, version);
    od_pg_i32(params, p->version);
    od_pg_i32(params, PAGE);
    od_pg_send(conn, &od_select_events_between, params, on_events, p);
    if (p->version - version > PAGE)
        return;
    params = od_pg_params(conn);
    od_pg_i64(params, p->order_id);
    od_pg_i32(params, p->version);
    od_pg_send(conn, &od_select_activities_at, params, on_activities, p);
}
