#ifndef OD_API_PAIRS_H
#define OD_API_PAIRS_H

#include <stdbool.h>

#include "http/request.h"

/* What a request has beside its body, as JSON for scripts. It lives in the request's arena. */

/* {name: value}. Of a name that is there several times, the first counts. */
struct od_str od_pairs_json(struct od_http_request *req, const struct od_http_pair *pairs,
                            size_t count);
/* The headers: names in lower case, without values that are not UTF-8. authorization: with the
 * header of that name, which for the API's own callers is their key. */
struct od_str od_headers_json(struct od_http_request *req, bool authorization);

#endif
