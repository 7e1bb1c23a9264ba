#ifndef OD_ORDER_LEDGER_FOLD_H
#define OD_ORDER_LEDGER_FOLD_H

#include "order/ledger/event_kind.h"
#include "order/model/event.h"
#include "order/model/fields.h"

/* The rows of events fold with these functions. Errors are those of od_fold. */

/* Copies the fields of an entity that have one of the flags. */
void od_fold_fields(enum od_entity_kind kind, unsigned flags, void *to, const void *from);

/* Appends a payment record of the event, of the type, and moves the order's sums. */
int od_fold_payment(struct od_order *o, const struct od_event *e, const struct od_payment *p,
                    enum od_payment_type type, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;

/* Adds to amount_canceled, which must stay from 0 to grand_total. */
int od_fold_cancel_amount(struct od_order *o, int64_t amount, struct od_err *err) OD_MUST_CHECK;

/* Sets or removes an address. */
void od_fold_address(struct od_order *o, int i, const struct od_address *from);

/* Sorts the items of a shipment, a refund or a return by order_item_id, as their rows are read. So
 * the API and rules see the same, whether an order was loaded or folded. */
void od_fold_sort_items(void *items, uint32_t count, size_t size);

/* Finds the item of which an event names qty units; qty must be above zero. */
int od_fold_item(const struct od_order *o, int32_t order_item_id, int32_t qty, struct od_item **out,
                 struct od_err *err) OD_MUST_CHECK;

static inline void od_fold_touch(enum od_dirty *dirty)
{
    if (*dirty != OD_DIRTY_NEW)
        *dirty = OD_DIRTY_CHANGED;
}

#endif
