#ifndef OD_HTTP_PARSER_H
#define OD_HTTP_PARSER_H

#include <stddef.h>

#include <llhttp.h>

#include "http/fault.h"
#include "http/request.h"

/*
 * Bytes to requests, without sockets. A head is framed here, line by line, and refused when its
 * lines are not exactly those of RFC 9112 (a bare CR or LF, a folded line): that is where parsers
 * differ and requests are smuggled. Once complete it goes through llhttp in one piece, so header
 * names and values are slices of the request's own copy of it. Bodies, chunked or not, go through
 * llhttp as they come.
 */

struct od_http_limits {
    size_t header_bytes; /* request line and headers, with their line ends */
    size_t body_bytes;   /* decoded */
    /* The requests that takes_large says yes to have this limit instead. NULL: none. */
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
    const char *detail;          /* of the fault, static; NULL: the fault's own */
    struct od_http_request *req; /* being received, borrowed */
    const struct od_http_limits *limits;
    size_t line;     /* where the head's unfinished line begins */
    size_t trailers; /* bytes of trailer fields, which are dropped */
};

void od_http_parser_init(struct od_http_parser *p, const struct od_http_limits *limits);
/* Begins a request; `req` is freshly initialised or reset. */
void od_http_parser_begin(struct od_http_parser *p, struct od_http_request *req);
/* Empty lines before a request are the caller's to skip. Takes up to `len` bytes and says in *used
 * how many. DONE and FAULT put the stage back to NONE. */
enum od_http_parse od_http_parser_feed(struct od_http_parser *p, const char *data, size_t len,
                                       size_t *used);

#endif
