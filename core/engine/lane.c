#include "engine/lane.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "engine/lane_parts.h"
#include "engine/repeat.h"
#include "pg/transaction.h"

static void kick(struct od_lane *lane)
{
    if (lane->state == LANE_IDLE && lane->queued)
        od_deferred_arm(&lane->start);
}

void od_lane_settle(struct od_lane *lane, enum lane_state state)
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

void od_lane_finish_batch(struct od_lane *lane, const struct od_err *err)
{
    struct od_list done;
    od_list_init(&done);
    od_list_splice(&done, &lane->batch.submissions);
    od_batch_end(&lane->batch);
    for (struct od_list *n; (n = od_list_shift(&done));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        if (s->repeat && !err) {
            lane->host.repeat(lane->host.ctx, s);
            continue;
        }
        od_repeat_drop(s);
        s->done(s->ctx, err);
    }
}

bool od_lane_lost(const struct od_lane *lane)
{
    return !od_pg_conn_up(lane->conn);
}

/* Which orders the batch changed, or may have changed. */
static void tell_changed(const struct od_lane *lane)
{
    const struct od_write *w = &lane->batch.write;
    for (size_t i = 0; i < w->event_count; i++) {
        if (i == 0 || w->events[i]->order_id != w->events[i - 1]->order_id)
            lane->host.changed_order(lane->host.ctx, w->events[i]->order_id);
    }
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
    if (lane->state != LANE_WRITING || od_lane_lost(lane))
        return;
    if (failed || (!lane->committed && lane->batch.writes)) {
        od_lane_roll_back(lane);
        return;
    }
    lane->host.stats->write_us += (uint64_t)lap(lane);
    if (lane->committed && lane->batch.write.event_count) {
        tell_changed(lane);
        lane->host.committed(lane->host.ctx);
    }
    od_lane_finish_batch(lane, NULL);
    od_lane_settle(lane, LANE_IDLE);
}

static void decide_and_write(struct od_lane *lane)
{
    lane->host.stats->load_us += (uint64_t)lap(lane);
    od_batch_decide(&lane->batch);
    od_lane_put_back(lane, &lane->batch.unnumbered);
    lane->host.stats->decide_us += (uint64_t)lap(lane);
    lane->state = LANE_WRITING;
    lane->committed = false;
    if (od_batch_write(&lane->batch, lane->conn))
        od_pg_send(lane->conn, &od_pg_commit, NULL, on_commit, lane);
    else
        od_pg_send(lane->conn, &od_pg_rollback, NULL, NULL, NULL);
    od_pg_sync(lane->conn, on_written, lane);
}

static void on_numbered(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    if (lane->state != LANE_NUMBERING || od_lane_lost(lane))
        return;
    if (failed)
        od_lane_roll_back(lane);
    else
        decide_and_write(lane);
}

static void on_loaded(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    if (lane->state != LANE_LOADING || od_lane_lost(lane))
        return;
    if (failed) {
        od_lane_roll_back(lane);
    } else if (od_batch_load_documents(&lane->batch, lane->conn)) {
        lane->state = LANE_NUMBERING;
        od_pg_sync(lane->conn, on_numbered, lane);
    } else {
        decide_and_write(lane);
    }
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

static void on_proved(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    (void)failed; /* of another error than a loss the next batch tells as well */
    if (lane->state != LANE_PROVING || od_lane_lost(lane))
        return;
    lane->doubtful = false;
    od_lane_settle(lane, LANE_IDLE);
}

static void on_up(void *ctx)
{
    struct od_lane *lane = ctx;
    if (!lane->doubtful) {
        od_lane_settle(lane, LANE_IDLE);
        return;
    }
    lane->state = LANE_PROVING;
    od_pg_send(lane->conn, &od_pg_witness, NULL, NULL, NULL);
    od_pg_sync(lane->conn, on_proved, lane);
}

/* Everything queued or in flight is answered: waiting for a database that may not come back soon is
 * the caller's decision. */
static void on_down(void *ctx, const struct od_err *why)
{
    struct od_lane *lane = ctx;
    struct od_err err = *why;
    err.code = OD_ERR_UNAVAILABLE;
    bool in_flight = lane->state > LANE_IDLE;
    if (lane->state == LANE_WRITING) {
        lane->doubtful = true;
        tell_changed(lane);
    }
    lane->state = LANE_DOWN;
    if (in_flight)
        od_lane_finish_batch(lane, &err);
    struct od_list waiting;
    od_list_init(&waiting);
    od_list_splice(&waiting, &lane->queue);
    lane->queued = 0;
    for (struct od_list *n; (n = od_list_shift(&waiting));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        s->waiting = NULL;
        od_repeat_drop(s);
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
        .server = host->conf->server,
        .setup = host->setup,
        .connect_timeout_ms = host->conf->connect_timeout_ms,
        .answer_timeout_ms = host->conf->answer_timeout_ms,
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
    OD_ASSERT(od_lane_up(lane));
    od_list_push(&lane->queue, &s->node);
    lane->queued++;
    s->waiting = &lane->queued;
    kick(lane);
}

bool od_lane_up(const struct od_lane *lane)
{
    return lane->state >= LANE_IDLE;
}

bool od_lane_proving(const struct od_lane *lane)
{
    return lane->state == LANE_PROVING;
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
    OD_ASSERT(od_lane_idle(lane));
    lane->closed = closed;
    lane->closed_ctx = ctx;
    od_deferred_cancel(&lane->start);
    od_batch_fini(&lane->batch);
    od_pg_conn_free(lane->conn, on_closed, lane);
}
