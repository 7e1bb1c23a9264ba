#ifndef OD_API_COMMAND_ANSWER_H
#define OD_API_COMMAND_ANSWER_H

#include "api/handler.h"
#include "api/reach.h"
#include "order/model/command.h"

/*
 * Answers commands over HTTP. A call is one request on its way through the engine. Its answer is
 * rendered into the request's body when the batch is decided, again when that is repeated, and sent
 * when the batch is committed.
 */
struct od_call {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_principal *who;
    struct od_command command;
    struct od_submission submission;
    int status;
    int32_t version; /* for ETag; 0 = none */
    struct od_uuid uuid;
    struct od_api_changed changed;
    bool replayed; /* the key was used before, and this is the answer of that time */
};

/* Writes the body of a success: the order, or the part of it that the command was about; or
 * stock. */
void od_answer_order(struct od_call *c, const struct od_outcome *outcome);
void od_answer_stock(struct od_call *c, const struct od_stock *first, const struct od_stock *about);
/* Writes the problem document of an outcome that is no success. False: it is a success. */
bool od_answer_problem(struct od_call *c, const struct od_outcome *outcome);
/* Writes that of an order whose store the caller does not see any more: a repetition may be about
 * one. False: it sees the order. */
bool od_answer_unseen(struct od_call *c, const struct od_outcome *outcome);

#endif
