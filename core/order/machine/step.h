#ifndef OD_ORDER_MACHINE_STEP_H
#define OD_ORDER_MACHINE_STEP_H

#include "order/machine/decide.h"
#include "order/machine/kind.h"

/*
 * What the decide files share: one run of od_decide over a unit of commands, working on a clone of
 * the snapshot. Every function that can refuse returns 0, or -1 with the decision's verdict and
 * refusal filled. Internal to order/.
 */

struct od_stock_undo {
    struct od_stock *stock;
    struct od_stock before;
};

struct od_step {
    struct od_decision *d;
    const struct od_decide_env *env;
    const struct od_command *c; /* the command being decided */
    struct od_order *order;     /* the clone; NULL when no order is there */
    int64_t at;                 /* when the command happens */

    struct od_str asked;         /* policies asked for the next event, blank separated */
    struct od_str overruled;     /* what history overruled for the next event */
    struct od_str reason;        /* the last reason a policy gave with its answer */
    struct od_str policy_reason; /* all of them, for the next event */

    struct od_stock_undo *journal;
    size_t journal_len, journal_cap;
};

/* Which statuses the policies settle after an event; bits of od_status_kind. */
enum {
    OD_SETTLE_NONE = 0,
    OD_SETTLE_ORDER = 1 << OD_STATUS_ORDER,
    OD_SETTLE_PAYMENT = 1 << OD_STATUS_PAYMENT,
    OD_SETTLE_SHIPMENT = 1 << OD_STATUS_SHIPMENT,
};

int od_step_refuse(struct od_step *step, enum od_verdict verdict, const char *code, const char *fmt,
                   ...) OD_PRINTF(4, 5);
/* OD_VERDICT_INVALID; pointer is a JSON pointer into the command's body. */
int od_step_invalid(struct od_step *step, const char *code, const char *pointer, const char *fmt,
                    ...) OD_PRINTF(4, 5);

/* History goes on where others are refused, and its event says over what. */
void od_step_overrule(struct od_step *step, const char *fmt, ...) OD_PRINTF(2, 3);

/* Asks a policy about the clone. 0: *out is an answer, maybe a refusal; -1: it failed. */
int od_step_ask(struct od_step *step, enum od_question q, const struct od_policy_request *request,
                struct od_policy_answer *out) OD_MUST_CHECK;
int od_step_refused(struct od_step *step, enum od_question q,
                    const struct od_policy_answer *answer);
/* Somebody answers an optional question. */
bool od_step_answered(const struct od_step *step, enum od_question q);
/* Asks one that allows or refuses; its reason may end up in the next event. -1: refused, unless
 * history overrules it. */
int od_step_allowed(struct od_step *step, enum od_question q,
                    const struct od_policy_request *request,
                    struct od_policy_answer *out) OD_MUST_CHECK;
/* The policy decided events `from` and later, too: its label stands first in theirs, and so does
 * the reason it gave, if any. */
void od_step_credit(struct od_step *step, uint32_t from, struct od_str policy,
                    struct od_str reason);
/* Nobody was asked yet about the next event. */
void od_step_forget(struct od_step *step);
int od_step_policy_failed(struct od_step *step, struct od_str policy, const char *fmt, ...)
    OD_PRINTF(3, 4);
struct od_policy_request od_step_request(const struct od_step *step);

/* A status named by the caller: INVALID at the pointer, listing the known ones, when there is no
 * such. */
int od_step_known_status(struct od_step *step, enum od_status_kind kind, struct od_str code,
                         const char *pointer) OD_MUST_CHECK;
/* CONFLICT move_not_allowed unless the graph has the move or history overrules it. */
int od_step_check_move(struct od_step *step, enum od_status_kind kind, struct od_str from,
                       struct od_str to) OD_MUST_CHECK;
struct od_str *od_step_status(struct od_order *o, enum od_status_kind kind);

/* Holds in force; the snapshot keeps released ones until their rows are deleted. */
uint32_t od_step_holds(const struct od_order *o);

/* Units that a command names of the order's items. */
struct od_picked {
    struct od_units *units; /* room for one of each item; no item stands twice */
    uint32_t count;
};
/* The command's `units`, line by line; an item named twice is summed. INVALID at the line where
 * there is no such item, or more of it than available(item). `what`: "Only 2 of item 3 can be" it.
 */
int od_step_pick(struct od_step *step, int32_t (*available)(const struct od_item *item),
                 const char *what, struct od_picked *out) OD_MUST_CHECK;

/* An event of the current command about the clone, its seq the next one. */
struct od_event od_step_event(const struct od_step *step, enum od_event_type type);
/* Folds the event into the clone, has the policies settle the statuses, appends it to the decision.
 */
int od_step_emit(struct od_step *step, struct od_event *e, unsigned settle) OD_MUST_CHECK;

/* A hold that the order does not have; *hold lives in the arena. Emits the event. */
int od_step_hold(struct od_step *step, struct od_hold *hold) OD_MUST_CHECK;
bool od_step_is_handle(struct od_str handle);

/*
 * Reserves all units of a line that is new, or `more` of one there is, and writes down where. The
 * line names its location, or gets the first that has enough, else the first that may be sold
 * ahead. INVALID unknown_sku or unknown_location at pointer/sku, pointer/location; CONFLICT
 * stock_unavailable. `order`: of which the line is, for the message; nothing happens where stock is
 * not tracked.
 */
int od_step_reserve(struct od_step *step, const struct od_order *order, struct od_item *it,
                    int32_t more, const char *pointer) OD_MUST_CHECK;
/* Remembers a stock's present values and marks it changed; call before changing it. */
void od_step_touch(struct od_step *step, struct od_stock *stock);
/* Moves units of a stock-tracked item at its location; others have none to move. CONFLICT
 * stock_unavailable when on_hand would fall below zero (sold ahead and not yet there),
 * stock_damaged when somebody changed the table by hand and it no longer covers what is reserved.
 */
int od_step_move_stock(struct od_step *step, const struct od_item *it, int64_t on_hand,
                       int64_t reserved) OD_MUST_CHECK;

/* What policies may answer as the number of an order or a document: 1..OD_ORDER_NUMBER_MAX bytes
 * without control characters; as a series: nothing, the common one, or 1..OD_SERIES_MAX bytes. */
bool od_step_is_number(struct od_str s);
bool od_step_is_series(struct od_str s);
/*
 * The next of the numbers that LOAD took for documents of the kind: *number is what
 * document.number answers about it; **taken says of which series it is the value-th, which the
 * document keeps in `series` and `series_value`, so that verify can prove that none is missing. For
 * the next event, who was asked. refund: what a credit memo is for; else NULL. -1: UNNUMBERED, or
 * the policy failed or refuses.
 */
int od_step_document(struct od_step *step, enum od_document kind, const struct od_refund *refund,
                     struct od_str *number, const struct od_document_number **taken) OD_MUST_CHECK;

/* trade.c: INVALID when the order's store, or its currency there, is not configured; or its
 * metadata is not of the configured types. History overrules both. */
int od_step_check_store(struct od_step *step, const struct od_order *draft) OD_MUST_CHECK;
int od_step_check_metadata(struct od_step *step, struct od_str metadata,
                           bool placing) OD_MUST_CHECK;

/* Decides step->c, one command. */
int od_step_decide(struct od_step *step) OD_MUST_CHECK;

#endif
