#ifndef OD_ORDER_MACHINE_STEP_H
#define OD_ORDER_MACHINE_STEP_H

#include "order/machine/decide.h"
#include "order/machine/command_kind.h"

/*
 * One run of od_decide over linked commands, working on a clone of the snapshot. All commands share
 * these functions. Every function that can refuse returns 0, or -1 with the decision's verdict and
 * refusal filled. Internal to order/.
 */

struct od_stock_undo {
    struct od_stock *stock;
    struct od_stock before;
};

struct od_step {
    struct od_decision *d;
    const struct od_decide_env *env;
    const struct od_command *c; /* the command that is decided */
    struct od_order *order;     /* the clone; NULL: there is no order */
    int64_t at;                 /* when the command happens */

    struct od_str asked;         /* policies asked for the next event, with blanks between */
    struct od_str overruled;     /* refusals that history overruled for the next event */
    struct od_str reason;        /* the last reason that a policy gave with its answer */
    struct od_str policy_reason; /* all such reasons for the next event */

    struct od_stock_undo *journal;
    size_t journal_len, journal_cap;
};

/* The statuses that policies settle after an event, as bits of od_status_kind. */
enum {
    OD_SETTLE_NONE = 0,
    OD_SETTLE_ORDER = 1 << OD_STATUS_ORDER,
    OD_SETTLE_PAYMENT = 1 << OD_STATUS_PAYMENT,
    OD_SETTLE_SHIPMENT = 1 << OD_STATUS_SHIPMENT,
};

int od_step_refuse(struct od_step *step, enum od_verdict verdict, const char *code, const char *fmt,
                   ...) OD_PRINTF(4, 5);
/* Refuses with OD_VERDICT_INVALID. pointer is a JSON pointer into the command's body. */
int od_step_invalid(struct od_step *step, const char *code, const char *pointer, const char *fmt,
                    ...) OD_PRINTF(4, 5);

/* Notes a refusal that history overrules. History goes on where others are refused, and its event
 * says what it overruled. */
void od_step_overrule(struct od_step *step, const char *fmt, ...) OD_PRINTF(2, 3);

/* Asks a policy about the clone. 0: *out is an answer, perhaps a refusal. -1: the policy failed. */
int od_step_ask(struct od_step *step, enum od_question q, const struct od_policy_request *request,
                struct od_policy_answer *out) OD_MUST_CHECK;
int od_step_refused(struct od_step *step, enum od_question q,
                    const struct od_policy_answer *answer);
/* Whether somebody answers an optional question. */
bool od_step_answered(const struct od_step *step, enum od_question q);
/* Asks a policy that allows or refuses. Its reason may end up in the next event. -1: it refuses,
 * and history does not overrule it. */
int od_step_allowed(struct od_step *step, enum od_question q,
                    const struct od_policy_request *request,
                    struct od_policy_answer *out) OD_MUST_CHECK;
/* The policy decided the events from number `from` on, too. Its label becomes the first of theirs,
 * and so does the reason that it gave, if any. */
void od_step_credit(struct od_step *step, uint32_t from, struct od_str policy,
                    struct od_str reason);
/* Forgets who was asked about the next event. */
void od_step_forget(struct od_step *step);
int od_step_policy_failed(struct od_step *step, struct od_str policy, const char *fmt, ...)
    OD_PRINTF(3, 4);
struct od_policy_request od_step_request(const struct od_step *step);

/* Checks a status that the caller named. When there is no such status, it refuses with INVALID at
 * the pointer and lists the known ones. */
int od_step_known_status(struct od_step *step, enum od_status_kind kind, struct od_str code,
                         const char *pointer) OD_MUST_CHECK;
/* Refuses with CONFLICT move_not_allowed unless the graph has the move or history overrules it. */
int od_step_check_move(struct od_step *step, enum od_status_kind kind, struct od_str from,
                       struct od_str to) OD_MUST_CHECK;
struct od_str *od_step_status(struct od_order *o, enum od_status_kind kind);

/* Counts the holds in force. The snapshot keeps released ones until their rows are deleted. */
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

/* Makes an event of the present command about the clone, with the next seq. */
struct od_event od_step_event(const struct od_step *step, enum od_event_type type);
/* Folds the event into the clone, has policies settle the statuses, and appends the event to the
 * decision. */
int od_step_emit(struct od_step *step, struct od_event *e, unsigned settle) OD_MUST_CHECK;

/* Adds a hold that the order does not have and emits its event. *hold lives in the arena. */
int od_step_hold(struct od_step *step, struct od_hold *hold) OD_MUST_CHECK;
bool od_step_is_handle(struct od_str handle);

/*
 * Reserves all units of a new line, or `more` units of an existing one, and notes the location in
 * the line. The line names its location; else it gets the first that has enough, else the first
 * that may be sold ahead. It refuses with INVALID unknown_sku at pointer/sku, INVALID
 * unknown_location at pointer/location, or CONFLICT stock_unavailable. `order` is the line's order,
 * for the message. Nothing happens where stock is not tracked.
 */
int od_step_reserve(struct od_step *step, const struct od_order *order, struct od_item *it,
                    int32_t more, const char *pointer) OD_MUST_CHECK;
/* Remembers a stock's present values and marks it changed. Call it before changing the stock. */
void od_step_touch(struct od_step *step, struct od_stock *stock);
/* Moves stock of an item at its location; nothing happens for an item that is not tracked. It
 * refuses with CONFLICT: stock_unavailable when on_hand would fall below zero, because units were
 * sold ahead and are not there yet; stock_damaged when somebody changed the table by hand, so that
 * it no longer covers what is reserved. */
int od_step_move_stock(struct od_step *step, const struct od_item *it, int64_t on_hand,
                       int64_t reserved) OD_MUST_CHECK;

/* Both check the answer of a policy. A number of an order or a document has 1 to
 * OD_ORDER_NUMBER_MAX bytes without control characters. A series has 1 to OD_SERIES_MAX bytes;
 * absent, it is the common one. */
bool od_step_is_number(struct od_str s);
bool od_step_is_series(struct od_str s);
/*
 * Takes the next of the numbers that LOAD took for documents of the kind. *number is the answer of
 * document.number about it. **taken has its series and value, which the document keeps in `series`
 * and `series_value`, so that verify can prove that none is missing. The next event names the
 * policy. refund: the refund that a credit memo is for; else NULL. -1: the verdict is UNNUMBERED,
 * or the policy failed or refuses.
 */
int od_step_document(struct od_step *step, enum od_document kind, const struct od_refund *refund,
                     struct od_str *number, const struct od_document_number **taken) OD_MUST_CHECK;

/* shop.c: both refuse with INVALID. The first does when the order's store, or its currency there,
 * is not configured; the second when metadata is not of the configured types. History overrules
 * both. */
int od_step_check_store(struct od_step *step, const struct od_order *draft) OD_MUST_CHECK;
int od_step_check_metadata(struct od_step *step, struct od_str metadata,
                           bool placing) OD_MUST_CHECK;

/* Decides step->c, a single command. */
int od_step_decide(struct od_step *step) OD_MUST_CHECK;

#endif
