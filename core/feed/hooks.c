#include "feed/hooks.h"

#include "base/log.h"
#include "feed/body.h"
#include "feed/letter.h"
#include "order/ledger/event.h"
#include "script/bundle/bundle.h"
#include "script/call/hooks.h"
#include "store/events.h"

void od_round_init(struct od_round *r, struct od_arena *arena, struct od_rules *rules,
                   const struct od_feed_conf *conf, const struct od_targets *targets,
                   struct od_kept_orders *kept, struct od_feed_stats *stats)
{
    *r = (struct od_round){
        .arena = arena, .rules = rules, .conf = conf, .targets = targets, .stats = stats};
    od_recall_init(&r->recall, arena, kept);
}

void od_round_fini(struct od_round *r)
{
    od_recall_fini(&r->recall);
    if (r->attaching)
        od_recall_fini(&r->past);
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
    return e->mail.ptr;
}

void od_round_take(struct od_round *r, const struct od_pg_result *res)
{
    struct od_err err;
    r->events = OD_NEW_ARRAY(r->arena, struct od_round_event, (size_t)res->rows);
    for (int i = 0; i < res->rows; i++) {
        struct od_round_event *it = &r->events[r->event_count++];
        it->readable = od_event_row_read(res, i, &it->event, NULL, r->arena, &err) == 0;
        it->wanted = it->readable && wanted(r, &it->event);
        if (it->wanted)
            od_recall_want(&r->recall, it->event.order_id);
        if (!it->readable) {
            od_error("feed_event_unreadable", "order=%lld seq=%d reason=\"%s\"",
                     (long long)it->event.order_id, it->event.seq, err.message);
            r->stats->hook_errors++;
        }
        r->last_position = (uint64_t)od_pg_get_i64(res, i, OD_EVENT_COLUMN_COUNT);
    }
    for (size_t i = 0; i < r->event_count; i++)
        od_recall_note(&r->recall, &r->events[i].event);
    r->stats->events += r->event_count;
}

struct od_planned *od_round_plan(struct od_round *r, const struct od_event *e, struct od_str topic)
{
    r->planned =
        od_arena_grow(r->arena, r->planned, r->planned_count, &r->planned_cap, sizeof *r->planned);
    struct od_planned *p = &r->planned[r->planned_count++];
    *p = (struct od_planned){.order_id = e->order_id, .seq = e->seq, .topic = topic};
    return p;
}

/* Which target carries an intent out: the one that it names, else the file. A mail that names none
 * is settled by od_letter_plan. */
static struct od_str target_of(const struct od_intent *i)
{
    if (od_str_is(i->kind, "command"))
        return OD_STR("command");
    if (i->target.ptr || od_str_is(i->kind, "mail"))
        return i->target;
    return OD_STR("log");
}

static void plan_for_targets(struct od_round *r, const struct od_event *e, const struct od_order *o,
                             const struct od_str *topics, uint32_t n)
{
    for (size_t i = 0; i < r->targets->count; i++) {
        const struct od_target_conf *t = &r->targets->items[i];
        if (!od_target_wants(t, topics, n) || !od_filters_find(&t->filters, o))
            continue;
        struct od_planned *p = od_round_plan(r, e, topics[0]);
        p->intent = -1;
        p->target = t->name;
        p->kind = OD_STR("event");
        p->recipient = t->name;
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
        struct od_planned *p = od_round_plan(r, e, topic);
        p->intent = (int32_t)i;
        p->target = target_of(&intents[i]);
        p->hook = intents[i].hook;
        p->kind = intents[i].kind;
        p->recipient = intents[i].recipient;
        p->name = intents[i].name;
        p->payload = intents[i].payload;
        if (od_str_is(p->kind, "mail"))
            od_letter_plan(r, e, o, p);
        r->stats->intents++;
    }
    if (!failed)
        return;
    struct od_planned *p = od_round_plan(r, e, topic);
    p->intent = (int32_t)count;
    p->kind = OD_STR("hook");
    p->target = OD_STR("log");
    p->recipient = topic;
    p->payload = OD_STR("{}");
    p->error =
        od_arena_printf(r->arena, "%s%s%s", err.origin, err.origin[0] ? ": " : "", err.message);
    r->stats->hook_errors += od_bundle_stats(r->rules->bundle).hooks.errors - errors;
    od_warn("hook_failed", "topic=%.*s order=%lld seq=%d reason=\"%.*s\"", OD_STR_ARG(topic),
            (long long)e->order_id, e->seq, OD_STR_ARG(p->error));
}

static void show(struct od_round *r, const struct od_event *e, const struct od_order *o)
{
    struct od_str topics[OD_EVENT_TOPICS];
    uint32_t n = od_event_topics(e, &r->rules->statuses, topics);
    for (uint32_t t = 0; t < n; t++) {
        if (od_bundle_has_hooks(r->rules->bundle, topics[t]))
            run_topic(r, e, o, topics[t]);
    }
    if (e->mail.ptr)
        od_letter_plan_asked(r, e, o);
    plan_for_targets(r, e, o, topics, n);
}

void od_round_run(struct od_round *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        const struct od_round_event *it = &r->events[i];
        const struct od_order *o = it->readable ? od_recall_at(&r->recall, &it->event) : NULL;
        if (o && it->wanted)
            show(r, &it->event, o);
    }
}
