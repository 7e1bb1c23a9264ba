#include "read/projection/projector.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "pg/transaction.h"
#include "read/projection/projection.h"
#include "store/read/projection.h"
#include "store/server/position.h"

enum {
    FOLD_MAX = 500,      /* orders in one transaction */
    SWEEP_EVENTS = 1000, /* in a page, and so the most orders that it folds */
    ORDER_NS = 200000,   /* what an order is taken to cost until folds have told */
    RUSH_US = 1000000,   /* a rush is waited out until folding what waits takes that long */
    RUSH_MAX = 50000,    /* orders that wait it out at most */
    QUEUE_MAX = 1 << 20, /* orders that wait; more are left to the sweep */
    SWEEP_MS = 1000,     /* between sweeps that found the end */
    HELD_MS = 1000,      /* a cursor that is held back for so long is looked ahead of */
    RETRY_MS = 20,       /* between looks for a version that is not there */
    FAILED_MS = 200,     /* before a fold that failed is tried again */
    REST_MAX_MS = 2000,  /* the longest rest for what folds took */
    LOOK_MS = 50,        /* between looks at who has waited long enough while work goes on */
    STOP_MS = 1000,      /* for the last folds */
};

/* The work under way; there is one at a time, on one connection. */
enum work { IDLE = 0, FOLDING, GIVING_UP, CHECKING, SWEEPING, PASSING, AHEAD };

struct queue {
    const struct od_projection *projection;
    struct od_projection_stmts stmts;
    int64_t *ids; /* a ring */
    size_t head, count, cap;
    uint64_t told, folded; /* so many were put in, and taken out for good */
    int64_t due_us;        /* when the first of them is folded; 0: none waits */
    size_t most;           /* orders of the next fold: fewer after one that failed */
    int64_t order_ns;      /* what an order costs, as the last folds of many tell */
    struct od_list reaches;
    int64_t sweep_us; /* when to sweep next */
    bool overflowed;
    bool passes;        /* the next page of the sweep is passed, and its orders left to the queue */
    struct od_str seen; /* the snapshot up to which it looked ahead; heap; absent: none */
};

struct od_projector {
    struct od_projector_conf conf;
    struct od_loop *loop;
    struct od_pg_conn *conn;
    struct od_timer *timer;
    struct od_deferred again;
    struct od_arena arena; /* of a page of the sweep */
    struct od_arena texts; /* of statements */
    struct queue queues[OD_PROJECTIONS_MAX];
    size_t queue_count;
    size_t turn; /* the queue that is looked at first */

    enum work work;
    struct queue *of;
    int64_t batch[SWEEP_EVENTS]; /* what is folded: ascending, without repetition */
    size_t batch_count;
    size_t taken; /* entries of the queue that the batch stands for */
    bool committed, refused;
    bool told; /* that folds fail */
    int64_t began_us, paid_us;
    struct od_reach *checked;
    bool lacks;
    bool owner, held; /* of a sweep */
    struct od_str place;
    int64_t place_order, events;
    int32_t place_seq;
    struct od_projector_stats stats;

    bool stopping;
    int64_t stop_us;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void run(void *ctx);

/* ---- the queues */

static void forget_seen(struct queue *q)
{
    free((char *)q->seen.ptr);
    q->seen = OD_STR_NONE;
}

static void put(struct od_projector *p, struct queue *q, int64_t order_id)
{
    if (q->count == QUEUE_MAX) {
        if (!q->overflowed)
            od_warn("projection_queue_full", "projection=%s orders=%zu", q->projection->name,
                    q->count);
        q->overflowed = true;
        return;
    }
    if (q->count == q->cap) {
        size_t cap = q->cap ? q->cap * 2 : 256;
        int64_t *ids = malloc(cap * sizeof *ids);
        if (!ids)
            abort();
        for (size_t i = 0; i < q->count; i++)
            ids[i] = q->ids[(q->head + i) % q->cap];
        free(q->ids);
        q->ids = ids;
        q->cap = cap;
        q->head = 0;
    }
    q->ids[(q->head + q->count++) % q->cap] = order_id;
    q->told++;
    if (!q->due_us)
        q->due_us = od_clock_monotonic_us() + (int64_t)q->projection->gather_ms * 1000;
    if (p->stats.waiting < q->count)
        p->stats.waiting = q->count;
}

static int compare_ids(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static void take_batch(struct od_projector *p, struct queue *q)
{
    p->taken = q->count < q->most ? q->count : q->most;
    for (size_t i = 0; i < p->taken; i++)
        p->batch[i] = q->ids[(q->head + i) % q->cap];
    qsort(p->batch, p->taken, sizeof *p->batch, compare_ids);
    p->batch_count = 0;
    for (size_t i = 0; i < p->taken; i++) {
        if (!p->batch_count || p->batch[p->batch_count - 1] != p->batch[i])
            p->batch[p->batch_count++] = p->batch[i];
    }
}

/* The batch is done with. It has stayed in the queue until now, so that a lost connection loses
 * nothing. */
static void drop_batch(struct od_projector *p)
{
    struct queue *q = p->of;
    q->head = (q->head + p->taken) % q->cap;
    q->count -= p->taken;
    q->folded += p->taken;
    if (!q->count) {
        q->overflowed = false;
        q->due_us = 0;
    }
}

/* ---- those who wait */

static void answer(struct od_reach *r, bool reached)
{
    od_list_remove(&r->node);
    r->done(r->ctx, reached);
}

/* Those whose time is up, or who asked for no position and have all they wait for. */
static void answer_due(struct od_projector *p, struct queue *q, int64_t now)
{
    struct od_list todo;
    od_list_init(&todo);
    od_list_splice(&todo, &q->reaches);
    for (struct od_list *n; (n = od_list_shift(&todo));) {
        struct od_reach *r = OD_LIST_ENTRY(n, struct od_reach, node);
        od_list_push(&q->reaches, &r->node);
        if (!r->at_least && r->until <= q->folded)
            answer(r, true);
        else if (now >= r->deadline_us) {
            if (p->checked == r)
                p->checked = NULL;
            answer(r, false);
        }
    }
}

/* The database takes its time with the work under way, or is frozen; nobody waits longer for that
 * than for anything else. */
static void answer_meanwhile(struct od_projector *p, int64_t now)
{
    bool waiting = false;
    for (size_t i = 0; i < p->queue_count; i++) {
        answer_due(p, &p->queues[i], now);
        waiting = waiting || !od_list_empty(&p->queues[i].reaches);
    }
    if (waiting)
        od_timer_start(p->timer, LOOK_MS, 0);
}

static void answer_all(struct od_projector *p, bool reached)
{
    for (size_t i = 0; i < p->queue_count; i++) {
        struct od_list todo;
        od_list_init(&todo);
        od_list_splice(&todo, &p->queues[i].reaches);
        while (!od_list_empty(&todo))
            answer(OD_LIST_ENTRY(todo.next, struct od_reach, node), reached);
    }
}

/* ---- folding */

static void put_batch(struct od_projector *p, struct od_pg_params *params)
{
    od_pg_array_begin(params, OD_PG_INT8);
    for (size_t i = 0; i < p->batch_count; i++)
        od_pg_array_i64(params, p->batch[i]);
    od_pg_array_end(params);
}

static void settle(struct od_projector *p)
{
    int64_t now = od_clock_monotonic_us(), took = now - p->began_us;
    int64_t rest = took * (100 - p->conf.share) / p->conf.share;
    if (rest > (int64_t)REST_MAX_MS * 1000)
        rest = (int64_t)REST_MAX_MS * 1000;
    p->paid_us = now + rest;
    p->work = IDLE;
    od_deferred_arm(&p->again);
}

static void on_given_up(void *ctx, bool failed)
{
    struct od_projector *p = ctx;
    (void)failed;
    if (p->work == GIVING_UP)
        settle(p);
}

/* A fold that the database refuses is tried again with fewer orders, so that only the guilty one is
 * left out. `orderd verify` tells of it as well. */
static void give_up(struct od_projector *p)
{
    struct queue *q = p->of;
    if (p->work == FOLDING && p->refused) {
        if (q->most == 1 || p->batch_count == 1) {
            od_error("projection_refused", "projection=%s order=%lld", q->projection->name,
                     (long long)p->batch[0]);
            p->stats.refused++;
            drop_batch(p);
        } else {
            q->most = q->most > p->taken ? p->taken / 2 : q->most / 2;
            q->most = q->most ? q->most : 1;
        }
    }
    if (p->work == FOLDING && q->count)
        q->due_us = od_clock_monotonic_us() + (int64_t)FAILED_MS * 1000;
    if (p->work == PASSING && p->refused)
        q->passes = true;
    p->work = GIVING_UP;
    od_pg_send(p->conn, &od_pg_rollback, NULL, NULL, NULL);
    od_pg_sync(p->conn, on_given_up, p);
}

static void on_commit(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_projector *p = ctx;
    p->committed = !err && strcmp(r->tag, "COMMIT") == 0;
}

static void on_folded(void *ctx, bool failed)
{
    struct od_projector *p = ctx;
    if (p->work != FOLDING)
        return;
    if (failed || !p->committed) {
        give_up(p);
        return;
    }
    if (p->told)
        od_info("projection_well", "projection=%s", p->of->projection->name);
    p->told = false;
    p->stats.folds++;
    p->stats.folded += p->batch_count;

    int64_t took_us = od_clock_monotonic_us() - p->began_us;
    p->stats.fold_us += (uint64_t)took_us;
    if (p->batch_count >= FOLD_MAX / 2)
        p->of->order_ns += (took_us * 1000 / (int64_t)p->batch_count - p->of->order_ns) / 4;
    if (p->of->most < FOLD_MAX)
        p->of->most = p->of->most * 2 < FOLD_MAX ? p->of->most * 2 : FOLD_MAX;
    drop_batch(p);
    settle(p);
}

static void begin(struct od_projector *p, struct queue *q, enum work work)
{
    p->of = q;
    p->work = work;
    p->committed = p->refused = false;
    p->began_us = od_clock_monotonic_us();
}

static void send_fold(struct od_projector *p)
{
    struct od_pg_params *params = od_pg_params(p->conn);
    put_batch(p, params);
    od_pg_send(p->conn, &p->of->stmts.fold, params, NULL, NULL);
}

static void fold(struct od_projector *p, struct queue *q)
{
    begin(p, q, FOLDING);
    take_batch(p, q);
    od_pg_send(p->conn, &od_pg_begin, NULL, NULL, NULL);
    od_pg_send(p->conn, &q->stmts.lock, NULL, NULL, NULL);
    send_fold(p);
    od_pg_send(p->conn, &od_pg_commit, NULL, on_commit, p);
    od_pg_sync(p->conn, on_folded, p);
}

/* ---- looking whether versions are there */

static void on_lacking(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_projector *p = ctx;
    p->lacks = err || r->rows > 0;
}

static void on_checked(void *ctx, bool failed)
{
    struct od_projector *p = ctx;
    if (p->work != CHECKING)
        return;
    struct od_reach *r = p->checked;
    p->checked = NULL;
    p->work = IDLE;
    od_deferred_arm(&p->again);
    if (!r)
        return;
    if (!failed && !p->lacks) {
        answer(r, true);
        return;
    }
    /* Of another process's commit, which this one was not told of, or of one yet to come. */
    for (size_t i = 0; i < r->at_least->count; i++)
        put(p, p->of, r->at_least->order_ids[i]);
    r->until = p->of->told;
    r->retry_us = p->of->folded < r->until ? 0 : od_clock_monotonic_us() + RETRY_MS * 1000LL;
}

static void check(struct od_projector *p, struct queue *q, struct od_reach *r)
{
    begin(p, q, CHECKING);
    p->checked = r;
    p->lacks = true;
    r->retry_us = od_clock_monotonic_us() + RETRY_MS * 1000LL;
    struct od_pg_params *params = od_pg_params(p->conn);
    od_pg_array_begin(params, OD_PG_INT8);
    for (size_t i = 0; i < r->at_least->count; i++)
        od_pg_array_i64(params, r->at_least->order_ids[i]);
    od_pg_array_end(params);
    od_pg_array_begin(params, OD_PG_INT4);
    for (size_t i = 0; i < r->at_least->count; i++)
        od_pg_array_i32(params, r->at_least->versions[i]);
    od_pg_array_end(params);
    od_pg_send(p->conn, &q->stmts.lacking, params, on_lacking, p);
    od_pg_sync(p->conn, on_checked, p);
}

/* ---- sweeping */

static void on_cursor(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_projector *p = ctx;
    p->owner = !err && r->rows == 1;
}

static void on_held(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_projector *p = ctx;
    p->held = !err && od_pg_get_bool(r, 0, 0);
}

static void on_page(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_projector *p = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        if (!od_pg_is_null(r, i, 0)) {
            p->batch[p->batch_count++] = od_pg_get_i64(r, i, 0);
        } else if ((p->events = od_pg_get_i64(r, i, 4))) {
            p->place = od_arena_str(&p->arena, od_pg_get_text(r, i, 1));
            p->place_order = od_pg_get_i64(r, i, 2);
            p->place_seq = od_pg_get_i32(r, i, 3);
        }
    }
}

/* What it finds ahead of the cursor joins the queue. */
static void on_found_ahead(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_projector *p = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        if (!od_pg_is_null(r, i, 0)) {
            put(p, p->of, od_pg_get_i64(r, i, 0));
            p->stats.swept++;
        } else {
            forget_seen(p->of);
            p->of->seen = od_str_of(strdup(od_arena_str(&p->arena, od_pg_get_text(r, i, 1)).ptr));
        }
    }
}

static void on_ahead(void *ctx, bool failed)
{
    struct od_projector *p = ctx;
    (void)failed;
    if (p->work == AHEAD)
        settle(p);
}

static void look_ahead(struct od_projector *p, struct queue *q)
{
    begin(p, q, AHEAD);
    struct od_pg_params *params = od_pg_params(p->conn);
    od_pg_text(params, q->seen);
    od_pg_send(p->conn, &q->stmts.ahead, params, on_found_ahead, p);
    od_pg_sync(p->conn, on_ahead, p);
}

static void on_passed(void *ctx, bool failed)
{
    struct od_projector *p = ctx;
    struct queue *q = p->of;
    if (p->work != PASSING)
        return;
    if (failed) {
        give_up(p);
        return;
    }
    p->stats.swept += p->owner ? p->batch_count : 0;
    q->passes = false;
    q->sweep_us = od_clock_monotonic_us() + SWEEP_MS * 1000LL;
    if (p->owner && p->events == SWEEP_EVENTS)
        q->sweep_us = 0; /* there is more to read */
    if (p->held && !p->stopping)
        look_ahead(p, q);
    else
        settle(p);
}

/* What is behind is folded, and the cursor moves, in one transaction. */
static void on_swept(void *ctx, bool failed)
{
    struct od_projector *p = ctx;
    struct queue *q = p->of;
    if (p->work != SWEEPING)
        return;
    if (failed) {
        q->sweep_us = od_clock_monotonic_us() + SWEEP_MS * 1000LL;
        give_up(p);
        return;
    }
    p->work = PASSING;
    q->sweep_us = od_clock_monotonic_us() + FAILED_MS * 1000LL; /* when this fails */
    if (p->owner && p->batch_count && !q->passes) {
        od_pg_send(p->conn, &q->stmts.lock, NULL, NULL, NULL);
        send_fold(p);
    }
    for (size_t i = 0; q->passes && i < p->batch_count; i++)
        put(p, q, p->batch[i]);
    if (p->owner && p->events) {
        struct od_pg_params *params = od_pg_params(p->conn);
        od_pg_text(params, p->place);
        od_pg_i64(params, p->place_order);
        od_pg_i32(params, p->place_seq);
        od_pg_send(p->conn, &q->stmts.move_cursor, params, NULL, NULL);
    }
    od_pg_send(p->conn, &od_pg_commit, NULL, NULL, NULL);
    od_pg_sync(p->conn, on_passed, p);
}

static void sweep(struct od_projector *p, struct queue *q)
{
    begin(p, q, SWEEPING);
    od_arena_reset(&p->arena);
    p->owner = p->held = false;
    p->events = 0;
    p->batch_count = 0;
    od_pg_send(p->conn, &od_pg_begin, NULL, NULL, NULL);
    od_pg_send(p->conn, &q->stmts.lock_cursor, NULL, on_cursor, p);
    struct od_pg_params *params = od_pg_params(p->conn);
    od_pg_i32(params, SWEEP_EVENTS);
    od_pg_send(p->conn, &q->stmts.sweep, params, on_page, p);
    params = od_pg_params(p->conn);
    od_pg_i64(params, HELD_MS);
    od_pg_send(p->conn, &q->stmts.held, params, on_held, p);
    od_pg_sync(p->conn, on_swept, p);
}

/* ---- what comes next */

static struct od_reach *next_to_check(struct queue *q, int64_t now, int64_t *next)
{
    for (struct od_list *n = q->reaches.next; n != &q->reaches; n = n->next) {
        struct od_reach *r = OD_LIST_ENTRY(n, struct od_reach, node);
        if (!r->at_least || r->until > q->folded)
            continue;
        if (r->retry_us <= now)
            return r;
        if (r->retry_us < *next)
            *next = r->retry_us;
    }
    return NULL;
}

static bool start_for_reads(struct od_projector *p, struct queue *q, int64_t now, int64_t *next)
{
    bool wait_for_folds = false;
    answer_due(p, q, now);
    struct od_reach *r = next_to_check(q, now, next);
    if (r) {
        check(p, q, r);
        return true;
    }
    for (struct od_list *n = q->reaches.next; n != &q->reaches; n = n->next) {
        struct od_reach *waiting = OD_LIST_ENTRY(n, struct od_reach, node);
        wait_for_folds = wait_for_folds || waiting->until > q->folded;
        if (waiting->deadline_us < *next)
            *next = waiting->deadline_us;
    }
    if (!wait_for_folds || q->most < FOLD_MAX)
        return false;
    fold(p, q);
    return true;
}

/* In a rush commands come first, until so many orders wait that a read would wait long for them. */
static bool has_enough(const struct queue *q)
{
    return q->most == FOLD_MAX &&
           (q->count >= RUSH_MAX || (int64_t)q->count * q->order_ns >= RUSH_US * INT64_C(1000));
}

static bool start_when_due(struct od_projector *p, struct queue *q, int64_t now, int64_t *next)
{
    int64_t rested_us = p->stopping ? now : p->paid_us;
    int64_t fold_us = q->due_us > rested_us ? q->due_us : rested_us;
    int64_t sweep_us = q->sweep_us > rested_us ? q->sweep_us : rested_us;
    if (q->count && (has_enough(q) || now >= fold_us || p->stopping)) {
        fold(p, q);
        return true;
    }
    if (p->stopping)
        return false;
    if (now >= sweep_us) {
        sweep(p, q);
        return true;
    }
    if (q->count && fold_us < *next)
        *next = fold_us;
    if (sweep_us < *next)
        *next = sweep_us;
    return false;
}

static void close_projector(struct od_projector *p);

static void run(void *ctx)
{
    struct od_projector *p = ctx;
    int64_t now = od_clock_monotonic_us(), next = now + SWEEP_MS * 1000LL;
    if (p->work != IDLE) {
        answer_meanwhile(p, now);
        return;
    }
    if (p->stopping && (now >= p->stop_us || !od_pg_conn_up(p->conn))) {
        close_projector(p);
        return;
    }
    if (!od_pg_conn_up(p->conn)) {
        answer_all(p, false);
        return;
    }
    p->turn++;
    for (size_t i = 0; i < p->queue_count; i++) {
        if (start_for_reads(p, &p->queues[(p->turn + i) % p->queue_count], now, &next))
            return;
    }
    for (size_t i = 0; i < p->queue_count; i++) {
        if (start_when_due(p, &p->queues[(p->turn + i) % p->queue_count], now, &next))
            return;
    }
    if (p->stopping)
        close_projector(p);
    else
        od_timer_start(p->timer, next > now ? (uint64_t)(next - now) / 1000 + 1 : 1, 0);
}

static void on_up(void *ctx)
{
    struct od_projector *p = ctx;
    p->work = IDLE;
    run(p);
}

static void on_down(void *ctx, const struct od_err *why)
{
    struct od_projector *p = ctx;
    (void)why;
    p->work = IDLE;
    p->checked = NULL;
    answer_all(p, false);
    for (size_t i = 0; i < p->queue_count; i++)
        forget_seen(&p->queues[i]); /* the next server has snapshots of its own */
    od_timer_stop(p->timer);
    if (p->stopping)
        od_deferred_arm(&p->again);
}

/* Whether an error says something about the server at that time and nothing about the orders: a
 * wait that was too long, a full disk, a server that only reads. By its class (PostgreSQL, appendix
 * A). */
static bool passes(const char *sqlstate)
{
    static const char *const classes[] = {"0A", "25", "26", "40", "53", "55", "57", "58"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strncmp(sqlstate, classes[i], 2) == 0)
            return true;
    }
    return false;
}

static void on_error(void *ctx, const struct od_err *err)
{
    struct od_projector *p = ctx;
    if (err->code == OD_ERR_UNAVAILABLE)
        return;
    p->refused = err->code == OD_ERR_DB && !passes(err->sqlstate);
    /* It is tried again several times a second: told once, until a fold succeeds. */
    if (!p->told)
        od_warn("projection_failed", "projection=%s sqlstate=%s message=\"%s\"",
                p->of ? p->of->projection->name : "", err->sqlstate, err->message);
    p->told = true;
}

static struct od_pg_conn *connect_projector(struct od_projector *p)
{
    const unsigned limit = p->conf.transaction_limit_ms;
    const char *const setup[] = {
        "set application_name = 'orderd projector'",
        "set plan_cache_mode = force_generic_plan",
        "set enable_seqscan = off",
        "set enable_hashjoin = off",
        "set enable_mergejoin = off",
        "set jit = off",
        od_arena_printf(&p->texts,
                        "set statement_timeout = %u; set lock_timeout = %u;"
                        " set idle_in_transaction_session_timeout = %u",
                        limit, limit, limit)
            .ptr,
        od_position_settle_sql,
        NULL,
    };
    struct od_pg_conn_conf conn = {
        .server = p->conf.server,
        .setup = setup,
        .connect_timeout_ms = p->conf.connect_timeout_ms,
        .answer_timeout_ms = p->conf.answer_timeout_ms,
        .ctx = p,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
        .quiet = true, /* the feed's connection tells */
    };
    return od_pg_conn_new(p->loop, &conn);
}

struct od_projector *od_projector_new(struct od_loop *loop, const struct od_projector_conf *conf)
{
    struct od_projector *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->conf = *conf;
    p->loop = loop;
    od_arena_init(&p->arena);
    od_arena_init(&p->texts);
    p->queue_count = od_projection_count();
    OD_ASSERT(p->queue_count <= OD_PROJECTIONS_MAX);
    for (size_t i = 0; i < p->queue_count; i++) {
        struct queue *q = &p->queues[i];
        q->projection = od_projections[i];
        q->most = FOLD_MAX;
        q->order_ns = ORDER_NS;
        od_list_init(&q->reaches);
        od_projection_stmts_init(&q->stmts, &p->texts, q->projection->name,
                                 q->projection->tables[0], q->projection->fold);
    }
    od_deferred_init(&p->again, loop, run, p);
    p->timer = od_timer_new(loop, run, p);
    p->conn = connect_projector(p);
    return p;
}

bool od_projector_up(const struct od_projector *p)
{
    return od_pg_conn_up(p->conn);
}

void od_projector_changed(struct od_projector *p, int64_t order_id)
{
    for (size_t i = 0; i < p->queue_count; i++) {
        bool first = p->queues[i].count == 0;
        put(p, &p->queues[i], order_id);
        if (first)
            od_deferred_arm(&p->again);
    }
}

bool od_projector_current(const struct od_projector *p, int projection)
{
    return p->queues[projection].count == 0 && od_pg_conn_up(p->conn);
}

void od_projector_reach(struct od_projector *p, struct od_reach *r)
{
    struct queue *q = &p->queues[r->projection];
    r->until = r->at_least ? 0 : q->told;
    r->retry_us = 0;
    r->deadline_us = od_clock_monotonic_us() + (int64_t)p->conf.wait_ms * 1000;
    od_list_push(&q->reaches, &r->node);
    od_deferred_arm(&p->again);
}

void od_projector_leave(struct od_projector *p, struct od_reach *r)
{
    if (p->checked == r)
        p->checked = NULL;
    od_list_remove(&r->node);
}

void od_projector_stats(const struct od_projector *p, struct od_projector_stats *out)
{
    *out = p->stats;
    out->waiting = 0;
    for (size_t i = 0; i < p->queue_count; i++) {
        if (out->waiting < p->queues[i].count)
            out->waiting = p->queues[i].count;
    }
}

static void on_closed(void *ctx)
{
    struct od_projector *p = ctx;
    void (*stopped)(void *ctx) = p->stopped;
    void *stopped_ctx = p->stopped_ctx;
    for (size_t i = 0; i < p->queue_count; i++) {
        free(p->queues[i].ids);
        forget_seen(&p->queues[i]);
    }
    od_arena_fini(&p->arena);
    od_arena_fini(&p->texts);
    free(p);
    stopped(stopped_ctx);
}

static void close_projector(struct od_projector *p)
{
    answer_all(p, false);
    od_deferred_cancel(&p->again);
    od_timer_free(p->timer);
    od_pg_conn_free(p->conn, on_closed, p);
}

void od_projector_stop(struct od_projector *p, void (*stopped)(void *ctx), void *ctx)
{
    p->stopping = true;
    p->stop_us = od_clock_monotonic_us() + STOP_MS * 1000LL;
    p->stopped = stopped;
    p->stopped_ctx = ctx;
    od_deferred_arm(&p->again);
}
