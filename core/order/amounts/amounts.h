#ifndef OD_ORDER_AMOUNTS_AMOUNTS_H
#define OD_ORDER_AMOUNTS_AMOUNTS_H

#include "order/model/model.h"

/*
 * Computes what units of an order cost. A line costs its total, less its share of the discount that
 * the order has beyond its lines' own. Shares are cut to the minor unit, so that the lines add up
 * to grand_total less shipping, and the units of a line add up to the line. Where the discount is
 * so large that it takes from shipping, too, the lines cost nothing. Products are computed in 128
 * bits.
 */

/* Returns what a line of the order costs after the order's discount, >= 0. */
int64_t od_line_amount(const struct od_order *o, const struct od_item *it);

/* Returns what the units (from, to] of a line cost, 0 <= from <= to <= qty. The cumulative cost is
 * rounded down, so that consecutive ranges add up to the line. */
int64_t od_units_amount(const struct od_order *o, const struct od_item *it, int32_t from,
                        int32_t to);

/*
 * Returns what the cancellation of these units takes off grand_total, beside the units that are
 * cancelled already. When it leaves no unit of the order, it takes all that is left of grand_total,
 * shipping included. An order without lines loses all of it, unless a parcel is under way. The
 * result is from 0 to grand_total - amount_canceled.
 */
struct od_units;
int64_t od_canceled_amount(const struct od_order *o, const struct od_units *units, uint32_t count);

/*
 * Calling back a parcel of the order cancels units again and takes what they cost off the order.
 * This fills out[s->item_count] with those units and returns how many lines they are of.
 */
uint32_t od_called_back_units(const struct od_order *o, const struct od_shipment *s,
                              struct od_units *out);
/* Returns what those units cost. For a cancelled order without lines it is the whole order, when no
 * other parcel is under way. */
int64_t od_called_back_amount(const struct od_order *o, const struct od_shipment *s,
                              const struct od_units *units, uint32_t count);

/* Returns what comes back onto the order when so many of its cancelled units leave all the same. An
 * order without lines gets everything back. The result is from 0 to amount_canceled. */
int64_t od_restored_amount(const struct od_order *o, const struct od_units *units, uint32_t count);

#endif
