#include "api/follow/listener.h"
#include "api/graphql/ask.h"
#include "http/stream.h"
#include "order/show/filter.h"
#include "pg/conn.h"
#include "read/graphql/run/execute.h"
#include "store/load/load.h"

/*
 * Subscriptions, as GraphQL over Server-Sent Events has them in its mode of distinct connections:
 * each order that changed is a message `next` with the answer to the operation. Orders are read in
 * rounds, set-wise, as they then stand; what changes during a round is told of in the next. A
 * stream that the server ends has no message `complete`, so that a client tries again.
 */

enum { ROUND = 20, FAULTS_MAX = 50 };

struct subscription {
    struct od_listener listener; /* first: the kind's functions are called with it */
    struct od_ask *ask;
    struct od_gql_plan_field *field;
    struct od_filters filters;
    bool busy;          /* a round is under way */
    const char *ending; /* why it has to end after the round */

    /* Of a round. */
    struct od_arena arena;
    struct od_set set;
    struct od_place last;          /* all events to this one are in the round, or not wanted */
    struct od_place places[ROUND]; /* of the last event of each order in set.orders */
    struct od_gql_order rows[ROUND];
    struct od_str positions[ROUND];
    uint32_t count; /* of rows */
};

static void put(struct subscription *s, struct od_str text)
{
    od_listener_put(&s->listener, text);
}

static void finish(struct subscription *s, const char *reason)
{
    struct od_http_request *req = s->ask->req;

    /* A comment: clients of GraphQL take no messages but their own. */
    put(s, od_arena_printf(&req->arena, ": end %s\n\n", reason));
    od_arena_fini(&s->arena);
    od_ask_release(s->ask);
    od_http_stream_end(req);
}

static void on_end(struct od_listener *l, const char *reason)
{
    struct subscription *s = (struct subscription *)l;

    if (s->busy)
        s->ending = reason;
    else
        finish(s, reason);
}

static void on_refused(struct od_listener *l)
{
    struct subscription *s = (struct subscription *)l;

    od_arena_fini(&s->arena);
    od_ask_release(s->ask);
}

static bool is_idle(const struct od_listener *l)
{
    return !((const struct subscription *)l)->busy;
}

/* One message. An answer that is too large says so in the place of its data. */
static void tell(struct subscription *s, uint32_t i)
{
    struct od_ask *ask = s->ask;
    const struct od_gql_changed changed = {&s->rows[i], s->positions[i]};
    struct od_gql_loaded loaded = {.changed = &changed};
    struct od_json_writer w;
    struct od_buf b;

    s->field->loaded = &loaded;
    od_gql_faults_init(&ask->faults, &s->arena, FAULTS_MAX);
    ask->actual = 0;
    od_buf_init(&b, OD_LISTENER_EVENT_BYTES);
    od_buf_printf(&b, "event: next\nid: %.*s\ndata: ", OD_STR_ARG(s->positions[i]));
    od_jw_init(&w, &b);
    od_jw_object(&w);
    od_ask_write(ask, &w);
    od_jw_object_end(&w);
    od_buf_str(&b, OD_STR("\n\n"));
    put(s, b.overflow ? od_arena_printf(&s->arena,
                                        "event: next\nid: %.*s\ndata: {\"data\":null,\"errors\":["
                                        "{\"message\":\"The answer is too large.\"}]}\n\n",
                                        OD_STR_ARG(s->positions[i]))
                      : od_buf_view(&b));
    od_buf_fini(&b);
    s->field->loaded = NULL;
}

static void end_round(struct subscription *s, bool failed)
{
    struct od_listener *l = &s->listener;

    for (uint32_t i = 0; !failed && !s->ending && i < s->count; i++) {
        tell(s, i);
        od_listener_told(l, &s->last);
    }
    if (!failed)
        l->passed = s->last;
    s->busy = false;
    s->ask->statements = 0;
    if (s->ask->rules)
        od_rules_unref(s->ask->rules);
    s->ask->rules = NULL;
    if (s->ending)
        finish(s, s->ending);
    else if (failed) /* the same events come again */
        od_tail_hold(l->streams->api->tail, &l->tail, &l->passed);
}

static void on_events_loaded(void *ctx, bool failed)
{
    end_round(ctx, failed);
}

static void on_loaded(void *ctx, bool failed)
{
    struct subscription *s = ctx;
    const struct od_gql_plan_field *order = od_gql_plan_named(s->field->below, "order");
    int32_t events = order ? od_ask_events_wanted(order->below) : 0;
    char place[OD_PLACE_TEXT];

    s->count = 0;
    for (size_t i = 0; !failed && i < s->set.order_count; i++) {
        const struct od_loaded *one = s->set.orders[i];
        if (!one->order || !od_filters_find(&s->filters, one->order))
            continue;
        od_place_format(&s->places[i], place);
        s->positions[s->count] = od_arena_str(&s->arena, od_str_of(place));
        s->rows[s->count++] = (struct od_gql_order){
            .root = &s->ask->root, .order = one->order, .activities = one->activities};
    }
    od_set_fini(&s->set);
    if (failed || !s->count || !events)
        end_round(s, failed);
    else
        od_ask_events(s->ask, s->rows, s->count, events, on_events_loaded, s);
}

/* What the plan asks for of an order, under any alias; all of it when filters look at it. */
static uint32_t left_out(const struct subscription *s)
{
    uint32_t out = UINT32_MAX;

    if (s->filters.count)
        return 0;
    for (const struct od_gql_plan_field *f = s->field->below->fields; f; f = f->next) {
        if (od_str_is(f->field->name, "order"))
            out &= od_ask_left_out(f->below);
    }
    return out;
}

static void begin_round(struct subscription *s)
{
    struct od_ask *ask = s->ask;
    struct od_pg_conn *conn = ask->api->query;

    s->busy = true;
    ask->rules = od_rules_ref(od_engine_rules(ask->api->engine));
    ask->root = (struct od_gql_root){.sets = &ask->rules->statuses, .shop = ask->rules->shop};
    s->set.left_out = left_out(s);
    od_set_send(&s->set, conn, false);
    od_pg_sync(conn, on_loaded, s);
}

static void on_events(struct od_listener *l, const struct od_tail_event *events, size_t count)
{
    struct subscription *s = (struct subscription *)l;
    size_t i = 0;

    if (s->busy || od_http_stream_unsent(l->req)) {
        od_tail_hold(l->streams->api->tail, &l->tail, s->busy ? &s->last : &l->passed);
        return;
    }
    od_arena_reset(&s->arena);
    od_set_init(&s->set, &s->arena);
    for (; i < count; i++) {
        const struct od_loaded *known = od_set_order(&s->set, events[i].event.order_id);
        if (!known && s->set.order_count == ROUND)
            break;
        if (!known)
            known = od_set_want_order(&s->set, events[i].event.order_id);
        for (size_t k = 0; k < s->set.order_count; k++) {
            if (s->set.orders[k] == known)
                s->places[k] = events[i].place;
        }
        s->last = events[i].place;
    }
    if (i < count)
        od_tail_hold(l->streams->api->tail, &l->tail, &s->last);
    begin_round(s);
}

/* The filters are read anew for each subscription, so that an unknown one is told at once. */
static bool read_filters(struct subscription *s, struct od_err *err)
{
    struct od_arena *a = &s->ask->req->arena;
    const struct od_json *filter = od_json_get(s->field->arguments, "filter");
    const struct od_status_sets *statuses = &od_engine_rules(s->ask->api->engine)->statuses;

    for (const struct od_json *f = filter ? filter->child : NULL; f; f = f->next) {
        struct od_str name = OD_STR_NONE;
        if (s->filters.count == OD_FILTERS_MAX) {
            (void)od_err_set(err, OD_ERR_INVALID, "There are more than %d filters.",
                             OD_FILTERS_MAX);
            return false;
        }
        if (od_ask_filter_name(f, a, &name, err) ||
            od_filter_read_of_order(name, od_json_get(f, "value")->text, statuses,
                                    &s->filters.items[s->filters.count++], err))
            return false;
    }
    return true;
}

static struct od_str place_of(const struct subscription *s)
{
    struct od_str after = od_http_header(s->ask->req, "Last-Event-ID");
    const struct od_json *argument = od_json_get(s->field->arguments, "after");

    if (after.len || !argument || argument->type != OD_JSON_STRING)
        return after.len ? after : OD_STR_NONE;
    return argument->text;
}

static const struct od_listener_kind kind = {
    .events = on_events, .ready = is_idle, .end = on_end, .refused = on_refused};

void od_ask_subscribe(struct od_ask *ask)
{
    struct subscription *s = OD_NEW(&ask->req->arena, struct subscription);
    struct od_err err;

    s->ask = ask;
    s->field = ask->plan->fields; /* validation has seen to it that there is one */
    s->listener.kind = &kind;
    if (!s->field->arguments || !read_filters(s, &err)) {
        od_gql_fault(&ask->faults, OD_GQL_REQUEST, s->field->at, "%s",
                     s->field->arguments ? err.message : s->field->why.ptr);
        od_ask_refuse(ask, &ask->faults);
        return;
    }
    od_rules_unref(ask->rules); /* each round takes those of its time */
    ask->rules = NULL;
    od_arena_init(&s->arena);
    ask->arena = &s->arena;
    od_listener_begin(&s->listener, ask->api, ask->req, place_of(s));
}
