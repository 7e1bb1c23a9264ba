#include "feed/hooks.h"

#include "base/log.h"
#include "feed/body.h"
#include "order/ledger/event.h"
#include "script/bundle/bundle.h"
#include "script/call/hooks.h"
#include "store/events.h"

/* The events of one order, oldest first, and how far they have been folded. */
struct od_history {
    int64_t order_id;
    struct od_event *events;
    size_t count, cap, folded;
    struct od_order *order;
    bool broken;
};

void od_round_init(struct od_round *r, struct od_arena *arena, struct od_rules *rules,
                   const struct od_targets *targets, struct od_feed_stats *stats)
{
    *r = (struct od_round){.arena = arena, .rules = rules, .targets = targets, .stats = stats};
    od_map_init(&r->orders);
}

void od_round_fini(struct od_round *r)
{
    od_map_fini(&r->orders);
}

static bool wanted(const struct od_round *r, const struct od_event *e)
{
    struct od_str topics[OD_EVENT_TOPICS];
    uint32_t n = od_event_topics(e, &r->rules->statuses, topics);
    for (uint32_t i = 0; i < n; i++) {
        if (od_bundle_has_hooks(r->rules->bundle, topics[i]))
            return true;
    }
    for (size_t i = 0; i < r->targets->count; i++) {
        if (od_target_wants(&r->targets->items[i], topics, n))
            return true;
    }
    return false;
}

static struct od_history *history_of(struct od_round *r, int64_t order_id)
{
    struct od_history *h = od_map_get(&r->orders, od_map_id(&order_id));
    if (!h) {
        h = OD_NEW(r->arena, struct od_history);
        h->order_id = order_id;
        od_map_put(&r->orders, od_map_id(&h->order_id), h);
        r->order_ids = od_arena_grow(r->arena, r->order_ids, r->order_count, &r->order_cap,
                                     sizeof *r->order_ids);
        r->order_ids[r->order_count++] = order_id;
    }
    return h;
}

void od_round_take(struct od_round *r, const struct od_pg_result *res)
{
    struct od_err err;
    r->events = OD_NEW_ARRAY(r->arena, struct od_event, (size_t)res->rows);
    for (int i = 0; i < res->rows; i++) {
        struct od_event *e = &r->events[r->event_count++];
        r->last_position = (uint64_t)od_pg_get_i64(res, i, OD_EVENT_COLUMN_COUNT);
        if (od_event_row_read(res, i, e, NULL, r->arena, &err)) {
            od_error("feed_event_unreadable", "order=%lld seq=%d reason=\"%s\"",
                     (long long)e->order_id, e->seq, err.message);
            r->stats->hook_errors++;
        } else if (wanted(r, e)) {
            (void)history_of(r, e->order_id);
        }
    }
    r->stats->events += r->event_count;
}

void od_round_take_past(struct od_round *r, const struct od_pg_result *res)
{
    struct od_err err;
    for (int i = 0; i < res->rows; i++) {
        struct od_history *h = history_of(r, od_pg_get_i64(res, i, 0));
        h->events = od_arena_grow(r->arena, h->events, h->count, &h->cap, sizeof *h->events);
        if (h->broken || od_event_row_read(res, i, &h->events[h->count], NULL, r->arena, &err))
            h->broken = true;
        else
            h->count++;
    }
}

/* The order as it was right after event `seq`, or NULL when its ledger does not fold. */
static const struct od_order *order_at(struct od_round *r, struct od_history *h, int32_t seq)
{
    struct od_err err;
    if (!h->order)
        h->order = OD_NEW(r->arena, struct od_order);
    while (!h->broken && h->folded < h->count && h->events[h->folded].seq <= seq) {
        if (od_fold(h->order, &h->events[h->folded++], r->arena, &err)) {
            od_error("feed_order_broken", "order=%lld reason=\"%s\"", (long long)h->order_id,
                     err.message);
            h->broken = true;
        }
    }
    return h->broken ? NULL : h->order;
}

static struct od_planned *plan(struct od_round *r, const struct od_event *e, struct od_str topic)
{
    r->planned =
        od_arena_grow(r->arena, r->planned, r->planned_count, &r->planned_cap, sizeof *r->planned);
    struct od_planned *p = &r->planned[r->planned_count++];
    *p = (struct od_planned){.order_id = e->order_id, .seq = e->seq, .topic = topic};
    return p;
}

/* Which target carries an intent out: the one that it names, else the file. */
static struct od_str target_of(const struct od_intent *i)
{
    if (od_str_is(i->kind, "command"))
        return OD_STR("command");
    return i->target.ptr ? i->target : OD_STR("log");
}

static void plan_for_targets(struct od_round *r, const struct od_event *e, const struct od_order *o,
                             const struct od_str *topics, uint32_t n)
{
    for (size_t i = 0; i < r->targets->count; i++) {
        const struct od_target_conf *t = &r->targets->items[i];
        if (!od_target_wants(t, topics, n) || !od_filters_find(&t->filters, o))
            continue;
        struct od_planned *p = plan(r, e, topics[0]);
        p->intent = -1;
        p->target_name = t->name;
        p->kind = OD_STR("event");
        p->target = t->name;
        p->name = topics[0];
        p->payload = od_target_body(t, r->rules, e, o, r->arena);
    }
}

static void run_topic(struct od_round *r, const struct od_event *e, const struct od_order *o,
                      struct od_str topic)
{
    struct od_intent *intents = NULL;
    uint32_t count = 0;
    struct od_err err;
    uint64_t errors = od_bundle_stats(r->rules->bundle).hooks.errors;
    int failed =
        od_bundle_run_hooks(r->rules->bundle, topic, e, o, r->arena, &intents, &count, &err);
    for (uint32_t i = 0; i < count; i++) {
        struct od_planned *p = plan(r, e, topic);
        p->intent = (int32_t)i;
        p->target_name = target_of(&intents[i]);
        p->hook = intents[i].hook;
        p->kind = intents[i].kind;
        p->target = intents[i].recipient;
        p->name = intents[i].name;
        p->payload = intents[i].payload;
        r->stats->intents++;
    }
    if (!failed)
        return;
    struct od_planned *p = plan(r, e, topic);
    p->intent = (int32_t)count;
    p->kind = OD_STR("hook");
    p->target_name = OD_STR("log");
    p->target = topic;
    p->payload = OD_STR("{}");
    p->error =
        od_arena_printf(r->arena, "%s%s%s", err.origin, err.origin[0] ? ": " : "", err.message);
    r->stats->hook_errors += od_bundle_stats(r->rules->bundle).hooks.errors - errors;
    od_warn("hook_failed", "topic=%.*s order=%lld seq=%d reason=\"%.*s\"", OD_STR_ARG(topic),
            (long long)e->order_id, e->seq, OD_STR_ARG(p->error));
}

void od_round_run(struct od_round *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        const struct od_event *e = &r->events[i];
        struct od_history *h = od_map_get(&r->orders, od_map_id(&e->order_id));
        if (!h || !wanted(r, e))
            continue;
        const struct od_order *o = order_at(r, h, e->seq);
        struct od_str topics[OD_EVENT_TOPICS];
        uint32_t n = od_event_topics(e, &r->rules->statuses, topics);
        for (uint32_t t = 0; o && t < n; t++) {
            if (od_bundle_has_hooks(r->rules->bundle, topics[t]))
                run_topic(r, e, o, topics[t]);
        }
        if (o)
            plan_for_targets(r, e, o, topics, n);
    }
}
