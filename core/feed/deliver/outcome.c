#include "feed/deliver/parts.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/json/json.h"
#include "base/log.h"
#include "pg/conn.h"
#include "store/feed/targets.h"

/* What an attempt came to: when the delivery is tried again, and whether its target rests. */

enum {
    REST_MIN_MS = 250,   /* the rest of a target after a failed attempt, which doubles … */
    REST_MAX_MS = 60000, /* … up to this */
    NOTICE_MAX = 16 << 10,
    JITTER = 5, /* waits grow by up to a fifth, so that not all come at once */
};

/* Milliseconds until the next attempt; -1: that was the last. */
static int64_t next_wait(const struct od_outgoing *t, const struct od_attempt *a)
{
    const struct od_target_kind *kind = t->conf->kind;
    const struct od_conf *conf = t->deliverer->conf.conf;
    int32_t n = a->delivery.attempt;
    int64_t wait;
    uint32_t dice;
    if (a->result.outcome == OD_DELIVERY_REFUSED || n >= t->conf->max_attempts)
        return -1;
    if (kind->waits) {
        wait = kind->waits[(size_t)n <= kind->wait_count ? (size_t)n - 1 : kind->wait_count - 1];
    } else {
        wait = conf->feed.retry_min_ms << (n <= 20 ? n - 1 : 19);
        wait = wait < conf->feed.retry_max_ms ? wait : conf->feed.retry_max_ms;
    }
    wait = wait > a->result.wait_ms ? wait : a->result.wait_ms;
    od_random(&dice, sizeof dice);
    return wait + (kind->waits ? wait / JITTER * (dice % 1000) / 1000 : 0);
}

static void note_target(struct od_outgoing *t, const struct od_pg_stmt *stmt)
{
    struct od_pg_params *p = od_pg_params(t->deliverer->conn);
    od_pg_text(p, t->conf->name);
    od_pg_send(t->deliverer->conn, stmt, p, NULL, NULL);
    od_pg_sync(t->deliverer->conn, NULL, NULL);
}

/* What the operator is told, as a mail has it and as a program reads it. */
static struct od_str notice_of(const struct od_outgoing *t, struct od_str reason,
                               struct od_arena *a)
{
    struct od_json_writer w;
    struct od_buf out;
    od_buf_init(&out, NOTICE_MAX);
    od_jw_init(&w, &out);
    od_jw_object(&w);
    od_jw_key(&w, "subject");
    od_jw_str(&w, od_arena_printf(a, "orderd: target %.*s is disabled", OD_STR_ARG(t->conf->name)));
    od_jw_key(&w, "text");
    od_jw_str(&w, od_arena_printf(a,
                                  "Nothing is sent to the target %.*s any more: %.*s.\nWhat is for "
                                  "it waits. When it works again: orderd deliveries resume %.*s",
                                  OD_STR_ARG(t->conf->name), OD_STR_ARG(reason),
                                  OD_STR_ARG(t->conf->name)));
    od_jw_key(&w, "data");
    od_jw_object(&w);
    od_jw_key(&w, "target");
    od_jw_str(&w, t->conf->name);
    od_jw_key(&w, "kind");
    od_jw_cstr(&w, t->conf->kind->name);
    od_jw_key(&w, "reason");
    od_jw_str(&w, reason);
    od_jw_object_end(&w);
    od_jw_object_end(&w);
    struct od_str text = od_arena_str(a, od_buf_view(&out));
    od_buf_fini(&out);
    return text;
}

static void disable(struct od_outgoing *t, struct od_str reason)
{
    struct od_pg_conn *conn = t->deliverer->conn;
    struct od_arena arena;
    od_arena_init(&arena);
    t->disabled = true;
    t->disabled_count++;
    od_error("target_disabled", "target=%.*s reason=\"%.*s\"", OD_STR_ARG(t->conf->name),
             OD_STR_ARG(reason));
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, t->conf->name);
    od_pg_text(p, reason);
    od_pg_text(p, t->deliverer->conf.conf->feed.operator_target);
    od_pg_text(p, notice_of(t, reason, &arena));
    od_arena_fini(&arena);
    od_pg_send(conn, &od_disable_target, p, NULL, NULL);
    od_pg_sync(conn, NULL, NULL);
}

static void works(struct od_outgoing *t)
{
    t->streak = 0;
    t->rest_until_us = 0;
    if (t->failing)
        note_target(t, &od_target_works);
    t->failing = false;
    t->failing_us = 0;
}

int64_t od_rest_after(unsigned failures)
{
    int64_t rest_ms = (int64_t)REST_MIN_MS << (failures < 10 ? failures : 10);
    return rest_ms < REST_MAX_MS ? rest_ms : REST_MAX_MS;
}

/* Several that were under way together fail for one reason, and count once. */
static bool fails(struct od_outgoing *t, int64_t asked_ms)
{
    int64_t now = od_clock_monotonic_us();
    bool first = now >= t->rest_until_us;
    int64_t rest_ms = od_rest_after(t->streak);
    rest_ms = rest_ms > asked_ms ? rest_ms : asked_ms;
    if (first)
        t->streak++;
    if (first || now + asked_ms * 1000 > t->rest_until_us)
        t->rest_until_us = now + rest_ms * 1000;
    return first;
}

/* Only an attempt that fails now says so: a target that was sent nothing since may work again. */
static bool fails_for_too_long(const struct od_outgoing *t)
{
    return t->conf->disable_after_ms && t->failing_us &&
           od_clock_monotonic_us() - t->failing_us > t->conf->disable_after_ms * 1000;
}

static struct od_str failed_too_long(const struct od_outgoing *t, struct od_attempt *a)
{
    static const struct {
        int64_t s;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
    int64_t s = (od_clock_monotonic_us() - t->failing_us) / 1000000;
    size_t u = 0;
    while (u < 3 && s < 2 * units[u].s)
        u++;
    return od_arena_printf(&a->arena, "every attempt has failed for %lld %s, the last: %.*s",
                           (long long)(s / units[u].s), units[u].name, OD_STR_ARG(a->result.why));
}

static void tell(const struct od_attempt *a)
{
    const struct od_delivery *d = &a->delivery;
    od_warn("delivery_failed", "target=%.*s delivery=%lld hook=%.*s attempt=%d%s reason=\"%.*s\"",
            OD_STR_ARG(a->target->conf->name), (long long)d->delivery_id, OD_STR_ARG(d->hook),
            (int)d->attempt, a->wait_ms < 0 ? " given_up=yes" : "", OD_STR_ARG(a->result.why));
}

/* The beginning of what somebody else said as text, for a row of the database; bytes that are none
 * become question marks. */
static struct od_str readable(struct od_arena *arena, struct od_str answer)
{
    size_t len = answer.len < OD_ANSWER_KEPT ? answer.len : OD_ANSWER_KEPT;
    if (!answer.ptr)
        return OD_STR_NONE;
    while (len < answer.len && len > 0 && ((unsigned char)answer.ptr[len] & 0xc0) == 0x80)
        len--;
    char *out = od_arena_alloc(arena, len + 1);
    bool valid = od_utf8_valid(od_str_n(answer.ptr, len));
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)answer.ptr[i];
        out[i] = c == 0 || (!valid && c >= 0x80) ? '?' : (char)c;
    }
    out[len] = '\0';
    return od_str_n(out, len);
}

void od_delivery_done(struct od_delivery *delivery, const struct od_delivery_result *result)
{
    struct od_attempt *a = OD_LIST_ENTRY(delivery, struct od_attempt, delivery);
    struct od_outgoing *t = a->target;
    struct od_deliverer *d = t->deliverer;
    bool told = true;
    OD_ASSERT(a->state == OD_ATTEMPT_UNDER_WAY);
    a->state = OD_ATTEMPT_ENDED;
    a->latency_ms = (od_clock_monotonic_us() - a->began_us) / 1000;
    a->result = *result;
    a->result.why = readable(&a->arena, result->why);
    a->result.answer = readable(&a->arena, result->answer);
    if (result->outcome == OD_DELIVERY_LATER && !t->failing) {
        note_target(t, &od_target_fails);
        t->failing = true;
        t->failing_us = od_clock_monotonic_us();
    }
    if (result->outcome == OD_DELIVERY_LATER && !result->one_alone)
        told = fails(t, result->wait_ms);
    else if (result->outcome == OD_DELIVERED)
        works(t);
    a->wait_ms = next_wait(t, a);
    if (result->outcome == OD_DELIVERED) {
        t->delivered++;
        d->stats.delivered++;
    } else if (result->outcome != OD_DELIVERY_DROPPED) {
        t->failed++;
        t->given_up += a->wait_ms < 0;
        d->stats.failed++;
        if (told || a->wait_ms < 0)
            tell(a);
    }
    if (result->gone && !t->disabled)
        disable(t, a->result.why);
    else if (result->outcome == OD_DELIVERY_LATER && !t->disabled && fails_for_too_long(t))
        disable(t, failed_too_long(t, a));
    od_list_remove(&a->node);
    od_list_push(&d->ended, &a->node);
    od_deferred_arm(&d->flushing);
}
