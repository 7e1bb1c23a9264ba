#include "api/follow/follow.h"
#include "api/follow/listener.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "http/stream.h"

/*
 * GET /api/stream: events as they are committed, as server-sent events (WHATWG HTML section 9.2).
 * Each has its position as its id, so a client that was cut off goes on where it was
 * (Last-Event-ID). One that reads slowly is led through the ledger as fast as it reads. One that
 * does not read at all is dropped and told why: it, too, can come back and go on.
 */

struct stream {
    struct od_listener listener; /* first: the kind's functions are called with it */
    struct od_event_filter filter;
};

static void end(struct od_listener *l, const char *reason)
{
    od_listener_put(
        l, od_arena_printf(&l->req->arena, "event: end\ndata: {\"reason\":\"%s\"}\n\n", reason));
    od_http_stream_end(l->req);
}

static struct od_str render(struct od_streams *s, const struct od_tail_event *e)
{
    char place[OD_PLACE_TEXT];
    struct od_buf b;
    struct od_json_writer w;
    od_buf_init(&b, OD_LISTENER_EVENT_BYTES);
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

static void on_events(struct od_listener *l, const struct od_tail_event *events, size_t count)
{
    struct stream *stream = (struct stream *)l;
    struct od_streams *s = l->streams;
    use_texts(s, events, count);
    for (size_t i = 0; i < count; i++) {
        if (od_event_filter_wants(&stream->filter, &events[i])) {
            struct od_str text = text_of(s, events, count, i);
            if (!od_listener_takes(l, text)) {
                od_tail_hold(s->api->tail, &l->tail, &l->passed);
                return;
            }
            od_listener_put(l, text);
            od_listener_told(l, &events[i].place);
        }
        l->passed = events[i].place;
    }
}

static const struct od_listener_kind kind = {.events = on_events, .end = end};

static void get_stream(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"after", "type", "order", "store", NULL};
    struct stream *s = OD_NEW(&req->arena, struct stream);
    (void)who;
    if (!od_api_query_known(req, names) || !od_event_filter_read(req, &s->filter))
        return;
    /* What the client has seen counts for more than where the page once began. */
    struct od_str after = od_http_header(req, "Last-Event-ID");
    if (!after.len)
        after = od_http_query(req, "after");
    if (req->method == OD_HTTP_HEAD) {
        od_http_set_type(req, "text/event-stream");
        od_http_send(req, 200);
        return;
    }
    s->listener.kind = &kind;
    od_listener_begin(&s->listener, ctx, req, after);
}

OD_EMBED(od_api_stream_text, "api/follow/stream.json");

static const struct od_api_route routes[] = {
    {"stream", OD_HTTP_GET, "/api/stream", 0, OD_MAY_ORDERS_VIEW, get_stream},
};

const struct od_api_chapter od_api_stream = OD_API_CHAPTER(routes, od_api_stream_text);
