#ifndef OD_ORDER_POLICY_H
#define OD_ORDER_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "order/model.h"

/*
 * The questions that decide asks the shop. script/ answers them with Lua; unit tests with C. A
 * policy is pure: the same snapshot and request give the same answer. It may not wait.
 */

enum od_question {
    OD_ASK_ORDER_STATUS = 0, /* -> code of an order status */
    OD_ASK_ORDER_CANCEL,     /* -> allow or refuse */
    OD_ASK_ORDER_NUMBER,     /* -> the number */
    OD_ASK_PAYMENT_STATUS,   /* -> code of a payment status */
    OD_ASK_SHIPMENT_STATUS,  /* -> code of a shipment status */
    OD_QUESTIONS
};

struct od_str od_question_name(enum od_question q); /* "order.status", … */

struct od_policy_request {
    struct od_str actor;
    struct od_str reason; /* cancel: why, as the caller said; may be absent */
    int64_t now;          /* the command's time; what `oms.now()` answers */
    int64_t seq_value;    /* order.number: unique, increasing */
    int32_t seq_year;     /* order.number: calendar year of the order, UTC */
};

struct od_policy_answer {
    bool refused;
    struct od_str code;   /* refusal: machine-readable, "on_hold" */
    struct od_str reason; /* refusal: for people; or the reason the policy gave with its answer; may
                             be absent */
    struct od_str value;  /* status code or number */
    struct od_str policy; /* who answered: "order.cancel@default" (question@plugin) */
};

struct od_policies {
    void *ctx;
    int32_t bundle_id; /* row of `bundle`, recorded in each event */
    /*
     * Answers q about *o. Strings of *out live in the arena or at least as long as the policies.
     * -1: the policy failed (error, budget, memory, wrong type); err says file:line and why. The
     * caller fails closed.
     */
    int (*ask)(void *ctx, enum od_question q, const struct od_order *o,
               const struct od_policy_request *request, struct od_arena *a,
               struct od_policy_answer *out, struct od_err *err);
};

#endif
