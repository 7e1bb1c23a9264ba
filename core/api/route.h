#ifndef OD_API_ROUTE_H
#define OD_API_ROUTE_H

#include <stddef.h>

#include "access/principal.h"
#include "base/str.h"
#include "http/router.h"

/*
 * A file of handlers adds its routes as a chapter. A route's row says who may use it, which is
 * checked before its handler is called. The API adds chapters, and so does whoever else serves HTTP
 * beside it.
 */

struct od_api;
struct od_command_kind;

/* In place of a permission: anybody may use the route, and who it is is not asked. */
enum { OD_PUBLIC = OD_PERMISSIONS, OD_SIGNED_IN /* whoever is known; what he may is not asked */ };

/*
 * Beside the flags of the HTTP route. Without either, a route shows orders as they are, and a
 * caller from whom a class of fields or a store is hidden is refused: what forgets to say how it
 * hides things shows nothing.
 */
enum od_api_route_flag {
    OD_API_HIDES = 1 << 16,     /* its handler hides what its caller may not see */
    OD_API_NO_ORDERS = 1 << 17, /* it shows nothing of any order */
};

/* who: the caller, valid as long as the request is open. */
typedef void od_api_handler(void *ctx, struct od_http_request *req, const struct od_principal *who);

struct od_api_route {
    const char *name; /* the label of its metrics and its entry in the chapter's text */
    enum od_http_method method;
    const char *pattern;
    unsigned flags;      /* bits of enum od_http_route_flag and enum od_api_route_flag */
    unsigned permission; /* enum od_permission, OD_PUBLIC or OD_SIGNED_IN */
    od_api_handler *handler;
};

/* The routes of one file, and the text that describes them: the JSON of the same name beside the
 * file, {"operations": {ROUTE: …}, "parameters": {…}, "schemas": {…}} (openapi/openapi.h). */
struct od_api_chapter {
    const char *text, *text_end;
    const struct od_api_route *routes;
    size_t count;
    /* Only for routes of commands, else NULL: the command that routes[i] gives, and the ctx of its
     * handler. */
    const struct od_command_kind *const *commands;
    void *const *ctxs;
};
#define OD_API_CHAPTER(ROUTES, TEXT)                                                               \
    {                                                                                              \
        .text = (TEXT), .text_end = TEXT##_end, .routes = (ROUTES),                                \
        .count = sizeof(ROUTES) / sizeof *(ROUTES)                                                 \
    }

/* Adds the routes of a chapter, which is borrowed and must outlive the router. ctx is that of its
 * handlers, unless the chapter has ctxs. */
void od_api_add(struct od_api *api, const struct od_api_chapter *chapter, void *ctx);

#endif
