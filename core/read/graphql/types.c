#include "read/graphql/types.h"

#include "base/assert.h"
#include "base/embed.h"
#include "order/machine/command_kind.h"
#include "order/machine/read.h"
#include "order/model/parts.h"
#include "read/graphql/print.h"

OD_EMBED(od_gql_types_text, "read/graphql/types.graphql");

enum { MADE_MAX = 64 << 10, INPUTS_MAX = 32 };

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

/* Scripts do not give this one. */
static const struct od_service exchange_services[] = {
    {"exchange", NULL, OD_COMMAND_EXCHANGE, OD_LEAD_MEMBER, NULL, OD_TABLE_NEEDED},
    {0},
};

/* The services of a command that are mutations, ended by a NULL name; NULL: there are none. */
static const struct od_service *services_of(enum od_command_type type)
{
    const struct od_command_kind *kind = od_command_kinds[type];

    return type == OD_COMMAND_EXCHANGE ? exchange_services
           : kind->route.method        ? kind->services
                                       : NULL;
}

/* A command that comes with an order that is placed has that one's body. */
static const struct od_shape *shape_of(const struct od_service *s)
{
    const struct od_command_kind *kind = od_command_kinds[s->type];

    return kind->together ? od_command_kinds[OD_COMMAND_PLACE]->shape : kind->shape;
}

/* Every service `s` of a command that is a mutation. */
#define OD_EACH_MUTATION(type, s)                                                                  \
    for (enum od_command_type type = 0; type < OD_COMMAND_TYPES; type++)                           \
        for (const struct od_service *s = services_of(type); s && s->name; s++)

const struct od_service *od_gql_mutation(struct od_str field)
{
    const struct od_service *found = NULL;
    struct od_arena scratch;

    od_arena_init(&scratch);
    OD_EACH_MUTATION(kind, s)
    {
        if (!found && od_str_eq(mutation_name(&scratch, s), field))
            found = s;
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

/* Inputs: the bodies of commands, from the shapes that their readers follow */

struct inputs {
    struct od_arena *arena;
    struct od_buf *out;
    const struct od_shape *made[INPUTS_MAX]; /* those with a name, which several bodies have */
    size_t count;
};

static void make_input(struct inputs *in, const struct od_shape *shape, struct od_str name,
                       struct od_str lead);

static bool is_made(const struct inputs *in, const struct od_shape *shape)
{
    for (size_t i = 0; i < in->count; i++) {
        if (in->made[i] == shape)
            return true;
    }
    return false;
}

/* Makes the types below a shape that are not made yet. */
static void make_inner(struct inputs *in, const struct od_shape *shape)
{
    for (const struct od_member *m = shape->members; m && m->name; m++) {
        if (!m->shape || is_made(in, m->shape))
            continue;
        OD_ASSERT(m->shape->name && in->count < INPUTS_MAX);
        in->made[in->count++] = m->shape;
        make_input(in, m->shape, od_str_of(m->shape->name), OD_STR_NONE);
    }
}

static const struct od_member *member_named(const struct od_shape *shape, const char *name)
{
    for (const struct od_member *m = shape->members; m && m->name; m++) {
        if (strcmp(m->name, name) == 0)
            return m;
    }
    return NULL;
}

/* "!" of a member that must be there. */
static const char *need(const struct od_shape *shape, const char *name)
{
    for (const char *const *n = shape->needs; n && *n; n++) {
        if (strcmp(*n, name) == 0)
            return "!";
    }
    return "";
}

static void put_member(struct od_buf *out, const struct od_shape *shape, const struct od_member *m)
{
    const char *needed = need(shape, m->name);
    static const char *const scalars[] = {
        [OD_TAKES_TEXT] = "String",   [OD_TAKES_TEXTS] = "[String!]", [OD_TAKES_WHOLE] = "Int",
        [OD_TAKES_AMOUNT] = "Amount", [OD_TAKES_BOOL] = "Boolean",    [OD_TAKES_TIME] = "DateTime",
        [OD_TAKES_JSON] = "JSON",
    };

    if (m->takes == OD_TAKES_OBJECTS)
        od_buf_printf(out, "%s: [%sInput!]%s\n", m->name, m->shape->name, needed);
    else if (m->takes == OD_TAKES_OBJECT)
        od_buf_printf(out, "%s: %sInput%s\n", m->name, m->shape->name, needed);
    else if (m->takes != OD_TAKES_NOTHING)
        od_buf_printf(out, "%s: %s%s\n", m->name, scalars[m->takes], needed);
}

/* A list of texts is the one field of JSON that bodies check. */
static const char *input_type_of(const struct od_field *f)
{
    return strcmp(f->name, "tags") == 0 ? "[String!]" : type_of(f);
}

static void make_input(struct inputs *in, const struct od_shape *shape, struct od_str name,
                       struct od_str lead)
{
    const struct od_entity *e = shape->entity;

    make_inner(in, shape);
    od_buf_printf(in->out, "input %.*sInput {\n", OD_STR_ARG(name));
    for (uint32_t i = 0; e && i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        bool taken = !(f->flags & OD_FIELD_INTERNAL) && (f->flags & shape->flags) == shape->flags;
        if (taken && !member_named(shape, f->json) && !od_str_is(lead, f->json))
            od_buf_printf(in->out, "%s: %s%s\n", f->json, input_type_of(f), need(shape, f->json));
    }
    for (const struct od_member *m = shape->members; m && m->name; m++) {
        if (!od_str_is(lead, m->name))
            put_member(in->out, shape, m);
    }
    od_buf_printf(in->out, "}\n");
}

/* "placeOrder" → "PlaceOrder" */
static struct od_str input_name(struct od_arena *a, const struct od_service *s)
{
    struct od_str name = mutation_name(a, s);

    return od_arena_printf(a, "%c%.*s", name.ptr[0] - 'a' + 'A', (int)name.len - 1, name.ptr + 1);
}

/* A member that the mutation has as an argument that must be given stands there alone. */
static void make_input_of(struct inputs *in, const struct od_service *s)
{
    const struct od_shape *shape = shape_of(s);
    struct od_str lead = s->lead_kind == OD_LEAD_TEXT ? od_gql_lead(in->arena, s) : OD_STR_NONE;

    if (s->table != OD_TABLE_NONE && shape)
        make_input(in, shape, input_name(in->arena, s), lead);
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
    struct od_str input = shape_of(s)
                              ? od_arena_printf(a, "%.*sInput", OD_STR_ARG(input_name(a, s)))
                              : OD_STR("JSON");
    if (s->table != OD_TABLE_NONE)
        od_buf_printf(out, "\"The body of `%s %s`.\" input: %.*s%s ", kind->route.method,
                      kind->route.pattern, OD_STR_ARG(input),
                      s->table == OD_TABLE_NEEDED ? "!" : "");
    od_buf_printf(out, "\"The same key and command again have no second effect.\" "
                       "idempotencyKey: String ");
    if (kind->subject == OD_SUBJECT_ORDER)
        od_buf_printf(out, "\"Only while the order has this version.\" ifMatch: Int ");
    od_buf_printf(out, "\"Says what would happen, and changes nothing.\" dryRun: Boolean = false)"
                       ": CommandPayload\n");
}

static void make_mutations(struct od_arena *a, struct od_buf *out)
{
    struct inputs in = {.arena = a, .out = out};

    OD_EACH_MUTATION(kind, s)
    make_input_of(&in, s);
    od_buf_printf(out, "extend type Mutation {\n");
    OD_EACH_MUTATION(kind, s)
    make_mutation(a, out, s);
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
