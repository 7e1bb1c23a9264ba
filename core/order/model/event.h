#ifndef OD_ORDER_MODEL_EVENT_H
#define OD_ORDER_MODEL_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "order/model/fields.h"
#include "order/model/kinds.h"
#include "order/model/model.h"

/*
 * An immutable fact about one order. fold applies it; the sum of an order's events is its rows. Its
 * data is stored as JSON with SQL/Lua names and amounts in minor units.
 */

/* The kinds are listed in kinds.h; what data each has is said by its row. */
enum od_event_type {
#define OD_EVENT_TYPE(NAME, row) OD_EVENT_##NAME,
    OD_EVENTS(OD_EVENT_TYPE)
#undef OD_EVENT_TYPE
        OD_EVENT_TYPES
};

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

/* Another order was made of some of this one's units (order.split). */
struct od_moved {
    int32_t payment_id;
    int64_t amount; /* of that record, > 0 */
};

struct od_split {
    struct od_uuid uuid;          /* of the other order */
    const struct od_moved *moved; /* [moved_count] */
    uint32_t moved_count;
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
#define OD_EVENT_PART(KIND, type, member, name) const struct type *member;
    OD_EVENT_PARTS(OD_EVENT_PART)
#undef OD_EVENT_PART
    const struct od_split *split;
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

#endif
