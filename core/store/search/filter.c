#include "store/search/filter.h"

#include "base/money.h"
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
};

static const struct column {
    const char *sql;
    const char *rows; /* where an order may have many values: a FROM and a WHERE; else NULL */
    const char *fold; /* in place of its type's; or NULL */
} columns[OD_FILTER_FIELD_COUNT] = {
    [OD_FILTER_OF_STATUS_CODE] = {"o.status", NULL, NULL},
    [OD_FILTER_OF_PAYMENT_CODE] = {"o.payment_status", NULL, NULL},
    [OD_FILTER_OF_SHIPMENT_CODE] = {"o.shipment_status", NULL, NULL},
    [OD_FILTER_OF_ORDER_NUMBER] = {"o.order_number", NULL, NULL},
    [OD_FILTER_OF_CURRENCY] = {"o.currency", NULL, "upper"},
    [OD_FILTER_OF_CUSTOMER_ID] = {"o.customer_id", NULL, NULL},
    [OD_FILTER_OF_CUSTOMER_EMAIL] = {"lower(o.customer_email)", NULL, NULL},
    [OD_FILTER_OF_PAYMENT_METHOD] = {"o.payment_method", NULL, NULL},
    [OD_FILTER_OF_SHIPPING_METHOD] = {"o.shipping_method", NULL, NULL},
    [OD_FILTER_OF_COUPON] = {"o.coupon", NULL, NULL},
    [OD_FILTER_OF_STORE] = {"o.store", NULL, NULL},
    [OD_FILTER_OF_SKU] = {"i.sku", "order_item i where i.order_id = o.order_id", NULL},
    [OD_FILTER_OF_CARRIER] = {"s.carrier", "shipment s where s.order_id = o.order_id", NULL},
    [OD_FILTER_OF_TRACKING_NUMBER] = {"s.tracking_number",
                                      "shipment s where s.order_id = o.order_id", NULL},
    [OD_FILTER_OF_HOLD] = {"h.handle", "order_hold h where h.order_id = o.order_id", NULL},
    [OD_FILTER_OF_TAG] = {"t.tag", "json_array_elements_text(o.tags) t (tag) where true", NULL},
    [OD_FILTER_OF_CREATED_AT] = {"o.created_at", NULL, NULL},
    [OD_FILTER_OF_UPDATED_AT] = {"o.updated_at", NULL, NULL},
    [OD_FILTER_OF_GRAND_TOTAL] = {"o.grand_total", NULL, NULL},
    [OD_FILTER_OF_ORDER_ID] = {"o.order_id", NULL, NULL},
};

/* How each operation compares with one value. */
static const char *const compares[OD_FILTER_OPERATIONS] = {
    [OD_FILTER_EQ] = "=",   [OD_FILTER_NEQ] = "=", [OD_FILTER_GT] = ">",
    [OD_FILTER_GTE] = ">=", [OD_FILTER_LT] = "<",  [OD_FILTER_LTE] = "<=",
};

static const char *fold_of(const struct od_filter *f)
{
    const char *fold = columns[f->field].fold;
    return fold ? fold : types[od_filter_type_of(f->field)].fold;
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

/* From minor units of the order's currency to OD_FILTER_AMOUNT_DIGITS; numeric, which does not
 * overflow. */
static void put_scale(struct od_buf *sql)
{
    static const char *const scales[] = {"10000", "1000", "100", "10", "1"};
    int usual = 2, digits;
    const char *code;
    od_buf_printf(sql, " * case ");
    for (int d = 0; d <= OD_FILTER_AMOUNT_DIGITS; d++) {
        const char *before = "when o.currency in (";
        for (size_t i = 0; d != usual && (code = od_currency_at(i, &digits)); i++) {
            if (digits != d)
                continue;
            od_buf_printf(sql, "%s'%.3s'", before, code);
            before = ", ";
        }
        if (*before == ',')
            od_buf_printf(sql, ") then %s::numeric ", scales[d]);
    }
    od_buf_printf(sql, "else %s end", scales[usual]);
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

static void put_list(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    enum od_filter_type type = od_filter_type_of(f->field);
    struct od_str rest = f->value, value;
    od_pg_array_begin(p, types[type].oid);
    while (od_filter_next_value(f, &rest, &value))
        put_value(p, type, value, true);
    od_pg_array_end(p);
    if (fold_of(f))
        od_buf_printf(sql, "any(array(select %s(v) from unnest($%d::%s[]) v))", fold_of(f),
                      p->count, types[type].sql);
    else
        od_buf_printf(sql, "any($%d::%s[])", p->count, types[type].sql);
}

static void put_comparison(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    od_buf_printf(sql, "%s", columns[f->field].sql);
    if (f->operation == OD_FILTER_EXISTS) {
        od_buf_printf(sql, " is not null");
        return;
    }
    if (od_filter_type_of(f->field) == OD_FILTER_MONEY)
        put_scale(sql);
    if (compares[f->operation]) {
        od_buf_printf(sql, " %s ", compares[f->operation]);
        put_one(sql, f, p);
    } else {
        od_buf_printf(sql, " = ");
        put_list(sql, f, p);
    }
}

/* A comparison with what is absent is null, so `not` would be null too; `is not true` is true. */
void od_search_put_filter(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p)
{
    const char *rows = columns[f->field].rows;
    bool negated = od_filter_negated(f);
    if (rows) {
        od_buf_printf(sql, " and %sexists (select 1 from %s and ", negated ? "not " : "", rows);
        put_comparison(sql, f, p);
        od_buf_printf(sql, ")");
    } else {
        od_buf_printf(sql, " and %s", negated ? "(" : "");
        put_comparison(sql, f, p);
        od_buf_printf(sql, "%s", negated ? ") is not true" : "");
    }
}
