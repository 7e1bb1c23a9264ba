#include "order/model/shop.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "order/model/limits.h"

const struct od_store *od_shop_store(const struct od_shop *t, struct od_str name)
{
    for (uint32_t i = 0; t && name.ptr && i < t->store_count; i++) {
        if (od_str_eq(t->stores[i].name, name))
            return &t->stores[i];
    }
    return NULL;
}

struct od_str od_shop_currency(const struct od_shop *t, const struct od_json *place,
                               struct od_str fallback)
{
    const struct od_json *name = od_json_get(place, "store");
    const struct od_store *store =
        name && name->type == OD_JSON_STRING ? od_shop_store(t, name->text) : NULL;

    return store && store->currency.ptr ? store->currency : fallback;
}

struct od_str od_shop_first_location(const struct od_shop *t)
{
    return t && t->location_count ? t->locations[0] : OD_STR(OD_LOCATION_DEFAULT);
}

bool od_shop_has_location(const struct od_shop *t, struct od_str location)
{
    for (uint32_t i = 0; t && i < t->location_count; i++) {
        if (od_str_eq(t->locations[i], location))
            return true;
    }
    return (!t || !t->location_count) && od_str_is(location, OD_LOCATION_DEFAULT);
}

bool od_shop_refunds_by(const struct od_shop *t, struct od_str method)
{
    for (uint32_t i = 0; t && i < t->refund_method_count; i++) {
        if (od_str_eq(t->refund_methods[i], method))
            return true;
    }
    return false;
}

struct od_str od_shop_status_name(const struct od_shop *t, struct od_str store,
                                  const struct od_status_sets *sets, enum od_status_kind kind,
                                  struct od_str code)
{
    const struct od_store *s = od_shop_store(t, store);
    const struct od_status *status = od_status_find(&sets->of[kind], code);

    for (uint32_t i = 0; s && i < s->status_count; i++) {
        if (s->statuses[i].kind == kind && od_str_eq(s->statuses[i].code, code))
            return s->statuses[i].name;
    }
    return status && status->name.ptr ? status->name : code;
}

/* ---- metadata */

const char *od_metadata_kind_name(enum od_metadata_kind kind)
{
    static const char *const names[] = {
        [OD_METADATA_STRING] = "string",   [OD_METADATA_INTEGER] = "integer",
        [OD_METADATA_DECIMAL] = "decimal", [OD_METADATA_BOOLEAN] = "boolean",
        [OD_METADATA_DATE] = "date",       [OD_METADATA_TIME] = "time",
        [OD_METADATA_CHOICE] = "choice",
    };
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : NULL;
}

/* "2026-11-21", a day that there is: the calendar is asked by reading its midnight and writing it
 * again. */
static bool is_date(struct od_str s)
{
    char text[sizeof "2026-11-21T00:00:00Z"];
    struct od_buf back;
    int64_t at;

    if (s.len != sizeof "2026-11-21" - 1)
        return false;
    memcpy(text, s.ptr, s.len);
    memcpy(text + s.len, "T00:00:00Z", sizeof "T00:00:00Z");
    if (!od_time_parse(od_str_of(text), &at))
        return false;
    od_buf_init(&back, 64);
    od_time_format(&back, at);
    bool same = od_str_is(od_buf_view(&back), text);
    od_buf_fini(&back);
    return same;
}

static bool is_choice(const struct od_metadata_type *type, struct od_str s)
{
    for (uint32_t i = 0; i < type->choice_count; i++) {
        if (od_str_eq(type->choices[i], s))
            return true;
    }
    return false;
}

static bool fits(const struct od_metadata_type *type, const struct od_json *v)
{
    bool text = v->type == OD_JSON_STRING;
    int64_t n;

    switch (type->kind) {
    case OD_METADATA_STRING:
        return text;
    case OD_METADATA_INTEGER:
        return od_json_i64(v, INT64_MIN, INT64_MAX, &n);
    case OD_METADATA_DECIMAL:
        return v->type == OD_JSON_NUMBER;
    case OD_METADATA_BOOLEAN:
        return v->type == OD_JSON_BOOL;
    case OD_METADATA_DATE:
        return text && is_date(v->text);
    case OD_METADATA_TIME:
        return text && od_time_parse(v->text, &n);
    case OD_METADATA_CHOICE:
        return text && is_choice(type, v->text);
    }
    return false;
}

static struct od_str choices_text(const struct od_metadata_type *type, struct od_arena *a)
{
    struct od_str all = OD_STR("");

    for (uint32_t i = 0; i < type->choice_count; i++)
        all = od_arena_printf(a, "%.*s%s%.*s", OD_STR_ARG(all), i ? ", " : "",
                              OD_STR_ARG(type->choices[i]));
    return all;
}

/* The key as a part of a JSON pointer (RFC 6901 section 3). */
static const char *pointer_to(struct od_arena *a, const char *pointer, struct od_str key)
{
    char *escaped = od_arena_alloc(a, 2 * key.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < key.len; i++) {
        bool special = key.ptr[i] == '~' || key.ptr[i] == '/';
        if (special)
            escaped[n++] = '~';
        escaped[n++] = !special ? key.ptr[i] : key.ptr[i] == '~' ? '0' : '1';
    }
    return od_arena_printf(a, "%s/%.*s", pointer, (int)n, escaped).ptr;
}

static void check_value(const struct od_metadata_type *type, const struct od_json *v,
                        const char *pointer, struct od_problem_list *problems)
{
    static const char *const wanted[] = {
        [OD_METADATA_STRING] = "must be a string",
        [OD_METADATA_INTEGER] = "must be a whole number",
        [OD_METADATA_DECIMAL] = "must be a number",
        [OD_METADATA_BOOLEAN] = "must be true or false",
        [OD_METADATA_DATE] = "must be a date like \"2026-11-21\"",
        [OD_METADATA_TIME] = "must be a time like \"2026-11-21T08:00:00Z\"",
        [OD_METADATA_CHOICE] = "must be one of",
    };

    if (fits(type, v))
        return;
    if (type->kind != OD_METADATA_CHOICE) {
        od_problem_add(problems, pointer, "%s", wanted[type->kind]);
        return;
    }
    struct od_str choices = choices_text(type, problems->arena);
    od_problem_add(problems, pointer, "%s %.*s", wanted[type->kind], OD_STR_ARG(choices));
}

static const struct od_metadata_type *type_of(const struct od_shop *t, struct od_str key)
{
    for (uint32_t i = 0; i < t->metadata_count; i++) {
        if (od_str_eq(t->metadata[i].key, key))
            return &t->metadata[i];
    }
    return NULL;
}

void od_shop_check_metadata(const struct od_shop *t, struct od_str metadata, bool placing,
                            const char *pointer, struct od_problem_list *problems)
{
    enum { MAX_DEPTH = 32 };
    struct od_json *object = NULL;
    struct od_err err;

    if (!t || (!t->metadata_count && !t->metadata_strict))
        return;
    if (metadata.ptr && od_json_parse(problems->arena, metadata, MAX_DEPTH, &object, &err) != 0) {
        od_problem_add(problems, pointer, "must be a JSON object");
        return;
    }
    for (const struct od_json *v = object ? object->child : NULL; v; v = v->next) {
        const struct od_metadata_type *type = type_of(t, v->key);
        const char *at = pointer_to(problems->arena, pointer, v->key);
        if (type)
            check_value(type, v, at, problems);
        else if (t->metadata_strict)
            od_problem_add(problems, at, "is not a declared key of metadata");
    }
    for (uint32_t i = 0; placing && i < t->metadata_count; i++) {
        const struct od_metadata_type *type = &t->metadata[i];
        if (type->required && !od_json_get_str(object, type->key))
            od_problem_add(problems, pointer_to(problems->arena, pointer, type->key),
                           "is required");
    }
}

static struct od_str copy_or_none(struct od_arena *a, struct od_str s)
{
    return s.ptr ? od_arena_str(a, s) : OD_STR_NONE;
}

static struct od_store copy_store(struct od_arena *a, const struct od_store *from)
{
    struct od_store to = *from;

    to.name = copy_or_none(a, from->name);
    to.title = copy_or_none(a, from->title);
    to.currency = copy_or_none(a, from->currency);
    to.series = copy_or_none(a, from->series);
    to.prefix = copy_or_none(a, from->prefix);
    to.currencies = OD_NEW_ARRAY(a, struct od_str, from->currency_count);
    for (uint32_t i = 0; i < from->currency_count; i++)
        to.currencies[i] = copy_or_none(a, from->currencies[i]);
    to.statuses = OD_NEW_ARRAY(a, struct od_store_status, from->status_count);
    for (uint32_t i = 0; i < from->status_count; i++)
        to.statuses[i] = (struct od_store_status){from->statuses[i].kind,
                                                  copy_or_none(a, from->statuses[i].code),
                                                  copy_or_none(a, from->statuses[i].name)};
    return to;
}

static struct od_metadata_type copy_metadata(struct od_arena *a,
                                             const struct od_metadata_type *from)
{
    struct od_metadata_type to = *from;

    to.key = copy_or_none(a, from->key);
    to.choices = OD_NEW_ARRAY(a, struct od_str, from->choice_count);
    for (uint32_t i = 0; i < from->choice_count; i++)
        to.choices[i] = copy_or_none(a, from->choices[i]);
    return to;
}

const struct od_shop *od_shop_copy(struct od_arena *a, const struct od_shop *from)
{
    struct od_shop *to;

    if (!from)
        return NULL;
    to = OD_NEW(a, struct od_shop);
    *to = *from;
    to->stores = OD_NEW_ARRAY(a, struct od_store, from->store_count);
    for (uint32_t i = 0; i < from->store_count; i++)
        to->stores[i] = copy_store(a, &from->stores[i]);
    to->locations = OD_NEW_ARRAY(a, struct od_str, from->location_count);
    for (uint32_t i = 0; i < from->location_count; i++)
        to->locations[i] = copy_or_none(a, from->locations[i]);
    to->refund_methods = OD_NEW_ARRAY(a, struct od_str, from->refund_method_count);
    for (uint32_t i = 0; i < from->refund_method_count; i++)
        to->refund_methods[i] = copy_or_none(a, from->refund_methods[i]);
    to->metadata = OD_NEW_ARRAY(a, struct od_metadata_type, from->metadata_count);
    for (uint32_t i = 0; i < from->metadata_count; i++)
        to->metadata[i] = copy_metadata(a, &from->metadata[i]);
    return to;
}
