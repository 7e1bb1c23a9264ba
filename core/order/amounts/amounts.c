#include "order/amounts/amounts.h"

#include <stdbool.h>

#include "order/model/event.h"

__extension__ typedef unsigned __int128 wide;

/* Returns the weight of a line when the order's worth is cut into lines. */
static uint64_t weight(const struct od_item *it, bool by_total)
{
    int64_t w = by_total ? it->total : it->qty;
    return w > 0 ? (uint64_t)w : 0;
}

/* By their totals; where all of them are free, which history does not keep from costing something,
 * by their units. */
static bool any_total(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (o->items[i].total > 0)
            return true;
    }
    return false;
}

/* amount * part / whole, rounded down; part <= whole < 2^64, so that the product fits. */
static int64_t share(int64_t amount, wide part, wide whole)
{
    return whole > 0 ? (int64_t)((wide)amount * part / whole) : 0;
}

int64_t od_line_amount(const struct od_order *o, const struct od_item *it)
{
    int64_t goods = o->grand_total - o->shipping_fee_incl_tax;
    bool by_total = any_total(o);
    wide before = 0, whole = 0;
    if (goods <= 0)
        return 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (&o->items[i] == it)
            before = whole;
        whole += weight(&o->items[i], by_total);
    }
    return share(goods, before + weight(it, by_total), whole) - share(goods, before, whole);
}

int64_t od_units_amount(const struct od_order *o, const struct od_item *it, int32_t from,
                        int32_t to)
{
    int64_t line = od_line_amount(o, it);
    wide qty = it->qty > 0 ? (wide)it->qty : 0;
    return share(line, (wide)to, qty) - share(line, (wide)from, qty);
}

/* How many units of a line are cancelled when those are, too (way 1), or no more (-1). */
static int32_t canceled_then(const struct od_item *it, const struct od_units *units, uint32_t count,
                             int way)
{
    int64_t then = it->qty_canceled;
    for (uint32_t i = 0; i < count; i++) {
        if (units[i].order_item_id == it->order_item_id)
            then += (int64_t)way * units[i].qty;
    }
    if (then < 0)
        return 0;
    return then < it->qty ? (int32_t)then : it->qty;
}

static int64_t clamp(int64_t amount, int64_t max)
{
    if (max < 0)
        max = 0;
    return amount < max ? amount : max;
}

/* Apart from one, which may be NULL. */
static bool parcel_under_way(const struct od_order *o, const struct od_shipment *but)
{
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        if (&o->shipments[i] != but && !o->shipments[i].canceled_at)
            return true;
    }
    return false;
}

int64_t od_canceled_amount(const struct od_order *o, const struct od_units *units, uint32_t count)
{
    int64_t left = o->grand_total - o->amount_canceled, sum = 0;
    bool all = true;
    if (o->item_count == 0)
        return parcel_under_way(o, NULL) ? 0 : clamp(left, left);
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t then = canceled_then(it, units, count, 1);
        all = all && then == it->qty;
        if (then > it->qty_canceled)
            sum += od_units_amount(o, it, it->qty_canceled, then);
    }
    return clamp(all ? left : sum, left);
}

uint32_t od_called_back_units(const struct od_order *o, const struct od_shipment *s,
                              struct od_units *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct od_shipment_item *si = &s->items[i];
        const struct od_item *it = od_order_item(o, si->order_item_id);
        int32_t qty = od_item_unship_canceled(o, it, si->qty);
        if (qty > 0)
            out[count++] = (struct od_units){si->order_item_id, qty};
    }
    return count;
}

int64_t od_called_back_amount(const struct od_order *o, const struct od_shipment *s,
                              const struct od_units *units, uint32_t count)
{
    if (count > 0)
        return od_canceled_amount(o, units, count);
    if (o->item_count > 0 || !o->canceled_at || parcel_under_way(o, s))
        return 0;
    int64_t left = o->grand_total - o->amount_canceled;
    return clamp(left, left);
}

int64_t od_restored_amount(const struct od_order *o, const struct od_units *units, uint32_t count)
{
    int64_t sum = 0, kept = 0;
    bool all = true; /* are cancelled, so that shipping went with them */
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t then = canceled_then(it, units, count, -1);
        all = all && it->qty_canceled == it->qty;
        if (then < it->qty_canceled)
            sum += od_units_amount(o, it, then, it->qty_canceled);
        if (then > 0)
            kept += od_units_amount(o, it, 0, then);
    }
    if (all)
        sum = o->amount_canceled > kept ? o->amount_canceled - kept : 0;
    return count > 0 || o->item_count == 0 ? clamp(sum, o->amount_canceled) : 0;
}
