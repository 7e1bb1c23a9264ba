#ifndef OD_ORDER_MACHINE_PARSE_H
#define OD_ORDER_MACHINE_PARSE_H

#include "order/model/command.h"

/* Bodies of requests to commands. */

/*
 * Reads a request body into a command of the given type (its `type` is set by the callee; fields
 * not in the body stay zero). Checks shape, types, lengths, ranges, the currency's digits, unknown
 * members; for PLACE fills what may be derived (line totals, order totals) and checks that totals
 * add up: item.sub_total = final_price * qty; item.total = sub_total - discount_amount +
 * tax_amount; order.sub_total = sum of items'; grand_total = sub_total - discount_amount + items'
 * tax + shipping_fee_incl_tax. All findings go to *problems; returns 0 when there are none, else
 * -1. default_currency is used when a PLACE body names none; it is copied, for a reload may end the
 * configuration it stands in. A payment's amount is read by decide, which knows the order's
 * currency: its literal is kept in payment_amount.
 */
int od_command_parse(enum od_command_type type, const struct od_json *body, struct od_arena *a,
                     struct od_str default_currency, struct od_command *out,
                     struct od_problem_list *problems) OD_MUST_CHECK;

#endif
