#include "api/routes.h"

#include "api/api.h"
#include "http/router.h"

/* The table of contents of the API. */

void od_api_routes(struct od_api *api, struct od_http_router *router)
{
    api->router = router;
    od_api_command_routes(api, router);
    od_api_read_routes(api, router);
    od_api_list_routes(api, router);
    od_api_inventory_routes(api, router);
    od_api_export_routes(api, router);
    od_api_draft_routes(api, router);
    od_api_bulk_routes(api, router);
    od_api_events_routes(api, router);
    od_api_ops_routes(api, router);
    od_api_actions_routes(api, router);
    od_api_admin_routes(api, router);
    od_api_document_routes(api, router);
    od_api_script_routes(api, router);
    od_http_router_alias(router, "/api/oms", "/api");
}
