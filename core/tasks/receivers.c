#include "tasks/receivers.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "engine/rules.h"
#include "loop/timer.h"
#include "script/bundle/bundle.h"
#include "script/task/task.h"
#include "store/messages.h"
#include "tasks/runner.h"

enum {
    LOOK_MS = 1000,    /* between looks for parked messages that are due */
    EXPIRE_EVERY = 60, /* looks */
    AT_ONCE = 20,
    LEASE_MORE_MS = 60000, /* beyond the time that a receiver may take */
};

/* A message on its way through its receiver. */
struct taken {
    struct od_receivers *receivers;
    struct od_arena arena;
    struct od_message message;
    struct od_str sender_id;
    int64_t parked_id; /* of one that was parked; 0: it has just come */
    bool late;         /* its receiver took too long */
    /* The answer, while the message is being kept. */
    int status;
    struct od_str code, reason, thanks;
    struct od_str kept; /* the state it is kept in; absent: it is not */
    void (*done)(void *ctx, const struct od_received_answer *answer);
    void *ctx;
};

struct od_receivers {
    struct od_receivers_conf conf;
    struct od_timer *timer;
    struct od_deferred stopping;
    uint32_t looks;
    uint32_t running;   /* of those that were parked */
    unsigned in_flight; /* syncs that have not come */
    bool claiming;
    int64_t parked, failed; /* at the last look */
    struct {
        uint64_t accepted, ignored, parked, rejected, failed;
    } stats;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void check_stopped(struct od_receivers *r)
{
    if (r->stopped && !r->running && !r->in_flight)
        od_deferred_arm(&r->stopping);
}

static void on_sync(void *ctx, bool failed)
{
    struct od_receivers *r = ctx;
    (void)failed;
    r->in_flight--;
    check_stopped(r);
}

static void end_pipeline(struct od_receivers *r)
{
    r->in_flight++;
    od_pg_sync(r->conf.query, on_sync, r);
}

static void drop(struct taken *t)
{
    od_arena_fini(&t->arena);
    free(t);
}

/* A sender that wants to read words of its own reads them once the message is taken care of. */
static void answer(struct taken *t, int status, const char *code, struct od_str detail)
{
    bool taken = status < 300 || t->kept.ptr;
    const struct od_received_answer a = {
        .status = taken && t->thanks.ptr ? 200 : status,
        .code = code,
        .detail = detail,
        .thanks = taken ? t->thanks : OD_STR_NONE,
    };
    t->done(t->ctx, &a);
    drop(t);
}

/* ---- keeping */

static void on_kept_row(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct taken *t = ctx;
    if (!err && r->rows == 1)
        t->kept = od_arena_str(&t->arena, od_pg_get_text(r, 0, 1));
}

static void on_kept(void *ctx, bool failed)
{
    struct taken *t = ctx;
    struct od_receivers *r = t->receivers;
    r->in_flight--;
    if (failed || !t->kept.ptr) {
        if (t->status == 202)
            answer(t, 503, "unavailable", OD_STR("The message could not be kept. Send it again."));
        else
            answer(t, t->status, t->code.ptr, t->reason);
    } else if (t->status == 202 && od_str_is(t->kept, "done")) {
        answer(t, 200, "accepted", OD_STR_NONE);
    } else if (t->status == 202 && od_str_is(t->kept, "discarded")) {
        answer(t, 200, "ignored", OD_STR("Somebody has given this message up."));
    } else {
        answer(t, t->status, t->code.ptr, t->reason);
    }
    check_stopped(r);
}

/* state: "parked", to be tried again; or "failed", to be looked at by a person. Then answers. */
static void keep(struct taken *t, const char *state, int status, const char *code,
                 struct od_str reason)
{
    struct od_receivers *r = t->receivers;
    const struct od_message_kept kept = {
        .source = t->message.source,
        .sender_id = t->sender_id,
        .headers = t->message.headers,
        .body = t->message.body,
        .state = od_str_of(state),
        .reason = reason,
        .received_at = t->message.received_at,
        .topic = t->message.topic,
        .key = t->message.key,
        .partition = t->message.partition,
        .offset = t->message.offset,
    };
    t->status = status;
    t->code = od_arena_str(&t->arena, od_str_of(code));
    t->reason = od_arena_str(&t->arena, reason);
    r->in_flight++;
    od_message_keep_send(r->conf.query, &kept, on_kept_row, t);
    od_pg_sync(r->conf.query, on_kept, t);
}

static void park(struct taken *t, struct od_str reason)
{
    t->receivers->stats.parked++;
    keep(t, "parked", 202, "parked", reason);
}

/* ---- what came of it */

/* What a message led to. */
enum verdict {
    VERDICT_DONE,
    VERDICT_IGNORED,
    VERDICT_LATER,
    VERDICT_REJECTED,
    VERDICT_BUSY,
    VERDICT_BROKEN
};

/* An order that is not there, or refuses, may be there or agree later. */
static enum verdict of_refusal(int status)
{
    if (status == 404 || status == 409)
        return VERDICT_LATER;
    return status == 503 ? VERDICT_BUSY : VERDICT_REJECTED;
}

static enum verdict of_reply(const struct od_receivers *r, int status,
                             const struct od_route_reply *reply)
{
    /* One that waits for a database which is not there is not to blame for its time. */
    if (!reply)
        return status == 503 || !od_pg_conn_up(r->conf.query) ? VERDICT_BUSY : VERDICT_BROKEN;
    if (reply->refused.code.ptr)
        return of_refusal(reply->refused.status);
    switch (reply->receipt) {
    case OD_RECEIPT_ACCEPTED:
        return VERDICT_DONE;
    case OD_RECEIPT_IGNORED:
        return VERDICT_IGNORED;
    case OD_RECEIPT_PARKED:
        return VERDICT_LATER;
    case OD_RECEIPT_REJECTED:
        return VERDICT_REJECTED;
    }
    return VERDICT_BROKEN;
}

static struct od_str reason_of(struct taken *t, const struct od_route_reply *reply)
{
    if (!reply && t->late)
        return OD_STR("The receiver did not end within [script] task_timeout. Send it again.");
    if (!reply)
        return OD_STR("The receiver failed; the server's log says where and why.");
    if (reply->refused.code.ptr)
        return od_arena_printf(&t->arena, "%.*s: %.*s", OD_STR_ARG(reply->refused.code),
                               OD_STR_ARG(reply->refused.message));
    return od_arena_str(&t->arena, reply->receipt_reason);
}

/* Anybody can send what is not signed; what a sender signed is kept, so that the shop learns why it
 * had no effect. */
static void reject(struct taken *t, const struct od_route_reply *reply, struct od_str reason)
{
    struct od_str code = reply->refused.code.ptr ? reply->refused.code : reply->receipt_code;
    const char *text = od_arena_str(&t->arena, code).ptr;
    int status = od_str_is(code, "bad_signature") ? 401 : reply->refused.status == 413 ? 413 : 422;
    t->receivers->stats.rejected++;
    if (reply->authentic)
        keep(t, "failed", status, text, reason);
    else
        answer(t, status, text, reason);
}

static void on_new(struct taken *t, enum verdict verdict, const struct od_route_reply *reply)
{
    struct od_receivers *r = t->receivers;
    struct od_str reason = reason_of(t, reply);
    switch (verdict) {
    case VERDICT_DONE:
        r->stats.accepted++;
        answer(t, 200, "accepted", OD_STR_NONE);
        return;
    case VERDICT_IGNORED:
        r->stats.ignored++;
        answer(t, 200, "ignored", reason);
        return;
    case VERDICT_LATER:
        park(t, reason);
        return;
    case VERDICT_REJECTED:
        reject(t, reply, reason);
        return;
    case VERDICT_BUSY:
        answer(t, 503, "unavailable", OD_STR("It cannot be carried out now. Send it again."));
        return;
    case VERDICT_BROKEN:
        r->stats.failed++;
        if (t->late)
            answer(t, 504, "receiver_timeout", reason);
        else
            answer(t, 500, "receiver_failed", reason);
        return;
    }
}

static void on_again(struct taken *t, enum verdict verdict, const struct od_route_reply *reply)
{
    struct od_receivers *r = t->receivers;
    struct od_str reason = reason_of(t, reply);
    switch (verdict) {
    case VERDICT_DONE:
    case VERDICT_IGNORED:
        od_message_settle_send(r->conf.query, t->parked_id, OD_STR("done"), reason);
        break;
    case VERDICT_REJECTED:
        od_message_settle_send(r->conf.query, t->parked_id, OD_STR("failed"), reason);
        break;
    case VERDICT_LATER:
    case VERDICT_BUSY:
    case VERDICT_BROKEN:
        od_message_wait_send(r->conf.query, t->parked_id, reason, r->conf.park_ms);
        break;
    }
    end_pipeline(r);
    r->running--;
    drop(t);
}

static void on_reply(void *ctx, int status, const struct od_route_reply *reply)
{
    struct taken *t = ctx;
    enum verdict verdict = of_reply(t->receivers, status, reply);
    t->late = !reply && status == 504;
    if (reply)
        t->sender_id = od_arena_str(&t->arena, reply->message_id);
    if (reply)
        t->thanks = od_arena_str(&t->arena, reply->thanks);
    if (t->parked_id)
        on_again(t, verdict, reply);
    else
        on_new(t, verdict, reply);
}

/* ---- starting */

static struct taken *take(struct od_receivers *r)
{
    struct taken *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->receivers = r;
    od_arena_init(&t->arena);
    return t;
}

static bool find(struct od_bundle *b, struct od_str source, uint32_t *index)
{
    uint32_t count;
    const struct od_offer *offers = od_bundle_offers(b, OD_OFFER_RECEIVER, &count);
    for (*index = 0; *index < count; ++*index) {
        if (od_str_eq(offers[*index].name, source))
            return true;
    }
    return false;
}

static bool start(struct taken *t, struct od_bundle *b, uint32_t index)
{
    return od_script_host_receiver(t->receivers->conf.scripts, b, index, &t->message, on_reply, t);
}

/* The place of a message of Kafka is its name, as long as its receiver gives no better one. */
static void name_by_place(struct taken *t)
{
    if (t->message.topic.ptr)
        t->message.id = od_arena_printf(&t->arena, "%.*s/%d/%lld", OD_STR_ARG(t->message.topic),
                                        (int)t->message.partition, (long long)t->message.offset);
}

void od_receivers_take(struct od_receivers *r, const struct od_received *m,
                       void (*done)(void *ctx, const struct od_received_answer *answer), void *ctx)
{
    struct od_bundle *bundle = (*r->conf.rules)->bundle;
    struct taken *t = take(r);
    uint32_t index;
    t->done = done;
    t->ctx = ctx;
    t->message = (struct od_message){
        .source = m->source,
        .headers = m->headers,
        .body = m->body,
        .received_at = m->received_at,
        .topic = m->topic,
        .key = m->key,
        .partition = m->partition,
        .offset = m->offset,
    };
    name_by_place(t);
    if (!find(bundle, m->source, &index))
        answer(t, 404, "receiver_not_found",
               OD_STR("No plugin that serves receives from this source."));
    else if (!start(t, bundle, index))
        answer(t, 503, "overloaded", OD_STR("Too many scripts are under way. Send it again."));
}

static void copy_row(struct taken *t, const struct od_pg_result *res, int row)
{
    struct od_arena *a = &t->arena;
    t->parked_id = od_pg_get_i64(res, row, OD_MESSAGE_DUE_ID);
    t->message = (struct od_message){
        .source = od_arena_str(a, od_pg_get_text(res, row, OD_MESSAGE_DUE_SOURCE)),
        .headers = od_arena_str(a, od_pg_get_text(res, row, OD_MESSAGE_DUE_HEADERS)),
        .body = od_arena_str(a, od_pg_get_bytea(res, row, OD_MESSAGE_DUE_BODY)),
        .received_at = od_pg_get_time(res, row, OD_MESSAGE_DUE_RECEIVED),
        .topic = od_arena_str(a, od_pg_get_text(res, row, OD_MESSAGE_DUE_TOPIC)),
    };
    if (t->message.topic.ptr) {
        t->message.partition = od_pg_get_i32(res, row, OD_MESSAGE_DUE_PARTITION);
        t->message.offset = od_pg_get_i64(res, row, OD_MESSAGE_DUE_OFFSET);
        t->message.key = od_arena_str(a, od_pg_get_bytea(res, row, OD_MESSAGE_DUE_KEY));
    }
    name_by_place(t);
}

static void on_claimed(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_receivers *r = ctx;
    struct od_bundle *bundle = (*r->conf.rules)->bundle;
    r->claiming = false;
    for (int i = 0; !err && i < res->rows; i++) {
        struct taken *t = take(r);
        uint32_t index;
        copy_row(t, res, i);
        if (!find(bundle, t->message.source, &index)) {
            od_message_wait_send(r->conf.query, t->parked_id,
                                 OD_STR("No plugin that serves receives from this source."),
                                 r->conf.park_ms);
            end_pipeline(r);
            drop(t);
            continue;
        }
        r->running++;
        if (start(t, bundle, index))
            continue;
        r->running--; /* its lease runs out, and it is tried again */
        drop(t);
    }
}

static void on_counted(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_receivers *r = ctx;
    if (err)
        return;
    r->parked = od_pg_get_i64(res, 0, 0);
    r->failed = od_pg_get_i64(res, 0, 1);
}

static void on_timer(void *ctx)
{
    struct od_receivers *r = ctx;
    if (r->stopped || !od_pg_conn_up(r->conf.query) || r->claiming || !*r->conf.rules)
        return;
    r->claiming = true;
    od_message_claim_send(r->conf.query, AT_ONCE, r->conf.task_ms + LEASE_MORE_MS, on_claimed, r);
    if (r->looks++ % EXPIRE_EVERY == 0) {
        od_message_expire_send(r->conf.query, r->conf.keep_ms);
        od_message_count_send(r->conf.query, on_counted, r);
    }
    end_pipeline(r);
}

static void on_stopping(void *ctx)
{
    struct od_receivers *r = ctx;
    void (*stopped)(void *) = r->stopped;
    void *stopped_ctx = r->stopped_ctx;
    od_timer_free(r->timer);
    free(r);
    stopped(stopped_ctx);
}

struct od_receivers *od_receivers_new(struct od_loop *loop, const struct od_receivers_conf *conf)
{
    struct od_receivers *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->conf = *conf;
    od_deferred_init(&r->stopping, loop, on_stopping, r);
    r->timer = od_timer_new(loop, on_timer, r);
    od_timer_start(r->timer, LOOK_MS, LOOK_MS);
    return r;
}

void od_receivers_metrics(const struct od_receivers *r, struct od_buf *out)
{
    const struct {
        const char *outcome;
        uint64_t count;
    } rows[] = {
        {"accepted", r->stats.accepted}, {"ignored", r->stats.ignored}, {"parked", r->stats.parked},
        {"rejected", r->stats.rejected}, {"failed", r->stats.failed},
    };
    od_buf_str(out,
               OD_STR("# HELP orderd_messages_total Messages of other systems, by what came of "
                      "them when they came.\n# TYPE orderd_messages_total counter\n"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        od_buf_printf(out, "orderd_messages_total{outcome=\"%s\"} %llu\n", rows[i].outcome,
                      (unsigned long long)rows[i].count);
    od_buf_printf(out,
                  "# HELP orderd_messages Messages that wait, or failed for good, as of a minute "
                  "ago at most.\n# TYPE orderd_messages gauge\norderd_messages{state=\"parked\"} "
                  "%lld\norderd_messages{state=\"failed\"} %lld\n",
                  (long long)r->parked, (long long)r->failed);
}

void od_receivers_stop(struct od_receivers *r, void (*stopped)(void *ctx), void *ctx)
{
    r->stopped = stopped;
    r->stopped_ctx = ctx;
    check_stopped(r);
}
