#include "read/reports/reports.h"

#include "store/read/reports.h"

static const char *const tables[] = {"report_order", "report_fact", "report_sum", NULL};

/* Reports may gather for longer than lists: an order is placed, paid and shipped within a second
 * by programs, and is folded once then. */
const struct od_projection od_reports_projection = {
    .name = "reports",
    .fold = od_reports_fold,
    .tables = tables,
    .differ = od_reports_differ,
    .sums_differ = od_reports_sums_differ,
    .gather_ms = 1000,
};
