#include "order/model/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/money.h"

static void write_uuid(struct od_json_writer *w, const struct od_uuid *u)
{
    char text[OD_UUID_TEXT + 1];

    od_uuid_format(u, text);
    od_jw_str(w, od_str_n(text, OD_UUID_TEXT));
}

/* p is the member, and not absent. */
static void write_value(struct od_json_writer *w, enum od_field_type type, const void *p,
                        enum od_dialect dialect, int digits)
{
    switch (type) {
    case OD_FIELD_STR:
        od_jw_str(w, *(const struct od_str *)p);
        return;
    case OD_FIELD_JSON:
        od_jw_raw(w, *(const struct od_str *)p);
        return;
    case OD_FIELD_I32:
        od_jw_i64(w, *(const int32_t *)p);
        return;
    case OD_FIELD_I64:
        od_jw_i64(w, *(const int64_t *)p);
        return;
    case OD_FIELD_BOOL:
        od_jw_bool(w, *(const bool *)p);
        return;
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        if (dialect == OD_JSON_API)
            od_jw_decimal(w, *(const int64_t *)p,
                          type == OD_FIELD_MONEY ? digits : OD_DECIMAL_DIGITS);
        else
            od_jw_i64(w, *(const int64_t *)p);
        return;
    case OD_FIELD_TIME:
        if (dialect == OD_JSON_SCRIPT)
            od_jw_i64(w, *(const int64_t *)p / 1000);
        else
            od_jw_time(w, *(const int64_t *)p);
        return;
    case OD_FIELD_UUID:
        write_uuid(w, p);
        return;
    }
    abort();
}

/* Entities are read into cleared memory, so the ledger leaves zeros out: a third of an order's
 * event. */
static bool is_zero(const struct od_field *f, const void *entity)
{
    static const char zeros[sizeof(int64_t)];
    size_t size = f->type == OD_FIELD_BOOL  ? sizeof(bool)
                  : f->type == OD_FIELD_I32 ? sizeof(int32_t)
                                            : sizeof(int64_t);

    switch (f->type) {
    case OD_FIELD_I32:
    case OD_FIELD_I64:
    case OD_FIELD_BOOL:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        return memcmp((const char *)entity + f->offset, zeros, size) == 0;
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
    case OD_FIELD_TIME:
    case OD_FIELD_UUID:
        break;
    }
    return false;
}

uint64_t od_entity_write_seen(struct od_json_writer *w, const struct od_entity *e,
                              const void *entity, int digits, uint64_t mask, unsigned classes)
{
    uint64_t hidden = 0;

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (!(mask >> i & 1) || f->flags & OD_FIELD_INTERNAL)
            continue;
        bool none = od_field_none(f, entity), seen = classes & OD_CLASS_BIT(od_field_class(f));
        od_jw_key(w, f->json);
        if (none || !seen)
            od_jw_null(w);
        else
            write_value(w, f->type, (const char *)entity + f->offset, OD_JSON_API, digits);
        hidden |= (uint64_t)(!none && !seen) << i;
    }
    return hidden;
}

bool od_field_none(const struct od_field *f, const void *entity)
{
    return od_field_absent(f, entity) || (f->flags & OD_FIELD_REF && is_zero(f, entity));
}

void od_field_write(struct od_json_writer *w, const struct od_field *f, const void *entity,
                    int digits)
{
    write_value(w, f->type, (const char *)entity + f->offset, OD_JSON_API, digits);
}

void od_entity_write(struct od_json_writer *w, const struct od_entity *e, const void *entity,
                     enum od_dialect dialect, int digits, uint64_t mask)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        bool absent;

        if (!(mask >> i & 1) || (dialect == OD_JSON_API && f->flags & OD_FIELD_INTERNAL))
            continue;
        absent = dialect == OD_JSON_API ? od_field_none(f, entity) : od_field_absent(f, entity);
        if (absent && dialect != OD_JSON_API)
            continue;
        if (dialect == OD_JSON_LEDGER && is_zero(f, entity))
            continue;
        od_jw_key(w, dialect == OD_JSON_API ? f->json : f->name);
        if (absent)
            od_jw_null(w);
        else
            write_value(w, f->type, (const char *)entity + f->offset, dialect, digits);
    }
}

static bool read_i32(const struct od_json *v, int32_t *out)
{
    int64_t wide;

    if (!od_json_i64(v, INT32_MIN, INT32_MAX, &wide))
        return false;
    *out = (int32_t)wide;
    return true;
}

/* False when the value is not of the field's type. */
static bool read_value(enum od_field_type type, const struct od_json *v, void *p)
{
    switch (type) {
    case OD_FIELD_STR:
        *(struct od_str *)p = v->text;
        return v->type == OD_JSON_STRING;
    case OD_FIELD_JSON:
        *(struct od_str *)p = v->raw;
        return true;
    case OD_FIELD_I32:
        return read_i32(v, p);
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        return od_json_i64(v, INT64_MIN, INT64_MAX, p);
    case OD_FIELD_BOOL:
        *(bool *)p = v->boolean;
        return v->type == OD_JSON_BOOL;
    case OD_FIELD_TIME:
        return v->type == OD_JSON_STRING && od_time_parse(v->text, p);
    case OD_FIELD_UUID:
        return v->type == OD_JSON_STRING && od_uuid_parse(v->text, p);
    }
    abort();
}

/* Members come in the order of the table, as the writer left them: look behind the last one first.
 */
static const struct od_field *find(const struct od_entity *e, struct od_str name, uint32_t *last)
{
    const struct od_field *f;

    for (uint32_t i = *last; i < e->field_count; i++) {
        if (od_str_is(name, e->fields[i].name)) {
            *last = i + 1;
            return &e->fields[i];
        }
    }
    f = od_entity_field(e, name);
    if (f)
        *last = (uint32_t)(f - e->fields) + 1;
    return f;
}

int od_entity_read(const struct od_entity *e, const struct od_json *o, void *entity,
                   struct od_arena *a, struct od_err *err)
{
    uint32_t last = 0;

    (void)a; /* values borrow from the tree, which lives there */
    if (o->type != OD_JSON_OBJECT)
        return od_err_set(err, OD_ERR_INVALID, "%s is not an object", e->table);
    for (const struct od_json *v = o->child; v; v = v->next) {
        const struct od_field *f = find(e, v->key, &last);
        if (!f)
            return od_err_set(err, OD_ERR_INVALID, "%s has an unknown member %.*s", e->table,
                              OD_STR_ARG(v->key));
        if (v->type == OD_JSON_NULL)
            continue;
        if (!read_value(f->type, v, (char *)entity + f->offset))
            return od_err_set(err, OD_ERR_INVALID, "%s.%s has a value of the wrong type", e->table,
                              f->name);
    }
    return 0;
}
