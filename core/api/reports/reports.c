#include "api/handler.h"
#include "api/reach.h"
#include "api/reports/ask.h"
#include "api/routes.h"
#include "base/embed.h"
#include "pg/conn.h"

/* GET /api/reports/NAME and NAME.csv. The time that is asked for is settled first, in the zone, by
 * the database; then the report is read, and what it is compared with. */

static const struct od_pg_stmt *statement(const struct od_report_ask *ask)
{
    const struct od_report *report = ask->report;
    return report->of_one && ask->query.word.ptr ? report->of_one : report->rows;
}

static void on_before(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_report_ask *ask = ctx;
    if (!err)
        od_report_take(ask->report, r, &ask->req->arena, &ask->before);
}

static void on_compared(void *ctx, bool failed)
{
    struct od_report_ask *ask = ctx;
    if (failed) {
        od_api_send_unavailable(ask->req);
        return;
    }
    od_report_compare(ask->report, &ask->rows, &ask->before);
    od_report_answer(ask);
}

/* Of a report that is limited, only the rows that are shown. */
static void compare(struct od_report_ask *ask)
{
    struct od_report_query before = ask->query;
    before.from_us = ask->previous_us;
    before.to_us = ask->query.from_us;
    if (ask->report->is_limited && ask->rows.count) {
        struct od_str *keys = OD_NEW_ARRAY(&ask->req->arena, struct od_str, ask->rows.count);
        for (size_t i = 0; i < ask->rows.count; i++) {
            if (!ask->rows.items[i].is_total)
                keys[before.key_count++] = ask->rows.items[i].values[0];
        }
        before.keys = keys;
        before.limit = INT32_MAX;
    }
    od_report_send(ask->api->query, statement(ask), &before, on_before, ask);
    od_pg_sync(ask->api->query, on_compared, ask);
}

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_report_ask *ask = ctx;
    if (!err)
        od_report_take(ask->report, r, &ask->req->arena, &ask->rows);
}

static void on_read(void *ctx, bool failed)
{
    struct od_report_ask *ask = ctx;
    if (failed)
        od_api_send_unavailable(ask->req);
    else if (ask->compares)
        compare(ask);
    else
        od_report_answer(ask);
}

static void on_range(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_report_ask *ask = ctx;
    if (err)
        return;
    ask->query.from_us = od_pg_get_time(r, 0, 0);
    ask->query.to_us = od_pg_get_time(r, 0, 1);
    ask->previous_us = od_pg_get_time(r, 0, 2);
}

/* The days, weeks or months that the time has at most. */
static int64_t periods(const struct od_report_query *q)
{
    const int64_t day_us = 86400LL * 1000000;
    int64_t days = (q->to_us - q->from_us) / day_us + 2;
    return !q->every.ptr                 ? 1
           : od_str_is(q->every, "day")  ? days
           : od_str_is(q->every, "week") ? days / 7 + 1
                                         : days / 28 + 1;
}

static void on_settled(void *ctx, bool failed)
{
    struct od_report_ask *ask = ctx;
    const int64_t first_us = 94694400LL * 1000000; /* 1973: before, days began at odd minutes */
    if (failed) {
        od_api_send_unavailable(ask->req);
    } else if (ask->query.from_us >= ask->query.to_us) {
        od_problem_sendf(ask->req, 422, "bad_query",
                         "from must be before to, which is not included.");
    } else if (ask->query.from_us < first_us - 86400LL * 1000000) {
        od_problem_sendf(ask->req, 422, "bad_query", "from must not be before 1973.");
    } else if (periods(&ask->query) > OD_REPORT_PERIODS_MAX) {
        od_problem_sendf(ask->req, 422, "too_many_periods",
                         "From from to to there are more than %d periods. Ask for a shorter time "
                         "or a longer interval.",
                         OD_REPORT_PERIODS_MAX);
    } else {
        od_report_send(ask->api->query, statement(ask), &ask->query, on_rows, ask);
        od_pg_sync(ask->api->query, on_read, ask);
    }
}

static void settle(void *ctx)
{
    struct od_report_ask *ask = ctx;
    od_report_send_range(ask->api->query, &ask->range, on_range, ask);
    od_pg_sync(ask->api->query, on_settled, ask);
}

/* One customer's orders are looked up in the lists. */
static void reach_lists(void *ctx)
{
    struct od_report_ask *ask = ctx;
    if (statement(ask) == ask->report->of_one)
        od_api_reach(ask->api, ask->req, "list", settle, ask);
    else
        settle(ask);
}

static void reach(struct od_report_ask *ask)
{
    od_api_reach(ask->api, ask->req, "reports", reach_lists, ask);
}

static void get_report(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    struct od_report_ask *ask = OD_NEW(&req->arena, struct od_report_ask);
    ask->api = ctx;
    ask->req = req;
    if (od_report_ask_read(ask))
        od_report_check_zone(ask, reach);
}

OD_EMBED(od_api_reports_text, "api/reports/reports.json");

static const struct od_api_route routes[] = {
    {"get_report", OD_HTTP_GET, "/api/reports/:report", 0, OD_MAY_REPORTS_VIEW, get_report},
};

const struct od_api_chapter od_api_reports = OD_API_CHAPTER(routes, od_api_reports_text);
