#ifndef OD_ORDER_MODEL_EVENT_H
#define OD_ORDER_MODEL_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "order/model/fields.h"
#include "order/model/kinds.h"
#include "order/model/model.h"

/*
 * An event is an immutable fact about one order. fold applies it, and the sum of an order's events
 * is its rows. Its data is stored as JSON with SQL/Lua names and amounts in minor units.
 */

/* kinds.h lists the kinds. The row of each says which data it has. */
enum od_event_type {
#define OD_EVENT_TYPE(NAME, row) OD_EVENT_##NAME,
    OD_EVENTS(OD_EVENT_TYPE)
#undef OD_EVENT_TYPE
        OD_EVENT_TYPES
};

struct od_status_change {
    struct od_str from, to; /* to absent: it did not change */
};

struct od_units {
    int32_t order_item_id;
    int32_t qty;
};

/* The header fields and addresses that an update sets. The fields are those of OD_ENTITY_ORDER's
 * table. In order.changed, values->items has whole lines: each replaces the line of its number, or
 * is new. */
struct od_patch {
    const struct od_order *values; /* the new values */
    uint64_t fields;               /* bit i: field i of OD_ENTITY_ORDER is set */
    bool address[2];               /* values->addresses[i] replaces the order's, absent or not */
};

/* Some of this order's units became another order (order.split). */
struct od_moved {
    int32_t payment_id;
    int64_t amount; /* moved from that record, > 0 */
};

struct od_split {
    struct od_uuid uuid;          /* of the other order */
    const struct od_moved *moved; /* [moved_count] */
    uint32_t moved_count;
};

struct od_event {
    int64_t order_id;
    int32_t seq;         /* 1, 2, 3 … within the order; the order's version after it */
    int64_t at;          /* when it happened; for imports that lies in the past */
    int64_t recorded_at; /* about when it was committed to the ledger */
    enum od_event_type type;
    struct od_str actor; /* the principal that gave the command */
    int32_t bundle_id;   /* row of `bundle`: the rules that decided; 0: none */
    struct od_str
        policy; /* policies asked, "order.status@default" joined by blanks; may be absent */
    struct od_str reason;        /* the person's, or else a policy's; may be absent */
    struct od_str policy_reason; /* the reasons of the policies, joined by semicolons; or absent */
    struct od_str overruled; /* the refusal that history overruled: "order.cancel: not cancelable";
                                else absent */
    struct od_status_change status[3]; /* indexed by od_status_kind */

    /* The data of the type. Other members are NULL or absent. */
    const struct od_order *order;
    const struct od_patch *patch;
#define OD_EVENT_PART(KIND, type, member, name) const struct type *member;
    OD_EVENT_PARTS(OD_EVENT_PART)
#undef OD_EVENT_PART
    const struct od_split *split;
    uint32_t payment_count; /* a refund by several methods: so many records; else 0 or 1 */
    int32_t payment_id;     /* refund.confirmed: which of them; 0: the only one */
    /* Of grand_total: what was cancelled, or, with a shipment that is handed over, came back. What
     * was cancelled before amounts were recorded has 0, and fold says what it came to. */
    int64_t amount;
    bool handed_over; /* the shipment may take units that are cancelled, after all open ones */
    const struct od_units *units;
    uint32_t unit_count;
    struct od_status_change shipments; /* every shipment in status `from` moves to `to` */
    struct od_str comment;
    bool customer_notified;
    struct od_str mail; /* of activity.added, a JSON object: a mail that somebody asked for */
};

#endif
