#ifndef OD_ORDER_AMOUNTS_ACCOUNT_H
#define OD_ORDER_AMOUNTS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "order/model/model.h"

/*
 * What payment records add up to, of one method or of the order, and how much more a record may
 * carry. A method that nothing was authorized with sells: its captures authorize themselves. decide
 * refuses by these rules and fold checks by them; only history breaks them. Amounts are minor units
 * of the order's currency.
 */
struct od_account {
    int64_t authorized; /* authorizations and sales, less voids; below 0 in history alone */
    int64_t captured, refunded, charged_back; /* >= 0 */
    bool has_authorize;                       /* does not sell */
};

/* False, and *out alone, for a name that is no type. */
bool od_payment_type_parse(struct od_str name, enum od_payment_type *out);
struct od_str od_payment_type_name(enum od_payment_type type);

struct od_account od_account_of(const struct od_order *o, struct od_str method);
/* By the order's own sums; has_authorize is false. */
struct od_account od_account_total(const struct od_order *o);

/* The most that another record of the type may carry, >= 0; INT64_MAX: nothing limits it. */
int64_t od_account_limit(const struct od_account *acc, enum od_payment_type type);

/* Adds a record of a method, whose account this is, to the order's sums. False, and nothing moves,
 * when a sum of the order or of the method does not fit int64. amount >= 0. */
bool od_account_post(struct od_order *o, const struct od_account *acc, enum od_payment_type type,
                     int64_t amount);

/* The order's sums anew, after its records have changed. */
void od_account_recount(struct od_order *o);

/* What of the shipping fee was not given back yet, >= 0. */
int64_t od_order_shipping_left(const struct od_order *o);

/* Returns what refunds gave back for units that they took out of the order, >= 0. It pays for
 * nothing that is left of the order, as those units are no longer due. */
int64_t od_order_credited(const struct od_order *o);
/* What invoices ask for; those that credit take their amount off. */
int64_t od_order_invoiced(const struct od_order *o);
/* What the order comes to and no invoice says yet, >= 0. Units that a refund took out count, for
 * its credit memo takes them off again. */
int64_t od_order_uninvoiced(const struct od_order *o);
/* What invoices ask for and the order no longer comes to, >= 0; without what is paid, which a
 * refund credits when it goes back. */
int64_t od_order_creditable(const struct od_order *o);

#endif
