#ifndef OD_READ_REPORTS_REPORT_H
#define OD_READ_REPORTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "order/show/figure.h"
#include "pg/result.h"
#include "store/reports/reports.h"

/*
 * The reports that there are: each is a row of one table, which says its columns, where its rows
 * come from, and how a figure is opened into the orders that it is made of. In every row and total
 * of amounts, gross - discounts - refunds = net.
 */

enum od_report_type {
    OD_REPORT_TEXT = 0,
    OD_REPORT_RATE, /* percent, a decimal */
    OD_REPORT_TIME,
    /* These are figures; two rows can be compared by them. */
    OD_REPORT_COUNT,
    OD_REPORT_AMOUNT, /* of the row's currency */
    OD_REPORT_SECONDS,
};

struct od_report_column {
    const char *name; /* NULL behind the last */
    enum od_report_type type;
};

/* What finds the orders of a row, beside its currency and store. */
enum od_report_finds {
    OD_REPORT_FINDS_FACTS = 0, /* those with a fact of these kinds in the row's time */
    OD_REPORT_FINDS_STATUS,   /* those placed in that time with the status that columns 0 and 1 name
                               */
    OD_REPORT_FINDS_CUSTOMER, /* as FACTS, of the customer that column 0 names */
};

struct od_report_link {
    const char *name; /* NULL behind the last */
    enum od_report_finds finds;
    uint32_t kinds; /* 1 << enum od_fact_kind */
    int key;        /* the column that the fact's key stands in; -1: any key */
    const char *by; /* only when the report is by this; NULL: always */
};

enum { OD_REPORT_COLUMNS = 14, OD_REPORT_LINKS = 3 };

struct od_report {
    const char *name;                /* "top-products": the last part of its path */
    const struct od_pg_stmt *rows;   /* store/reports/reports.h */
    const struct od_pg_stmt *of_one; /* the rows of one customer; NULL: there are none */
    struct od_report_column columns[OD_REPORT_COLUMNS + 1];
    int keys; /* so many columns from the first on tell rows of a period apart */
    struct od_report_link links[OD_REPORT_LINKS + 1];
    bool is_cut;       /* it may be cut into days, weeks or months */
    const char *every; /* into which it is cut unless another is asked for; NULL: it is not */
    bool is_limited;   /* it shows `limit` rows of each currency */
    const char *by[3]; /* words for `by`, the first of which is meant without one; NULL behind */
    bool has_no_currency;
};

/* NULL: there is none of that name. */
const struct od_report *od_report_find(struct od_str name);
/* The i-th; NULL behind the last. */
const struct od_report *od_report_at(size_t i);

struct od_report_row {
    bool is_total;
    int32_t n;            /* of the period */
    struct od_str period; /* the day on which it begins: "2026-03-29" */
    int64_t from_us, to_us;
    struct od_str currency, store;           /* store is absent when there is none */
    struct od_str values[OD_REPORT_COLUMNS]; /* as text; absent: there is none */
    const struct od_report_row *previous;    /* the row it is compared with; NULL: there is none */
};
struct od_report_rows {
    struct od_report_row *items;
    size_t count;
};

/* Copies the rows of a result to the arena. */
void od_report_take(const struct od_report *report, const struct od_pg_result *r,
                    struct od_arena *a, struct od_report_rows *out);
/* Sets `previous` of each row of `rows` that has one among `before`. */
void od_report_compare(const struct od_report *report, struct od_report_rows *rows,
                       const struct od_report_rows *before);

/* Whether a report that is by `word` has the link. */
bool od_report_has_link(const struct od_report_link *link, struct od_str word);
/* Appends the path and query of the list of orders that the figures of the row are made of. */
void od_report_put_link(struct od_buf *b, const struct od_report *report,
                        const struct od_report_link *link, const struct od_report_row *row,
                        const struct od_report_query *q);

/* Appends an amount in minor units, of any size: "5998" with 2 digits as 59.98. */
void od_report_put_amount(struct od_buf *b, struct od_str units, int digits);
/* Appends how much more a figure is than before, in proportion to it: 0.25 for 5 and 4. False:
 * there is none, because it was 0 or nothing before. */
bool od_report_put_change(struct od_buf *b, struct od_str now, struct od_str before);

#endif
