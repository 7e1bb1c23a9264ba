#include "engine/lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/batch.h"
#include "loop/loop.h"
#include "pg/conn.h"
#include "pg/sqlstate.h"
#include "pg/transaction.h"

enum lane_state { LANE_DOWN = 0, LANE_IDLE, LANE_LOADING, LANE_WRITING, LANE_ROLLING_BACK };

struct od_lane {
    struct od_lane_host host;
    uint32_t index;
    struct od_pg_conn *conn;
    enum lane_state state;
    struct od_list queue;
    uint32_t queued;
    struct od_deferred start; /* batches begin after the loop has read all that has arrived */
    struct od_batch batch;
    bool committed;        /* COMMIT's result was seen and its tag says COMMIT */
    struct od_err failure; /* the first error of the batch's transaction */
    int64_t phase_began;   /* monotonic, microseconds */
    int64_t careful_until; /* the same: stock ran short lately, so it is locked early */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static void on_begin_batch(void *ctx);

static void kick(struct od_lane *lane)
{
    if (lane->state == LANE_IDLE && lane->queued)
        od_deferred_arm(&lane->start);
}

static void settle(struct od_lane *lane, enum lane_state state)
{
    lane->state = state;
    kick(lane);
    lane->host.changed(lane->host.ctx);
}

static int64_t lap(struct od_lane *lane)
{
    int64_t now = od_clock_monotonic_us(), took = now - lane->phase_began;
    lane->phase_began = now;
    return took;
}

/* Answers every submission of the batch; err NULL: what `decided` saw is true. */
static void finish_batch(struct od_lane *lane, const struct od_err *err)
{
    struct od_list done;
    od_list_init(&done);
    od_list_splice(&done, &lane->batch.submissions);
    od_batch_end(&lane->batch);
    for (struct od_list *n; (n = od_list_shift(&done));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        s->done(s->ctx, err);
    }
}

/* Puts the batch's submissions back at the head of the queue, each to be tried by itself. */
static void retry_alone(struct od_lane *lane)
{
    struct od_list again;
    od_list_init(&again);
    for (struct od_list *n; (n = od_list_shift(&lane->batch.submissions));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        s->alone = true;
        s->retries++;
        od_list_push(&again, n);
        lane->queued++;
        lane->host.stats->retries_alone++;
    }
    od_list_splice(&again, &lane->queue);
    od_list_splice(&lane->queue, &again);
    od_batch_end(&lane->batch);
}

enum { MAX_RETRIES = 5, CAREFUL_US = 2000000 };

/* Another process wrote the row while this batch saw none: a key used twice at once, a SKU's first
 * stock. The repetition finds it. */
static bool lost_a_race(const struct od_err *err)
{
    return od_pg_is_duplicate(err, "idempotency_key") || od_pg_is_duplicate(err, "stock_pkey");
}

/* Two lanes sold the last units at once, and the table's check refused the second. Until the rush
 * for them is over, locking stock first costs less than deciding twice. */
static bool sold_twice(const struct od_err *err)
{
    return od_pg_is_check(err, "stock_not_oversold");
}

/* Errors that a repetition may cure. */
static bool worth_retrying(const struct od_err *err)
{
    return od_pg_is_repeatable(err) || lost_a_race(err) || sold_twice(err);
}

static struct od_submission *first_of(struct od_lane *lane)
{
    return OD_LIST_ENTRY(lane->batch.submissions.next, struct od_submission, node);
}

static void note_failure(struct od_lane *lane)
{
    if (sold_twice(&lane->failure))
        lane->careful_until = od_clock_monotonic_us() + CAREFUL_US;
    lane->host.stats->aborted++;
    od_debug("batch_refused", "lane=%u size=%u sqlstate=%s message=\"%s\"", lane->index,
             lane->batch.count, lane->failure.sqlstate, lane->failure.message);
}

static void batch_failed(struct od_lane *lane)
{
    struct od_submission *first = first_of(lane);
    if (lane->batch.count > 1 || (worth_retrying(&lane->failure) && first->retries < MAX_RETRIES)) {
        retry_alone(lane);
        return;
    }
    struct od_err err = lane->failure;
    if (od_batch_explain(&lane->batch, first, &err)) {
        finish_batch(lane, NULL);
        return;
    }
    if (od_pg_is_temporary(&err))
        err.code = OD_ERR_UNAVAILABLE;
    else
        od_error("command_failed", "lane=%u command=%s sqlstate=%s message=\"%s\"", lane->index,
                 od_command_name(first->command->type), err.sqlstate, err.message);
    finish_batch(lane, &err);
}

/* on_down follows and answers the batch. */
static bool connection_lost(const struct od_lane *lane)
{
    return !od_pg_conn_up(lane->conn);
}

/* The next try takes other numbers, or finds these taken again. */
static void on_skipped(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    (void)failed;
    if (lane->state != LANE_ROLLING_BACK)
        return;
    retry_alone(lane);
    settle(lane, LANE_IDLE);
}

static bool skips_numbers(struct od_lane *lane)
{
    const struct od_submission *first = first_of(lane);
    if (lane->batch.count > 1 || first->retries >= MAX_RETRIES || connection_lost(lane) ||
        !od_batch_skip_numbers(first, &lane->failure, lane->conn))
        return false;
    od_pg_sync(lane->conn, on_skipped, lane);
    return true;
}

static void on_rolled_back(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    if (lane->state != LANE_ROLLING_BACK)
        return;
    (void)failed; /* "there is no transaction" is a warning; a lost connection came as on_down */
    note_failure(lane);
    if (skips_numbers(lane))
        return;
    batch_failed(lane);
    settle(lane, LANE_IDLE);
}

static void roll_back(struct od_lane *lane)
{
    lane->state = LANE_ROLLING_BACK;
    od_pg_send(lane->conn, &od_pg_rollback, NULL, NULL, NULL);
    od_pg_sync(lane->conn, on_rolled_back, lane);
}

static void on_commit(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_lane *lane = ctx;
    /* A failed transaction answers COMMIT with the tag ROLLBACK. */
    lane->committed = !err && strcmp(r->tag, "COMMIT") == 0;
}

static void on_written(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    if (lane->state != LANE_WRITING || connection_lost(lane))
        return;
    if (failed || (!lane->committed && lane->batch.writes)) {
        roll_back(lane);
        return;
    }
    lane->host.stats->write_us += (uint64_t)lap(lane);
    finish_batch(lane, NULL);
    settle(lane, LANE_IDLE);
}

static void on_loaded(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    if (lane->state != LANE_LOADING || connection_lost(lane))
        return;
    if (failed) {
        roll_back(lane);
        return;
    }
    lane->host.stats->load_us += (uint64_t)lap(lane);
    od_batch_decide(&lane->batch);
    lane->host.stats->decide_us += (uint64_t)lap(lane);
    lane->state = LANE_WRITING;
    lane->committed = false;
    if (od_batch_write(&lane->batch, lane->conn))
        od_pg_send(lane->conn, &od_pg_commit, NULL, on_commit, lane);
    else
        od_pg_send(lane->conn, &od_pg_rollback, NULL, NULL, NULL);
    od_pg_sync(lane->conn, on_written, lane);
}

static void on_begin_batch(void *ctx)
{
    struct od_lane *lane = ctx;
    if (lane->state != LANE_IDLE || !lane->queued)
        return;
    lane->phase_began = od_clock_monotonic_us();
    od_err_clear(&lane->failure);
    od_batch_begin(&lane->batch, *lane->host.rules, &lane->host.conf->types, lane->host.shadow,
                   lane->host.stats);
    uint32_t taken = od_batch_take(&lane->batch, &lane->queue, lane->host.conf->max_batch);
    lane->queued -= taken;
    if (lane->phase_began < lane->careful_until)
        od_batch_lock_stock(&lane->batch);
    lane->state = LANE_LOADING;
    od_pg_send(lane->conn, &od_pg_begin, NULL, NULL, NULL);
    od_batch_load(&lane->batch, lane->conn);
    od_pg_sync(lane->conn, on_loaded, lane);
}

static void on_up(void *ctx)
{
    settle(ctx, LANE_IDLE);
}

/* Everything queued or in flight is answered: waiting for a database that may not come back soon is
 * the caller's decision. */
static void on_down(void *ctx, const struct od_err *why)
{
    struct od_lane *lane = ctx;
    struct od_err err = *why;
    err.code = OD_ERR_UNAVAILABLE;
    bool in_flight = lane->state > LANE_IDLE;
    lane->state = LANE_DOWN;
    if (in_flight)
        finish_batch(lane, &err);
    struct od_list waiting;
    od_list_init(&waiting);
    od_list_splice(&waiting, &lane->queue);
    lane->queued = 0;
    for (struct od_list *n; (n = od_list_shift(&waiting));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        s->done(s->ctx, &err);
    }
    lane->host.changed(lane->host.ctx);
}

static void on_error(void *ctx, const struct od_err *err)
{
    struct od_lane *lane = ctx;
    if (lane->failure.code == OD_ERR_NONE)
        lane->failure = *err;
}

struct od_lane *od_lane_new(const struct od_lane_host *host, uint32_t index)
{
    struct od_lane *lane = calloc(1, sizeof *lane);
    if (!lane)
        abort();
    lane->host = *host;
    lane->index = index;
    od_list_init(&lane->queue);
    od_batch_init(&lane->batch);
    od_deferred_init(&lane->start, host->loop, on_begin_batch, lane);
    struct od_pg_conn_conf conf = {
        .conninfo = host->conf->conninfo,
        .setup = host->setup,
        .connect_timeout_ms = host->conf->connect_timeout_ms,
        .ctx = lane,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
    };
    lane->conn = od_pg_conn_new(host->loop, &conf);
    return lane;
}

void od_lane_submit(struct od_lane *lane, struct od_submission *s)
{
    assert(lane->state != LANE_DOWN);
    od_list_push(&lane->queue, &s->node);
    lane->queued++;
    kick(lane);
}

bool od_lane_up(const struct od_lane *lane)
{
    return lane->state != LANE_DOWN;
}

bool od_lane_idle(const struct od_lane *lane)
{
    return lane->queued == 0 && lane->state <= LANE_IDLE;
}

uint32_t od_lane_queued(const struct od_lane *lane)
{
    return lane->queued;
}

static void on_closed(void *ctx)
{
    struct od_lane *lane = ctx;
    lane->closed(lane->closed_ctx);
    free(lane);
}

void od_lane_free(struct od_lane *lane, void (*closed)(void *ctx), void *ctx)
{
    assert(od_lane_idle(lane));
    lane->closed = closed;
    lane->closed_ctx = ctx;
    od_deferred_cancel(&lane->start);
    od_batch_fini(&lane->batch);
    od_pg_conn_free(lane->conn, on_closed, lane);
}
