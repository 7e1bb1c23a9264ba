#ifndef OD_RULES_TRIAL_REPLAY_HOOKS_H
#define OD_RULES_TRIAL_REPLAY_HOOKS_H

#include "rules/trial/replay_report.h"
#include "engine/rules.h"

/*
 * Compares the notifications of one event: those that base's hooks ask for at what happened, and
 * those that the candidate's hooks ask for at what would have happened.
 */
struct od_replay_hooks {
    struct od_rules *base, *candidate;
    struct od_replay_report *report;
    struct od_arena *arena;     /* lives as long as one order is replayed */
    struct od_hook_runs *shown; /* the candidate's, until base's are known; else NULL */
};

/* Call it as `event` of struct od_replay is called, for the candidate first. */
void od_replay_hooks_event(struct od_replay_hooks *h, bool candidate, const struct od_event *e,
                           const struct od_order *o);

#endif
