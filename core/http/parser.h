#ifndef OD_HTTP_PARSER_H
#define OD_HTTP_PARSER_H

#include <stddef.h>

#include <llhttp.h>

#include "http/fault.h"
#include "http/request.h"

/*
 * Turns bytes into requests, without sockets. The parser frames a head line by line and refuses
 * lines that are not exactly those of RFC 9112 (a bare CR or LF, a folded line), because parsers
 * differ there and requests are smuggled that way. A complete head goes through llhttp in one
 * piece, so header names and values are slices of the request's own copy. Bodies, chunked or not,
 * go through llhttp as they come.
 */

struct od_http_limits {
    size_t header_bytes; /* request line and headers, with their line ends */
    size_t body_bytes;   /* decoded */
    /* A request for which takes_large is true has this limit instead. NULL: it is false for all. */
    size_t large_body_bytes;
    bool (*takes_large)(void *ctx, struct od_http_request *req);
    void *ctx;
};

enum od_http_stage {
    OD_HTTP_STAGE_NONE = 0, /* no request begun */
    OD_HTTP_STAGE_HEAD,
    OD_HTTP_STAGE_BODY,
};

enum od_http_parse {
    OD_HTTP_PARSE_MORE = 0, /* all bytes taken, the request is not complete */
    OD_HTTP_PARSE_DONE,     /* the request is complete; bytes may be left */
    OD_HTTP_PARSE_FAULT,    /* see `fault`; nothing more can be parsed on this connection */
};

struct od_http_parser {
    llhttp_t llhttp;
    enum od_http_stage stage;
    enum od_http_fault fault;
    const char *detail;          /* static text about this fault; NULL: the fault's own text */
    struct od_http_request *req; /* being received, borrowed */
    const struct od_http_limits *limits;
    size_t line;     /* where the head's unfinished line begins */
    size_t trailers; /* bytes of trailer fields, which are dropped */
};

void od_http_parser_init(struct od_http_parser *p, const struct od_http_limits *limits);
/* Begins a request. `req` was just initialised or reset. */
void od_http_parser_begin(struct od_http_parser *p, struct od_http_request *req);
/* Takes up to `len` bytes and says in *used how many. The caller skips empty lines before a
 * request. DONE and FAULT put the stage back to NONE. */
enum od_http_parse od_http_parser_feed(struct od_http_parser *p, const char *data, size_t len,
                                       size_t *used);

#endif
