#include "script/call/policies.h"

#include "script/bundle/loaded.h"
#include "script/call/ask.h"
#include "script/task/composite.h"

static int answer(void *ctx, enum od_question q, const struct od_order *o,
                  const struct od_policy_request *request, struct od_arena *a,
                  struct od_policy_answer *out, struct od_err *err)
{
    const struct od_registration *r = ((struct od_bundle *)ctx)->providers[q];

    if (r)
        return od_ask_registration(r, q, o, request, a, out, err);
    *out = (struct od_policy_answer){0}; /* optional, and nobody answers it */
    return 0;
}

static bool answers(void *ctx, enum od_question q)
{
    return ((struct od_bundle *)ctx)->providers[q] != NULL;
}

struct od_policies od_bundle_policies(struct od_bundle *b, int32_t bundle_id)
{
    return (struct od_policies){
        .ctx = b,
        .bundle_id = bundle_id,
        .ask = answer,
        .answers = answers,
        .run = od_bundle_run_command,
    };
}
