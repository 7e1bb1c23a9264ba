#ifndef OD_ORDER_MACHINE_PARSE_H
#define OD_ORDER_MACHINE_PARSE_H

#include "order/model/command.h"

/* Turns bodies of requests into commands. */

/*
 * Reads a request body into a command of the given type. It sets `type`, and fields that are not in
 * the body stay zero. It checks shape, types, lengths, ranges, the currency's digits and unknown
 * members. All findings go to *problems; it returns 0 when there are none, else -1.
 *
 * For PLACE it derives line totals and order totals that are left out and checks that they add up:
 * item.sub_total = final_price * qty; item.total = sub_total - discount_amount + tax_amount;
 * order.sub_total = sum of the items'; grand_total = sub_total - discount_amount + items' tax +
 * shipping_fee_incl_tax.
 *
 * default_currency is used when a PLACE body names none. It is copied, because a reload may free
 * the configuration that it is in. decide reads a payment's amount, because it knows the order's
 * currency; the literal is kept in payment_amount.
 */
int od_command_parse(enum od_command_type type, const struct od_json *body, struct od_arena *a,
                     struct od_str default_currency, struct od_command *out,
                     struct od_problem_list *problems) OD_MUST_CHECK;

#endif
