#include "feed/tail.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "pg/transaction.h"

enum {
    LIVE_PAGE = 500,          /* events */
    CATCH_UP_PAGE = 200,      /* the others wait for it: about 2 ms */
    TICK_MS = 10,             /* between looks at `activity`, which cost nothing */
    LOOK_FOR_OTHERS_MS = 200, /* other processes write without our knowing */
};

struct od_tail {
    struct od_tail_conf conf;
    struct od_pg_conn *conn;
    struct od_timer *timer;
    struct od_deferred again;
    struct od_list live, behind; /* listeners at the end, and those on the way to it */
    uint32_t listeners;
    struct od_place end; /* where those of `live` are */
    uint64_t seen_activity;
    int64_t looked_us;
    int64_t paid_us; /* until then those at the end yield to commands */

    /* The page under way. */
    bool busy;
    struct od_tail_listener *whose; /* NULL: it is for `live`, or its listener has left */
    bool for_live;
    bool standbys, full;
    struct od_arena arena;
    struct od_tail_event *events;
    size_t count;
    bool unreadable;

    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void read_next(void *ctx);

static struct od_str text_at(const struct od_pg_result *r, int row, int col, struct od_arena *a)
{
    return od_pg_is_null(r, row, col) ? OD_STR_NONE : od_arena_str(a, od_pg_get_text(r, row, col));
}

int od_tail_event_read(const struct od_pg_result *r, int row, struct od_tail_event *e,
                       struct od_arena *a, struct od_err *err)
{
    *e = (struct od_tail_event){
        .place = od_follow_place(r, row),
        .bundle = text_at(r, row, OD_FOLLOW_BUNDLE, a),
        .order_number = text_at(r, row, OD_FOLLOW_NUMBER, a),
        .currency = text_at(r, row, OD_FOLLOW_CURRENCY, a),
        .store = text_at(r, row, OD_FOLLOW_STORE, a),
    };
    od_pg_get_uuid(r, row, OD_FOLLOW_UUID, &e->uuid);
    return od_event_row_read(r, row, &e->event, NULL, a, err);
}

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_tail *t = ctx;
    struct od_err bad;
    if (err)
        return;
    t->events = OD_NEW_ARRAY(&t->arena, struct od_tail_event, (size_t)r->rows);
    for (int i = 0; i < r->rows && !t->unreadable; i++) {
        t->unreadable = od_tail_event_read(r, i, &t->events[i], &t->arena, &bad) != 0;
        t->count += !t->unreadable;
    }
    if (t->unreadable)
        od_error("tail_unreadable", "message=\"%s\"", bad.message);
    t->full = r->rows == (t->for_live ? LIVE_PAGE : CATCH_UP_PAGE);
}

static void on_standbys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_tail *t = ctx;
    t->standbys = err || od_pg_get_bool(r, 0, 0);
}

static void tell(struct od_tail *t, struct od_tail_listener *l)
{
    size_t from = 0;
    while (from < t->count && od_place_compare(&t->events[from].place, &l->at) <= 0)
        from++;
    if (from == t->count)
        return;
    l->at = t->events[t->count - 1].place;
    l->events(l->ctx, t->events + from, t->count - from);
}

static void tell_live(struct od_tail *t)
{
    struct od_list todo;
    if (t->count)
        t->end = t->events[t->count - 1].place;
    od_list_init(&todo);
    od_list_splice(&todo, &t->live);
    for (struct od_list *node; (node = od_list_shift(&todo));) {
        od_list_push(&t->live, node);
        tell(t, OD_LIST_ENTRY(node, struct od_tail_listener, node));
    }
}

/* One that has read to the end joins the others there. Where nobody was, the end is where it is;
 * where the others have gone further meanwhile, it reads on. */
static void tell_behind(struct od_tail *t, struct od_tail_listener *l)
{
    if (!t->full) {
        struct od_place reached = t->count ? t->events[t->count - 1].place : l->at;
        bool alone = od_list_empty(&t->live);
        if (alone || od_place_compare(&reached, &t->end) >= 0) {
            if (alone)
                t->end = reached;
            od_list_remove(&l->node);
            od_list_push(&t->live, &l->node);
        }
    }
    tell(t, l);
}

static void let_go_of_all(struct od_tail *t)
{
    struct od_list todo;
    od_list_init(&todo);
    od_list_splice(&todo, &t->live);
    od_list_splice(&todo, &t->behind);
    while (!od_list_empty(&todo)) {
        struct od_tail_listener *l = OD_LIST_ENTRY(todo.next, struct od_tail_listener, node);
        od_tail_leave(t, l); /* takes it off the list, and counts it off */
        l->lost(l->ctx);
    }
}

/* Whether there is something to read without waiting. */
static bool more_to_do(const struct od_tail *t)
{
    return (t->for_live && t->full && !t->paid_us) || !od_list_empty(&t->behind);
}

/* While commands come in, what a page takes is paid for with rest. */
static void yield(struct od_tail *t)
{
    int64_t now = od_clock_monotonic_us(), took = now - t->looked_us;
    bool busy = t->conf.activity(t->conf.ctx) != t->seen_activity;
    t->paid_us = busy ? now + took * (100 - t->conf.share) / t->conf.share : 0;
}

static void on_sure(void *ctx, bool failed)
{
    struct od_tail *t = ctx;
    struct od_tail_listener *whose = t->whose;
    t->busy = false;
    t->whose = NULL;
    if (!failed && t->for_live) {
        tell_live(t);
        yield(t);
    } else if (!failed && whose) {
        tell_behind(t, whose);
    }
    if (failed || t->unreadable)
        let_go_of_all(t);
    od_arena_reset(&t->arena);
    if (!failed && more_to_do(t))
        od_deferred_arm(&t->again);
}

static void on_read(void *ctx, bool failed)
{
    struct od_tail *t = ctx;
    if (failed || !t->count || !t->standbys) {
        on_sure(t, failed);
        return;
    }
    od_pg_send(t->conn, &od_pg_witness, NULL, NULL, NULL);
    od_pg_sync(t->conn, on_sure, t);
}

static void read_after(struct od_tail *t, const struct od_place *at)
{
    t->busy = true;
    t->for_live = t->whose == NULL;
    t->count = 0;
    t->full = t->unreadable = false;
    od_follow_events(t->conn, at, t->for_live ? LIVE_PAGE : CATCH_UP_PAGE, on_rows, t);
    od_follow_standbys(t->conn, on_standbys, t);
    od_pg_sync(t->conn, on_read, t);
}

/* The next of them that can take a page, which then has waited least; or NULL. */
static struct od_tail_listener *next_behind(struct od_tail *t)
{
    for (struct od_list *n = t->behind.next; n != &t->behind; n = n->next) {
        struct od_tail_listener *l = OD_LIST_ENTRY(n, struct od_tail_listener, node);
        if (l->ready && !l->ready(l->ctx))
            continue;
        od_list_remove(n);
        od_list_push(&t->behind, n);
        return l;
    }
    return NULL;
}

static bool live_is_due(struct od_tail *t)
{
    int64_t now = od_clock_monotonic_us();
    uint64_t activity = t->conf.activity(t->conf.ctx);
    if (od_list_empty(&t->live) || now < t->paid_us)
        return false;
    if (!(t->for_live && t->full) && activity == t->seen_activity &&
        now - t->looked_us < (int64_t)LOOK_FOR_OTHERS_MS * 1000)
        return false;
    t->seen_activity = activity;
    t->looked_us = now;
    t->paid_us = 0;
    return true;
}

/* Those at the end come first: it is their events that are new. */
static void read_next(void *ctx)
{
    struct od_tail *t = ctx;
    if (t->busy || !od_pg_conn_up(t->conn))
        return;
    t->whose = NULL;
    if (live_is_due(t)) {
        read_after(t, &t->end);
        return;
    }
    t->whose = next_behind(t);
    if (t->whose)
        read_after(t, &t->whose->at);
}

static void on_down(void *ctx, const struct od_err *why)
{
    (void)why;
    let_go_of_all(ctx);
}

static void on_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    if (err->code == OD_ERR_DB)
        od_warn("tail_failed", "sqlstate=%s message=\"%s\"", err->sqlstate, err->message);
}

struct od_tail *od_tail_new(struct od_loop *loop, const struct od_tail_conf *conf)
{
    struct od_tail *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->conf = *conf;
    od_list_init(&t->live);
    od_list_init(&t->behind);
    od_arena_init(&t->arena);
    od_deferred_init(&t->again, loop, read_next, t);
    t->timer = od_timer_new(loop, read_next, t);
    char timeout[64];
    snprintf(timeout, sizeof timeout, "set statement_timeout = %u", conf->statement_timeout_ms);
    const char *const setup[] = {"set application_name = 'orderd tail'", timeout, NULL};
    struct od_pg_conn_conf conn = {
        .server = conf->server,
        .setup = setup,
        .connect_timeout_ms = conf->connect_timeout_ms,
        .answer_timeout_ms = conf->answer_timeout_ms,
        .ctx = t,
        .on_down = on_down,
        .on_error = on_error,
        .quiet = true, /* the feed's own connection tells */
    };
    t->conn = od_pg_conn_new(loop, &conn);
    return t;
}

bool od_tail_up(const struct od_tail *t)
{
    return od_pg_conn_up(t->conn);
}

bool od_tail_listen(struct od_tail *t, struct od_tail_listener *l)
{
    if (!od_tail_up(t))
        return false;
    od_list_push(&t->behind, &l->node);
    if (t->listeners++ == 0)
        od_timer_start(t->timer, TICK_MS, TICK_MS);
    od_deferred_arm(&t->again);
    return true;
}

void od_tail_hold(struct od_tail *t, struct od_tail_listener *l, const struct od_place *at)
{
    l->at = *at;
    od_list_remove(&l->node);
    od_list_push(&t->behind, &l->node);
}

void od_tail_leave(struct od_tail *t, struct od_tail_listener *l)
{
    if (od_list_empty(&l->node))
        return;
    od_list_remove(&l->node);
    if (t->whose == l)
        t->whose = NULL;
    if (--t->listeners == 0)
        od_timer_stop(t->timer);
}

uint32_t od_tail_listeners(const struct od_tail *t)
{
    return t->listeners;
}

static void on_closed(void *ctx)
{
    struct od_tail *t = ctx;
    void (*stopped)(void *ctx) = t->stopped;
    void *stopped_ctx = t->stopped_ctx;
    od_arena_fini(&t->arena);
    free(t);
    stopped(stopped_ctx);
}

void od_tail_stop(struct od_tail *t, void (*stopped)(void *ctx), void *ctx)
{
    OD_ASSERT(t->listeners == 0);
    t->stopped = stopped;
    t->stopped_ctx = ctx;
    od_deferred_cancel(&t->again);
    od_timer_free(t->timer);
    od_pg_conn_free(t->conn, on_closed, t);
}
