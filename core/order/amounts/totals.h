#ifndef OD_ORDER_AMOUNTS_TOTALS_H
#define OD_ORDER_AMOUNTS_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "order/model/command.h"
#include "order/model/model.h"

/*
 * The arithmetic of a draft. The checkout says the totals; this checks that they add up and derives
 * those that were left out. It computes no tax and no shipping rate.
 */

/* An amount of a draft that was left out. Given amounts are never negative. */
#define OD_AMOUNT_UNSET INT64_MIN

void od_totals_unset_item(struct od_item *it);      /* unsets the amounts of a line that may be
                                                       derived */
void od_totals_unset_order(struct od_order *draft); /* and those of the header */

/*
 * Replaces each unset amount by what follows from the others, and always total_qty and
 * total_weight. It adds a problem for each total that does not add up or does not fit int64, and
 * returns whether there was none. The price, qty and weight of each item must be given, and the
 * currency known. The order's tax_amount may include the tax of shipping or not. A discount of the
 * order may stand alone when no item carries one.
 */
bool od_totals_settle(struct od_order *draft, struct od_problem_list *problems);

#endif
