#ifndef OD_RULES_TRIAL_WALK_MODEL_CHECK_H
#define OD_RULES_TRIAL_WALK_MODEL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "order/model/policy.h"
#include "order/model/status.h"

/*
 * Finds out before rules serve what they would do in every state that an order can be in. It goes
 * two ways. It shows every pair of statuses, held or not, with every partial state, to the
 * policies. And beginning with an order that was just placed, it decides every command in every
 * state that it reaches, by the code that decides for real.
 */

enum od_finding_kind {
    OD_FINDING_POLICY_ERROR = 0, /* a policy raises, or answers with something of the wrong type */
    OD_FINDING_UNKNOWN_STATUS,   /* an answer is outside the configured set */
    OD_FINDING_FORBIDDEN_MOVE,   /* a command is refused only because the graph lacks the move */
    OD_FINDING_DEAD_END,         /* a state is not final, and no command changes it */
    OD_FINDING_STUCK,            /* whatever is done, an order in this state can be neither
                                    cancelled nor completed */
    OD_FINDING_UNREACHABLE_STATUS, /* no order gets into a configured status */
    OD_FINDING_SHADOWED_RULE,      /* a plugin reports it about its configuration */
    OD_FINDING_KINDS
};

const char *od_finding_kind_name(enum od_finding_kind kind); /* "policy_error", … */
bool od_finding_kind_parse(struct od_str name, enum od_finding_kind *out);

struct od_finding {
    enum od_finding_kind kind;
    struct od_str subject; /* the policy or status: "order.status@default", "order_status.packed" */
    /* A state that shows it, "paid:shipped, held, 1 of 2 shipped", or a path of commands that leads
     * there, "place, authorize, hold". */
    struct od_str inputs;
    struct od_str text; /* one sentence */
    uint32_t count;     /* states that show the same */
};

/* Reached states that have the same statuses, and what may be done in them. */
struct od_model_row {
    struct od_str status, payment_status, shipment_status;
    bool held;
    uint32_t order[4]; /* the places of payment, shipment, held and status in their sets */
    uint32_t states;
    uint64_t always;    /* bit i: report->commands[i] is allowed in each of them */
    uint64_t sometimes; /* the same for commands that some of them allow, but not all */
};

struct od_model_report {
    struct od_finding *findings; /* worst kind first, then by subject */
    uint32_t finding_count;
    uint32_t states; /* reached by commands */
    uint32_t shown;  /* synthetic states that the policies were shown */
    uint64_t asked;  /* answers of policies */
    /* max_states or max_cpu_us was reached. The findings are true, but there may be more. */
    bool truncated;

    struct od_model_row *rows; /* sorted as the sets list the statuses of payment, shipment,
                                  order */
    uint32_t row_count;
    const struct od_str *commands; /* "authorize", …, "cancel", then the composites */
    /* [command_count]: a letter for each command, as `ls -l` has one for each right. A composite
     * has a digit, which has no capital. */
    const char *letters;
    uint32_t command_count;
};

struct od_model_limits {
    uint32_t max_states; /* 0: 20000 */
    /* Processor time of the calling thread. It stops rules that take very long in each state. 0: 30
     * s. */
    int64_t max_cpu_us;
};

/*
 * Runs the check. Everything in *out is in the arena. A path sets a status by hand only where
 * nothing of its kind is recorded yet, or all of it is (paid, shipped). A path holds at most two
 * kinds of unusual events (units cancelled, refunds, returns, …), so that each kind meets each
 * other kind; more would multiply the states by 100 and find nothing new. Where nothing else leads
 * on, everything is tried. Only the first of several equal states is looked at, and the path to it
 * is a shortest one. The policies' own counters count these answers like all others.
 */
void od_model_check(const struct od_policies *policies, const struct od_status_sets *statuses,
                    const struct od_str *composites, uint32_t composite_count,
                    const struct od_model_limits *limits, struct od_arena *a,
                    struct od_model_report *out);

#endif
