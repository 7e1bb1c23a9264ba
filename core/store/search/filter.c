#include "store/search/filter.h"

#include "base/money.h"
#include "order/show/figure.h"
#include "store/read/list.h"
#include "store/search/search.h"

/* Filters (order/show/filter.h) as conditions. SQL's <> would not find an order without a value, so
 * a negation is written as one. */

static const struct {
    const char *sql;
    uint32_t oid;
    const char *fold; /* the function that makes a value as the column has it; or NULL */
} types[] = {
    [OD_FILTER_TEXT] = {"text", OD_PG_TEXT, NULL},
    [OD_FILTER_ANY_CASE] = {"text", OD_PG_TEXT, "lower"},
    [OD_FILTER_STATUS] = {"text", OD_PG_TEXT, NULL},
    [OD_FILTER_PAYMENT_STATUS] = {"text", OD_PG_TEXT, NULL},
    [OD_FILTER_SHIPMENT_STATUS] = {"text", OD_PG_TEXT, NULL},
    [OD_FILTER_MONEY] = {"int8", OD_PG_INT8, NULL},
    [OD_FILTER_TIME] = {"timestamptz", OD_PG_TIMESTAMPTZ, NULL},
    [OD_FILTER_INT] = {"int8", OD_PG_INT8, NULL},
    [OD_FILTER_FIGURE] = {"text", OD_PG_TEXT, NULL},
    [OD_FILTER_POLICY] = {"text", OD_PG_TEXT, NULL},
    [OD_FILTER_BUNDLE] = {"text", OD_PG_TEXT, NULL},
};

/* Where the projection of lists has each field: one column or a list of list_class, a kind of
 * order_list_value, or a column of order_list. An order number is looked up in the books, a figure
 * in the facts of reports. */
static const struct column {
    enum { CLASS = 0, CLASS_LIST, VALUE, NUMBER, ORDER_NUMBER, FIGURE } where;
    const char *sql;
    int kind;
    const char *fold; /* in place of its type's; or NULL */
} columns[OD_FILTER_FIELD_COUNT] = {
    [OD_FILTER_OF_STATUS_CODE] = {CLASS, "k.status", 0, NULL},
    [OD_FILTER_OF_PAYMENT_CODE] = {CLASS, "k.payment_status", 0, NULL},
    [OD_FILTER_OF_SHIPMENT_CODE] = {CLASS, "k.shipment_status", 0, NULL},
    [OD_FILTER_OF_ORDER_NUMBER] = {ORDER_NUMBER, "n.order_number", 0, NULL},
    [OD_FILTER_OF_CURRENCY] = {CLASS, "k.currency", 0, "upper"},
    [OD_FILTER_OF_CUSTOMER_ID] = {VALUE, "v.value", OD_LIST_CUSTOMER_ID, NULL},
    [OD_FILTER_OF_CUSTOMER_EMAIL] = {VALUE, "v.value", OD_LIST_EMAIL, NULL},
    [OD_FILTER_OF_PAYMENT_METHOD] = {CLASS, "k.payment_method", 0, NULL},
    [OD_FILTER_OF_SHIPPING_METHOD] = {CLASS, "k.shipping_method", 0, NULL},
    [OD_FILTER_OF_COUPON] = {VALUE, "v.value", OD_LIST_COUPON, NULL},
    [OD_FILTER_OF_STORE] = {CLASS, "k.store", 0, NULL},
    [OD_FILTER_OF_COUNTRY] = {CLASS, "lower(k.country)", 0, NULL},
    [OD_FILTER_OF_SKU] = {VALUE, "v.value", OD_LIST_SKU, NULL},
    [OD_FILTER_OF_CARRIER] = {CLASS_LIST, "k.carriers", 0, NULL},
    [OD_FILTER_OF_TRACKING_NUMBER] = {VALUE, "v.value", OD_LIST_TRACKING, NULL},
    [OD_FILTER_OF_HOLD] = {CLASS_LIST, "k.holds", 0, NULL},
    [OD_FILTER_OF_TAG] = {VALUE, "v.value", OD_LIST_TAG, NULL},
    [OD_FILTER_OF_CREATED_AT] = {NUMBER, "created_at", 0, NULL},
    [OD_FILTER_OF_UPDATED_AT] = {NUMBER, "updated_at", 0, NULL},
    [OD_FILTER_OF_GRAND_TOTAL] = {NUMBER, "amount", 0, NULL},
    [OD_FILTER_OF_ORDER_ID] = {NUMBER, "order_id", 0, NULL},
    [OD_FILTER_OF_FIGURE] = {FIGURE, NULL, 0, NULL},
    [OD_FILTER_OF_DECIDED_BY] = {CLASS_LIST, "k.decided", 0, NULL},
    [OD_FILTER_OF_REFUSED_BY] = {CLASS_LIST, "k.refused", 0, NULL},
    [OD_FILTER_OF_BUNDLE] = {VALUE, "v.value", OD_LIST_BUNDLE, NULL},
};

/* How each operation compares with one value; NULL: with a list. */
static const char *const compares[OD_FILTER_OPERATIONS] = {
    [OD_FILTER_EQ] = "=",   [OD_FILTER_NEQ] = "=", [OD_FILTER_GT] = ">",
    [OD_FILTER_GTE] = ">=", [OD_FILTER_LT] = "<",  [OD_FILTER_LTE] = "<=",
};

static const char *fold_of(const struct od_filter *f)
{
    const char *fold = columns[f->field].fold;
    return fold ? fold : types[od_filter_type_of(f->field)].fold;
}

const char *od_search_column(enum od_filter_field field)
{
    return columns[field].where == NUMBER ? columns[field].sql : NULL;
}

enum od_search_place od_search_place_of(const struct od_filter *f)
{
    switch (columns[f->field].where) {
    case CLASS:
    case CLASS_LIST:
        return OD_SEARCH_CLASS;
    case VALUE:
        if (f->operation == OD_FILTER_EXISTS)
            return OD_SEARCH_CLASS;
        if (f->operation == OD_FILTER_LIKE)
            return OD_SEARCH_ROW;
        return od_filter_negated(f) ? OD_SEARCH_ROW : OD_SEARCH_VALUE;
    case NUMBER:
    case ORDER_NUMBER:
    case FIGURE:
        break;
    }
    return OD_SEARCH_ROW;
}

int od_search_filter(struct od_search *s, struct od_str name, struct od_str value,
                     struct od_err *err)
{
    struct od_filter f;
    if (od_filter_read(name, value, s->statuses, &f, err))
        return -1;
    if (s->filter_count == sizeof s->filters / sizeof *s->filters)
        return od_err_set(err, OD_ERR_INVALID, "There are too many filters.");
    s->filters[s->filter_count++] = f;
    return 0;
}

static void put_value(struct od_pg_params *p, enum od_filter_type type, struct od_str value,
                      bool element)
{
    int64_t number = od_filter_number(type, value);
    if (types[type].oid == OD_PG_TEXT)
        element ? od_pg_array_text(p, value) : od_pg_text(p, value);
    else if (types[type].oid == OD_PG_TIMESTAMPTZ)
        element ? od_pg_array_time(p, number) : od_pg_time(p, number);
    else
        element ? od_pg_array_i64(p, number) : od_pg_i64(p, number);
}

static void put_one(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    enum od_filter_type type = od_filter_type_of(f->field);
    put_value(p, type, f->value, false);
    if (fold_of(f))
        od_buf_printf(sql, "%s($%d::%s)", fold_of(f), p->count, types[type].sql);
    else
        od_buf_printf(sql, "$%d::%s", p->count, types[type].sql);
}

/* "array[…]" of a list's values, or of the one value. */
static void put_array(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    enum od_filter_type type = od_filter_type_of(f->field);
    struct od_str rest = f->value, value;
    od_pg_array_begin(p, types[type].oid);
    while (od_filter_next_value(f, &rest, &value))
        put_value(p, type, value, true);
    od_pg_array_end(p);
    if (fold_of(f))
        od_buf_printf(sql, "array(select %s(u) from unnest($%d::%s[]) u)", fold_of(f), p->count,
                      types[type].sql);
    else
        od_buf_printf(sql, "$%d::%s[]", p->count, types[type].sql);
}

static void put_comparison(struct od_buf *sql, const char *column, const struct od_filter *f,
                           struct od_pg_params *p)
{
    if (compares[f->operation]) {
        od_buf_printf(sql, "%s %s ", column, compares[f->operation]);
        put_one(sql, f, p);
    } else {
        od_buf_printf(sql, "%s = any(", column);
        put_array(sql, f, p);
        od_buf_printf(sql, ")");
    }
}

int od_search_kind(const struct od_filter *f)
{
    return columns[f->field].kind;
}

void od_search_put_value(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    od_buf_printf(sql, "v.kind = %d and ", columns[f->field].kind);
    put_comparison(sql, "v.value", f, p);
}

static void put_existence(struct od_buf *sql, const struct column *c)
{
    switch (c->where) {
    case CLASS:
        od_buf_printf(sql, "%s is not null", c->sql);
        return;
    case CLASS_LIST:
        od_buf_printf(sql, "cardinality(%s) > 0", c->sql);
        return;
    case VALUE:
        od_buf_printf(sql, "k.has & %d <> 0", 1 << c->kind);
        return;
    case NUMBER:
    case ORDER_NUMBER: /* every order has it */
    case FIGURE:       /* is not asked for */
        od_buf_printf(sql, "true");
        return;
    }
}

void od_search_put_figure(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    struct od_figure figure;
    if (!od_figure_parse(f->value, &figure)) /* od_filter_read has checked it */
        return;
    od_pg_array_begin(p, OD_PG_INT4);
    for (int32_t kind = 1; kind < 32; kind++) {
        if (figure.kinds & 1u << kind)
            od_pg_array_i32(p, kind);
    }
    od_pg_array_end(p);
    od_pg_time(p, figure.from_us);
    od_pg_time(p, figure.to_us);
    od_buf_printf(sql,
                  "r.kind = any($%d::int4[]) and r.at >= $%d::timestamptz and r.at <"
                  " $%d::timestamptz",
                  p->count - 2, p->count - 1, p->count);
    if (figure.key.ptr) {
        od_pg_text(p, figure.key);
        od_buf_printf(sql, " and r.key = $%d::text", p->count);
    }
}

bool od_search_by_document(const struct od_filter *f)
{
    return f->operation == OD_FILTER_LIKE &&
           (columns[f->field].where == VALUE || columns[f->field].where == ORDER_NUMBER);
}

/* A document has all of the four fields, folded, so it has a part of one that is folded like it. */
void od_search_put_candidates(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    od_pg_text(p, f->value);
    od_buf_printf(sql,
                  "(select s.order_id from order_search s where s.doc like '%%' ||"
                  " regexp_replace(search_fold($%d::text), '([\\\\%%_])', '\\\\\\1', 'g') || '%%')",
                  p->count);
}

/* As od_filter_finds does it: in any case of ASCII letters, whatever the database's locale. */
static void put_part(struct od_buf *sql, const char *column, const struct od_filter *f,
                     struct od_pg_params *p)
{
    od_pg_text(p, f->value);
    od_buf_printf(sql, "strpos(lower(%s collate \"C\"), lower($%d::text collate \"C\")) > 0",
                  column, p->count);
}

static void put_likeness(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    const struct column *c = &columns[f->field];
    switch (c->where) {
    case CLASS:
        put_part(sql, c->sql, f, p);
        return;
    case CLASS_LIST:
        od_buf_printf(sql, "exists (select from unnest(%s) u (v) where ", c->sql);
        put_part(sql, "u.v", f, p);
        od_buf_printf(sql, ")");
        return;
    case VALUE:
        od_buf_printf(sql,
                      "exists (select from order_list_value v where v.order_id = l.order_id"
                      " and v.kind = %d and ",
                      c->kind);
        put_part(sql, "v.value", f, p);
        od_buf_printf(sql, " offset 0)");
        return;
    case ORDER_NUMBER:
        od_buf_printf(sql, "exists (select from orders n where n.order_id = l.order_id and ");
        put_part(sql, "n.order_number", f, p);
        od_buf_printf(sql, " offset 0)");
        return;
    case FIGURE: /* od_filter_read has refused these */
    case NUMBER:
        od_buf_printf(sql, "false");
        return;
    }
}

static void put_presence(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    const struct column *c = &columns[f->field];
    switch (c->where) {
    case CLASS:
        put_comparison(sql, c->sql, f, p);
        return;
    case CLASS_LIST:
        od_buf_printf(sql, "%s && ", c->sql);
        put_array(sql, f, p);
        return;
    case VALUE:
        od_buf_printf(sql, "exists (select from order_list_value v where v.order_id = l.order_id"
                           " and ");
        od_search_put_value(sql, f, p);
        /* Negated, it is asked of one order after the other: offset 0 keeps the planner from
         * reading all orders of the value into a hash table first. */
        od_buf_printf(sql, "%s)", od_filter_negated(f) ? " offset 0" : "");
        return;
    case NUMBER:
        od_buf_printf(sql, "l.");
        put_comparison(sql, c->sql, f, p);
        return;
    case ORDER_NUMBER:
        od_buf_printf(sql, "l.order_id = any(array(select n.order_id from orders n where ");
        put_comparison(sql, c->sql, f, p);
        od_buf_printf(sql, "))");
        return;
    case FIGURE:
        od_buf_printf(sql, "exists (select from report_fact r where r.order_id = l.order_id and ");
        od_search_put_figure(sql, f, p);
        od_buf_printf(sql, "%s)", od_filter_negated(f) ? " offset 0" : "");
        return;
    }
}

/* A comparison with what is absent is null, so `not` would be null too; `is not true` is true. */
void od_search_put_filter(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    bool negated = od_filter_negated(f);
    od_buf_printf(sql, " and %s", negated ? "(" : "");
    if (f->operation == OD_FILTER_EXISTS)
        put_existence(sql, &columns[f->field]);
    else if (f->operation == OD_FILTER_LIKE)
        put_likeness(sql, f, p);
    else
        put_presence(sql, f, p);
    od_buf_printf(sql, "%s", negated ? ") is not true" : "");
}
