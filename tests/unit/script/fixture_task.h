#ifndef OD_TEST_SCRIPT_FIXTURE_TASK_H
#define OD_TEST_SCRIPT_FIXTURE_TASK_H

#include "fixture.h"

#include "script/task/task.h"

/* Tasks of a plugin "shop" under a host that keeps what they wait for until the test answers. */

struct tasks {
    struct host *h;
    struct od_task *waiting; /* NULL: nothing waits */
    const struct od_task_request *request;
    unsigned started, ended;
    bool failed;
    struct od_err err;
    int status; /* of the reply of the last that ended, with the rest of it: */
    char type[128], headers[512], body[8192];
};

static inline void on_start(void *ctx, struct od_task *t, const struct od_task_request *request)
{
    struct tasks *ts = ctx;

    assert_null(ts->waiting);
    assert_ptr_equal(od_task_ctx(t), ts);
    ts->waiting = t;
    ts->request = request;
    ts->started++;
}

static inline void on_done(void *ctx, struct od_task *t, const struct od_err *err)
{
    struct tasks *ts = ctx;
    const struct od_route_reply *reply;

    ts->waiting = NULL;
    ts->ended++;
    ts->failed = err != NULL;
    if (err)
        ts->err = *err;
    else
        od_err_clear(&ts->err);
    reply = od_task_reply(t);
    ts->status = reply->status;
    snprintf(ts->type, sizeof ts->type, "%.*s", OD_STR_ARG(reply->type));
    snprintf(ts->body, sizeof ts->body, "%.*s", OD_STR_ARG(reply->body));
    ts->headers[0] = '\0';
    for (uint32_t i = 0; i < reply->header_count; i++) {
        size_t len = strlen(ts->headers);
        snprintf(ts->headers + len, sizeof ts->headers - len, "%.*s: %.*s\n",
                 OD_STR_ARG(reply->headers[i].name), OD_STR_ARG(reply->headers[i].value));
    }
}

/* Loads the default rules and a plugin "shop" of that text, which may do what tasks do. */
static inline void tasks_load(struct tasks *ts, struct host *h, const char *text)
{
    *ts = (struct tasks){.h = h};
    h->plugin_count = 1;
    add_plugin(h, "shop", text);
    h->source.grant_count = 0;
    allow(h, "commands, sql.read");
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

static inline struct od_task_host tasks_host(struct tasks *ts)
{
    return (struct od_task_host){.ctx = ts, .start = on_start, .done = on_done};
}

static inline void tasks_call(struct tasks *ts, const struct od_route_request *r)
{
    struct od_task_host host = tasks_host(ts);

    od_task_start_route(ts->h->bundle, 0, r, NOW, &host, ts);
}

/* Loads a route GET /r whose function is `body`, and calls it. */
static inline void tasks_route(struct tasks *ts, struct host *h, const char *body)
{
    struct od_route_request r = {
        .method = OD_STR("GET"), .path = OD_STR("/r"), .actor = OD_STR("clerk")};
    char text[8192];

    snprintf(text, sizeof text, "oms.route('GET', '/r', {}, function(request) %s end)", body);
    tasks_load(ts, h, text);
    tasks_call(ts, &r);
}

static inline void tasks_answer(struct tasks *ts, const struct od_task_answer *answer)
{
    struct od_task *t = ts->waiting;

    assert_non_null(t);
    ts->waiting = NULL;
    od_task_answer(t, answer, NOW + 1000000);
}

static inline void tasks_answer_text(struct tasks *ts, const char *json)
{
    struct od_str text = od_str_of(json);

    tasks_answer(ts, &(struct od_task_answer){.texts = &text, .count = 1});
}

static inline void tasks_refuse(struct tasks *ts, const char *code, const char *message)
{
    tasks_answer(ts, &(struct od_task_answer){.error_code = od_str_of(code),
                                              .error = od_str_of(message),
                                              .error_policy = OD_STR("order.cancel@default")});
}

static inline void assert_replied(const struct tasks *ts, const char *body)
{
    if (ts->failed)
        fail_msg("%s: %s", ts->err.origin, ts->err.message);
    assert_int_equal(ts->ended, 1);
    assert_string_equal(ts->body, body);
}

static inline void assert_task_failed(const struct tasks *ts, const char *part)
{
    assert_int_equal(ts->ended, 1);
    assert_true(ts->failed);
    assert_contains(ts->err.message, part);
}

#endif
