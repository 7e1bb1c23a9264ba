#ifndef OD_ORDER_MACHINE_COMMAND_KIND_H
#define OD_ORDER_MACHINE_COMMAND_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json/json.h"
#include "order/machine/decide.h"
#include "order/model/command.h"
#include "order/model/policy.h"

/*
 * A row of the table of commands says everything about one kind of command. Whoever must tell
 * commands apart reads it here, so a new command is a file below order/commands/ and a line in
 * model/kinds.h. tests/unit/order/test_table.c checks every row. The rows of events are in
 * ledger/event_kind.h.
 */

struct od_reader;
struct od_shape;
struct od_path;
struct od_step;

/* The subject of a command. */
enum od_subject {
    OD_SUBJECT_ORDER = 0, /* an order that exists */
    OD_SUBJECT_NEW_ORDER,
    OD_SUBJECT_SKU,
};

/* The events that a command may emit, as bits of enum od_event_type. */
#define OD_EMITS(NAME) (UINT64_C(1) << OD_EVENT_##NAME)
#define OD_EMITS_ANY   UINT64_MAX
_Static_assert(OD_EVENT_TYPES < 64, "kinds of events fit the bits of od_command_kind.emits");

/* A command asks here for what the batch must read beside its order. */
struct od_wants {
    bool stock_of_order;   /* the stock of the order's items */
    bool stock_of_changes; /* the stock of lines that the order's changes would add */
    bool lock_stock;       /* lock it in LOAD, not only for the commit */
    void *ctx;
    void (*sku)(void *ctx, struct od_str sku); /* the stock of a SKU */
};

/* A value that stands beside a command's body: in the path of its route, as a member of a batch
 * line, or as the first argument of a script's call. */
struct od_command_member {
    const char *name;  /* "shipmentId" */
    const char *field; /* "shipment_id", as scripts call it */
    const char *part;  /* "shipment": it is a shipment's number; NULL: it is a text */
    size_t offset;     /* of an int32_t or an od_str in struct od_command */
    bool optional;     /* only the path must have it; elsewhere it may be absent */
    bool in_body;      /* the body has it as well, and a batch line leaves it there */
};
void od_command_set_id(struct od_command *c, const struct od_command_member *m, int32_t id);
void od_command_set_text(struct od_command *c, const struct od_command_member *m, struct od_str s);

/* A service is how scripts give a command: oms.NAME(ref, lead, {body}) in routes and jobs,
 * tx:NAME(…) in a transaction, order:METHOD(lead, {body}) in composite commands and tests. `ref`
 * names the order, if the command is on one. */
struct od_service {
    const char *name;   /* "cancel_order" */
    const char *method; /* "cancel"; NULL: none */
    enum od_command_type type;
    enum od_service_lead {
        OD_LEAD_NONE = 0,
        OD_LEAD_TEXT,     /* a text that becomes the body's member `lead` */
        OD_LEAD_OPTIONAL, /* a text or nil; the body's table may stand in its place */
        OD_LEAD_MEMBER,   /* the value beside the body; nil where it is optional */
    } lead_kind;
    const char *lead; /* its name; NULL: the member's */
    enum od_service_table {
        OD_TABLE_NONE = 0,
        OD_TABLE_OPTIONAL,
        OD_TABLE_NEEDED,
    } table; /* whether the body follows */
};

/* An amount that only decide can read, because it is in the order's currency. A script's integer
 * goes into the command as it is; a text is kept as a literal. */
struct od_command_amount {
    const char *field;     /* "amount", as scripts call it; NULL: behind the last */
    size_t units, literal; /* of an int64_t and an od_str in struct od_command */
};

/* The currency that integers in a script's table are in. */
enum od_units_of {
    OD_UNITS_OF_ORDER = 0, /* the order's, which the caller knows, or nobody needs it */
    OD_UNITS_OF_BODY,      /* the one that the table names, or its store's, or the shop's */
    OD_UNITS_SAID,         /* the order's; the table says it where the caller does not know */
};

struct od_action_list;
struct od_moves;
struct od_move_name;

/* The subject of the answer to a command. */
enum od_answer {
    OD_ANSWER_ORDER = 0,
    OD_ANSWER_PART, /* a part of the order that has a number */
    OD_ANSWER_ACTIVITY,
    OD_ANSWER_STOCK,
};

struct od_command_kind {
    const char *name;  /* "cancel": for batch lines, metrics and idempotency keys */
    const char *alias; /* "payments": what batch lines may say instead; or NULL */
    /* What whoever gives it from outside must be permitted: a name of access/permissions.def. */
    const char *permission;
    const char *call; /* "activity": what hooks and lists of actions say instead; or NULL */
    enum od_subject subject;
    /* It comes together with a command on another order, in one submission of their own. */
    bool together;
    /* Its decision makes another order, which is placed with it and which the answer shows. */
    bool makes_order;

    /* HTTP; method NULL: it has no route. */
    struct {
        const char *method, *pattern;
    } route;
    const struct od_command_member *member; /* or NULL */
    bool body_optional;                     /* a request without a body counts as an empty object */
    bool creates;                           /* success is 201 */
    enum od_answer answer;
    enum od_entity_kind part;          /* OD_ANSWER_PART: the kind of the part */
    bool shows_order;                  /* the answer shows the order, though it is about a part of
                                          it */
    const char *summary, *description; /* of its route; description NULL: the summary says it all */

    /* Reads a request's body into *out, which is zero but for its type; a part of od_command_parse.
     * NULL: it is never given from outside. */
    void (*body)(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                 struct od_command *out);
    /* The members of the body, which `body` reads. NULL: it is any object, or
     * there is no body. */
    const struct od_shape *shape;
    int (*decide)(struct od_step *step);
    uint64_t emits; /* OD_EMITS() */
    /* Asks for what must be read to decide it. NULL: the order is enough. */
    void (*want)(const struct od_command *c, struct od_wants *w);
    uint8_t documents[OD_DOCUMENTS]; /* how many it is sure to issue of each kind */
    bool is_step;                    /* a composite command may do it */
    /* The question whose policy may refuse it beside orderd itself; OD_QUESTIONS: there is none. */
    enum od_question question;

    const struct od_service *services; /* ended by a NULL name; or NULL */
    const struct od_command_amount *amounts;
    enum od_units_of units_of;

    /* Tries it on an order with its simplest arguments (show/actions.h). NULL: it is nothing that a
     * person does to an order. */
    void (*actions)(struct od_action_list *l);
    /* Adds the moves that a walk through all states makes of it, under these names
     * (machine/moves.h). */
    void (*moves)(struct od_moves *m);
    const struct od_move_name *move_names; /* ended by a NULL name */
    /* Returns how an order shows that it was done, as bits of enum od_odd. */
    unsigned (*odd)(const struct od_order *o);
};

extern const struct od_command_kind *const od_command_kinds[OD_COMMAND_TYPES];

#define OD_COMMAND_EXTERN(NAME, row) extern const struct od_command_kind od_##row;
OD_COMMANDS(OD_COMMAND_EXTERN)
#undef OD_COMMAND_EXTERN

/* Whether somebody outside may give the command by itself, on an existing order or a new one. */
bool od_command_offered(const struct od_command_kind *kind);
/* Returns the name by which hooks call it; NULL: hooks do not give it, or it is a plugin's. */
const char *od_command_call(const struct od_command_kind *kind);

const char *od_command_name(enum od_command_type type);
/* Finds the kind with that name; false: there is none. */
bool od_command_named(struct od_str name, enum od_command_type *out);
/* Returns the member that says which part its answer is about, "paymentId"; NULL: the subject has
 * no number. */
const char *od_answer_id(const struct od_command_kind *kind);
/* A `want` for commands that need the stock of the order's items. */
void od_want_stock_of_order(const struct od_command *c, struct od_wants *w);

#endif
