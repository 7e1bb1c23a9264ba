#ifndef OD_STORE_REPORTS_REPORTS_H
#define OD_STORE_REPORTS_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "pg/conn.h"

/*
 * Reports over the projection "reports" (store/read/reports.h). What lies in whole buckets is read
 * from sums, the edges of the time that is asked for from facts, so any time may be asked for and a
 * year costs what its buckets cost.
 */

/* The time that is asked for, as a date of the zone or as a time; neither: the default. */
struct od_report_range {
    struct od_str zone;             /* a name of pg_timezone_names */
    struct od_str from_day, to_day; /* "2026-03-29" */
    int64_t from_us, to_us;         /* 0: by the day */
    int32_t days;                   /* without `from`: so many days before the day of `to` */
};
/* rows[1]: (from timestamptz, to timestamptz, previous timestamptz). Without `to`, it is the end of
 * today. `previous` is where the period of as many local days before `from` begins. */
void od_report_send_range(struct od_pg_conn *conn, const struct od_report_range *r,
                          od_pg_on_result *on_result, void *ctx);

/* rows: (name text) of every zone that there is. */
extern const struct od_pg_stmt od_report_zones;

struct od_report_query {
    int64_t from_us, to_us; /* to_us is not in it */
    struct od_str zone;
    struct od_str every;       /* "day", "week" or "month"; absent: not cut */
    struct od_str currency;    /* absent: each by itself */
    struct od_str store;       /* empty: orders of no store; absent: all */
    bool by_store;             /* a row for each store */
    int32_t limit;             /* rows of each currency at most, where a report has a limit */
    struct od_str word;        /* what the report is by, or a customer's id or e-mail */
    const struct od_str *keys; /* [key_count]: only the rows of these, where a report has a limit */
    uint32_t key_count;        /* 0: of all */
};

/*
 * Each statement has rows of (n int4, period text, starts timestamptz, ends timestamptz, currency
 * text, store text), and behind them the report's columns, all as text: amounts in minor units,
 * times in microseconds. n counts periods from 0; it is null in the row that has the total of a
 * currency, which comes behind the others. currency is null where a report adds up no amounts,
 * store where it is not by store.
 */
extern const struct od_pg_stmt od_report_sales, od_report_top_products, od_report_payment_methods,
    od_report_statuses, od_report_customers, od_report_customer, od_report_refunds, od_report_tax,
    od_report_fulfilment;

void od_report_send(struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                    const struct od_report_query *q, od_pg_on_result *on_result, void *ctx);

#endif
