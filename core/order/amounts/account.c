#include "order/amounts/account.h"

#include <stdlib.h>

#include "base/money.h"

static const struct od_str type_names[] = {
    [OD_PAYMENT_AUTHORIZE] = OD_STR_INIT("authorize"),
    [OD_PAYMENT_CAPTURE] = OD_STR_INIT("capture"),
    [OD_PAYMENT_VOID] = OD_STR_INIT("void"),
    [OD_PAYMENT_FAIL] = OD_STR_INIT("fail"),
    [OD_PAYMENT_REFUND] = OD_STR_INIT("refund"),
    [OD_PAYMENT_CHARGEBACK] = OD_STR_INIT("chargeback"),
};

enum { TYPES = sizeof type_names / sizeof *type_names };

struct od_str od_payment_type_name(enum od_payment_type type)
{
    return type_names[type];
}

bool od_payment_type_parse(struct od_str name, enum od_payment_type *out)
{
    for (int i = 0; i < TYPES; i++) {
        if (od_str_eq(name, type_names[i])) {
            *out = (enum od_payment_type)i;
            return true;
        }
    }
    return false;
}

/* False, with the account spoilt, when a sum does not fit. */
static bool add(struct od_account *acc, enum od_payment_type type, int64_t amount)
{
    int64_t open;

    switch (type) {
    case OD_PAYMENT_AUTHORIZE:
        acc->has_authorize = true;
        if (!od_money_add(acc->authorized, amount, &acc->authorized))
            return false;
        break;
    case OD_PAYMENT_CAPTURE:
        if (!od_money_add(acc->captured, amount, &acc->captured))
            return false;
        if (!acc->has_authorize && !od_money_add(acc->authorized, amount, &acc->authorized))
            return false;
        break;
    case OD_PAYMENT_VOID:
        if (!od_money_sub(acc->authorized, amount, &acc->authorized))
            return false;
        break;
    case OD_PAYMENT_REFUND:
        return od_money_add(acc->refunded, amount, &acc->refunded);
    case OD_PAYMENT_CHARGEBACK:
        return od_money_add(acc->charged_back, amount, &acc->charged_back);
    case OD_PAYMENT_FAIL:
        break;
    }
    return od_money_sub(acc->authorized, acc->captured, &open);
}

struct od_str od_payment_source(const struct od_payment *p)
{
    return p->paid_by.ptr ? p->paid_by : p->method;
}

/* The records were added up when they were made, so their sums fit. */
struct od_account od_account_of(const struct od_order *o, struct od_str method)
{
    struct od_account acc = {0};

    for (uint32_t i = 0; i < o->payment_count; i++) {
        enum od_payment_type type;
        const struct od_payment *p = &o->payments[i];
        if (od_str_eq(od_payment_source(p), method) && od_payment_type_parse(p->type, &type) &&
            !add(&acc, type, p->amount))
            break;
    }
    return acc;
}

struct od_account od_account_total(const struct od_order *o)
{
    return (struct od_account){.authorized = o->amount_authorized,
                               .captured = o->amount_captured,
                               .refunded = o->amount_refunded,
                               .charged_back = o->amount_charged_back};
}

/* a - b for b >= 0: what does not fit is far below zero. */
static int64_t less(int64_t a, int64_t b)
{
    int64_t rest;

    return od_money_sub(a, b, &rest) && rest > 0 ? rest : 0;
}

int64_t od_account_limit(const struct od_account *acc, enum od_payment_type type)
{
    switch (type) {
    case OD_PAYMENT_CAPTURE:
        return acc->has_authorize ? less(acc->authorized, acc->captured) : INT64_MAX;
    case OD_PAYMENT_VOID:
        return less(acc->authorized, acc->captured);
    case OD_PAYMENT_REFUND:
        return less(less(acc->captured, acc->charged_back), acc->refunded);
    case OD_PAYMENT_CHARGEBACK:
        return less(acc->captured, acc->charged_back);
    case OD_PAYMENT_AUTHORIZE:
    case OD_PAYMENT_FAIL:
        return INT64_MAX;
    }
    abort();
}

bool od_account_post(struct od_order *o, const struct od_account *acc, enum od_payment_type type,
                     int64_t amount)
{
    struct od_account then = *acc;
    struct od_account total = od_account_total(o);

    total.has_authorize = acc->has_authorize;
    if (!add(&then, type, amount) || !add(&total, type, amount))
        return false;
    o->amount_authorized = total.authorized;
    o->amount_captured = total.captured;
    o->amount_refunded = total.refunded;
    o->amount_charged_back = total.charged_back;
    return true;
}

/* Whether an earlier record has the method of record i. */
static bool counted(const struct od_order *o, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (od_str_eq(o->payments[k].method, o->payments[i].method))
            return true;
    }
    return false;
}

/* They fit: they were larger before. */
void od_account_recount(struct od_order *o)
{
    o->amount_authorized = o->amount_captured = o->amount_refunded = o->amount_charged_back = 0;
    for (uint32_t i = 0; i < o->payment_count; i++) {
        if (counted(o, i))
            continue;
        struct od_account acc = od_account_of(o, o->payments[i].method);
        o->amount_authorized += acc.authorized;
        o->amount_captured += acc.captured;
        o->amount_refunded += acc.refunded;
        o->amount_charged_back += acc.charged_back;
    }
}

int64_t od_order_shipping_left(const struct od_order *o)
{
    int64_t left = o->shipping_fee_incl_tax;

    for (uint32_t i = 0; i < o->refund_count; i++)
        left = less(left, o->refunds[i].shipping_amount);
    return left;
}

int64_t od_order_credited(const struct od_order *o)
{
    int64_t sum = 0;

    /* Parts of what was refunded, whose sum fits. */
    for (uint32_t i = 0; i < o->refund_count; i++) {
        const struct od_refund *r = &o->refunds[i];
        sum += r->amount < r->amount_canceled ? r->amount : r->amount_canceled;
    }
    return sum;
}

int64_t od_order_invoiced(const struct od_order *o)
{
    int64_t sum = 0;

    /* Each lies between 0 and what the order came to, and so does every sum of them. */
    for (uint32_t i = 0; i < o->invoice_count; i++)
        sum += o->invoices[i].amount;
    return sum;
}

int64_t od_order_invoiced_due(const struct od_order *o)
{
    int64_t credited = od_order_credited(o);

    return less(od_order_invoiced(o),
                credited < o->amount_canceled ? credited : o->amount_canceled);
}

int64_t od_order_uninvoiced(const struct od_order *o)
{
    int64_t canceled = less(o->amount_canceled, od_order_credited(o));

    return less(less(o->grand_total, canceled), od_order_invoiced(o));
}

int64_t od_order_creditable(const struct od_order *o)
{
    int64_t due = less(o->grand_total, o->amount_canceled);
    int64_t kept = less(less(o->amount_captured, o->amount_charged_back), o->amount_refunded);

    return less(less(od_order_invoiced(o), o->amount_refunded), due > kept ? due : kept);
}
