#include "api/routes.h"

#include "api/api.h"
#include "api/message_limit.h"

/* The table of contents of the API. */

enum { DESCRIPTION_MAX = 4 << 20 };

static const struct od_api_chapter *const chapters[] = {
    &od_api_list,     &od_api_export,      &od_api_bulk,       &od_api_drafts,    &od_api_reads,
    &od_api_events,   &od_api_actions,     &od_api_documents,  &od_api_inventory, &od_api_ops,
    &od_api_targets,  &od_api_target_edit, &od_api_deliveries, &od_api_follow,    &od_api_stream,
    &od_api_messages, &od_api_mails,       &od_api_graphql,    &od_api_reports,   &od_api_login,
    &od_api_account,  &od_api_links,       &od_api_users,      &od_api_keys,      &od_api_sessions,
    &od_api_oidc,     &od_api_me,
};

void od_api_routes(struct od_api *api, struct od_http_router *router)
{
    api->router = router;
    od_arena_init(&api->arena);
    od_buf_init(&api->description, DESCRIPTION_MAX);
    api->streams = od_streams_new(api);
    od_api_command_routes(api);
    for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++)
        od_api_add(api, chapters[i], api);
    od_api_script_routes(api);
    od_http_router_alias(router, "/api/oms", "/api");
}

void od_api_routes_free(struct od_api *api)
{
    od_api_script_routes_free(api);
    od_streams_free(api->streams);
    od_graphql_free(api->graphql);
    od_report_zones_free(api->report_zones);
    od_message_limit_free(api->message_limit);
    od_arena_fini(&api->arena);
    od_buf_fini(&api->description);
}
