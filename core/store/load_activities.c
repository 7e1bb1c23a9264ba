#include "base/json.h"
#include "order/model/event.h"
#include "store/load_parts.h"

/* Comments on orders live in the ledger; they are shown with the order as one JSON array. */

enum { ACTIVITIES_MAX = 4 << 20 };

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
static const struct od_pg_stmt select_activities = {
    .name = "select_activities",
    .sql = "select order_id, seq, at, actor, data->>'comment',"
           " coalesce((data->>'customer_notified')::bool, false) from order_event"
           " where order_id = any($1) and type = 'activity.added' order by order_id, seq",
    .nparams = 1,
    .param_oids = ids_oids,
};

static void write_activity(struct od_json_writer *w, int32_t seq, int64_t at, struct od_str actor,
                           struct od_str comment, bool notified)
{
    od_jw_object(w);
    od_jw_key(w, "activityId");
    od_jw_i64(w, seq);
    od_jw_key(w, "comment");
    od_jw_str(w, comment);
    od_jw_key(w, "customerNotified");
    od_jw_bool(w, notified);
    od_jw_key(w, "createdAt");
    od_jw_time(w, at);
    od_jw_key(w, "username");
    od_jw_str(w, actor);
    od_jw_object_end(w);
}

static void on_activities(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    struct od_buf b;
    od_buf_init(&b, ACTIVITIES_MAX);
    for (int i = 0, end; !err && i < r->rows; i = end) {
        end = od_set_run_end(r, i);
        struct od_loaded *l = od_set_order(s, od_pg_get_i64(r, i, 0));
        struct od_json_writer w;
        od_buf_reset(&b);
        od_jw_init(&w, &b);
        od_jw_array(&w);
        for (int row = i; row < end; row++)
            write_activity(&w, od_pg_get_i32(r, row, 1), od_pg_get_time(r, row, 2),
                           od_pg_is_null(r, row, 3) ? OD_STR_NONE : od_pg_get_text(r, row, 3),
                           od_pg_get_text(r, row, 4), od_pg_get_bool(r, row, 5));
        od_jw_array_end(&w);
        if (l && !b.overflow)
            l->activities = od_arena_str(s->arena, od_buf_view(&b));
    }
    od_buf_fini(&b);
}

void od_loaded_add_activity(struct od_loaded *l, struct od_arena *a, const struct od_event *e)
{
    struct od_buf b;
    struct od_json_writer w;
    od_buf_init(&b, ACTIVITIES_MAX);
    od_buf_append(&b, l->activities.ptr, l->activities.len - 1); /* without its "]" */
    od_jw_init(&w, &b);
    w.comma = l->activities.len > 2;
    write_activity(&w, e->seq, e->at, e->actor, e->comment, e->customer_notified);
    od_buf_char(&b, ']');
    if (!b.overflow)
        l->activities = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
}

void od_set_send_activities(struct od_set *s, struct od_pg_conn *conn)
{
    od_set_send_ids(s, conn, &select_activities, on_activities);
}
