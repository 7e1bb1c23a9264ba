#include "base/assert.h"
#include "order/machine/fold.h"

#include "order/amounts/account.h"

/* Money back, and the documents that orders issue. */

static bool repeated(const struct od_refund *r, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (r->items[k].order_item_id == r->items[i].order_item_id)
            return true;
    }
    return false;
}

/* qty_restocked of the event are the units that came back with the refund; of them, those that are
 * not tracked have no shelf, and the row says so. */
static int refund_item(struct od_order *o, const struct od_refund *r, uint32_t i,
                       struct od_refund_item *row, struct od_err *err)
{
    const struct od_refund_item *ri = &r->items[i];
    struct od_item *it;

    if (od_fold_item(o, ri->order_item_id, ri->qty, &it, err) < 0)
        return -1;
    if (repeated(r, i))
        return od_err_set(err, OD_ERR_INVALID, "item %d is there twice", ri->order_item_id);
    if (ri->amount < 0)
        return od_err_set(err, OD_ERR_INVALID, "item %d has an amount below zero",
                          ri->order_item_id);
    if (ri->qty > it->qty - it->qty_refunded)
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than are left",
                          ri->qty, ri->order_item_id);
    if (ri->qty_restocked < 0 || ri->qty_restocked > ri->qty || ri->qty_restocked > od_item_out(it))
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d cannot have come back",
                          ri->qty_restocked, ri->order_item_id);
    *row = *ri;
    row->refund_id = r->refund_id;
    if (!it->stock_tracked)
        row->qty_restocked = 0;
    it->qty_refunded += ri->qty;
    it->qty_returned += ri->qty_restocked;
    it->qty_restocked += row->qty_restocked;
    od_fold_touch(&it->dirty);
    return 0;
}

/* A return that is refunded is settled. */
static int settle_return(struct od_order *o, int32_t return_id, struct od_err *err)
{
    struct od_return *ret = od_order_return(o, return_id);

    if (!ret)
        return od_err_set(err, OD_ERR_INVALID, "return %d is unknown", return_id);
    if (!od_str_is(ret->status, "received"))
        return od_err_set(err, OD_ERR_INVALID, "return %d is %.*s, not received", return_id,
                          OD_STR_ARG(ret->status));
    ret->status = OD_STR("refunded");
    od_fold_touch(&ret->dirty);
    return 0;
}

static int check_refund(const struct od_order *o, const struct od_event *e, struct od_err *err)
{
    const struct od_refund *r = e->refund;
    const struct od_payment *p = e->payment;

    if (r->refund_id != (int32_t)o->refund_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "refund %d does not follow on refund %u",
                          r->refund_id, o->refund_count);
    if (p->refund_id != r->refund_id || p->amount != r->amount ||
        !od_str_eq(p->method, r->method) || !od_str_eq(p->transaction_id, r->transaction_id))
        return od_err_set(err, OD_ERR_INVALID, "payment %d is not of refund %d", p->payment_id,
                          r->refund_id);
    if (r->amount < 1 || r->shipping_amount < 0 || r->shipping_amount > r->amount)
        return od_err_set(err, OD_ERR_INVALID, "refund %d has an amount out of range",
                          r->refund_id);
    if (r->version != e->seq || !r->credit_memo_number.ptr)
        return od_err_set(err, OD_ERR_INVALID, "refund %d has no credit memo", r->refund_id);
    return 0;
}

int od_fold_refunded(struct od_order *o, const struct od_event *e, struct od_arena *a,
                     struct od_err *err)
{
    const struct od_refund *from = e->refund;
    struct od_refund r = *from;

    if (check_refund(o, e, err) < 0)
        return -1;
    r.items = r.item_count ? OD_NEW_ARRAY(a, struct od_refund_item, r.item_count) : NULL;
    r.dirty = OD_DIRTY_NEW;
    for (uint32_t i = 0; i < r.item_count; i++) {
        if (refund_item(o, from, i, &r.items[i], err) < 0)
            return -1;
    }
    od_fold_sort_items(r.items, r.item_count, sizeof *r.items);
    if (r.return_id && settle_return(o, r.return_id, err) < 0)
        return -1;
    if (od_fold_payment(o, e, a, err) < 0)
        return -1;
    o->refunds = od_arena_grow(a, o->refunds, o->refund_count, &o->refund_cap, sizeof *o->refunds);
    o->refunds[o->refund_count++] = r;
    return 0;
}

static struct od_payment *payment_of(const struct od_order *o, int32_t refund_id)
{
    for (uint32_t i = 0; i < o->payment_count; i++) {
        if (o->payments[i].refund_id == refund_id)
            return &o->payments[i];
    }
    return NULL;
}

int od_fold_refund_confirmed(struct od_order *o, const struct od_event *e, struct od_err *err)
{
    const struct od_refund *from = e->refund;
    struct od_refund *r = od_order_refund(o, from->refund_id);

    if (!r)
        return od_err_set(err, OD_ERR_INVALID, "refund %d is unknown", from->refund_id);
    if (r->transaction_id.len > 0 || from->transaction_id.len == 0)
        return od_err_set(err, OD_ERR_INVALID, "refund %d is confirmed already, or not at all",
                          r->refund_id);
    struct od_payment *p = payment_of(o, r->refund_id);
    OD_ASSERT(p); /* made by the same event */
    r->transaction_id = p->transaction_id = from->transaction_id;
    od_fold_touch(&r->dirty);
    od_fold_touch(&p->dirty);
    return 0;
}

static bool is_owed(const struct od_order *o, const struct od_event *e)
{
    int64_t amount = e->invoice->amount;

    if (e->type == OD_EVENT_INVOICE_CREDITED)
        return amount < 0 && amount >= -od_order_creditable(o);
    return amount > 0 && amount <= od_order_uninvoiced(o);
}

int od_fold_invoice(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err)
{
    const struct od_invoice *from = e->invoice;

    if (from->invoice_id != (int32_t)o->invoice_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "invoice %d does not follow on invoice %u",
                          from->invoice_id, o->invoice_count);
    if (from->version != e->seq || !from->invoice_number.ptr)
        return od_err_set(err, OD_ERR_INVALID, "invoice %d has no number", from->invoice_id);
    if (!is_owed(o, e))
        return od_err_set(err, OD_ERR_INVALID, "invoice %d is of more than is left to %s",
                          from->invoice_id, from->amount < 0 ? "credit" : "invoice");
    o->invoices =
        od_arena_grow(a, o->invoices, o->invoice_count, &o->invoice_cap, sizeof *o->invoices);
    o->invoices[o->invoice_count] = *from;
    o->invoices[o->invoice_count++].dirty = OD_DIRTY_NEW;
    return 0;
}
