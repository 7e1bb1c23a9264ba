#ifndef OD_RULES_TRIAL_HISTORY_RUN_H
#define OD_RULES_TRIAL_HISTORY_RUN_H

#include "rules/trial/history/replay.h"

/* One order on its way through its history, between replay.c, which follows the statuses, and
 * verdict.c and questions.c, which ask what may refuse. Internal to this folder. */

struct od_replay_run {
    struct od_replay *replay;
    struct od_arena *arena;
    struct od_order *order;
    struct od_str number; /* the order's; the snapshot lacks it while it is asked for */
    const struct od_event *first, *e, *end; /* of all; the one that is replayed; behind the last */
    uint32_t asked; /* bits of enum od_question: what was asked at this event */
    struct od_str recorded[OD_STATUS_KINDS], mine[OD_STATUS_KINDS]; /* mine: the candidate's */
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

/* Asks the candidate about the snapshot. False when it failed, which has been told. */
bool od_replay_ask(struct od_replay_run *run, enum od_question q,
                   const struct od_policy_request *request, struct od_policy_answer *answer);
/* answer (may be NULL): whose policy and reason are told. */
void od_replay_tell(struct od_replay_run *run, struct od_replay_found f,
                    const struct od_policy_answer *answer);
struct od_policy_request od_replay_request(const struct od_replay_run *run);

/* Before the event is folded: what may have refused it, and the series and number of the document
 * it issues. */
void od_replay_event(struct od_replay_run *run);
/*
 * The candidate's verdict beside the recorded one, or beside base's when the rules of then did not
 * ask. kind: what a difference is.
 */
void od_replay_compare(struct od_replay_run *run, enum od_question q,
                       const struct od_policy_request *request, struct od_str recorded,
                       enum od_replay_difference kind);
/* Of order.placed, folded: its number and order.place, under the candidate's first statuses. */
void od_replay_placed(struct od_replay_run *run);
/* After the last event: may it be canceled now, for the candidate and for base? */
void od_replay_cancelable(struct od_replay_run *run);

#endif
