#include "api/auth.h"
#include "api/command/call.h"
#include "api/routes.h"
#include "base/embed.h"
#include "order/machine/command_kind.h"

/* The routes of commands, as their rows say. */

OD_EMBED(od_api_commands_text, "api/command/routes.json");

/* The handler of a command's route is called with this. */
struct command_route {
    struct od_api *api;
    enum od_command_type type;
};

static void handle(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    const struct command_route *route = ctx;
    od_api_command(route->api, req, who, route->type);
}

static void handle_exchange(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    const struct command_route *route = ctx;
    od_api_exchange(route->api, req, who);
}

static enum od_http_method method_named(const char *name)
{
    enum od_http_method method = 0;
    while (method != OD_HTTP_OTHER && strcmp(od_http_method_name(method), name) != 0)
        method++;
    return method;
}

static struct od_api_route route_of(const struct od_command_kind *kind)
{
    return (struct od_api_route){
        .name = kind->name,
        .method = method_named(kind->route.method),
        .pattern = kind->route.pattern,
        .flags = OD_HTTP_JSON | OD_API_HIDES,
        .permission = od_auth_of_command(kind),
        .handler = kind->together ? handle_exchange : handle,
    };
}

void od_api_command_routes(struct od_api *api)
{
    struct od_arena *a = &api->arena;
    struct od_api_chapter *chapter = OD_NEW(a, struct od_api_chapter);
    struct od_api_route *routes = OD_NEW_ARRAY(a, struct od_api_route, OD_COMMAND_TYPES);
    const struct od_command_kind **kinds =
        OD_NEW_ARRAY(a, const struct od_command_kind *, OD_COMMAND_TYPES);
    void **ctxs = OD_NEW_ARRAY(a, void *, OD_COMMAND_TYPES);
    for (enum od_command_type type = 0; type < OD_COMMAND_TYPES; type++) {
        const struct od_command_kind *kind = od_command_kinds[type];
        if (!kind->route.method)
            continue;
        struct command_route *ctx = OD_NEW(a, struct command_route);
        *ctx = (struct command_route){api, type};
        routes[chapter->count] = route_of(kind);
        kinds[chapter->count] = kind;
        ctxs[chapter->count++] = ctx;
    }
    chapter->text = od_api_commands_text;
    chapter->text_end = od_api_commands_text_end;
    chapter->routes = routes;
    chapter->commands = kinds;
    chapter->ctxs = ctxs;
    od_api_add(api, chapter, NULL);
}
