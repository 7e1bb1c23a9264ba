#ifndef OD_DESK_DESK_H
#define OD_DESK_DESK_H

#include "api/route.h"

/*
 * Serves the dashboard at /desk/. Every address below it that is no asset is the same page, whose
 * script shows what the address names. The page asks the API for everything, with the rights of
 * whoever looks at it, so anybody may load the page itself.
 */

extern const struct od_api_chapter od_desk;

#endif
