#ifndef OD_API_COOKIE_H
#define OD_API_COOKIE_H

#include "base/str.h"

struct od_http_request;

/*
 * Cookies (RFC 6265). A page of a neighbouring host can set a cookie of the same name for this one,
 * and the server cannot tell the two apart. So a name that comes twice with different values counts
 * as absent.
 */

/* Finds a cookie in the value of a header Cookie; absent when it is not there. The value is without
 * its quotes and borrows from the header. */
struct od_str od_cookie_find(struct od_str header, const char *name);

/* The same over all headers Cookie of the request. */
struct od_str od_http_cookie(const struct od_http_request *req, const char *name);

#endif
