#ifndef OD_ORDER_AMOUNTS_ROLLUP_H
#define OD_ORDER_AMOUNTS_ROLLUP_H

#include "order/model/model.h"
#include "order/model/status.h"

/*
 * Says how far an order's payment and shipment are, from its units and amounts alone. Policies only
 * name the result: od_rollup_status finds the status that stands for it, by its phase.
 */

enum od_rollup {
    /* payment */
    OD_ROLLUP_PENDING = 0,        /* no money and no authorization; or nothing is shipped */
    OD_ROLLUP_FAILED,             /* the same, and the last attempt failed */
    OD_ROLLUP_AUTHORIZED,         /* nothing captured, something authorized */
    OD_ROLLUP_PARTIALLY_PAID,     /* captured less charged back is above 0, below what is due */
    OD_ROLLUP_PAID,               /* what is due is covered, or the order costs nothing */
    OD_ROLLUP_PARTIALLY_REFUNDED, /* paid, and a part went back */
    OD_ROLLUP_REFUNDED,           /* all that was captured went back */
    OD_ROLLUP_CHARGED_BACK,       /* all of it went back, at least in part by chargeback */
    OD_ROLLUP_CANCELED,           /* cancelled and nothing captured; or all units cancelled */
    /* shipment; this counts the units that are not cancelled */
    OD_ROLLUP_PARTIALLY_CANCELED, /* some units are cancelled and none is shipped */
    OD_ROLLUP_PARTIALLY_SHIPPED,
    OD_ROLLUP_SHIPPED,
    OD_ROLLUP_PARTIALLY_DELIVERED,
    OD_ROLLUP_DELIVERED,
    OD_ROLLUP_PARTIALLY_RETURNED, /* all were delivered, some came back */
    OD_ROLLUP_RETURNED,           /* all that was shipped came back, and nothing is left to ship */
    OD_ROLLUPS
};

struct od_str od_rollup_name(enum od_rollup r); /* "partially_paid" */

/*
 * Returns how far the payment is. Let due = grand_total - amount_canceled, held = amount_captured -
 * amount_charged_back, and paid = held less what refunds gave back for units that they took out of
 * the order. The first rule that applies decides:
 * - When nothing is captured: canceled if canceled_at is set, authorized if amount_authorized > 0,
 *   paid if grand_total is 0, failed if the last record is of type fail, else pending.
 * - When amount_refunded + amount_charged_back >= amount_captured: charged_back or refunded.
 * - When paid < due: partially_paid.
 * - When a refund took units out, or something was refunded and held - refunded < due:
 *   partially_refunded. A refund of only what was paid too much does not count.
 * - Else: paid.
 */
enum od_rollup od_rollup_payment(const struct od_order *o);

/* Returns how far the shipment is. An order without lines (history) counts each parcel that is not
 * cancelled as one unit. */
enum od_rollup od_rollup_shipment(const struct od_order *o);

/*
 * Returns the code of the status that stands for a rollup: the first whose phase, or code, is the
 * rollup's name. Where the set has none, the next coarser rollup is looked for (partially_returned
 * -> delivered, charged_back -> failed -> pending, partially_canceled -> pending,
 * partially_refunded -> paid, …). In the end it is the set's default.
 */
struct od_str od_rollup_status(const struct od_status_set *set, enum od_rollup r);

/* The money that pays for what is due (above), never below 0. */
int64_t od_amount_paid(const struct od_order *o);
/* Returns what is left to pay: due - paid, never below 0. */
int64_t od_amount_outstanding(const struct od_order *o);
/* Returns what was paid too much and belongs to the customer: held - refunded - due, never below
 * 0. */
int64_t od_amount_overpaid(const struct od_order *o);
/* Returns what may still be refunded: captured - charged back - refunded, never below 0. */
int64_t od_amount_refundable(const struct od_order *o);
/* Returns the same for one payment method. */
int64_t od_amount_refundable_by(const struct od_order *o, struct od_str method);

#endif
