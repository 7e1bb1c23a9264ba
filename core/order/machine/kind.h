#ifndef OD_ORDER_MACHINE_KIND_H
#define OD_ORDER_MACHINE_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json/json.h"
#include "order/machine/decide.h"
#include "order/model/command.h"
#include "order/model/policy.h"

/*
 * A row of the table of commands: what there is to know about one kind. Whoever treats commands one
 * by one reads it here, so that a new one is a file below order/commands/ and a line in
 * model/kinds.h. tests/unit/order/test_table.c checks every row. Rows of events: ledger/kind.h.
 */

struct od_reader;
struct od_path;
struct od_step;

/* What a command is about. */
enum od_subject {
    OD_SUBJECT_ORDER = 0, /* an order that is there */
    OD_SUBJECT_NEW_ORDER,
    OD_SUBJECT_SKU,
};

/* The events a command may emit: bits of enum od_event_type. */
#define OD_EMITS(NAME) (UINT64_C(1) << OD_EVENT_##NAME)
#define OD_EMITS_ANY   UINT64_MAX
_Static_assert(OD_EVENT_TYPES < 64, "kinds of events fit the bits of od_command_kind.emits");

/* What a batch reads for a command beside its order. */
struct od_wants {
    bool stock_of_order;   /* of the order's items */
    bool stock_of_changes; /* of the lines that changes of the order would add */
    bool lock_stock;       /* locked in LOAD, not for the commit alone */
    void *ctx;
    void (*sku)(void *ctx, struct od_str sku); /* and that of a SKU */
};

/* What stands beside a command's body: in the path of its route, as a member of a batch line, as
 * the first argument of a script's call. */
struct od_command_member {
    const char *name;  /* "shipmentId" */
    const char *field; /* "shipment_id", as scripts call it */
    const char *part;  /* "shipment": it is the number of one; NULL: a text */
    size_t offset;     /* in struct od_command: of an int32_t, or of an od_str */
    bool optional;     /* only the path must have it */
    bool in_body;      /* the body has it as well, and a line leaves it there */
};
void od_command_set_id(struct od_command *c, const struct od_command_member *m, int32_t id);
void od_command_set_text(struct od_command *c, const struct od_command_member *m, struct od_str s);

/* A face of a command for scripts: oms.NAME(ref, lead, {body}) in routes and jobs, tx:NAME(…) in a
 * transaction, order:METHOD(lead, {body}) in composite commands and tests. `ref` names the order of
 * a command that is on one. */
struct od_service {
    const char *name;   /* "cancel_order" */
    const char *method; /* "cancel"; NULL: none */
    enum od_command_type type;
    enum od_service_lead {
        OD_LEAD_NONE = 0,
        OD_LEAD_TEXT,     /* a text that becomes the body's member `lead` */
        OD_LEAD_OPTIONAL, /* or nil; the body's table may stand in its place */
        OD_LEAD_MEMBER,   /* what stands beside the body; nil where that is optional */
    } lead_kind;
    const char *lead; /* what it is called; NULL: as the member is */
    enum od_service_table {
        OD_TABLE_NONE = 0,
        OD_TABLE_OPTIONAL,
        OD_TABLE_NEEDED,
    } table; /* then comes the body */
};

/* An amount that only decide can read, for its currency is the order's: a script's integer goes
 * into the command as it is, a text is kept as a literal. */
struct od_command_amount {
    const char *field;     /* "amount", as scripts call it; NULL: behind the last */
    size_t units, literal; /* in struct od_command: of an int64_t, of an od_str */
};

/* The currency that integers in a script's table are in. */
enum od_units_of {
    OD_UNITS_OF_ORDER = 0, /* the order's, which the caller knows or nobody needs */
    OD_UNITS_OF_BODY,      /* that the table names, its store's, or the shop's */
    OD_UNITS_SAID,         /* the order's; where the caller does not know it, the table says it */
};

struct od_action_list;
struct od_moves;
struct od_move_name;

/* What the answer to a command is about. */
enum od_answer {
    OD_ANSWER_ORDER = 0,
    OD_ANSWER_PART, /* of the order, which has a number */
    OD_ANSWER_ACTIVITY,
    OD_ANSWER_STOCK,
};

struct od_command_kind {
    const char *name;  /* "cancel": of batch lines, metrics, the keys of repeated requests */
    const char *alias; /* "payments": what batch lines may say instead; or NULL */
    const char *call;  /* "activity": what hooks and lists of actions say instead; or NULL */
    enum od_subject subject;
    bool together;    /* it comes with a command on another order, in one submission of their own */
    bool makes_order; /* its decision makes another order, which is placed with it and answered */

    /* HTTP; method NULL: it has no route. */
    struct {
        const char *method, *pattern;
    } route;
    const struct od_command_member *member; /* or NULL */
    bool body_optional;                     /* a request without a body is one with an empty one */
    bool creates;                           /* success is 201 */
    enum od_answer answer;
    enum od_entity_kind part;          /* OD_ANSWER_PART: its kind */
    bool shows_order;                  /* although the answer is about a part of it */
    const char *summary, *description; /* of its route; description NULL: nothing more to say */

    /* Reads a request's body into *out, all of it zero but the type; as od_command_parse. NULL: it
     * is never given from outside. */
    void (*body)(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                 struct od_command *out);
    int (*decide)(struct od_step *step);
    uint64_t emits; /* OD_EMITS() */
    /* Says what must be read to decide it; NULL: the order is enough. */
    void (*want)(const struct od_command *c, struct od_wants *w);
    uint8_t documents[OD_DOCUMENTS]; /* how many it is sure to issue */
    bool is_step;                    /* a plugin's command may do it */
    /* Who may refuse it beside orderd: an optional question, or order.cancel; OD_QUESTIONS. */
    enum od_question question;

    const struct od_service *services; /* ended by a NULL name; or NULL */
    const struct od_command_amount *amounts;
    enum od_units_of units_of;

    /* Tries it on an order with the arguments it would have at its simplest (show/actions.h). NULL:
     * it is nothing that a person does to an order. */
    void (*actions)(struct od_action_list *l);
    /* Adds it as a walk through all states gives it, under these names (machine/moves.h). */
    void (*moves)(struct od_moves *m);
    const struct od_move_name *move_names; /* ended by a NULL name */
    /* What orders that it was done to show of that: bits of enum od_odd. */
    unsigned (*odd)(const struct od_order *o);
};

extern const struct od_command_kind *const od_command_kinds[OD_COMMAND_TYPES];

#define OD_COMMAND_EXTERN(NAME, row) extern const struct od_command_kind od_##row;
OD_COMMANDS(OD_COMMAND_EXTERN)
#undef OD_COMMAND_EXTERN

/* Whether somebody outside may give it by itself, on an order that is there or not. */
bool od_command_offered(const struct od_command_kind *kind);
/* What a hook calls it; NULL: hooks do not give it, or it is a plugin's. */
const char *od_command_call(const struct od_command_kind *kind);

const char *od_command_name(enum od_command_type type);
/* The kind of that name; false when there is none. */
bool od_command_named(struct od_str name, enum od_command_type *out);
/* The member that says what its answer is about, "paymentId"; NULL: it has no number. */
const char *od_answer_id(const struct od_command_kind *kind);
/* For commands that need the stock of the order's items. */
void od_want_stock_of_order(const struct od_command *c, struct od_wants *w);

#endif
