#include "read/list/list.h"
#include "read/projection/projection.h"

const struct od_projection *const od_projections[] = {
    &od_list_projection,
    NULL,
};
