#include "script/task/service_body.h"

#include <stdio.h>
#include <string.h>

#include "base/json/json.h"
#include "base/money.h"
#include "order/model/fields.h"

/* A table of a script as the body of a request: other names, other forms of amounts. */

#define DEPTH_MAX 32

struct writer {
    struct od_json_writer w;
    int digits; /* of the currency; -1: not known */
    struct od_err *err;
};

/* Names mean the same in every entity: a field of that name tells how its value is written. */
static const struct od_field *find_field(struct od_str name)
{
    for (int kind = 0; kind < OD_ENTITY_COUNT; kind++) {
        const struct od_field *f = od_entity_field(&od_entities[kind], name);
        if (f)
            return f;
    }
    return NULL;
}

/* tracking_number -> trackingNumber; -1 for a name that is written otherwise already. */
static int write_key(struct writer *to, struct od_str key)
{
    char name[64];
    size_t n = 0;

    for (size_t i = 0; i < key.len && n < sizeof name; i++) {
        char c = key.ptr[i];
        if (c >= 'A' && c <= 'Z')
            return od_err_set(to->err, OD_ERR_INVALID,
                              "names of fields are written in lower case, like tracking_number");
        if (c == '_' && i > 0 && i + 1 < key.len && key.ptr[i + 1] >= 'a' && key.ptr[i + 1] <= 'z')
            name[n++] = (char)(key.ptr[++i] - 'a' + 'A');
        else
            name[n++] = c;
    }
    if (n == sizeof name)
        return od_err_set(to->err, OD_ERR_INVALID, "there is no such field");
    od_jw_key_str(&to->w, od_str_n(name, n));
    return 0;
}

static int write_amount(struct writer *to, const struct od_json *v, int digits, const char *unit)
{
    int64_t units;

    if (v->type != OD_JSON_NUMBER) {
        od_jw_raw(&to->w, v->raw); /* a decimal as text, or what the parser will refuse */
        return 0;
    }
    if (!od_json_i64(v, INT64_MIN, INT64_MAX, &units))
        return od_err_set(to->err, OD_ERR_INVALID, "must be a whole number of %s; divide with //",
                          unit);
    if (digits < 0)
        return od_err_set(to->err, OD_ERR_INVALID,
                          "minor units of which currency? The table needs a known currency");
    od_jw_decimal(&to->w, units, digits);
    return 0;
}

/* Scripts have times in milliseconds; those that a body may hold are when an order was placed and
 * when a payment was made. */
static bool write_time(struct writer *to, const struct od_json *v)
{
    int64_t ms;

    if (!(od_str_is(v->key, "placed_at") || od_str_is(v->key, "created_at")) ||
        !od_json_i64(v, 1, INT64_MAX / 1000, &ms))
        return false;
    od_jw_time(&to->w, ms * 1000);
    return true;
}

/* How much of the shipping fee is refunded is no field of the order's. */
static bool is_money(const struct od_field *f, const struct od_json *v)
{
    return (f && f->type == OD_FIELD_MONEY) ||
           (od_str_is(v->key, "shipping") && v->type == OD_JSON_NUMBER);
}

static int write_value(struct writer *to, const struct od_json *v, unsigned depth);

static int write_member(struct writer *to, const struct od_json *v, unsigned depth)
{
    const struct od_field *f = find_field(v->key);
    bool list = od_str_is(v->key, "items") || od_str_is(v->key, "tags") || od_str_is(v->key, "add");

    if (write_key(to, v->key) != 0)
        return -1;
    /* A table without anything in it is an object to the writer, who cannot know better. */
    if (list && v->type == OD_JSON_OBJECT && v->count == 0) {
        od_jw_raw(&to->w, OD_STR("[]"));
        return 0;
    }
    if (is_money(f, v))
        return write_amount(to, v, to->digits, "minor units (cents)");
    if (f && f->type == OD_FIELD_DECIMAL)
        return write_amount(to, v, OD_DECIMAL_DIGITS, "ten-thousandths");
    if ((f && f->type == OD_FIELD_JSON) || od_str_is(v->key, "data")) {
        od_jw_raw(&to->w, v->raw); /* the shop's own, with the shop's own names */
        return 0;
    }
    return write_time(to, v) ? 0 : write_value(to, v, depth);
}

static bool is_customer(struct od_str key)
{
    return od_str_is(key, "customer_id") || od_str_is(key, "customer_email") ||
           od_str_is(key, "customer_full_name");
}

/* Scripts know three fields of the order; the API nests them: customer {id, email, fullName}. */
static int write_customer(struct writer *to, const struct od_json *object)
{
    const size_t prefix = sizeof "customer_" - 1;
    bool any = false;

    for (const struct od_json *v = object->child; v; v = v->next) {
        if (!is_customer(v->key))
            continue;
        if (!any) {
            od_jw_key(&to->w, "customer");
            od_jw_object(&to->w);
        }
        any = true;
        if (write_key(to, od_str_slice(v->key, prefix, v->key.len)) != 0)
            return -1;
        od_jw_raw(&to->w, v->raw);
    }
    if (any)
        od_jw_object_end(&to->w);
    return 0;
}

/* Puts where it is in front of what is wrong, on the way out. */
static int at_pointer(struct writer *to, const char *step, size_t len)
{
    struct od_err *err = to->err;
    char rest[sizeof err->origin];

    if (!err)
        return -1;
    memcpy(rest, err->origin, sizeof rest);
    snprintf(err->origin, sizeof err->origin, "/%.*s%.100s", (int)len, step, rest);
    return -1;
}

static int write_object(struct writer *to, const struct od_json *object, unsigned depth)
{
    od_jw_object(&to->w);
    for (const struct od_json *v = object->child; v; v = v->next) {
        if (depth == 0 && is_customer(v->key))
            continue;
        if (write_member(to, v, depth + 1) != 0)
            return at_pointer(to, v->key.ptr, v->key.len < 40 ? v->key.len : 40);
    }
    if (depth == 0 && write_customer(to, object) != 0)
        return at_pointer(to, "customer", 8);
    od_jw_object_end(&to->w);
    return 0;
}

static int write_array(struct writer *to, const struct od_json *array, unsigned depth)
{
    char index[24];
    int n = 0;

    od_jw_array(&to->w);
    for (const struct od_json *v = array->child; v; v = v->next, n++) {
        if (write_value(to, v, depth + 1) != 0)
            return at_pointer(to, index, (size_t)snprintf(index, sizeof index, "%d", n));
    }
    od_jw_array_end(&to->w);
    return 0;
}

static int write_value(struct writer *to, const struct od_json *v, unsigned depth)
{
    if (v->type == OD_JSON_OBJECT)
        return write_object(to, v, depth);
    if (v->type == OD_JSON_ARRAY)
        return write_array(to, v, depth);
    od_jw_raw(&to->w, v->raw);
    return 0;
}

int od_service_body(struct od_str table_json, struct od_str currency, struct od_buf *out,
                    struct od_err *err)
{
    struct writer to = {.digits = currency.ptr ? od_currency_digits(currency) : -1, .err = err};
    struct od_arena arena;
    struct od_json *root;
    int rc;

    if (err)
        od_err_clear(err);
    od_arena_init(&arena);
    od_jw_init(&to.w, out);
    rc = od_json_parse(&arena, table_json, DEPTH_MAX, &root, err);
    if (rc == 0 && root->type != OD_JSON_OBJECT)
        rc = od_err_set(err, OD_ERR_INVALID, "must be a table of named fields");
    if (rc == 0)
        rc = write_object(&to, root, 0);
    if (rc == 0 && out->overflow)
        rc = od_err_set(err, OD_ERR_LIMIT, "is longer than %zu bytes", out->max);
    od_arena_fini(&arena);
    return rc;
}
