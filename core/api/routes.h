#ifndef OD_API_ROUTES_H
#define OD_API_ROUTES_H

struct od_api;
struct od_http_router;

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

#endif
