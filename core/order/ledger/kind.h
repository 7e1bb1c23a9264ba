#ifndef OD_ORDER_LEDGER_KIND_H
#define OD_ORDER_LEDGER_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json/json.h"
#include "order/model/event.h"
#include "order/model/policy.h"

/*
 * A row of the table of events: what there is to know about one kind. The rows stand with the
 * commands that emit the events, below order/commands/; model/kinds.h lists them.
 */

struct od_event_form;

/* A document that an event issues, as the ledger has it. */
struct od_event_document {
    enum od_document kind;
    struct od_str number, series;
    int64_t value;                  /* of the series */
    const struct od_refund *refund; /* what a credit memo is for; or NULL */
};

/* What can be told from an event about what the rules were asked before it. */
enum od_asked {
    OD_ASKED_NOT = 0, /* it had happened, or the question was asked at the event before */
    OD_ASKED,
    OD_ASKED_MAYBE, /* only if the event says so itself */
};

/* An event amid its order's history. */
struct od_past {
    const struct od_event *first, *e, *end; /* of all; the one; behind the last */
    const struct od_order *order;           /* before it */
    struct od_arena *arena;
};

struct od_event_kind {
    struct od_str name; /* "order.placed": in the ledger, and the first of its hook topics */

    /* The data's members (the braces are there), and the same read back; as od_event_decode. */
    void (*write)(const struct od_event_form *f, const struct od_event *e);
    int (*read)(struct od_event *e, struct od_json *data, struct od_arena *a, struct od_err *err);
    /* What the event does to a snapshot apart from its statuses; as od_fold. */
    int (*fold)(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err);

    /* The question that may refuse what the event says; OD_QUESTIONS: there is none. `asked` fills
     * in what its request was beside actor and time. */
    enum od_question question;
    enum od_asked (*asked)(const struct od_past *past, struct od_policy_request *request);
    /* The document it issues; NULL: it issues none. */
    void (*document)(const struct od_event *e, struct od_event_document *out);

    bool silent;       /* it has no topic but its own: nothing happened to the order */
    bool folds_reason; /* into the order: a reason that a status rule gives comes too late for it */
};

extern const struct od_event_kind *const od_event_kinds[OD_EVENT_TYPES];

#define OD_EVENT_EXTERN(NAME, row) extern const struct od_event_kind od_event_##row;
OD_EVENTS(OD_EVENT_EXTERN)
#undef OD_EVENT_EXTERN

/* For rows without data, and without anything to fold. */
void od_event_write_nothing(const struct od_event_form *f, const struct od_event *e);
int od_event_read_nothing(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err);
int od_fold_nothing(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err);

#endif
