#ifndef OD_API_REACH_H
#define OD_API_REACH_H

#include "api/api.h"
#include "engine/engine.h"
#include "http/request.h"
#include "read/projection/position.h"

/*
 * Reads of a projection see what was written before them. A request that carries Orderd-At-Least,
 * the Orderd-Position of a command's answer, sees that command, whichever process carried it out.
 * One without it sees at least what this process has carried out.
 */

/* Calls then(ctx) when the projection is so far, perhaps at once. Or it answers the request, 400
 * for a header that is no position and 503 when it took too long, and never calls. */
void od_api_reach(struct od_api *api, struct od_http_request *req, const char *projection,
                  void (*then)(void *ctx), void *ctx);

struct od_search;
/* Does the same for what a search is answered from: lists, and for a figure reports. */
void od_api_reach_search(struct od_api *api, struct od_http_request *req,
                         const struct od_search *search, void (*then)(void *ctx), void *ctx);

/* Does the same without answering: done gets 0, 400 or 503. */
void od_api_await(struct od_api *api, struct od_http_request *req, const char *projection,
                  void (*done)(void *ctx, int status), void *ctx);

/* What a request has changed, for the Orderd-Position of its answer. */
struct od_api_changed {
    struct od_position position;
    bool too_many; /* more orders than a position has room for: the answer has none */
};
/* Adds the orders of a submission that was decided, unless it was a dry run or refused. */
void od_api_add_changed(struct od_api_changed *c, const struct od_submission *s,
                        const struct od_outcome *outcome);
void od_api_join_changed(struct od_api_changed *c, const struct od_api_changed *also);
/* Says Orderd-Position. */
void od_api_set_position(struct od_http_request *req, const struct od_api_changed *c);

#endif
