#ifndef OD_API_HANDLER_H
#define OD_API_HANDLER_H

#include "api/api.h"
#include "api/auth.h"
#include "engine/engine.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/router.h"

/* What every handler needs: it reads the path and the query, answers what is wrong with them, and
 * answers errors. */

/* Answers an error that is not about the request: 503 with Retry-After, or 500. */
void od_api_send_err(struct od_http_request *req, const struct od_err *err);

/* The `:id` of the path; answers 404 and returns false when it cannot name an order. */
bool od_api_order_ref(struct od_http_request *req, struct od_order_ref *ref);

/* True when every query parameter is one of names[] (NULL-terminated); else answers 422. */
bool od_api_query_known(struct od_http_request *req, const char *const *names);

/* The query's dryRun, which is all it may have; else answers 422. */
bool od_api_dry_run(struct od_http_request *req, bool *dry_run);

/* ETag: "<version>" */
void od_api_set_etag(struct od_http_request *req, int32_t version);
/* The caller has this version already (If-None-Match). */
bool od_api_not_modified(const struct od_http_request *req, int32_t version);

#endif
