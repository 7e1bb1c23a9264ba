#ifndef OD_API_REPORTS_ASK_H
#define OD_API_REPORTS_ASK_H

#include "api/api.h"
#include "http/request.h"
#include "read/reports/report.h"

/* Internal to this folder. What a request for a report asks for, and what it is answered. */

enum {
    OD_REPORT_LIMIT = 50, /* rows of each currency, where a report is limited */
    OD_REPORT_LIMIT_MAX = 500,
    OD_REPORT_PERIODS_MAX = 1500, /* four years of days */
    OD_REPORT_DAYS = 30,          /* without `from` */
};

struct od_report_ask {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_report *report;
    bool csv, compares;
    struct od_report_range range;
    struct od_report_query query;
    int64_t previous_us; /* where the period before begins; it ends where this one begins */
    struct od_report_rows rows, before;
};

/* Reads the path and the query. False: it has been answered, 404 or 422. */
bool od_report_ask_read(struct od_report_ask *ask);

/* Calls then(ask) when the zone is known to be one. Else the request is answered 422. */
void od_report_check_zone(struct od_report_ask *ask, void (*then)(struct od_report_ask *ask));

/* Answers with the rows. */
void od_report_answer(struct od_report_ask *ask);

#endif
