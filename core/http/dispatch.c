#include <stdio.h>

#include "base/clock.h"
#include "http/conn.h"
#include "http/problem.h"
#include "http/reply.h"

/* "GET, HEAD, OPTIONS" of a set of methods. */
static void set_allow(struct od_http_request *req, unsigned allow)
{
    char text[96];
    size_t len = 0;
    text[0] = '\0';
    for (unsigned m = 0; m < OD_HTTP_OTHER; m++) {
        if (allow & 1u << m)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? ", " : "",
                                    od_http_method_name(m));
    }
    od_http_set_header(req, "Allow", od_str_n(text, len));
}

bool od_http_type_is(const struct od_http_request *req, struct od_str type)
{
    struct od_str header = od_http_header(req, "Content-Type"), piece;
    if (!od_str_cut(&header, ';', &piece) || !od_str_eq_nocase(od_str_trim(piece), type))
        return false;
    while (od_str_cut(&header, ';', &piece)) {
        struct od_str value = od_str_trim(piece);
        struct od_str name;
        (void)od_str_cut(&value, '=', &name);
        if (od_str_eq_nocase(name, OD_STR("charset")) &&
            !od_str_eq_nocase(value, OD_STR("utf-8")) &&
            !od_str_eq_nocase(value, OD_STR("\"utf-8\"")))
            return false;
    }
    return true;
}

static bool type_acceptable(const struct od_http_request *req, unsigned flags)
{
    if (!(flags & OD_HTTP_FORMS) && od_http_form_like(req))
        return false;
    const unsigned any = OD_HTTP_JSON | OD_HTTP_NDJSON | OD_HTTP_CSV | OD_HTTP_ANY_TYPE;
    if (req->body.len == 0 || !(flags & any) || (flags & OD_HTTP_ANY_TYPE))
        return true;
    return ((flags & OD_HTTP_JSON) && od_http_type_is(req, OD_STR("application/json"))) ||
           ((flags & OD_HTTP_NDJSON) && od_http_type_is(req, OD_STR("application/x-ndjson"))) ||
           ((flags & OD_HTTP_CSV) && od_http_type_is(req, OD_STR("text/csv")));
}

static const char *types_taken(unsigned flags)
{
    if (flags & OD_HTTP_NDJSON)
        return flags & OD_HTTP_CSV ? "application/x-ndjson or text/csv" : "application/x-ndjson";
    return "application/json";
}

void od_http_route_run(struct od_http_request *req, struct od_http_route *route)
{
    req->route = route;
    if (type_acceptable(req, route->flags))
        route->handler(route->ctx, req);
    else
        od_problem_sendf(req, 415, "unsupported_media_type",
                         req->body.len ? "Send the body as %s."
                                       : "Send no Content-Type without a body, or %s.",
                         types_taken(route->flags));
}

/* False: somebody else's web page sent it, and it has been answered. */
static bool is_own(struct od_http_request *req)
{
    enum od_http_foreign what = od_http_foreign(req->server, req);
    if (what == OD_HTTP_FOREIGN_NOT)
        return true;
    req->server->metrics.foreign[what]++;
    od_http_foreign_refuse(req, what);
    return false;
}

/* RFC 9110 section 9.3.7: OPTIONS * is about the server. */
static bool server_wide(const struct od_http_request *req)
{
    return req->method == OD_HTTP_OPTIONS && od_str_eq(req->path, OD_STR("*"));
}

void od_http_answer_unrouted(struct od_http_request *req, unsigned allow)
{
    if (server_wide(req))
        allow = (1u << OD_HTTP_OTHER) - 1;
    if (allow == 0) {
        od_problem_sendf(req, 404, "not_found", "There is nothing at this path.");
        return;
    }
    set_allow(req, allow);
    if (req->method == OD_HTTP_OPTIONS)
        od_http_send(req, 204);
    else
        od_problem_sendf(req, 405, "method_not_allowed", "This path has other methods; see Allow.");
}

void od_http_dispatch(struct od_http_request *req)
{
    req->begun_us = od_clock_monotonic_us();
    req->state = OD_HTTP_OPEN;
    if (!is_own(req))
        return;
    struct od_http_match match = {0};
    bool star = od_str_eq(req->path, OD_STR("*"));
    if (!star)
        match = od_http_router_match(req->server->router, req);
    if (match.route)
        od_http_route_run(req, match.route);
    else if (star || match.allow || !od_http_router_fall_back(req->server->router, req))
        od_http_answer_unrouted(req, match.allow);
}

void od_http_dispatch_fault(struct od_http_request *req, enum od_http_fault fault,
                            const char *detail)
{
    const struct od_http_fault_info *info = od_http_fault_info(fault);
    req->server->metrics.faults[fault]++;
    req->state = OD_HTTP_OPEN;
    od_problem_send(req, &(struct od_problem){
                             .status = info->status,
                             .code = info->code,
                             .detail = od_str_of(detail ? detail : info->detail),
                             .retry_after_s = info->status == 503 ? 1 : 0,
                         });
}
