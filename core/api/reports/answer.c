#include "api/reports/ask.h"
#include "base/clock.h"
#include "base/csv/write.h"
#include "base/json/json.h"
#include "base/money.h"
#include "http/reply.h"

/* A report as JSON and as CSV. */

enum { TEXT_MAX = 16 << 10 };

static bool is_figure(const struct od_report_column *column)
{
    return column->type >= OD_REPORT_COUNT;
}

static struct od_str link_of(const struct od_report_ask *ask, const struct od_report_link *link,
                             const struct od_report_row *row)
{
    struct od_buf b;
    od_buf_init(&b, TEXT_MAX);
    od_report_put_link(&b, ask->report, link, row, &ask->query);
    struct od_str text = od_arena_str(&ask->req->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

/* The i-th value of a row as it is shown, but times; absent: there is none. */
static struct od_str shown(const struct od_report_ask *ask, const struct od_report_row *row, int i)
{
    struct od_str value = row->values[i];
    struct od_buf b;
    if (!value.ptr || ask->report->columns[i].type != OD_REPORT_AMOUNT)
        return value;
    od_buf_init(&b, TEXT_MAX);
    int digits = od_currency_digits(row->currency);
    od_report_put_amount(&b, value, digits < 0 ? 2 : digits);
    value = od_arena_str(&ask->req->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return value;
}

static struct od_str time_of(const struct od_report_ask *ask, int64_t us)
{
    struct od_buf b;
    od_buf_init(&b, TEXT_MAX);
    od_time_format(&b, us);
    struct od_str text = od_arena_str(&ask->req->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static struct od_str time_value(const struct od_report_ask *ask, struct od_str value)
{
    int64_t us;
    return value.ptr && od_str_to_i64(value, INT64_MIN, INT64_MAX, &us) ? time_of(ask, us)
                                                                        : OD_STR_NONE;
}

static struct od_str change_of(const struct od_report_ask *ask, const struct od_report_row *row,
                               int i)
{
    struct od_buf b;
    struct od_str text = OD_STR_NONE;
    od_buf_init(&b, TEXT_MAX);
    if (row->previous && od_report_put_change(&b, row->values[i], row->previous->values[i]))
        text = od_arena_str(&ask->req->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

/* ---- JSON */

/* A number as it is written, or null. */
static void write_number(struct od_json_writer *w, struct od_str number)
{
    if (number.ptr)
        od_jw_raw(w, number);
    else
        od_jw_null(w);
}

static void write_text(struct od_json_writer *w, struct od_str text)
{
    if (text.len)
        od_jw_str(w, text);
    else
        od_jw_null(w);
}

static void write_value(struct od_json_writer *w, const struct od_report_ask *ask,
                        const struct od_report_row *row, int i)
{
    const struct od_report_column *column = &ask->report->columns[i];
    od_jw_key(w, column->name);
    if (column->type == OD_REPORT_TEXT)
        write_text(w, row->values[i]);
    else if (column->type == OD_REPORT_TIME)
        write_text(w, time_value(ask, row->values[i]));
    else
        write_number(w, shown(ask, row, i));
}

static void write_comparison(struct od_json_writer *w, const struct od_report_ask *ask,
                             const struct od_report_row *row)
{
    od_jw_key(w, "previous");
    if (row->previous) {
        od_jw_object(w);
        for (int i = 0; ask->report->columns[i].name; i++) {
            if (is_figure(&ask->report->columns[i]))
                write_value(w, ask, row->previous, i);
        }
        od_jw_object_end(w);
    } else {
        od_jw_null(w);
    }
    od_jw_key(w, "change");
    od_jw_object(w);
    for (int i = 0; ask->report->columns[i].name; i++) {
        if (!is_figure(&ask->report->columns[i]))
            continue;
        od_jw_key(w, ask->report->columns[i].name);
        write_number(w, change_of(ask, row, i));
    }
    od_jw_object_end(w);
}

static void write_links(struct od_json_writer *w, const struct od_report_ask *ask,
                        const struct od_report_row *row)
{
    od_jw_key(w, "links");
    od_jw_object(w);
    for (const struct od_report_link *l = ask->report->links; l->name; l++) {
        if (!od_report_has_link(l, ask->query.word))
            continue;
        od_jw_key(w, l->name);
        od_jw_str(w, link_of(ask, l, row));
    }
    od_jw_object_end(w);
}

static void write_row(struct od_json_writer *w, const struct od_report_ask *ask,
                      const struct od_report_row *row)
{
    const struct od_report *report = ask->report;
    od_jw_object(w);
    if (ask->query.every.ptr && !row->is_total) {
        od_jw_key(w, "period");
        od_jw_str(w, row->period);
        od_jw_key(w, "from");
        od_jw_time(w, row->from_us);
        od_jw_key(w, "to");
        od_jw_time(w, row->to_us);
    }
    if (!report->has_no_currency) {
        od_jw_key(w, "currency");
        od_jw_str(w, row->currency);
    }
    if (ask->query.by_store) {
        od_jw_key(w, "store");
        write_text(w, row->store);
    }
    for (int i = 0; report->columns[i].name; i++) {
        if (!row->is_total || is_figure(&report->columns[i]))
            write_value(w, ask, row, i);
    }
    if (ask->compares)
        write_comparison(w, ask, row);
    write_links(w, ask, row);
    od_jw_object_end(w);
}

static void write_rows(struct od_json_writer *w, const struct od_report_ask *ask, bool totals)
{
    od_jw_key(w, totals ? "totals" : "rows");
    od_jw_array(w);
    for (size_t i = 0; i < ask->rows.count; i++) {
        if (ask->rows.items[i].is_total == totals)
            write_row(w, ask, &ask->rows.items[i]);
    }
    od_jw_array_end(w);
}

static void write_json(const struct od_report_ask *ask)
{
    struct od_json_writer w;
    const struct od_report_query *q = &ask->query;
    od_jw_init(&w, od_http_body(ask->req));
    od_jw_object(&w);
    od_jw_key(&w, "report");
    od_jw_cstr(&w, ask->report->name);
    od_jw_key(&w, "from");
    od_jw_time(&w, q->from_us);
    od_jw_key(&w, "to");
    od_jw_time(&w, q->to_us);
    od_jw_key(&w, "timezone");
    od_jw_str(&w, q->zone);
    od_jw_key(&w, "interval");
    od_jw_str(&w, q->every);
    if (ask->compares) {
        od_jw_key(&w, "previous");
        od_jw_object(&w);
        od_jw_key(&w, "from");
        od_jw_time(&w, ask->previous_us);
        od_jw_key(&w, "to");
        od_jw_time(&w, q->from_us);
        od_jw_object_end(&w);
    }
    write_rows(&w, ask, false);
    write_rows(&w, ask, true);
    od_jw_object_end(&w);
}

/* ---- CSV: the rows, without the totals */

static void put_names(struct od_csv_writer *w, const struct od_report_ask *ask, const char *before,
                      bool figures)
{
    for (const struct od_report_column *c = ask->report->columns; c->name; c++) {
        if (!figures || is_figure(c))
            od_csv_text(w, od_arena_printf(&ask->req->arena, "%s%s", before, c->name));
    }
}

static void put_header(struct od_csv_writer *w, const struct od_report_ask *ask)
{
    if (ask->query.every.ptr) {
        od_csv_text(w, OD_STR("period"));
        od_csv_text(w, OD_STR("from"));
        od_csv_text(w, OD_STR("to"));
    }
    if (!ask->report->has_no_currency)
        od_csv_text(w, OD_STR("currency"));
    if (ask->query.by_store)
        od_csv_text(w, OD_STR("store"));
    put_names(w, ask, "", false);
    if (ask->compares) {
        put_names(w, ask, "previous.", true);
        put_names(w, ask, "change.", true);
    }
    for (const struct od_report_link *l = ask->report->links; l->name; l++) {
        if (od_report_has_link(l, ask->query.word))
            od_csv_text(w, od_arena_printf(&ask->req->arena, "links.%s", l->name));
    }
    od_csv_end(w);
}

static void put_value(struct od_csv_writer *w, const struct od_report_ask *ask,
                      const struct od_report_row *row, int i)
{
    enum od_report_type type = ask->report->columns[i].type;
    if (!row)
        od_csv_text(w, OD_STR_NONE);
    else if (type == OD_REPORT_TEXT)
        od_csv_text(w, row->values[i]);
    else if (type == OD_REPORT_TIME)
        od_csv_text(w, time_value(ask, row->values[i]));
    else
        od_csv_number(w, shown(ask, row, i));
}

static void put_comparison(struct od_csv_writer *w, const struct od_report_ask *ask,
                           const struct od_report_row *row)
{
    const struct od_report_column *columns = ask->report->columns;
    for (int i = 0; columns[i].name; i++) {
        if (is_figure(&columns[i]))
            put_value(w, ask, row->previous, i);
    }
    for (int i = 0; columns[i].name; i++) {
        if (is_figure(&columns[i]))
            od_csv_number(w, change_of(ask, row, i));
    }
}

static void put_row(struct od_csv_writer *w, const struct od_report_ask *ask,
                    const struct od_report_row *row)
{
    if (ask->query.every.ptr) {
        od_csv_text(w, row->period);
        od_csv_text(w, time_of(ask, row->from_us));
        od_csv_text(w, time_of(ask, row->to_us));
    }
    if (!ask->report->has_no_currency)
        od_csv_text(w, row->currency);
    if (ask->query.by_store)
        od_csv_text(w, row->store);
    for (int i = 0; ask->report->columns[i].name; i++)
        put_value(w, ask, row, i);
    if (ask->compares)
        put_comparison(w, ask, row);
    for (const struct od_report_link *l = ask->report->links; l->name; l++) {
        if (od_report_has_link(l, ask->query.word))
            od_csv_text(w, link_of(ask, l, row));
    }
    od_csv_end(w);
}

static void write_csv(const struct od_report_ask *ask)
{
    struct od_csv_writer w = {.buf = od_http_body(ask->req)};
    put_header(&w, ask);
    for (size_t i = 0; i < ask->rows.count; i++) {
        if (!ask->rows.items[i].is_total)
            put_row(&w, ask, &ask->rows.items[i]);
    }
    od_http_set_type(ask->req, "text/csv; charset=utf-8; header=present");
}

void od_report_answer(struct od_report_ask *ask)
{
    if (ask->csv)
        write_csv(ask);
    else
        write_json(ask);
    od_http_send(ask->req, 200);
}
