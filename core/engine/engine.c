#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/arena.h"
#include "base/map.h"
#include "engine/lane.h"
#include "engine/lookup.h"
#include "engine/repeat.h"
#include "engine/shadow.h"
#include "loop/loop.h"
#include "order/machine/command_kind.h"
#include "pg/server.h"
#include "store/server/position.h"

struct od_engine {
    struct od_engine_conf conf;
    struct od_loop *loop;
    struct od_rules *rules;
    struct od_shadow *shadow;
    struct od_lane **lanes; /* [conf.lanes] */
    struct od_lookup *lookup;
    struct od_engine_stats stats;
    uint32_t next_lane;    /* where the search for a lane for a new order begins */
    struct od_arena arena; /* session SQL */
    struct od_deferred failing;
    struct od_list failed; /* submissions and reads refused on arrival, answered by `failing` */
    struct od_list failed_reads;
    struct od_list withdrawn; /* the same, of callers who have left */
    struct od_err failed_why;

    void (*stopped)(void *ctx); /* set once stopping */
    void *stopped_ctx;
    uint32_t closing;
    void (*committed)(void *ctx); /* the watcher; or NULL */
    void *committed_ctx;
    void (*changed_order)(void *ctx, int64_t order_id); /* or NULL */
    void *changed_order_ctx;
};

/*
 * Writers: the plans are forced, because a plan made while tables are empty stays bad after they
 * have filled (measured: ten times slower until reconnect): every statement finds its rows by
 * index, from arrays of any length, so sequential scans, hash and merge joins are never right here.
 */
static const char *const lane_settings[] = {
    "set plan_cache_mode = force_generic_plan",
    "set enable_seqscan = off",
    "set enable_hashjoin = off",
    "set enable_mergejoin = off",
    "set enable_material = off",
    "set jit = off",
    NULL,
};

static const char *const *make_setup(struct od_engine *e, bool lookup)
{
    enum { MAX = 12 };
    const char **setup = OD_NEW_ARRAY(&e->arena, const char *, MAX);
    size_t n = 0;
    while (lane_settings[n]) {
        setup[n] = lane_settings[n];
        n++;
    }
    setup[n++] =
        od_arena_printf(&e->arena, "set statement_timeout = %d", e->conf.statement_timeout_ms).ptr;
    setup[n++] = od_arena_printf(&e->arena, "set lock_timeout = %d", e->conf.lock_timeout_ms).ptr;
    setup[n++] =
        lookup ? "set application_name = 'orderd lookup'" : "set application_name = 'orderd lane'";
    /* A process that is frozen between LOAD and WRITE holds its orders, and the feeds of all. */
    setup[n++] = od_arena_printf(&e->arena, "set idle_in_transaction_session_timeout = %u",
                                 e->conf.answer_timeout_ms ? e->conf.answer_timeout_ms : 60000)
                     .ptr;
    /* A round of look-ups sees one state of the order; a lane's events stand behind all others. */
    setup[n++] =
        lookup ? "set default_transaction_isolation = 'repeatable read'" : od_position_settle_sql;
    OD_ASSERT(n < MAX);
    return setup;
}

static void check_stopped(struct od_engine *e);

static void on_changed(void *ctx)
{
    check_stopped(ctx);
}

static void on_committed(void *ctx)
{
    struct od_engine *e = ctx;
    if (e->committed)
        e->committed(e->committed_ctx);
}

static void on_changed_order(void *ctx, int64_t order_id)
{
    struct od_engine *e = ctx;
    if (e->changed_order)
        e->changed_order(e->changed_order_ctx, order_id);
}

void od_engine_watch_orders(struct od_engine *e, void (*changed)(void *ctx, int64_t order_id),
                            void *ctx)
{
    e->changed_order = changed;
    e->changed_order_ctx = ctx;
}

void od_engine_watch(struct od_engine *e, void (*committed)(void *ctx), void *ctx)
{
    e->committed = committed;
    e->committed_ctx = ctx;
}

static void answer_all(struct od_list *submissions, const struct od_err *why)
{
    struct od_list all;
    od_list_init(&all);
    od_list_splice(&all, submissions);
    for (struct od_list *n; (n = od_list_shift(&all));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        s->done(s->ctx, why);
    }
}

static void on_failing(void *ctx)
{
    struct od_engine *e = ctx;
    struct od_list reads;
    od_list_init(&reads);
    od_list_splice(&reads, &e->failed_reads);
    struct od_err why = e->failed_why, left;
    (void)od_err_set(&left, OD_ERR_UNAVAILABLE, "the caller has left");
    answer_all(&e->failed, &why);
    answer_all(&e->withdrawn, &left);
    for (struct od_list *n; (n = od_list_shift(&reads));) {
        struct od_read *r = OD_LIST_ENTRY(n, struct od_read, node);
        r->done(r->ctx, NULL, &why);
    }
    check_stopped(e);
}

static void fail_later(struct od_engine *e, struct od_list *on, struct od_list *node,
                       enum od_err_code code, const char *why)
{
    od_err_set(&e->failed_why, code, "%s", why);
    od_list_push(on, node);
    od_deferred_arm(&e->failing);
}

static uint32_t hash_lane(const struct od_engine *e, const void *key, size_t len)
{
    return (uint32_t)(od_hash(key, len) % e->conf.lanes);
}

/* A new order may go to any lane: the one with the shortest queue. With a key, the key decides, so
 * that a repetition finds the first in the same lane. */
static uint32_t lane_for_new(struct od_engine *e, const struct od_submission *s)
{
    OD_ASSERT(e->conf.lanes > 0);
    if (s->key.ptr)
        return hash_lane(e, s->key.ptr, s->key.len);
    uint32_t best = e->next_lane;
    for (uint32_t i = 0; i < e->conf.lanes; i++) {
        uint32_t at = (e->next_lane + i) % e->conf.lanes;
        if (od_lane_up(e->lanes[at]) &&
            (!od_lane_up(e->lanes[best]) ||
             od_lane_queued(e->lanes[at]) < od_lane_queued(e->lanes[best])))
            best = at;
    }
    e->next_lane = (best + 1) % e->conf.lanes;
    return best;
}

static void route(struct od_engine *e, struct od_submission *s)
{
    uint32_t at = 0;
    switch (od_command_kinds[s->command->type]->subject) {
    case OD_SUBJECT_NEW_ORDER:
        at = lane_for_new(e, s);
        break;
    case OD_SUBJECT_SKU:
        at = hash_lane(e, s->command->sku.ptr, s->command->sku.len);
        break;
    case OD_SUBJECT_ORDER:
        at = hash_lane(e, &s->order_id, sizeof s->order_id);
        break;
    }
    if (od_lane_up(e->lanes[at]))
        od_lane_submit(e->lanes[at], s);
    else
        fail_later(e, &e->failed, &s->node, OD_ERR_UNAVAILABLE, "the database cannot be reached");
}

static void drop(struct od_engine *e, struct od_submission *s)
{
    e->stats.withdrawn++;
    od_list_push(&e->withdrawn, &s->node);
    od_deferred_arm(&e->failing);
}

static void on_resolved(void *ctx, struct od_submission *s, const struct od_err *err)
{
    struct od_engine *e = ctx;
    if (err)
        s->done(s->ctx, err);
    else if (s->left)
        drop(e, s);
    else
        route(e, s);
}

static void on_repeat(void *ctx, struct od_submission *s)
{
    struct od_engine *e = ctx;
    od_repeat_answer(s, e->lookup);
}

struct od_engine *od_engine_new(struct od_loop *loop, const struct od_engine_conf *conf)
{
    OD_ASSERT(conf->lanes > 0);
    struct od_engine *e = calloc(1, sizeof *e);
    if (!e || !(e->lanes = calloc(conf->lanes, sizeof(struct od_lane *))))
        abort();
    e->conf = *conf;
    e->loop = loop;
    od_arena_init(&e->arena);
    od_list_init(&e->failed);
    od_list_init(&e->failed_reads);
    od_list_init(&e->withdrawn);
    od_deferred_init(&e->failing, loop, on_failing, e);
    struct od_lane_host host = {
        .loop = loop,
        .conf = &e->conf,
        .setup = make_setup(e, false),
        .rules = &e->rules,
        .shadow = &e->shadow,
        .stats = &e->stats,
        .ctx = e,
        .changed = on_changed,
        .committed = on_committed,
        .changed_order = on_changed_order,
        .repeat = on_repeat,
    };
    for (uint32_t i = 0; i < conf->lanes; i++)
        e->lanes[i] = od_lane_new(&host, i);
    struct od_lookup_host lookup = {
        .loop = loop,
        .conf = &e->conf,
        .setup = make_setup(e, true),
        .rules = &e->rules,
        .stats = &e->stats,
        .ctx = e,
        .resolved = on_resolved,
        .changed = on_changed,
    };
    e->lookup = od_lookup_new(&lookup);
    return e;
}

void od_engine_set_rules(struct od_engine *e, struct od_rules *rules)
{
    struct od_rules *old = e->rules;
    e->rules = od_rules_ref(rules);
    od_rules_unref(old);
}

struct od_rules *od_engine_rules(const struct od_engine *e)
{
    return e->rules;
}

struct od_rules **od_engine_rules_slot(struct od_engine *e)
{
    return &e->rules;
}

void od_engine_set_shadow(struct od_engine *e, struct od_shadow *shadow)
{
    od_shadow_free(e->shadow);
    e->shadow = shadow;
}

struct od_shadow *od_engine_shadow(const struct od_engine *e)
{
    return e->shadow;
}

/* Finds the id without asking the database. False: it must be looked up. */
static bool resolve(const struct od_engine *e, const struct od_command *c,
                    const struct od_order_ref *ref, int64_t *order_id)
{
    *order_id = ref->order_id;
    if (!od_lookup_resolves(c))
        return true;
    if (!*order_id && !ref->order_number.ptr)
        *order_id = od_lookup_recall(e->lookup, &ref->uuid);
    return *order_id != 0;
}

static bool resolve_all(const struct od_engine *e, struct od_submission *s)
{
    bool all = resolve(e, s->command, &s->ref, &s->order_id);
    for (uint32_t i = 0; i < s->more_count; i++) {
        struct od_part *part = &s->more[i];
        part->decision = NULL;
        part->extra = (struct od_extra_numbers){0};
        all = resolve(e, part->command, &part->ref, &part->order_id) && all;
    }
    return all;
}

void od_engine_submit(struct od_engine *e, struct od_submission *s)
{
    OD_ASSERT(!e->stopped && e->rules);
    s->waiting = NULL;
    s->left = false;
    s->retries = 0;
    s->alone = false;
    s->extra = (struct od_extra_numbers){0};
    s->decision = NULL;
    s->repeat = NULL;
    if (od_engine_pending(e) >= e->conf.max_queue)
        fail_later(e, &e->failed, &s->node, OD_ERR_LIMIT, "too many commands are waiting");
    else if (resolve_all(e, s))
        route(e, s);
    else if (od_lookup_up(e->lookup))
        od_lookup_resolve(e->lookup, s);
    else
        fail_later(e, &e->failed, &s->node, OD_ERR_UNAVAILABLE, "the database cannot be reached");
}

void od_engine_withdraw(struct od_engine *e, struct od_submission *s)
{
    s->left = true;
    if (!s->waiting)
        return;
    --*s->waiting;
    s->waiting = NULL;
    od_list_remove(&s->node);
    od_repeat_drop(s);
    drop(e, s);
}

void od_engine_read(struct od_engine *e, struct od_read *r)
{
    OD_ASSERT(!e->stopped);
    r->order_id = 0;
    if (od_lookup_up(e->lookup))
        od_lookup_read(e->lookup, r);
    else
        fail_later(e, &e->failed_reads, &r->node, OD_ERR_UNAVAILABLE,
                   "the database cannot be reached");
}

bool od_engine_ready(const struct od_engine *e)
{
    for (uint32_t i = 0; i < e->conf.lanes; i++) {
        if (!od_lane_up(e->lanes[i]))
            return false;
    }
    return od_lookup_up(e->lookup);
}

const char *od_engine_trouble(const struct od_engine *e)
{
    for (uint32_t i = 0; i < e->conf.lanes; i++) {
        if (od_lane_proving(e->lanes[i]))
            return "the database does not commit";
    }
    return od_pg_server_trouble(e->conf.server);
}

uint32_t od_engine_pending(const struct od_engine *e)
{
    uint32_t n = od_lookup_queued(e->lookup);
    for (uint32_t i = 0; i < e->conf.lanes; i++)
        n += od_lane_queued(e->lanes[i]);
    return n;
}

static bool idle(const struct od_engine *e)
{
    for (uint32_t i = 0; i < e->conf.lanes; i++) {
        if (!od_lane_idle(e->lanes[i]))
            return false;
    }
    return od_lookup_idle(e->lookup) && od_list_empty(&e->failed) &&
           od_list_empty(&e->failed_reads) && od_list_empty(&e->withdrawn);
}

static void on_part_closed(void *ctx)
{
    struct od_engine *e = ctx;
    if (--e->closing > 0)
        return;
    void (*stopped)(void *) = e->stopped;
    void *stopped_ctx = e->stopped_ctx;
    od_deferred_cancel(&e->failing);
    od_shadow_free(e->shadow);
    od_rules_unref(e->rules);
    od_arena_fini(&e->arena);
    free(e->lanes);
    free(e);
    stopped(stopped_ctx);
}

static void close_parts(void *ctx)
{
    struct od_engine *e = ctx;
    e->closing = e->conf.lanes + 1;
    for (uint32_t i = 0; i < e->conf.lanes; i++)
        od_lane_free(e->lanes[i], on_part_closed, e);
    od_lookup_free(e->lookup, on_part_closed, e);
}

/* Closing is deferred: this may run inside a callback of the part that went idle. */
static void check_stopped(struct od_engine *e)
{
    if (!e->stopped || e->closing || !idle(e))
        return;
    e->closing = 1;
    od_deferred_cancel(&e->failing);
    od_deferred_init(&e->failing, e->loop, close_parts, e);
    od_deferred_arm(&e->failing);
}

void od_engine_stop(struct od_engine *e, void (*stopped)(void *ctx), void *ctx)
{
    OD_ASSERT(!e->stopped);
    e->stopped = stopped;
    e->stopped_ctx = ctx;
    check_stopped(e);
}

void od_engine_stats(const struct od_engine *e, struct od_engine_stats *out)
{
    *out = e->stats;
    out->queued = od_engine_pending(e);
    out->lanes = e->conf.lanes;
    out->lanes_up = 0;
    for (uint32_t i = 0; i < e->conf.lanes; i++)
        out->lanes_up += od_lane_up(e->lanes[i]);
}
