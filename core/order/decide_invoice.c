#include "order/account.h"
#include "order/decide_unit.h"
#include "order/limits.h"

/* ISSUE_INVOICE: of what the order comes to and no invoice says yet. */

static int check_state(struct od_unit *u)
{
    const struct od_order *o = u->order;
    if (o->canceled_at)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "order_canceled", "The order is cancelled");
    if (o->invoice_count >= OD_INVOICES_MAX)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d invoices", OD_INVOICES_MAX);
    if (od_order_uninvoiced(o) == 0)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "nothing_to_invoice",
                              "All that the order comes to is invoiced");
    return 0;
}

int od_decide_issue_invoice(struct od_unit *u)
{
    const struct od_document_number *taken;
    struct od_invoice *invoice = OD_NEW(u->env->arena, struct od_invoice);
    if (check_state(u) != 0)
        return -1;
    if (od_unit_document(u, OD_DOCUMENT_INVOICE, NULL, &invoice->invoice_number, &taken) != 0)
        return -1;
    invoice->invoice_id = (int32_t)u->order->invoice_count + 1;
    invoice->amount = od_order_uninvoiced(u->order);
    invoice->created_at = u->at;
    invoice->series = taken->series;
    invoice->series_value = taken->value;
    struct od_event e = od_unit_event(u, OD_EVENT_INVOICE_ISSUED);
    invoice->version = e.seq;
    e.invoice = invoice;
    u->d->invoice_id = invoice->invoice_id;
    return od_unit_emit(u, &e, OD_SETTLE_NONE);
}
