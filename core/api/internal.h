#ifndef OD_API_INTERNAL_H
#define OD_API_INTERNAL_H

#include "api/api.h"
#include "api/auth.h"
#include "engine/engine.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/router.h"
#include "http/server.h"
#include "script/bundle/bundle.h"

/* What the files of api/ share. */

/* Each file adds its routes; the handlers' ctx is the od_api. */
void od_api_command_routes(struct od_api *api, struct od_http_router *router);
void od_api_read_routes(struct od_api *api, struct od_http_router *router);
void od_api_list_routes(struct od_api *api, struct od_http_router *router);
void od_api_inventory_routes(struct od_api *api, struct od_http_router *router);
void od_api_export_routes(struct od_api *api, struct od_http_router *router);
void od_api_draft_routes(struct od_api *api, struct od_http_router *router);
void od_api_bulk_routes(struct od_api *api, struct od_http_router *router);
void od_api_events_routes(struct od_api *api, struct od_http_router *router);
void od_api_ops_routes(struct od_api *api, struct od_http_router *router);
void od_api_actions_routes(struct od_api *api, struct od_http_router *router);
void od_api_admin_routes(struct od_api *api, struct od_http_router *router);
void od_api_document_routes(struct od_api *api, struct od_http_router *router);
void od_api_script_routes(struct od_api *api, struct od_http_router *router);

/* The routes of the plugins that serve, for metrics; NULL: none was asked for yet. */
const struct od_http_router *od_api_script_router(const struct od_api *api);

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

#endif
