#include "rules/trial/replay_hooks.h"

#include "order/ledger/event.h"
#include "script/bundle/bundle.h"
#include "script/call/hooks.h"

/* The intents of one topic's hooks. */
struct hook_run {
    struct od_str topic;
    struct od_intent *intents;
    uint32_t count;
    bool *matched; /* [count] */
    bool failed;
    struct od_err err;
};

struct od_hook_runs {
    struct hook_run topics[OD_EVENT_TOPICS];
    uint32_t count;
};

static struct od_hook_runs *run_hooks(struct od_replay_hooks *h, const struct od_rules *rules,
                                      const struct od_event *e, const struct od_order *o)
{
    struct od_hook_runs *runs = OD_NEW(h->arena, struct od_hook_runs);
    struct od_str topics[OD_EVENT_TOPICS];
    uint32_t n = od_event_topics(e, &rules->statuses, topics);
    for (uint32_t i = 0; i < n; i++) {
        if (!od_bundle_has_hooks(rules->bundle, topics[i]))
            continue;
        struct hook_run *run = &runs->topics[runs->count++];
        run->topic = topics[i];
        run->failed = od_bundle_run_hooks(rules->bundle, topics[i], e, o, h->arena, &run->intents,
                                          &run->count, &run->err) != 0;
        run->matched = OD_NEW_ARRAY(h->arena, bool, run->count + 1);
    }
    return runs;
}

static bool same_kind(const struct od_intent *x, const struct od_intent *y)
{
    return od_str_eq(x->kind, y->kind) && od_str_eq(x->name, y->name);
}

static bool same(const struct od_intent *x, const struct od_intent *y)
{
    return same_kind(x, y) && od_str_eq(x->recipient, y->recipient) &&
           od_str_eq(x->payload, y->payload);
}

/* Marks pairs of intents that are equal; tells of each pair where tell is not NULL. */
static void match(struct hook_run *before, struct hook_run *after,
                  bool (*equal)(const struct od_intent *, const struct od_intent *),
                  void (*tell)(struct od_replay_hooks *, const struct hook_run *,
                               const struct od_intent *, const struct od_order *),
                  struct od_replay_hooks *h, const struct od_order *o)
{
    for (uint32_t i = 0; i < before->count; i++) {
        for (uint32_t k = 0; k < after->count && !before->matched[i]; k++) {
            if (after->matched[k] || !equal(&before->intents[i], &after->intents[k]))
                continue;
            before->matched[i] = after->matched[k] = true;
            if (tell)
                tell(h, before, &before->intents[i], o);
        }
    }
}

static void tell(struct od_replay_hooks *h, enum od_replay_notice_change change,
                 const struct hook_run *run, const struct od_intent *i, const struct od_order *o)
{
    struct od_replay_notice n = {
        .change = change, .topic = run->topic, .kind = i->kind, .name = i->name};
    od_replay_report_notice(h->report, &n, o);
}

static void tell_changed(struct od_replay_hooks *h, const struct hook_run *run,
                         const struct od_intent *i, const struct od_order *o)
{
    tell(h, OD_NOTICE_CHANGED, run, i, o);
}

static void tell_rest(struct od_replay_hooks *h, enum od_replay_notice_change change,
                      const struct hook_run *run, const struct od_order *o)
{
    for (uint32_t i = 0; i < run->count; i++) {
        if (!run->matched[i])
            tell(h, change, run, &run->intents[i], o);
    }
}

/* A hook that fails as it did before is no difference. */
static void tell_failure(struct od_replay_hooks *h, const struct hook_run *before,
                         const struct hook_run *after, const struct od_order *o)
{
    if (!after->failed ||
        (before->failed && od_str_is(od_str_of(before->err.message), after->err.message)))
        return;
    struct od_replay_found f = {
        .kind = OD_REPLAY_FAILED,
        .order_id = o->order_id,
        .order_number = o->order_number,
        .seq = o->version,
        .policy = od_arena_printf(h->arena, "hook of %.*s", OD_STR_ARG(after->topic)),
        .reason = od_arena_printf(h->arena, "%s%s%s", after->err.origin,
                                  after->err.origin[0] ? ": " : "", after->err.message),
    };
    od_replay_report_found(h->report, &f);
}

static void compare(struct od_replay_hooks *h, struct hook_run *before, struct hook_run *after,
                    const struct od_order *o)
{
    match(before, after, same, NULL, h, o);
    match(before, after, same_kind, tell_changed, h, o);
    tell_rest(h, OD_NOTICE_REMOVED, before, o);
    tell_rest(h, OD_NOTICE_ADDED, after, o);
    tell_failure(h, before, after, o);
}

static struct hook_run *find(struct od_hook_runs *runs, struct od_str topic)
{
    for (uint32_t i = 0; i < runs->count; i++) {
        if (od_str_eq(runs->topics[i].topic, topic))
            return &runs->topics[i];
    }
    return NULL;
}

void od_replay_hooks_event(struct od_replay_hooks *h, bool candidate, const struct od_event *e,
                           const struct od_order *o)
{
    if (candidate) {
        h->shown = run_hooks(h, h->candidate, e, o);
        return;
    }
    struct od_hook_runs *before = run_hooks(h, h->base, e, o), *after = h->shown;
    struct hook_run nothing = {0};
    h->shown = NULL;
    for (uint32_t i = 0; i < before->count; i++) {
        struct hook_run *other = find(after, before->topics[i].topic);
        compare(h, &before->topics[i], other ? other : &nothing, o);
    }
    for (uint32_t i = 0; i < after->count; i++) {
        if (!find(before, after->topics[i].topic))
            compare(h, &nothing, &after->topics[i], o);
    }
}
