#ifndef OD_ORDER_FOLD_PARTS_H
#define OD_ORDER_FOLD_PARTS_H

#include "order/event.h"

/* The parts of fold that have a file of their own, and what they share. Errors as od_fold. */

/* Appends a payment record and moves the order's sums. */
int od_fold_payment(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;

/* shipment.created: the shipment, and its units as shipped. */
int od_fold_shipment_created(struct od_order *o, const struct od_shipment *from, struct od_arena *a,
                             struct od_err *err) OD_MUST_CHECK;

/* shipment.updated, .delivered, .canceled: the mutable fields that are present, and the units. */
int od_fold_shipment(struct od_order *o, const struct od_event *e,
                     struct od_err *err) OD_MUST_CHECK;

/* order.status_migrated: the shipments that were in the old status. */
void od_fold_shipments_migrated(struct od_order *o, const struct od_status_change *change);

/* The item of which an event names qty units; qty must be above zero. */
int od_fold_item(const struct od_order *o, int32_t order_item_id, int32_t qty, struct od_item **out,
                 struct od_err *err) OD_MUST_CHECK;

static inline void od_fold_touch(enum od_dirty *dirty)
{
    if (*dirty != OD_DIRTY_NEW)
        *dirty = OD_DIRTY_CHANGED;
}

#endif
