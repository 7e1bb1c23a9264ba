#include "http/reply.h"

#include <string.h>

#include "base/assert.h"
#include "http/conn.h"
#include "http/problem.h"

const char *od_http_phrase(int status)
{
    static const char *const phrases[] = {
        [200] = "OK",
        [201] = "Created",
        [202] = "Accepted",
        [204] = "No Content",
        [206] = "Partial Content",
        [301] = "Moved Permanently",
        [302] = "Found",
        [303] = "See Other",
        [304] = "Not Modified",
        [307] = "Temporary Redirect",
        [308] = "Permanent Redirect",
        [400] = "Bad Request",
        [401] = "Unauthorized",
        [403] = "Forbidden",
        [404] = "Not Found",
        [405] = "Method Not Allowed",
        [406] = "Not Acceptable",
        [408] = "Request Timeout",
        [409] = "Conflict",
        [410] = "Gone",
        [412] = "Precondition Failed",
        [413] = "Content Too Large",
        [415] = "Unsupported Media Type",
        [417] = "Expectation Failed",
        [422] = "Unprocessable Content",
        [428] = "Precondition Required",
        [429] = "Too Many Requests",
        [431] = "Request Header Fields Too Large",
        [500] = "Internal Server Error",
        [501] = "Not Implemented",
        [502] = "Bad Gateway",
        [503] = "Service Unavailable",
        [504] = "Gateway Timeout",
        [505] = "HTTP Version Not Supported",
    };
    bool known = status >= 0 && (size_t)status < sizeof phrases / sizeof phrases[0];
    return known && phrases[status] ? phrases[status] : "";
}

struct od_buf *od_http_body(struct od_http_request *req)
{
    return &req->body_out;
}

void od_http_set_type(struct od_http_request *req, const char *type)
{
    req->reply_type = type;
}

void od_http_set_header(struct od_http_request *req, const char *name, struct od_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return;
    }
    req->reply_headers = od_arena_grow(&req->arena, req->reply_headers, req->reply_header_count,
                                       &req->reply_header_cap, sizeof *req->reply_headers);
    req->reply_headers[req->reply_header_count++] =
        (struct od_http_pair){od_str_of(name), od_arena_str(&req->arena, value)};
}

void od_http_send(struct od_http_request *req, int status)
{
    OD_ASSERT(req->state == OD_HTTP_OPEN && status >= 200 && status <= 599);
    if (req->body_out.overflow) {
        od_buf_reset(&req->body_out);
        req->reply_header_count = 0;
        od_problem_sendf(req, 500, "response_too_large",
                         "The answer exceeds the configured maximum.");
        return;
    }
    req->status = status;
    od_http_host_sent(req);
}

void od_http_reply(struct od_http_request *req, int status, const char *type, struct od_str body)
{
    od_http_set_type(req, type);
    od_buf_str(&req->body_out, body);
    od_http_send(req, status);
}

/* RFC 9110 sections 8.6 and 15.3.5: these have no content and say nothing about its length. */
static bool has_length(int status)
{
    return status != 204 && status != 304;
}

/* A client's X-Request-Id comes back when it is harmless to log and to send. */
static struct od_str request_id(const struct od_http_request *req)
{
    struct od_str id = od_http_header(req, "X-Request-Id");
    if (id.len == 0 || id.len > 128)
        return OD_STR_NONE;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!word && c != '-' && c != '_' && c != '.' && c != ':')
            return OD_STR_NONE;
    }
    return id;
}

static void put(char **to, struct od_str s)
{
    if (s.len > 0)
        *to = mempcpy(*to, s.ptr, s.len);
}

static void put_header(char **to, struct od_str name, struct od_str value)
{
    put(to, name);
    put(to, OD_STR(": "));
    put(to, value);
    put(to, OD_STR("\r\n"));
}

static void put_decimal(char **to, size_t v)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
    } while ((v /= 10) > 0);
    while (n > 0)
        *(*to)++ = digits[--n];
}

void od_http_reply_render(struct od_http_request *req, struct od_str common, bool close)
{
    struct od_str phrase = od_str_of(od_http_phrase(req->status));
    struct od_str type = od_str_of(req->reply_type ? req->reply_type : "application/json");
    struct od_str id = request_id(req);
    size_t size = 160 + phrase.len + common.len + type.len + id.len;
    for (size_t i = 0; i < req->reply_header_count; i++)
        size += req->reply_headers[i].name.len + req->reply_headers[i].value.len + 4;

    char *start = od_arena_alloc(&req->arena, size);
    char *to = start;
    put(&to, OD_STR("HTTP/1.1 "));
    put_decimal(&to, (size_t)req->status);
    put(&to, OD_STR(" "));
    put(&to, phrase);
    put(&to, OD_STR("\r\n"));
    put(&to, common);
    if (req->body_out.len > 0 || req->stream)
        put_header(&to, OD_STR("Content-Type"), type);
    if (has_length(req->status) && !req->stream) {
        put(&to, OD_STR("Content-Length: "));
        put_decimal(&to, req->body_out.len);
        put(&to, OD_STR("\r\n"));
    }
    if (close)
        put(&to, OD_STR("Connection: close\r\n"));
    else if (req->http_minor == 0)
        put(&to, OD_STR("Connection: keep-alive\r\n"));
    if (id.len > 0)
        put_header(&to, OD_STR("X-Request-Id"), id);
    for (size_t i = 0; i < req->reply_header_count; i++)
        put_header(&to, req->reply_headers[i].name, req->reply_headers[i].value);
    put(&to, OD_STR("\r\n"));
    req->head_out = od_str_n(start, (size_t)(to - start));
    OD_ASSERT(req->head_out.len <= size);
    if (req->method == OD_HTTP_HEAD || !has_length(req->status))
        od_buf_reset(&req->body_out);
}
