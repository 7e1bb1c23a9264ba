#include <stdlib.h>

#include "base/map.h"
#include "read/reports/report.h"

enum { BEFORE_COLUMNS = 6, IDENTITY_MAX = 8 << 10 };

static struct od_str text(const struct od_pg_result *r, int row, int col, struct od_arena *a)
{
    return od_pg_is_null(r, row, col) ? OD_STR_NONE : od_arena_str(a, od_pg_get_text(r, row, col));
}

void od_report_take(const struct od_report *report, const struct od_pg_result *r,
                    struct od_arena *a, struct od_report_rows *out)
{
    out->count = (size_t)r->rows;
    out->items = OD_NEW_ARRAY(a, struct od_report_row, out->count + 1);
    for (int i = 0; i < r->rows; i++) {
        struct od_report_row *row = &out->items[i];
        row->is_total = od_pg_is_null(r, i, 0);
        row->n = row->is_total ? 0 : od_pg_get_i32(r, i, 0);
        row->period = text(r, i, 1, a);
        row->from_us = od_pg_get_time(r, i, 2);
        row->to_us = od_pg_get_time(r, i, 3);
        row->currency = text(r, i, 4, a);
        row->store = text(r, i, 5, a);
        row->store = row->store.len ? row->store : OD_STR_NONE;
        for (int c = 0; report->columns[c].name; c++)
            row->values[c] = text(r, i, BEFORE_COLUMNS + c, a);
    }
}

/* What two rows that are compared have in common. Absent and empty differ. */
static struct od_str identity(const struct od_report *report, const struct od_report_row *row,
                              struct od_arena *a)
{
    struct od_buf b;
    od_buf_init(&b, IDENTITY_MAX);
    od_buf_printf(&b, "%d %d", row->is_total, row->n);
    const struct od_str parts[] = {row->currency, row->store};
    for (int i = 0; i < 2 + report->keys; i++) {
        struct od_str s = i < 2 ? parts[i] : row->values[i - 2];
        if (s.ptr)
            od_buf_printf(&b, " %zu:%.*s", s.len, OD_STR_ARG(s));
        else
            od_buf_printf(&b, " -");
    }
    struct od_str text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

void od_report_compare(const struct od_report *report, struct od_report_rows *rows,
                       const struct od_report_rows *before)
{
    struct od_map known;
    struct od_arena a;
    od_map_init(&known);
    od_arena_init(&a);
    for (size_t i = 0; i < before->count; i++)
        od_map_put(&known, identity(report, &before->items[i], &a), &before->items[i]);
    for (size_t i = 0; i < rows->count; i++)
        rows->items[i].previous = od_map_get(&known, identity(report, &rows->items[i], &a));
    od_arena_fini(&a);
    od_map_fini(&known);
}

void od_report_put_amount(struct od_buf *b, struct od_str units, int digits)
{
    bool negative = units.len && units.ptr[0] == '-';
    struct od_str s = od_str_slice(units, negative, units.len);
    size_t behind = (size_t)digits;
    if (negative)
        od_buf_char(b, '-');
    if (s.len > behind)
        od_buf_str(b, od_str_slice(s, 0, s.len - behind));
    else
        od_buf_char(b, '0');
    if (!behind)
        return;
    od_buf_char(b, '.');
    for (size_t i = s.len; i < behind; i++)
        od_buf_char(b, '0');
    od_buf_str(b, s.len > behind ? od_str_slice(s, s.len - behind, s.len) : s);
}

/* A proportion is no amount, so it may be rounded: to ten-thousandths. */
bool od_report_put_change(struct od_buf *b, struct od_str now, struct od_str before)
{
    if (!now.ptr || !before.ptr)
        return false;
    double was = strtod(before.ptr, NULL), is = strtod(now.ptr, NULL);
    if (was == 0.0)
        return false;
    od_buf_printf(b, "%.4f", (is - was) / (was < 0 ? -was : was));
    return true;
}
