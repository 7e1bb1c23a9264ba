#ifndef OD_API_ANSWER_H
#define OD_API_ANSWER_H

#include "api/internal.h"
#include "order/command.h"

/*
 * The answers to commands over HTTP. A call is one request on its way through the engine; its
 * answer is rendered into the request's body when the batch is decided, again if that is repeated,
 * and sent when it is committed.
 */
struct od_call {
    struct od_api *api;
    struct od_http_request *req;
    struct od_command command;
    struct od_submission submission;
    struct od_read read; /* of the earlier state, for a replayed answer */
    int status;
    int32_t version; /* for ETag; 0 = none */
    struct od_uuid uuid;
    bool replay;
    struct od_replayed replayed;
};

/* The body of a success with an order. ref_id: the part that the command is about (see
 * od_decision_answer_id). */
void od_answer_order(struct od_call *c, const struct od_rules *rules, const struct od_order *o,
                     struct od_str activities, int32_t ref_id);
void od_answer_stock(struct od_call *c, const struct od_stock *first, const struct od_stock *about);
/* The problem document of a refusal, or of another outcome that is none. */
void od_answer_problem(struct od_call *c, const struct od_outcome *outcome);

#endif
