#ifndef OD_ORDER_MODEL_PLACED_DIFF_H
#define OD_ORDER_MODEL_PLACED_DIFF_H

#include "base/arena.h"
#include "order/model/model.h"

/*
 * Says whether a placed order is the one that a draft describes. All that the draft gives, its uuid
 * and number included, is compared with the order as it was placed, by the table of fields. A value
 * that the draft leaves out may be anything, because rules fill it in. Amounts are settled, so none
 * is left out. placed_at: the time that was asked for, in microseconds; 0: none.
 *
 * Returns the JSON names of the first few fields that differ, "customerEmail, items[0].sku", in the
 * arena; absent: none does.
 */
struct od_str od_placed_diff(struct od_arena *a, const struct od_order *draft, int64_t placed_at,
                             const struct od_order *placed);

#endif
