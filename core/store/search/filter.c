#include "store/search/filter.h"

#include "base/clock.h"
#include "base/money.h"
#include "order/model/status.h"
#include "store/search/search.h"

/*
 * Filters as conditions. A negation is exactly the complement of what it negates: an order without
 * a coupon is one whose coupon is not X, and sku.neq finds the orders that have no item of that
 * SKU. SQL's <> would find neither.
 */

enum {
    MAX_VALUES = 50,
    AMOUNT_DIGITS = 4, /* of amounts in filters: as many as any currency has */
};

enum value_type {
    VALUE_TEXT = 0,
    VALUE_STATUS, /* these three: a code of that set */
    VALUE_PAYMENT_STATUS,
    VALUE_SHIPMENT_STATUS,
    VALUE_MONEY,
    VALUE_TIME,
    VALUE_INT,
};

static const struct {
    const char *sql;
    uint32_t oid;
    bool range; /* less and greater mean something */
} types[] = {
    [VALUE_TEXT] = {"text", OD_PG_TEXT, false},
    [VALUE_STATUS] = {"text", OD_PG_TEXT, false},
    [VALUE_PAYMENT_STATUS] = {"text", OD_PG_TEXT, false},
    [VALUE_SHIPMENT_STATUS] = {"text", OD_PG_TEXT, false},
    [VALUE_MONEY] = {"int8", OD_PG_INT8, true},
    [VALUE_TIME] = {"timestamptz", OD_PG_TIMESTAMPTZ, true},
    [VALUE_INT] = {"int8", OD_PG_INT8, true},
};

static const struct filterable {
    const char *name;
    const char *column;
    enum value_type type;
    const char *rows; /* where an order may have many values: a FROM and a WHERE; else NULL */
    const char *fold; /* the SQL function that makes a value as the column has it; or NULL */
} filterables[] = {
    {"status", "o.status", VALUE_STATUS, NULL, NULL},
    {"paymentStatus", "o.payment_status", VALUE_PAYMENT_STATUS, NULL, NULL},
    {"shipmentStatus", "o.shipment_status", VALUE_SHIPMENT_STATUS, NULL, NULL},
    {"orderNumber", "o.order_number", VALUE_TEXT, NULL, NULL},
    {"currency", "o.currency", VALUE_TEXT, NULL, "upper"},
    {"customerId", "o.customer_id", VALUE_TEXT, NULL, NULL},
    {"customerEmail", "lower(o.customer_email)", VALUE_TEXT, NULL, "lower"},
    {"paymentMethod", "o.payment_method", VALUE_TEXT, NULL, NULL},
    {"shippingMethod", "o.shipping_method", VALUE_TEXT, NULL, NULL},
    {"coupon", "o.coupon", VALUE_TEXT, NULL, NULL},
    {"store", "o.store", VALUE_TEXT, NULL, NULL},
    {"sku", "i.sku", VALUE_TEXT, "order_item i where i.order_id = o.order_id", NULL},
    {"carrier", "s.carrier", VALUE_TEXT, "shipment s where s.order_id = o.order_id", NULL},
    {"trackingNumber", "s.tracking_number", VALUE_TEXT, "shipment s where s.order_id = o.order_id",
     NULL},
    {"hold", "h.handle", VALUE_TEXT, "order_hold h where h.order_id = o.order_id", NULL},
    {"tag", "t.tag", VALUE_TEXT, "json_array_elements_text(o.tags) t (tag) where true", NULL},
    {"createdAt", "o.created_at", VALUE_TIME, NULL, NULL},
    {"updatedAt", "o.updated_at", VALUE_TIME, NULL, NULL},
    {"grandTotal", "o.grand_total", VALUE_MONEY, NULL, NULL},
    {"orderId", "o.order_id", VALUE_INT, NULL, NULL},
};

enum operand { OPERAND_VALUE = 0, OPERAND_LIST, OPERAND_BOOL };

static const struct operation {
    const char *name;
    const char *sql; /* of a comparison with one value */
    enum operand operand;
    bool negated;
    bool range;
} operations[] = {
    {"eq", "=", OPERAND_VALUE, false, false},     {"neq", "=", OPERAND_VALUE, true, false},
    {"gt", ">", OPERAND_VALUE, false, true},      {"gte", ">=", OPERAND_VALUE, false, true},
    {"lt", "<", OPERAND_VALUE, false, true},      {"lte", "<=", OPERAND_VALUE, false, true},
    {"in", NULL, OPERAND_LIST, false, false},     {"nin", NULL, OPERAND_LIST, true, false},
    {"exists", NULL, OPERAND_BOOL, false, false},
};

enum { FILTERABLES = sizeof filterables / sizeof *filterables };
enum { OPERATIONS = sizeof operations / sizeof *operations };

static const struct filterable *find_filterable(struct od_str name)
{
    for (int i = 0; i < FILTERABLES; i++) {
        if (od_str_is(name, filterables[i].name))
            return &filterables[i];
    }
    return NULL;
}

/* Splits "createdAt.gte". NULL: there is no such filter; *op NULL: no such operation. */
static const struct filterable *split(struct od_str name, const struct operation **op)
{
    struct od_str rest = name, field;
    *op = &operations[0];
    if (!od_str_cut(&rest, '.', &field))
        return NULL;
    if (rest.ptr) {
        *op = NULL;
        for (int i = 0; i < OPERATIONS; i++) {
            if (od_str_is(rest, operations[i].name))
                *op = &operations[i];
        }
    }
    return find_filterable(field);
}

/* The next of a filter's values: a list has several between commas. false: there is none left. */
static bool next_value(const struct operation *op, struct od_str *rest, struct od_str *value)
{
    if (op->operand == OPERAND_LIST)
        return od_str_cut(rest, ',', value);
    *value = *rest;
    *rest = OD_STR_NONE;
    return value->ptr;
}

/* A misspelt code would find nothing, or negated everything, without a word. */
static int check_code(const struct od_status_set *set, struct od_str code, struct od_err *err)
{
    struct od_buf known;
    if (od_status_find(set, code))
        return 0;
    od_buf_init(&known, 400); /* all of them in usual shops; the message has room for it */
    for (uint32_t i = 0; i < set->count; i++)
        od_buf_printf(&known, "%s%.*s", i ? ", " : "", OD_STR_ARG(set->statuses[i].code));
    (void)od_err_set(err, OD_ERR_INVALID, "there is no status \"%.*s\"; known: %.*s%s",
                     (int)(code.len > 60 ? 60 : code.len), code.ptr,
                     OD_STR_ARG(od_buf_view(&known)), known.overflow ? " and others" : "");
    od_buf_fini(&known);
    return -1;
}

/* *number: of what is not a text. statuses NULL: any code will do. */
static int check_value(enum value_type type, struct od_str value,
                       const struct od_status_sets *statuses, int64_t *number, struct od_err *err)
{
    enum od_status_kind kind;
    switch (type) {
    case VALUE_TEXT:
        if (value.len > 500)
            return od_err_set(err, OD_ERR_INVALID, "is longer than 500 bytes");
        return 0;
    case VALUE_STATUS:
    case VALUE_PAYMENT_STATUS:
    case VALUE_SHIPMENT_STATUS:
        kind = type == VALUE_STATUS           ? OD_STATUS_ORDER
               : type == VALUE_PAYMENT_STATUS ? OD_STATUS_PAYMENT
                                              : OD_STATUS_SHIPMENT;
        return statuses ? check_code(&statuses->of[kind], value, err) : 0;
    case VALUE_MONEY:
        return od_decimal_parse(value, AMOUNT_DIGITS, number, err);
    case VALUE_TIME:
        if (!od_time_parse(value, number))
            return od_err_set(err, OD_ERR_INVALID, "is not an RFC 3339 time");
        return 0;
    case VALUE_INT:
        if (!od_str_to_i64(value, 0, INT64_MAX, number))
            return od_err_set(err, OD_ERR_INVALID, "is not an integer");
        return 0;
    }
    return 0;
}

static int check_operand(const struct od_search *s, const struct filterable *f,
                         const struct operation *op, struct od_str operand, struct od_err *err)
{
    struct od_str value;
    int64_t number;
    uint32_t values = 0;
    if (op->operand == OPERAND_BOOL)
        return od_str_is(operand, "true") || od_str_is(operand, "false")
                   ? 0
                   : od_err_set(err, OD_ERR_INVALID, "must be true or false");
    while (next_value(op, &operand, &value)) {
        if (++values > MAX_VALUES)
            return od_err_set(err, OD_ERR_INVALID, "more than %d values", MAX_VALUES);
        if (check_value(f->type, value, s->statuses, &number, err))
            return -1;
    }
    return 0;
}

int od_search_filter(struct od_search *s, struct od_str name, struct od_str value,
                     struct od_err *err)
{
    const struct operation *op;
    const struct filterable *f = split(name, &op);
    int shown = (int)(name.len > 60 ? 60 : name.len);
    if (!f)
        return od_err_set(err, OD_ERR_INVALID, "There is no filter \"%.*s\".", shown, name.ptr);
    if (!op)
        return od_err_set(
            err, OD_ERR_INVALID,
            "\"%.*s\": a filter ends in nothing or .eq .neq .gt .gte .lt .lte .in .nin .exists",
            shown, name.ptr);
    if (op->range && !types[f->type].range)
        return od_err_set(err, OD_ERR_INVALID, "\"%.*s\": only times, amounts and ids have a range",
                          shown, name.ptr);
    if (s->filter_count == sizeof s->filters / sizeof *s->filters)
        return od_err_set(err, OD_ERR_INVALID, "There are too many filters.");
    if (check_operand(s, f, op, value, err))
        return od_err_wrap(err, "%.*s", shown, name.ptr);
    s->filters[s->filter_count].name = name;
    s->filters[s->filter_count++].value = value;
    return 0;
}

static void put_value(struct od_pg_params *p, enum value_type type, struct od_str value,
                      bool element)
{
    int64_t number = 0;
    struct od_err ignored; /* od_search_filter has checked it */
    (void)check_value(type, value, NULL, &number, &ignored);
    if (types[type].oid == OD_PG_TEXT)
        element ? od_pg_array_text(p, value) : od_pg_text(p, value);
    else if (types[type].oid == OD_PG_TIMESTAMPTZ)
        element ? od_pg_array_time(p, number) : od_pg_time(p, number);
    else
        element ? od_pg_array_i64(p, number) : od_pg_i64(p, number);
}

/* From minor units of the order's currency to AMOUNT_DIGITS; numeric, which does not overflow. */
static void put_scale(struct od_buf *sql)
{
    static const char *const scales[] = {"10000", "1000", "100", "10", "1"};
    int usual = 2, digits;
    const char *code;
    od_buf_printf(sql, " * case ");
    for (int d = 0; d <= AMOUNT_DIGITS; d++) {
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

static void put_compared(struct od_buf *sql, const struct filterable *f)
{
    od_buf_printf(sql, "%s", f->column);
    if (f->type == VALUE_MONEY)
        put_scale(sql);
}

static void put_one(struct od_buf *sql, const struct filterable *f, struct od_str value,
                    struct od_pg_params *p)
{
    put_value(p, f->type, value, false);
    if (f->fold)
        od_buf_printf(sql, "%s($%d::%s)", f->fold, p->count, types[f->type].sql);
    else
        od_buf_printf(sql, "$%d::%s", p->count, types[f->type].sql);
}

static void put_list(struct od_buf *sql, const struct filterable *f, const struct operation *op,
                     struct od_str values, struct od_pg_params *p)
{
    struct od_str value;
    od_pg_array_begin(p, types[f->type].oid);
    while (next_value(op, &values, &value))
        put_value(p, f->type, value, true);
    od_pg_array_end(p);
    if (f->fold)
        od_buf_printf(sql, "any(array(select %s(v) from unnest($%d::%s[]) v))", f->fold, p->count,
                      types[f->type].sql);
    else
        od_buf_printf(sql, "any($%d::%s[])", p->count, types[f->type].sql);
}

static void put_comparison(struct od_buf *sql, const struct filterable *f,
                           const struct operation *op, struct od_str operand,
                           struct od_pg_params *p)
{
    if (op->operand == OPERAND_BOOL) {
        od_buf_printf(sql, "%s is not null", f->column);
        return;
    }
    put_compared(sql, f);
    if (op->operand == OPERAND_LIST) {
        od_buf_printf(sql, " = ");
        put_list(sql, f, op, operand, p);
    } else {
        od_buf_printf(sql, " %s ", op->sql);
        put_one(sql, f, operand, p);
    }
}

/* A comparison with what is absent is null, so `not` would be null too; `is not true` is true. */
void od_search_put_filter(struct od_buf *sql, struct od_str name, struct od_str value,
                          struct od_pg_params *p)
{
    const struct operation *op;
    const struct filterable *f = split(name, &op);
    bool negated = op->negated || (op->operand == OPERAND_BOOL && od_str_is(value, "false"));
    if (f->rows) {
        od_buf_printf(sql, " and %sexists (select 1 from %s and ", negated ? "not " : "", f->rows);
        put_comparison(sql, f, op, value, p);
        od_buf_printf(sql, ")");
    } else {
        od_buf_printf(sql, " and %s", negated ? "(" : "");
        put_comparison(sql, f, op, value, p);
        od_buf_printf(sql, "%s", negated ? ") is not true" : "");
    }
}
