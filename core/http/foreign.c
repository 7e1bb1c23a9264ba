#include "http/conn.h"
#include "http/problem.h"

/* Requests that another site's web page sent: recognized before any route, and told what to do. */

static bool is_safe(const struct od_http_request *req)
{
    return req->method == OD_HTTP_GET || req->method == OD_HTTP_HEAD ||
           req->method == OD_HTTP_OPTIONS;
}

enum od_http_foreign od_http_foreign(const struct od_http_server *server,
                                     const struct od_http_request *req)
{
    const struct od_http_sender sender = {
        .safe = is_safe(req),
        .host = od_http_header(req, "Host"),
        .origin = od_http_header(req, "Origin"),
        .site = od_http_header(req, "Sec-Fetch-Site"),
    };
    return od_http_foreign_check(&server->conf.origins, od_str_of(server->address), &sender);
}

bool od_http_form_like(const struct od_http_request *req)
{
    static const struct od_str scheme = OD_STR_INIT("Bearer ");
    struct od_str key = od_str_slice(od_http_header(req, "Authorization"), 0, scheme.len);
    return !is_safe(req) && !od_http_header(req, "X-Requested-With").ptr &&
           !od_str_eq_nocase(key, scheme) && od_http_form_type(od_http_header(req, "Content-Type"));
}

/* So many bytes of a header are shown; longer ones are cut. */
static int shown(struct od_str value)
{
    return (int)(value.len > 120 ? 120 : value.len);
}

void od_http_foreign_refuse(struct od_http_request *req, enum od_http_foreign what)
{
    struct od_str host = od_http_header(req, "Host"), origin = od_http_header(req, "Origin");
    switch (what) {
    case OD_HTTP_FOREIGN_HOST:
        od_problem_sendf(req, 403, "foreign_host",
                         "This server is not known as \"%.*s\". Use 127.0.0.1 or localhost; or, if "
                         "it is a name of this server, add it to hosts in the section [server] of "
                         "the configuration.",
                         shown(host), host.ptr);
        return;
    case OD_HTTP_FOREIGN_ORIGIN:
        od_problem_sendf(req, 403, "foreign_origin",
                         "A web page of \"%.*s\" sent this to \"%.*s\", and pages of other origins "
                         "may not. If the page is yours, add its origin to origins in the section "
                         "[server] of the configuration; or let the proxy pass the Host header on.",
                         shown(origin), origin.ptr, shown(host), host.ptr ? host.ptr : "");
        return;
    case OD_HTTP_FOREIGN_SITE:
        od_problem_sendf(req, 403, "foreign_origin",
                         "A web page of another origin sent this, as its Sec-Fetch-Site header "
                         "says, and such pages may not. If the page is yours, let it send Origin "
                         "and add that to origins in the section [server] of the configuration.");
        return;
    case OD_HTTP_FOREIGN_NOT:
    case OD_HTTP_FOREIGN_KINDS:
        return;
    }
}
