#include "api/handler.h"

#include <stdio.h>
#include <string.h>

#include "api/outcome.h"
#include "base/json/json.h"
#include "http/problem.h"
#include "http/reply.h"
#include "order/model/fields.h"
#include "order/model/model.h"

void od_api_send_err(struct od_http_request *req, const struct od_err *err)
{
    struct od_problem problem =
        od_err_problem(err, req->method == OD_HTTP_GET || req->method == OD_HTTP_HEAD, &req->arena);
    od_problem_send(req, &problem);
}

void od_api_send_query_err(struct od_http_request *req, const struct od_err *err)
{
    if (err->code == OD_ERR_INVALID)
        od_problem_sendf(req, 422, "bad_query", "%s", err->message);
    else
        od_api_send_err(req, err);
}

void od_api_send_unavailable(struct od_http_request *req)
{
    struct od_err err;
    (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "query failed");
    od_api_send_err(req, &err);
}

bool od_api_object(struct od_http_request *req, struct od_json **body)
{
    struct od_err err;
    if (od_json_parse(&req->arena, req->body, OD_API_BODY_DEPTH, body, &err)) {
        od_problem_sendf(req, 400, "malformed_json", "The body is not JSON: %s", err.message);
        return false;
    }
    if ((*body)->type == OD_JSON_OBJECT)
        return true;
    od_problem_sendf(req, 422, "invalid", "The body must be an object.");
    return false;
}

bool od_api_order_ref(struct od_http_request *req, struct od_order_ref *ref)
{
    if (od_order_ref_parse(od_http_param(req, "id"), ref))
        return true;
    od_problem_sendf(req, 404, "order_not_found", "There is no such order.");
    return false;
}

bool od_api_sees_order(struct od_http_request *req, const struct od_principal *who,
                       const struct od_order *o)
{
    if (o && od_principal_sees_store(who, o->store))
        return true;
    od_problem_sendf(req, 404, "order_not_found", "There is no such order.");
    return false;
}

bool od_api_sees_classes(struct od_http_request *req, const struct od_principal *who,
                         unsigned classes, const char *what)
{
    if ((who->classes & classes) == classes)
        return true;
    char names[60] = "";
    for (unsigned c = 0; c < OD_CLASSES; c++) {
        if (classes & ~who->classes & OD_CLASS_BIT(c))
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                     names[0] ? " and " : "", od_field_class_name((enum od_field_class)c));
    }
    od_problem_sendf(req, 403, "fields_hidden",
                     "%s needs fields of the class %s, which the role %.*s does not see.", what,
                     names, OD_STR_ARG(who->role));
    return false;
}

bool od_api_query_known(struct od_http_request *req, const char *const *names)
{
    for (size_t i = 0; i < req->query_count; i++) {
        bool known = false;
        for (size_t n = 0; names[n] && !known; n++)
            known = od_str_is(req->query[i].name, names[n]);
        if (!known) {
            od_problem_sendf(req, 422, "unknown_parameter", "There is no query parameter \"%.*s\".",
                             (int)(req->query[i].name.len > 60 ? 60 : req->query[i].name.len),
                             req->query[i].name.ptr);
            return false;
        }
    }
    return true;
}

bool od_api_dry_run(struct od_http_request *req, bool *dry_run)
{
    static const char *const names[] = {"dryRun", NULL};
    struct od_str value = od_http_query(req, "dryRun");
    *dry_run = value.ptr && od_str_is(value, "true");
    if (!od_api_query_known(req, names))
        return false;
    if (!value.ptr || *dry_run || od_str_is(value, "false"))
        return true;
    od_problem_sendf(req, 422, "bad_query", "dryRun must be true or false.");
    return false;
}

void od_api_set_etag(struct od_http_request *req, int32_t version)
{
    char etag[16];
    int n = snprintf(etag, sizeof etag, "\"%d\"", version);
    od_http_set_header(req, "ETag", od_str_n(etag, (size_t)n));
}

bool od_api_not_modified(const struct od_http_request *req, int32_t version)
{
    struct od_str value = od_str_trim(od_http_header(req, "If-None-Match"));
    int64_t wanted;
    return value.len > 2 &&
           od_str_to_i64(od_str_slice(value, 1, value.len - 1), 1, INT32_MAX, &wanted) &&
           wanted == version;
}
