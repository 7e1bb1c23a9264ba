#ifndef OD_API_HANDLER_H
#define OD_API_HANDLER_H

#include "api/api.h"
#include "api/auth.h"
#include "engine/engine.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/router.h"

struct od_json;

/* How deep the body of a command may nest, whichever way it comes. */
enum { OD_API_BODY_DEPTH = 32 };

/* Every handler uses these functions. They read the path and the query, answer when something is
 * wrong with them, and answer errors. */

/* Answers an error that is not about the request: 503 with Retry-After, or 500. */
void od_api_send_err(struct od_http_request *req, const struct od_err *err);
/* Answers what is wrong with the parameters of a query: 422, or else 503. */
void od_api_send_query_err(struct od_http_request *req, const struct od_err *err);
/* Answers 503, because the database did not answer a read. */
void od_api_send_unavailable(struct od_http_request *req);

/* Reads the body, which must be a JSON object. False: it is not one, which has been answered. */
bool od_api_object(struct od_http_request *req, struct od_json **body);

/* Reads the `:id` of the path. False: it cannot name an order, which has been answered 404. */
bool od_api_order_ref(struct od_http_request *req, struct od_order_ref *ref);

/* Whether there is an order and the caller sees it, by its store. False: the request has been
 * answered 404, as if there was none. */
struct od_order;
bool od_api_sees_order(struct od_http_request *req, const struct od_principal *who,
                       const struct od_order *o);
/* Whether the caller sees all of these classes of fields. False: the request has been answered 403;
 * `what` shows them: "q". */
bool od_api_sees_classes(struct od_http_request *req, const struct od_principal *who,
                         unsigned classes, const char *what);

/* True: every query parameter is one of names[] (NULL-terminated). Else the request has been
 * answered 422. */
bool od_api_query_known(struct od_http_request *req, const char *const *names);

/* Reads the query's dryRun. False: the query has something else, which has been answered 422. */
bool od_api_dry_run(struct od_http_request *req, bool *dry_run);

/* Sets the header ETag: "<version>". */
void od_api_set_etag(struct od_http_request *req, int32_t version);
/* Whether the caller has this version already (If-None-Match). */
bool od_api_not_modified(const struct od_http_request *req, int32_t version);

#endif
