#include "feed/deliver/parts.h"

#include "base/clock.h"
#include "pg/conn.h"

/* How attempts went is written down, all that ended meanwhile at once. */

#define ARRAY(oid, condition, put)                                                                 \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        OD_EACH_ATTEMPT(&d->marking, a, condition, put)                                            \
        od_pg_array_end(p);                                                                        \
    } while (0)

static bool is_delivered(const struct od_attempt *a)
{
    return a->result.outcome == OD_DELIVERED;
}

static bool has_failed(const struct od_attempt *a)
{
    return a->result.outcome == OD_DELIVERY_LATER || a->result.outcome == OD_DELIVERY_REFUSED;
}

/* Its order's later deliveries are to wait as it does. */
static bool holds(const struct od_attempt *a)
{
    return a->target->conf->ordered && a->result.outcome == OD_DELIVERY_LATER && a->wait_ms >= 0;
}

/* They waited for it, and need not any more. */
static bool releases(const struct od_attempt *a)
{
    return a->target->conf->ordered &&
           ((is_delivered(a) && a->delivery.attempt > 1) || (has_failed(a) && a->wait_ms < 0));
}

/* Of one that succeeds without an answer the delivery's own row says all. */
static bool is_kept(const struct od_attempt *a)
{
    return has_failed(a) ||
           (is_delivered(a) && (a->target->conf->kind->answers || a->delivery.attempt > 1));
}

static size_t count_of(const struct od_deliverer *d, bool (*which)(const struct od_attempt *a))
{
    size_t count = 0;
    OD_EACH_ATTEMPT(&d->marking, a, which(a), count++)
    return count;
}

static void send_ids(struct od_deliverer *d, const struct od_pg_stmt *stmt,
                     bool (*which)(const struct od_attempt *a))
{
    if (!count_of(d, which))
        return;
    struct od_pg_params *p = od_pg_params(d->conn);
    ARRAY(OD_PG_INT8, which(a), od_pg_array_i64(p, a->delivery.delivery_id));
    od_pg_send(d->conn, stmt, p, NULL, NULL);
}

static void send_marks(struct od_deliverer *d)
{
    struct od_pg_params *p;
    send_ids(d, &od_mark_delivered, is_delivered);
    if (count_of(d, has_failed)) {
        p = od_pg_params(d->conn);
        ARRAY(OD_PG_INT8, has_failed(a), od_pg_array_i64(p, a->delivery.delivery_id));
        ARRAY(OD_PG_TEXT, has_failed(a), od_pg_array_text(p, a->result.why));
        ARRAY(OD_PG_INT8, has_failed(a), od_pg_array_i64(p, a->wait_ms));
        od_pg_send(d->conn, &od_mark_failed, p, NULL, NULL);
    }
    send_ids(d, &od_hold_followers, holds);
    send_ids(d, &od_release_followers, releases);
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

/* A full disk or a server that only reads would have everything sent again, as fast as the targets
 * take it. What was begun before the rest fails for the same reason, and counts no more. */
static void rest_for_marks(struct od_deliverer *d)
{
    int64_t now = od_clock_monotonic_us();
    if (now >= d->refused_until_us)
        d->refused_until_us = now + od_rest_after(d->refused++) * 1000;
}

/* What was not noted because the connection was lost is noted on the next one. An error of the
 * database would come again: then the deliveries are made again, after a rest. */
static void on_marked(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    if (failed && !od_pg_conn_up(d->conn)) {
        OD_EACH_ATTEMPT(&d->marking, a, true, a->state = OD_ATTEMPT_ENDED)
        od_list_splice(&d->marking, &d->ended);
        od_list_splice(&d->ended, &d->marking);
    } else if (failed) {
        rest_for_marks(d);
        od_attempts_free(&d->marking);
    } else {
        d->refused = 0;
        /* The next of their orders may be due: it was passed over meanwhile. */
        OD_EACH_ATTEMPT(&d->marking, a, !a->target->conf->kind->whole, a->target->more = true)
        od_attempts_free(&d->marking);
    }
    od_deliverer_proceed(d);
}

void od_deliverer_flush(void *ctx)
{
    struct od_deliverer *d = ctx;
    if (od_list_empty(&d->ended) || !od_list_empty(&d->marking))
        return;
    if (!d->up) {
        if (d->stopping) { /* nobody is there to note it */
            od_attempts_free(&d->ended);
            od_deliverer_proceed(d);
        }
        return;
    }
    OD_EACH_ATTEMPT(&d->ended, a, true, a->state = OD_ATTEMPT_MARKING)
    od_list_splice(&d->marking, &d->ended);
    send_marks(d);
    od_pg_sync(d->conn, on_marked, d);
}
