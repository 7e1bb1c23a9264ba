#ifndef OD_ORDER_MODEL_EVENT_H
#define OD_ORDER_MODEL_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "order/model/model.h"

/*
 * An immutable fact about one order. fold applies it; the sum of an order's events is its rows. Its
 * data is stored as JSON with SQL/Lua names and amounts in minor units.
 */

enum od_event_type {
    OD_EVENT_ORDER_PLACED = 0,     /* order: header, addresses, items as placed */
    OD_EVENT_ORDER_UPDATED,        /* patch */
    OD_EVENT_ORDER_CANCELED,       /* reason, units: what was released of each item; amount */
    OD_EVENT_ORDER_HELD,           /* hold */
    OD_EVENT_ORDER_RELEASED,       /* hold (handle) */
    OD_EVENT_PAYMENT_AUTHORIZED,   /* payment */
    OD_EVENT_PAYMENT_CAPTURED,     /* payment */
    OD_EVENT_PAYMENT_VOIDED,       /* payment */
    OD_EVENT_PAYMENT_FAILED,       /* payment */
    OD_EVENT_PAYMENT_STATUS_SET,   /* only the status change */
    OD_EVENT_SHIPMENT_CREATED,     /* shipment with its items; handed_over, amount */
    OD_EVENT_SHIPMENT_UPDATED,     /* shipment: carrier, tracking, note, status */
    OD_EVENT_SHIPMENT_DELIVERED,   /* shipment: shipment_id, delivered_at, status */
    OD_EVENT_SHIPMENT_CANCELED,    /* shipment: shipment_id, canceled_at, status; amount */
    OD_EVENT_SHIPMENT_STATUS_SET,  /* only the status change */
    OD_EVENT_ACTIVITY_ADDED,       /* comment, customer_notified */
    OD_EVENT_STATUS_MIGRATED,      /* the status change, shipments': the old one left the
                                      configuration */
    OD_EVENT_ITEMS_CANCELED,       /* units, amount: some units, the order goes on */
    OD_EVENT_PAYMENT_REFUNDED,     /* refund with its items, payment */
    OD_EVENT_PAYMENT_CHARGED_BACK, /* payment */
    OD_EVENT_REFUND_CONFIRMED,     /* refund: refund_id, transaction_id */
    OD_EVENT_RETURN_REQUESTED,     /* ret with its items, whatever status it begins with */
    OD_EVENT_RETURN_APPROVED,      /* ret: return_id, status, note */
    OD_EVENT_RETURN_REJECTED,      /* ret: return_id, status, note */
    OD_EVENT_RETURN_CANCELED,      /* ret: return_id, status, note */
    OD_EVENT_RETURN_RECEIVED,      /* ret: return_id, status, note, received_at; items:
                                      order_item_id, condition, and the units received and
                                      restocked now */
    OD_EVENT_RETURN_REFUNDED,      /* ret: return_id, status, note */
    OD_EVENT_RETURN_EXCHANGED,     /* ret: return_id, status, exchange_uuid */
    OD_EVENT_INVOICE_ISSUED,       /* invoice */
    OD_EVENT_INVOICE_CREDITED,     /* invoice, its amount below 0 */
    OD_EVENT_CHANGE_PROPOSED,      /* change */
    OD_EVENT_CHANGE_DISCARDED,     /* change: change_id, status, closed_at */
    OD_EVENT_ORDER_CHANGED, /* change: change_id, status, closed_at; patch: totals, addresses,
                               and the lines that are new or otherwise */
    OD_EVENT_TYPES
};

/* "order.placed", …; the same names are the hook topics. */
struct od_str od_event_type_name(enum od_event_type type);
bool od_event_type_parse(struct od_str name, enum od_event_type *out);

struct od_status_change {
    struct od_str from, to; /* to absent: unchanged */
};

struct od_units {
    int32_t order_item_id;
    int32_t qty;
};

/* Which header fields and addresses an update sets. Fields are named by OD_ENTITY_ORDER's table. Of
 * order.changed, values->items are whole lines: they replace the one of their number, or are new.
 */
struct od_patch {
    const struct od_order *values; /* the new values */
    uint64_t fields;               /* bit i: field i of OD_ENTITY_ORDER is set */
    bool address[2];               /* values->addresses[i] replaces, absent or not */
};

struct od_event {
    int64_t order_id;
    int32_t seq;         /* 1, 2, 3 … within the order; the order's version after it */
    int64_t at;          /* when it happened; history for imports */
    int64_t recorded_at; /* when it was committed to the ledger (about) */
    enum od_event_type type;
    struct od_str actor; /* principal that gave the command */
    int32_t bundle_id;   /* row of `bundle`: the rules that decided; 0 = none */
    struct od_str
        policy; /* policies asked, "order.status@default" joined by blanks; may be absent */
    struct od_str reason; /* the person's; without one, a policy's; may be absent */
    struct od_str
        policy_reason; /* what the policies said with their answers, joined by "; "; or absent */
    struct od_str
        overruled; /* history overruled a refusal: "order.cancel: not cancelable"; else absent */
    struct od_status_change status[3]; /* indexed by od_status_kind */

    /* The data of the type; the others are NULL / absent. */
    const struct od_order *order;
    const struct od_patch *patch;
    const struct od_payment *payment;
    const struct od_shipment *shipment;
    const struct od_hold *hold;
    const struct od_refund *refund;
    const struct od_return *ret;
    const struct od_invoice *invoice;
    const struct od_change *change;
    /* Of grand_total: what was cancelled, or, with a shipment that is handed over, came back. What
     * was cancelled before amounts were recorded has 0, and fold says what it came to. */
    int64_t amount;
    bool handed_over; /* the shipment may take units that are cancelled, after all open ones */
    const struct od_units *units;
    uint32_t unit_count;
    struct od_status_change shipments; /* every shipment that was in `from` is in `to` */
    struct od_str comment;
    bool customer_notified;
};

/* Appends the event's data as one JSON object (not its header columns). */
void od_event_encode(const struct od_event *e, struct od_buf *out);
/* The same as the API shows it: its names, decimal amounts with so many digits. */
struct od_json_writer;
void od_event_data_write(struct od_json_writer *w, const struct od_event *e, int digits);

/* Reads data back into an event whose header is filled; everything lands in the arena, strings may
 * borrow from `data`. */
int od_event_decode(struct od_event *e, struct od_str data, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;

/*
 * Applies an event to a snapshot: the one place where an order changes. For ORDER_PLACED *o is
 * overwritten. Marks dirty what changed. Fails (OD_ERR_INVALID) when the event does not follow on
 * the snapshot (seq is not version + 1, an unknown item, units below zero): the ledger is broken.
 */
int od_fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
            struct od_err *err) OD_MUST_CHECK;

/* The part of fold that sets the statuses an event carries; decide uses it when policies have
 * answered. */
void od_fold_statuses(struct od_order *o, const struct od_event *e);

/* The hook topics an event is known under: its type first, then the derived ones. Returns how many.
 */
struct od_status_sets;
#define OD_EVENT_TOPICS 6
uint32_t od_event_topics(const struct od_event *e, const struct od_status_sets *sets,
                         struct od_str topics[OD_EVENT_TOPICS]);

#endif
