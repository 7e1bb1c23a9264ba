#include "feed/feed.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/engine.h"
#include "feed/deliver/deliver.h"
#include "feed/deliver/session.h"
#include "feed/hooks.h"
#include "feed/lag.h"
#include "feed/letter.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "pg/transaction.h"
#include "store/events.h"
#include "store/feed/cursor.h"
#include "store/feed/targets.h"
#include "store/server/position.h"

/*
 *   RESTING -(timer)-> LOOKING -> READING -> RECALLING -> ATTACHING -> STORING -> RESTING
 *
 * LOOKING, once a second, asks how far behind it is and who is in the way; READING locks the cursor
 * and reads events behind it; RECALLING reads the past of their orders page by page, when hooks
 * want them; ATTACHING does so again for documents that mails take along; STORING writes deliveries
 * and cursor and commits. The deliverer then carries out what is due.
 */
enum feed_state {
    FEED_DOWN = 0,
    FEED_RESTING,
    FEED_LOOKING,
    FEED_READING,
    FEED_RECALLING,
    FEED_ATTACHING,
    FEED_STORING,
    FEED_STOPPING,
};

enum {
    LOOK_FOR_OTHERS_MS = 1000, /* events of other processes are looked for this often */
    QUIET_MS = 1,              /* without a commit: then nobody is slowed */
    NOT_READY_MS = 20,         /* between looks whether the targets are known */
};

struct od_feed {
    struct od_feed_conf conf;
    struct od_loop *loop;
    struct od_pg_conn *conn;
    struct od_timer *timer;
    struct od_deliverer *deliverer; /* NULL: it has stopped */
    bool deliverer_stopping;
    enum feed_state state;
    struct od_arena arena;
    struct od_round round;
    struct od_kept_orders kept;
    bool round_open;
    bool owner;              /* the cursor's row was ours to lock */
    bool more;               /* the last round was full */
    int64_t targets_version; /* of those that the API made, when the events were read */
    uint64_t seen_activity;
    int64_t last_look_us, round_began_us;
    int64_t waiting_since_us; /* since a commit that was not looked for yet; 0: there is none */
    bool missing;             /* there was one whose events cannot be read yet */
    int64_t paid_us;          /* until then it rests for what the last round took */
    struct od_feed_stats stats;
    struct od_lag lag;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void check_stop(struct od_feed *f);

static void close_round(struct od_feed *f)
{
    if (!f->round_open)
        return;
    od_round_fini(&f->round);
    od_rules_unref(f->round.rules);
    od_arena_reset(&f->arena);
    f->round_open = false;
}

/*
 * When to look again. What was committed is looked for in the next quiet moment, because a round
 * beside a command slows it. While commands come in, a round is paid for with rest, so that the
 * feed takes no more than its share.
 */
static uint64_t delay_ms(const struct od_feed *f, int64_t now)
{
    uint64_t owed = now < f->paid_us ? (uint64_t)(f->paid_us - now) / 1000 + 1 : 0;
    if (f->more)
        return owed;
    if (!f->waiting_since_us)
        return f->conf.interval_ms;
    return owed > QUIET_MS ? owed : QUIET_MS;
}

/* Where there is no quiet moment for the length of the interval, the timer is left alone. */
static void on_commit(void *ctx)
{
    struct od_feed *f = ctx;
    int64_t now = od_clock_monotonic_us();
    if (!f->waiting_since_us)
        f->waiting_since_us = now;
    if (f->state == FEED_RESTING && !f->more &&
        now - f->waiting_since_us < (int64_t)f->conf.interval_ms * 1000)
        od_timer_start(f->timer, delay_ms(f, now), 0);
}

static void rest(struct od_feed *f)
{
    int64_t now = od_clock_monotonic_us(), took = now - f->round_began_us;
    bool busy = f->conf.activity(f->conf.ctx) != f->seen_activity;
    f->paid_us = busy ? now + took * (100 - f->conf.share) / f->conf.share : 0;
    close_round(f);
    f->state = FEED_RESTING;
    od_timer_start(f->timer, delay_ms(f, now), 0);
    check_stop(f);
}

static void on_given_up(void *ctx, bool failed)
{
    struct od_feed *f = ctx;
    (void)failed;
    if (f->state == FEED_STORING)
        rest(f);
}

static void give_up(struct od_feed *f)
{
    f->state = FEED_STORING;
    f->more = false;
    od_pg_send(f->conn, &od_pg_rollback, NULL, NULL, NULL);
    od_pg_sync(f->conn, on_given_up, f);
}

static void on_stored(void *ctx, bool failed)
{
    struct od_feed *f = ctx;
    if (f->state != FEED_STORING)
        return;
    if (failed) {
        give_up(f);
        return;
    }
    od_recall_keep(&f->round.recall);
    if (f->round.planned_count)
        od_deliverer_poke(f->deliverer);
    rest(f);
}

/* Those of the round were put away for others while it waited for the database. */
static bool targets_have_changed(const struct od_feed *f)
{
    return !f->round.targets->registered;
}

static void write_round(struct od_feed *f)
{
    const struct od_event *last = &f->round.events[f->round.event_count - 1].event;
    if (targets_have_changed(f)) {
        give_up(f);
        return;
    }
    for (size_t i = 0; i < f->round.planned_count; i++) {
        struct od_planned *p = &f->round.planned[i];
        const struct od_target_conf *t = od_targets_find(f->round.targets, p->target);
        p->ordered = t && t->ordered;
    }
    if (f->round.planned_count)
        od_deliveries_insert(f->conn, f->round.planned, f->round.planned_count,
                             f->round.rules->policies.bundle_id);
    struct od_pg_params *p = od_pg_params(f->conn);
    od_pg_text(p, od_arena_printf(&f->arena, "%llu", (unsigned long long)f->round.last_position));
    od_pg_i64(p, last->order_id);
    od_pg_i32(p, last->seq);
    od_pg_i64(p, (int64_t)f->round.event_count);
    od_pg_send(f->conn, &od_move_cursor, p, NULL, NULL);
    od_pg_send(f->conn, &od_pg_commit, NULL, NULL, NULL);
    f->state = FEED_STORING;
    od_pg_sync(f->conn, on_stored, f);
}

static void attach(struct od_feed *f);

static void on_issued(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_feed *f = ctx;
    if (!err)
        od_recall_take(&f->round.past, r);
}

static void on_attached(void *ctx, bool failed)
{
    struct od_feed *f = ctx;
    if (f->state != FEED_ATTACHING)
        return;
    if (failed)
        give_up(f);
    else
        attach(f);
}

/* Documents of mails may show an order's past. */
static void attach(struct od_feed *f)
{
    if (!od_letter_attach(&f->round)) {
        write_round(f);
        return;
    }
    struct od_pg_params *p = od_pg_params(f->conn);
    od_recall_put(&f->round.past, p);
    f->state = FEED_ATTACHING;
    od_pg_send(f->conn, &od_select_events_of, p, on_issued, f);
    od_pg_sync(f->conn, on_attached, f);
}

static void store(struct od_feed *f)
{
    if (targets_have_changed(f)) {
        give_up(f);
        return;
    }
    od_round_run(&f->round);
    attach(f);
}

static void recall(struct od_feed *f);

static void on_past(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_feed *f = ctx;
    if (err)
        return;
    f->stats.recalled += (uint64_t)r->rows;
    od_recall_take(&f->round.recall, r);
}

static void on_recalled(void *ctx, bool failed)
{
    struct od_feed *f = ctx;
    if (f->state != FEED_RECALLING)
        return;
    if (failed)
        give_up(f);
    else
        recall(f);
}

static void recall(struct od_feed *f)
{
    if (!od_recall_more(&f->round.recall)) {
        store(f);
        return;
    }
    struct od_pg_params *p = od_pg_params(f->conn);
    od_recall_put(&f->round.recall, p);
    f->state = FEED_RECALLING;
    od_pg_send(f->conn, &od_select_events_of, p, on_past, f);
    od_pg_sync(f->conn, on_recalled, f);
}

static void on_lock(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_feed *f = ctx;
    f->owner = !err && r->rows == 1;
}

static void on_events(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_feed *f = ctx;
    if (!err && f->owner)
        od_round_take(&f->round, r);
}

/* It is asked behind the events: a target that was made before one of them is among those of this
 * version. */
static void on_version(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_feed *f = ctx;
    f->targets_version = err ? -1 : od_pg_get_i64(r, 0, 0);
}

static void on_read(void *ctx, bool failed)
{
    struct od_feed *f = ctx;
    if (f->state != FEED_READING)
        return;
    size_t count = f->round.event_count;
    bool knows_targets = f->targets_version == f->round.targets->version;
    f->missing = f->missing && f->owner && (count == 0 || !knows_targets);
    f->stats.rounds++;
    f->more = count == f->conf.batch;
    if (failed || !f->owner) {
        give_up(f);
    } else if (!knows_targets) {
        od_deliverer_refresh(f->deliverer);
        give_up(f);
    } else if (count == 0) {
        od_pg_send(f->conn, &od_pg_rollback, NULL, NULL, NULL);
        f->state = FEED_STORING;
        od_pg_sync(f->conn, on_stored, f);
    } else {
        recall(f);
    }
}

static void begin_round(struct od_feed *f)
{
    f->round_began_us = od_clock_monotonic_us();
    f->owner = false;
    od_round_init(&f->round, &f->arena, od_rules_ref(*f->conf.rules), &f->conf,
                  od_deliverer_targets(f->deliverer), &f->kept, &f->stats);
    f->round_open = true;
    f->state = FEED_READING;
    od_pg_send(f->conn, &od_pg_begin, NULL, NULL, NULL);
    od_pg_send(f->conn, &od_lock_cursor, NULL, on_lock, f);
    struct od_pg_params *p = od_pg_params(f->conn);
    od_pg_i32(p, (int32_t)f->conf.batch);
    od_pg_send(f->conn, &od_select_unread_events, p, on_events, f);
    od_pg_send(f->conn, &od_select_targets_version, NULL, on_version, f);
    od_pg_sync(f->conn, on_read, f);
}

static void on_looked(void *ctx)
{
    struct od_feed *f = ctx;
    if (f->state == FEED_LOOKING)
        begin_round(f);
}

static void on_timer(void *ctx)
{
    struct od_feed *f = ctx;
    if (f->state != FEED_RESTING)
        return;
    int64_t now = od_clock_monotonic_us();
    if (!*f->conf.rules || !od_deliverer_targets(f->deliverer)->registered) {
        od_timer_start(f->timer, NOT_READY_MS, 0);
        return;
    }
    bool due = f->missing || now - f->last_look_us >= (int64_t)LOOK_FOR_OTHERS_MS * 1000;
    if (!f->more && !due && !f->waiting_since_us) {
        od_timer_start(f->timer, f->conf.interval_ms, 0);
        return;
    }
    f->seen_activity = f->conf.activity(f->conf.ctx);
    f->last_look_us = now;
    f->missing = f->missing || f->waiting_since_us;
    f->waiting_since_us = 0;
    if (od_lag_due(&f->lag)) {
        f->state = FEED_LOOKING;
        od_lag_look(&f->lag, f->owner, on_looked, f);
    } else {
        begin_round(f);
    }
}

static void on_up(void *ctx)
{
    struct od_feed *f = ctx;
    f->state = FEED_RESTING;
    f->more = true; /* look at once */
    od_timer_start(f->timer, 0, 0);
    check_stop(f);
}

static void on_down(void *ctx, const struct od_err *why)
{
    struct od_feed *f = ctx;
    (void)why;
    close_round(f);
    od_kept_clear(&f->kept); /* the next server may have lost what this one had */
    od_timer_stop(f->timer);
    f->state = FEED_DOWN;
    check_stop(f);
}

static void on_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    if (err->code != OD_ERR_UNAVAILABLE)
        od_warn("feed_refused", "sqlstate=%s message=\"%s\"", err->sqlstate, err->message);
}

static struct od_pg_conn *connect_feed(struct od_feed *f)
{
    struct od_pg_conn_conf conn = {
        .server = f->conf.server,
        .setup = od_feed_session(&f->arena, "orderd feed", f->conf.transaction_limit_ms,
                                 od_position_settle_sql),
        .connect_timeout_ms = f->conf.connect_timeout_ms,
        .answer_timeout_ms = f->conf.answer_timeout_ms,
        .ctx = f,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
    };
    return od_pg_conn_new(f->loop, &conn);
}

static struct od_deliverer *new_deliverer(struct od_feed *f)
{
    const struct od_deliverer_conf conf = {
        .server = f->conf.server,
        .connect_timeout_ms = f->conf.connect_timeout_ms,
        .answer_timeout_ms = f->conf.answer_timeout_ms,
        .share = f->conf.share,
        .interval_ms = f->conf.interval_ms,
        .transaction_limit_ms = f->conf.transaction_limit_ms,
        .conf = f->conf.conf,
        .ctx = f->conf.ctx,
        .activity = f->conf.activity,
        .engine = f->conf.engine,
    };
    return od_deliverer_new(f->loop, &conf);
}

struct od_feed *od_feed_new(struct od_loop *loop, const struct od_feed_conf *conf)
{
    struct od_feed *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->conf = *conf;
    f->loop = loop;
    od_arena_init(&f->arena);
    od_kept_init(&f->kept, conf->keep_orders);
    f->timer = od_timer_new(loop, on_timer, f);
    f->conn = connect_feed(f);
    od_lag_init(&f->lag, f->conn, conf->held_after_ms, conf->transaction_limit_ms);
    f->deliverer = new_deliverer(f);
    od_engine_watch(conf->engine, on_commit, f);
    return f;
}

/* A round that is under way has planned for the targets before. */
void od_feed_use_conf(struct od_feed *f, struct od_conf *conf)
{
    if (!f->stopped)
        od_deliverer_use(f->deliverer, conf);
}

struct od_deliverer *od_feed_deliverer(const struct od_feed *f)
{
    return f->deliverer;
}

void od_feed_stats(const struct od_feed *f, struct od_feed_stats *out)
{
    *out = f->stats;
}

const struct od_lag *od_feed_lag(const struct od_feed *f)
{
    return &f->lag;
}

static void on_closed(void *ctx)
{
    struct od_feed *f = ctx;
    void (*stopped)(void *) = f->stopped;
    void *stopped_ctx = f->stopped_ctx;
    od_engine_watch(f->conf.engine, NULL, NULL);
    od_timer_free(f->timer);
    od_kept_fini(&f->kept);
    od_arena_fini(&f->arena);
    free(f);
    stopped(stopped_ctx);
}

static void on_deliverer_stopped(void *ctx)
{
    struct od_feed *f = ctx;
    f->deliverer = NULL;
    check_stop(f);
}

/* First the round under way ends, which plans for the deliverer's targets, then the deliverer. */
static void check_stop(struct od_feed *f)
{
    if (!f->stopped || (f->state != FEED_RESTING && f->state != FEED_DOWN))
        return;
    od_timer_stop(f->timer);
    if (!f->deliverer_stopping) {
        f->deliverer_stopping = true;
        od_deliverer_stop(f->deliverer, on_deliverer_stopped, f);
    } else if (!f->deliverer) {
        f->state = FEED_STOPPING;
        od_pg_conn_free(f->conn, on_closed, f);
    }
}

void od_feed_stop(struct od_feed *f, void (*stopped)(void *ctx), void *ctx)
{
    f->stopped = stopped;
    f->stopped_ctx = ctx;
    check_stop(f);
}
