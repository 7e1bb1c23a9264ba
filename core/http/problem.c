#include "http/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json/json.h"
#include "http/reply.h"

static void optional(struct od_json_writer *w, const char *key, struct od_str value)
{
    if (!value.ptr)
        return;
    od_jw_key(w, key);
    od_jw_str(w, value);
}

static void write_errors(struct od_json_writer *w, const struct od_problem *p)
{
    od_jw_key(w, "errors");
    od_jw_array(w);
    for (size_t i = 0; i < p->error_count; i++) {
        od_jw_object(w);
        od_jw_key(w, "pointer");
        od_jw_str(w, p->errors[i].pointer);
        od_jw_key(w, "detail");
        od_jw_str(w, p->errors[i].detail);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

void od_problem_write(struct od_buf *b, const struct od_problem *p)
{
    char type[128];
    struct od_json_writer w;
    snprintf(type, sizeof type, "/problems/%s", p->code);
    od_jw_init(&w, b);
    od_jw_object(&w);
    od_jw_key(&w, "type");
    od_jw_cstr(&w, type);
    od_jw_key(&w, "title");
    od_jw_cstr(&w, p->title ? p->title : od_http_phrase(p->status));
    od_jw_key(&w, "status");
    od_jw_i64(&w, p->status);
    optional(&w, "detail", p->detail);
    od_jw_key(&w, "code");
    od_jw_cstr(&w, p->code);
    if (p->error_count > 0)
        write_errors(&w, p);
    optional(&w, "policy", p->policy);
    optional(&w, "decisionId", p->decision_id);
    for (size_t i = 0; i < p->extra_count; i++) {
        od_jw_key(&w, p->extra[i].key);
        od_jw_raw(&w, p->extra[i].json);
    }
    od_jw_object_end(&w);
}

void od_problem_send(struct od_http_request *req, const struct od_problem *p)
{
    if (p->retry_after_s > 0)
        od_http_set_header(req, "Retry-After",
                           od_arena_printf(&req->arena, "%u", p->retry_after_s));
    od_buf_reset(od_http_body(req));
    od_problem_write(od_http_body(req), p);
    od_http_set_type(req, "application/problem+json");
    od_http_send(req, p->status);
}

void od_problem_sendf(struct od_http_request *req, int status, const char *code, const char *detail,
                      ...)
{
    char text[512];
    va_list args;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    od_problem_send(
        req, &(struct od_problem){.status = status, .code = code, .detail = od_str_of(text)});
}
