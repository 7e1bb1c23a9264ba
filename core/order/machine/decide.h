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
 * decide takes a snapshot, a command and the policies, and returns events or a refusal. It is pure:
 * it reads no clock, no database and no global. Every event that it emits is folded into the
 * snapshot at once, so rows always follow from events. Each command has a file or folder below
 * commands/.
 */

/* A row of stock_adjustment: what a SET_INVENTORY did to on_hand. It never changes once it is
 * made. */
struct od_adjustment {
    const struct od_adjustment *before;
    int64_t delta;               /* not 0 */
    struct od_str actor, reason; /* may be absent */
};

/*
 * The stock of one SKU at one location as this batch knows it. 0 <= on_hand, 0 <= reserved, and
 * reserved <= on_hand + oversold unless backorder; the table checks the same. on_hand - reserved
 * may still be sold. The structs of a SKU are linked in the order of the configured locations. Each
 * of those has a struct, whether it has a row (exists) or not. Rows of other locations follow.
 */
struct od_stock {
    struct od_str sku, location;
    struct od_stock *next; /* the next location of the same SKU */
    int64_t on_hand, reserved;
    int64_t oversold; /* units that left although others had reserved them */
    bool backorder;   /* more may be sold than is there */
    int64_t loaded_on_hand, loaded_reserved,
        loaded_oversold; /* as LOAD read them; the difference is written */
    bool loaded_backorder;
    bool exists; /* it has a row */
    enum od_dirty dirty;
    const struct od_adjustment *adjusted; /* by this batch, the latest first; or NULL */
};

enum od_stock_track { OD_STOCK_ALL = 0, OD_STOCK_KNOWN, OD_STOCK_NONE };

enum od_verdict {
    OD_VERDICT_DONE = 0,
    OD_VERDICT_NOT_FOUND, /* there is no such order, shipment, hold or SKU (404) */
    OD_VERDICT_CONFLICT,  /* the state refuses (409) */
    OD_VERDICT_POLICY,    /* a policy refuses, or failed (409) */
    OD_VERDICT_INVALID,   /* a value does not fit this order (422) */
    OD_VERDICT_STALE,     /* If-Match does not hold (412) */
    /* It lacks the number of a document that it issues, or of an order that it splits off. The
     * engine takes one and tries again; callers never see this verdict. */
    OD_VERDICT_UNNUMBERED,
    OD_VERDICTS
};

int od_verdict_status(enum od_verdict verdict); /* the status of HTTP: 200, 404, 409 … */

/* Says why a command was refused. All strings live in the decision's arena. */
struct od_refusal {
    struct od_str
        code; /* machine-readable: "already_canceled", "stock_unavailable", "policy_failed" */
    struct od_str detail;  /* one sentence for people */
    struct od_str pointer; /* INVALID: JSON pointer into the body; may be absent */
    struct od_str policy;  /* POLICY: the policy that refused: "order.cancel@default" */
};

/* A decision may know this. It is the same for all commands of a batch. */
struct od_decide_env {
    const struct od_policies *policies;
    const struct od_status_sets *statuses;
    struct od_map *stock; /* sku -> struct od_stock *, the first of its locations: every SKU the
                             batch touches, existing or not */
    enum od_stock_track track;
    const struct od_shop *shop; /* NULL: one location, one store, metadata of any kind */
    struct od_arena *arena;     /* the batch's */
    int64_t now;
    bool trial; /* as in struct od_policy_request */
};

/* A number that LOAD took for a document. decide gives it to the next document of that kind. */
struct od_document_number {
    enum od_document kind;
    struct od_str series; /* the answer of document.series */
    struct od_str policy; /* the policy that answered; may be absent */
    int64_t value;
    bool used;
};

struct od_decision {
    const struct od_decide_env *env;
    struct od_order
        *order; /* the snapshot; for PLACE a zeroed one that decide fills. NULL: not found */
    /* PLACE: the numbers that were taken for it. */
    int64_t new_order_id, new_number_value;
    struct od_str new_series; /* the answer of order.series before LOAD; absent: the common one */
    struct od_document_number *documents; /* [document_count] */
    uint32_t document_count;
    enum od_document wanted; /* UNNUMBERED: the kind that needs one more number */

    enum od_verdict verdict;
    struct od_refusal refusal;
    /* SPLIT: the order that it makes, as a draft for PLACE, with the payments and holds that it
     * begins with. The stock of its units is reserved already. It is in the batch's arena. */
    struct od_order *made;
    /* UNNUMBERED: the series of the order number that is lacking. Absent: a document's number is
     * lacking, unless `wants_series`. */
    struct od_str wanted_series;
    bool wants_series;

    struct od_event *events; /* in the order in which they were emitted; in the batch's arena */
    uint32_t event_count;
    size_t event_cap;
    /* The reply is about the part of this number, by its kind, or about this comment; else 0. */
    int32_t part_ids[OD_ENTITY_COUNT];
    int32_t activity_id;
    struct od_str hold_handle;
    struct od_stock *stock; /* SET_INVENTORY: the location that it set */
};

/*
 * Decides the command and those that are linked behind it; they take effect together or not at all.
 * On DONE the order, stock and events hold the result. On a refusal they are as before the call.
 * With dry_run they are as before, too, but d->order is a clone that shows the result, and the
 * verdict is DONE with the events that would be emitted.
 */
void od_decide(struct od_decision *d, const struct od_command *c, bool dry_run);

/*
 * Does a dry run for somebody who wonders what would happen. Documents get borrowed numbers, the
 * first ones of a series, and rules are asked for them as for real ones. At most eight documents
 * may be issued.
 */
void od_decide_trial(struct od_decision *d, const struct od_command *c);

/*
 * Asks order.series about a draft, so that LOAD knows which number to take. *series absent: the
 * common one. -1: the policy failed; decide will say so when it asks again.
 */
int od_decide_series(const struct od_decide_env *env, const struct od_command *place,
                     struct od_str *series);

/*
 * Asks document.series about a document of out->kind at the command's time. The order is as LOAD
 * found it; for an order placed in the same submission it is the draft. Without an answer the
 * series is the kind's name. -1: the policy failed or its answer is unusable; decide says so when
 * it needs the number (value 0).
 */
int od_decide_document_series(const struct od_decide_env *env, const struct od_order *order,
                              const struct od_command *c, struct od_document_number *out);
/* Returns how many documents of the kind the command is sure to issue. Nobody knows that of a
 * composite beforehand. */
uint32_t od_command_documents(const struct od_command *c, enum od_document kind);

/* The number of the part, or of the comment, that a decision is about; 0: none. */
int32_t od_decision_answer_id(const struct od_decision *d);

#endif
