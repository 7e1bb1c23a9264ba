#include "rules/trial/walk/walk.h"

#include "order/amounts/account.h"
#include "order/amounts/rollup.h"

/* The moves of money: payments, refunds, and the invoice. */

static struct od_command *add_payment(struct od_model_list *l, enum od_model_command command,
                                      const char *label, const char *type, int64_t amount)
{
    struct od_command *c = od_model_add(l, command, od_str_of(label), OD_COMMAND_PAYMENT);
    c->payment.type = od_str_of(type);
    c->payment.amount = amount;
    return c;
}

static void add_captures(struct od_model_list *l)
{
    const struct od_order *o = l->o;
    bool any = o->amount_captured > 0;
    if (!any && o->grand_total > 3)
        add_payment(l, OD_MODEL_CAPTURE, "capture part", "capture", o->grand_total / 4);
    add_payment(l, OD_MODEL_CAPTURE, any ? "capture the rest" : "capture", "capture", 0);
    if (any && od_amount_outstanding(o) == 0 && o->amount_captured <= o->grand_total &&
        od_model_may(l, OD_MODEL_ODD_OVERPAID))
        add_payment(l, OD_MODEL_CAPTURE, "capture too much", "capture", o->grand_total / 4 + 1);
}

static void add_chargebacks(struct od_model_list *l)
{
    const struct od_order *o = l->o;
    if (o->amount_captured == 0 || !od_model_may(l, OD_MODEL_ODD_CHARGED_BACK))
        return;
    if (o->amount_charged_back == 0 && o->amount_captured > 3)
        add_payment(l, OD_MODEL_CHARGE_BACK, "charge back part", "chargeback",
                    o->amount_captured / 4);
    add_payment(l, OD_MODEL_CHARGE_BACK, "charge back", "chargeback", 0);
}

/* One unit that is with the customer comes back with its money. */
static void add_refund_of_unit(struct od_model_list *l)
{
    for (uint32_t i = 0; i < l->o->item_count; i++) {
        const struct od_item *it = &l->o->items[i];
        if (it->qty_shipped == it->qty_returned || it->qty_refunded == it->qty)
            continue;
        struct od_command *c =
            od_model_add(l, OD_MODEL_REFUND, OD_STR("refund and take back one"), OD_COMMAND_REFUND);
        c->refund.item_count = 1;
        c->refund.items = OD_NEW(l->arena, struct od_refund_item);
        *c->refund.items = (struct od_refund_item){
            .order_item_id = it->order_item_id, .qty = 1, .qty_restocked = 1};
        return;
    }
}

static void add_refund(struct od_model_list *l, struct od_str label, int64_t amount,
                       int32_t return_id)
{
    struct od_command *c = od_model_add(l, OD_MODEL_REFUND, label, OD_COMMAND_REFUND);
    c->refund.amount = amount;
    c->refund.return_id = return_id;
}

static void add_refunds(struct od_model_list *l)
{
    const struct od_order *o = l->o;
    int64_t left = od_amount_refundable(o);
    if (left == 0 || !od_model_may(l, OD_MODEL_ODD_REFUNDED))
        return;
    if (o->amount_refunded == 0 && left > 3)
        add_refund(l, OD_STR("refund part"), left / 4, 0);
    add_refund(l, OD_STR("refund"), 0, 0);
    for (uint32_t i = 0; i < o->return_count; i++) {
        int32_t id = o->returns[i].return_id;
        if (od_str_is(o->returns[i].status, "received"))
            add_refund(l, od_arena_printf(l->arena, "refund return %d", id), 0, id);
    }
    if (od_model_may(l, OD_MODEL_ODD_REFUNDED | OD_MODEL_ODD_RETURNED))
        add_refund_of_unit(l);
}

void od_model_add_money(struct od_model_list *l)
{
    const struct od_order *o = l->o;
    if (o->amount_authorized <= o->amount_captured)
        add_payment(l, OD_MODEL_AUTHORIZE, "authorize", "authorize", 0);
    add_captures(l);
    add_payment(l, OD_MODEL_VOID, "void", "void", 0);
    add_payment(l, OD_MODEL_FAIL, "fail", "fail", 0);
    add_refunds(l);
    add_chargebacks(l);
    if (od_order_uninvoiced(o) > 0 && od_model_may(l, OD_MODEL_ODD_INVOICED))
        od_model_add(l, OD_MODEL_INVOICE, OD_STR("invoice"), OD_COMMAND_ISSUE_INVOICE);
    if (od_order_creditable(o) > 0)
        od_model_add(l, OD_MODEL_CREDIT, OD_STR("credit invoice"), OD_COMMAND_CREDIT_INVOICE);
}
