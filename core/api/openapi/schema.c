#include "api/openapi/schema.h"

#include "api/openapi/tree.h"
#include "base/assert.h"

/* How a schema asks for the fields of an entity. */
static const struct form {
    const char *key;
    uint16_t flags; /* of the fields it takes */
    bool body;      /* as bodies have them */
    bool more;      /* with what the API adds */
} forms[] = {
    {"x-entity", 0, false, true},
    {"x-given", OD_FIELD_INPUT, false, false},
    {"x-input", OD_FIELD_INPUT, true, false},
};

/* One schema on its way. */
struct expansion {
    struct od_arena *arena;
    const struct form *form;
    const struct od_entity *entity;
    const struct od_json *only; /* NULL: all */
    struct od_json *properties;
};

static struct od_json *shown_type(struct od_arena *a, const struct od_field *f)
{
    bool always = f->flags & OD_FIELD_ALWAYS;
    switch (f->type) {
    case OD_FIELD_STR:
        return od_tree(a, always ? "{\"type\":\"string\"}" : "{\"type\":[\"string\",\"null\"]}");
    case OD_FIELD_UUID:
    case OD_FIELD_TIME:
        return od_tree(a, "{\"type\":%s,\"format\":\"%s\"}",
                       always ? "\"string\"" : "[\"string\",\"null\"]",
                       f->type == OD_FIELD_UUID ? "uuid" : "date-time");
    case OD_FIELD_I32:
    case OD_FIELD_I64:
        if (f->flags & OD_FIELD_REF)
            return od_tree(a, "{\"type\":[\"integer\",\"null\"]}");
        return od_tree(a, "{\"type\":\"integer\"%s}",
                       f->flags & OD_FIELD_KEY ? ",\"minimum\":1" : "");
    case OD_FIELD_BOOL:
        return od_tree(a, "{\"type\":\"boolean\"}");
    case OD_FIELD_MONEY:
        return od_tree(a, "{\"$ref\":\"#/components/schemas/Amount\"}");
    case OD_FIELD_DECIMAL:
        return od_tree(a, "{\"type\":\"number\"}");
    case OD_FIELD_JSON:
        return od_tree(a, "{\"type\":[\"object\",\"array\",\"null\"]}");
    }
    return NULL;
}

static struct od_json *body_type(struct od_arena *a, const struct od_field *f)
{
    switch (f->type) {
    case OD_FIELD_STR:
        return od_tree(a, "{\"type\":[\"string\",\"null\"],\"maxLength\":%u}", f->max_len);
    case OD_FIELD_UUID:
    case OD_FIELD_TIME:
        return od_tree(a, "{\"type\":[\"string\",\"null\"],\"format\":\"%s\"}",
                       f->type == OD_FIELD_UUID ? "uuid" : "date-time");
    case OD_FIELD_I32:
    case OD_FIELD_I64:
        return od_tree(a, "{\"type\":[\"integer\",\"null\"]%s}",
                       f->flags & (OD_FIELD_KEY | OD_FIELD_REF) ? ",\"minimum\":1" : "");
    case OD_FIELD_BOOL:
        return od_tree(a, "{\"type\":[\"boolean\",\"null\"]}");
    case OD_FIELD_MONEY:
        return od_tree(a, "{\"$ref\":\"#/components/schemas/OptionalAmount\"}");
    case OD_FIELD_DECIMAL:
        return od_tree(a, "{\"$ref\":\"#/components/schemas/DecimalInput\"}");
    case OD_FIELD_JSON:
        return od_tree(a, "{\"type\":[\"object\",\"array\",\"null\"]}");
    }
    return NULL;
}

static bool is_asked_for(const struct expansion *x, struct od_str name)
{
    if (!x->only)
        return true;
    const struct od_json *e = x->only->child;
    while (e && !od_str_eq(e->text, name))
        e = e->next;
    return e != NULL;
}

static void add_fields(struct expansion *x)
{
    for (uint32_t i = 0; i < x->entity->field_count; i++) {
        const struct od_field *f = &x->entity->fields[i];
        if ((f->flags & OD_FIELD_INTERNAL) || (f->flags & x->form->flags) != x->form->flags ||
            !is_asked_for(x, od_str_of(f->json)))
            continue;
        od_tree_set(x->arena, x->properties, od_str_of(f->json),
                    x->form->body ? body_type(x->arena, f) : shown_type(x->arena, f));
    }
}

/* What `fields` says of those that are there, and what it adds. */
static void add_prose(struct expansion *x, const struct od_json *fields)
{
    for (const struct od_json *m = fields ? fields->child : NULL; m; m = m->next) {
        const struct od_json *there = od_json_get_str(x->properties, m->key);
        bool is_field = od_entity_json_field(x->entity, m->key) != NULL;
        if (!is_asked_for(x, m->key) || (is_field ? !there : !x->form->more))
            continue;
        struct od_json *one = od_tree(x->arena, "{}");
        od_tree_set(x->arena, one, m->key, m);
        od_tree_merge(x->arena, x->properties, one);
    }
}

static int check(const struct expansion *x, struct od_err *err)
{
    for (const struct od_json *m = x->properties->child; m; m = m->next) {
        if (!od_tree_names_type(m))
            return od_err_set(err, OD_ERR_INVALID, "%.*s of %s is no field and has no type",
                              OD_STR_ARG(m->key), x->entity->table);
    }
    for (const struct od_json *e = x->only ? x->only->child : NULL; e; e = e->next) {
        if (!od_json_get_str(x->properties, e->text))
            return od_err_set(err, OD_ERR_INVALID, "%s has no %.*s", x->entity->table,
                              OD_STR_ARG(e->text));
    }
    return 0;
}

/* An answer has each of its members, unless the schema says which. */
static void require_all(struct expansion *x, struct od_json *schema)
{
    if (x->form->body || od_json_get(schema, "required"))
        return;
    struct od_json *required = od_tree(x->arena, "[]");
    for (const struct od_json *m = x->properties->child; m; m = m->next) {
        struct od_json name = od_tree_str(m->key);
        od_tree_append(x->arena, required, &name);
    }
    od_tree_set(x->arena, schema, OD_STR("required"), required);
}

static int expand(struct expansion *x, struct od_json *schema, const struct od_json *fields,
                  struct od_err *err)
{
    struct od_arena *a = x->arena;
    struct od_json *base = od_tree(
        a, x->form->body ? "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{}}"
                         : "{\"type\":\"object\",\"properties\":{}}");
    x->properties = od_tree_member(base, "properties");
    add_fields(x);
    if (!x->form->body)
        add_prose(x, od_json_get(fields, x->entity->table));
    od_tree_drop(schema, x->form->key);
    od_tree_drop(schema, "x-only");
    od_tree_merge(a, base, schema);
    x->properties = od_tree_member(base, "properties");
    require_all(x, base);
    schema->child = base->child;
    schema->count = base->count;
    return check(x, err);
}

struct od_str od_schema_of(const struct od_json *schemas, enum od_entity_kind kind)
{
    for (const struct od_json *s = schemas->child; s; s = s->next) {
        const struct od_json *table = od_json_get(s, "x-entity");
        if (table && od_str_is(table->text, od_entities[kind].table) && !od_json_get(s, "x-only"))
            return s->key;
    }
    OD_ASSERT(!"every entity has a schema");
    return OD_STR_NONE;
}

int od_schema_expand(struct od_arena *a, struct od_json *schema, const struct od_json *fields,
                     struct od_err *err)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct od_json *table = od_json_get(schema, forms[i].key);
        if (!table)
            continue;
        for (int e = 0; e < OD_ENTITY_COUNT; e++) {
            if (!od_str_is(table->text, od_entities[e].table))
                continue;
            struct expansion x = {a, &forms[i], &od_entities[e], od_json_get(schema, "x-only"),
                                  NULL};
            return expand(&x, schema, fields, err);
        }
        return od_err_set(err, OD_ERR_INVALID, "there is no entity %.*s", OD_STR_ARG(table->text));
    }
    return 0;
}
