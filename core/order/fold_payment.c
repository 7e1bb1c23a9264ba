#include "order/fold_parts.h"

#include <stdlib.h>

#include "base/money.h"

/* What has been authorized and captured by one method. A method without an authorization sells: its
 * captures authorize themselves. */
struct account {
    int64_t authorized; /* authorizations less voids */
    int64_t captured;
    bool sells;
};

static bool account_add(struct account *acc, const struct od_payment *p)
{
    if (od_str_is(p->type, "authorize")) {
        acc->sells = false;
        return od_money_add(acc->authorized, p->amount, &acc->authorized);
    }
    if (od_str_is(p->type, "void"))
        return od_money_sub(acc->authorized, p->amount, &acc->authorized);
    if (od_str_is(p->type, "capture"))
        return od_money_add(acc->captured, p->amount, &acc->captured);
    return true;
}

static bool account_of(const struct od_order *o, struct od_str method, struct account *out)
{
    *out = (struct account){.sells = true};
    for (uint32_t i = 0; i < o->payment_count; i++) {
        if (od_str_eq(o->payments[i].method, method) && !account_add(out, &o->payments[i]))
            return false;
    }
    return true;
}

static const char *type_of(enum od_event_type type)
{
    switch ((int)type) {
    case OD_EVENT_PAYMENT_AUTHORIZED:
        return "authorize";
    case OD_EVENT_PAYMENT_CAPTURED:
        return "capture";
    case OD_EVENT_PAYMENT_VOIDED:
        return "void";
    case OD_EVENT_PAYMENT_FAILED:
        return "fail";
    }
    abort();
}

/* Captured never passes authorized, unless history says that it did. */
static bool exceeds(const struct od_order *o, const struct od_event *e, const struct account *acc)
{
    int64_t left;

    if (o->historical || e->overruled.ptr)
        return false;
    if (e->type == OD_EVENT_PAYMENT_CAPTURED && acc->sells)
        return false;
    if (e->type != OD_EVENT_PAYMENT_CAPTURED && e->type != OD_EVENT_PAYMENT_VOIDED)
        return false;
    return !od_money_sub(acc->authorized, acc->captured, &left) || e->payment->amount > left;
}

/* False on overflow. */
static bool move_sums(struct od_order *o, const struct od_event *e, bool sells)
{
    int64_t amount = e->payment->amount;

    if (e->type == OD_EVENT_PAYMENT_VOIDED)
        return od_money_sub(o->amount_authorized, amount, &o->amount_authorized);
    if (e->type == OD_EVENT_PAYMENT_AUTHORIZED || (e->type == OD_EVENT_PAYMENT_CAPTURED && sells)) {
        if (!od_money_add(o->amount_authorized, amount, &o->amount_authorized))
            return false;
    }
    return e->type != OD_EVENT_PAYMENT_CAPTURED ||
           od_money_add(o->amount_captured, amount, &o->amount_captured);
}

int od_fold_payment(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err)
{
    const struct od_payment *p = e->payment;
    struct account acc;

    if (p->payment_id != (int32_t)o->payment_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "payment %d does not follow on payment %u",
                          p->payment_id, o->payment_count);
    if (!od_str_is(p->type, type_of(e->type)))
        return od_err_set(err, OD_ERR_INVALID, "payment %d is of type %.*s", p->payment_id,
                          OD_STR_ARG(p->type));
    if (p->amount < 0)
        return od_err_set(err, OD_ERR_INVALID, "payment %d has an amount below zero",
                          p->payment_id);
    if (!account_of(o, p->method, &acc) || !move_sums(o, e, acc.sells))
        return od_err_set(err, OD_ERR_INVALID, "payment %d carries a sum past int64",
                          p->payment_id);
    if (exceeds(o, e, &acc))
        return od_err_set(err, OD_ERR_INVALID, "payment %d is more than what is authorized",
                          p->payment_id);
    o->payments =
        od_arena_grow(a, o->payments, o->payment_count, &o->payment_cap, sizeof *o->payments);
    o->payments[o->payment_count] = *p;
    o->payments[o->payment_count++].dirty = OD_DIRTY_NEW;
    return 0;
}
