#ifndef OD_ORDER_MACHINE_MONEY_H
#define OD_ORDER_MACHINE_MONEY_H

#include "order/amounts/account.h"
#include "order/machine/step.h"

/* Decisions about money share these functions. Their results are as step.h says. Internal to
 * order/. */

/* Reads an amount of the body in the order's currency. It refuses with INVALID bad_amount unless
 * the amount is 0 or more. */
int od_step_read_amount(struct od_step *step, struct od_str literal, const char *pointer,
                        int64_t *out) OD_MUST_CHECK;

/* Refuses with CONFLICT limit_reached when the order takes no further payment record. */
int od_step_check_payments(struct od_step *step) OD_MUST_CHECK;

/* Says what a record of the type may carry by each method that limits it: "10.00 by card, 5.50 by
 * voucher", or "nothing". */
struct od_str od_step_by_method(const struct od_step *step, enum od_payment_type type);

/* Refuses with CONFLICT <type>_exceeds_<what> when a record of the type may not carry the amount by
 * this account. History overrules it. */
int od_step_check_limit(struct od_step *step, const struct od_account *acc,
                        enum od_payment_type type, int64_t amount) OD_MUST_CHECK;

/* Refuses with INVALID bad_amount when the order's sums would not fit int64. Not even history
 * overrules that. */
int od_step_check_sums(struct od_step *step, const struct od_account *acc,
                       enum od_payment_type type, int64_t amount) OD_MUST_CHECK;

#endif
