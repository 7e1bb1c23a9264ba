#ifndef OD_ORDER_MODEL_PLACED_DIFF_H
#define OD_ORDER_MODEL_PLACED_DIFF_H

#include "base/arena.h"
#include "order/model/model.h"

/*
 * Whether an order that was placed is the one that a draft describes: all that the draft gives (its
 * uuid and number too, if it has them) is compared with the order as it was placed, by the table of
 * fields. What the draft leaves out may be anything, for rules fill it in; amounts are settled, so
 * none is left out. placed_at: the time that was asked for, in microseconds; 0: none.
 *
 * Returns the JSON names of what differs, "customerEmail, items[0].sku", the first few of many, in
 * the arena; absent when nothing does.
 */
struct od_str od_placed_diff(struct od_arena *a, const struct od_order *draft, int64_t placed_at,
                             const struct od_order *placed);

#endif
