
#include "base/assert.h"
#include "base/money.h"
#include "order/amounts/account.h"
#include "order/commands/refund/refund.h"
#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/model/fields.h"

/* payment.refunded: the refund's fields, its "items", and the "payment" that was recorded with it;
 * of one that goes by several methods, "payments". Without "qty_canceled" of its items, as they
 * were written at first, no units leave the order. refund.confirmed: its refund_id and
 * transaction_id; where it has several payments, payment_id. */

/* The API has no number for "not for a return". */
static uint64_t refund_mask(const struct od_refund *r)
{
    return r->return_id ? ~UINT64_C(0) : ~od_event_field(OD_ENTITY_REFUND, "return_id");
}

static void write_refunded(const struct od_event_form *f, const struct od_event *e)
{
    const struct od_refund *r = e->refund;
    const uint64_t item_mask = ~od_event_field(OD_ENTITY_REFUND_ITEM, "refund_id");

    od_event_write_fields(f, OD_ENTITY_REFUND, r, refund_mask(r));
    od_event_write_list(f, "items", OD_ENTITY_REFUND_ITEM, r->items, r->item_count, item_mask);
    if (e->payment_count > 1) {
        od_event_write_list(f, "payments", OD_ENTITY_PAYMENT, e->payment, e->payment_count,
                            od_event_payment_fields());
        return;
    }
    od_jw_key(f->w, "payment");
    od_jw_object(f->w);
    od_event_write_payment(f, e);
    od_jw_object_end(f->w);
}

static int read_payments(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    struct od_json *payment = od_event_take(data, "payment");
    void *list;

    if (payment)
        return od_event_read_payment(e, payment, a, err) < 0 ? od_err_wrap(err, "payment") : 0;
    if (od_event_read_list(data, "payments", OD_ENTITY_PAYMENT, &list, &e->payment_count, a, err) <
        0)
        return -1;
    e->payment = list;
    return e->payment_count > 0 ? 0 : od_err_set(err, OD_ERR_INVALID, "payment is missing");
}

static int read_refunded(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    struct od_refund *r = OD_NEW(a, struct od_refund);
    void *items;

    e->refund = r;
    if (od_event_read_list(data, "items", OD_ENTITY_REFUND_ITEM, &items, &r->item_count, a, err) <
        0)
        return -1;
    if (read_payments(e, data, a, err) < 0)
        return -1;
    if (od_entity_read(&od_entities[OD_ENTITY_REFUND], data, r, a, err) < 0)
        return -1;
    r->items = items;
    for (uint32_t i = 0; i < r->item_count; i++)
        r->items[i].refund_id = r->refund_id;
    return 0;
}

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
    if (ri->qty_canceled < 0 || ri->qty_canceled > ri->qty - ri->qty_restocked ||
        ri->qty_canceled > od_item_open(it))
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d cannot leave the order",
                          ri->qty_canceled, ri->order_item_id);
    *row = *ri;
    row->refund_id = r->refund_id;
    if (!it->stock_tracked)
        row->qty_restocked = 0;
    it->qty_refunded += ri->qty;
    it->qty_canceled += ri->qty_canceled;
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

static uint32_t payments_of(const struct od_event *e)
{
    return e->payment_count > 1 ? e->payment_count : 1;
}

/* Their amounts sum up to the refund's, whose method and transaction are those of the first. */
static int check_payments(const struct od_event *e, struct od_err *err)
{
    const struct od_refund *r = e->refund;
    const struct od_payment *first = e->payment;
    int64_t sum = 0;

    for (uint32_t i = 0; i < payments_of(e); i++) {
        const struct od_payment *p = &e->payment[i];
        if (p->refund_id != r->refund_id || !od_money_add(sum, p->amount, &sum))
            return od_err_set(err, OD_ERR_INVALID, "payment %d is not of refund %d", p->payment_id,
                              r->refund_id);
    }
    if (sum != r->amount || !od_str_eq(first->method, r->method) ||
        !od_str_eq(first->transaction_id, r->transaction_id))
        return od_err_set(err, OD_ERR_INVALID, "payment %d is not of refund %d", first->payment_id,
                          r->refund_id);
    return 0;
}

static int check_refund(const struct od_order *o, const struct od_event *e, struct od_err *err)
{
    const struct od_refund *r = e->refund;

    if (r->refund_id != (int32_t)o->refund_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "refund %d does not follow on refund %u",
                          r->refund_id, o->refund_count);
    if (check_payments(e, err) < 0)
        return -1;
    if (r->amount < 1 || r->shipping_amount < 0 || r->shipping_amount > r->amount)
        return od_err_set(err, OD_ERR_INVALID, "refund %d has an amount out of range",
                          r->refund_id);
    if (r->amount_canceled < 0)
        return od_err_set(err, OD_ERR_INVALID, "refund %d cancels an amount below zero",
                          r->refund_id);
    if (r->version != e->seq || !r->credit_memo_number.ptr)
        return od_err_set(err, OD_ERR_INVALID, "refund %d has no credit memo", r->refund_id);
    return 0;
}

static int fold_refunded(struct od_order *o, const struct od_event *e, struct od_arena *a,
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
    if (od_fold_cancel_amount(o, r.amount_canceled, err) < 0 ||
        (r.return_id && settle_return(o, r.return_id, err) < 0))
        return -1;
    for (uint32_t i = 0; i < payments_of(e); i++) {
        if (od_fold_payment(o, e, &e->payment[i], OD_PAYMENT_REFUND, a, err) < 0)
            return -1;
    }
    o->refunds = od_arena_grow(a, o->refunds, o->refund_count, &o->refund_cap, sizeof *o->refunds);
    o->refunds[o->refund_count++] = r;
    return 0;
}

const struct od_refund *od_refund_unnumbered(const struct od_refund *r, struct od_arena *a)
{
    struct od_refund *it = OD_NEW(a, struct od_refund);
    *it = *r;
    it->credit_memo_number = it->series = OD_STR_NONE;
    it->series_value = 0;
    it->version = 0;
    return it;
}

/* It names nothing but an amount; with the last of the money, all units that have not left went. */
static bool is_amount_alone(const struct od_refund *r)
{
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (r->items[i].qty_canceled != r->items[i].qty)
            return false;
    }
    return !r->reason.ptr && !r->return_id;
}

/* A gateway's own refund is a fact that nobody is asked about, and looks like one that was asked
 * for with an amount alone. */
static enum od_asked asked(const struct od_past *past, struct od_policy_request *request)
{
    const struct od_refund *r = past->e->refund;
    request->refund = od_refund_unnumbered(r, past->arena);
    request->reason = r->reason;
    return is_amount_alone(r) ? OD_ASKED_MAYBE : OD_ASKED;
}

static void document(const struct od_event *e, struct od_event_document *out)
{
    *out = (struct od_event_document){
        .kind = OD_DOCUMENT_CREDIT_MEMO,
        .number = e->refund->credit_memo_number,
        .series = e->refund->series,
        .value = e->refund->series_value,
        .refund = e->refund,
    };
}

const struct od_event_kind od_event_payment_refunded = {
    .name = OD_STR_INIT("payment.refunded"),
    .write = write_refunded,
    .read = read_refunded,
    .fold = fold_refunded,
    .question = OD_ASK_ORDER_REFUND,
    .asked = asked,
    .document = document,
};

static void write_confirmed(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_REFUND, e->refund,
                          od_event_field(OD_ENTITY_REFUND, "refund_id") |
                              od_event_field(OD_ENTITY_REFUND, "transaction_id"));
    if (e->payment_id) {
        od_event_write_key(f, "payment_id", "paymentId");
        od_jw_i64(f->w, e->payment_id);
    }
}

static int read_confirmed(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err)
{
    struct od_refund *r = OD_NEW(a, struct od_refund);
    const struct od_json *payment = od_event_take(data, "payment_id");
    int64_t payment_id = 0;

    if (payment && !od_json_i64(payment, 1, INT32_MAX, &payment_id))
        return od_err_set(err, OD_ERR_INVALID, "payment_id is not a number of one");
    e->payment_id = (int32_t)payment_id;
    e->refund = r;
    return od_entity_read(&od_entities[OD_ENTITY_REFUND], data, r, a, err);
}

/* The first of a refund's payments, or the one that is named; NULL: it is not the refund's. */
static struct od_payment *payment_of(const struct od_order *o, int32_t refund_id,
                                     int32_t payment_id)
{
    for (uint32_t i = 0; i < o->payment_count; i++) {
        struct od_payment *p = &o->payments[i];
        if (p->refund_id == refund_id && (!payment_id || p->payment_id == payment_id))
            return p;
    }
    return NULL;
}

static int fold_confirmed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                          struct od_err *err)
{
    const struct od_refund *from = e->refund;
    struct od_refund *r = od_order_refund(o, from->refund_id);

    (void)a;
    if (!r)
        return od_err_set(err, OD_ERR_INVALID, "refund %d is unknown", from->refund_id);
    struct od_payment *first = payment_of(o, r->refund_id, 0);
    struct od_payment *p = payment_of(o, r->refund_id, e->payment_id);
    OD_ASSERT(first); /* made by the same event */
    if (!p)
        return od_err_set(err, OD_ERR_INVALID, "payment %d is not of refund %d", e->payment_id,
                          r->refund_id);
    if (p->transaction_id.len > 0 || from->transaction_id.len == 0)
        return od_err_set(err, OD_ERR_INVALID, "refund %d is confirmed already, or not at all",
                          r->refund_id);
    p->transaction_id = from->transaction_id;
    if (p == first)
        r->transaction_id = from->transaction_id;
    od_fold_touch(&r->dirty);
    od_fold_touch(&p->dirty);
    return 0;
}

const struct od_event_kind od_event_refund_confirmed = {
    .name = OD_STR_INIT("refund.confirmed"),
    .write = write_confirmed,
    .read = read_confirmed,
    .fold = fold_confirmed,
    .question = OD_QUESTIONS,
};
