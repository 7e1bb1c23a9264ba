#include "api/graphql/ask.h"
#include "order/show/render.h"
#include "store/ledger.h"

/* The events of some orders, in one statement. */

/* An event nests deeper than the body of the command that it came from. */
enum { TREE_MAX = 4 << 20, TREE_DEPTH = 4 * OD_API_BODY_DEPTH };

struct events {
    struct od_ask *ask;
    struct od_gql_order *rows; /* [count] */
    uint32_t count;
    void (*done)(void *ctx, bool failed);
    void *ctx;
};

int32_t od_ask_events_wanted(const struct od_gql_plan *order)
{
    int64_t most = 0, last;

    for (const struct od_gql_plan_field *f = order ? order->fields : NULL; f; f = f->next) {
        if (!od_str_is(f->field->name, "events") || !f->arguments)
            continue;
        last = od_gql_events_last(f->arguments);
        most = last > most ? last : most;
    }
    return (int32_t)most;
}

static struct od_gql_order *row_of(struct events *e, int64_t order_id)
{
    for (uint32_t i = 0; i < e->count; i++) {
        if (e->rows[i].order->order_id == order_id)
            return &e->rows[i];
    }
    return NULL;
}

/* Reads the events of one order from rows that are sorted by order. Returns the row behind them. */
static int read_order(struct events *e, const struct od_pg_result *r, int from)
{
    int64_t order_id = od_pg_get_i64(r, from, 0);
    struct od_gql_order *o = row_of(e, order_id);
    struct od_arena *a = e->ask->arena;
    struct od_json_writer w;
    struct od_json *tree;
    struct od_err err;
    struct od_buf b;
    int row = from;
    bool unreadable = false;

    od_buf_init(&b, TREE_MAX);
    od_jw_init(&w, &b);
    od_jw_array(&w);
    for (; row < r->rows && od_pg_get_i64(r, row, 0) == order_id; row++) {
        if (o && od_ledger_event_write(&w, r, row, od_order_digits(o->order), a, &err))
            unreadable = true;
    }
    od_jw_array_end(&w);
    if (o && !b.overflow && !unreadable &&
        od_json_parse(a, od_arena_str(a, od_buf_view(&b)), TREE_DEPTH, &tree, &err) == 0)
        o->events = tree;
    else if (o)
        o->events_failed = OD_STR("The events of this order are too large, or cannot be read.");
    od_buf_fini(&b);
    return row;
}

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    for (int row = 0; !err && row < r->rows;)
        row = read_order(ctx, r, row);
}

static void on_synced(void *ctx, bool failed)
{
    struct events *e = ctx;

    e->done(e->ctx, failed);
}

void od_ask_events(struct od_ask *ask, struct od_gql_order *rows, uint32_t count, int32_t last,
                   void (*done)(void *ctx, bool failed), void *ctx)
{
    struct od_arena *a = ask->arena;
    struct od_pg_conn *conn = ask->api->query;
    struct events *e = OD_NEW(a, struct events);
    int64_t *ids = OD_NEW_ARRAY(a, int64_t, count);

    *e = (struct events){ask, rows, count, done, ctx};
    for (uint32_t i = 0; i < count; i++)
        ids[i] = rows[i].order->order_id;
    uint64_t before = od_pg_statements(conn);
    od_ledger_latest_events(conn, ids, count, last, on_rows, e);
    ask->statements += od_pg_statements(conn) - before;
    od_pg_sync(conn, on_synced, e);
}
