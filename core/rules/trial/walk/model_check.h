#ifndef OD_RULES_TRIAL_WALK_MODEL_CHECK_H
#define OD_RULES_TRIAL_WALK_MODEL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "order/model/policy.h"
#include "order/model/status.h"

/*
 * What rules would do in every state an order can be in, found before they serve. Two ways: every
 * pair of statuses × hold × partial state is shown to the policies; and beginning with an order
 * just placed, every command is decided in every state reached, by the code that decides for real.
 */

enum od_finding_kind {
    OD_FINDING_POLICY_ERROR = 0, /* a policy raises, or answers with something of the wrong type */
    OD_FINDING_UNKNOWN_STATUS,   /* an answer outside of the configured set */
    OD_FINDING_FORBIDDEN_MOVE,   /* a command refused only because the graph lacks the move */
    OD_FINDING_DEAD_END,         /* a state that is not final and no command changes */
    OD_FINDING_STUCK,            /* a state from which an order can be neither cancelled nor
                                    completed, whatever is done */
    OD_FINDING_UNREACHABLE_STATUS, /* a configured status that no order gets into */
    OD_FINDING_SHADOWED_RULE,      /* reported by a plugin about its configuration */
    OD_FINDING_KINDS
};

const char *od_finding_kind_name(enum od_finding_kind kind); /* "policy_error", … */
bool od_finding_kind_parse(struct od_str name, enum od_finding_kind *out);

struct od_finding {
    enum od_finding_kind kind;
    struct od_str subject; /* what it is about: "order.status@default", "order_status.packed" */
    struct od_str inputs;  /* a state that shows it: "paid:shipped, held, 1 of 2 shipped"; a path of
                              commands that leads there: "place, authorize, hold" */
    struct od_str text;    /* one sentence */
    uint32_t count;        /* states that show the same */
};

/* Reached states that have the same statuses, and what may be done in them. */
struct od_model_row {
    struct od_str status, payment_status, shipment_status;
    bool held;
    uint32_t order[4]; /* where payment, shipment, held and status stand in their sets */
    uint32_t states;
    uint64_t always;    /* bit i: report->commands[i] is allowed in each of them */
    uint64_t sometimes; /* in some of them, but not in each */
};

struct od_model_report {
    struct od_finding *findings; /* worst kind first, then by subject */
    uint32_t finding_count;
    uint32_t states; /* reached by commands */
    uint32_t shown;  /* synthetic states shown to the policies */
    uint64_t asked;  /* answers of policies */
    bool truncated;  /* max_states or max_cpu_us was reached; what is there is true, not all */

    struct od_model_row *rows; /* as the sets list the payment's, the shipment's, the order's */
    uint32_t row_count;
    const struct od_str *commands; /* "authorize", …, "cancel", then the composites */
    const char *letters; /* [command_count]: one for each, as `ls -l` has for rights; of composites
                            a digit, which has no capital */
    uint32_t command_count;
};

struct od_model_limits {
    uint32_t max_states; /* 0: 20000 */
    int64_t max_cpu_us;  /* processor time of the calling thread, a backstop behind max_states for
                            rules that take very long in each; 0: 30 s */
};

/*
 * Everything in *out is in the arena. Statuses are set by hand where nothing of the kind is
 * recorded yet or all of it is (paid, shipped), and a life has two kinds of what is out of the
 * ordinary at most (units cancelled, refunds, returns, …), so that each meets each: every mixture
 * would be a hundred times as many states and find the same. Where nothing else leads on,
 * everything is tried. Of equal states, the first is looked at; a path is as short as any. The
 * policies' own counters count these answers like all others.
 */
void od_model_check(const struct od_policies *policies, const struct od_status_sets *statuses,
                    const struct od_str *composites, uint32_t composite_count,
                    const struct od_model_limits *limits, struct od_arena *a,
                    struct od_model_report *out);

#endif
