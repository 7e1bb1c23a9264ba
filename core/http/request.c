#include "http/request.h"

#include <string.h>

/* Buffers up to this size stay with a pooled request: most orders and replies fit. */
#define KEEP_BYTES 16384

void od_http_request_init(struct od_http_request *req)
{
    memset(req, 0, sizeof *req);
    od_arena_init(&req->arena);
    od_list_init(&req->node);
    od_buf_init(&req->head_in, 0);
    od_buf_init(&req->body_in, 0);
    od_buf_init(&req->body_out, 0);
    od_buf_init(&req->stream_out, 0);
}

static struct od_buf recycle(struct od_buf *b)
{
    if (b->cap > KEEP_BYTES)
        od_buf_fini(b);
    else
        od_buf_reset(b);
    return *b;
}

void od_http_request_reset(struct od_http_request *req)
{
    od_arena_reset(&req->arena);
    struct od_http_request kept = {
        .arena = req->arena,
        .head_in = recycle(&req->head_in),
        .body_in = recycle(&req->body_in),
        .body_out = recycle(&req->body_out),
        .stream_out = recycle(&req->stream_out),
    };
    *req = kept;
    od_list_init(&req->node);
}

void od_http_request_fini(struct od_http_request *req)
{
    od_buf_fini(&req->head_in);
    od_buf_fini(&req->body_in);
    od_buf_fini(&req->body_out);
    od_buf_fini(&req->stream_out);
    od_arena_fini(&req->arena);
}

struct od_str od_http_header(const struct od_http_request *req, const char *name)
{
    struct od_str wanted = od_str_of(name);
    for (size_t i = 0; i < req->header_count; i++) {
        if (req->headers[i].name.len == wanted.len &&
            od_str_eq_nocase(req->headers[i].name, wanted))
            return req->headers[i].value;
    }
    return OD_STR_NONE;
}

static struct od_str find(const struct od_http_pair *pairs, size_t n, const char *name)
{
    struct od_str wanted = od_str_of(name);
    for (size_t i = 0; i < n; i++) {
        if (od_str_eq(pairs[i].name, wanted))
            return pairs[i].value;
    }
    return OD_STR_NONE;
}

struct od_str od_http_query(const struct od_http_request *req, const char *name)
{
    return find(req->query, req->query_count, name);
}

struct od_str od_http_param(const struct od_http_request *req, const char *name)
{
    return find(req->params, req->param_count, name);
}

const char *od_http_method_name(enum od_http_method method)
{
    static const char *const names[] = {
        [OD_HTTP_GET] = "GET",         [OD_HTTP_HEAD] = "HEAD",   [OD_HTTP_POST] = "POST",
        [OD_HTTP_PUT] = "PUT",         [OD_HTTP_PATCH] = "PATCH", [OD_HTTP_DELETE] = "DELETE",
        [OD_HTTP_OPTIONS] = "OPTIONS", [OD_HTTP_OTHER] = "OTHER",
    };
    return names[method];
}
