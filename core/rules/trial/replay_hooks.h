#ifndef OD_RULES_TRIAL_REPLAY_HOOKS_H
#define OD_RULES_TRIAL_REPLAY_HOOKS_H

#include "rules/trial/replay_report.h"
#include "engine/rules.h"

/*
 * The notifications of one event: what the hooks of base ask for at what happened, beside what
 * those of the candidate ask for at what would have.
 */
struct od_replay_hooks {
    struct od_rules *base, *candidate;
    struct od_replay_report *report;
    struct od_arena *arena;     /* of one order */
    struct od_hook_runs *shown; /* the candidate's, until base's are there; else NULL */
};

/* To be called as struct od_replay's `event` is: the candidate first. */
void od_replay_hooks_event(struct od_replay_hooks *h, bool candidate, const struct od_event *e,
                           const struct od_order *o);

#endif
