#include "api/bulk/bulk.h"
#include "base/csv/write.h"

/*
 * CSV: a file of tracking numbers, as warehouses and carriers send them. A row is a TRACK command,
 * so a file that is sent again changes nothing. The answer has a row for each, with the delimiter
 * of the file.
 */

enum { COLUMNS_MAX = 64 };

enum column {
    COLUMN_ORDER = 0,
    COLUMN_SHIPMENT_ID,
    /* Members of the command's body, in this order: */
    COLUMN_CARRIER,
    COLUMN_TRACKING_NUMBER,
    COLUMN_TRACKING_URL,
    COLUMN_STATUS,
    COLUMNS
};

static const char *const names[COLUMNS] = {
    [COLUMN_ORDER] = "order",
    [COLUMN_SHIPMENT_ID] = "shipmentId",
    [COLUMN_CARRIER] = "carrier",
    [COLUMN_TRACKING_NUMBER] = "trackingNumber",
    [COLUMN_TRACKING_URL] = "trackingUrl",
    [COLUMN_STATUS] = "status",
};

struct od_bulk_columns {
    enum column of[COLUMNS_MAX]; /* what each field of a record is */
    size_t count;
};

static bool refuse_header(struct od_bulk *b, const char *what, struct od_str name)
{
    od_problem_sendf(
        b->req, 422, "bad_header",
        "The first row must name the columns order, trackingNumber and maybe carrier, "
        "trackingUrl, status, shipmentId, with commas, semicolons or tabs between them: %s "
        "\"%.*s\".",
        what, (int)(name.len > 60 ? 60 : name.len), name.ptr ? name.ptr : "");
    return false;
}

static bool read_name(struct od_bulk *b, struct od_str field)
{
    struct od_bulk_columns *c = b->columns;
    struct od_str name = od_str_trim(field);
    int found = 0;
    while (found < COLUMNS && !od_str_eq_nocase(name, od_str_of(names[found])))
        found++;
    if (found == COLUMNS)
        return refuse_header(b, "there is no column", name);
    for (size_t i = 0; i < c->count; i++) {
        if (c->of[i] == (enum column)found)
            return refuse_header(b, "twice the column", name);
    }
    c->of[c->count++] = (enum column)found;
    return true;
}

static bool has_column(const struct od_bulk *b, enum column column)
{
    for (size_t i = 0; i < b->columns->count; i++) {
        if (b->columns->of[i] == column)
            return true;
    }
    return false;
}

static void write_header(const struct od_bulk *b, struct od_buf *out)
{
    static const char *const answer[] = {"line", "order", "status", "message"};
    struct od_csv_writer w = {.buf = out, .delimiter = b->csv.delimiter};
    for (size_t i = 0; i < sizeof answer / sizeof *answer; i++)
        od_csv_text(&w, od_str_of(answer[i]));
    od_csv_end(&w);
}

static bool begin(struct od_bulk *b)
{
    struct od_str *fields;
    struct od_err err;
    size_t n = 0;
    b->columns = OD_NEW(&b->req->arena, struct od_bulk_columns);
    od_csv_init(&b->csv, b->req->body);
    od_csv_guess(&b->csv);
    int got = od_csv_next(&b->csv, &b->req->arena, COLUMNS_MAX, &fields, &n, &err);
    if (got < 0) {
        od_problem_sendf(b->req, 400, "malformed_csv", "The body is not CSV: %s", err.message);
        return false;
    }
    for (size_t i = 0; got && i < n; i++) {
        if (!read_name(b, fields[i]))
            return false;
    }
    if (!has_column(b, COLUMN_ORDER))
        return refuse_header(b, "there is no column", OD_STR("order"));
    if (!has_column(b, COLUMN_TRACKING_NUMBER))
        return refuse_header(b, "there is no column", OD_STR("trackingNumber"));
    write_header(b, od_http_body(b->req));
    return true;
}

/* 1.23457E+13: a spreadsheet took the number for one to be rounded, and its digits are gone. */
static bool is_rounded(struct od_str s)
{
    size_t i = 0;
    while (i < s.len &&
           ((s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '.' || s.ptr[i] == ','))
        i++;
    if (i == 0 || i + 2 >= s.len || (s.ptr[i] | 0x20) != 'e' || s.ptr[i + 1] != '+')
        return false;
    for (i += 2; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return true;
}

static void add_member(struct od_bulk_line *l, struct od_json *body, enum column column,
                       struct od_str value)
{
    struct od_json *v = OD_NEW(&l->arena, struct od_json);
    v->type = column == COLUMN_SHIPMENT_ID ? OD_JSON_NUMBER : OD_JSON_STRING;
    v->key = od_str_of(names[column]);
    v->text = v->raw = value;
    v->next = body->child;
    body->child = v;
    body->count++;
}

/* Empty cells are as if their column were not there. */
static void read_row(struct od_bulk *b, struct od_bulk_line *l, const struct od_str *fields,
                     size_t n)
{
    struct od_json *body = OD_NEW(&l->arena, struct od_json);
    struct od_str order = OD_STR_NONE;
    body->type = OD_JSON_OBJECT;
    for (size_t i = 0; i < n && i < b->columns->count; i++) {
        enum column column = b->columns->of[i];
        struct od_str value = od_str_trim(od_csv_plain(fields[i]));
        if (column == COLUMN_ORDER)
            order = value;
        else if (value.len)
            add_member(l, body, column, value);
    }
    l->name = order;
    const struct od_json *number = od_json_get(body, names[COLUMN_TRACKING_NUMBER]);
    if (n != b->columns->count)
        (void)od_bulk_refuse(l, 422, "bad_row", "The row has %zu fields, its header %zu", n,
                             b->columns->count);
    else if (number && is_rounded(number->text))
        (void)od_bulk_refuse(l, 422, "rounded_number",
                             "%.*s is what a spreadsheet made of the tracking number: its column "
                             "must be text there",
                             OD_STR_ARG(number->text));
    else if (od_bulk_read_body(l, OD_COMMAND_TRACK, body))
        (void)od_bulk_read_order(l, order);
}

/* Behind a row that is no CSV nothing can be read. */
static bool next(struct od_bulk *b, struct od_bulk_line *l)
{
    struct od_str *fields;
    struct od_err err;
    size_t n = 0;
    int got = od_csv_next(&b->csv, &l->arena, COLUMNS_MAX, &fields, &n, &err);
    l->number = b->csv.record_line;
    if (got > 0)
        read_row(b, l, fields, n);
    if (got >= 0)
        return got > 0;
    b->csv.rest = OD_STR("");
    (void)od_bulk_refuse(l, 400, "malformed_csv", "From here on it is not CSV: %s", err.message);
    return true;
}

static void write_row(const struct od_bulk_line *l, int status, struct od_str message,
                      struct od_buf *out)
{
    struct od_csv_writer w = {.buf = out, .delimiter = l->bulk->csv.delimiter};
    od_csv_i64(&w, (int64_t)l->number);
    od_csv_text(&w, l->name);
    od_csv_i64(&w, status);
    od_csv_text(&w, message);
    od_csv_end(&w);
}

static void write_result(const struct od_bulk_line *l, const struct od_bulk_result *r,
                         struct od_buf *out)
{
    const struct od_shipment *s = r->order ? od_order_shipment(r->order, r->ref_id) : NULL;
    write_row(l, r->status, s ? s->shipment_number : OD_STR_NONE, out);
}

/* With the column that is wrong, where one is. */
static void write_problem(const struct od_bulk_line *l, struct od_buf *out)
{
    const struct od_problem *p = &l->problem;
    struct od_buf message;
    od_buf_init(&message, 4096);
    if (p->error_count && p->errors[0].pointer.len > 1)
        od_buf_printf(&message, "%.*s: ",
                      OD_STR_ARG(od_str_slice(p->errors[0].pointer, 1, p->errors[0].pointer.len)));
    od_buf_str(&message, p->detail);
    write_row(l, p->status, od_buf_view(&message), out);
    od_buf_fini(&message);
}

const struct od_bulk_format od_bulk_csv = {
    .type = "text/csv; charset=utf-8",
    .begin = begin,
    .next = next,
    .write_result = write_result,
    .write_problem = write_problem,
};
