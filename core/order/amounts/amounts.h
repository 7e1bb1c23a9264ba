#ifndef OD_ORDER_AMOUNTS_AMOUNTS_H
#define OD_ORDER_AMOUNTS_AMOUNTS_H

#include "order/model/model.h"

/*
 * What units of an order cost. A line's share is its total, less its share of a discount of the
 * order beyond the lines' own; shares are cut so that lines sum up to grand_total less shipping,
 * and the units of a line to the line, to the minor unit. Where a discount takes of shipping, too,
 * the lines cost nothing. Products are made in 128 bits.
 */

/* What a line, which must be one of the order's own, costs with the order's discount taken off;
 * >= 0. */
int64_t od_line_amount(const struct od_order *o, const struct od_item *it);

/* What the units (from, to] of a line cost, 0 <= from <= to <= qty: cumulative and rounded down, so
 * that consecutive ranges add up to the line. */
int64_t od_units_amount(const struct od_order *o, const struct od_item *it, int32_t from,
                        int32_t to);

/*
 * What cancelling those units takes off grand_total, after those that are cancelled already. When
 * with them all units of the order are cancelled, all that is left of grand_total, shipping
 * included. Orders without lines: all of it unless a parcel is under way. From 0 to grand_total -
 * amount_canceled.
 */
struct od_units;
int64_t od_canceled_amount(const struct od_order *o, const struct od_units *units, uint32_t count);

/*
 * What calling back a parcel, one of the order's own, takes off it again. The units that are
 * cancelled with it, in out[s->item_count]; returns how many lines they are of.
 */
uint32_t od_called_back_units(const struct od_order *o, const struct od_shipment *s,
                              struct od_units *out);
/* And what those cost; of a cancelled order without lines, all of it when no other parcel is under
 * way. */
int64_t od_called_back_amount(const struct od_order *o, const struct od_shipment *s,
                              const struct od_units *units, uint32_t count);

/* The way back: what comes back onto the order when so many of its cancelled units leave all the
 * same. Orders without lines: all. From 0 to amount_canceled. */
int64_t od_restored_amount(const struct od_order *o, const struct od_units *units, uint32_t count);

#endif
