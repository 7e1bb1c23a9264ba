#include "order/show/filter.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "base/money.h"
#include "order/model/fields.h"
#include "order/model/model.h"
#include "order/model/status.h"
#include "order/show/figure.h"

enum { HASH_MAX = 64, TEXT_MAX = 500, TAGS_DEPTH = 4, NAME_SHOWN = 60, USUAL_DIGITS = 2 };

static const struct {
    const char *name;
    enum od_filter_type type;
} fields[OD_FILTER_FIELD_COUNT] = {
#define ROW(NAME, name, type) [OD_FILTER_OF_##NAME] = {name, OD_FILTER_##type},
    OD_FILTER_FIELDS(ROW)
#undef ROW
};

enum operand { OPERAND_VALUE = 0, OPERAND_LIST, OPERAND_BOOL };

static const struct {
    const char *name;
    enum operand operand;
    bool negated, range;
} operations[OD_FILTER_OPERATIONS] = {
    [OD_FILTER_EQ] = {"eq", OPERAND_VALUE, false, false},
    [OD_FILTER_NEQ] = {"neq", OPERAND_VALUE, true, false},
    [OD_FILTER_GT] = {"gt", OPERAND_VALUE, false, true},
    [OD_FILTER_GTE] = {"gte", OPERAND_VALUE, false, true},
    [OD_FILTER_LT] = {"lt", OPERAND_VALUE, false, true},
    [OD_FILTER_LTE] = {"lte", OPERAND_VALUE, false, true},
    [OD_FILTER_IN] = {"in", OPERAND_LIST, false, false},
    [OD_FILTER_NIN] = {"nin", OPERAND_LIST, true, false},
    [OD_FILTER_LIKE] = {"like", OPERAND_VALUE, false, false},
    [OD_FILTER_EXISTS] = {"exists", OPERAND_BOOL, false, false},
};

enum od_filter_type od_filter_type_of(enum od_filter_field field)
{
    return fields[field].type;
}

unsigned od_filter_classes(struct od_str name)
{
    static const enum od_entity_kind about[] = {OD_ENTITY_ORDER, OD_ENTITY_ITEM, OD_ENTITY_ADDRESS,
                                                OD_ENTITY_SHIPMENT};
    if (od_str_is(name, "tag"))
        name = OD_STR("tags");
    for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
        const struct od_field *f = od_entity_json_field(&od_entities[about[i]], name);
        if (f)
            return OD_CLASS_BIT(od_field_class(f));
    }
    /* Its key may be the reason of a refund. */
    if (od_str_is(name, "figure"))
        return OD_CLASS_BIT(OD_CLASS_MONEY) | OD_CLASS_BIT(OD_CLASS_INTERNAL);
    return OD_CLASS_BIT(OD_CLASS_PUBLIC);
}

bool od_filter_ranges(enum od_filter_type type)
{
    return type == OD_FILTER_MONEY || type == OD_FILTER_TIME || type == OD_FILTER_INT;
}

bool od_filter_likes(enum od_filter_field field)
{
    bool text = fields[field].type == OD_FILTER_TEXT || fields[field].type == OD_FILTER_ANY_CASE;
    return text && field != OD_FILTER_OF_CUSTOMER_ID && field != OD_FILTER_OF_COUPON &&
           field != OD_FILTER_OF_TAG;
}

bool od_filter_of_trail(const struct od_filter *f)
{
    enum od_filter_type type = fields[f->field].type;
    return type == OD_FILTER_POLICY || type == OD_FILTER_BUNDLE;
}

bool od_filter_next_value(const struct od_filter *f, struct od_str *rest, struct od_str *value)
{
    if (operations[f->operation].operand == OPERAND_LIST)
        return od_str_cut(rest, ',', value);
    *value = *rest;
    *rest = OD_STR_NONE;
    return value->ptr;
}

bool od_filter_negated(const struct od_filter *f)
{
    return operations[f->operation].negated ||
           (f->operation == OD_FILTER_EXISTS && od_str_is(f->value, "false"));
}

/* ---- reading */

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
                     (int)(code.len > NAME_SHOWN ? NAME_SHOWN : code.len), code.ptr,
                     OD_STR_ARG(od_buf_view(&known)), known.overflow ? " and others" : "");
    od_buf_fini(&known);
    return -1;
}

/* "order.cancel@net30", "order.cancel", "@net30" */
static bool is_policy(struct od_str s)
{
    bool at = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '.';
        if (!word && (c != '@' || at))
            return false;
        at = at || c == '@';
    }
    return s.len > (at ? 1 : 0) && s.ptr[s.len - 1] != '@';
}

static bool is_hash(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!(s.ptr[i] >= '0' && s.ptr[i] <= '9') && !(s.ptr[i] >= 'a' && s.ptr[i] <= 'f'))
            return false;
    }
    return s.len && s.len <= HASH_MAX;
}

/* *number: of what is not a text. statuses NULL: any code will do. */
static int check_value(enum od_filter_type type, struct od_str value,
                       const struct od_status_sets *statuses, int64_t *number, struct od_err *err)
{
    enum od_status_kind kind;
    struct od_figure figure;
    switch (type) {
    case OD_FILTER_TEXT:
    case OD_FILTER_ANY_CASE:
        if (value.len > TEXT_MAX)
            return od_err_set(err, OD_ERR_INVALID, "is longer than %d bytes", TEXT_MAX);
        return 0;
    case OD_FILTER_STATUS:
    case OD_FILTER_PAYMENT_STATUS:
    case OD_FILTER_SHIPMENT_STATUS:
        kind = type == OD_FILTER_STATUS           ? OD_STATUS_ORDER
               : type == OD_FILTER_PAYMENT_STATUS ? OD_STATUS_PAYMENT
                                                  : OD_STATUS_SHIPMENT;
        return statuses ? check_code(&statuses->of[kind], value, err) : 0;
    case OD_FILTER_MONEY:
        return od_decimal_parse(value, OD_FILTER_AMOUNT_DIGITS, number, err);
    case OD_FILTER_TIME:
        if (!od_time_parse(value, number))
            return od_err_set(err, OD_ERR_INVALID, "is not an RFC 3339 time");
        return 0;
    case OD_FILTER_INT:
        if (!od_str_to_i64(value, 0, INT64_MAX, number))
            return od_err_set(err, OD_ERR_INVALID, "is not an integer");
        return 0;
    case OD_FILTER_FIGURE:
        if (!od_figure_parse(value, &figure))
            return od_err_set(err, OD_ERR_INVALID,
                              "is not a figure of a report, such as "
                              "refund,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z");
        return 0;
    case OD_FILTER_POLICY:
        return is_policy(value)
                   ? 0
                   : od_err_set(err, OD_ERR_INVALID,
                                "names no policy; write order.cancel@net30, order.cancel for that "
                                "of any plugin, or @net30 for any of that plugin");
    case OD_FILTER_BUNDLE:
        return is_hash(value) ? 0
                              : od_err_set(err, OD_ERR_INVALID,
                                           "is not the beginning of a bundle's hash, which is "
                                           "written in 0 to 9 and a to f");
    }
    return 0;
}

int64_t od_filter_number(enum od_filter_type type, struct od_str value)
{
    int64_t number = 0;
    struct od_err ignored; /* od_filter_read has checked it */
    (void)check_value(type, value, NULL, &number, &ignored);
    return number;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Counts the characters of UTF-8 that are no ASCII marks, and begins anew at each mark. */
static bool may_be_like(struct od_str s)
{
    int row = 0;
    for (size_t i = 0; i < s.len && row < OD_FILTER_LIKE_MIN; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool letter = c >= 0x80 || (c >= '0' && c <= '9') ||
                      (lower(s.ptr[i]) >= 'a' && lower(s.ptr[i]) <= 'z');
        if (!letter)
            row = 0;
        else if ((c & 0xc0) != 0x80) /* no continuation byte */
            row++;
    }
    return row == OD_FILTER_LIKE_MIN;
}

static int check_operand(const struct od_filter *f, const struct od_status_sets *statuses,
                         struct od_err *err)
{
    struct od_str rest = f->value, value;
    int64_t number;
    uint32_t values = 0;
    if (operations[f->operation].operand == OPERAND_BOOL)
        return od_str_is(rest, "true") || od_str_is(rest, "false")
                   ? 0
                   : od_err_set(err, OD_ERR_INVALID, "must be true or false");
    if (f->operation == OD_FILTER_LIKE && !may_be_like(rest))
        return od_err_set(err, OD_ERR_INVALID, "needs %d letters or digits in a row",
                          OD_FILTER_LIKE_MIN);
    while (od_filter_next_value(f, &rest, &value)) {
        if (++values > OD_FILTER_VALUES_MAX)
            return od_err_set(err, OD_ERR_INVALID, "more than %d values", OD_FILTER_VALUES_MAX);
        if (check_value(fields[f->field].type, value, statuses, &number, err))
            return -1;
    }
    return 0;
}

/* Both return the count of what there is when it is unknown. */
static int find_field(struct od_str name)
{
    int i = 0;
    while (i < OD_FILTER_FIELD_COUNT && !od_str_is(name, fields[i].name))
        i++;
    return i;
}

static int find_operation(struct od_str name)
{
    int i = 0;
    while (name.ptr && i < OD_FILTER_OPERATIONS && !od_str_is(name, operations[i].name))
        i++;
    return i;
}

int od_filter_read(struct od_str name, struct od_str value, const struct od_status_sets *statuses,
                   struct od_filter *out, struct od_err *err)
{
    struct od_str operation = name, field = OD_STR_NONE;
    int shown = (int)(name.len > NAME_SHOWN ? NAME_SHOWN : name.len);
    int f = od_str_cut(&operation, '.', &field) ? find_field(field) : OD_FILTER_FIELD_COUNT;
    int op = find_operation(operation);
    if (f == OD_FILTER_FIELD_COUNT)
        return od_err_set(err, OD_ERR_INVALID, "There is no filter \"%.*s\".", shown, name.ptr);
    if (op == OD_FILTER_OPERATIONS)
        return od_err_set(err, OD_ERR_INVALID,
                          "\"%.*s\": a filter ends in nothing or .eq .neq .gt .gte .lt .lte .in "
                          ".nin .like .exists",
                          shown, name.ptr);
    *out = (struct od_filter){(enum od_filter_field)f, (enum od_filter_operation)op, value};
    if (operations[op].range && !od_filter_ranges(fields[f].type))
        return od_err_set(err, OD_ERR_INVALID, "\"%.*s\": only times, amounts and ids have a range",
                          shown, name.ptr);
    if (fields[f].type == OD_FILTER_FIGURE && op != OD_FILTER_EQ && op != OD_FILTER_NEQ)
        return od_err_set(err, OD_ERR_INVALID, "\"%.*s\": a figure has only .eq and .neq", shown,
                          name.ptr);
    if (op == OD_FILTER_LIKE && !od_filter_likes(out->field))
        return od_err_set(err, OD_ERR_INVALID, "\"%.*s\": a part of it cannot be asked for", shown,
                          name.ptr);
    if (check_operand(out, statuses, err))
        return od_err_wrap(err, "%.*s", shown, name.ptr);
    return 0;
}

int od_filter_read_of_order(struct od_str name, struct od_str value,
                            const struct od_status_sets *statuses, struct od_filter *out,
                            struct od_err *err)
{
    if (od_filter_read(name, value, statuses, out, err))
        return -1;
    if (out->field == OD_FILTER_OF_FIGURE || od_filter_of_trail(out))
        return od_err_set(err, OD_ERR_INVALID, "%.*s finds orders in lists alone",
                          OD_STR_ARG(name));
    return 0;
}

/* ---- finding */

static bool same_text(enum od_filter_type type, struct od_str x, struct od_str y)
{
    if (type != OD_FILTER_ANY_CASE)
        return od_str_eq(x, y);
    if (x.len != y.len)
        return false;
    for (size_t i = 0; i < x.len; i++) {
        if (lower(x.ptr[i]) != lower(y.ptr[i]))
            return false;
    }
    return true;
}

/* Whether y is somewhere in x, in any case of ASCII letters. */
static bool has_part(struct od_str x, struct od_str y)
{
    for (size_t at = 0; at + y.len <= x.len; at++) {
        if (same_text(OD_FILTER_ANY_CASE, od_str_slice(x, at, at + y.len), y))
            return true;
    }
    return false;
}

/* Whether a value that the order has is one that the filter names. Absent: it has none. */
static bool text_meets(const struct od_filter *f, struct od_str has)
{
    struct od_str rest = f->value, value;
    if (!has.ptr)
        return false;
    if (f->operation == OD_FILTER_EXISTS)
        return true;
    if (f->operation == OD_FILTER_LIKE)
        return has_part(has, f->value);
    while (od_filter_next_value(f, &rest, &value)) {
        if (same_text(fields[f->field].type, has, value))
            return true;
    }
    return false;
}

static bool number_meets(const struct od_filter *f, int64_t has)
{
    struct od_str rest = f->value, value;
    if (f->operation == OD_FILTER_EXISTS)
        return true;
    while (od_filter_next_value(f, &rest, &value)) {
        int64_t wanted = od_filter_number(fields[f->field].type, value);
        bool meets = f->operation == OD_FILTER_GT    ? has > wanted
                     : f->operation == OD_FILTER_GTE ? has >= wanted
                     : f->operation == OD_FILTER_LT  ? has < wanted
                     : f->operation == OD_FILTER_LTE ? has <= wanted
                                                     : has == wanted;
        if (meets)
            return true;
    }
    return false;
}

/* An amount of the order's currency in the digits of filters. One that does not fit is larger than
 * any value of a filter. */
static int64_t amount(const struct od_order *o, int64_t units)
{
    int digits = od_currency_digits(o->currency);
    for (digits = digits < 0 ? USUAL_DIGITS : digits; digits < OD_FILTER_AMOUNT_DIGITS; digits++) {
        if (!od_money_mul(units, 10, &units))
            return units < 0 ? INT64_MIN : INT64_MAX;
    }
    return units;
}

static bool any_tag(const struct od_filter *f, const struct od_order *o)
{
    struct od_arena a;
    struct od_json *tags;
    struct od_err err;
    bool found = false;
    od_arena_init(&a);
    if (o->tags.ptr && od_json_parse(&a, o->tags, TAGS_DEPTH, &tags, &err) == 0) {
        for (const struct od_json *t = tags->child; t && !found; t = t->next)
            found = text_meets(f, t->text);
    }
    od_arena_fini(&a);
    return found;
}

static bool any_item(const struct od_filter *f, const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (text_meets(f, o->items[i].sku))
            return true;
    }
    return false;
}

static bool any_shipment(const struct od_filter *f, const struct od_order *o)
{
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        const struct od_shipment *s = &o->shipments[i];
        if (text_meets(f, f->field == OD_FILTER_OF_CARRIER ? s->carrier : s->tracking_number))
            return true;
    }
    return false;
}

/* Where it is sent to, or else billed to. */
static struct od_str country(const struct od_order *o)
{
    struct od_str shipping = o->addresses[OD_SHIPPING].country;
    return shipping.ptr ? shipping : o->addresses[OD_BILLING].country;
}

static bool any_hold(const struct od_filter *f, const struct od_order *o)
{
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (o->holds[i].dirty != OD_DIRTY_DELETED && text_meets(f, o->holds[i].handle))
            return true;
    }
    return false;
}

static bool meets(const struct od_filter *f, const struct od_order *o)
{
    switch (f->field) {
    case OD_FILTER_OF_STATUS_CODE:
        return text_meets(f, o->status);
    case OD_FILTER_OF_PAYMENT_CODE:
        return text_meets(f, o->payment_status);
    case OD_FILTER_OF_SHIPMENT_CODE:
        return text_meets(f, o->shipment_status);
    case OD_FILTER_OF_ORDER_NUMBER:
        return text_meets(f, o->order_number);
    case OD_FILTER_OF_CURRENCY:
        return text_meets(f, o->currency);
    case OD_FILTER_OF_CUSTOMER_ID:
        return text_meets(f, o->customer_id);
    case OD_FILTER_OF_CUSTOMER_EMAIL:
        return text_meets(f, o->customer_email);
    case OD_FILTER_OF_PAYMENT_METHOD:
        return text_meets(f, o->payment_method);
    case OD_FILTER_OF_SHIPPING_METHOD:
        return text_meets(f, o->shipping_method);
    case OD_FILTER_OF_COUPON:
        return text_meets(f, o->coupon);
    case OD_FILTER_OF_STORE:
        return text_meets(f, o->store);
    case OD_FILTER_OF_COUNTRY:
        return text_meets(f, country(o));
    case OD_FILTER_OF_SKU:
        return any_item(f, o);
    case OD_FILTER_OF_CARRIER:
    case OD_FILTER_OF_TRACKING_NUMBER:
        return any_shipment(f, o);
    case OD_FILTER_OF_HOLD:
        return any_hold(f, o);
    case OD_FILTER_OF_TAG:
        return any_tag(f, o);
    case OD_FILTER_OF_CREATED_AT:
        return number_meets(f, o->created_at);
    case OD_FILTER_OF_UPDATED_AT:
        return number_meets(f, o->updated_at);
    case OD_FILTER_OF_GRAND_TOTAL:
        return number_meets(f, amount(o, o->grand_total));
    case OD_FILTER_OF_ORDER_ID:
        return number_meets(f, o->order_id);
    case OD_FILTER_OF_FIGURE:
        return !od_filter_negated(f);
    case OD_FILTER_OF_DECIDED_BY:
    case OD_FILTER_OF_REFUSED_BY:
    case OD_FILTER_OF_BUNDLE:
    case OD_FILTER_FIELD_COUNT:
        break;
    }
    OD_ASSERT(0 && "a filter that an order in memory answers");
    return false;
}

bool od_filter_finds(const struct od_filter *f, const struct od_order *o)
{
    return meets(f, o) != od_filter_negated(f);
}

bool od_filter_finds_trail(const struct od_filter *f, const struct od_filter_trail *t)
{
    struct od_str rest = f->field == OD_FILTER_OF_DECIDED_BY   ? t->decided
                         : f->field == OD_FILTER_OF_REFUSED_BY ? t->refused
                                                               : t->bundles;
    struct od_str word;
    bool meets = false;
    while (!meets && od_str_cut(&rest, ' ', &word))
        meets = word.len && text_meets(f, word);
    return meets != od_filter_negated(f);
}

/* ---- several in a line */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes %XX; absent: it is not written well. */
static struct od_str decode(struct od_str s, struct od_arena *a)
{
    char *out = od_arena_alloc(a, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        out[n] = s.ptr[i];
        if (s.ptr[i] == '%') {
            int high = i + 2 < s.len ? hex(s.ptr[i + 1]) : -1;
            int low = i + 2 < s.len ? hex(s.ptr[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return OD_STR_NONE;
            out[n] = (char)(high * 16 + low);
            i += 2;
        }
        n++;
    }
    out[n] = '\0';
    return od_utf8_valid(od_str_n(out, n)) ? od_str_n(out, n) : OD_STR_NONE;
}

int od_filters_read(struct od_str line, const struct od_status_sets *statuses, struct od_arena *a,
                    struct od_filters *out, struct od_err *err)
{
    struct od_str word, name;
    out->count = 0;
    while (line.len && od_str_cut(&line, '&', &word)) {
        if (!od_str_cut(&word, '=', &name) || !word.ptr)
            return od_err_set(err, OD_ERR_INVALID,
                              "a filter is written as in a list of orders: status=paid&sku.in=A,B");
        struct od_str value = decode(word, a);
        if (!value.ptr)
            return od_err_set(err, OD_ERR_INVALID,
                              "%.*s: %% needs two hexadecimal digits behind it", OD_STR_ARG(name));
        if (out->count == OD_FILTERS_MAX)
            return od_err_set(err, OD_ERR_INVALID, "there are more than %d filters",
                              OD_FILTERS_MAX);
        if (od_filter_read_of_order(od_arena_str(a, name), value, statuses,
                                    &out->items[out->count++], err))
            return -1;
    }
    return 0;
}

bool od_filters_find(const struct od_filters *f, const struct od_order *o)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (!od_filter_finds(&f->items[i], o))
            return false;
    }
    return true;
}
