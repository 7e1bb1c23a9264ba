#ifndef OD_HTTP_STREAM_H
#define OD_HTTP_STREAM_H

#include <stdbool.h>

#include "http/request.h"

/*
 * An answer that goes on until its handler ends it, such as server-sent events. Its end is the end
 * of the connection (RFC 9112 section 6.3), which takes no further request. The handler keeps the
 * request as usual: it sets `gone` and ends the stream soon after that was called, and sets `leave`
 * to end it when the server stops.
 */

/* Sends the head. Not for HEAD. `max_unsent`: bytes that may wait for a client that does not read
 * them as fast as they come. */
void od_http_stream_begin(struct od_http_request *req, int status, size_t max_unsent);

/* Adds to the body. False: the client is too slow and nothing was added, or it has gone. */
bool od_http_stream_write(struct od_http_request *req, struct od_str s) OD_MUST_CHECK;

/* How many bytes the socket has not taken yet. */
size_t od_http_stream_unsent(const struct od_http_request *req);

/* What was written still leaves. The request must not be touched any more. */
void od_http_stream_end(struct od_http_request *req);

#endif
