#ifndef OD_ORDER_MACHINE_FOLD_H
#define OD_ORDER_MACHINE_FOLD_H

#include "order/model/event.h"

/* The parts of fold that have a file of their own, and what they share. Errors as od_fold. */

/* Appends a payment record and moves the order's sums. */
int od_fold_payment(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;

/* shipment.created: the shipment, and its units as shipped. */
int od_fold_shipment_created(struct od_order *o, const struct od_event *e, struct od_arena *a,
                             struct od_err *err) OD_MUST_CHECK;

/* shipment.updated, .delivered, .canceled: the mutable fields that are present, and the units. */
int od_fold_shipment(struct od_order *o, const struct od_event *e, struct od_arena *a,
                     struct od_err *err) OD_MUST_CHECK;

/* order.status_migrated: the shipments that were in the old status. */
void od_fold_shipments_migrated(struct od_order *o, const struct od_status_change *change);

/* order.canceled; items.canceled: the units, and what they take off the order
 * (commands/cancel_fold.c). */
int od_fold_canceled(struct od_order *o, const struct od_event *e,
                     struct od_err *err) OD_MUST_CHECK;
int od_fold_items_canceled(struct od_order *o, const struct od_event *e,
                           struct od_err *err) OD_MUST_CHECK;
/* Moves amount_canceled, which stays from 0 to grand_total. */
int od_fold_cancel_amount(struct od_order *o, int64_t amount, struct od_err *err) OD_MUST_CHECK;

/* payment.refunded, refund.confirmed; invoice.issued, .credited (commands/refund/fold.c). */
int od_fold_refunded(struct od_order *o, const struct od_event *e, struct od_arena *a,
                     struct od_err *err) OD_MUST_CHECK;
int od_fold_refund_confirmed(struct od_order *o, const struct od_event *e,
                             struct od_err *err) OD_MUST_CHECK;
int od_fold_invoice(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;

/* return.requested; return.approved, .rejected, .canceled, .received, .refunded, .exchanged
 * (commands/return/fold.c).
 */
int od_fold_return_requested(struct od_order *o, const struct od_event *e, struct od_arena *a,
                             struct od_err *err) OD_MUST_CHECK;
int od_fold_return(struct od_order *o, const struct od_event *e, struct od_err *err) OD_MUST_CHECK;

/* change.proposed, change.discarded, order.changed (commands/change/fold.c). */
int od_fold_change_proposed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                            struct od_err *err) OD_MUST_CHECK;
int od_fold_change_discarded(struct od_order *o, const struct od_event *e,
                             struct od_err *err) OD_MUST_CHECK;
int od_fold_changed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;
/* fold.c: sets or removes an address, as an update does. */
void od_fold_address(struct od_order *o, int i, const struct od_address *from);

/* Puts the items of a shipment, a refund or a return in order of order_item_id, as their rows are
 * read: what is shown, and what rules see, does not depend on how the order came about. */
void od_fold_sort_items(void *items, uint32_t count, size_t size);

/* The item of which an event names qty units; qty must be above zero. */
int od_fold_item(const struct od_order *o, int32_t order_item_id, int32_t qty, struct od_item **out,
                 struct od_err *err) OD_MUST_CHECK;

static inline void od_fold_touch(enum od_dirty *dirty)
{
    if (*dirty != OD_DIRTY_NEW)
        *dirty = OD_DIRTY_CHANGED;
}

#endif
