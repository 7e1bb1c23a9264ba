#include "order/model/model.h"

#include "order/model/parts.h"

struct od_item *od_order_item(const struct od_order *o, int32_t order_item_id)
{
    return od_part_numbered(OD_ENTITY_ITEM, o, order_item_id);
}

struct od_shipment *od_order_shipment(const struct od_order *o, int32_t shipment_id)
{
    return od_part_numbered(OD_ENTITY_SHIPMENT, o, shipment_id);
}

struct od_refund *od_order_refund(const struct od_order *o, int32_t refund_id)
{
    return od_part_numbered(OD_ENTITY_REFUND, o, refund_id);
}

struct od_return *od_order_return(const struct od_order *o, int32_t return_id)
{
    return od_part_numbered(OD_ENTITY_RETURN, o, return_id);
}

struct od_invoice *od_order_invoice(const struct od_order *o, int32_t invoice_id)
{
    return od_part_numbered(OD_ENTITY_INVOICE, o, invoice_id);
}

struct od_change *od_order_change(const struct od_order *o, int32_t change_id)
{
    return od_part_numbered(OD_ENTITY_CHANGE, o, change_id);
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

int32_t od_item_credited(const struct od_order *o, const struct od_item *it)
{
    int32_t units = 0;

    for (uint32_t i = 0; i < o->refund_count; i++) {
        const struct od_refund *r = &o->refunds[i];
        for (uint32_t k = 0; k < r->item_count; k++) {
            if (r->items[k].order_item_id == it->order_item_id)
                units += r->items[k].qty_canceled;
        }
    }
    return units < it->qty_canceled ? units : it->qty_canceled;
}

int32_t od_item_unship_canceled(const struct od_order *o, const struct od_item *it, int32_t qty)
{
    if (o->canceled_at || qty < it->qty_shipped_after_cancel)
        return qty;
    return it->qty_shipped_after_cancel;
}
