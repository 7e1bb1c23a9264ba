#include <stdlib.h>
#include <string.h>

#include "http/parser.h"
#include "http/router.h"

/*
 * Any bytes, cut at any place, must give the same requests and be refused or not
 * alike (which of two faults is met first may depend on the cut): the first byte of
 * the input seeds the cuts, and the rest is parsed once in one piece and once in pieces.
 */

struct outcome {
    uint64_t hash; /* over all requests, in order */
    size_t requests;
    enum od_http_fault fault;
    enum od_http_stage stage; /* what the end of the bytes finds */
};

static void mix(struct outcome *o, struct od_str s)
{
    for (size_t i = 0; i < s.len; i++)
        o->hash = (o->hash ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    o->hash = (o->hash ^ 0x100 ^ s.len) * 1099511628211u;
}

static void mix_pairs(struct outcome *o, const struct od_http_pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mix(o, pairs[i].name);
        mix(o, pairs[i].value);
    }
}

static void note(struct outcome *o, const struct od_http_router *router,
                 struct od_http_request *req)
{
    struct od_http_match match = od_http_router_match(router, req);
    o->requests++;
    o->hash = o->hash * 31 + (uint64_t)req->method + (req->keep_alive ? 64u : 0) + match.allow;
    mix(o, req->path);
    mix(o, req->body);
    mix_pairs(o, req->query, req->query_count);
    mix_pairs(o, req->headers, req->header_count);
    mix_pairs(o, req->params, req->param_count);
}

/* cuts 0: in one piece; else the seed of where to cut. */
static struct outcome parse(const struct od_http_router *router, const char *data, size_t len,
                            uint32_t cuts)
{
    static const struct od_http_limits limits = {.header_bytes = 512, .body_bytes = 256};
    struct outcome o = {0};
    struct od_http_parser p;
    struct od_http_request req;
    enum od_http_parse r = OD_HTTP_PARSE_MORE;
    od_http_parser_init(&p, &limits);
    od_http_request_init(&req);
    while (len > 0 && r != OD_HTTP_PARSE_FAULT) {
        size_t piece = len;
        size_t used = 0;
        if (cuts > 0) {
            cuts = cuts * 1664525u + 1013904223u;
            piece = 1 + (cuts >> 28);
        }
        if (piece > len)
            piece = len;
        /* A copy of its own size, so that reading past it is seen. */
        char *copy = malloc(piece);
        memcpy(copy, data, piece);
        if (p.stage == OD_HTTP_STAGE_NONE)
            od_http_parser_begin(&p, &req);
        r = od_http_parser_feed(&p, copy, piece, &used);
        memset(copy, 0, piece);
        free(copy);
        if (used == 0 || used > piece)
            abort();
        data += used;
        len -= used;
        if (r == OD_HTTP_PARSE_DONE) {
            note(&o, router, &req);
            od_http_request_reset(&req);
        }
    }
    o.fault = p.fault;
    o.stage = p.stage;
    od_http_request_fini(&req);
    return o;
}

static void handler(void *ctx, struct od_http_request *req)
{
    (void)ctx;
    (void)req;
}

static struct od_http_router *make_router(void)
{
    static const char *const patterns[] = {"/", "/a", "/a/:x", "/a/:x/b/:y", "/a/b"};
    struct od_http_router *router = od_http_router_new();
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct od_http_route route = {.name = "r", .pattern = patterns[i], .handler = handler};
        od_http_router_add(router, &route);
    }
    od_http_router_alias(router, "/a/c", "/a");
    return router;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct od_http_router *router;
    if (!router)
        router = make_router();
    if (size < 2)
        return 0;
    const char *bytes = (const char *)data + 1;
    struct outcome pieces = parse(router, bytes, size - 1, data[0] + 1u);
    struct outcome whole = parse(router, bytes, size - 1, 0);
    if (whole.hash != pieces.hash || whole.requests != pieces.requests ||
        !whole.fault != !pieces.fault || whole.stage != pieces.stage)
        abort();
    return 0;
}
