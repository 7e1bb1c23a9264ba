#ifndef OD_ORDER_DECIDE_H
#define OD_ORDER_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "order/command.h"
#include "order/event.h"
#include "order/model.h"
#include "order/policy.h"
#include "order/status.h"

/*
 * decide: (snapshot, command, policies) -> events, or a refusal. Pure: it reads no clock, no
 * database, no global. Every event it emits is folded into the snapshot at once, so rows always
 * follow from events. One file per group: decide_place.c, decide_payment.c, …
 */

/* One SKU's stock as this batch knows it. 0 <= reserved <= on_hand, which the table checks as well.
 */
struct od_stock {
    struct od_str sku;
    int64_t on_hand, reserved;
    int64_t loaded_on_hand,
        loaded_reserved; /* as LOAD read them: what is written is the difference */
    bool exists;         /* has a row */
    enum od_dirty dirty;
    /* SET_INVENTORY writes one row of stock_adjustment: */
    int64_t adjusted;
    struct od_str adjusted_by;
};

enum od_stock_track { OD_STOCK_ALL = 0, OD_STOCK_KNOWN, OD_STOCK_NONE };

enum od_verdict {
    OD_VERDICT_DONE = 0,
    OD_VERDICT_NOT_FOUND, /* no such order, shipment, hold, SKU (404) */
    OD_VERDICT_CONFLICT,  /* the state refuses (409) */
    OD_VERDICT_POLICY,    /* a policy refuses, or failed (409) */
    OD_VERDICT_INVALID,   /* a value does not fit this order (422) */
    OD_VERDICT_STALE,     /* If-Match does not hold (412) */
};

int od_verdict_status(enum od_verdict verdict); /* of HTTP: 200, 404, 409 … */

/* Why a command was refused; all strings in the decision's arena. */
struct od_refusal {
    struct od_str
        code; /* machine-readable: "already_canceled", "stock_unavailable", "policy_failed" */
    struct od_str detail;  /* one sentence for people */
    struct od_str pointer; /* INVALID: JSON pointer into the body; may be absent */
    struct od_str policy;  /* POLICY: who refused: "order.cancel@default" */
};

/* What a decision may know. The same for all commands of a batch. */
struct od_decide_env {
    const struct od_policies *policies;
    const struct od_status_sets *statuses;
    struct od_map
        *stock; /* sku -> struct od_stock *, every SKU the batch touches, existing or not */
    enum od_stock_track track;
    struct od_arena *arena; /* the batch's */
    int64_t now;
    bool trial; /* see struct od_policy_request */
};

struct od_decision {
    const struct od_decide_env *env;
    struct od_order
        *order; /* the snapshot; for PLACE a zeroed one that decide fills. NULL: not found */
    /* PLACE: numbers taken for it */
    int64_t new_order_id, new_number_value;
    struct od_str new_series; /* what order.series answered before LOAD; absent: the common one */

    enum od_verdict verdict;
    struct od_refusal refusal;
    struct od_event *events; /* emitted, in order; in the batch's arena */
    uint32_t event_count;
    size_t event_cap;
    /* What the reply is about: ids within the order; 0 when not of that kind. */
    int32_t payment_id, shipment_id, activity_id;
    struct od_str hold_handle;
    struct od_stock *stock; /* SET_INVENTORY */
};

/*
 * Decides the command and those linked behind it. On DONE the order, stock and events hold the
 * result. On a refusal order, stock and events are as before the call (a unit of several commands
 * takes effect whole or not at all). dry_run: as if refused, but d->order is a clone that shows the
 * result and verdict is DONE with the events it would emit.
 */
void od_decide(struct od_decision *d, const struct od_command *c, bool dry_run);

/*
 * What order.series answers about a draft: which number LOAD has to take for it. *series absent:
 * the common one. -1: the policy failed, and decide will say so when it asks again.
 */
int od_decide_series(const struct od_decide_env *env, const struct od_command *place,
                     struct od_str *series);

/* The payment, shipment or activity that a decision is about; 0: none of these. */
int32_t od_decision_answer_id(const struct od_decision *d);

#endif
