#ifndef OD_ORDER_MACHINE_DECIDE_H
#define OD_ORDER_MACHINE_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "order/model/command.h"
#include "order/model/event.h"
#include "order/model/model.h"
#include "order/model/policy.h"
#include "order/model/status.h"

/*
 * decide: (snapshot, command, policies) -> events, or a refusal. Pure: it reads no clock, no
 * database, no global. Every event it emits is folded into the snapshot at once, so rows always
 * follow from events. One file or folder per group: commands/place, commands/payment, …
 */

/* What a SET_INVENTORY did to on_hand: a row of stock_adjustment. Never changed once it is made. */
struct od_adjustment {
    const struct od_adjustment *before;
    int64_t delta;               /* not 0 */
    struct od_str actor, reason; /* may be absent */
};

/*
 * The stock of one SKU at one location as this batch knows it. 0 <= on_hand, 0 <= reserved,
 * reserved <= on_hand + oversold unless backorder; the table checks the same. What may still be
 * sold is on_hand - reserved. The rows of a SKU are linked in the order of the configured
 * locations, of which each has its struct, with a row (exists) or without; rows of other locations
 * follow.
 */
struct od_stock {
    struct od_str sku, location;
    struct od_stock *next; /* of the same SKU */
    int64_t on_hand, reserved;
    int64_t oversold; /* units that left though they were others': reserved less on_hand then */
    bool backorder;   /* may be sold ahead of what is there */
    int64_t loaded_on_hand, loaded_reserved,
        loaded_oversold; /* as LOAD read them: what is written is the difference */
    bool loaded_backorder;
    bool exists; /* has a row */
    enum od_dirty dirty;
    const struct od_adjustment *adjusted; /* the batch's, the latest first; or NULL */
};

enum od_stock_track { OD_STOCK_ALL = 0, OD_STOCK_KNOWN, OD_STOCK_NONE };

enum od_verdict {
    OD_VERDICT_DONE = 0,
    OD_VERDICT_NOT_FOUND,  /* no such order, shipment, hold, SKU (404) */
    OD_VERDICT_CONFLICT,   /* the state refuses (409) */
    OD_VERDICT_POLICY,     /* a policy refuses, or failed (409) */
    OD_VERDICT_INVALID,    /* a value does not fit this order (422) */
    OD_VERDICT_STALE,      /* If-Match does not hold (412) */
    OD_VERDICT_UNNUMBERED, /* lacks a number: of a document that it issues, or of the series that an
                              order split off takes its from. The engine takes one and tries again;
                              callers never see it */
    OD_VERDICTS
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
    struct od_map *stock; /* sku -> struct od_stock *, the first of its locations: every SKU the
                             batch touches, existing or not */
    enum od_stock_track track;
    const struct od_trade *trade; /* NULL: one location, one store, metadata of any kind */
    struct od_arena *arena;       /* the batch's */
    int64_t now;
    bool trial; /* see struct od_policy_request */
};

/* A number that LOAD took for a document; decide gives it to the next one of that kind. */
struct od_document_number {
    enum od_document kind;
    struct od_str series; /* what document.series answered */
    struct od_str policy; /* who answered; may be absent */
    int64_t value;
    bool used;
};

struct od_decision {
    const struct od_decide_env *env;
    struct od_order
        *order; /* the snapshot; for PLACE a zeroed one that decide fills. NULL: not found */
    /* PLACE: numbers taken for it */
    int64_t new_order_id, new_number_value;
    struct od_str new_series; /* what order.series answered before LOAD; absent: the common one */
    struct od_document_number *documents; /* [document_count] */
    uint32_t document_count;
    enum od_document wanted; /* UNNUMBERED: the kind of which one more is needed */

    enum od_verdict verdict;
    struct od_refusal refusal;
    /* SPLIT: the order that it makes, for PLACE: a draft with the payments and holds it begins
     * with, its units' stock reserved already. In the batch's arena. */
    struct od_order *made;
    struct od_str wanted_series; /* UNNUMBERED: of the order's number; absent: it lacks a
                                    document's, unless `wants_series` */
    bool wants_series;

    struct od_event *events; /* emitted, in order; in the batch's arena */
    uint32_t event_count;
    size_t event_cap;
    /* The reply is about the part of this number, by its kind, or about this comment; else 0. */
    int32_t part_ids[OD_ENTITY_COUNT];
    int32_t activity_id;
    struct od_str hold_handle;
    struct od_stock *stock; /* SET_INVENTORY: the location it was about */
};

/*
 * Decides the command and those linked behind it. On DONE the order, stock and events hold the
 * result. On a refusal order, stock and events are as before the call (a unit of several commands
 * takes effect whole or not at all). dry_run: as if refused, but d->order is a clone that shows the
 * result and verdict is DONE with the events it would emit.
 */
void od_decide(struct od_decision *d, const struct od_command *c, bool dry_run);

/*
 * The same as a dry run by somebody who wonders what would happen: documents get numbers that are
 * lent, a series' first ones, for which the rules are asked as for real ones. At most eight.
 */
void od_decide_trial(struct od_decision *d, const struct od_command *c);

/*
 * What order.series answers about a draft: which number LOAD has to take for it. *series absent:
 * the common one. -1: the policy failed, and decide will say so when it asks again.
 */
int od_decide_series(const struct od_decide_env *env, const struct od_command *place,
                     struct od_str *series);

/*
 * What document.series answers about a document of out->kind, at the command's time; the order is
 * as LOAD found it (of one that the same unit places, its draft). Without an answer it is the
 * kind's name. -1: the policy failed or its answer is
 * unusable, which decide says when it needs the number (value 0).
 */
int od_decide_document_series(const struct od_decide_env *env, const struct od_order *order,
                              const struct od_command *c, struct od_document_number *out);
/* How many documents of the kind the command is sure to issue; composites issue what they issue. */
uint32_t od_command_documents(const struct od_command *c, enum od_document kind);

/* The number of the part, or of the comment, that a decision is about; 0: none. */
int32_t od_decision_answer_id(const struct od_decision *d);

#endif
