#ifndef OD_HTTP_REPLY_H
#define OD_HTTP_REPLY_H

#include "base/buf.h"
#include "base/str.h"
#include "http/request.h"

/*
 * A handler answers a request in three steps: it writes the body, may set headers, and sends.
 * Sending never waits and calls nobody back. The bytes leave at the end of the loop's turn, after
 * the replies to earlier requests.
 */

/* Returns the buffer to write the body to, empty at first. It is sent without another copy. Its
 * maximum is max_response_bytes; past that, od_http_send answers 500 instead. */
struct od_buf *od_http_body(struct od_http_request *req);

/* Sets the media type; "application/json" when nobody does. It is borrowed, so pass a literal. */
void od_http_set_type(struct od_http_request *req, const char *type);

/* Adds a header. The name is borrowed, so pass a literal; the value is copied. A header whose value
 * has control characters is left out, because such a value came from outside and must not end the
 * header. The server itself sets Date, Server, Connection, Content-Length, Content-Type and
 * X-Request-Id, which must not be added here. */
void od_http_set_header(struct od_http_request *req, const char *name, struct od_str value);

/* Replies with a status from 200 to 599. Call it exactly once for each request and do not touch the
 * request afterwards. */
void od_http_send(struct od_http_request *req, int status);

/* Does all of it at once. The body is copied. */
void od_http_reply(struct od_http_request *req, int status, const char *type, struct od_str body);

/* Returns the standard phrase of a status ("Not Found"), or "" when it has none. */
const char *od_http_phrase(int status);

#endif
