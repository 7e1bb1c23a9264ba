#include "order/ledger/fold.h"

#include "base/assert.h"
#include "order/amounts/account.h"

/* A payment record, whichever event brings it. */

/* Money stays within what the method's records and the order's sums allow, unless history says that
 * it did not. A refund takes from both; what else there is, the method alone limits. */
static bool exceeds(const struct od_order *o, const struct od_event *e, int64_t amount,
                    const struct od_account *acc, enum od_payment_type type)
{
    const struct od_account total = od_account_total(o);

    if (o->historical || e->overruled.ptr)
        return false;
    return amount > od_account_limit(acc, type) ||
           (type == OD_PAYMENT_REFUND && amount > od_account_limit(&total, type));
}

static int check_record(const struct od_order *o, const struct od_payment *p,
                        enum od_payment_type type, struct od_err *err)
{
    if (p->payment_id != (int32_t)o->payment_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "payment %d does not follow on payment %u",
                          p->payment_id, o->payment_count);
    if (!od_str_eq(p->type, od_payment_type_name(type)))
        return od_err_set(err, OD_ERR_INVALID, "payment %d is of type %.*s", p->payment_id,
                          OD_STR_ARG(p->type));
    if ((p->refund_id != 0) != (type == OD_PAYMENT_REFUND))
        return od_err_set(err, OD_ERR_INVALID, "payment %d is of refund %d", p->payment_id,
                          p->refund_id);
    if (p->paid_by.ptr && type != OD_PAYMENT_REFUND)
        return od_err_set(err, OD_ERR_INVALID, "payment %d goes back by another method",
                          p->payment_id);
    if (p->amount < 0)
        return od_err_set(err, OD_ERR_INVALID, "payment %d has an amount below zero",
                          p->payment_id);
    return 0;
}

int od_fold_payment(struct od_order *o, const struct od_event *e, const struct od_payment *p,
                    enum od_payment_type type, struct od_arena *a, struct od_err *err)
{
    const struct od_account acc = od_account_of(o, od_payment_source(p));

    if (check_record(o, p, type, err) < 0)
        return -1;
    if (exceeds(o, e, p->amount, &acc, type))
        return od_err_set(err, OD_ERR_INVALID, "payment %d is more than what is %s", p->payment_id,
                          type == OD_PAYMENT_REFUND       ? "left to refund"
                          : type == OD_PAYMENT_CHARGEBACK ? "captured"
                                                          : "authorized");
    if (!od_account_post(o, &acc, type, p->amount))
        return od_err_set(err, OD_ERR_INVALID, "payment %d carries a sum past int64",
                          p->payment_id);
    OD_ASSERT(o->amount_captured >= 0 && o->amount_refunded >= 0 && o->amount_charged_back >= 0);
    o->payments =
        od_arena_grow(a, o->payments, o->payment_count, &o->payment_cap, sizeof *o->payments);
    o->payments[o->payment_count] = *p;
    o->payments[o->payment_count++].dirty = OD_DIRTY_NEW;
    return 0;
}
