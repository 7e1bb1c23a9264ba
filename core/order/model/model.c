#include "order/model/model.h"

#include <string.h>

struct od_item *od_order_item(const struct od_order *o, int32_t order_item_id)
{
    return order_item_id >= 1 && (uint32_t)order_item_id <= o->item_count
               ? &o->items[order_item_id - 1]
               : NULL;
}

struct od_shipment *od_order_shipment(const struct od_order *o, int32_t shipment_id)
{
    return shipment_id >= 1 && (uint32_t)shipment_id <= o->shipment_count
               ? &o->shipments[shipment_id - 1]
               : NULL;
}

struct od_refund *od_order_refund(const struct od_order *o, int32_t refund_id)
{
    return refund_id >= 1 && (uint32_t)refund_id <= o->refund_count ? &o->refunds[refund_id - 1]
                                                                    : NULL;
}

struct od_return *od_order_return(const struct od_order *o, int32_t return_id)
{
    return return_id >= 1 && (uint32_t)return_id <= o->return_count ? &o->returns[return_id - 1]
                                                                    : NULL;
}

struct od_invoice *od_order_invoice(const struct od_order *o, int32_t invoice_id)
{
    return invoice_id >= 1 && (uint32_t)invoice_id <= o->invoice_count
               ? &o->invoices[invoice_id - 1]
               : NULL;
}

struct od_change *od_order_change(const struct od_order *o, int32_t change_id)
{
    return change_id >= 1 && (uint32_t)change_id <= o->change_count ? &o->changes[change_id - 1]
                                                                    : NULL;
}

struct od_change *od_order_proposed(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->change_count; i++) {
        if (od_str_is(o->changes[i].status, "proposed"))
            return &o->changes[i];
    }
    return NULL;
}

struct od_hold *od_order_hold(const struct od_order *o, struct od_str handle)
{
    for (uint32_t i = 0; i < o->hold_count; i++) {
        struct od_hold *h = &o->holds[i];
        if (h->dirty != OD_DIRTY_DELETED && od_str_eq(h->handle, handle))
            return h;
    }
    return NULL;
}

int32_t od_item_open(const struct od_item *it)
{
    return it->qty - it->qty_canceled - it->qty_shipped;
}

int32_t od_item_out(const struct od_item *it)
{
    return it->qty_shipped - it->qty_returned;
}

bool od_return_is_open(const struct od_return *r)
{
    return od_str_is(r->status, "requested") || od_str_is(r->status, "approved");
}

/* Units of an item that an open return has announced. */
static int32_t announced(const struct od_return *r, int32_t order_item_id)
{
    if (!od_return_is_open(r))
        return 0;
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (r->items[i].order_item_id == order_item_id)
            return r->items[i].qty;
    }
    return 0;
}

int32_t od_item_returnable(const struct od_order *o, const struct od_item *it)
{
    int32_t out = od_item_out(it);

    for (uint32_t i = 0; i < o->return_count; i++)
        out -= announced(&o->returns[i], it->order_item_id);
    return out > 0 ? out : 0;
}

/* Units of the item for which another order was sent. */
static int32_t exchanged(const struct od_return *r, int32_t order_item_id)
{
    int32_t units = 0;

    for (uint32_t i = 0; i < r->item_count && od_str_is(r->status, "exchanged"); i++) {
        if (r->items[i].order_item_id == order_item_id)
            units += r->items[i].qty_received;
    }
    return units;
}

int32_t od_item_refundable(const struct od_order *o, const struct od_item *it)
{
    int32_t left = it->qty - it->qty_refunded;

    for (uint32_t i = 0; i < o->return_count; i++)
        left -= exchanged(&o->returns[i], it->order_item_id);
    return left > 0 ? left : 0;
}

int32_t od_item_unship_canceled(const struct od_order *o, const struct od_item *it, int32_t qty)
{
    if (o->canceled_at || qty < it->qty_shipped_after_cancel)
        return qty;
    return it->qty_shipped_after_cancel;
}

static void *copy(struct od_arena *a, const void *from, size_t count, size_t size)
{
    void *to = count > 0 ? od_arena_array(a, count, size) : NULL;

    if (to)
        memcpy(to, from, count * size);
    return to;
}

static void copy_returns(struct od_arena *a, struct od_order *c)
{
    c->returns = copy(a, c->returns, c->return_count, sizeof *c->returns);
    c->return_cap = c->return_count;
    for (uint32_t i = 0; i < c->return_count; i++) {
        struct od_return *ret = &c->returns[i];
        ret->items = copy(a, ret->items, ret->item_count, sizeof *ret->items);
    }
}

struct od_order *od_order_clone(struct od_arena *a, const struct od_order *o)
{
    struct od_order *c = copy(a, o, 1, sizeof *o);

    c->items = copy(a, o->items, o->item_count, sizeof *o->items);
    c->item_cap = o->item_count;
    c->shipments = copy(a, o->shipments, o->shipment_count, sizeof *o->shipments);
    c->shipment_cap = o->shipment_count;
    c->holds = copy(a, o->holds, o->hold_count, sizeof *o->holds);
    c->hold_cap = o->hold_count;
    c->refunds = copy(a, o->refunds, o->refund_count, sizeof *o->refunds);
    c->refund_cap = o->refund_count;
    c->changes = copy(a, o->changes, o->change_count, sizeof *o->changes);
    c->change_cap = o->change_count;
    copy_returns(a, c);
    /* Invoices, the items of shipments and of refunds, and payments never change once they are
     * there, but for a refund's payment, whose transaction may be told later. They can be shared,
     * as long as the next one goes to a new array. */
    if (o->refund_count > 0)
        c->payments = copy(a, o->payments, o->payment_count, sizeof *o->payments);
    c->payment_cap = o->payment_count;
    c->invoice_cap = o->invoice_count;
    return c;
}
