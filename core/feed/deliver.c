#include "feed/deliver.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/json/json.h"
#include "base/list.h"
#include "base/log.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "pg/transaction.h"
#include "store/feed/deliveries.h"
#include "store/feed/targets.h"

enum {
    LOOK_US = 1000000, /* between looks at the targets' rows */
    END_OWNERS_US = 2000000,
    YIELD_MAX_US = 250000,   /* a round that took longer mostly waited: for a disk, a lock */
    SILENT_OWNER_MS = 10000, /* an owner that is well looks once a second */
    REST_MIN_MS = 250,       /* of a target whose attempt failed, doubling … */
    REST_MAX_MS = 60000,     /* … up to this */
    JITTER = 5,              /* waits grow by up to a fifth, so that not all come at once */
};

struct target {
    struct od_deliverer *deliverer;
    const struct od_target_conf *conf;
    void *self;
    bool owned, paused, disabled;
    bool asking;  /* for what is due */
    bool more;    /* there may be something due */
    bool failing; /* and the row says so */
    bool closed;
    uint32_t under_way;
    unsigned streak; /* failures since the last success */
    int64_t rest_until_us, asked_us, overdue_ms;
    int64_t allowance_us;    /* of its rate: when the next attempt may begin, at the earliest */
    struct od_list attempts; /* under way */
    struct od_list fresh;    /* read, not yet begun */
    uint64_t delivered, failed, given_up;
};

enum attempt_state { FRESH = 0, UNDER_WAY, ENDED, MARKING };

struct attempt {
    struct od_delivery delivery;
    struct od_list node;
    struct target *target;
    enum attempt_state state;
    struct od_arena arena;
    int64_t began_us, latency_ms;
    struct od_delivery_result result;
    int64_t wait_ms; /* until the next one; -1: given up */
};

struct od_deliverer {
    struct od_loop *loop;
    struct od_feed_conf conf;
    struct od_feed_stats *stats;
    struct od_pg_conn *conn;
    struct od_timer *timer;
    struct od_deferred flushing;
    struct od_targets targets;
    struct od_targets next; /* when what is under way has ended */
    bool swapping;
    struct target *items; /* [targets.count] */
    bool looking, up;
    int64_t looked_us, ended_owners_us;
    bool standbys; /* the server waits for synchronous ones: rows may be there and not replicated */
    uint64_t seen_activity;
    struct od_list ended, marking; /* attempts to be noted, and those whose marks are under way */
    bool stopping;
    unsigned closing; /* targets that have not called back */
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void pump(struct od_deliverer *d);
static void proceed(struct od_deliverer *d);

/* ---- attempts */

static struct attempt *attempt_new(struct target *t, const struct od_due *due)
{
    struct attempt *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    od_arena_init(&a->arena);
    od_list_init(&a->node);
    a->target = t;
    a->delivery = (struct od_delivery){
        .delivery_id = due->delivery_id,
        .order_id = due->order_id,
        .seq = due->seq,
        .attempt = due->attempts + 1,
        .created_at = due->created_at,
        .topic = od_arena_str(&a->arena, due->topic),
        .hook = od_arena_str(&a->arena, due->hook),
        .intent = od_arena_str(&a->arena, due->kind),
        .recipient = od_arena_str(&a->arena, due->target),
        .name = od_arena_str(&a->arena, due->name),
        .payload = od_arena_str(&a->arena, due->payload),
    };
    return a;
}

static void attempt_free(struct attempt *a)
{
    od_list_remove(&a->node);
    a->target->under_way--;
    od_arena_fini(&a->arena);
    free(a);
}

static void free_all(struct od_list *list)
{
    for (struct od_list *n; (n = od_list_shift(list));)
        attempt_free(OD_LIST_ENTRY(n, struct attempt, node));
}

/* ---- what an attempt came to */

/* Milliseconds until the next attempt; -1: that was the last. */
static int64_t next_wait(const struct target *t, const struct attempt *a)
{
    const struct od_target_kind *kind = t->conf->kind;
    const struct od_feed_conf *conf = &t->deliverer->conf;
    int32_t n = a->delivery.attempt;
    int64_t wait;
    uint32_t dice;
    if (a->result.outcome == OD_DELIVERY_REFUSED || n >= t->conf->max_attempts)
        return -1;
    if (kind->waits) {
        wait = kind->waits[(size_t)n <= kind->wait_count ? (size_t)n - 1 : kind->wait_count - 1];
    } else {
        wait = (int64_t)conf->retry_min_ms << (n <= 20 ? n - 1 : 19);
        wait = wait < conf->retry_max_ms ? wait : conf->retry_max_ms;
    }
    wait = wait > a->result.wait_ms ? wait : a->result.wait_ms;
    od_random(&dice, sizeof dice);
    return wait + (kind->waits ? wait / JITTER * (dice % 1000) / 1000 : 0);
}

static void note_target(struct target *t, const struct od_pg_stmt *stmt)
{
    struct od_pg_params *p = od_pg_params(t->deliverer->conn);
    od_pg_text(p, t->conf->name);
    od_pg_send(t->deliverer->conn, stmt, p, NULL, NULL);
    od_pg_sync(t->deliverer->conn, NULL, NULL);
}

static void disable(struct target *t, struct od_str reason)
{
    struct od_pg_conn *conn = t->deliverer->conn;
    t->disabled = true;
    od_error("target_disabled", "target=%.*s reason=\"%.*s\"", OD_STR_ARG(t->conf->name),
             OD_STR_ARG(reason));
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, t->conf->name);
    od_pg_text(p, reason);
    od_pg_send(conn, &od_disable_target, p, NULL, NULL);
    od_pg_sync(conn, NULL, NULL);
}

static void works(struct target *t)
{
    t->streak = 0;
    t->rest_until_us = 0;
    if (t->failing)
        note_target(t, &od_target_works);
    t->failing = false;
}

/* Several that were under way together fail for one reason, and count once. */
static bool fails(struct target *t, int64_t asked_ms)
{
    int64_t now = od_clock_monotonic_us();
    bool first = now >= t->rest_until_us;
    int64_t rest_ms = (int64_t)REST_MIN_MS << (t->streak < 10 ? t->streak : 10);
    rest_ms = rest_ms < REST_MAX_MS ? rest_ms : REST_MAX_MS;
    rest_ms = rest_ms > asked_ms ? rest_ms : asked_ms;
    if (first)
        t->streak++;
    if (first || now + asked_ms * 1000 > t->rest_until_us)
        t->rest_until_us = now + rest_ms * 1000;
    return first;
}

static void tell(const struct attempt *a)
{
    const struct od_delivery *d = &a->delivery;
    od_warn("delivery_failed", "target=%.*s delivery=%lld hook=%.*s attempt=%d%s reason=\"%.*s\"",
            OD_STR_ARG(a->target->conf->name), (long long)d->delivery_id, OD_STR_ARG(d->hook),
            (int)d->attempt, a->wait_ms < 0 ? " given_up=yes" : "", OD_STR_ARG(a->result.why));
}

/* The beginning of an answer as text; bytes that are none become question marks. */
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
    struct attempt *a = OD_LIST_ENTRY(delivery, struct attempt, delivery);
    struct target *t = a->target;
    struct od_deliverer *d = t->deliverer;
    bool told = true;
    OD_ASSERT(a->state == UNDER_WAY);
    a->state = ENDED;
    a->latency_ms = (od_clock_monotonic_us() - a->began_us) / 1000;
    a->result = *result;
    a->result.why = od_arena_str(&a->arena, result->why);
    a->result.answer = readable(&a->arena, result->answer);
    if (result->outcome == OD_DELIVERY_LATER && !t->failing) {
        note_target(t, &od_target_fails);
        t->failing = true;
    }
    if (result->outcome == OD_DELIVERY_LATER && !result->one_alone)
        told = fails(t, result->wait_ms);
    else if (result->outcome == OD_DELIVERED)
        works(t);
    a->wait_ms = next_wait(t, a);
    if (result->outcome == OD_DELIVERED) {
        t->delivered++;
        d->stats->delivered++;
    } else if (result->outcome != OD_DELIVERY_DROPPED) {
        t->failed++;
        t->given_up += a->wait_ms < 0;
        d->stats->failed++;
        if (told || a->wait_ms < 0)
            tell(a);
    }
    if (result->gone && !t->disabled)
        disable(t, a->result.why);
    od_list_remove(&a->node);
    od_list_push(&d->ended, &a->node);
    od_deferred_arm(&d->flushing);
}

/* ---- marks */

#define EACH(list, a, condition, put)                                                              \
    for (struct od_list *n_ = (list)->next; n_ != (list); n_ = n_->next) {                         \
        struct attempt *a = OD_LIST_ENTRY(n_, struct attempt, node);                               \
        if (condition)                                                                             \
            put;                                                                                   \
    }
#define ARRAY(oid, condition, put)                                                                 \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        EACH(&d->marking, a, condition, put)                                                       \
        od_pg_array_end(p);                                                                        \
    } while (0)

static bool is_delivered(const struct attempt *a)
{
    return a->result.outcome == OD_DELIVERED;
}

static bool has_failed(const struct attempt *a)
{
    return a->result.outcome == OD_DELIVERY_LATER || a->result.outcome == OD_DELIVERY_REFUSED;
}

/* Of one that succeeds without an answer the delivery's own row says all. */
static bool is_kept(const struct attempt *a)
{
    return has_failed(a) ||
           (is_delivered(a) && (a->target->conf->kind->answers || a->delivery.attempt > 1));
}

static size_t count_of(const struct od_deliverer *d, bool (*which)(const struct attempt *a))
{
    size_t count = 0;
    EACH(&d->marking, a, which(a), count++)
    return count;
}

static void send_marks(struct od_deliverer *d)
{
    struct od_pg_params *p;
    if (count_of(d, is_delivered)) {
        p = od_pg_params(d->conn);
        ARRAY(OD_PG_INT8, is_delivered(a), od_pg_array_i64(p, a->delivery.delivery_id));
        od_pg_send(d->conn, &od_mark_delivered, p, NULL, NULL);
    }
    if (count_of(d, has_failed)) {
        p = od_pg_params(d->conn);
        ARRAY(OD_PG_INT8, has_failed(a), od_pg_array_i64(p, a->delivery.delivery_id));
        ARRAY(OD_PG_TEXT, has_failed(a), od_pg_array_text(p, a->result.why));
        ARRAY(OD_PG_INT8, has_failed(a), od_pg_array_i64(p, a->wait_ms));
        od_pg_send(d->conn, &od_mark_failed, p, NULL, NULL);
    }
    if (count_of(d, is_kept)) {
        p = od_pg_params(d->conn);
        ARRAY(OD_PG_INT8, is_kept(a), od_pg_array_i64(p, a->delivery.delivery_id));
        ARRAY(OD_PG_INT4, is_kept(a), od_pg_array_i32(p, a->delivery.attempt));
        ARRAY(OD_PG_INT8, is_kept(a), od_pg_array_i64(p, a->latency_ms));
        ARRAY(OD_PG_INT4, is_kept(a), od_pg_array_i32(p, a->result.status));
        ARRAY(OD_PG_TEXT, is_kept(a),
              od_pg_array_text(p, is_delivered(a) ? OD_STR_NONE : a->result.why));
        ARRAY(OD_PG_TEXT, is_kept(a), od_pg_array_text(p, a->result.answer));
        od_pg_send(d->conn, &od_insert_attempts, p, NULL, NULL);
    }
}

/* What was not noted because the connection was lost is noted on the next one. An error of the
 * database would come again: then the deliveries are made again. */
static void on_marked(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    if (failed && !od_pg_conn_up(d->conn)) {
        EACH(&d->marking, a, true, a->state = ENDED)
        od_list_splice(&d->marking, &d->ended);
        od_list_splice(&d->ended, &d->marking);
    } else {
        free_all(&d->marking);
    }
    proceed(d);
}

static void on_flush(void *ctx)
{
    struct od_deliverer *d = ctx;
    if (od_list_empty(&d->ended) || !od_list_empty(&d->marking))
        return;
    if (!d->up) {
        if (d->stopping) { /* nobody is there to note it */
            free_all(&d->ended);
            proceed(d);
        }
        return;
    }
    EACH(&d->ended, a, true, a->state = MARKING)
    od_list_splice(&d->marking, &d->ended);
    send_marks(d);
    od_pg_sync(d->conn, on_marked, d);
}

/* ---- what is due */

static void start(struct target *t)
{
    struct od_deliverer *d = t->deliverer;
    size_t n = 0, count = 0;
    for (struct od_list *node = t->fresh.next; node != &t->fresh; node = node->next)
        count++;
    struct od_delivery **batch = calloc(count ? count : 1, sizeof *batch);
    if (!batch)
        abort();
    for (struct od_list *node; (node = od_list_shift(&t->fresh));) {
        struct attempt *a = OD_LIST_ENTRY(node, struct attempt, node);
        a->state = UNDER_WAY;
        a->began_us = od_clock_monotonic_us();
        od_list_push(&t->attempts, &a->node);
        batch[n++] = &a->delivery;
    }
    if (n)
        t->conf->kind->deliver(t->self, batch, n);
    free(batch);
    proceed(d);
}

static void on_sure(void *ctx, bool failed)
{
    struct target *t = ctx;
    t->asking = false;
    if (failed || t->deliverer->stopping)
        free_all(&t->fresh);
    start(t);
}

static void on_asked(void *ctx, bool failed)
{
    struct target *t = ctx;
    struct od_deliverer *d = t->deliverer;
    if (!failed && !d->stopping && d->standbys && t->conf->kind->leaves &&
        !od_list_empty(&t->fresh)) {
        od_pg_send(d->conn, &od_pg_witness, NULL, NULL, NULL);
        od_pg_sync(d->conn, on_sure, t);
        return;
    }
    on_sure(t, failed);
}

/* Of several that are due of one order only the first begins. */
static bool order_under_way(const struct target *t, int64_t order_id)
{
    const struct od_list *const lists[] = {&t->fresh, &t->attempts, &t->deliverer->ended,
                                           &t->deliverer->marking};
    if (order_id == 0 || t->conf->kind->whole)
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        EACH(lists[i], a, a->target == t && a->delivery.order_id == order_id, return true)
    }
    return false;
}

static void on_due(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct target *t = ctx;
    if (err)
        return;
    t->more = r->rows > 0;
    if (!t->more)
        t->asked_us = 0; /* what follows is waiting, not work */
    for (int i = 0; i < r->rows; i++) {
        struct od_due due;
        od_due_read(r, i, &due);
        if (order_under_way(t, due.order_id))
            continue;
        struct attempt *a = attempt_new(t, &due);
        t->under_way++;
        od_list_push(&t->fresh, &a->node);
    }
}

static void on_standbys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliverer *d = ctx;
    if (!err)
        d->standbys = od_pg_get_bool(r, 0, 0);
}

static void put_under_way(const struct target *t, struct od_pg_params *p, bool orders)
{
    const struct od_list *const lists[] = {&t->attempts, &t->deliverer->ended,
                                           &t->deliverer->marking};
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        EACH(lists[i], a, a->target == t && (!orders || a->delivery.order_id),
             od_pg_array_i64(p, orders ? a->delivery.order_id : a->delivery.delivery_id))
    }
    od_pg_array_end(p);
}

/* How many attempts may begin now. */
static uint32_t room(struct target *t, int64_t now)
{
    const struct od_target_kind *kind = t->conf->kind;
    uint32_t most = (uint32_t)t->conf->concurrency;
    if (most > kind->concurrency && kind->whole)
        most = kind->concurrency;
    if (t->streak) /* one tries, as long as it may not work */
        most = 1;
    if (now < t->rest_until_us || t->under_way >= most || (kind->whole && t->under_way))
        return 0;
    uint32_t free_slots = most - t->under_way;
    if (!t->conf->rate)
        return free_slots;
    /* At most a second's worth at once. */
    if (t->allowance_us < now - 1000000)
        t->allowance_us = now - 1000000;
    int64_t allowed = (now - t->allowance_us) * t->conf->rate / 1000000;
    return allowed < free_slots ? (uint32_t)allowed : free_slots;
}

/* While commands come in, what costs processor time here is paid for with rest. */
static bool yields(struct target *t, int64_t now)
{
    struct od_deliverer *d = t->deliverer;
    uint64_t activity = d->conf.activity(d->conf.ctx);
    bool busy = activity != d->seen_activity;
    d->seen_activity = activity;
    if (!busy || t->conf->kind->answers || !t->asked_us)
        return false;
    int64_t took = now - t->asked_us;
    took = took < YIELD_MAX_US ? took : YIELD_MAX_US;
    t->asked_us = 0;
    t->rest_until_us = now + took * (100 - d->conf.share) / d->conf.share;
    return t->rest_until_us > now;
}

static void ask(struct target *t)
{
    struct od_deliverer *d = t->deliverer;
    int64_t now = od_clock_monotonic_us();
    uint32_t limit = room(t, now);
    if (!limit || yields(t, now))
        return;
    t->asking = true;
    t->asked_us = now;
    if (t->conf->rate)
        t->allowance_us += (int64_t)limit * 1000000 / t->conf->rate;
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_text(p, t->conf->name);
    od_pg_i32(p, (int32_t)limit);
    put_under_way(t, p, false);
    put_under_way(t, p, true);
    od_pg_bool(p, t->conf->ordered);
    od_pg_send(d->conn, &od_select_due, p, on_due, t);
    od_pg_send(d->conn, &od_ask_standbys, NULL, on_standbys, d);
    od_pg_sync(d->conn, on_asked, t);
}

/* ---- looks */

static struct target *find(const struct od_deliverer *d, struct od_str name)
{
    for (size_t i = 0; i < d->targets.count; i++) {
        if (od_str_eq(d->items[i].conf->name, name))
            return &d->items[i];
    }
    return NULL;
}

static void on_look(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliverer *d = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_target_row row;
        od_target_row_read(r, i, &row);
        struct target *t = find(d, row.name);
        if (!t)
            continue;
        if (row.owned && !t->owned) {
            t->streak = 0;
            t->more = true;
        }
        t->owned = row.owned;
        if (t->disabled && !row.disabled) { /* somebody has resumed it */
            t->streak = 0;
            t->rest_until_us = 0;
        }
        t->paused = row.paused;
        t->disabled = row.disabled;
        t->failing = row.failing_ms >= 0;
        t->overdue_ms = row.overdue_ms;
        t->more = t->more || row.overdue_ms > 0;
        if (t->owned && !t->disabled && t->conf->disable_after_ms &&
            row.failing_ms > t->conf->disable_after_ms)
            disable(t, OD_STR("every attempt has failed for longer than disable_after"));
    }
}

static void on_looked(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    (void)failed;
    d->looking = false;
    proceed(d);
}

static void on_owner_ended(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx;
    for (int i = 0; !err && i < r->rows; i++)
        od_warn("target_taken_over", "pid=%d reason=\"its process did not go on\"",
                (int)od_pg_get_i32(r, i, 0));
}

static void look(struct od_deliverer *d)
{
    int64_t now = od_clock_monotonic_us();
    bool all = true;
    d->looking = true;
    d->looked_us = now;
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < d->targets.count; i++)
        od_pg_array_text(p, d->items[i].conf->name);
    od_pg_array_end(p);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < d->targets.count; i++) {
        all = all && d->items[i].owned;
        if (d->items[i].owned)
            od_pg_array_text(p, d->items[i].conf->name);
    }
    od_pg_array_end(p);
    od_pg_send(d->conn, &od_look_at_targets, p, on_look, d);
    if (!all && now - d->ended_owners_us > END_OWNERS_US) {
        d->ended_owners_us = now;
        p = od_pg_params(d->conn);
        od_pg_i64(p, 2 * (int64_t)d->conf.transaction_limit_ms);
        od_pg_i64(p, SILENT_OWNER_MS);
        od_pg_send(d->conn, &od_end_target_owners, p, on_owner_ended, d);
    }
    od_pg_sync(d->conn, on_looked, d);
}

static void on_registered(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    if (!d->swapping)
        d->targets.registered = d->targets.registered || !failed;
}

static void register_targets(struct od_deliverer *d)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < d->targets.count; i++)
        od_pg_array_text(p, d->items[i].conf->name);
    od_pg_array_end(p);
    od_pg_send(d->conn, &od_register_targets, p, NULL, NULL);
    od_pg_send(d->conn, &od_adopt_deliveries, NULL, NULL, NULL);
    od_pg_sync(d->conn, on_registered, d);
    look(d);
}

static void pump(struct od_deliverer *d)
{
    if (!d->up || d->stopping || d->swapping)
        return;
    if (!d->looking && od_clock_monotonic_us() - d->looked_us >= LOOK_US)
        look(d);
    for (size_t i = 0; i < d->targets.count; i++) {
        struct target *t = &d->items[i];
        if (t->owned && !t->paused && !t->disabled && t->conf->enabled && t->more && !t->asking)
            ask(t);
    }
}

static void on_timer(void *ctx)
{
    pump(ctx);
}

/* ---- targets are opened and closed */

static void open_targets(struct od_deliverer *d)
{
    const struct od_target_host host = {d->loop, d->conf.engine};
    d->items = calloc(d->targets.count ? d->targets.count : 1, sizeof *d->items);
    if (!d->items)
        abort();
    for (size_t i = 0; i < d->targets.count; i++) {
        struct target *t = &d->items[i];
        t->deliverer = d;
        t->conf = &d->targets.items[i];
        od_list_init(&t->attempts);
        od_list_init(&t->fresh);
        t->self = t->conf->kind->open(&host, t->conf);
    }
}

static void on_target_closed(void *ctx)
{
    struct od_deliverer *d = ctx;
    d->closing--;
    proceed(d);
}

static void close_targets(struct od_deliverer *d)
{
    d->closing = (unsigned)d->targets.count + 1;
    for (size_t i = 0; i < d->targets.count; i++) {
        d->items[i].closed = true;
        d->items[i].conf->kind->close(d->items[i].self, on_target_closed, d);
    }
    d->closing--;
}

static bool idle(const struct od_deliverer *d)
{
    for (size_t i = 0; i < d->targets.count; i++) {
        if (d->items[i].under_way || d->items[i].asking)
            return false;
    }
    return !d->looking;
}

static void on_closed(void *ctx)
{
    struct od_deliverer *d = ctx;
    void (*stopped)(void *ctx) = d->stopped;
    void *stopped_ctx = d->stopped_ctx;
    free(d->items);
    od_targets_fini(&d->targets);
    od_targets_fini(&d->next);
    od_timer_free(d->timer);
    od_deferred_cancel(&d->flushing);
    free(d);
    stopped(stopped_ctx);
}

/* All are closed, nothing is under way: the deliverer ends, or goes on with other targets. */
static void close_or_swap(struct od_deliverer *d)
{
    if (d->stopping) {
        struct od_pg_conn *conn = d->conn;
        d->conn = NULL;
        d->up = false;
        od_timer_stop(d->timer);
        od_pg_conn_free(conn, on_closed, d);
        return;
    }
    free(d->items);
    od_targets_fini(&d->targets);
    d->targets = d->next;
    d->next = (struct od_targets){0};
    d->swapping = false;
    open_targets(d);
    if (d->up) {
        od_pg_send(d->conn, &od_release_targets, NULL, NULL, NULL);
        register_targets(d);
    }
}

/* Attempts that were begun and are not noted. */
static bool has_attempts(const struct od_deliverer *d)
{
    for (size_t i = 0; i < d->targets.count; i++) {
        if (!od_list_empty(&d->items[i].attempts))
            return true;
    }
    return !od_list_empty(&d->ended) || !od_list_empty(&d->marking);
}

static void proceed(struct od_deliverer *d)
{
    bool ending = d->stopping || d->swapping;
    if (!od_list_empty(&d->ended))
        od_deferred_arm(&d->flushing);
    if (!ending) {
        pump(d);
        return;
    }
    /* A stop does not wait for what the database is asked, such as a witness. */
    if (d->closing || (d->stopping ? !d->conn || has_attempts(d) : !idle(d)))
        return;
    if (d->targets.count && !d->items[0].closed) {
        close_targets(d);
        if (d->closing)
            return;
    }
    close_or_swap(d);
}

/* ---- */

static void on_up(void *ctx)
{
    struct od_deliverer *d = ctx;
    d->up = true;
    od_deferred_arm(&d->flushing);
    if (!d->stopping && !d->swapping)
        register_targets(d);
}

/* Whoever takes the locks next begins what was not noted again. */
static void on_down(void *ctx, const struct od_err *why)
{
    struct od_deliverer *d = ctx;
    (void)why;
    d->up = false;
    for (size_t i = 0; i < d->targets.count; i++)
        d->items[i].owned = false;
    proceed(d);
}

static void on_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    if (err->code != OD_ERR_UNAVAILABLE)
        od_warn("deliverer_refused", "sqlstate=%s message=\"%s\"", err->sqlstate, err->message);
}

static struct od_pg_conn *connect_deliverer(struct od_deliverer *d)
{
    char timeouts[200];
    unsigned limit = d->conf.transaction_limit_ms;
    snprintf(timeouts, sizeof timeouts,
             "set statement_timeout = %u; set lock_timeout = %u;"
             " set idle_in_transaction_session_timeout = %u",
             limit, limit, limit);
    const char *const setup[] = {
        "set application_name = 'orderd deliver'",
        "set plan_cache_mode = force_generic_plan",
        "set enable_seqscan = off",
        "set enable_hashjoin = off",
        "set enable_mergejoin = off",
        "set jit = off",
        timeouts,
        NULL,
    };
    struct od_pg_conn_conf conn = {
        .server = d->conf.server,
        .setup = setup,
        .connect_timeout_ms = d->conf.connect_timeout_ms,
        .answer_timeout_ms = d->conf.answer_timeout_ms,
        .ctx = d,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
        .quiet = true, /* the feed's own connection tells */
    };
    return od_pg_conn_new(d->loop, &conn);
}

struct od_deliverer *od_deliverer_new(struct od_loop *loop, const struct od_feed_conf *conf,
                                      struct od_targets *targets, struct od_feed_stats *stats)
{
    struct od_deliverer *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->loop = loop;
    d->conf = *conf;
    d->stats = stats;
    d->targets = *targets;
    *targets = (struct od_targets){0};
    od_list_init(&d->ended);
    od_list_init(&d->marking);
    od_deferred_init(&d->flushing, loop, on_flush, d);
    open_targets(d);
    d->timer = od_timer_new(loop, on_timer, d);
    od_timer_start(d->timer, conf->interval_ms, conf->interval_ms);
    d->conn = connect_deliverer(d);
    return d;
}

void od_deliverer_use(struct od_deliverer *d, struct od_targets *targets, uint32_t retry_min_ms,
                      uint32_t retry_max_ms)
{
    d->conf.retry_min_ms = retry_min_ms;
    d->conf.retry_max_ms = retry_max_ms;
    if (od_str_eq(d->targets.text, targets->text) && !d->swapping) {
        od_targets_fini(targets);
        return;
    }
    od_targets_fini(&d->next);
    d->next = *targets;
    *targets = (struct od_targets){0};
    d->swapping = true;
    proceed(d);
}

const struct od_targets *od_deliverer_targets(const struct od_deliverer *d)
{
    return &d->targets;
}

void od_deliverer_look(struct od_deliverer *d)
{
    d->looked_us = 0;
    pump(d);
}

void od_deliverer_poke(struct od_deliverer *d)
{
    for (size_t i = 0; i < d->targets.count; i++)
        d->items[i].more = true;
    pump(d);
}

void od_deliverer_stop(struct od_deliverer *d, void (*stopped)(void *ctx), void *ctx)
{
    d->stopping = true;
    d->stopped = stopped;
    d->stopped_ctx = ctx;
    if (d->targets.count && !d->items[0].closed)
        close_targets(d);
    od_deferred_arm(&d->flushing);
    proceed(d);
}

/* ---- what is told of it */

bool od_deliverer_write(const struct od_deliverer *d, struct od_str name, struct od_json_writer *w)
{
    const struct target *t = find(d, name);
    int64_t now = od_clock_monotonic_us();
    if (!t)
        return false;
    od_jw_key(w, "kind");
    od_jw_cstr(w, t->conf->kind->name);
    od_jw_key(w, "events");
    od_jw_array(w);
    struct od_str rest = t->conf->events, word;
    while (od_target_next_word(&rest, &word))
        od_jw_str(w, word);
    od_jw_array_end(w);
    od_jw_key(w, "enabled");
    od_jw_bool(w, t->conf->enabled);
    od_jw_key(w, "ordered");
    od_jw_bool(w, t->conf->ordered);
    od_jw_key(w, "concurrency");
    od_jw_i64(w, t->conf->concurrency);
    od_jw_key(w, "maxAttempts");
    od_jw_i64(w, t->conf->max_attempts);
    od_jw_key(w, "here"); /* whether this process carries it out */
    od_jw_bool(w, t->owned);
    od_jw_key(w, "underWay");
    od_jw_i64(w, t->under_way);
    od_jw_key(w, "restMs");
    od_jw_i64(w, t->rest_until_us > now ? (t->rest_until_us - now) / 1000 : 0);
    return true;
}

void od_deliverer_metrics(const struct od_deliverer *d, struct od_buf *out)
{
    static const struct {
        const char *name, *type, *help;
    } rows[] = {
        {"orderd_target_delivered_total", "counter", "Deliveries made, by target."},
        {"orderd_target_failed_total", "counter", "Attempts that failed, by target."},
        {"orderd_target_given_up_total", "counter", "Deliveries given up, by target."},
        {"orderd_target_under_way", "gauge", "Attempts under way."},
        {"orderd_target_overdue_seconds", "gauge",
         "How long the first delivery that is due has been due."},
        {"orderd_target_paused", "gauge", "1 while somebody has paused it."},
        {"orderd_target_disabled", "gauge", "1 when it failed for too long, or is gone."},
        {"orderd_target_owned", "gauge", "1 in the process that carries it out."},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        od_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[row].name, rows[row].help,
                      rows[row].name, rows[row].type);
        for (size_t i = 0; i < d->targets.count; i++) {
            const struct target *t = &d->items[i];
            const double values[] = {
                (double)t->delivered,         (double)t->failed, (double)t->given_up, t->under_way,
                (double)t->overdue_ms / 1000, t->paused,         t->disabled,         t->owned,
            };
            od_buf_printf(out, "%s{target=\"%.*s\",kind=\"%s\"} %.15g\n", rows[row].name,
                          OD_STR_ARG(t->conf->name), t->conf->kind->name, values[row]);
        }
    }
}
