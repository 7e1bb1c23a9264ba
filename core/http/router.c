#include "http/router.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/arena.h"

struct entry {
    struct od_http_route route;
    struct od_str names[OD_HTTP_MAX_PARAMS];
    size_t name_count;
    struct entry *next; /* as added */
};

/* One segment of a pattern. */
struct node {
    struct od_str literal;
    struct node *children; /* literal ones */
    struct node *sibling;
    struct node *param; /* where any segment leads */
    const struct node *alias;
    struct entry *methods[OD_HTTP_OTHER];
    unsigned allow;
};

struct od_http_router {
    struct od_arena arena;
    struct node root;
    struct entry *first, **last;
    od_http_handler *fallback; /* NULL: none */
    void *fallback_ctx;
};

struct walk {
    const struct od_str *segments;
    size_t count;
    const struct od_str *values[OD_HTTP_MAX_PARAMS];
    size_t value_count;
};

struct od_http_router *od_http_router_new(void)
{
    struct od_http_router *router = calloc(1, sizeof *router);
    if (!router)
        abort();
    od_arena_init(&router->arena);
    router->last = &router->first;
    return router;
}

void od_http_router_free(struct od_http_router *router)
{
    if (!router)
        return;
    od_arena_fini(&router->arena);
    free(router);
}

static struct node *child(struct od_http_router *router, struct node *parent, struct od_str literal)
{
    for (struct node *n = parent->children; n; n = n->sibling) {
        if (od_str_eq(n->literal, literal))
            return n;
    }
    struct node *n = OD_NEW(&router->arena, struct node);
    n->literal = literal;
    n->sibling = parent->children;
    parent->children = n;
    return n;
}

/* The node of a pattern, made as needed; the names of its parameters go to `entry`. */
static struct node *place(struct od_http_router *router, const char *pattern, struct entry *entry)
{
    struct node *node = &router->root;
    struct od_str rest = od_str_of(pattern);
    struct od_str piece;
    OD_ASSERT(pattern[0] == '/');
    for ((void)od_str_cut(&rest, '/', &piece); od_str_cut(&rest, '/', &piece);) {
        if (piece.len == 0) {
            OD_ASSERT(!rest.ptr);
            if (node == &router->root)
                break;
        }
        if (piece.len == 0 || piece.ptr[0] != ':') {
            node = child(router, node, piece);
            continue;
        }
        OD_ASSERT(entry && entry->name_count < OD_HTTP_MAX_PARAMS);
        entry->names[entry->name_count++] = od_str_slice(piece, 1, piece.len);
        if (!node->param)
            node->param = OD_NEW(&router->arena, struct node);
        node = node->param;
    }
    return node;
}

void od_http_router_add(struct od_http_router *router, const struct od_http_route *route)
{
    struct entry *entry = OD_NEW(&router->arena, struct entry);
    entry->route = *route;
    struct node *node = place(router, route->pattern, entry);
    OD_ASSERT(route->handler && route->method < OD_HTTP_OTHER && !node->methods[route->method]);
    node->methods[route->method] = entry;
    node->allow |= 1u << route->method | 1u << OD_HTTP_OPTIONS;
    if (route->method == OD_HTTP_GET)
        node->allow |= 1u << OD_HTTP_HEAD;
    *router->last = entry;
    router->last = &entry->next;
}

void od_http_router_alias(struct od_http_router *router, const char *prefix, const char *target)
{
    struct node *to = place(router, target, NULL);
    place(router, prefix, NULL)->alias = to;
}

void od_http_router_fallback(struct od_http_router *router, od_http_handler *handler, void *ctx)
{
    router->fallback = handler;
    router->fallback_ctx = ctx;
}

bool od_http_router_fall_back(const struct od_http_router *router, struct od_http_request *req)
{
    if (router->fallback)
        router->fallback(router->fallback_ctx, req);
    return router->fallback != NULL;
}

bool od_http_router_has(const struct od_http_router *router, enum od_http_method method,
                        const char *pattern)
{
    const struct node *node = &router->root;
    struct od_str rest = od_str_of(pattern), piece;
    for ((void)od_str_cut(&rest, '/', &piece); node && od_str_cut(&rest, '/', &piece);) {
        if (piece.len == 0 && node == &router->root)
            break;
        if (piece.len > 0 && piece.ptr[0] == ':') {
            node = node->param;
            continue;
        }
        const struct node *next = node->children;
        while (next && !od_str_eq(next->literal, piece))
            next = next->sibling;
        node = next;
    }
    return node && node->methods[method];
}

static const struct node *descend(const struct node *node, size_t at, struct walk *w)
{
    const struct node *found = NULL;
    if (at == w->count && node->allow)
        return node;
    if (at < w->count) {
        for (const struct node *n = node->children; n && !found; n = n->sibling) {
            if (od_str_eq(n->literal, w->segments[at]))
                found = descend(n, at + 1, w);
        }
    }
    if (!found && node->alias)
        found = descend(node->alias, at, w);
    if (!found && node->param && at < w->count && w->segments[at].len > 0) {
        w->values[w->value_count++] = &w->segments[at];
        found = descend(node->param, at + 1, w);
        if (!found)
            w->value_count--;
    }
    return found;
}

struct od_http_match od_http_router_match(const struct od_http_router *router,
                                          struct od_http_request *req)
{
    struct walk w = {.segments = req->segments, .count = req->segment_count};
    struct od_http_match match = {0};
    const struct node *node = descend(&router->root, 0, &w);
    if (!node)
        return match;
    match.allow = node->allow;
    enum od_http_method method = req->method == OD_HTTP_HEAD ? OD_HTTP_GET : req->method;
    struct entry *entry = method < OD_HTTP_OTHER ? node->methods[method] : NULL;
    if (!entry)
        return match;
    match.route = &entry->route;
    req->params = OD_NEW_ARRAY(&req->arena, struct od_http_pair, w.value_count);
    for (; req->param_count < w.value_count; req->param_count++) {
        req->params[req->param_count] = (struct od_http_pair){
            .name = entry->names[req->param_count], .value = *w.values[req->param_count]};
    }
    return match;
}

const struct od_http_route *od_http_router_route(const struct od_http_router *router, size_t i)
{
    const struct entry *entry = router->first;
    while (entry && i-- > 0)
        entry = entry->next;
    return entry ? &entry->route : NULL;
}
