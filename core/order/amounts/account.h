#ifndef OD_ORDER_AMOUNTS_ACCOUNT_H
#define OD_ORDER_AMOUNTS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "order/model/model.h"

/*
 * An account is the sums of the payment records of one method, or of the whole order. It says how
 * much another record may carry. A method without any authorization sells: each of its captures
 * authorizes itself. decide refuses by these rules and fold checks by them; only history breaks
 * them. Amounts are minor units of the order's currency.
 */
struct od_account {
    int64_t authorized; /* authorizations and sales less voids; below 0 only in history */
    int64_t captured, refunded, charged_back; /* >= 0 */
    bool has_authorize;                       /* something was authorized, so the method does not
                                                 sell */
};

/* False: the name is no type; then *out is left alone. */
bool od_payment_type_parse(struct od_str name, enum od_payment_type *out);
struct od_str od_payment_type_name(enum od_payment_type type);

/* The method whose money the record is about: a refund may go by another one. */
struct od_str od_payment_source(const struct od_payment *p);
struct od_account od_account_of(const struct od_order *o, struct od_str method);
/* Returns the account of the whole order, from its own sums; has_authorize is false. */
struct od_account od_account_total(const struct od_order *o);

/* Returns the most that another record of the type may carry, >= 0; INT64_MAX: nothing limits
 * it. */
int64_t od_account_limit(const struct od_account *acc, enum od_payment_type type);

/* Adds a record to the order's sums. acc is the account of the record's method; amount >= 0. False:
 * a sum of the order or of the method would not fit int64, so nothing was added. */
bool od_account_post(struct od_order *o, const struct od_account *acc, enum od_payment_type type,
                     int64_t amount);

/* Computes the order's sums anew, after its records have changed. */
void od_account_recount(struct od_order *o);

/* Returns the part of the shipping fee that was not given back yet, >= 0. */
int64_t od_order_shipping_left(const struct od_order *o);

/* Returns what refunds gave back for units that they took out of the order, >= 0. It pays for
 * nothing that is left of the order, as those units are no longer due. */
int64_t od_order_credited(const struct od_order *o);
/* Returns the amount that invoices ask for, less the amount of those that credit. */
int64_t od_order_invoiced(const struct od_order *o);
/* Returns the least that the order may be due, >= 0: what invoices ask for, without the units that
 * a refund took out, for its credit memo takes them off. Units that left all the same are due
 * again. */
int64_t od_order_invoiced_due(const struct od_order *o);
/* Returns the part of the order's amount that no invoice asks for yet, >= 0. Units that a refund
 * took out count, for its credit memo takes them off again. */
int64_t od_order_uninvoiced(const struct od_order *o);
/* Returns how much invoices ask for beyond the order's present amount, >= 0. It leaves out what is
 * paid, because a refund credits that when the money goes back. */
int64_t od_order_creditable(const struct od_order *o);

#endif
