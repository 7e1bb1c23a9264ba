#include "order/machine/decide.h"

#include "order/machine/step.h"

int od_step_decide(struct od_step *step)
{
    switch (step->c->type) {
    case OD_COMMAND_PLACE:
        return od_decide_place(step);
    case OD_COMMAND_PATCH:
        return od_decide_patch(step);
    case OD_COMMAND_CANCEL:
        return od_decide_cancel(step);
    case OD_COMMAND_PAYMENT:
        return od_decide_payment(step);
    case OD_COMMAND_CREATE_SHIPMENT:
        return od_decide_create_shipment(step);
    case OD_COMMAND_UPDATE_SHIPMENT:
        return od_decide_update_shipment(step);
    case OD_COMMAND_HOLD:
        return od_decide_hold(step);
    case OD_COMMAND_RELEASE:
        return od_decide_release(step);
    case OD_COMMAND_ADD_ACTIVITY:
        return od_decide_activity(step);
    case OD_COMMAND_SET_INVENTORY:
        return od_decide_inventory(step);
    case OD_COMMAND_COMPOSITE:
        return od_decide_composite(step);
    case OD_COMMAND_MIGRATE_STATUS:
        return od_decide_migrate(step);
    case OD_COMMAND_TRACK:
        return od_decide_track(step);
    case OD_COMMAND_REFUND:
        return od_decide_refund(step);
    case OD_COMMAND_CREATE_RETURN:
        return od_decide_create_return(step);
    case OD_COMMAND_UPDATE_RETURN:
        return od_decide_update_return(step);
    case OD_COMMAND_EXCHANGE:
        return od_decide_exchange(step);
    case OD_COMMAND_ISSUE_INVOICE:
        return od_decide_issue_invoice(step);
    case OD_COMMAND_CREDIT_INVOICE:
        return od_decide_credit_invoice(step);
    case OD_COMMAND_PROPOSE_CHANGE:
        return od_decide_propose_change(step);
    case OD_COMMAND_CONFIRM_CHANGE:
        return od_decide_confirm_change(step);
    case OD_COMMAND_DISCARD_CHANGE:
        return od_decide_discard_change(step);
    case OD_COMMAND_TYPES:
        break;
    }
    return od_step_refuse(step, OD_VERDICT_INVALID, "unknown_command", "There is no such command");
}

/* PLACE makes the order, SET_INVENTORY needs none, all others change one that is there. */
static int check_order(struct od_step *step)
{
    bool exists = step->order && step->order->version > 0;
    if (step->c->type == OD_COMMAND_SET_INVENTORY)
        return 0;
    if (step->c->type == OD_COMMAND_PLACE && exists)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_exists",
                              "The order is placed already");
    if (step->c->type != OD_COMMAND_PLACE && !exists)
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "order_not_found",
                              "There is no such order");
    return 0;
}

static int decide_all(struct od_step *step)
{
    for (; step->c; step->c = step->c->next) {
        step->at = step->c->at ? step->c->at : step->env->now;
        od_step_forget(step);
        if (check_order(step) != 0 || od_step_decide(step) != 0)
            return -1;
    }
    return 0;
}

static void undo_stock(struct od_step *step)
{
    while (step->journal_len > 0) {
        step->journal_len--;
        *step->journal[step->journal_len].stock = step->journal[step->journal_len].before;
    }
}

/* The result in a copy, so that undoing the stock does not undo what the caller is shown. */
static void keep_preview(struct od_step *step)
{
    struct od_decision *d = step->d;
    d->order = step->order;
    if (d->stock) {
        struct od_stock *shown = OD_NEW(step->env->arena, struct od_stock);
        *shown = *d->stock;
        d->stock = shown;
    }
}

int od_verdict_status(enum od_verdict verdict)
{
    switch (verdict) {
    case OD_VERDICT_DONE:
        return 200;
    case OD_VERDICT_NOT_FOUND:
        return 404;
    case OD_VERDICT_CONFLICT:
    case OD_VERDICT_POLICY:
        return 409;
    case OD_VERDICT_INVALID:
        return 422;
    case OD_VERDICT_STALE:
        return 412;
    case OD_VERDICT_UNNUMBERED:
    case OD_VERDICTS:
        break;
    }
    return 500;
}

void od_decide(struct od_decision *d, const struct od_command *c, bool dry_run)
{
    struct od_decision before = *d;
    struct od_step step = {.d = d, .env = d->env, .c = c};
    d->verdict = OD_VERDICT_DONE;
    d->refusal = (struct od_refusal){0};
    if (d->order)
        step.order = od_order_clone(d->env->arena, d->order);

    if (decide_all(&step) != 0) {
        enum od_verdict verdict = d->verdict;
        enum od_document wanted = d->wanted;
        struct od_refusal refusal = d->refusal;
        undo_stock(&step);
        *d = before;
        for (uint32_t i = 0; i < d->document_count; i++)
            d->documents[i].used = false;
        d->verdict = verdict;
        d->wanted = wanted;
        d->refusal = refusal;
    } else if (dry_run) {
        keep_preview(&step);
        undo_stock(&step);
    } else if (d->order) {
        *d->order = *step.order;
    }
}

int32_t od_decision_answer_id(const struct od_decision *d)
{
    const int32_t ids[] = {d->refund_id,  d->return_id,   d->invoice_id, d->change_id,
                           d->payment_id, d->shipment_id, d->activity_id};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (ids[i])
            return ids[i];
    }
    return 0;
}
