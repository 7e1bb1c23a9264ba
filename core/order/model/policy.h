#ifndef OD_ORDER_MODEL_POLICY_H
#define OD_ORDER_MODEL_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "order/model/kinds.h"
#include "order/model/model.h"

/*
 * decide asks the shop these questions. script/ answers them with Lua, unit tests with C. A policy
 * is pure: the same snapshot and request give the same answer. It may not wait.
 */

/* The questions are listed in kinds.h. */
enum od_question {
#define OD_QUESTION(NAME, row) OD_ASK_##NAME,
    OD_QUESTION_LIST(OD_QUESTION)
#undef OD_QUESTION
        OD_QUESTIONS
};

/* The kind of value that a rule returns. */
enum od_question_answer {
    OD_ANSWERS_STATUS = 0, /* the code of a status */
    OD_ANSWERS_NUMBER,     /* a number, as text */
    OD_ANSWERS_SERIES,     /* the name of a series of numbers; nil: the common one */
    OD_ANSWERS_VERDICT,    /* allow or refuse */
};

/* The arguments of a rule. */
enum od_question_gets {
    OD_GETS_ORDER = 0,
    OD_GETS_ORDER_REQUEST,
    OD_GETS_REQUEST_ORDER,
    OD_GETS_SEQ_ORDER, /* seq: the value that the number is made of */
};

/* The members of struct od_policy_request that rules see beside actor and reason. */
enum od_question_about {
    OD_ABOUT_ORDER = 0, /* none */
    OD_ABOUT_UNITS,     /* units; none: the whole order */
    OD_ABOUT_SHIPMENT,  /* shipment */
    OD_ABOUT_PATCH,     /* patch */
    OD_ABOUT_CHANGE,    /* patch, difference */
    OD_ABOUT_REFUND,    /* refund */
    OD_ABOUT_RETURN,    /* ret */
    OD_ABOUT_DOCUMENT,  /* document, seq_year */
};

/* A row of the table of questions. */
struct od_question_kind {
    struct od_str name; /* "order.status" */
    enum od_question_answer answer;
    enum od_question_gets gets;
    enum od_question_about about;
    bool may_hold;          /* OD_ANSWERS_VERDICT: the order may begin with a hold */
    bool own_request;       /* it is asked with the request of that very question alone */
    const char *unanswered; /* what holds when nobody answers; NULL: somebody has to */
};

extern const struct od_question_kind *const od_question_kinds[OD_QUESTIONS];

struct od_str od_question_name(enum od_question q); /* "order.status", … */
bool od_question_optional(enum od_question q);

enum od_document { OD_DOCUMENT_INVOICE = 0, OD_DOCUMENT_CREDIT_MEMO, OD_DOCUMENTS };

struct od_str od_document_name(enum od_document kind); /* "invoice", "credit_memo" */

struct od_policy_request {
    struct od_str actor;
    /* A composite is tried without the arguments that it may need, so a failure is neither logged
     * nor counted. */
    bool trial;
    struct od_str reason; /* cancel: the caller's reason; may be absent */
    int64_t now;          /* the command's time, which oms.now() answers */
    int64_t seq_value;    /* order.number: unique and increasing; document.number: without gaps */
    int32_t seq_year;     /* calendar year (UTC) of the order, or of a document's issue */
    struct od_str series; /* order.number: the answer of order.series; absent: the common one */
    const struct od_shipment *shipment; /* order.ship: the parcel, with explicit items */
    const struct od_patch *patch;       /* order.update, order.change: the changes */
    int64_t difference;                 /* order.change: by how much grand_total changes */
    const struct od_units *units;       /* order.cancel: units of some items; order.split */
    uint32_t unit_count;                /* order.cancel: 0 means the whole order */
    const struct od_refund *refund;     /* order.refund: with its items, not yet numbered */
    const struct od_return *ret;        /* order.return: with its items */
    struct od_str document;             /* document.*: "invoice" or "credit_memo" */
};

struct od_policy_answer {
    bool refused;
    struct od_str code;   /* of a refusal, machine-readable: "on_hold" */
    struct od_str reason; /* for people: why it refuses, or the reason of its answer; may be
                             absent */
    struct od_str value;  /* status code, number or series; absent series: the common one */
    struct od_str hold;   /* order.place: the handle of the hold that the order begins with */
    struct od_str policy; /* question@plugin that answered: "order.cancel@default" */
};

struct od_command;
struct od_patch;

/* A composite command acts on its order through this. */
struct od_steps {
    void *ctx;
    /* Decides one command in place, on the order that the composite was given. -1: it is refused,
     * which the caller knows already; the composite must end. */
    int (*decide)(void *ctx, const struct od_command *c);
};

enum od_run {
    OD_RUN_DONE = 0,     /* answer->policy is set */
    OD_RUN_REFUSED,      /* the script refused: answer->code, reason, policy */
    OD_RUN_STEP_REFUSED, /* one of its steps was refused */
    OD_RUN_UNKNOWN,      /* no plugin offers such a command */
    OD_RUN_FAILED,       /* an error, or its budget or memory ran out: err */
};

struct od_policies {
    void *ctx;
    int32_t bundle_id; /* the row of `bundle`, which each event records */
    /*
     * Answers q about *o. Strings of *out live in the arena, or at least as long as the policies.
     * -1: the policy failed (an error, budget, memory, a wrong type); err says file:line and why.
     * Then the caller must refuse.
     */
    int (*ask)(void *ctx, enum od_question q, const struct od_order *o,
               const struct od_policy_request *request, struct od_arena *a,
               struct od_policy_answer *out, struct od_err *err);
    /* Whether somebody answers q; always true for questions that are not optional. NULL: nobody
     * answers the optional ones. */
    bool (*answers)(void *ctx, enum od_question q);
    /*
     * Runs the composite command `name` of a plugin on *o. args is the text of a JSON object;
     * absent: {}. NULL: there are no composites.
     */
    enum od_run (*run)(void *ctx, struct od_str name, struct od_str args, struct od_order *o,
                       const struct od_policy_request *request, struct od_arena *a,
                       const struct od_steps *steps, struct od_policy_answer *out,
                       struct od_err *err);
};

#endif
