
#include "base/assert.h"
#include "base/money.h"
#include "order/amounts/account.h"
#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/model/fields.h"
#include "order/model/shop.h"

/* order.placed: the header, addresses and items as placed; the payments that it begins with when it
 * is split off another order. */

static void write_order(const struct od_event_form *f, const struct od_event *e)
{
    const unsigned placed = OD_FIELD_INPUT | OD_FIELD_PLACED;
    const struct od_order *o = e->order;

    od_event_write_fields(f, OD_ENTITY_ORDER, o, od_event_mask(OD_ENTITY_ORDER, placed));
    for (int i = 0; i < 2; i++) {
        if (o->addresses[i].present)
            od_event_write_address(f, o, i);
    }
    od_event_write_list(f, "items", OD_ENTITY_ITEM, o->items, o->item_count,
                        od_event_mask(OD_ENTITY_ITEM, placed));
    if (o->payment_count)
        od_event_write_list(f, "payments", OD_ENTITY_PAYMENT, o->payments, o->payment_count,
                            od_event_payment_fields());
}

static int read_order(struct od_event *e, struct od_json *data, struct od_arena *a,
                      struct od_err *err)
{
    struct od_order *o = OD_NEW(a, struct od_order);
    void *items, *payments;

    if (od_event_read_list(data, "payments", OD_ENTITY_PAYMENT, &payments, &o->payment_count, a,
                           err) < 0 ||
        od_event_read_list(data, "items", OD_ENTITY_ITEM, &items, &o->item_count, a, err) < 0 ||
        od_event_read_addresses(o, data, NULL, a, err) < 0)
        return -1;
    o->items = items;
    o->payments = payments;
    e->order = o;
    return od_entity_read(&od_entities[OD_ENTITY_ORDER], data, o, a, err);
}

static int fold_payments(struct od_order *o, const struct od_event *e, struct od_arena *a,
                         struct od_err *err)
{
    for (uint32_t i = 0; i < e->order->payment_count; i++) {
        enum od_payment_type type;
        struct od_event one = *e;
        one.payment = &e->order->payments[i];
        if (!od_payment_type_parse(one.payment->type, &type))
            return od_err_set(err, OD_ERR_INVALID, "payment %d has no type", (int)i + 1);
        if (od_fold_payment(o, &one, one.payment, type, a, err) < 0)
            return -1;
    }
    return 0;
}

static int fold_placed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                       struct od_err *err)
{
    const unsigned placed = OD_FIELD_INPUT | OD_FIELD_PLACED;
    const struct od_order *from = e->order;

    OD_ASSERT(from != o);
    *o = (struct od_order){.order_id = e->order_id, .created_at = e->at, .dirty = OD_DIRTY_NEW};
    od_fold_fields(OD_ENTITY_ORDER, placed, o, from);
    if (od_currency_digits(o->currency) < 0)
        return od_err_set(err, OD_ERR_INVALID, "the currency %.*s is unknown",
                          OD_STR_ARG(o->currency));
    if (from->item_count == 0 && !o->historical)
        return od_err_set(err, OD_ERR_INVALID, "it has no items");
    for (int i = 0; i < 2; i++) {
        if (from->addresses[i].present)
            od_fold_address(o, i, &from->addresses[i]);
    }
    o->items = from->item_count ? OD_NEW_ARRAY(a, struct od_item, from->item_count) : NULL;
    o->item_cap = from->item_count;
    for (; o->item_count < from->item_count; o->item_count++) {
        struct od_item *it = &o->items[o->item_count];
        od_fold_fields(OD_ENTITY_ITEM, placed, it, &from->items[o->item_count]);
        it->dirty = OD_DIRTY_NEW;
        if (it->order_item_id != (int32_t)o->item_count + 1)
            return od_err_set(err, OD_ERR_INVALID, "item %d does not follow on item %u",
                              it->order_item_id, o->item_count);
        if (it->qty < 1)
            return od_err_set(err, OD_ERR_INVALID, "item %d has %d units", it->order_item_id,
                              it->qty);
        if (it->stock_tracked && !it->location.len) /* placed before there were several */
            it->location = OD_STR(OD_LOCATION_DEFAULT);
    }
    return fold_payments(o, e, a, err);
}

const struct od_event_kind od_event_order_placed = {
    .name = OD_STR_INIT("order.placed"),
    .write = write_order,
    .read = read_order,
    .fold = fold_placed,
    .question = OD_QUESTIONS, /* the replay asks again what it is placed with:
                                 rules/trial/history/verdict.c */
};
