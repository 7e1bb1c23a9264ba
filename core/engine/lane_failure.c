#include "engine/lane_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "order/machine/command_kind.h"
#include "pg/sqlstate.h"
#include "pg/transaction.h"

/* The database has refused a batch: it is rolled back, and each of its commands tried by itself, so
 * that only the guilty one fails. */

void od_lane_put_back(struct od_lane *lane, struct od_list *submissions)
{
    struct od_list again;
    od_list_init(&again);
    for (struct od_list *n; (n = od_list_shift(submissions));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        s->alone = true;
        s->waiting = &lane->queued;
        od_list_push(&again, n);
        lane->queued++;
    }
    od_list_splice(&again, &lane->queue);
    od_list_splice(&lane->queue, &again);
}

static void retry_alone(struct od_lane *lane)
{
    struct od_list *all = &lane->batch.submissions;
    for (struct od_list *n = all->next; n != all; n = n->next) {
        OD_LIST_ENTRY(n, struct od_submission, node)->retries++;
        lane->host.stats->retries_alone++;
    }
    od_lane_put_back(lane, all);
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
    if (lane->batch.count != 1 ||
        (worth_retrying(&lane->failure) && first->retries < MAX_RETRIES)) {
        retry_alone(lane);
        return;
    }
    struct od_err err = lane->failure;
    if (od_batch_explain(&lane->batch, first, &err)) {
        od_lane_finish_batch(lane, NULL);
        return;
    }
    if (od_pg_is_temporary(&err))
        err.code = OD_ERR_UNAVAILABLE;
    else
        od_error("command_failed", "lane=%u command=%s sqlstate=%s message=\"%s\"", lane->index,
                 od_command_name(first->command->type), err.sqlstate, err.message);
    od_lane_finish_batch(lane, &err);
}

/* The next try takes other numbers, or finds these taken again. */
static void on_skipped(void *ctx, bool failed)
{
    struct od_lane *lane = ctx;
    (void)failed;
    if (lane->state != LANE_ROLLING_BACK)
        return;
    retry_alone(lane);
    od_lane_settle(lane, LANE_IDLE);
}

static bool skips_numbers(struct od_lane *lane)
{
    const struct od_submission *first = first_of(lane);
    if (lane->batch.count != 1 || first->retries >= MAX_RETRIES || od_lane_lost(lane) ||
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
    od_lane_settle(lane, LANE_IDLE);
}

void od_lane_roll_back(struct od_lane *lane)
{
    lane->state = LANE_ROLLING_BACK;
    od_pg_send(lane->conn, &od_pg_rollback, NULL, NULL, NULL);
    od_pg_sync(lane->conn, on_rolled_back, lane);
}
