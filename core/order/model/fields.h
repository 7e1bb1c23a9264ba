#ifndef OD_ORDER_MODEL_FIELDS_H
#define OD_ORDER_MODEL_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "order/model/field_class.h"
#include "order/model/kinds.h"

/*
 * The one description of the fields of an order and its parts. Each entity's fields are listed
 * once, with their SQL/C/Lua name, JSON name, type and place in the C struct. The JSON codec
 * (codec.h), the SQL statements (store/), the schemas of the API (api/openapi/) and the fields that
 * scripts see are made from it. A new field is one line in fields.c, one member in model.h and one
 * column in a migration.
 */

enum od_field_type {
    OD_FIELD_STR = 0, /* struct od_str; SQL text */
    OD_FIELD_I32,     /* int32_t; SQL int4 */
    OD_FIELD_I64,     /* int64_t; SQL int8 */
    OD_FIELD_BOOL,    /* bool; SQL bool */
    OD_FIELD_MONEY,   /* int64_t minor units of the order's currency; SQL int8 */
    OD_FIELD_DECIMAL, /* int64_t in units of 10^-OD_DECIMAL_DIGITS; SQL int8 */
    OD_FIELD_TIME,    /* int64_t microseconds, 0 = absent; SQL timestamptz */
    OD_FIELD_UUID,    /* struct od_uuid; SQL uuid */
    OD_FIELD_JSON,    /* struct od_str of JSON text; SQL json */
};

enum od_field_flag {
    OD_FIELD_INPUT = 1 << 0,    /* a command may give it (PLACE, or the entity's own) */
    OD_FIELD_PLACED = 1 << 1,   /* order.placed has it; it has all INPUT fields, too */
    OD_FIELD_MUTABLE = 1 << 2,  /* an event after the entity's first may change it */
    OD_FIELD_INTERNAL = 1 << 3, /* the HTTP API does not show it */
    OD_FIELD_KEY = 1 << 4,      /* it is part of the primary key within its order */
    OD_FIELD_CHANGED = 1 << 5,  /* a confirmed change of the order may change it */
    OD_FIELD_REF = 1 << 6,      /* I32: the number of another part; 0: none, null in the API */
    OD_FIELD_ALWAYS = 1 << 8, /* has a value whenever the entity is there: never null in the API */
    OD_FIELD_ANY_CASE = 1 << 7, /* STR: queries compare it without regard to case */
    /* Two bits are the field's class, see od_field_class(). */
    OD_FIELD_CLASS_SHIFT = 9,
    OD_FIELD_PERSONAL = OD_CLASS_PERSONAL << OD_FIELD_CLASS_SHIFT,
    OD_FIELD_ABOUT_MONEY = OD_CLASS_MONEY << OD_FIELD_CLASS_SHIFT, /* every MONEY has it */
    OD_FIELD_OF_SHOP = OD_CLASS_INTERNAL << OD_FIELD_CLASS_SHIFT,
};

struct od_field {
    const char *name; /* SQL column, C member, Lua field */
    const char *json; /* camelCase */
    enum od_field_type type;
    uint16_t offset;
    uint16_t flags;
    uint16_t max_len; /* STR, JSON: the most bytes that are accepted from outside */
};

/* Who sees it: roles see classes of fields. */
static inline enum od_field_class od_field_class(const struct od_field *f)
{
    return (enum od_field_class)(f->flags >> OD_FIELD_CLASS_SHIFT & 3);
}

const char *od_field_class_name(enum od_field_class c); /* "personal", … */

/* kinds.h lists the kinds. */
enum od_entity_kind {
#define OD_ENTITY_KIND(NAME) OD_ENTITY_##NAME,
    OD_ENTITIES(OD_ENTITY_KIND)
#undef OD_ENTITY_KIND
        OD_ENTITY_COUNT
};

/* In SQL every table has order_id before these columns; for orders it is itself a field. */
struct od_entity {
    const char *noun; /* "shipment item", as messages say it */
    const char *table;
    const struct od_field *fields;
    uint32_t field_count;
    uint32_t size; /* of the C struct */
};

extern const struct od_entity od_entities[OD_ENTITY_COUNT];

/* Whether the member has no value: a string or JSON without bytes, a time or uuid of zero. */
bool od_field_absent(const struct od_field *f, const void *entity);
bool od_field_equal(const struct od_field *f, const void *x, const void *y); /* absent is not "" */
void od_field_copy(const struct od_field *f, void *to, const void *from); /* strings are shared */

/* Find a field by its SQL/Lua name, or by its JSON name; NULL: there is none. */
const struct od_field *od_entity_field(const struct od_entity *e, struct od_str name);
const struct od_field *od_entity_json_field(const struct od_entity *e, struct od_str json);

#endif
