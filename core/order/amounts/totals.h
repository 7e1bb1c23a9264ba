#ifndef OD_ORDER_AMOUNTS_TOTALS_H
#define OD_ORDER_AMOUNTS_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "order/model/command.h"
#include "order/model/model.h"

/*
 * The arithmetic of a draft: the checkout says the totals, this checks that they add up and derives
 * the ones it left out. No tax and no shipping rate is computed here.
 */

/* An amount of a draft that was left out; given amounts are never negative. */
#define OD_AMOUNT_UNSET INT64_MIN

void od_totals_unset_item(struct od_item *it);      /* every amount of a line that may be derived */
void od_totals_unset_order(struct od_order *draft); /* and of the header */

/*
 * Replaces unset amounts by what follows from the others, total_qty and total_weight always, and
 * adds a problem for each total that does not add up or does not fit int64. Items' price, qty and
 * weight are given; the currency is known. The order's tax_amount may include the tax of shipping
 * or not; a discount of the order may stand alone when no item carries one. Returns whether all is
 * well.
 */
bool od_totals_settle(struct od_order *draft, struct od_problem_list *problems);

#endif
