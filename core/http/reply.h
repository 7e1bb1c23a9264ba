#ifndef OD_HTTP_REPLY_H
#define OD_HTTP_REPLY_H

#include "base/buf.h"
#include "base/str.h"
#include "http/request.h"

/*
 * Answering a request: write the body, maybe set headers, send. Sending never waits and calls
 * nobody back; the bytes leave at the end of the loop's turn, after the replies of earlier
 * requests.
 */

/* Where to write the body; empty at first, its maximum is max_response_bytes. Written without
 * another copy. Past the maximum od_http_send answers 500 instead. */
struct od_buf *od_http_body(struct od_http_request *req);

/* "application/json" when not set; borrowed, so a literal. */
void od_http_set_type(struct od_http_request *req, const char *type);

/* Adds a header; the name is borrowed (a literal), the value copied. A value with control
 * characters is left out: it came from outside, and must not end the header. Not for what the
 * server itself sets (Date, Server, Connection, Content-Length, Content-Type, X-Request-Id). */
void od_http_set_header(struct od_http_request *req, const char *name, struct od_str value);

/* Replies; exactly once for each request, which from here on must not be touched. status: 200 to
 * 599. */
void od_http_send(struct od_http_request *req, int status);

/* All of it at once, the body copied. */
void od_http_reply(struct od_http_request *req, int status, const char *type, struct od_str body);

/* The standard phrase of a status ("Not Found"), "" for one without. */
const char *od_http_phrase(int status);

#endif
