#ifndef OD_API_COMMAND_CALL_H
#define OD_API_COMMAND_CALL_H

#include "api/command/answer.h"

/*
 * Makes a submission of a request. The steps check the body, the path and the headers, in this
 * order. A step that fails has answered the request.
 */

/* Sets *c up for the caller `who`. */
void od_call_begin(struct od_call *c, struct od_api *api, struct od_http_request *req,
                   const struct od_principal *who);
/* Reads the body as JSON. optional: no body counts as an empty object. */
bool od_call_body(struct od_call *c, bool optional, struct od_json **body);
/* Reads that JSON as a command of the type, in the currency unless it names one. */
bool od_call_parse(struct od_call *c, enum od_command_type type, const struct od_json *body,
                   struct od_str currency);
/* Reads the number of a part (what: "shipment") from the path into *id, which keeps its value when
 * the path has none. */
bool od_call_part(struct od_call *c, const char *param, const char *what, int32_t *id);
/* Reads the terms: the order of the path, If-Match, Idempotency-Key and dryRun. */
bool od_call_terms(struct od_call *c);
/* Gives the submission to the engine. If the client leaves while it waits there, it is dropped. */
void od_call_hand_over(struct od_call *c);
/* Hands the command over. The answer follows later. */
void od_call_submit(struct od_call *c);

/* Runs the command of that type that the request describes. */
void od_api_command(struct od_api *api, struct od_http_request *req, const struct od_principal *who,
                    enum od_command_type type);

/* Runs POST /api/orders/:id/returns/:returnId/exchange: the return and the new order in one
 * submission. */
void od_api_exchange(struct od_api *api, struct od_http_request *req,
                     const struct od_principal *who);

#endif
