#include "read/list/list.h"
#include "read/projection/projection.h"
#include "read/reports/reports.h"
#include "read/search/search.h"

const struct od_projection *const od_projections[] = {
    &od_list_projection,
    &od_search_projection,
    &od_reports_projection,
    NULL,
};
