#ifndef OD_READ_SEARCH_SEARCH_H
#define OD_READ_SEARCH_SEARCH_H

#include "read/projection/projection.h"

/* What `GET /api/orders?q=` looks in (store/read/search.h). */
extern const struct od_projection od_search_projection;

#endif
