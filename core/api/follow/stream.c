#include <stdio.h>
#include <stdlib.h>

#include "api/follow/follow.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/clock.h"
#include "http/stream.h"
#include "loop/timer.h"
#include "pg/conn.h"

/*
 * GET /api/stream: events as they are committed, as server-sent events (WHATWG HTML section 9.2).
 * Each has its position as its id, so a client that was cut off goes on where it was
 * (Last-Event-ID). One that reads slowly is led through the ledger as fast as it reads. One that
 * does not read at all is dropped and told why: it, too, can come back and go on.
 */

enum {
    TICK_MS = 1000,   /* between looks at whether a listener's key still works */
    HEARTBEAT_S = 15, /* proxies close what is silent for a minute */
    SLOW_S = 10,      /* a client that reads takes some bytes of what waits for it in this time */
    END_BYTES = 512,  /* kept free for the last words */
    EVENT_BYTES_MAX = 64 << 20,
};

struct listener {
    struct od_streams *streams;
    struct od_http_request *req;
    struct od_event_filter filter;
    struct od_tail_listener tail;
    struct od_place told;   /* the id that the client knows */
    struct od_place passed; /* the last event that it was told of or does not want */
    int64_t quiet_since_us;
    uint64_t put, taken; /* bytes: given to it, and of these taken by the socket at the last tick */
    int64_t taken_at_us; /* when it last took some, or had none to take */
    bool latest, ahead;
    struct od_list node;
};

struct od_streams {
    struct od_api *api;
    struct od_timer *timer; /* NULL: nobody has listened yet */
    struct od_list listeners;
    uint32_t count; /* of them, and of those about to be */
    uint64_t total, events, dropped;
    /* The events of the last call, as text, counted from the last of them: all listeners at the end
     * are told of the same. */
    struct od_arena arena;
    struct od_place last;
    struct od_str *texts;
    size_t text_count;
};

static void end(struct listener *l, const char *reason)
{
    struct od_streams *s = l->streams;
    struct od_str words =
        od_arena_printf(&l->req->arena, "event: end\ndata: {\"reason\":\"%s\"}\n\n", reason);
    od_tail_leave(s->api->tail, &l->tail);
    od_list_remove(&l->node);
    s->count--;
    if (od_list_empty(&s->listeners))
        od_timer_stop(s->timer);
    (void)!od_http_stream_write(l->req, words);
    od_http_stream_end(l->req);
}

/* One event is taken by whoever has read all that was before it, whatever its size. */
static bool takes(const struct listener *l, struct od_str text)
{
    size_t unsent = od_http_stream_unsent(l->req);
    return unsent == 0 || unsent + text.len <= l->streams->api->stream_max_unsent;
}

static void put(struct listener *l, struct od_str text)
{
    if (od_http_stream_write(l->req, text)) /* or it has gone, and will be told */
        l->put += text.len;
}

static struct od_str render(struct od_streams *s, const struct od_tail_event *e)
{
    char place[OD_PLACE_TEXT];
    struct od_buf b;
    struct od_json_writer w;
    od_buf_init(&b, EVENT_BYTES_MAX);
    od_place_format(&e->place, place);
    od_buf_printf(&b, "id: %s\ndata: ", place);
    od_jw_init(&w, &b);
    od_tail_event_write(&w, e);
    od_buf_str(&b, OD_STR("\n\n"));
    struct od_str text =
        b.overflow ? od_arena_printf(&s->arena,
                                     "id: %s\nevent: too_large\ndata: {\"position\":\"%s\"}\n\n",
                                     place, place)
                   : od_arena_str(&s->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

/* The text of events[i]. */
static struct od_str text_of(struct od_streams *s, const struct od_tail_event *events, size_t count,
                             size_t i)
{
    struct od_str *text = &s->texts[count - 1 - i];
    if (!text->ptr)
        *text = render(s, &events[i]);
    return *text;
}

static void use_texts(struct od_streams *s, const struct od_tail_event *events, size_t count)
{
    if (od_place_compare(&s->last, &events[count - 1].place) == 0 && count <= s->text_count)
        return;
    od_arena_reset(&s->arena);
    s->last = events[count - 1].place;
    s->text_count = count;
    s->texts = OD_NEW_ARRAY(&s->arena, struct od_str, count);
}

static void on_events(void *ctx, const struct od_tail_event *events, size_t count)
{
    struct listener *l = ctx;
    struct od_streams *s = l->streams;
    use_texts(s, events, count);
    for (size_t i = 0; i < count; i++) {
        if (od_event_filter_wants(&l->filter, &events[i])) {
            struct od_str text = text_of(s, events, count, i);
            if (!takes(l, text)) {
                od_tail_hold(s->api->tail, &l->tail, &l->passed);
                return;
            }
            put(l, text);
            s->events++;
            l->told = events[i].place;
            l->quiet_since_us = od_clock_monotonic_us();
        }
        l->passed = events[i].place;
    }
}

/* While it is led to the end it is sent no more than it reads. */
static bool is_ready(void *ctx)
{
    struct listener *l = ctx;
    return od_http_stream_unsent(l->req) == 0;
}

static void on_lost(void *ctx)
{
    end(ctx, "database_unavailable");
}

static void on_gone(void *ctx)
{
    end(ctx, "gone");
}

static void on_leave(void *ctx)
{
    end(ctx, "server_stops");
}

/* An event without data is not shown to the page, but its id is remembered: a client that filters
 * need not be led through what it did not want again. */
static void beat(struct listener *l)
{
    char place[OD_PLACE_TEXT], line[OD_PLACE_TEXT + 8] = ":\n\n";
    if (od_place_compare(&l->told, &l->tail.at) != 0) {
        od_place_format(&l->tail.at, place);
        snprintf(line, sizeof line, "id: %s\n\n", place);
        l->told = l->tail.at;
    }
    put(l, od_str_of(line));
}

/* Whether bytes have waited for it and it has taken none for SLOW_S. */
static bool is_stuck(struct listener *l, int64_t now)
{
    size_t unsent = od_http_stream_unsent(l->req);
    uint64_t taken = l->put > unsent ? l->put - unsent : 0;
    if (unsent == 0 || taken > l->taken)
        l->taken_at_us = now;
    l->taken = taken;
    return now - l->taken_at_us >= SLOW_S * INT64_C(1000000);
}

static void on_timer(void *ctx)
{
    struct od_streams *s = ctx;
    int64_t now = od_clock_monotonic_us();
    for (struct od_list *n = s->listeners.next, *next; n != &s->listeners; n = next) {
        struct listener *l = OD_LIST_ENTRY(n, struct listener, node);
        next = n->next;
        if (!od_auth_knows(s->api->auth, l->req, OD_ROLE_READER)) {
            end(l, "key_not_valid");
        } else if (is_stuck(l, now)) {
            s->dropped++;
            end(l, "slow");
        } else if (now - l->quiet_since_us >= HEARTBEAT_S * INT64_C(1000000)) {
            l->quiet_since_us = now;
            beat(l);
        }
    }
}

static void begin(struct listener *l)
{
    struct od_streams *s = l->streams;
    struct od_http_request *req = l->req;
    if (!req->conn || !od_tail_listen(s->api->tail, &l->tail)) {
        struct od_err err;
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the ledger cannot be followed");
        s->count--;
        od_api_send_err(req, &err);
        return;
    }
    if (!s->timer)
        s->timer = od_timer_new(s->api->loop, on_timer, s);
    if (od_list_empty(&s->listeners))
        od_timer_start(s->timer, TICK_MS, TICK_MS);
    s->total++;
    l->quiet_since_us = l->taken_at_us = od_clock_monotonic_us();
    od_list_push(&s->listeners, &l->node);
    req->gone = on_gone;
    req->leave = on_leave;
    req->gone_ctx = req->leave_ctx = l;
    od_http_set_type(req, "text/event-stream");
    od_http_set_header(req, "Cache-Control", OD_STR("no-store"));
    od_http_set_header(req, "X-Accel-Buffering", OD_STR("no")); /* nginx passes it on at once */
    od_http_stream_begin(req, 200, s->api->stream_max_unsent + EVENT_BYTES_MAX + END_BYTES);
    char place[OD_PLACE_TEXT];
    od_place_format(&l->tail.at, place);
    l->told = l->passed = l->tail.at;
    put(l, od_arena_printf(&req->arena, "retry: 2000\nid: %s\n\n", place));
}

static void on_end(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct listener *l = ctx;
    if (err)
        return;
    l->ahead = !l->latest && l->tail.at.position >= od_pg_get_i64(r, 0, OD_END_UNSAFE);
    if (l->latest)
        l->tail.at = (struct od_place){
            .position = od_pg_get_i64(r, 0, OD_END_POSITION),
            .order_id = od_pg_get_i64(r, 0, OD_END_ORDER),
            .seq = od_pg_get_i32(r, 0, OD_END_SEQ),
        };
}

static void on_end_known(void *ctx, bool failed)
{
    struct listener *l = ctx;
    struct od_err err;
    if (failed) {
        l->streams->count--;
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the end of the ledger could not be read");
        od_api_send_err(l->req, &err);
    } else if (l->ahead) {
        l->streams->count--;
        od_problem_sendf(l->req, 422, "position_ahead",
                         "This position lies ahead of the ledger. Is it from another database?");
    } else {
        begin(l);
    }
}

static bool has_room(struct od_streams *s, struct od_http_request *req)
{
    if (s->count < s->api->stream_listeners)
        return true;
    od_problem_send(req, &(struct od_problem){
                             .status = 503,
                             .code = "too_many_listeners",
                             .detail = OD_STR("As many streams are open as [stream] listeners "
                                              "allows."),
                             .retry_after_s = 5,
                         });
    return false;
}

static void get_stream(void *ctx, struct od_http_request *req, struct od_str actor)
{
    static const char *const names[] = {"after", "type", "order", "store", NULL};
    struct od_api *api = ctx;
    struct listener *l = OD_NEW(&req->arena, struct listener);
    (void)actor;
    if (!od_api_query_known(req, names) || !od_event_filter_read(req, &l->filter))
        return;
    /* What the client has seen counts for more than where the page once began. */
    struct od_str after = od_http_header(req, "Last-Event-ID");
    if (!after.len)
        after = od_http_query(req, "after");
    l->latest = !after.ptr || od_str_is(after, "latest");
    if (!l->latest && !od_place_parse(after, &l->tail.at)) {
        od_problem_sendf(req, 422, "bad_query",
                         "after, or Last-Event-ID, must be the position of an event, or latest.");
        return;
    }
    if (req->method == OD_HTTP_HEAD) {
        od_http_set_type(req, "text/event-stream");
        od_http_send(req, 200);
        return;
    }
    if (!has_room(api->streams, req))
        return;
    l->streams = api->streams;
    l->streams->count++;
    l->req = req;
    od_list_init(&l->node);
    od_list_init(&l->tail.node);
    l->tail.ctx = l;
    l->tail.events = on_events;
    l->tail.ready = is_ready;
    l->tail.lost = on_lost;
    od_follow_end(api->query, on_end, l);
    od_pg_sync(api->query, on_end_known, l);
}

struct od_streams *od_streams_new(struct od_api *api)
{
    struct od_streams *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->api = api;
    od_list_init(&s->listeners);
    od_arena_init(&s->arena);
    return s;
}

void od_streams_free(struct od_streams *s)
{
    if (!s)
        return;
    od_timer_free(s->timer);
    od_arena_fini(&s->arena);
    free(s);
}

void od_streams_metrics(const struct od_streams *s, struct od_buf *out)
{
    od_buf_printf(out,
                  "# HELP orderd_stream_listeners Streams of events that are open.\n"
                  "# TYPE orderd_stream_listeners gauge\norderd_stream_listeners %u\n"
                  "# HELP orderd_streams_total Streams that were opened.\n"
                  "# TYPE orderd_streams_total counter\norderd_streams_total %llu\n"
                  "# HELP orderd_stream_events_total Events sent to streams.\n"
                  "# TYPE orderd_stream_events_total counter\norderd_stream_events_total %llu\n"
                  "# HELP orderd_stream_dropped_total Streams ended because they were not read.\n"
                  "# TYPE orderd_stream_dropped_total counter\norderd_stream_dropped_total %llu\n",
                  s->count, (unsigned long long)s->total, (unsigned long long)s->events,
                  (unsigned long long)s->dropped);
}

OD_EMBED(od_api_stream_text, "api/follow/stream.json");

static const struct od_api_route routes[] = {
    {"stream", OD_HTTP_GET, "/api/stream", 0, OD_API_READERS, get_stream},
};

const struct od_api_chapter od_api_stream = OD_API_CHAPTER(routes, od_api_stream_text);
