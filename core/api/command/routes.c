#include "api/command/call.h"
#include "api/routes.h"
#include "order/machine/kind.h"

/* The routes of commands, as their rows say. */

static void handle(void *ctx, struct od_http_request *req)
{
    const struct od_command_route *route = ctx;
    od_api_command(route->api, req, route->type);
}

static void handle_exchange(void *ctx, struct od_http_request *req)
{
    const struct od_command_route *route = ctx;
    od_api_exchange(route->api, req);
}

static enum od_http_method method_named(const char *name)
{
    enum od_http_method method = 0;
    while (method != OD_HTTP_OTHER && strcmp(od_http_method_name(method), name) != 0)
        method++;
    return method;
}

void od_api_command_routes(struct od_api *api, struct od_http_router *router)
{
    for (enum od_command_type type = 0; type < OD_COMMAND_TYPES; type++) {
        const struct od_command_kind *kind = od_command_kinds[type];
        if (!kind->route.method)
            continue;
        api->commands[type] = (struct od_command_route){api, type};
        const struct od_http_route route = {
            .name = kind->name,
            .method = method_named(kind->route.method),
            .pattern = kind->route.pattern,
            .flags = OD_HTTP_JSON,
            .handler = kind->together ? handle_exchange : handle,
            .ctx = &api->commands[type],
        };
        od_http_router_add(router, &route);
    }
}
