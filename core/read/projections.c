#include "read/list/list.h"
#include "read/projection/projection.h"
#include "read/search/search.h"

const struct od_projection *const od_projections[] = {
    &od_list_projection,
    &od_search_projection,
    NULL,
};
