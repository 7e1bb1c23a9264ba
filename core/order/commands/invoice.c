#include "order/amounts/account.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/*
 * ISSUE_INVOICE: of what the order comes to and no invoice says yet. CREDIT_INVOICE: of what
 * invoices ask for and the order no longer comes to, as one that asks for less than nothing, with
 * the number of a credit memo. A refund needs none: it has its own.
 */

static int check_room(struct od_step *step)
{
    if (step->order->invoice_count >= OD_INVOICES_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d invoices", OD_INVOICES_MAX);
    return 0;
}

static int record(struct od_step *step, enum od_event_type type, enum od_document kind,
                  int64_t amount)
{
    const struct od_document_number *taken;
    struct od_invoice *invoice = OD_NEW(step->env->arena, struct od_invoice);
    if (od_step_document(step, kind, NULL, &invoice->invoice_number, &taken) != 0)
        return -1;
    invoice->invoice_id = (int32_t)step->order->invoice_count + 1;
    invoice->amount = amount;
    invoice->created_at = step->at;
    invoice->series = taken->series;
    invoice->series_value = taken->value;
    struct od_event e = od_step_event(step, type);
    invoice->version = e.seq;
    e.invoice = invoice;
    step->d->invoice_id = invoice->invoice_id;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}

int od_decide_issue_invoice(struct od_step *step)
{
    int64_t amount = od_order_uninvoiced(step->order);
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (check_room(step) != 0)
        return -1;
    if (amount == 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_to_invoice",
                              "All that the order comes to is invoiced");
    return record(step, OD_EVENT_INVOICE_ISSUED, OD_DOCUMENT_INVOICE, amount);
}

int od_decide_credit_invoice(struct od_step *step)
{
    int64_t amount = od_order_creditable(step->order);
    if (check_room(step) != 0)
        return -1;
    if (amount == 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_to_credit",
                              "No more is invoiced than is owed or paid; what is paid is credited "
                              "by its refund");
    return record(step, OD_EVENT_INVOICE_CREDITED, OD_DOCUMENT_CREDIT_MEMO, -amount);
}
