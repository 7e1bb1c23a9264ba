#include "base/buf.h"
#include "read/graphql/print.h"
#include "read/graphql/run/resolvers.h"

/* Section 4 of the specification: the schema as data. Objects are those of schema.h. */

static void put_text(struct od_gql_datum *out, struct od_str text)
{
    out->kind = OD_GQL_DATUM_TEXT;
    out->text = text;
}

static void put_bool(struct od_gql_datum *out, bool value)
{
    out->kind = OD_GQL_DATUM_BOOL;
    out->number = value;
}

static void put_object(struct od_gql_datum *out, const void *object)
{
    out->kind = object ? OD_GQL_DATUM_OBJECT : OD_GQL_DATUM_NULL;
    out->object = object;
}

static bool wants_deprecated(const struct od_gql_call *call)
{
    const struct od_json *wants = od_json_get(call->arguments, "includeDeprecated");

    return wants && wants->boolean;
}

/* A list of some kind: data is its next element, number whether deprecated ones are in it. */
#define LIST_OF(NAME, TYPE, SHOWN)                                                                 \
    static bool next_##NAME(struct od_gql_datum *list, struct od_gql_datum *element)               \
    {                                                                                              \
        const struct TYPE *e = list->data;                                                         \
        while (e && !(list->number || (SHOWN)))                                                    \
            e = e->next;                                                                           \
        if (!e)                                                                                    \
            return false;                                                                          \
        put_object(element, e);                                                                    \
        list->data = e->next;                                                                      \
        return true;                                                                               \
    }                                                                                              \
    static void put_##NAME##s(const struct od_gql_call *call, const struct TYPE *first,            \
                              struct od_gql_datum *out)                                            \
    {                                                                                              \
        out->kind = OD_GQL_DATUM_LIST;                                                             \
        out->next = next_##NAME;                                                                   \
        out->data = first;                                                                         \
        out->number = wants_deprecated(call);                                                      \
    }

LIST_OF(type, od_gql_type, true)
LIST_OF(directive, od_gql_directive_type, true)
LIST_OF(field, od_gql_field, !e->deprecated.is)
LIST_OF(input, od_gql_input, !e->deprecated.is)
LIST_OF(value, od_gql_enum_value, !e->deprecated.is)

static bool next_link(struct od_gql_datum *list, struct od_gql_datum *element)
{
    const struct od_gql_type_link *l = list->data;

    if (!l)
        return false;
    put_object(element, l->type);
    list->data = l->next;
    return true;
}

static void put_links(const struct od_gql_type_link *first, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_LIST;
    out->next = next_link;
    out->data = first;
}

/* The places of a directive: number has those that are left, as bits. */
static bool next_place(struct od_gql_datum *list, struct od_gql_datum *element)
{
    for (int i = 0; i < OD_GQL_PLACE_COUNT; i++) {
        if (!(list->number & (int64_t)1 << i))
            continue;
        list->number &= ~((int64_t)1 << i);
        put_text(element, od_str_of(od_gql_place_names[i]));
        return true;
    }
    return false;
}

static void typename(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_text(out, call->parent->name);
}

static void schema(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_object(out, call->schema);
}

static void type_by_name(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_object(out, od_gql_type_named(call->schema, od_json_get(call->arguments, "name")->text));
}

static void schema_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_schema *s = call->object;
    struct od_str name = call->field->name;

    if (od_str_is(name, "types"))
        put_types(call, s->types, out);
    else if (od_str_is(name, "directives"))
        put_directives(call, s->directives, out);
    else if (od_str_is(name, "queryType"))
        put_object(out, s->roots[OD_GQL_QUERY]);
    else if (od_str_is(name, "mutationType"))
        put_object(out, s->roots[OD_GQL_MUTATION]);
    else if (od_str_is(name, "subscriptionType"))
        put_object(out, s->roots[OD_GQL_SUBSCRIPTION]);
}

static const char *kind_name(enum od_gql_type_kind kind)
{
    static const char *const names[] = {
        [OD_GQL_TYPE_SCALAR] = "SCALAR",       [OD_GQL_TYPE_OBJECT] = "OBJECT",
        [OD_GQL_TYPE_INTERFACE] = "INTERFACE", [OD_GQL_TYPE_UNION] = "UNION",
        [OD_GQL_TYPE_ENUM] = "ENUM",           [OD_GQL_TYPE_INPUT_OBJECT] = "INPUT_OBJECT",
        [OD_GQL_TYPE_LIST] = "LIST",           [OD_GQL_TYPE_NON_NULL] = "NON_NULL",
    };

    return names[kind];
}

/* The lists that only types of some kinds have. */
static void type_list(const struct od_gql_call *call, const struct od_gql_type *t,
                      struct od_gql_datum *out)
{
    struct od_str name = call->field->name;
    bool object = t->kind == OD_GQL_TYPE_OBJECT, interface = t->kind == OD_GQL_TYPE_INTERFACE;

    if (od_str_is(name, "fields") && (object || interface))
        put_fields(call, t->fields, out);
    else if (od_str_is(name, "interfaces") && (object || interface))
        put_links(t->interfaces, out);
    else if (od_str_is(name, "possibleTypes") && (interface || t->kind == OD_GQL_TYPE_UNION))
        put_links(t->possible, out);
    else if (od_str_is(name, "enumValues") && t->kind == OD_GQL_TYPE_ENUM)
        put_values(call, t->values, out);
    else if (od_str_is(name, "inputFields") && t->kind == OD_GQL_TYPE_INPUT_OBJECT)
        put_inputs(call, t->inputs, out);
}

static void type_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_type *t = call->object;
    struct od_str name = call->field->name;

    if (od_str_is(name, "kind"))
        put_text(out, od_str_of(kind_name(t->kind)));
    else if (od_str_is(name, "name"))
        put_text(out, t->name);
    else if (od_str_is(name, "description"))
        put_text(out, t->description);
    else if (od_str_is(name, "specifiedByURL"))
        put_text(out, t->specified_by);
    else if (od_str_is(name, "ofType"))
        put_object(out, t->of);
    else
        type_list(call, t, out);
}

static void put_deprecation(struct od_str name, const struct od_gql_deprecation *d,
                            struct od_gql_datum *out)
{
    if (od_str_is(name, "isDeprecated"))
        put_bool(out, d->is);
    else if (od_str_is(name, "deprecationReason"))
        put_text(out, d->reason);
}

static void field_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_field *f = call->object;
    struct od_str name = call->field->name;

    if (od_str_is(name, "name"))
        put_text(out, f->name);
    else if (od_str_is(name, "description"))
        put_text(out, f->description);
    else if (od_str_is(name, "args"))
        put_inputs(call, f->arguments, out);
    else if (od_str_is(name, "type"))
        put_object(out, f->type);
    else
        put_deprecation(name, &f->deprecated, out);
}

static void put_default(const struct od_gql_call *call, const struct od_gql_value *v,
                        struct od_gql_datum *out)
{
    struct od_buf b;

    if (!v)
        return;
    od_buf_init(&b, 64 << 10);
    od_gql_print_value(&b, v);
    put_text(out, od_arena_str(call->arena, od_buf_view(&b)));
    od_buf_fini(&b);
}

static void input_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_input *i = call->object;
    struct od_str name = call->field->name;

    if (od_str_is(name, "name"))
        put_text(out, i->name);
    else if (od_str_is(name, "description"))
        put_text(out, i->description);
    else if (od_str_is(name, "type"))
        put_object(out, i->type);
    else if (od_str_is(name, "defaultValue"))
        put_default(call, i->fallback, out);
    else
        put_deprecation(name, &i->deprecated, out);
}

static void value_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_enum_value *v = call->object;
    struct od_str name = call->field->name;

    if (od_str_is(name, "name"))
        put_text(out, v->name);
    else if (od_str_is(name, "description"))
        put_text(out, v->description);
    else
        put_deprecation(name, &v->deprecated, out);
}

static void directive_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_directive_type *d = call->object;
    struct od_str name = call->field->name;

    if (od_str_is(name, "name")) {
        put_text(out, d->name);
    } else if (od_str_is(name, "description")) {
        put_text(out, d->description);
    } else if (od_str_is(name, "args")) {
        put_inputs(call, d->arguments, out);
    } else if (od_str_is(name, "isRepeatable")) {
        put_bool(out, d->repeatable);
    } else {
        out->kind = OD_GQL_DATUM_LIST;
        out->next = next_place;
        out->number = d->places;
    }
}

const struct od_gql_hand od_gql_introspection_hands[] = {
    {"__Meta", "__typename", {typename}},      {"__Meta", "__schema", {schema}},
    {"__Meta", "__type", {type_by_name}},      {"__Schema", NULL, {schema_member}},
    {"__Type", NULL, {type_member}},           {"__Field", NULL, {field_member}},
    {"__InputValue", NULL, {input_member}},    {"__EnumValue", NULL, {value_member}},
    {"__Directive", NULL, {directive_member}}, {NULL, NULL, {NULL}},
};
