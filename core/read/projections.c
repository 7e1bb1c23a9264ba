#include "read/projection/projection.h"

const struct od_projection *const od_projections[] = {
    NULL,
};
