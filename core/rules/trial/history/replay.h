#ifndef OD_RULES_TRIAL_HISTORY_REPLAY_H
#define OD_RULES_TRIAL_HISTORY_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "order/model/event.h"
#include "order/model/policy.h"
#include "order/model/status.h"

/*
 * Runs candidate rules over the recorded history of one order. Its events are folded one by one.
 * Wherever policies decided, the candidate is asked the same question about the same snapshot, and
 * its answer is compared with the recorded one. The candidate's statuses are carried along, so the
 * last ones are those that the order would have now.
 */

struct od_replay_rules {
    const struct od_policies *policies;
    const struct od_status_sets *statuses;
};

enum od_replay_difference {
    OD_REPLAY_STATUS = 0,     /* the status at this event differs from the recorded one */
    OD_REPLAY_FINAL_STATUS,   /* the order would be in another status now */
    OD_REPLAY_CANCEL_REFUSED, /* a recorded cancellation would have been refused */
    OD_REPLAY_NOW_CANCELABLE, /* now the candidate allows a cancellation, base refuses it */
    OD_REPLAY_NO_MORE_CANCELABLE,
    /* A recorded placement, shipment, update, refund, return or change would be refused. */
    OD_REPLAY_REFUSED,
    OD_REPLAY_ALLOWED,        /* history overruled a refusal that the candidate would not make */
    OD_REPLAY_FORBIDDEN_MOVE, /* the candidate's graph lacks the recorded or the new move */
    /* The number of the order or of a document differs, for the same value of the sequence where
     * that is known. */
    OD_REPLAY_NUMBER,
    OD_REPLAY_FAILED, /* a policy of the candidate failed */
    OD_REPLAY_DIFFERENCES
};

enum od_replay_skip {                                /* why something could not be compared */
                      OD_REPLAY_SKIP_HISTORICAL = 0, /* an import overruled the move or failure */
                      OD_REPLAY_SKIP_EXPLICIT,  /* a person set the status; no policy was asked */
                      OD_REPLAY_SKIP_NOT_ASKED, /* the rules that decided did not ask this
                                                   question */
                      OD_REPLAY_SKIP_NUMBER,    /* the sequence's value is not in the ledger */
                      OD_REPLAY_SKIPS
};

struct od_replay_found {
    enum od_replay_difference kind;
    int64_t order_id;
    struct od_str order_number;
    int32_t seq;
    enum od_status_kind status_kind; /* STATUS, FINAL_STATUS, FORBIDDEN_MOVE */
    struct od_str old, new_;         /* a status, a number, "allowed", "hold HANDLE" or a refusal's
                                        code */
    struct od_str policy, reason;    /* the candidate's */
};

struct od_replay {
    struct od_replay_rules candidate;
    /* The rules that serve, for questions that history did not ask. NULL: those are skipped. */
    const struct od_replay_rules *base;
    uint32_t questions; /* bits of enum od_question: ask only these; ~0: all */
    /* The time of the last question, whether the order can be cancelled now; microseconds. */
    int64_t now;
    void *ctx;
    /* strings are valid during the call */
    void (*found)(void *ctx, const struct od_replay_found *f);
    /* Is called twice for each event, with the order right after it: once as recorded, and once
     * with the statuses that the candidate gave, as its hooks would have been shown it. NULL:
     * nobody looks. */
    void (*event)(void *ctx, bool candidate, const struct od_event *e, const struct od_order *o);
    /* Is called for each kind of status of an order that folds, with the one that it has after its
     * last event, as recorded and as the candidate would have it. NULL: nobody counts. */
    void (*ended)(void *ctx, enum od_status_kind kind, struct od_str recorded,
                  struct od_str candidate);
    uint64_t decisions, skipped[OD_REPLAY_SKIPS];
};

/*
 * Replays all events of one order, ascending from the first. err: the ledger does not fold. *last
 * becomes the snapshot after the last event, in the arena.
 *
 * An event's `policy` says which questions were asked at it. Each is asked as decide asked it, with
 * the event's time and actor, about the recorded snapshot with the candidate's own statuses.
 * Statuses that people set are taken over. Where the candidate has no usable answer (it refuses,
 * fails, or names an unknown status), the recorded answer is taken, so that one fault is told once.
 * Refusals and moves that history overruled are not compared.
 */
int od_replay_order(struct od_replay *r, const struct od_event *events, uint32_t count,
                    struct od_arena *a, struct od_order **last, struct od_err *err) OD_MUST_CHECK;

#endif
