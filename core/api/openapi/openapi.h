#ifndef OD_API_OPENAPI_OPENAPI_H
#define OD_API_OPENAPI_OPENAPI_H

#include "base/str.h"

/* The text of openapi.json beside this file, embedded at build time. */
struct od_str od_openapi_json(void);

#endif
