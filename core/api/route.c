#include "api/route.h"

#include "api/api.h"
#include "api/auth.h"
#include "base/arena.h"

struct bound {
    const struct od_api *api;
    const struct od_api_route *route;
    void *ctx;
};

static void guard(void *ctx, struct od_http_request *req)
{
    const struct bound *b = ctx;
    static const struct od_principal nobody = {.kind = OD_PRINCIPAL_NOBODY};
    const struct od_principal *who =
        b->route->permission == OD_PUBLIC ? &nobody
        : b->route->permission == OD_SIGNED_IN
            ? od_auth_caller(b->api->auth, req)
            : od_auth_allow(b->api->auth, req, (enum od_permission)b->route->permission);
    bool shows_orders = !(b->route->flags & (OD_API_HIDES | OD_API_NO_ORDERS));
    if (who && shows_orders && b->route->permission != OD_PUBLIC && !od_auth_sees_all(who, req))
        return;
    if (who)
        b->route->handler(b->ctx, req, who);
}

static void add_route(struct od_api *api, const struct od_api_route *route, void *ctx)
{
    struct bound *b = OD_NEW(&api->arena, struct bound);
    *b = (struct bound){api, route, ctx};
    od_http_router_add(api->router,
                       &(struct od_http_route){
                           .name = route->name,
                           .method = route->method,
                           .pattern = route->pattern,
                           .flags = route->flags & ~(unsigned)(OD_API_HIDES | OD_API_NO_ORDERS),
                           .handler = guard,
                           .ctx = b,
                       });
}

void od_api_add(struct od_api *api, const struct od_api_chapter *chapter, void *ctx)
{
    api->chapters = od_arena_grow(&api->arena, api->chapters, api->chapter_count, &api->chapter_cap,
                                  sizeof *api->chapters);
    api->chapters[api->chapter_count++] = chapter;
    for (size_t i = 0; i < chapter->count; i++)
        add_route(api, &chapter->routes[i], chapter->ctxs ? chapter->ctxs[i] : ctx);
}
