#include "order/machine/step.h"

#include "order/model/limits.h"

/* HOLD, RELEASE and ADD_ACTIVITY: what people say about an order. */

bool od_step_is_handle(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return s.len > 0 && s.len <= OD_HOLD_HANDLE_MAX;
}

static int check_hold(struct od_step *step, const struct od_hold *hold)
{
    if (!od_step_is_handle(hold->handle))
        return od_step_invalid(step, "bad_handle", "/handle",
                               "Must be 1 to %d of a-z, 0-9, _ and -", OD_HOLD_HANDLE_MAX);
    if (hold->reason.len > OD_REASON_MAX)
        return od_step_invalid(step, "too_long", "/reason", "Must be at most %d bytes",
                               OD_REASON_MAX);
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (od_order_hold(step->order, hold->handle))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "hold_exists",
                              "The order has a hold \"%.*s\"", OD_STR_ARG(hold->handle));
    if (od_step_holds(step->order) >= OD_HOLDS_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order has at most %d holds", OD_HOLDS_MAX);
    return 0;
}

int od_step_hold(struct od_step *step, struct od_hold *hold)
{
    hold->at = step->at;
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_HELD);
    e.hold = hold;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

int od_decide_hold(struct od_step *step)
{
    struct od_hold *hold = OD_NEW(step->env->arena, struct od_hold);
    *hold = step->c->hold;
    if (!hold->handle.ptr)
        hold->handle = OD_STR("manual");
    if (check_hold(step, hold) != 0)
        return -1;
    hold->by = step->c->actor;
    step->d->hold_handle = hold->handle;
    return od_step_hold(step, hold);
}

int od_decide_release(struct od_step *step)
{
    const struct od_hold *hold = od_order_hold(step->order, step->c->hold.handle);
    if (!hold)
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "hold_not_found",
                              "The order has no hold \"%.*s\"", OD_STR_ARG(step->c->hold.handle));
    struct od_hold *released = OD_NEW(step->env->arena, struct od_hold);
    released->handle = hold->handle;
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_RELEASED);
    e.hold = released;
    step->d->hold_handle = released->handle;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

int od_decide_activity(struct od_step *step)
{
    if (step->c->text.len == 0 || step->c->text.len > OD_COMMENT_MAX)
        return od_step_invalid(step, "bad_comment", "/comment", "Must be 1 to %d bytes",
                               OD_COMMENT_MAX);
    struct od_event e = od_step_event(step, OD_EVENT_ACTIVITY_ADDED);
    e.comment = step->c->text;
    e.customer_notified = step->c->customer_notified;
    step->d->activity_id = e.seq;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}
