#ifndef OD_ORDER_COMMANDS_SPLIT_SPLIT_H
#define OD_ORDER_COMMANDS_SPLIT_SPLIT_H

#include <stdbool.h>

#include "base/arena.h"
#include "order/model/event.h"
#include "order/model/model.h"

/*
 * An order cut in two. Each amount of the order is the sum of the amounts of the two, to the minor
 * unit. A line's amounts go with its units. The shipping fee, and a discount of the order that no
 * line carries, are divided in proportion to what the units cost. Each has paid the same share of
 * its total as the order had, and each payment record is cut so that the parts add up. Money that
 * was refunded or charged back stays with the order, and so does money that was paid beyond its
 * total.
 */
struct od_cut {
    struct od_order *rest;  /* a clone of the order with what stays */
    struct od_order *made;  /* a draft of the units, with the payments that it begins with */
    struct od_moved *moved; /* [moved_count] what moves of the order's payment records */
    uint32_t moved_count;
};

/* Cuts the order. Each unit must be there, open and not refunded, and each line named once. */
struct od_cut od_split_cut(const struct od_order *o, const struct od_units *units, uint32_t count,
                           struct od_arena *a);

/* pay.c: cuts the payments, when the totals of both orders are known. */
void od_split_pay(const struct od_order *o, struct od_cut *cut, struct od_arena *a);

/* Returns amount * part / whole, rounded down, with 0 <= part <= whole; 0 when the whole is 0. */
int64_t od_split_share(int64_t amount, int64_t part, int64_t whole);

#endif
