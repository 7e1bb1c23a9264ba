#include "read/graphql/types.h"

#include "base/embed.h"
#include "order/machine/command_kind.h"
#include "order/model/parts.h"
#include "read/graphql/print.h"

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

/* "cancel_order" → "cancelOrder" */
static struct od_str camel(struct od_arena *a, const char *name)
{
    char *out = od_arena_alloc(a, strlen(name) + 1);
    size_t len = 0;

    for (; *name; name++) {
        if (*name == '_')
            out[len++] = (char)(*++name - 'a' + 'A');
        else
            out[len++] = *name;
    }
    return od_str_n(out, len);
}

/* The seed calls this one otherwise. */
static struct od_str mutation_name(struct od_arena *a, const struct od_service *s)
{
    return s->type == OD_COMMAND_ADD_ACTIVITY ? OD_STR("addOrderActivityLog") : camel(a, s->name);
}

static bool is_mutation(const struct od_command_kind *kind)
{
    return kind->services && kind->route.method && !kind->together;
}

const struct od_service *od_gql_mutation(struct od_str field)
{
    const struct od_service *found = NULL;
    struct od_arena scratch;

    od_arena_init(&scratch);
    for (int type = 0; type < OD_COMMAND_TYPES && !found; type++) {
        const struct od_command_kind *kind = od_command_kinds[type];
        for (const struct od_service *s = is_mutation(kind) ? kind->services : NULL;
             s && s->name && !found; s++) {
            if (od_str_eq(mutation_name(&scratch, s), field))
                found = s;
        }
    }
    od_arena_fini(&scratch);
    return found;
}

const struct od_command_member *od_gql_beside(const struct od_service *s)
{
    const struct od_command_member *m = od_command_kinds[s->type]->member;

    return m && !m->in_body ? m : NULL;
}

struct od_str od_gql_lead(struct od_arena *a, const struct od_service *s)
{
    const struct od_command_member *m = od_gql_beside(s);
    bool in_body = s->lead_kind == OD_LEAD_TEXT || s->lead_kind == OD_LEAD_OPTIONAL;

    if (!in_body || (m && strcmp(m->field, s->lead) == 0))
        return OD_STR_NONE;
    return camel(a, s->lead);
}

/* One field of Mutation. `input` is the body as the route takes it. */
static void make_mutation(struct od_arena *a, struct od_buf *out, const struct od_service *s)
{
    const struct od_command_kind *kind = od_command_kinds[s->type];
    const struct od_command_member *m = od_gql_beside(s);
    struct od_str lead = od_gql_lead(a, s);

    od_gql_print_string(out, od_str_of(kind->summary));
    od_buf_printf(out, "%.*s(", OD_STR_ARG(mutation_name(a, s)));
    if (kind->subject == OD_SUBJECT_ORDER)
        od_buf_printf(out, "\"A number, a uuid, or `id:42`.\" order: String! ");
    if (m)
        od_buf_printf(out, "%s: %s%s ", m->name, m->part ? "Int" : "String",
                      m->optional ? "" : "!");
    if (lead.ptr)
        od_buf_printf(out, "%.*s: String%s ", OD_STR_ARG(lead),
                      s->lead_kind == OD_LEAD_TEXT ? "!" : "");
    if (s->table != OD_TABLE_NONE)
        od_buf_printf(out, "\"The body of `%s %s`.\" input: JSON%s ", kind->route.method,
                      kind->route.pattern, s->table == OD_TABLE_NEEDED ? "!" : "");
    od_buf_printf(out, "\"The same key and command again have no second effect.\" "
                       "idempotencyKey: String ");
    if (kind->subject == OD_SUBJECT_ORDER)
        od_buf_printf(out, "\"Only while the order has this version.\" ifMatch: Int ");
    od_buf_printf(out, "\"Says what would happen, and changes nothing.\" dryRun: Boolean = false)"
                       ": CommandPayload\n");
}

static void make_mutations(struct od_arena *a, struct od_buf *out)
{
    od_buf_printf(out, "extend type Mutation {\n");
    for (int type = 0; type < OD_COMMAND_TYPES; type++) {
        const struct od_command_kind *kind = od_command_kinds[type];
        for (const struct od_service *s = is_mutation(kind) ? kind->services : NULL; s && s->name;
             s++)
            make_mutation(a, out, s);
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
    make_mutations(&scratch, &made);
    struct od_str texts[] = {OD_EMBEDDED(od_gql_types_text), od_buf_view(&made)};
    schema = od_gql_schema_new(texts, 2, err);
    if (schema)
        mark_entities(schema);
    od_buf_fini(&made);
    od_arena_fini(&scratch);
    return schema;
}
