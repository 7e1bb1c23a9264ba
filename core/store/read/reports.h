#ifndef OD_STORE_READ_REPORTS_H
#define OD_STORE_READ_REPORTS_H

/* The SQL of the projection `reports`, whose tables are in the migration. report_fact has what
 * happened to an order at its time, report_sum has sums of facts in buckets of time, report_order
 * has the version that was folded. Kinds of facts are those of order/show/figure.h. store/reports/
 * asks them. */

/* See struct od_projection. */
extern const char od_reports_fold[], od_reports_differ[], od_reports_sums_differ[];

#endif
