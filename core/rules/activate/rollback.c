#include "rules/activate/rollback.h"

#include "conf/conf.h"
#include "engine/rules.h"

struct answers {
    uint64_t calls, errors;
};

static bool too_many(const struct od_conf *conf, struct answers n)
{
    return n.calls >= (uint64_t)conf->rollback.min_calls && n.errors > 0 &&
           n.errors * 100 >= n.calls * (uint64_t)conf->rollback.error_rate;
}

static struct od_str explain(const struct od_rules *rules, enum od_question q, struct answers n,
                             struct od_arena *a)
{
    const struct od_err *e = &rules->failures[q];
    struct od_str name = od_question_name(q), plugin = od_bundle_provider(rules->bundle, q);
    return od_arena_printf(a, "%llu of %llu answers failed: %.*s@%.*s: %s%s%s",
                           (unsigned long long)n.errors, (unsigned long long)n.calls,
                           OD_STR_ARG(name), OD_STR_ARG(plugin), e->origin,
                           e->origin[0] ? ": " : "", e->message);
}

bool od_rollback_due(const struct od_conf *conf, const struct od_rules *rules,
                     const struct od_bundle_stats *baseline, struct od_arena *a,
                     struct od_str *reason)
{
    struct od_bundle_stats now = od_bundle_stats(rules->bundle);
    struct answers all = {0}, worst = {0};
    enum od_question worst_question = OD_ASK_ORDER_STATUS;
    if (!conf->rollback.error_rate)
        return false;
    for (enum od_question q = OD_ASK_ORDER_STATUS; q < OD_QUESTIONS; q++) {
        struct answers n = {now.policy[q].calls - baseline->policy[q].calls,
                            now.policy[q].errors - baseline->policy[q].errors};
        all.calls += n.calls;
        all.errors += n.errors;
        if (n.errors > worst.errors) {
            worst = n;
            worst_question = q;
        }
        if (too_many(conf, n)) {
            *reason = explain(rules, q, n, a);
            return true;
        }
    }
    if (!too_many(conf, all))
        return false;
    *reason = explain(rules, worst_question, all, a);
    return true;
}
