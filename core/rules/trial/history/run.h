#ifndef OD_RULES_TRIAL_HISTORY_RUN_H
#define OD_RULES_TRIAL_HISTORY_RUN_H

#include "rules/trial/history/replay.h"

/* One order on its way through its history. replay.c follows the statuses; verdict.c and
 * questions.c ask the questions that may refuse. Internal to this folder. */

struct od_replay_run {
    struct od_replay *replay;
    struct od_arena *arena;
    struct od_order *order;
    struct od_str number; /* the order's; the snapshot lacks it while the number is asked for */
    const struct od_event *first, *e, *end; /* the first event; the one that is replayed; the end */
    uint32_t asked; /* bits of enum od_question that were asked at this event */
    /* mine: those of the candidate */
    struct od_str recorded[OD_STATUS_KINDS], mine[OD_STATUS_KINDS];
};

static inline bool od_replay_answers(const struct od_replay_rules *rules, enum od_question q)
{
    const struct od_policies *p = rules->policies;
    return !od_question_optional(q) || (p->answers && p->answers(p->ctx, q));
}

static inline bool od_replay_wants(const struct od_replay_run *run, enum od_question q)
{
    return run->replay->questions & (1u << q);
}

/* Gives the snapshot these statuses; strings stay shared. */
void od_replay_dress(struct od_replay_run *run, const struct od_str statuses[OD_STATUS_KINDS]);

/* Asks the candidate about the snapshot. False: the policy failed, which has been reported. */
bool od_replay_ask(struct od_replay_run *run, enum od_question q,
                   const struct od_policy_request *request, struct od_policy_answer *answer);
/* Reports a difference. answer (may be NULL) has the policy and reason that are reported with
 * it. */
void od_replay_tell(struct od_replay_run *run, struct od_replay_found f,
                    const struct od_policy_answer *answer);
struct od_policy_request od_replay_request(const struct od_replay_run *run);

/* Is called before the event is folded. It asks what may have refused the event, and for the series
 * and number of the document that the event issues. */
void od_replay_event(struct od_replay_run *run);
/*
 * Compares the candidate's verdict with the recorded one, or with base's when the rules that
 * decided did not ask. kind: what a difference is reported as.
 */
void od_replay_compare(struct od_replay_run *run, enum od_question q,
                       const struct od_policy_request *request, struct od_str recorded,
                       enum od_replay_difference kind);
/* Replays order.placed after it is folded: asks the candidate for the number and for order.place,
 * starting from its default statuses. */
void od_replay_placed(struct od_replay_run *run);
/* Asks the candidate and base after the last event whether the order may be cancelled now. */
void od_replay_cancelable(struct od_replay_run *run);

#endif
