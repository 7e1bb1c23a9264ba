#ifndef OD_API_OPENAPI_OPENAPI_H
#define OD_API_OPENAPI_OPENAPI_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Makes the OpenAPI document of the routes that were added. It is joined from texts that are
 * written by hand (openapi.json and entities.json beside this file, and the text of each chapter of
 * routes beside its handlers), from the table of fields (schema.h) and from the rows of commands
 * (operation.h). The same program always makes the same text.
 */

struct od_api;

/* Appends the document. -1: a route is not described, a description has no route, or a schema asks
 * for a field that does not exist. */
int od_openapi_write(const struct od_api *api, struct od_buf *out,
                     struct od_err *err) OD_MUST_CHECK;

#endif
