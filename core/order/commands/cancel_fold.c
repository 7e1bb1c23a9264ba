#include "base/money.h"
#include "order/amounts/amounts.h"
#include "order/machine/fold.h"

int od_fold_cancel_amount(struct od_order *o, int64_t amount, struct od_err *err)
{
    int64_t sum;

    if (amount == 0)
        return 0;
    if (!od_money_add(o->amount_canceled, amount, &sum) || sum < 0 || sum > o->grand_total)
        return od_err_set(err, OD_ERR_INVALID,
                          "what is cancelled would not be a part of the order");
    o->amount_canceled = sum;
    return 0;
}

/* Events from before amounts were written have none: it is what the units come to. */
static int cancel_units(struct od_order *o, const struct od_event *e, struct od_err *err)
{
    int64_t amount = e->amount ? e->amount : od_canceled_amount(o, e->units, e->unit_count);

    if (o->canceled_at)
        return od_err_set(err, OD_ERR_INVALID, "the order is canceled already");
    for (uint32_t i = 0; i < e->unit_count; i++) {
        struct od_item *it;
        const struct od_units *u = &e->units[i];
        if (od_fold_item(o, u->order_item_id, u->qty, &it, err) < 0)
            return -1;
        if (u->qty > od_item_open(it))
            return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than are open",
                              u->qty, u->order_item_id);
        it->qty_canceled += u->qty;
        od_fold_touch(&it->dirty);
    }
    if (amount < 0)
        return od_err_set(err, OD_ERR_INVALID, "the amount is below zero");
    return od_fold_cancel_amount(o, amount, err);
}

int od_fold_canceled(struct od_order *o, const struct od_event *e, struct od_err *err)
{
    if (cancel_units(o, e, err) < 0)
        return -1;
    o->canceled_at = e->at;
    o->cancel_reason = e->reason;
    return 0;
}

int od_fold_items_canceled(struct od_order *o, const struct od_event *e, struct od_err *err)
{
    if (e->unit_count == 0)
        return od_err_set(err, OD_ERR_INVALID, "no units are canceled");
    return cancel_units(o, e, err);
}
