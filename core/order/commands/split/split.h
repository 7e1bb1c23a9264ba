#ifndef OD_ORDER_COMMANDS_SPLIT_SPLIT_H
#define OD_ORDER_COMMANDS_SPLIT_SPLIT_H

#include <stdbool.h>

#include "base/arena.h"
#include "order/model/event.h"
#include "order/model/model.h"

/*
 * An order cut in two. Each amount of the order is the sum of what the two have, to the minor unit:
 * a line's go with its units; the shipping fee, and a discount of the order that no line carries,
 * in proportion to what the lines' units cost; of what is paid, each has as much of its total as
 * the order had, and each payment record is cut so that they add up. What was refunded or charged
 * back stays with the order, and so does what was paid beyond its total.
 */
struct od_cut {
    struct od_order *rest;  /* what stays, in a clone */
    struct od_order *made;  /* a draft of the units; its payments are those that it begins with */
    struct od_moved *moved; /* of the order's payment records; [moved_count] */
    uint32_t moved_count;
};

/* Each unit is there, open, and not refunded; each line is named once. */
struct od_cut od_split_cut(const struct od_order *o, const struct od_units *units, uint32_t count,
                           struct od_arena *a);

/* pay.c: cuts the payments, with the totals of both known. */
void od_split_pay(const struct od_order *o, struct od_cut *cut, struct od_arena *a);

/* amount * part / whole, rounded down: 0 <= part <= whole; 0 where the whole is nothing. */
int64_t od_split_share(int64_t amount, int64_t part, int64_t whole);

#endif
