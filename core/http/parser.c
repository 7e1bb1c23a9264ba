#include "http/parser.h"

#include <string.h>

#include "base/assert.h"
#include "http/uri.h"

static enum od_http_parse fail(struct od_http_parser *p, enum od_http_fault fault,
                               const char *detail)
{
    p->stage = OD_HTTP_STAGE_NONE;
    p->fault = fault;
    p->detail = detail;
    return OD_HTTP_PARSE_FAULT;
}

/* For llhttp's callbacks: remembers the fault and stops the parser. */
static int refuse(struct od_http_parser *p, enum od_http_fault fault)
{
    p->fault = fault;
    return -1;
}

static enum od_http_method method_of(unsigned llhttp_method)
{
    switch (llhttp_method) {
    case HTTP_GET:
        return OD_HTTP_GET;
    case HTTP_HEAD:
        return OD_HTTP_HEAD;
    case HTTP_POST:
        return OD_HTTP_POST;
    case HTTP_PUT:
        return OD_HTTP_PUT;
    case HTTP_PATCH:
        return OD_HTTP_PATCH;
    case HTTP_DELETE:
        return OD_HTTP_DELETE;
    case HTTP_OPTIONS:
        return OD_HTTP_OPTIONS;
    default:
        return OD_HTTP_OTHER;
    }
}

static int on_url(llhttp_t *l, const char *at, size_t len)
{
    struct od_http_parser *p = l->data;
    p->req->path = od_str_n(at, len); /* the whole target until od_http_uri_parse cuts it */
    return 0;
}

static int on_field(llhttp_t *l, const char *at, size_t len)
{
    struct od_http_parser *p = l->data;
    struct od_http_request *req = p->req;
    if (p->stage == OD_HTTP_STAGE_BODY) {
        p->trailers += len;
        return p->trailers > p->limits->header_bytes ? refuse(p, OD_HTTP_FAULT_HEADER_SIZE) : 0;
    }
    if (memchr(at, ' ',
               len)) /* llhttp's loose build takes "Name :", RFC 9112 section 5.1 forbids it */
        return refuse(p, OD_HTTP_FAULT_MALFORMED);
    req->headers = od_arena_grow(&req->arena, req->headers, req->header_count, &req->header_cap,
                                 sizeof *req->headers);
    req->headers[req->header_count++] =
        (struct od_http_pair){.name = od_str_n(at, len), .value = OD_STR("")};
    return 0;
}

static int on_value(llhttp_t *l, const char *at, size_t len)
{
    struct od_http_parser *p = l->data;
    struct od_http_request *req = p->req;
    if (p->stage == OD_HTTP_STAGE_BODY) {
        p->trailers += len;
        return p->trailers > p->limits->header_bytes ? refuse(p, OD_HTTP_FAULT_HEADER_SIZE) : 0;
    }
    req->headers[req->header_count - 1].value = od_str_trim(od_str_n(at, len));
    return 0;
}

/* RFC 9112 section 3.2: HTTP/1.1 needs exactly one valid Host; HTTP/1.0 may do without. */
static bool host_acceptable(const struct od_http_request *req, unsigned minor)
{
    size_t hosts = 0;
    for (size_t i = 0; i < req->header_count; i++) {
        if (!od_str_eq_nocase(req->headers[i].name, OD_STR("Host")))
            continue;
        if (++hosts > 1 || !od_http_host_valid(req->headers[i].value))
            return false;
    }
    return hosts == 1 || minor == 0;
}

/* Asked only where it matters: routes are looked up again when the request is complete. */
static void allow_large_body(const struct od_http_parser *p)
{
    const struct od_http_limits *limits = p->limits;
    bool may_be_large =
        (p->llhttp.flags & F_CHUNKED) || p->llhttp.content_length > limits->body_bytes;
    if (may_be_large && limits->takes_large && limits->large_body_bytes > limits->body_bytes &&
        limits->takes_large(limits->ctx, p->req))
        p->req->body_in.max = limits->large_body_bytes;
}

static enum od_http_fault check_framing(const struct od_http_parser *p)
{
    const llhttp_t *l = &p->llhttp;
    struct od_str coding = od_http_header(p->req, "Transfer-Encoding");
    if (coding.ptr && l->http_minor == 0)
        return OD_HTTP_FAULT_MALFORMED; /* RFC 9112 section 6.1 */
    if (coding.ptr && !od_str_eq_nocase(coding, OD_STR("chunked")))
        return OD_HTTP_FAULT_CODING;
    allow_large_body(p);
    if ((l->flags & F_CONTENT_LENGTH) && l->content_length > p->req->body_in.max)
        return OD_HTTP_FAULT_BODY_SIZE;
    return OD_HTTP_FAULT_NONE;
}

static int on_headers_complete(llhttp_t *l)
{
    struct od_http_parser *p = l->data;
    struct od_http_request *req = p->req;
    if (l->http_major != 1)
        return refuse(p, OD_HTTP_FAULT_VERSION);
    if (l->method == HTTP_CONNECT)
        return refuse(p, OD_HTTP_FAULT_METHOD);
    req->method = method_of(l->method);
    if (!host_acceptable(req, l->http_minor))
        return refuse(p, OD_HTTP_FAULT_HOST);
    if (!od_http_uri_parse(req, req->path))
        return refuse(p, OD_HTTP_FAULT_TARGET);
    enum od_http_fault fault = check_framing(p);
    if (fault != OD_HTTP_FAULT_NONE)
        return refuse(p, fault);

    struct od_str expect = od_http_header(req, "Expect");
    bool body = (l->flags & F_CHUNKED) || l->content_length > 0;
    if (expect.ptr && l->http_minor > 0) {
        if (!od_str_eq_nocase(expect, OD_STR("100-continue")))
            return refuse(p, OD_HTTP_FAULT_EXPECT);
        req->expect_continue = body;
    }
    req->http_minor = l->http_minor;
    req->keep_alive = llhttp_should_keep_alive(l);
    l->upgrade = 0; /* Upgrade may be ignored (RFC 9110 section 7.8), and is */
    p->stage = OD_HTTP_STAGE_BODY;
    return 0;
}

static int on_body(llhttp_t *l, const char *at, size_t len)
{
    struct od_http_parser *p = l->data;
    od_buf_append(&p->req->body_in, at, len);
    return p->req->body_in.overflow ? refuse(p, OD_HTTP_FAULT_BODY_SIZE) : 0;
}

/* Pausing tells where the message ends among bytes that belong to the next one. */
static int on_message_complete(llhttp_t *l)
{
    (void)l;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

static enum od_http_parse run(struct od_http_parser *p, const char *data, size_t len, size_t *used)
{
    enum llhttp_errno code = llhttp_execute(&p->llhttp, data, len);
    *used = len;
    if (code == HPE_OK)
        return OD_HTTP_PARSE_MORE;
    if (code == HPE_PAUSED) {
        *used = (size_t)(llhttp_get_error_pos(&p->llhttp) - data);
        p->req->body = od_buf_view(&p->req->body_in);
        p->stage = OD_HTTP_STAGE_NONE;
        return OD_HTTP_PARSE_DONE;
    }
    if (p->fault != OD_HTTP_FAULT_NONE)
        return fail(p, p->fault, NULL);
    if (code == HPE_INVALID_VERSION || code == HPE_PAUSED_H2_UPGRADE)
        return fail(p, OD_HTTP_FAULT_VERSION, NULL);
    return fail(p, OD_HTTP_FAULT_MALFORMED, llhttp_get_error_reason(&p->llhttp));
}

/* NULL when a line of the head, with its line end, follows RFC 9112 section 2.2 and 5.2. */
static const char *check_line(const char *line, size_t len)
{
    if (len < 2 || line[len - 2] != '\r')
        return "A line must end in CR LF.";
    if (memchr(line, '\r', len - 2))
        return "A carriage return must be followed by a line feed.";
    if (line[0] == ' ' || line[0] == '\t')
        return "A line must not begin with a blank; folded headers are not accepted.";
    return NULL;
}

/* A head that llhttp thinks goes on: that of HTTP/2's preface (RFC 9113 section 3.4), or none at
 * all. */
static enum od_http_fault headless_fault(const struct od_http_parser *p)
{
    return p->llhttp.method == HTTP_PRI ? OD_HTTP_FAULT_VERSION : OD_HTTP_FAULT_MALFORMED;
}

/* No method begins so. TLS does, and need not hold the line end that we would wait for. */
static bool is_binary(char first)
{
    return (unsigned char)first < ' ' || (unsigned char)first >= 0x7f;
}

static enum od_http_parse feed_head(struct od_http_parser *p, const char *data, size_t len,
                                    size_t *used)
{
    struct od_buf *head = &p->req->head_in;
    if (head->len == 0 && is_binary(data[0])) {
        *used = len;
        return fail(p, OD_HTTP_FAULT_MALFORMED, "A request must begin with a method; is this TLS?");
    }
    for (size_t pos = 0; pos < len;) {
        const char *newline = memchr(data + pos, '\n', len - pos);
        size_t take = newline ? (size_t)(newline - data) + 1 - pos : len - pos;
        od_buf_append(head, data + pos, take);
        *used = pos += take;
        if (head->overflow)
            return fail(p, OD_HTTP_FAULT_HEADER_SIZE, NULL);
        if (!newline)
            break;
        const char *wrong = check_line(head->ptr + p->line, head->len - p->line);
        if (wrong)
            return fail(p, OD_HTTP_FAULT_MALFORMED, wrong);
        bool blank = head->len - p->line == 2;
        p->line = head->len;
        if (blank) {
            size_t parsed;
            enum od_http_parse r = run(p, head->ptr, head->len, &parsed);
            bool headless = r == OD_HTTP_PARSE_MORE && p->stage == OD_HTTP_STAGE_HEAD;
            return headless ? fail(p, headless_fault(p), NULL) : r;
        }
    }
    return OD_HTTP_PARSE_MORE;
}

void od_http_parser_init(struct od_http_parser *p, const struct od_http_limits *limits)
{
    memset(p, 0, sizeof *p);
    p->limits = limits;
}

void od_http_parser_begin(struct od_http_parser *p, struct od_http_request *req)
{
    OD_ASSERT(p->stage == OD_HTTP_STAGE_NONE && p->fault == OD_HTTP_FAULT_NONE);
    llhttp_init(&p->llhttp, HTTP_REQUEST, &settings);
    p->llhttp.data = p;
    p->req = req;
    p->stage = OD_HTTP_STAGE_HEAD;
    p->line = 0;
    p->trailers = 0;
    req->head_in.max = p->limits->header_bytes;
    req->body_in.max = p->limits->body_bytes;
}

enum od_http_parse od_http_parser_feed(struct od_http_parser *p, const char *data, size_t len,
                                       size_t *used)
{
    OD_ASSERT(p->stage != OD_HTTP_STAGE_NONE);
    *used = 0;
    if (p->stage == OD_HTTP_STAGE_HEAD) {
        enum od_http_parse r = feed_head(p, data, len, used);
        if (r != OD_HTTP_PARSE_MORE || p->stage == OD_HTTP_STAGE_HEAD || *used == len)
            return r;
    }
    size_t rest = 0;
    enum od_http_parse r = run(p, data + *used, len - *used, &rest);
    *used += rest;
    return r;
}
