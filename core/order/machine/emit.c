
#include "base/assert.h"
#include "order/ledger/event.h"
#include "order/ledger/event_kind.h"
#include "order/machine/step.h"

struct od_event od_step_event(const struct od_step *step, enum od_event_type type)
{
    return (struct od_event){
        .order_id = step->order->order_id,
        .seq = step->order->version + 1,
        .at = step->at,
        .recorded_at = step->env->now,
        .type = type,
        .actor = step->c->actor,
        .bundle_id = step->env->policies->bundle_id,
        .status =
            {
                [OD_STATUS_ORDER] = {.from = step->order->status},
                [OD_STATUS_PAYMENT] = {.from = step->order->payment_status},
                [OD_STATUS_SHIPMENT] = {.from = step->order->shipment_status},
            },
    };
}

/* Asks for one status and puts a changed one into the event and the clone. */
static int settle(struct od_step *step, struct od_event *e, enum od_status_kind kind,
                  enum od_question question)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (od_step_allowed(step, question, &request, &answer) != 0)
        return -1;
    if (answer.refused)
        return 0;
    if (!od_status_find(&step->env->statuses->of[kind], answer.value))
        return od_step_policy_failed(
            step, answer.policy, "Policy %.*s answered \"%.*s\", which is no configured %s",
            OD_STR_ARG(answer.policy), OD_STR_ARG(answer.value), od_status_kind_name(kind));
    struct od_status_change *change = &e->status[kind];
    if (od_str_eq(answer.value, *od_step_status(step->order, kind)))
        return 0;
    if (od_step_check_move(step, kind, change->from, answer.value) != 0)
        return -1;
    change->to = answer.value;
    od_fold_statuses(step->order, e);
    return 0;
}

/* order.status comes last: it looks at the other two. */
static int settle_all(struct od_step *step, struct od_event *e, unsigned which)
{
    if (which & OD_SETTLE_PAYMENT && settle(step, e, OD_STATUS_PAYMENT, OD_ASK_PAYMENT_STATUS) != 0)
        return -1;
    if (which & OD_SETTLE_SHIPMENT &&
        settle(step, e, OD_STATUS_SHIPMENT, OD_ASK_SHIPMENT_STATUS) != 0)
        return -1;
    if (which & OD_SETTLE_ORDER && settle(step, e, OD_STATUS_ORDER, OD_ASK_ORDER_STATUS) != 0)
        return -1;
    return 0;
}

static void push(struct od_decision *d, const struct od_event *e)
{
    d->events =
        od_arena_grow(d->env->arena, d->events, d->event_count, &d->event_cap, sizeof *d->events);
    d->events[d->event_count++] = *e;
}

int od_step_emit(struct od_step *step, struct od_event *e, unsigned which)
{
    struct od_err err;
    od_err_clear(&err);
    OD_ASSERT(od_command_kinds[step->c->type]->emits >> e->type & 1);
    e->overruled = step->overruled;
    if (od_fold(step->order, e, step->env->arena, &err) != 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_damaged",
                              "The order's records contradict each other: %s", err.message);
    if (settle_all(step, e, which) != 0)
        return -1;
    if (!e->reason.ptr && !od_event_kinds[e->type]->folds_reason)
        e->reason = step->reason;
    e->policy = step->asked;
    e->overruled = step->overruled;
    e->policy_reason = step->policy_reason;
    od_step_forget(step);
    push(step->d, e);
    return 0;
}
