#include "store/search.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/money.h"

enum {
    SQL_MAX = 16384,
    MAX_IN = 50,
    AMOUNT_DIGITS = 4, /* of amounts in filters: as many as any currency has */
};

enum value_type { VALUE_TEXT, VALUE_MONEY, VALUE_TIME, VALUE_INT };

/* What may be filtered on. `where` has one %s for the comparison with its parameter. */
struct filterable {
    const char *name;
    const char *where;
    enum value_type type;
};

static const struct filterable filterables[] = {
    {"status", "o.status %s", VALUE_TEXT},
    {"paymentStatus", "o.payment_status %s", VALUE_TEXT},
    {"shipmentStatus", "o.shipment_status %s", VALUE_TEXT},
    {"orderNumber", "o.order_number %s", VALUE_TEXT},
    {"currency", "o.currency %s", VALUE_TEXT},
    {"customerId", "o.customer_id %s", VALUE_TEXT},
    {"customerEmail", "o.customer_email %s", VALUE_TEXT},
    {"paymentMethod", "o.payment_method %s", VALUE_TEXT},
    {"shippingMethod", "o.shipping_method %s", VALUE_TEXT},
    {"coupon", "o.coupon %s", VALUE_TEXT},
    {"store", "o.store %s", VALUE_TEXT},
    {"sku", "exists (select 1 from order_item i where i.order_id = o.order_id and i.sku %s)",
     VALUE_TEXT},
    {"trackingNumber",
     "exists (select 1 from shipment s where s.order_id = o.order_id and s.tracking_number %s)",
     VALUE_TEXT},
    {"tag", "exists (select 1 from json_array_elements_text(o.tags) t (tag) where t.tag %s)",
     VALUE_TEXT},
    {"createdAt", "o.created_at %s", VALUE_TIME},
    {"updatedAt", "o.updated_at %s", VALUE_TIME},
    {"grandTotal", "o.grand_total %s", VALUE_MONEY},
    {"orderId", "o.order_id %s", VALUE_INT},
};

static const struct {
    const char *name, *sql;
    bool range; /* means nothing for codes and names */
} operations[] = {
    {"eq", "=", false}, {"neq", "<>", false}, {"gt", ">", true},   {"gte", ">=", true},
    {"lt", "<", true},  {"lte", "<=", true},  {"in", NULL, false},
};

/* What lists may be sorted by; ties are broken by order_id in the same direction. */
static const struct {
    const char *name, *column, *cast;
} sortables[] = {
    {"createdAt", "o.created_at", "timestamptz"},
    {"updatedAt", "o.updated_at", "timestamptz"},
    {"grandTotal", "o.grand_total", "int8"},
    {"orderId", "o.order_id", "int8"},
};

static const struct filterable *find_filterable(struct od_str name)
{
    for (size_t i = 0; i < sizeof filterables / sizeof *filterables; i++) {
        if (od_str_is(name, filterables[i].name))
            return &filterables[i];
    }
    return NULL;
}

static const char *const type_names[] = {"text", "int8", "timestamptz", "int8"};

/* Splits "createdAt.gte"; op -1: unknown. */
static const struct filterable *split(struct od_str name, int *op)
{
    struct od_str rest = name, field;
    *op = 0;
    if (!od_str_cut(&rest, '.', &field))
        return NULL;
    if (rest.ptr) {
        *op = -1;
        for (int i = 0; i < (int)(sizeof operations / sizeof *operations); i++) {
            if (od_str_is(rest, operations[i].name))
                *op = i;
        }
    }
    return find_filterable(field);
}

static int check_value(enum value_type type, struct od_str value, int64_t *number,
                       struct od_err *err)
{
    switch (type) {
    case VALUE_TEXT:
        if (value.len > 500)
            return od_err_set(err, OD_ERR_INVALID, "is longer than 500 bytes");
        return 0;
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

int od_search_filter(struct od_search *s, struct od_str name, struct od_str value,
                     struct od_err *err)
{
    int op;
    const struct filterable *f = split(name, &op);
    int shown = (int)(name.len > 60 ? 60 : name.len);
    if (!f)
        return od_err_set(err, OD_ERR_INVALID, "There is no filter \"%.*s\".", shown, name.ptr);
    if (op < 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "\"%.*s\": a filter ends in nothing or .eq .neq .gt .gte .lt .lte .in",
                          shown, name.ptr);
    if (operations[op].range && f->type == VALUE_TEXT)
        return od_err_set(err, OD_ERR_INVALID, "\"%.*s\": only times, amounts and ids have a range",
                          shown, name.ptr);
    if (s->filter_count == sizeof s->filters / sizeof *s->filters)
        return od_err_set(err, OD_ERR_INVALID, "There are too many filters.");
    struct od_str rest = value, piece;
    uint32_t pieces = 0;
    bool in = !operations[op].sql;
    while (in ? od_str_cut(&rest, ',', &piece) : pieces == 0) {
        int64_t number;
        if (!in)
            piece = value;
        if (++pieces > MAX_IN)
            return od_err_set(err, OD_ERR_INVALID, "%.*s: more than %d values", shown, name.ptr,
                              MAX_IN);
        if (check_value(f->type, piece, &number, err))
            return od_err_wrap(err, "%.*s", shown, name.ptr);
    }
    s->filters[s->filter_count].name = name;
    s->filters[s->filter_count++].value = value;
    return 0;
}

static void put_value(struct od_pg_params *p, enum value_type type, struct od_str value,
                      bool element)
{
    int64_t number = 0;
    struct od_err ignored; /* od_search_filter has checked it */
    (void)check_value(type, value, &number, &ignored);
    if (type == VALUE_TEXT)
        element ? od_pg_array_text(p, value) : od_pg_text(p, value);
    else if (type == VALUE_TIME)
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
    od_buf_printf(sql, "* case ");
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
    od_buf_printf(sql, "else %s end ", scales[usual]);
}

static void add_where(struct od_buf *sql, const struct od_search *s, struct od_pg_params *p,
                      struct od_str name, struct od_str value)
{
    int op;
    const struct filterable *f = split(name, &op);
    struct od_str comparison;
    if (operations[op].sql) {
        put_value(p, f->type, value, false);
        comparison = od_arena_printf(s->arena, "%s $%d::%s", operations[op].sql, p->count,
                                     type_names[f->type]);
    } else {
        static const uint32_t oids[] = {OD_PG_TEXT, OD_PG_INT8, OD_PG_TIMESTAMPTZ, OD_PG_INT8};
        struct od_str rest = value, piece;
        od_pg_array_begin(p, oids[f->type]);
        while (od_str_cut(&rest, ',', &piece))
            put_value(p, f->type, piece, true);
        od_pg_array_end(p);
        comparison = od_arena_printf(s->arena, "= any($%d::%s[])", p->count, type_names[f->type]);
    }
    const char *hole = strstr(f->where, "%s");
    od_buf_append(sql, " and ", 5);
    od_buf_append(sql, f->where, (size_t)(hole - f->where));
    if (f->type == VALUE_MONEY)
        put_scale(sql);
    od_buf_str(sql, comparison);
    od_buf_str(sql, od_str_of(hole + 2));
}

static int find_sort(const struct od_search *s, bool *descending)
{
    struct od_str name = s->sort.ptr ? s->sort : OD_STR("-createdAt");
    *descending = name.len > 0 && name.ptr[0] == '-';
    if (*descending)
        name = od_str_slice(name, 1, name.len);
    for (int i = 0; i < (int)(sizeof sortables / sizeof *sortables); i++) {
        if (od_str_is(name, sortables[i].name))
            return i;
    }
    return -1;
}

/* A cursor is hex of "<sort>|<sort key>|<order id>": opaque to callers, checked on the way back. */
struct od_str od_search_cursor(const struct od_search *s, struct od_str sort_key, int64_t order_id)
{
    struct od_str sort = s->sort.ptr ? s->sort : OD_STR("-createdAt");
    struct od_str plain = od_arena_printf(s->arena, "%.*s|%.*s|%lld", OD_STR_ARG(sort),
                                          OD_STR_ARG(sort_key), (long long)order_id);
    char *hex = od_arena_alloc(s->arena, plain.len * 2 + 1);
    od_hex((const uint8_t *)plain.ptr, plain.len, hex);
    return od_str_n(hex, plain.len * 2);
}

static bool read_cursor(const struct od_search *s, struct od_str *key, int64_t *order_id)
{
    struct od_str sort = s->sort.ptr ? s->sort : OD_STR("-createdAt"), named, last;
    if (s->after.len % 2 || s->after.len > 256)
        return false;
    uint8_t *plain = od_arena_alloc(s->arena, s->after.len / 2 + 1);
    if (!od_unhex(s->after, plain, s->after.len / 2))
        return false;
    struct od_str rest = od_str_n((const char *)plain, s->after.len / 2);
    return od_utf8_valid(rest) && !od_str_has_nul(rest) && od_str_cut(&rest, '|', &named) &&
           od_str_eq(named, sort) && od_str_cut(&rest, '|', key) && od_str_cut(&rest, '|', &last) &&
           !rest.ptr && key->len > 0 && od_str_to_i64(last, 1, INT64_MAX, order_id);
}

int od_search_sql(const struct od_search *s, struct od_pg_params *p, const char **out,
                  struct od_err *err)
{
    bool descending;
    int sort = find_sort(s, &descending);
    if (sort < 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "sort must be createdAt, updatedAt, grandTotal or orderId, with - before "
                          "it for descending.");
    struct od_buf sql;
    od_buf_init(&sql, SQL_MAX);
    /* Times as their microseconds: text of a timestamptz would depend on session settings. */
    bool time = strcmp(sortables[sort].cast, "timestamptz") == 0;
    od_buf_printf(&sql,
                  time ? "select o.order_id, (extract(epoch from %s) * 1000000)::int8::text"
                       : "select o.order_id, %s::text",
                  sortables[sort].column);
    od_buf_printf(&sql, " from orders o where true");
    for (uint32_t i = 0; i < s->filter_count; i++)
        add_where(&sql, s, p, s->filters[i].name, s->filters[i].value);
    if (s->after.ptr) {
        struct od_str key;
        int64_t order_id, number;
        if (!read_cursor(s, &key, &order_id) ||
            !od_str_to_i64(key, INT64_MIN, INT64_MAX, &number)) {
            od_buf_fini(&sql);
            return od_err_set(err, OD_ERR_INVALID,
                              "after is not a cursor of this list; take it from `next`.");
        }
        if (time)
            od_pg_time(p, number);
        else
            od_pg_i64(p, number);
        od_pg_i64(p, order_id);
        od_buf_printf(&sql, " and (%s, o.order_id) %s ($%d::%s, $%d::int8)", sortables[sort].column,
                      descending ? "<" : ">", p->count - 1, sortables[sort].cast, p->count);
    }
    const char *direction = descending ? " desc" : "";
    od_buf_printf(&sql, " order by %s%s, o.order_id%s limit %u", sortables[sort].column, direction,
                  direction, s->limit + 1);
    *out = od_arena_str(s->arena, od_buf_view(&sql)).ptr;
    od_buf_fini(&sql);
    return 0;
}
