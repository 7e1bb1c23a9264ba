#include "base/assert.h"
#include "base/json/json.h"
#include "order/model/limits.h"
#include "order/model/event.h"
#include "store/load/parts.h"

/* Comments on orders live in the ledger; the latest are shown with the order as one JSON array. */

/* A byte of a comment takes six as JSON at most; the rest of an activity is short. */
enum { ACTIVITIES_MAX = (OD_ACTIVITIES_SHOWN + 1) * (6 * OD_COMMENT_MAX + 1024) };

#define ACTIVITY_COLUMNS                                                                           \
    "e.order_id, e.seq, e.at, e.actor, e.data->>'comment',"                                        \
    " coalesce((e.data->>'customer_notified')::bool, false)"

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
static const struct od_pg_stmt select_activities = {
    .name = "select_activities",
    .sql = "select " ACTIVITY_COLUMNS
           " from unnest($1) i (order_id) cross join lateral (select * from order_event l"
           " where l.order_id = i.order_id and l.type = 'activity.added'"
           " order by l.seq desc limit 50) e order by e.order_id, e.seq",
    .nparams = 1,
    .param_oids = ids_oids,
};

static const uint32_t at_oids[] = {OD_PG_INT8, OD_PG_INT4};
const struct od_pg_stmt od_select_activities_at = {
    .name = "select_activities_at",
    .sql = "select " ACTIVITY_COLUMNS " from (select * from order_event"
           " where order_id = $1 and seq <= $2 and type = 'activity.added'"
           " order by seq desc limit 50) e order by e.seq",
    .nparams = 2,
    .param_oids = at_oids,
};

_Static_assert(OD_ACTIVITIES_SHOWN == 50, "the limit of both statements");

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

void od_activity_row_write(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    write_activity(w, od_pg_get_i32(r, row, 1), od_pg_get_time(r, row, 2),
                   od_pg_is_null(r, row, 3) ? OD_STR_NONE : od_pg_get_text(r, row, 3),
                   od_pg_get_text(r, row, 4), od_pg_get_bool(r, row, 5));
}

struct od_str od_activities_json(const struct od_pg_result *r, int from, int end,
                                 struct od_arena *a)
{
    struct od_buf b;
    struct od_json_writer w;
    od_buf_init(&b, ACTIVITIES_MAX);
    od_jw_init(&w, &b);
    od_jw_array(&w);
    for (int row = from; row < end; row++)
        od_activity_row_write(&w, r, row);
    od_jw_array_end(&w);
    OD_ASSERT(!b.overflow);
    struct od_str json = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return json;
}

static void on_activities(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    for (int i = 0, end; !err && i < r->rows; i = end) {
        end = od_set_run_end(r, i);
        struct od_loaded *l = od_set_order(s, od_pg_get_i64(r, i, 0));
        if (!l)
            continue;
        l->activities = od_activities_json(r, i, end, s->arena);
        l->activity_count = (uint32_t)(end - i);
    }
}

/* A JSON array of objects without its first one. */
static struct od_str without_first(struct od_str array, struct od_arena *a)
{
    bool text = false;
    unsigned depth = 0;
    for (size_t i = 1; i < array.len; i++) {
        char c = array.ptr[i];
        if (text && c == '\\')
            i++;
        else if (c == '"')
            text = !text;
        else if (!text && c == '{')
            depth++;
        else if (!text && c == '}' && --depth == 0) {
            size_t rest = i + 1 + (array.ptr[i + 1] == ',');
            return od_arena_printf(a, "[%.*s", (int)(array.len - rest), array.ptr + rest);
        }
    }
    return OD_STR("[]");
}

void od_loaded_add_activity(struct od_loaded *l, struct od_arena *a, const struct od_event *e)
{
    struct od_buf b;
    struct od_json_writer w;
    if (l->activity_count == OD_ACTIVITIES_SHOWN)
        l->activities = without_first(l->activities, a);
    else
        l->activity_count++;
    od_buf_init(&b, ACTIVITIES_MAX);
    od_buf_append(&b, l->activities.ptr, l->activities.len - 1); /* without its "]" */
    od_jw_init(&w, &b);
    w.comma = l->activities.len > 2;
    write_activity(&w, e->seq, e->at, e->actor, e->comment, e->customer_notified);
    od_buf_char(&b, ']');
    OD_ASSERT(!b.overflow);
    l->activities = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
}

void od_set_send_activities(struct od_set *s, struct od_pg_conn *conn)
{
    od_set_send_ids(s, conn, &select_activities, on_activities);
}
