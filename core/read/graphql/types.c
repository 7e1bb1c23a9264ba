#include "read/graphql/types.h"

#include "base/embed.h"
#include "order/model/parts.h"

OD_EMBED(od_gql_types_text, "read/graphql/types.graphql");

enum { MADE_MAX = 64 << 10 };

/* Types that the seed and the REST API call otherwise than their noun. */
static const char *const called[OD_ENTITY_COUNT] = {
    [OD_ENTITY_ITEM] = "OrderItem",
    [OD_ENTITY_ADDRESS] = "OrderAddress",
    [OD_ENTITY_CHANGE] = "OrderChange",
};

/* "shipment item" → "ShipmentItem" */
struct od_str od_gql_entity_type(struct od_arena *a, enum od_entity_kind kind)
{
    bool begins = true;
    size_t len = 0;

    if (called[kind])
        return od_str_of(called[kind]);
    const char *noun = od_entities[kind].noun;
    char *name = od_arena_alloc(a, strlen(noun) + 1);
    for (; *noun; noun++) {
        if (*noun != ' ')
            name[len++] = begins ? (char)(*noun - 'a' + 'A') : *noun;
        begins = *noun == ' ';
    }
    return od_str_n(name, len);
}

/* The type of a field, by the same rules as its schema in OpenAPI. An order's id does not fit an
 * Int, so it is an ID. */
static const char *type_of(const struct od_field *f)
{
    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_UUID:
        return "String";
    case OD_FIELD_I32:
        return "Int";
    case OD_FIELD_I64:
        return "ID";
    case OD_FIELD_BOOL:
        return "Boolean";
    case OD_FIELD_MONEY:
        return "Amount";
    case OD_FIELD_DECIMAL:
        return "Decimal";
    case OD_FIELD_TIME:
        return "DateTime";
    case OD_FIELD_JSON:
        return "JSON";
    }
    return NULL;
}

static bool may_be_null(const struct od_field *f)
{
    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_UUID:
    case OD_FIELD_TIME:
    case OD_FIELD_JSON:
        return !(f->flags & OD_FIELD_ALWAYS);
    case OD_FIELD_I32:
    case OD_FIELD_I64:
        return f->flags & OD_FIELD_REF;
    case OD_FIELD_BOOL:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        return false;
    }
    return true;
}

static void make_type(struct od_arena *a, struct od_buf *out, enum od_entity_kind kind)
{
    const struct od_entity *e = &od_entities[kind];
    struct od_str name = od_gql_entity_type(a, kind);

    od_buf_printf(out, "extend type %.*s {\n", OD_STR_ARG(name));
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (!(f->flags & OD_FIELD_INTERNAL))
            od_buf_printf(out, "%s: %s%s\n", f->json, type_of(f), may_be_null(f) ? "" : "!");
    }
    OD_EACH_PART_KIND (p) {
        if (p->owner != kind || p->slots)
            continue;
        name = od_gql_entity_type(a, p->kind);
        od_buf_printf(out, "%s: [%.*s!]!\n", p->name, OD_STR_ARG(name));
    }
    od_buf_printf(out, "}\n");
}

static void mark_entities(struct od_gql_schema *s)
{
    for (int kind = 0; kind < OD_ENTITY_COUNT; kind++) {
        struct od_str name = od_gql_entity_type(&s->arena, (enum od_entity_kind)kind);
        struct od_gql_type *t = od_map_get(&s->types_by_name, name);
        t->is_entity = true;
        t->entity = (enum od_entity_kind)kind;
    }
}

struct od_gql_schema *od_gql_orders_schema(struct od_err *err)
{
    struct od_arena scratch;
    struct od_buf made;
    struct od_gql_schema *schema;

    od_arena_init(&scratch);
    od_buf_init(&made, MADE_MAX);
    for (int kind = 0; kind < OD_ENTITY_COUNT; kind++)
        make_type(&scratch, &made, (enum od_entity_kind)kind);
    struct od_str texts[] = {OD_EMBEDDED(od_gql_types_text), od_buf_view(&made)};
    schema = od_gql_schema_new(texts, 2, err);
    if (schema)
        mark_entities(schema);
    od_buf_fini(&made);
    od_arena_fini(&scratch);
    return schema;
}
