#ifndef OD_ORDER_MACHINE_MONEY_H
#define OD_ORDER_MACHINE_MONEY_H

#include "order/amounts/account.h"
#include "order/machine/step.h"

/* What decisions about money share. Internal to order/; returns as step.h says. */

/* An amount of the body, in the order's currency: INVALID bad_amount unless it is 0 or more. */
int od_step_read_amount(struct od_step *step, struct od_str literal, const char *pointer,
                        int64_t *out) OD_MUST_CHECK;

/* CONFLICT limit_reached when the order takes no further payment record. */
int od_step_check_payments(struct od_step *step) OD_MUST_CHECK;

/* "10.00 by card, 5.50 by voucher": what a record of the type may carry by each method, of those
 * that limit it; "nothing". */
struct od_str od_step_by_method(const struct od_step *step, enum od_payment_type type);

/* CONFLICT <type>_exceeds_<what> when a record of the type may not carry the amount by the account;
 * history overrules it. */
int od_step_check_limit(struct od_step *step, const struct od_account *acc,
                        enum od_payment_type type, int64_t amount) OD_MUST_CHECK;

/* INVALID bad_amount when the order's sums would not fit, which overrules even history. */
int od_step_check_sums(struct od_step *step, const struct od_account *acc,
                       enum od_payment_type type, int64_t amount) OD_MUST_CHECK;

#endif
