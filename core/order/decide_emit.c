#include "order/decide_unit.h"

struct od_event od_unit_event(const struct od_unit *u, enum od_event_type type)
{
    return (struct od_event){
        .order_id = u->order->order_id,
        .seq = u->order->version + 1,
        .at = u->at,
        .recorded_at = u->env->now,
        .type = type,
        .actor = u->c->actor,
        .bundle_id = u->env->policies->bundle_id,
        .status =
            {
                [OD_STATUS_ORDER] = {.from = u->order->status},
                [OD_STATUS_PAYMENT] = {.from = u->order->payment_status},
                [OD_STATUS_SHIPMENT] = {.from = u->order->shipment_status},
            },
    };
}

/* Asks for one status and puts a changed one into the event and the clone. */
static int settle(struct od_unit *u, struct od_event *e, enum od_status_kind kind,
                  enum od_question question)
{
    struct od_policy_request request = od_unit_request(u);
    struct od_policy_answer answer;
    if (od_unit_allowed(u, question, &request, &answer) != 0)
        return -1;
    if (answer.refused)
        return 0;
    if (!od_status_find(&u->env->statuses->of[kind], answer.value))
        return od_unit_policy_failed(
            u, answer.policy, "Policy %.*s answered \"%.*s\", which is no configured %s",
            OD_STR_ARG(answer.policy), OD_STR_ARG(answer.value), od_status_kind_name(kind));
    struct od_status_change *change = &e->status[kind];
    if (od_str_eq(answer.value, *od_unit_status(u->order, kind)))
        return 0;
    if (od_unit_check_move(u, kind, change->from, answer.value) != 0)
        return -1;
    change->to = answer.value;
    od_fold_statuses(u->order, e);
    return 0;
}

/* order.status comes last: it looks at the other two. */
static int settle_all(struct od_unit *u, struct od_event *e, unsigned which)
{
    if (which & OD_SETTLE_PAYMENT && settle(u, e, OD_STATUS_PAYMENT, OD_ASK_PAYMENT_STATUS) != 0)
        return -1;
    if (which & OD_SETTLE_SHIPMENT && settle(u, e, OD_STATUS_SHIPMENT, OD_ASK_SHIPMENT_STATUS) != 0)
        return -1;
    if (which & OD_SETTLE_ORDER && settle(u, e, OD_STATUS_ORDER, OD_ASK_ORDER_STATUS) != 0)
        return -1;
    return 0;
}

static void push(struct od_decision *d, const struct od_event *e)
{
    d->events =
        od_arena_grow(d->env->arena, d->events, d->event_count, &d->event_cap, sizeof *d->events);
    d->events[d->event_count++] = *e;
}

int od_unit_emit(struct od_unit *u, struct od_event *e, unsigned which)
{
    struct od_err err;
    od_err_clear(&err);
    e->overruled = u->overruled;
    if (od_fold(u->order, e, u->env->arena, &err) != 0)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "order_damaged",
                              "The order's records contradict each other: %s", err.message);
    if (settle_all(u, e, which) != 0)
        return -1;
    /* A cancellation's reason is folded into the order, so it is settled before. */
    if (!e->reason.ptr && e->type != OD_EVENT_ORDER_CANCELED)
        e->reason = u->reason;
    e->policy = u->asked;
    e->overruled = u->overruled;
    e->policy_reason = u->policy_reason;
    od_unit_forget(u);
    push(u->d, e);
    return 0;
}
