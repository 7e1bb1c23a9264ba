#include "feed/deliver/parts.h"

#include <stdlib.h>

#include "base/clock.h"
#include "pg/conn.h"
#include "pg/transaction.h"

/* What is due is read and begun, as far as its target has room for it. */

enum {
    YIELD_MAX_US = 250000, /* a round that took longer mostly waited: for a disk, a lock */
    ANSWERED_US = 100,     /* an attempt that waits for an answer costs so much of a processor */
};

static void start(struct od_outgoing *t)
{
    struct od_deliverer *d = t->deliverer;
    size_t n = 0, count = 0;
    for (struct od_list *node = t->fresh.next; node != &t->fresh; node = node->next)
        count++;
    struct od_delivery **batch = calloc(count ? count : 1, sizeof *batch);
    if (!batch)
        abort();
    for (struct od_list *node; (node = od_list_shift(&t->fresh));) {
        struct od_attempt *a = OD_LIST_ENTRY(node, struct od_attempt, node);
        a->state = OD_ATTEMPT_UNDER_WAY;
        a->began_us = od_clock_monotonic_us();
        od_list_push(&t->attempts, &a->node);
        batch[n++] = &a->delivery;
    }
    t->begun += (uint32_t)n;
    if (n)
        t->conf->kind->deliver(t->self, batch, n);
    free(batch);
    od_deliverer_proceed(d);
}

static void on_sure(void *ctx, bool failed)
{
    struct od_outgoing *t = ctx;
    t->asking = false;
    if (failed || t->deliverer->stopping)
        od_attempts_free(&t->fresh);
    start(t);
}

static void on_asked(void *ctx, bool failed)
{
    struct od_outgoing *t = ctx;
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
static bool order_under_way(const struct od_outgoing *t, int64_t order_id)
{
    const struct od_list *const lists[] = {&t->fresh, &t->attempts, &t->deliverer->ended,
                                           &t->deliverer->marking};
    if (order_id == 0 || t->conf->kind->whole)
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        OD_EACH_ATTEMPT(lists[i], a, a->target == t && a->delivery.order_id == order_id,
                        return true)
    }
    return false;
}

static void on_due(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_outgoing *t = ctx;
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
        struct od_attempt *a = od_attempt_new(t, &due);
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

static void put_under_way(const struct od_outgoing *t, struct od_pg_params *p, bool orders)
{
    const struct od_list *const lists[] = {&t->attempts, &t->deliverer->ended,
                                           &t->deliverer->marking};
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        OD_EACH_ATTEMPT(lists[i], a, a->target == t && (!orders || a->delivery.order_id),
                        od_pg_array_i64(p, orders ? a->delivery.order_id : a->delivery.delivery_id))
    }
    od_pg_array_end(p);
}

/* How many attempts may begin now. */
static uint32_t room(struct od_outgoing *t, int64_t now)
{
    const struct od_target_kind *kind = t->conf->kind;
    uint32_t most = (uint32_t)t->conf->concurrency;
    if (most > kind->concurrency && kind->whole)
        most = kind->concurrency;
    if (t->streak || t->deliverer->refused) /* one tries, as long as it may not work */
        most = 1;
    if (now < t->rest_until_us || now < t->paid_us || now < t->deliverer->refused_until_us ||
        t->under_way >= most || (kind->whole && t->under_way))
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
static bool yields(struct od_outgoing *t, int64_t now)
{
    struct od_deliverer *d = t->deliverer;
    uint64_t activity = d->conf.activity(d->conf.ctx);
    bool busy = activity != t->seen_activity;
    t->seen_activity = activity;
    if (!busy || !t->asked_us)
        return false;
    int64_t took = t->conf->kind->answers ? (int64_t)t->begun * ANSWERED_US : now - t->asked_us;
    took = took < YIELD_MAX_US ? took : YIELD_MAX_US;
    t->asked_us = 0;
    t->begun = 0;
    t->paid_us = now + took * (100 - d->conf.share) / d->conf.share;
    return t->paid_us > now;
}

void od_outgoing_ask(struct od_outgoing *t)
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
