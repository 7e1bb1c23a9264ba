#include "api/openapi/schema.h"

#include "api/openapi/tree.h"
#include "base/buf.h"
#include "order/model/parts.h"

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
    const struct od_schema_names *names;
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

/* The lists of its parts, unless somebody has said more of them. */
static void add_lists(struct expansion *x)
{
    OD_EACH_PART_KIND (p) {
        struct od_str name = od_str_of(p->name);
        if (&od_entities[p->owner] != x->entity || p->slots || !is_asked_for(x, name) ||
            od_json_get(x->properties, p->name))
            continue;
        od_tree_set(
            x->arena, x->properties, name,
            od_tree(x->arena,
                    "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%.*s\"}}",
                    OD_STR_ARG(x->names->of[p->kind])));
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
    if (x->form->more)
        add_lists(x);
    od_tree_drop(schema, x->form->key);
    od_tree_drop(schema, "x-only");
    od_tree_merge(a, base, schema);
    x->properties = od_tree_member(base, "properties");
    require_all(x, base);
    schema->child = base->child;
    schema->count = base->count;
    return check(x, err);
}

/* "shipment item" → "ShipmentItem" + suffix */
static struct od_str title(struct od_arena *a, const char *noun, const char *suffix)
{
    struct od_buf b;
    bool first = true;
    od_buf_init(&b, 200);
    for (const char *p = noun; *p; p++) {
        if (*p != ' ')
            od_buf_char(&b, first ? (char)(*p - 'a' + 'A') : *p);
        first = *p == ' ';
    }
    od_buf_printf(&b, "%s", suffix);
    struct od_str text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static struct od_str name_of(const struct od_json *schemas, const char *table)
{
    for (const struct od_json *s = schemas->child; s; s = s->next) {
        const struct od_json *asked = od_json_get(s, "x-entity");
        if (asked && od_str_is(asked->text, table) && !od_json_get(s, "x-only"))
            return s->key;
    }
    return OD_STR_NONE;
}

void od_schema_names(struct od_arena *a, struct od_json *schemas, struct od_schema_names *out)
{
    for (int k = 0; k < OD_ENTITY_COUNT; k++) {
        const struct od_entity *e = &od_entities[k];
        out->of[k] = name_of(schemas, e->table);
        if (out->of[k].ptr)
            continue;
        out->of[k] = title(a, e->noun, "");
        od_tree_set(a, schemas, out->of[k], od_tree(a, "{\"x-entity\":\"%s\"}", e->table));
    }
}

struct od_str od_schema_input(struct od_arena *a, struct od_json *schemas, enum od_entity_kind kind)
{
    const struct od_entity *e = &od_entities[kind];
    struct od_str name = title(a, e->noun, "Input");
    if (!od_json_get_str(schemas, name))
        od_tree_set(a, schemas, name, od_tree(a, "{\"x-input\":\"%s\"}", e->table));
    return name;
}

int od_schema_expand(struct od_arena *a, struct od_json *schema, const struct od_json *fields,
                     const struct od_schema_names *names, struct od_err *err)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct od_json *table = od_json_get(schema, forms[i].key);
        if (!table)
            continue;
        for (int e = 0; e < OD_ENTITY_COUNT; e++) {
            if (!od_str_is(table->text, od_entities[e].table))
                continue;
            struct expansion x = {.arena = a,
                                  .form = &forms[i],
                                  .entity = &od_entities[e],
                                  .only = od_json_get(schema, "x-only"),
                                  .names = names};
            return expand(&x, schema, fields, err);
        }
        return od_err_set(err, OD_ERR_INVALID, "there is no entity %.*s", OD_STR_ARG(table->text));
    }
    return 0;
}
