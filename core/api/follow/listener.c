#include "api/follow/listener.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/handler.h"
#include "api/routes.h"
#include "base/clock.h"
#include "http/stream.h"
#include "loop/timer.h"
#include "pg/conn.h"

enum {
    TICK_MS = 1000,   /* between looks at whether a listener's key still works */
    HEARTBEAT_S = 15, /* proxies close what is silent for a minute */
    SLOW_S = 10,      /* a client that reads takes some bytes of what waits for it in this time */
};

static void end(struct od_listener *l, const char *reason)
{
    struct od_streams *s = l->streams;
    if (od_list_empty(&l->node)) /* it is about to end, and its client left meanwhile */
        return;
    od_tail_leave(s->api->tail, &l->tail);
    od_list_remove(&l->node);
    s->count--;
    if (od_list_empty(&s->listeners))
        od_timer_stop(s->timer);
    l->kind->end(l, reason);
}

bool od_listener_takes(const struct od_listener *l, struct od_str text)
{
    size_t unsent = od_http_stream_unsent(l->req);
    return unsent == 0 || unsent + text.len <= l->streams->api->stream_max_unsent;
}

void od_listener_put(struct od_listener *l, struct od_str text)
{
    if (od_http_stream_write(l->req, text)) /* or it has gone, and will be told */
        l->put += text.len;
}

void od_listener_told(struct od_listener *l, const struct od_place *place)
{
    l->streams->events++;
    l->told = *place;
    l->quiet_since_us = od_clock_monotonic_us();
}

static void on_events(void *ctx, const struct od_tail_event *events, size_t count)
{
    struct od_listener *l = ctx;
    l->kind->events(l, events, count);
}

/* While it is led to the end it is sent no more than it reads. */
static bool is_ready(void *ctx)
{
    struct od_listener *l = ctx;
    return od_http_stream_unsent(l->req) == 0 && (!l->kind->ready || l->kind->ready(l));
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
static void beat(struct od_listener *l)
{
    char place[OD_PLACE_TEXT], line[OD_PLACE_TEXT + 8] = ":\n\n";
    if (od_place_compare(&l->told, &l->passed) != 0) {
        od_place_format(&l->passed, place);
        snprintf(line, sizeof line, "id: %s\n\n", place);
        l->told = l->passed;
    }
    od_listener_put(l, od_str_of(line));
}

/* Whether bytes have waited for it and it has taken none for SLOW_S. */
static bool is_stuck(struct od_listener *l, int64_t now)
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
        struct od_listener *l = OD_LIST_ENTRY(n, struct od_listener, node);
        next = n->next;
        if (!od_auth_knows(s->api->auth, l->req, OD_MAY_ORDERS_VIEW)) {
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

static void refused(struct od_listener *l)
{
    if (l->kind->refused)
        l->kind->refused(l);
}

static void begin(struct od_listener *l)
{
    struct od_streams *s = l->streams;
    struct od_http_request *req = l->req;
    if (!req->conn || !od_tail_listen(s->api->tail, &l->tail)) {
        struct od_err err;
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the ledger cannot be followed");
        s->count--;
        refused(l);
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
    od_http_stream_begin(
        req, 200, s->api->stream_max_unsent + OD_LISTENER_EVENT_BYTES + OD_LISTENER_END_BYTES);
    char place[OD_PLACE_TEXT];
    od_place_format(&l->tail.at, place);
    l->told = l->passed = l->tail.at;
    od_listener_put(l, od_arena_printf(&req->arena, "retry: 2000\nid: %s\n\n", place));
}

static void on_end(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_listener *l = ctx;
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
    struct od_listener *l = ctx;
    struct od_err err;
    if (failed) {
        l->streams->count--;
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the end of the ledger could not be read");
        refused(l);
        od_api_send_err(l->req, &err);
    } else if (l->ahead) {
        l->streams->count--;
        refused(l);
        od_problem_sendf(l->req, 422, "position_ahead",
                         "This position lies ahead of the ledger. Is it from another database?");
    } else {
        begin(l);
    }
}

static bool has_room(struct od_listener *l)
{
    const struct od_streams *s = l->streams;
    if (s->count < s->api->stream_listeners)
        return true;
    refused(l);
    od_problem_send(l->req, &(struct od_problem){
                                .status = 503,
                                .code = "too_many_listeners",
                                .detail = OD_STR("As many streams are open as [stream] listeners "
                                                 "allows."),
                                .retry_after_s = 5,
                            });
    return false;
}

void od_listener_begin(struct od_listener *l, struct od_api *api, struct od_http_request *req,
                       struct od_str after)
{
    l->streams = api->streams;
    l->req = req;
    l->latest = !after.ptr || od_str_is(after, "latest");
    if (!l->latest && !od_place_parse(after, &l->tail.at)) {
        refused(l);
        od_problem_sendf(req, 422, "bad_query",
                         "after, or Last-Event-ID, must be the position of an event, or latest.");
        return;
    }
    if (!has_room(l))
        return;
    l->streams->count++;
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
