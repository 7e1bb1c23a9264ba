#include "engine/rules.h"

#include <stdlib.h>

#include "conf/conf.h"
#include "script/bundle/bundle.h"
#include "script/call/policies.h"

static int ask(void *ctx, enum od_question q, const struct od_order *o,
               const struct od_policy_request *request, struct od_arena *a,
               struct od_policy_answer *out, struct od_err *err)
{
    struct od_rules *r = ctx;
    int failed = r->asked.ask(r->asked.ctx, q, o, request, a, out, err);
    if (failed)
        r->failures[q] = *err;
    return failed;
}

static bool answers(void *ctx, enum od_question q)
{
    struct od_rules *r = ctx;
    return r->asked.answers(r->asked.ctx, q);
}

static enum od_run run(void *ctx, struct od_str name, struct od_str args, struct od_order *o,
                       const struct od_policy_request *request, struct od_arena *a,
                       const struct od_steps *steps, struct od_policy_answer *out,
                       struct od_err *err)
{
    struct od_rules *r = ctx;
    return r->asked.run(r->asked.ctx, name, args, o, request, a, steps, out, err);
}

void od_rules_use_bundle(struct od_rules *r, struct od_bundle *bundle)
{
    r->bundle = bundle;
    r->asked = od_bundle_policies(bundle, 0);
    r->policies = (struct od_policies){
        .ctx = r,
        .ask = ask,
        .answers = answers,
        .run = r->asked.run ? run : NULL,
    };
}

struct od_rules *od_rules_ref(struct od_rules *r)
{
    r->refs++;
    return r;
}

void od_rules_unref(struct od_rules *r)
{
    if (!r || --r->refs > 0)
        return;
    od_bundle_unref(r->bundle);
    od_conf_unref(r->conf);
    od_arena_fini(&r->arena);
    free(r);
}
