#ifndef OD_HTTP_URI_H
#define OD_HTTP_URI_H

#include <stdbool.h>

#include "base/str.h"

struct od_http_request;

/*
 * Reads a request target (RFC 9112 section 3.2: origin, absolute or asterisk form) into the
 * request's path, segments and query. Segments are decoded after the path is split, so an encoded
 * slash is data. In the query "+" is a blank (WHATWG URL). It is false when an escape is broken,
 * when the target has a control character, or when something decodes to NUL or to bytes that are
 * not UTF-8.
 */
bool od_http_uri_parse(struct od_http_request *req, struct od_str target);

/* Whether the text can be the value of a Host header: a name, an IPv4 address or a bracketed IPv6
 * address, and maybe a port. */
bool od_http_host_valid(struct od_str host);

#endif
