#ifndef OD_API_COMMAND_CALL_H
#define OD_API_COMMAND_CALL_H

#include "api/command/answer.h"

/*
 * From a request to a submission, in the order it is checked: the body, the path, the
 * headers. Each step that fails has answered the request.
 */

/* Sets *c up for that caller. */
void od_call_begin(struct od_call *c, struct od_api *api, struct od_http_request *req,
                   struct od_str actor);
/* The body as JSON; `optional`: none is an empty object. */
bool od_call_body(struct od_call *c, bool optional, struct od_json **body);
/* …as a command of that type, in that currency unless it names one. */
bool od_call_parse(struct od_call *c, enum od_command_type type, const struct od_json *body,
                   struct od_str currency);
/* The number of a part (`what`: "shipment") in the path into *id, which stays when there is none.
 */
bool od_call_part(struct od_call *c, const char *param, const char *what, int32_t *id);
/* The order of the path, If-Match, Idempotency-Key, dryRun. */
bool od_call_terms(struct od_call *c);
/* Gives the submission to the engine; while it waits there, it is dropped when the client leaves.
 */
void od_call_hand_over(struct od_call *c);
/* Hands the command over; the answer follows. */
void od_call_submit(struct od_call *c);

/* Runs the command of that type which the request describes. */
void od_api_command(struct od_api *api, struct od_http_request *req, struct od_str actor,
                    enum od_command_type type);

/* POST /api/orders/:id/returns/:returnId/exchange */
void od_api_exchange(struct od_api *api, struct od_http_request *req, struct od_str actor);

#endif
