#ifndef OD_RULES_TRIAL_HISTORY_REPLAY_H
#define OD_RULES_TRIAL_HISTORY_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "order/model/event.h"
#include "order/model/policy.h"
#include "order/model/status.h"

/*
 * Candidate rules over recorded history. The events of one order are folded one by one; wherever
 * policies decided, the candidate is asked the same question about the same snapshot and its answer
 * stands beside the recorded one. The candidate's statuses are carried along, so what is found at
 * the end is where the order would be now.
 */

struct od_replay_rules {
    const struct od_policies *policies;
    const struct od_status_sets *statuses;
};

enum od_replay_difference {
    OD_REPLAY_STATUS = 0,     /* at this event another status than recorded */
    OD_REPLAY_FINAL_STATUS,   /* the order would be in another status now */
    OD_REPLAY_CANCEL_REFUSED, /* a recorded cancellation would have been refused */
    OD_REPLAY_NOW_CANCELABLE, /* the order as it is now: candidate allows, base refuses */
    OD_REPLAY_NO_MORE_CANCELABLE,
    OD_REPLAY_REFUSED,        /* a recorded placement, shipment, update, refund, return or change
                                 would be refused */
    OD_REPLAY_ALLOWED,        /* history overruled a refusal that the candidate would not make */
    OD_REPLAY_FORBIDDEN_MOVE, /* the candidate's graph lacks the recorded or the new move */
    OD_REPLAY_NUMBER, /* another number of the order (same sequence value, when known), or of
                         a document */
    OD_REPLAY_FAILED, /* a policy of the candidate failed */
    OD_REPLAY_DIFFERENCES
};

enum od_replay_skip { /* what could not be compared */
                      OD_REPLAY_SKIP_HISTORICAL =
                          0,                    /* a move, or failure, that an import overruled */
                      OD_REPLAY_SKIP_EXPLICIT,  /* a person set the status; no policy was asked */
                      OD_REPLAY_SKIP_NOT_ASKED, /* the rules of then did not ask this question */
                      OD_REPLAY_SKIP_NUMBER,    /* the sequence's value is not in the ledger */
                      OD_REPLAY_SKIPS
};

struct od_replay_found {
    enum od_replay_difference kind;
    int64_t order_id;
    struct od_str order_number;
    int32_t seq;
    enum od_status_kind status_kind; /* STATUS, FINAL_STATUS, FORBIDDEN_MOVE */
    struct od_str old, new_;      /* status, number, "allowed", "hold HANDLE", a refusal's code */
    struct od_str policy, reason; /* the candidate's */
};

struct od_replay {
    struct od_replay_rules candidate;
    const struct od_replay_rules *base; /* the rules that serve, for questions history did not ask;
                                           NULL: those are skipped */
    uint32_t questions;                 /* bits of enum od_question: only these; ~0: all */
    int64_t now; /* when the order as it is now is asked whether it can be canceled; microseconds */
    void *ctx;
    void (*found)(void *ctx, const struct od_replay_found *f); /* strings die after the call */
    /* Each event with the order right after it, twice: as recorded, and with the statuses that the
     * candidate gave (what its hooks would have been shown). NULL: nobody looks. */
    void (*event)(void *ctx, bool candidate, const struct od_event *e, const struct od_order *o);
    uint64_t decisions, skipped[OD_REPLAY_SKIPS];
};

/*
 * All events of one order, ascending, from the first. err: the ledger does not fold. The snapshot
 * after the last is left in *last (in the arena).
 *
 * Which questions were asked at an event is what its `policy` says; each is asked as decide asked
 * it, with the event's time and actor, about the recorded snapshot under the candidate's own
 * statuses. Statuses that people set are taken over. Where the candidate has no usable answer
 * (refused, failed, unknown) the recorded one goes on, so that one fault is told once. Refusals and
 * moves that history overruled are not compared.
 */
int od_replay_order(struct od_replay *r, const struct od_event *events, uint32_t count,
                    struct od_arena *a, struct od_order **last, struct od_err *err) OD_MUST_CHECK;

#endif
