#include "base/clock.h"
#include "base/nearest.h"
#include "order/model/parts.h"
#include "script/testing/order.h"

/* Values as scripts write them into the members of orders and their parts, by order/model/fields.h.
 */

/* The most that a quantity or a position may be, so that the difference of three of them fits
 * int32. */
#define I32_MAX 1000000000

int od_test_unknown_field(enum od_entity_kind kind, const char *const *more, struct od_str name,
                          struct od_err *err)
{
    const struct od_entity *e = &od_entities[kind];
    struct od_nearest nearest;

    od_nearest_init(&nearest, name);
    for (uint32_t i = 0; i < e->field_count; i++)
        od_nearest_try(&nearest, od_str_of(e->fields[i].name));
    OD_EACH_PART_KIND (p) {
        if (p->owner == kind && !p->slots)
            od_nearest_try(&nearest, od_str_of(p->name));
    }
    for (size_t i = 0; more && more[i]; i++)
        od_nearest_try(&nearest, od_str_of(more[i]));
    return od_err_set(err, OD_ERR_INVALID, "%s has no field '%.*s'%s", od_entities[kind].noun,
                      OD_STR_ARG(name), od_nearest_hint(&nearest));
}

static int wrong_type(const struct od_field *f, const char *expected, struct od_err *err)
{
    return od_err_set(err, OD_ERR_INVALID, "%s must be %s", f->name, expected);
}

static int set_time(const struct od_field *f, const struct od_json *v, int64_t *to,
                    struct od_err *err)
{
    int64_t us;

    if (od_json_i64(v, INT64_MIN / 1000, INT64_MAX / 1000, &us))
        us *= 1000;
    else if (v->type != OD_JSON_STRING || !od_time_parse(v->text, &us))
        return wrong_type(f, "a time: milliseconds, or text like 2026-01-01T12:00:00Z", err);
    if (us <= 0) /* 0 stands for "absent" */
        return od_err_set(err, OD_ERR_INVALID, "%s: must be after 1970", f->name);
    *to = us;
    return 0;
}

int od_test_field_set(const struct od_field *f, const struct od_json *v, void *entity,
                      struct od_err *err)
{
    void *to = (char *)entity + f->offset;
    int64_t number;

    switch (f->type) {
    case OD_FIELD_STR:
        if (v->type != OD_JSON_STRING)
            return wrong_type(f, "a text", err);
        *(struct od_str *)to = v->text;
        return 0;
    case OD_FIELD_I32:
        if (!od_json_i64(v, 0, I32_MAX, &number))
            return wrong_type(f, "an integer from 0 to 1000000000", err);
        *(int32_t *)to = (int32_t)number;
        return 0;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        if (!od_json_i64(v, INT64_MIN + 1, INT64_MAX, (int64_t *)to))
            return wrong_type(f,
                              f->type == OD_FIELD_MONEY     ? "an integer, in minor units"
                              : f->type == OD_FIELD_DECIMAL ? "an integer, in 1/10000"
                                                            : "an integer",
                              err);
        return 0;
    case OD_FIELD_BOOL:
        if (v->type != OD_JSON_BOOL)
            return wrong_type(f, "true or false", err);
        *(bool *)to = v->boolean;
        return 0;
    case OD_FIELD_TIME:
        return set_time(f, v, to, err);
    case OD_FIELD_UUID:
        if (v->type != OD_JSON_STRING || !od_uuid_parse(v->text, to))
            return wrong_type(f, "a UUID", err);
        return 0;
    case OD_FIELD_JSON:
        if (v->type != OD_JSON_ARRAY && v->type != OD_JSON_OBJECT)
            return wrong_type(f, "a table", err);
        *(struct od_str *)to = v->raw;
        return 0;
    }
    return 0;
}

static bool is_list(enum od_entity_kind kind, struct od_str name)
{
    OD_EACH_PART_KIND (p) {
        if (p->owner == kind && !p->slots && od_str_is(name, p->name))
            return true;
    }
    return false;
}

static bool is_among(const char *const *names, struct od_str name)
{
    for (size_t i = 0; names && names[i]; i++)
        if (od_str_is(name, names[i]))
            return true;
    return false;
}

int od_test_fields_set(enum od_entity_kind kind, const char *const *more, const struct od_json *v,
                       void *entity, struct od_err *err)
{
    if (v->type != OD_JSON_OBJECT)
        return od_err_set(err, OD_ERR_INVALID, "must be a table with the fields of a%s %s",
                          kind == OD_ENTITY_ITEM || kind == OD_ENTITY_ADDRESS ? "n" : "",
                          od_entities[kind].noun);
    for (const struct od_json *m = v->child; m; m = m->next) {
        const struct od_field *f = od_entity_field(&od_entities[kind], m->key);
        if (is_list(kind, m->key) || is_among(more, m->key))
            continue;
        if (!f)
            return od_test_unknown_field(kind, more, m->key, err);
        if (od_test_field_set(f, m, entity, err) != 0)
            return -1;
    }
    return 0;
}
