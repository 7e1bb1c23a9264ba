#include "engine/lookup.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/arena.h"
#include "base/log.h"
#include "engine/past.h"
#include "store/names.h"
#include "loop/loop.h"
#include "order/machine/command_kind.h"
#include "pg/conn.h"
#include "pg/sqlstate.h"
#include "store/load/load.h"

enum lookup_state { LOOKUP_DOWN = 0, LOOKUP_IDLE, LOOKUP_BUSY };

enum {
    MAX_ROUND = 512,
    PASTS_A_ROUND = 4, /* folding a page of each takes about as long as reading 512 orders */
};

struct od_lookup {
    struct od_lookup_host host;
    struct od_pg_conn *conn;
    enum lookup_state state;
    struct od_list reads, submissions; /* waiting */
    struct od_list pasts;              /* reads of an order that has gone on since: od_read.past */
    uint32_t queued;
    struct od_deferred start;
    struct od_err failure;

    /* The round. */
    struct od_arena arena;
    struct od_rules *rules;
    struct od_list round_reads, round_submissions, round_pasts;
    struct od_set set;
    struct od_names names;

    void (*closed)(void *ctx);
    void *closed_ctx;
};

int64_t od_lookup_recall(const struct od_lookup *r, const struct od_uuid *uuid)
{
    return od_names_recall(&r->names, uuid);
}

static void kick(struct od_lookup *r)
{
    if (r->state == LOOKUP_IDLE && r->queued)
        od_deferred_arm(&r->start);
}

static void begin_round(struct od_lookup *r)
{
    r->state = LOOKUP_BUSY;
    r->rules = od_rules_ref(*r->host.rules);
    od_set_init(&r->set, &r->arena);
    r->set.shop = r->rules->shop;
    od_names_begin(&r->names);
    od_err_clear(&r->failure);
}

static void end_round(struct od_lookup *r)
{
    od_set_fini(&r->set);
    od_names_end(&r->names);
    od_rules_unref(r->rules);
    r->rules = NULL;
    od_arena_reset(&r->arena);
}

static void wait_for_past(struct od_lookup *r, struct od_read *read)
{
    od_list_push(&r->pasts, &read->node);
    r->queued++;
    kick(r);
}

/* A page of its events has been folded. */
static void answer_past(struct od_lookup *r, struct od_read *read, const struct od_err *err)
{
    struct od_past_order *past = read->past;
    if (!err && !od_past_done(past)) {
        wait_for_past(r, read);
        return;
    }
    if (!err && past->err.code != OD_ERR_NONE)
        err = &past->err;
    struct od_outcome outcome = {
        .rules = r->rules, .order = past->order, .activities = past->activities};
    read->past = NULL;
    read->done(read->ctx, err ? NULL : &outcome, err);
    od_past_free(past);
}

/* How a read of the round stands: answered, refused, or (its order's id just found) to be read
 * next. */
static void answer_read(struct od_lookup *r, struct od_read *read)
{
    struct od_outcome outcome = {.rules = r->rules, .activities = OD_STR_INIT("[]")};
    if (!read->order_id) {
        struct od_err err;
        if (od_names_found(&r->names, &read->ref, &read->order_id, &err))
            read->done(read->ctx, NULL, &err);
        else if (read->order_id)
            od_lookup_read(r, read);
        else
            read->done(read->ctx, &outcome, NULL);
        return;
    }
    struct od_loaded *l = od_set_order(&r->set, read->order_id);
    if (read->version && l->order && l->order->version != read->version) {
        read->past = od_past_new(read->order_id, read->version);
        wait_for_past(r, read);
        return;
    }
    outcome.order = l->order;
    outcome.activities = l->activities;
    outcome.item_stock = read->stock ? &r->set.stock : NULL;
    read->done(read->ctx, &outcome, NULL);
}

static int resolve(const struct od_lookup *r, const struct od_command *c,
                   const struct od_order_ref *ref, int64_t *order_id, struct od_err *err)
{
    if (*order_id || !od_lookup_resolves(c))
        return 0;
    if (od_names_found(&r->names, ref, order_id, err))
        return -1;
    if (!*order_id)
        *order_id = -1;
    return 0;
}

static int resolve_all(const struct od_lookup *r, struct od_submission *s, struct od_err *err)
{
    int failed = resolve(r, s->command, &s->ref, &s->order_id, err);
    for (uint32_t i = 0; !failed && i < s->more_count; i++)
        failed = resolve(r, s->more[i].command, &s->more[i].ref, &s->more[i].order_id, err);
    return failed;
}

static void finish_submission(struct od_lookup *r, struct od_submission *s,
                              const struct od_err *err)
{
    struct od_err unresolved;
    s->waiting = NULL; /* of those whose round has not begun, on a loss */
    if (!err && resolve_all(r, s, &unresolved))
        err = &unresolved;
    r->host.resolved(r->host.ctx, s, err);
}

static void finish_round(struct od_lookup *r, const struct od_err *err)
{
    struct od_list reads, submissions, pasts;
    od_list_init(&reads);
    od_list_init(&submissions);
    od_list_init(&pasts);
    od_list_splice(&reads, &r->round_reads);
    od_list_splice(&pasts, &r->round_pasts);
    od_list_splice(&submissions, &r->round_submissions);
    for (struct od_list *n; (n = od_list_shift(&submissions));) {
        finish_submission(r, OD_LIST_ENTRY(n, struct od_submission, node), err);
    }
    for (struct od_list *n; (n = od_list_shift(&reads));) {
        struct od_read *read = OD_LIST_ENTRY(n, struct od_read, node);
        if (err)
            read->done(read->ctx, NULL, err);
        else
            answer_read(r, read);
    }
    for (struct od_list *n; (n = od_list_shift(&pasts));)
        answer_past(r, OD_LIST_ENTRY(n, struct od_read, node), err);
    end_round(r);
}

static void on_round(void *ctx, bool failed)
{
    struct od_lookup *r = ctx;
    if (r->state != LOOKUP_BUSY)
        return;
    struct od_err err = r->failure;
    if (failed && err.code == OD_ERR_NONE)
        od_err_set(&err, OD_ERR_UNAVAILABLE, "the read failed");
    if (od_pg_is_temporary(&err))
        err.code = OD_ERR_UNAVAILABLE;
    if (failed)
        od_warn("read_failed", "sqlstate=%s message=\"%s\"", err.sqlstate, err.message);
    r->state = LOOKUP_IDLE;
    finish_round(r, failed ? &err : NULL);
    kick(r);
    r->host.changed(r->host.ctx);
}

static void want_read(struct od_lookup *r, const struct od_read *read)
{
    if (!read->order_id)
        od_names_want(&r->names, &read->ref);
    else
        od_set_want_order(&r->set, read->order_id);
    r->set.stock_of_orders = r->set.stock_of_orders || (read->order_id && read->stock);
    if (!read->order_id)
        return;
    r->host.stats->reads++;
}

bool od_lookup_resolves(const struct od_command *c)
{
    return od_command_kinds[c->type]->subject == OD_SUBJECT_ORDER;
}

static void want_names(struct od_lookup *r, const struct od_submission *s)
{
    if (!s->order_id && od_lookup_resolves(s->command))
        od_names_want(&r->names, &s->ref);
    for (uint32_t i = 0; i < s->more_count; i++) {
        const struct od_part *part = &s->more[i];
        if (!part->order_id && od_lookup_resolves(part->command))
            od_names_want(&r->names, &part->ref);
    }
}

static void on_begin_round(void *ctx)
{
    struct od_lookup *r = ctx;
    if (r->state != LOOKUP_IDLE || !r->queued)
        return;
    begin_round(r);
    size_t taken = 0;
    struct od_list *l;
    for (; taken < MAX_ROUND && (l = od_list_shift(&r->submissions)); taken++) {
        struct od_submission *s = OD_LIST_ENTRY(l, struct od_submission, node);
        od_list_push(&r->round_submissions, l);
        s->waiting = NULL;
        want_names(r, s);
    }
    for (; taken < MAX_ROUND && (l = od_list_shift(&r->reads)); taken++) {
        od_list_push(&r->round_reads, l);
        want_read(r, OD_LIST_ENTRY(l, struct od_read, node));
    }
    for (size_t i = 0; i < PASTS_A_ROUND && (l = od_list_shift(&r->pasts)); i++, taken++) {
        od_list_push(&r->round_pasts, l);
        od_past_send(OD_LIST_ENTRY(l, struct od_read, node)->past, r->conn);
    }
    r->queued -= (uint32_t)taken;
    od_names_send(&r->names, r->conn);
    od_set_send(&r->set, r->conn, false);
    od_pg_sync(r->conn, on_round, r);
}

static void on_up(void *ctx)
{
    struct od_lookup *r = ctx;
    r->state = LOOKUP_IDLE;
    kick(r);
    r->host.changed(r->host.ctx);
}

static void on_down(void *ctx, const struct od_err *why)
{
    struct od_lookup *r = ctx;
    struct od_err err = *why;
    err.code = OD_ERR_UNAVAILABLE;
    bool in_flight = r->state == LOOKUP_BUSY;
    r->state = LOOKUP_DOWN;
    if (in_flight)
        finish_round(r, &err);
    od_list_splice(&r->round_reads, &r->reads);
    od_list_splice(&r->round_pasts, &r->pasts);
    od_list_splice(&r->round_submissions, &r->submissions);
    if (r->queued) {
        r->queued = 0;
        begin_round(r);
        r->state = LOOKUP_DOWN;
        finish_round(r, &err);
    }
    r->host.changed(r->host.ctx);
}

static void on_error(void *ctx, const struct od_err *err)
{
    struct od_lookup *r = ctx;
    if (r->failure.code == OD_ERR_NONE)
        r->failure = *err;
}

struct od_lookup *od_lookup_new(const struct od_lookup_host *host)
{
    struct od_lookup *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->host = *host;
    od_arena_init(&r->arena);
    od_names_init(&r->names, &r->arena);
    od_list_init(&r->reads);
    od_list_init(&r->submissions);
    od_list_init(&r->pasts);
    od_list_init(&r->round_reads);
    od_list_init(&r->round_pasts);
    od_list_init(&r->round_submissions);
    od_deferred_init(&r->start, host->loop, on_begin_round, r);
    struct od_pg_conn_conf conf = {
        .server = host->conf->server,
        .setup = host->setup,
        .connect_timeout_ms = host->conf->connect_timeout_ms,
        .answer_timeout_ms = host->conf->answer_timeout_ms,
        .ctx = r,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
    };
    r->conn = od_pg_conn_new(host->loop, &conf);
    return r;
}

void od_lookup_read(struct od_lookup *r, struct od_read *read)
{
    if (!read->order_id)
        read->order_id = read->ref.order_id;
    if (!read->order_id && !read->ref.order_number.ptr)
        read->order_id = od_lookup_recall(r, &read->ref.uuid);
    od_list_push(&r->reads, &read->node);
    r->queued++;
    kick(r);
}

void od_lookup_resolve(struct od_lookup *r, struct od_submission *s)
{
    od_list_push(&r->submissions, &s->node);
    r->queued++;
    s->waiting = &r->queued;
    kick(r);
}

bool od_lookup_up(const struct od_lookup *r)
{
    return r->state != LOOKUP_DOWN;
}

bool od_lookup_idle(const struct od_lookup *r)
{
    return r->queued == 0 && r->state != LOOKUP_BUSY;
}

uint32_t od_lookup_queued(const struct od_lookup *r)
{
    return r->queued;
}

static void on_closed(void *ctx)
{
    struct od_lookup *r = ctx;
    r->closed(r->closed_ctx);
    od_names_fini(&r->names);
    free(r);
}

void od_lookup_free(struct od_lookup *r, void (*closed)(void *ctx), void *ctx)
{
    OD_ASSERT(od_lookup_idle(r));
    r->closed = closed;
    r->closed_ctx = ctx;
    od_deferred_cancel(&r->start);
    od_arena_fini(&r->arena);
    od_pg_conn_free(r->conn, on_closed, r);
}
