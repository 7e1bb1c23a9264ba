#include "api/follow/follow.h"

#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "conf/value.h"
#include "loop/timer.h"
#include "order/show/render.h"
#include "pg/conn.h"
#include "pg/transaction.h"

/*
 * GET /api/changes and GET /api/events: the ledger over all orders, a page at a time, for those who
 * keep a copy elsewhere. Pages follow the order in which things were committed, so that nobody who
 * goes on from `next` misses anything, however many write at once.
 */

enum {
    LIMIT = 200,
    LIMIT_MAX = 1000,
    WAIT_MAX_MS = 60000,
    ORDERS_MAX = 100,
    FIELDS_MAX = 100,     /* an order has fewer */
    PAGE_BYTES = 8 << 20, /* of events; what follows is on the next page */
    ORDER_BYTES_MAX = 16 << 20
};

/* An order that changed. */
struct change {
    struct page *page;
    struct od_place last;
    struct od_uuid uuid;
    struct od_str number;
    struct od_read read; /* with fields= */
    struct od_str order; /* the JSON of its fields */
};

struct page {
    struct od_api *api;
    struct od_http_request *req;
    bool changes;
    struct od_event_filter filter; /* of events */
    struct od_str *fields;         /* of changes; field_count 0: the order is not shown */
    size_t field_count;
    bool from_end; /* after=latest */
    struct od_place after, next;
    int64_t limit, wait_ms;
    int rows; /* events or orders of this page, before the filter */
    bool more, ahead, standbys, unreadable;
    struct od_json_writer w;
    struct change *items;
    size_t item_count, unread; /* orders still to be read */
    struct od_err failure;     /* of one of them */
    struct od_str no_field;    /* of `fields`, that orders do not have */
    struct od_tail_listener listener;
    struct od_timer *timer;
    bool waiting, hurry;
};

static void ask(struct page *p);

static void send_failure(struct page *p, enum od_err_code code)
{
    struct od_err err;
    (void)od_err_set(&err, code, "the page could not be read");
    od_buf_reset(od_http_body(p->req));
    od_api_send_err(p->req, &err);
}

static void write_change(struct od_json_writer *w, const struct change *c)
{
    char place[OD_PLACE_TEXT], uuid[OD_UUID_TEXT + 1];
    od_place_format(&c->last, place);
    od_uuid_format(&c->uuid, uuid);
    od_jw_object(w);
    od_jw_key(w, "orderId");
    od_jw_i64(w, c->last.order_id);
    od_jw_key(w, "uuid");
    od_jw_cstr(w, uuid);
    od_jw_key(w, "orderNumber");
    od_jw_str(w, c->number);
    od_jw_key(w, "version");
    od_jw_i64(w, c->last.seq);
    od_jw_key(w, "position");
    od_jw_cstr(w, place);
    if (c->order.ptr) {
        od_jw_key(w, "order");
        od_jw_raw(w, c->order);
    }
    od_jw_object_end(w);
}

static void finish(struct page *p)
{
    char place[OD_PLACE_TEXT];
    for (size_t i = 0; i < p->item_count; i++)
        write_change(&p->w, &p->items[i]);
    od_place_format(&p->next, place);
    od_jw_array_end(&p->w);
    od_jw_key(&p->w, "next");
    od_jw_cstr(&p->w, place);
    od_jw_key(&p->w, "more");
    od_jw_bool(&p->w, p->more);
    od_jw_object_end(&p->w);
    od_http_send(p->req, 200);
}

/* ---- waiting for the next one */

static void stop_waiting(struct page *p)
{
    if (!p->waiting)
        return;
    p->waiting = false;
    od_tail_leave(p->api->tail, &p->listener);
    od_timer_free(p->timer);
}

static void on_events_there(void *ctx, const struct od_tail_event *events, size_t count)
{
    struct page *p = ctx;
    bool wanted = p->changes;
    for (size_t i = 0; i < count && !wanted; i++)
        wanted = od_event_filter_wants(&p->filter, &events[i]);
    if (!wanted) {
        p->next = p->after = events[count - 1].place;
        return;
    }
    stop_waiting(p);
    if (!od_auth_knows(p->api->auth, p->req, OD_MAY_ORDERS_VIEW)) {
        od_buf_reset(od_http_body(p->req));
        od_problem_sendf(p->req, 401, "unknown_key", "This key was revoked meanwhile.");
        return;
    }
    p->hurry = true; /* what there is now is there */
    ask(p);
}

static void on_wait_over(void *ctx)
{
    struct page *p = ctx;
    stop_waiting(p);
    finish(p);
}

static void on_wait_lost(void *ctx)
{
    struct page *p = ctx;
    stop_waiting(p);
    send_failure(p, OD_ERR_UNAVAILABLE);
}

static bool begin_waiting(struct page *p)
{
    p->listener = (struct od_tail_listener){
        .ctx = p, .at = p->after, .events = on_events_there, .lost = on_wait_lost};
    od_list_init(&p->listener.node);
    if (!p->req->conn || !od_tail_listen(p->api->tail, &p->listener))
        return false;
    p->waiting = true;
    p->timer = od_timer_new(p->api->loop, on_wait_over, p);
    od_timer_start(p->timer, (uint64_t)p->wait_ms, 0);
    return true;
}

/* The client has gone, or the server stops: it is not waited for any longer. */
static void on_leave(void *ctx)
{
    struct page *p = ctx;
    p->hurry = true;
    if (p->waiting)
        on_wait_over(p);
}

/* ---- the orders of a page, with fields= */

static bool wants_field(const struct page *p, struct od_str key)
{
    for (size_t i = 0; i < p->field_count; i++) {
        if (od_str_eq(p->fields[i], key))
            return true;
    }
    return false;
}

/* The members that were asked for, out of the whole. */
static int write_fields(struct page *p, struct change *c, const struct od_outcome *outcome)
{
    struct od_arena *a = &p->req->arena;
    struct od_buf whole, part;
    struct od_json_writer w;
    struct od_json *tree;
    od_buf_init(&whole, ORDER_BYTES_MAX);
    od_jw_init(&w, &whole);
    od_order_write(&w, outcome->order, &outcome->rules->statuses, outcome->rules->shop,
                   outcome->activities);
    int failed = whole.overflow || od_json_parse(a, od_buf_view(&whole), 16, &tree, &p->failure);
    od_buf_init(&part, ORDER_BYTES_MAX);
    od_jw_init(&w, &part);
    od_jw_object(&w);
    for (size_t i = 0; !failed && i < p->field_count; i++) {
        if (!od_json_get_str(tree, p->fields[i]))
            p->no_field = p->fields[i];
    }
    for (const struct od_json *m = failed ? NULL : tree->child; m; m = m->next) {
        if (wants_field(p, m->key)) {
            od_jw_key_str(&w, m->key);
            od_jw_raw(&w, m->raw);
        }
    }
    od_jw_object_end(&w);
    c->order = od_arena_str(a, od_buf_view(&part));
    od_buf_fini(&part);
    od_buf_fini(&whole);
    return failed ? -1 : 0;
}

static void refuse_field(struct page *p)
{
    od_buf_reset(od_http_body(p->req));
    od_problem_sendf(p->req, 422, "bad_query", "fields: an order has no \"%.*s\".",
                     OD_STR_ARG(p->no_field));
}

static void on_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct change *c = ctx;
    struct page *p = c->page;
    if (err)
        p->failure = *err;
    else if (!outcome->order || write_fields(p, c, outcome))
        (void)od_err_set(&p->failure, OD_ERR_INVALID, "an order of the ledger is not there");
    if (--p->unread)
        return;
    if (p->no_field.ptr)
        refuse_field(p);
    else if (p->failure.code)
        send_failure(p, p->failure.code);
    else
        finish(p);
}

static void read_orders(struct page *p)
{
    p->unread = p->item_count;
    for (size_t i = 0; i < p->item_count; i++) {
        struct change *c = &p->items[i];
        c->read =
            (struct od_read){.ref = {.order_id = c->last.order_id}, .ctx = c, .done = on_order};
        od_engine_read(p->api->engine, &c->read);
    }
}

/* ---- a page */

static void on_sure(void *ctx, bool failed)
{
    struct page *p = ctx;
    if (failed)
        send_failure(p, OD_ERR_UNAVAILABLE);
    else if (p->item_count && p->field_count)
        read_orders(p);
    else
        finish(p);
}

static void on_page(void *ctx, bool failed)
{
    struct page *p = ctx;
    if (failed || p->unreadable) {
        send_failure(p, failed ? OD_ERR_UNAVAILABLE : OD_ERR_INVALID);
    } else if (p->ahead) {
        od_buf_reset(od_http_body(p->req));
        od_problem_sendf(p->req, 422, "position_ahead",
                         "after: this position lies ahead of the ledger. Is it from another "
                         "database?");
    } else if (p->rows == 0 && p->wait_ms && !p->hurry) {
        if (!begin_waiting(p))
            send_failure(p, OD_ERR_UNAVAILABLE);
    } else if (p->rows && p->standbys) {
        od_pg_send(p->api->query, &od_pg_witness, NULL, NULL, NULL);
        od_pg_sync(p->api->query, on_sure, p);
    } else {
        on_sure(p, false);
    }
}

static void on_changes(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct page *p = ctx;
    if (err)
        return;
    p->rows = r->rows;
    p->item_count = (size_t)r->rows;
    p->items = OD_NEW_ARRAY(&p->req->arena, struct change, p->item_count);
    for (int i = 0; i < r->rows; i++) {
        struct change *c = &p->items[i];
        c->page = p;
        c->last = (struct od_place){
            .order_id = od_pg_get_i64(r, i, OD_CHANGE_ORDER),
            .seq = od_pg_get_i32(r, i, OD_CHANGE_SEQ),
            .position = od_pg_get_i64(r, i, OD_CHANGE_POSITION),
        };
        od_pg_get_uuid(r, i, OD_CHANGE_UUID, &c->uuid);
        c->number = od_arena_str(&p->req->arena, od_pg_get_text(r, i, OD_CHANGE_NUMBER));
        p->next = c->last;
    }
    p->more = r->rows && od_pg_get_i64(r, 0, OD_CHANGE_EVENTS) == p->limit;
}

static void on_events(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct page *p = ctx;
    struct od_err bad;
    if (err)
        return;
    p->rows = r->rows;
    p->more = r->rows == p->limit;
    for (int i = 0; i < r->rows && !p->unreadable; i++) {
        struct od_tail_event e;
        if (od_http_body(p->req)->len > PAGE_BYTES) {
            p->more = true;
            return;
        }
        p->unreadable = od_tail_event_read(r, i, &e, &p->req->arena, &bad) != 0;
        if (p->unreadable)
            return;
        p->next = e.place;
        if (od_event_filter_wants(&p->filter, &e))
            od_tail_event_write(&p->w, &e);
    }
}

static void on_standbys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct page *p = ctx;
    p->standbys = err || od_pg_get_bool(r, 0, 0);
}

static void on_end(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct page *p = ctx;
    if (err)
        return;
    p->ahead = !p->from_end && p->after.position >= od_pg_get_i64(r, 0, OD_END_UNSAFE);
    if (p->from_end)
        p->after = p->next = (struct od_place){
            .position = od_pg_get_i64(r, 0, OD_END_POSITION),
            .order_id = od_pg_get_i64(r, 0, OD_END_ORDER),
            .seq = od_pg_get_i32(r, 0, OD_END_SEQ),
        };
}

static void on_latest(void *ctx, bool failed)
{
    struct page *p = ctx;
    p->from_end = false;
    if (failed)
        send_failure(p, OD_ERR_UNAVAILABLE);
    else
        ask(p);
}

static void ask(struct page *p)
{
    struct od_pg_conn *conn = p->api->query;
    p->rows = 0;
    p->item_count = 0;
    p->more = false;
    od_buf_reset(od_http_body(p->req));
    od_jw_init(&p->w, od_http_body(p->req));
    od_jw_object(&p->w);
    od_jw_key(&p->w, "items");
    od_jw_array(&p->w);
    od_follow_end(conn, on_end, p);
    if (p->from_end) {
        od_pg_sync(conn, on_latest, p);
        return;
    }
    if (p->changes)
        od_follow_changes(conn, &p->after, (int32_t)p->limit, on_changes, p);
    else
        od_follow_events(conn, &p->after, (int32_t)p->limit, on_events, p);
    od_follow_standbys(conn, on_standbys, p);
    od_pg_sync(conn, on_page, p);
}

/* ---- the request */

/* False: it has been answered with 422. */
static bool read_fields(struct page *p)
{
    struct od_http_request *req = p->req;
    struct od_str rest = od_http_query(req, "fields"), name;
    p->fields = OD_NEW_ARRAY(&req->arena, struct od_str, FIELDS_MAX);
    while (rest.ptr && od_str_cut(&rest, ',', &name)) {
        if (p->field_count == FIELDS_MAX) {
            od_problem_sendf(req, 422, "bad_query", "fields: at most %d.", FIELDS_MAX);
            return false;
        }
        p->fields[p->field_count++] = od_str_trim(name);
    }
    return true;
}

static bool read_numbers(struct page *p)
{
    struct od_http_request *req = p->req;
    struct od_str after = od_http_query(req, "after"), limit = od_http_query(req, "limit"),
                  wait = od_http_query(req, "wait");
    int64_t most = p->field_count ? ORDERS_MAX : LIMIT_MAX;
    p->limit = p->field_count ? ORDERS_MAX : LIMIT;
    p->from_end = od_str_is(after, "latest");
    if (after.ptr && !p->from_end && !od_place_parse(after, &p->after))
        od_problem_sendf(req, 422, "bad_query",
                         "after must be `next` of the page before, or latest.");
    else if (limit.ptr && !od_str_to_i64(limit, 1, most, &p->limit))
        od_problem_sendf(req, 422, "bad_query", "limit must be 1 to %lld.", (long long)most);
    else if (wait.ptr && (!od_conf_duration(wait, &p->wait_ms) || p->wait_ms > WAIT_MAX_MS))
        od_problem_sendf(req, 422, "bad_query", "wait must be a time up to %ds, like 30s.",
                         WAIT_MAX_MS / 1000);
    else
        return true;
    return false;
}

static void get_page(struct od_api *api, struct od_http_request *req, bool changes,
                     const char *const *names)
{
    struct page *p = OD_NEW(&req->arena, struct page);
    p->api = api;
    p->req = req;
    p->changes = changes;
    if (!od_api_query_known(req, names) || !read_fields(p) ||
        !od_event_filter_read(req, &p->filter) || !read_numbers(p))
        return;
    p->next = p->after;
    req->leave = req->gone = on_leave;
    req->leave_ctx = req->gone_ctx = p;
    ask(p);
}

static void get_changes(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"after", "limit", "wait", "fields", NULL};
    (void)who;
    get_page(ctx, req, true, names);
}

static void get_events(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"after", "limit", "wait", "type", "order", "store", NULL};
    (void)who;
    get_page(ctx, req, false, names);
}

OD_EMBED(od_api_follow_text, "api/follow/page.json");

static const struct od_api_route routes[] = {
    {"changes", OD_HTTP_GET, "/api/changes", 0, OD_MAY_ORDERS_VIEW, get_changes},
    {"events", OD_HTTP_GET, "/api/events", 0, OD_MAY_ORDERS_VIEW, get_events},
};

const struct od_api_chapter od_api_follow = OD_API_CHAPTER(routes, od_api_follow_text);
