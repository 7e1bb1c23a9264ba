#include "order/machine/step.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "order/model/limits.h"

static struct od_str vformat(struct od_arena *a, const char *fmt, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof text, fmt, args);
    return od_arena_str(a, od_str_of(text));
}

int od_step_refuse(struct od_step *step, enum od_verdict verdict, const char *code, const char *fmt,
                   ...)
{
    va_list args;
    va_start(args, fmt);
    step->d->verdict = verdict;
    step->d->refusal = (struct od_refusal){
        .code = od_arena_str(step->env->arena, od_str_of(code)),
        .detail = vformat(step->env->arena, fmt, args),
    };
    va_end(args);
    return -1;
}

int od_step_invalid(struct od_step *step, const char *code, const char *pointer, const char *fmt,
                    ...)
{
    va_list args;
    va_start(args, fmt);
    step->d->verdict = OD_VERDICT_INVALID;
    step->d->refusal = (struct od_refusal){
        .code = od_arena_str(step->env->arena, od_str_of(code)),
        .detail = vformat(step->env->arena, fmt, args),
        .pointer = od_arena_str(step->env->arena, od_str_of(pointer)),
    };
    va_end(args);
    return -1;
}

static struct od_str join(struct od_arena *a, struct od_str list, const char *sep, struct od_str s)
{
    if (!list.ptr || !s.ptr)
        return list.ptr ? list : s;
    return od_arena_printf(a, "%.*s%s%.*s", OD_STR_ARG(list), sep, OD_STR_ARG(s));
}

void od_step_overrule(struct od_step *step, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    step->overruled =
        join(step->env->arena, step->overruled, "; ", vformat(step->env->arena, fmt, args));
    va_end(args);
}

struct od_policy_request od_step_request(const struct od_step *step)
{
    return (struct od_policy_request){
        .actor = step->c->actor, .now = step->at, .trial = step->env->trial};
}

int od_step_policy_failed(struct od_step *step, struct od_str policy, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    step->d->verdict = OD_VERDICT_POLICY;
    step->d->refusal = (struct od_refusal){
        .code = OD_STR("policy_failed"),
        .detail = vformat(step->env->arena, fmt, args),
        .policy = policy,
    };
    va_end(args);
    return -1;
}

int od_step_ask(struct od_step *step, enum od_question q, const struct od_policy_request *request,
                struct od_policy_answer *out)
{
    struct od_err err;
    od_err_clear(&err);
    *out = (struct od_policy_answer){0};
    const struct od_policies *p = step->env->policies;
    int rc = p->ask(p->ctx, q, step->order, request, step->env->arena, out, &err);
    if (!out->policy.ptr)
        out->policy = od_question_name(q);
    if (rc != 0)
        return od_step_policy_failed(step, out->policy, "Policy %.*s failed: %s%s%s",
                                     OD_STR_ARG(out->policy), err.origin, err.origin[0] ? ": " : "",
                                     err.message);
    step->asked = join(step->env->arena, step->asked, " ", out->policy);
    if (!out->refused && out->reason.ptr) {
        step->reason = out->reason;
        step->policy_reason = join(step->env->arena, step->policy_reason, "; ", out->reason);
    }
    return 0;
}

int od_step_refused(struct od_step *step, enum od_question q, const struct od_policy_answer *answer)
{
    step->d->verdict = OD_VERDICT_POLICY;
    step->d->refusal = (struct od_refusal){
        .code = answer->code.len > 0 ? answer->code : OD_STR("refused"),
        .detail = answer->reason,
        .policy = answer->policy,
    };
    if (answer->reason.len == 0)
        step->d->refusal.detail = od_arena_printf(step->env->arena, "The %.*s rule refuses",
                                                  OD_STR_ARG(od_question_name(q)));
    return -1;
}

bool od_step_answered(const struct od_step *step, enum od_question q)
{
    const struct od_policies *p = step->env->policies;
    return p->answers && p->answers(p->ctx, q);
}

int od_step_allowed(struct od_step *step, enum od_question q,
                    const struct od_policy_request *request, struct od_policy_answer *out)
{
    if (od_step_ask(step, q, request, out) != 0)
        return -1;
    if (!out->refused)
        return 0;
    if (!step->c->historical)
        return od_step_refused(step, q, out);
    od_step_overrule(step, "%.*s: %.*s", OD_STR_ARG(od_question_name(q)),
                     OD_STR_ARG(out->reason.ptr ? out->reason : out->code));
    return 0;
}

void od_step_forget(struct od_step *step)
{
    step->asked = step->overruled = step->reason = step->policy_reason = OD_STR_NONE;
}

void od_step_credit(struct od_step *step, uint32_t from, struct od_str policy, struct od_str reason)
{
    for (uint32_t i = from; i < step->d->event_count; i++) {
        struct od_event *e = &step->d->events[i];
        e->policy = join(step->env->arena, policy, " ", e->policy);
        e->policy_reason = join(step->env->arena, reason, "; ", e->policy_reason);
    }
}

struct od_str *od_step_status(struct od_order *o, enum od_status_kind kind)
{
    switch (kind) {
    case OD_STATUS_ORDER:
        return &o->status;
    case OD_STATUS_PAYMENT:
        return &o->payment_status;
    case OD_STATUS_SHIPMENT:
        return &o->shipment_status;
    case OD_STATUS_KINDS:
        break;
    }
    OD_ASSERT(0 && "a status kind");
    return NULL;
}

static struct od_str known_codes(struct od_arena *a, const struct od_status_set *set)
{
    struct od_str list = OD_STR_NONE;
    for (uint32_t i = 0; i < set->count; i++)
        list = join(a, list, ", ", set->statuses[i].code);
    return list;
}

int od_step_known_status(struct od_step *step, enum od_status_kind kind, struct od_str code,
                         const char *pointer)
{
    const struct od_status_set *set = &step->env->statuses->of[kind];
    if (od_status_find(set, code))
        return 0;
    return od_step_invalid(step, "unknown_status", pointer,
                           "Unknown status \"%.*s\"; known are %.*s", OD_STR_ARG(code),
                           OD_STR_ARG(known_codes(step->env->arena, set)));
}

int od_step_check_move(struct od_step *step, enum od_status_kind kind, struct od_str from,
                       struct od_str to)
{
    const struct od_status_set *set = &step->env->statuses->of[kind];
    if (od_status_can_move(set, from, to))
        return 0;
    /* History, and a parcel that has left, have happened. */
    if (step->c->historical || step->c->handed_over) {
        od_step_overrule(step, "%s: no move from %.*s to %.*s", od_status_kind_name(kind),
                         OD_STR_ARG(from), OD_STR_ARG(to));
        return 0;
    }
    const struct od_status *now = od_status_find(set, from);
    struct od_str allowed = OD_STR_NONE;
    for (uint32_t i = 0; now && i < now->next_count; i++)
        allowed = join(step->env->arena, allowed, ", ", now->next[i]);
    return od_step_refuse(step, OD_VERDICT_CONFLICT, "move_not_allowed",
                          "%s cannot move from %.*s to %.*s; allowed: %.*s",
                          od_status_kind_name(kind), OD_STR_ARG(from), OD_STR_ARG(to),
                          OD_STR_ARG(allowed.ptr ? allowed : OD_STR("none")));
}

uint32_t od_step_holds(const struct od_order *o)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->hold_count; i++)
        n += o->holds[i].dirty != OD_DIRTY_DELETED;
    return n;
}

bool od_step_is_handle(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return s.len > 0 && s.len <= OD_HOLD_HANDLE_MAX;
}

int od_step_hold(struct od_step *step, struct od_hold *hold)
{
    hold->at = step->at;
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_HELD);
    e.hold = hold;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}
