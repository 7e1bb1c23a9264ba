#ifndef OD_ORDER_COMMANDS_REFUND_REFUND_H
#define OD_ORDER_COMMANDS_REFUND_REFUND_H

#include "order/machine/step.h"

/* Parts of deciding refunds that have a file of their own or that payments use. Their results are
 * as step.h says. */

/* body.c */
extern const struct od_shape od_shape_refund;
void od_refund_body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                    struct od_command *out);

/* items.c: puts the items of c->refund, or those that came back with its return, into *r, with
 * their amounts. It refuses with CONFLICT or INVALID when the units do not allow it. */
int od_step_refund_items(struct od_step *step, struct od_refund *r) OD_MUST_CHECK;
/* Makes it, which names nothing, one of all units that have not left and whose price has not gone
 * back: they leave the order. Where nothing has left, shipping goes with them. */
void od_step_refund_unsent(const struct od_step *step, struct od_refund *r);
/* Says in r->amount_canceled how much cancelling its units takes off the order's total. */
void od_step_refund_cancels(const struct od_step *step, struct od_refund *r);
/* Moves the stock of its units. */
int od_step_refund_stock(struct od_step *step, const struct od_refund *r) OD_MUST_CHECK;

/* The payment records of a refund, for its event. */
struct od_refund_payments {
    struct od_payment *list;
    uint32_t count; /* >= 1 */
};

/*
 * methods.c: by which methods r->amount goes back; r->method becomes that of the first. CONFLICT
 * refund_exceeds_method unless history overrules it. By one: the method that is named; else the
 * order's, if it covers the amount, else the first that does. By any: when none covers it, several,
 * first the method that is named or the order's, then the others in the order in which they
 * captured. A method that has nothing to give back may be used in their place when [order]
 * refund_methods names it; the records say whose money it is.
 */
int od_step_refund_by_one(struct od_step *step, struct od_refund *r,
                          struct od_refund_payments *out) OD_MUST_CHECK;
int od_step_refund_by_any(struct od_step *step, struct od_refund *r,
                          struct od_refund_payments *out) OD_MUST_CHECK;

/* event.c: as the rules saw it, without the number of its credit memo. In the arena. */
const struct od_refund *od_refund_unnumbered(const struct od_refund *r, struct od_arena *a);

/* Records a refund that a gateway reports and orderd does not know yet, with its credit memo. */
int od_decide_foreign_refund(struct od_step *step, const struct od_payment *p) OD_MUST_CHECK;

#endif
