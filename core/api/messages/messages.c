#include <string.h>

#include "api/api.h"
#include "api/handler.h"
#include "api/message_limit.h"
#include "api/pairs.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "pg/conn.h"
#include "store/messages.h"
#include "tasks/receivers.h"

/*
 * POST /webhooks/:source: what other systems tell, for the receiver of a plugin, which verifies it.
 * GET /api/messages and its like: those that had to wait.
 */

enum { MAX_PAGE = 200, DEFAULT_PAGE = 50 };

/* ---- receiving */

struct receiving {
    struct od_http_request *req;
    struct od_message_limit *limit;
    uint64_t pair; /* source and sender */
};

static void on_answer(void *ctx, const struct od_received_answer *a)
{
    const struct receiving *r = ctx;
    struct od_http_request *req = r->req;
    struct od_json_writer w;
    if (a->status == 401 || a->status == 404)
        od_message_limit_forged(r->limit, r->pair, od_clock_monotonic_us());
    if (a->thanks.ptr) {
        od_http_set_type(req, "text/plain; charset=utf-8");
        od_buf_str(od_http_body(req), a->thanks);
        od_http_send(req, a->status);
        return;
    }
    if (a->status >= 400) {
        od_problem_send(req, &(struct od_problem){.status = a->status,
                                                  .code = a->code,
                                                  .detail = od_arena_str(&req->arena, a->detail),
                                                  .retry_after_s = a->status == 503});
        return;
    }
    od_jw_init(&w, od_http_body(req));
    od_jw_object(&w);
    od_jw_key(&w, "outcome");
    od_jw_cstr(&w, a->code);
    if (a->detail.ptr) {
        od_jw_key(&w, "reason");
        od_jw_str(&w, a->detail);
    }
    od_jw_object_end(&w);
    od_http_send(req, a->status);
}

static void receive(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    struct od_str source = od_http_param(req, "source");
    struct receiving *r = OD_NEW(&req->arena, struct receiving);
    uint8_t peer[OD_PEER_BYTES];
    (void)who;
    od_http_peer(req, peer);
    *r = (struct receiving){req, api->message_limit, od_message_limit_pair(source, peer)};
    unsigned wait_s = od_message_limit_take(r->limit, r->pair, od_clock_monotonic_us());
    if (wait_s > 0) {
        od_problem_send(
            req, &(struct od_problem){.status = 429,
                                      .code = "too_many_messages",
                                      .detail = OD_STR("This address sends more messages to this "
                                                       "source than [receivers] rate allows."),
                                      .retry_after_s = wait_s});
        return;
    }
    struct od_received m = {
        .source = source,
        .body = req->body.ptr ? req->body : OD_STR(""),
        .headers = od_headers_json(req, true),
        .received_at = od_clock_us(),
    };
    od_receivers_take(api->receivers, &m, on_answer, r);
}

/* ---- those that waited */

struct look {
    struct od_http_request *req;
    int64_t limit;
    bool one; /* the answer is the one message */
};

/* The column is cut after so many bytes, perhaps inside of a character. */
static struct od_str whole_characters(struct od_str s)
{
    for (size_t cut = 0; cut < 4 && cut <= s.len; cut++) {
        if (od_utf8_valid(od_str_slice(s, 0, s.len - cut)))
            return od_str_slice(s, 0, s.len - cut);
    }
    return OD_STR("(not text)");
}

static void write_message(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    static const struct {
        const char *key;
        enum od_message_column column;
    } texts[] = {{"source", OD_MESSAGE_SOURCE},
                 {"senderId", OD_MESSAGE_SENDER_ID},
                 {"state", OD_MESSAGE_STATE},
                 {"reason", OD_MESSAGE_REASON}},
      times[] = {{"receivedAt", OD_MESSAGE_RECEIVED},
                 {"nextAt", OD_MESSAGE_NEXT},
                 {"finishedAt", OD_MESSAGE_FINISHED}};
    struct od_str body = od_pg_get_bytea(r, row, OD_MESSAGE_BODY);
    od_jw_object(w);
    od_jw_key(w, "messageId");
    od_jw_i64(w, od_pg_get_i64(r, row, OD_MESSAGE_ID));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        od_jw_key(w, texts[i].key);
        od_jw_str(w, od_pg_is_null(r, row, texts[i].column)
                         ? OD_STR_NONE
                         : od_pg_get_text(r, row, texts[i].column));
    }
    od_jw_key(w, "attempts");
    od_jw_i64(w, od_pg_get_i32(r, row, OD_MESSAGE_ATTEMPTS));
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        od_jw_key(w, times[i].key);
        if (od_pg_is_null(r, row, times[i].column))
            od_jw_null(w);
        else
            od_jw_time(w, od_pg_get_time(r, row, times[i].column));
    }
    od_jw_key(w, "body");
    od_jw_str(w, whole_characters(body));
    od_jw_object_end(w);
}

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct look *l = ctx;
    struct od_json_writer w;
    if (err || (l->one && r->rows == 0))
        return;
    od_jw_init(&w, od_http_body(l->req));
    if (l->one) {
        write_message(&w, r, 0);
        return;
    }
    od_jw_object(&w);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (int i = 0; i < r->rows && i < l->limit; i++)
        write_message(&w, r, i);
    od_jw_array_end(&w);
    od_jw_key(&w, "next");
    if (r->rows > l->limit)
        od_jw_i64(&w, od_pg_get_i64(r, (int)l->limit - 1, OD_MESSAGE_ID));
    else
        od_jw_null(&w);
    od_jw_object_end(&w);
}

static void on_looked(void *ctx, bool failed)
{
    struct look *l = ctx;
    struct od_err err;
    if (failed) {
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the messages could not be read");
        od_api_send_err(l->req, &err);
    } else if (l->one && od_http_body(l->req)->len == 0) {
        od_problem_sendf(l->req, 404, "message_not_found",
                         "There is no such message that waits or has failed.");
    } else {
        od_http_send(l->req, 200);
    }
}

static struct look *look(struct od_http_request *req)
{
    struct look *l = OD_NEW(&req->arena, struct look);
    l->req = req;
    l->limit = DEFAULT_PAGE;
    return l;
}

static bool is_state(struct od_str s)
{
    static const char *const states[] = {"parked", "done", "failed", "discarded"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (od_str_is(s, states[i]))
            return true;
    }
    return false;
}

static void list_messages(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"source", "state", "after", "limit", NULL};
    struct od_api *api = ctx;
    struct look *l = look(req);
    struct od_str after = od_http_query(req, "after"), limit = od_http_query(req, "limit"),
                  state = od_http_query(req, "state");
    int64_t before = 0;
    (void)who;
    if (!od_api_query_known(req, names))
        return;
    if ((after.ptr && !od_str_to_i64(after, 1, INT64_MAX, &before)) ||
        (limit.ptr && !od_str_to_i64(limit, 1, MAX_PAGE, &l->limit)) ||
        (state.ptr && !is_state(state))) {
        od_problem_sendf(req, 422, "bad_query",
                         "state must be parked, done, failed or discarded; after a whole number; "
                         "limit 1 to %d.",
                         MAX_PAGE);
        return;
    }
    od_message_list_send(api->query, before, od_http_query(req, "source"), state,
                         (int32_t)l->limit + 1, on_rows, l);
    od_pg_sync(api->query, on_looked, l);
}

static void change(struct od_api *api, struct od_http_request *req,
                   void (*send)(struct od_pg_conn *conn, int64_t message_id,
                                od_pg_on_result *on_result, void *ctx))
{
    struct look *l = look(req);
    int64_t id;
    l->one = true;
    if (!od_str_to_i64(od_http_param(req, "messageId"), 1, INT64_MAX, &id)) {
        od_problem_sendf(req, 404, "message_not_found", "There is no such message.");
        return;
    }
    send(api->query, id, on_rows, l);
    od_pg_sync(api->query, on_looked, l);
}

static void retry_message(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    change(ctx, req, od_message_retry_send);
}

static void discard_message(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    change(ctx, req, od_message_discard_send);
}

OD_EMBED(od_api_messages_text, "api/messages/messages.json");

static const struct od_api_route routes[] = {
    {"receive", OD_HTTP_POST, "/webhooks/:source", OD_HTTP_ANY_TYPE | OD_HTTP_FORMS, OD_PUBLIC,
     receive},
    {"list_messages", OD_HTTP_GET, "/api/messages", 0, OD_MAY_MESSAGES_VIEW, list_messages},
    {"retry_message", OD_HTTP_POST, "/api/messages/:messageId/retry", 0, OD_MAY_MESSAGES_MANAGE,
     retry_message},
    {"discard_message", OD_HTTP_DELETE, "/api/messages/:messageId", 0, OD_MAY_MESSAGES_MANAGE,
     discard_message},
};

const struct od_api_chapter od_api_messages = OD_API_CHAPTER(routes, od_api_messages_text);
