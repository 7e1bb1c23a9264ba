#ifndef OD_ORDER_LEDGER_EVENT_KIND_H
#define OD_ORDER_LEDGER_EVENT_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json/json.h"
#include "order/model/event.h"
#include "order/model/policy.h"

/*
 * A row of the table of events says everything about one kind of event. The rows stand with the
 * commands that emit the events, below order/commands/; model/kinds.h lists them.
 */

struct od_event_form;

/* A document that an event issues, as the ledger has it. */
struct od_event_document {
    enum od_document kind;
    struct od_str number, series;
    int64_t value;                  /* its place in the series */
    const struct od_refund *refund; /* the refund that a credit memo is for, or NULL */
};

/* Says whether the rules were asked a question before an event, as far as the event can tell. */
enum od_asked {
    OD_ASKED_NOT = 0, /* no: it had happened already, or the event before asked */
    OD_ASKED,
    OD_ASKED_MAYBE, /* only if the event itself says so */
};

/* An event within its order's history. */
struct od_past {
    const struct od_event *first, *e, *end; /* the first event; this one; the end of all */
    const struct od_order *order;           /* the order before it */
    struct od_arena *arena;
};

struct od_event_kind {
    struct od_str name; /* "order.placed": its name in the ledger and first hook topic */

    /* Writes the members of the data, whose braces are there already, and reads them back, as
     * od_event_decode does. */
    void (*write)(const struct od_event_form *f, const struct od_event *e);
    int (*read)(struct od_event *e, struct od_json *data, struct od_arena *a, struct od_err *err);
    /* Does to a snapshot what the event says, but for its statuses; a part of od_fold. */
    int (*fold)(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err);

    /* The question that may refuse what the event says; OD_QUESTIONS: there is none. `asked` fills
     * in its request beside actor and time. */
    enum od_question question;
    enum od_asked (*asked)(const struct od_past *past, struct od_policy_request *request);
    /* The document it issues; NULL: it issues none. */
    void (*document)(const struct od_event *e, struct od_event_document *out);

    bool silent; /* its name is its only topic, because the order did not change */
    /* The order keeps the event's reason when it folds. A reason that a status rule gives
     * afterwards comes too late for it. */
    bool folds_reason;
};

extern const struct od_event_kind *const od_event_kinds[OD_EVENT_TYPES];

#define OD_EVENT_EXTERN(NAME, row) extern const struct od_event_kind od_event_##row;
OD_EVENTS(OD_EVENT_EXTERN)
#undef OD_EVENT_EXTERN

/* For rows that have no data, or nothing to fold. */
void od_event_write_nothing(const struct od_event_form *f, const struct od_event *e);
int od_event_read_nothing(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err);
int od_fold_nothing(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err);

#endif
