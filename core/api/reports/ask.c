#include "api/reports/ask.h"

#include "api/documents/letterhead.h"
#include "api/handler.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/nearest.h"

/* The query of a report. */

static bool refuse(struct od_report_ask *ask, const char *detail)
{
    od_problem_sendf(ask->req, 422, "bad_query", "%s", detail);
    return false;
}

/* "/api/reports/sales.csv" is the report "sales" as CSV. */
static bool read_name(struct od_report_ask *ask)
{
    struct od_str name = od_http_param(ask->req, "report"), csv = OD_STR(".csv");
    struct od_nearest near;
    ask->csv = od_str_ends_with(name, csv);
    if (ask->csv)
        name = od_str_slice(name, 0, name.len - csv.len);
    if ((ask->report = od_report_find(name)))
        return true;
    od_nearest_init(&near, name);
    for (size_t i = 0; od_report_at(i); i++)
        od_nearest_try(&near, od_str_of(od_report_at(i)->name));
    od_problem_sendf(ask->req, 404, "report_not_found", "There is no such report%s.",
                     od_nearest_hint(&near));
    return false;
}

/* A day is read by the database, in the zone; a time is one already. */
static bool read_time(struct od_report_ask *ask, const char *name, struct od_str *day, int64_t *us)
{
    enum { DAY_LEN = 10 };
    struct od_str text = od_http_query(ask->req, name);
    int64_t midnight;
    if (!text.ptr)
        return true;
    if (text.len == DAY_LEN &&
        od_time_parse(od_arena_printf(&ask->req->arena, "%.*sT00:00:00Z", OD_STR_ARG(text)),
                      &midnight)) {
        *day = text;
        return true;
    }
    if (od_time_parse(text, us))
        return true;
    od_problem_sendf(ask->req, 422, "bad_query",
                     "%s must be a day, such as 2026-03-29, or a time, such as "
                     "2026-03-29T00:00:00Z.",
                     name);
    return false;
}

static bool read_interval(struct od_report_ask *ask)
{
    const struct od_report *report = ask->report;
    struct od_str every = od_http_query(ask->req, "interval");
    if (!every.ptr && report->every)
        every = od_str_of(report->every);
    if (every.ptr && !report->is_cut)
        return refuse(ask, "This report has no interval: it is about the whole time.");
    if (every.ptr && !od_str_is(every, "day") && !od_str_is(every, "week") &&
        !od_str_is(every, "month"))
        return refuse(ask, "interval must be day, week or month.");
    ask->query.every = every;
    return true;
}

static bool read_currency(struct od_report_ask *ask)
{
    struct od_str text = od_http_query(ask->req, "currency");
    if (!text.ptr)
        return true;
    char *upper = od_arena_alloc(&ask->req->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        upper[i] = text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? (char)(text.ptr[i] - 'a' + 'A')
                                                            : text.ptr[i];
    ask->query.currency = od_str_n(upper, text.len);
    return od_currency_digits(ask->query.currency) >= 0 ||
           refuse(ask, "currency must be a code of ISO 4217, such as EUR.");
}

static bool read_limit(struct od_report_ask *ask)
{
    struct od_str text = od_http_query(ask->req, "limit");
    int64_t limit = OD_REPORT_LIMIT;
    if (text.ptr && !ask->report->is_limited)
        return refuse(ask, "This report has no limit: it shows every row.");
    if (text.ptr && !od_str_to_i64(text, 1, OD_REPORT_LIMIT_MAX, &limit)) {
        od_problem_sendf(ask->req, 422, "bad_query", "limit must be 1 to %d.", OD_REPORT_LIMIT_MAX);
        return false;
    }
    ask->query.limit = (int32_t)limit;
    return true;
}

static bool read_by(struct od_report_ask *ask)
{
    const char *const *by = ask->report->by;
    struct od_str text = od_http_query(ask->req, "by");
    if (text.ptr && !by[0])
        return refuse(ask, "This report has no `by`.");
    if (!by[0])
        return true;
    ask->query.word = text.ptr ? text : od_str_of(by[0]);
    for (int i = 0; by[i]; i++) {
        if (od_str_is(ask->query.word, by[i]))
            return true;
    }
    od_problem_sendf(ask->req, 422, "bad_query", "by must be %s or %s.", by[0], by[1]);
    return false;
}

/* A customer's history begins with the first order. */
static bool read_customer(struct od_report_ask *ask)
{
    enum { CUSTOMER_MAX = 500 };
    struct od_str text = od_http_query(ask->req, "customer");
    if (!text.ptr)
        return true;
    if (!ask->report->of_one)
        return refuse(ask, "Only customer-history is about one customer.");
    if (!text.len || text.len > CUSTOMER_MAX)
        return refuse(ask, "customer must be a customer's id or e-mail address.");
    ask->query.word = text;
    if (!ask->range.from_day.ptr && !ask->range.from_us)
        ask->range.from_day = OD_STR("1973-01-01");
    return true;
}

static bool read_words(struct od_report_ask *ask)
{
    struct od_str compare = od_http_query(ask->req, "compare"),
                  group = od_http_query(ask->req, "groupBy");
    if (compare.ptr && !od_str_is(compare, "previous"))
        return refuse(ask, "compare must be previous.");
    if (group.ptr && !od_str_is(group, "store"))
        return refuse(ask, "groupBy must be store.");
    ask->compares = compare.ptr;
    ask->query.by_store = group.ptr;
    return true;
}

static void read_zone(struct od_report_ask *ask)
{
    struct od_str zone = od_http_query(ask->req, "timezone");
    if (!zone.ptr)
        zone = od_letterhead(ask->api->letterheads, ask->query.store, &ask->req->arena).timezone;
    ask->query.zone = ask->range.zone = zone.len ? zone : OD_STR("UTC");
}

bool od_report_ask_read(struct od_report_ask *ask)
{
    static const char *const names[] = {"from",    "to",    "interval", "timezone",
                                        "store",   "limit", "currency", "compare",
                                        "groupBy", "by",    "customer", NULL};
    struct od_report_range *range = &ask->range;
    if (!read_name(ask) || !od_api_query_known(ask->req, names) ||
        !read_time(ask, "from", &range->from_day, &range->from_us) ||
        !read_time(ask, "to", &range->to_day, &range->to_us) || !read_interval(ask) ||
        !read_currency(ask) || !read_limit(ask) || !read_by(ask) || !read_customer(ask) ||
        !read_words(ask))
        return false;
    range->days = OD_REPORT_DAYS;
    ask->query.store = od_http_query(ask->req, "store");
    read_zone(ask);
    return true;
}
