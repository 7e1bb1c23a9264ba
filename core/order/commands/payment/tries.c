#include "order/amounts/rollup.h"
#include "order/commands/payment/payment.h"
#include "order/machine/action.h"

/* How PAYMENT is tried. */

void od_payment_actions(struct od_action_list *l)
{
    static const struct od_str types[] = {OD_STR_INIT("authorize"), OD_STR_INIT("capture"),
                                          OD_STR_INIT("void"),      OD_STR_INIT("fail"),
                                          OD_STR_INIT("refund"),    OD_STR_INIT("chargeback")};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct od_command c = {.type = OD_COMMAND_PAYMENT, .payment = {.type = types[i]}};
        od_action_try(l, &c, (struct od_action){.type = types[i]});
    }
}

enum { AUTHORIZE = 0, CAPTURE, VOID, FAIL, CHARGE_BACK };
const struct od_move_name od_payment_move_names[] = {
    {'a', "authorize"}, {'c', "capture"}, {'v', "void"}, {'f', "fail"}, {'k', "charge back"}, {0}};

unsigned od_payment_odd(const struct od_order *o)
{
    unsigned odd = o->amount_charged_back > 0 ? OD_ODD_CHARGED_BACK : 0;
    return o->amount_captured > o->grand_total ? odd | OD_ODD_OVERPAID : odd;
}

static struct od_command *add_payment(struct od_moves *m, uint32_t name, const char *label,
                                      const char *type, int64_t amount)
{
    struct od_command *c = od_moves_add(m, name, od_str_of(label));
    c->payment.type = od_str_of(type);
    c->payment.amount = amount;
    return c;
}

static void add_captures(struct od_moves *m)
{
    const struct od_order *o = m->o;
    bool any = o->amount_captured > 0;
    if (!any && o->grand_total > 3)
        add_payment(m, CAPTURE, "capture part", "capture", o->grand_total / 4);
    add_payment(m, CAPTURE, any ? "capture the rest" : "capture", "capture", 0);
    if (any && od_amount_outstanding(o) == 0 && o->amount_captured <= o->grand_total &&
        od_moves_may(m, OD_ODD_OVERPAID))
        add_payment(m, CAPTURE, "capture too much", "capture", o->grand_total / 4 + 1);
}

static void add_chargebacks(struct od_moves *m)
{
    const struct od_order *o = m->o;
    if (o->amount_captured == 0 || !od_moves_may(m, OD_ODD_CHARGED_BACK))
        return;
    if (o->amount_charged_back == 0 && o->amount_captured > 3)
        add_payment(m, CHARGE_BACK, "charge back part", "chargeback", o->amount_captured / 4);
    add_payment(m, CHARGE_BACK, "charge back", "chargeback", 0);
}

void od_payment_moves(struct od_moves *m)
{
    if (m->o->amount_authorized <= m->o->amount_captured)
        add_payment(m, AUTHORIZE, "authorize", "authorize", 0);
    add_captures(m);
    add_payment(m, VOID, "void", "void", 0);
    add_payment(m, FAIL, "fail", "fail", 0);
    add_chargebacks(m);
}
