#include "read/graphql/check.h"
#include "read/graphql/print.h"

/* Rules about values and arguments: 5.4 and 5.6. */

static void check_plain(struct od_gql_check *c, const struct od_gql_value *v,
                        const struct od_gql_type *type);

static void note_usage(struct od_gql_check *c, const struct od_gql_value *v,
                       const struct od_gql_type *type, bool has_default)
{
    struct od_gql_usage *u = OD_NEW(c->arena, struct od_gql_usage);

    *u = (struct od_gql_usage){.value = v, .type = type, .has_default = has_default};
    *c->at->last_usage = u;
    c->at->last_usage = &u->next;
}

/* The elements of a list where a scalar is expected, which may take it as a whole. */
static void check_loose_elements(struct od_gql_check *c, struct od_gql_value *list,
                                 const struct od_gql_type *type)
{
    for (struct od_gql_value *e = list->child; e; e = e->next) {
        if (e->kind == OD_GQL_VALUE_LIST)
            check_loose_elements(c, e, type);
        else
            od_gql_check_value(c, e, e->kind == OD_GQL_VALUE_VARIABLE ? type : NULL, false);
    }
}

static void check_list(struct od_gql_check *c, struct od_gql_value *v,
                       const struct od_gql_type *type)
{
    if (type && type->kind == OD_GQL_TYPE_NON_NULL)
        type = type->of;
    if (type && type->kind != OD_GQL_TYPE_LIST) {
        check_plain(c, v, type);
        check_loose_elements(c, v, type);
        return;
    }
    for (struct od_gql_value *e = v->child; e; e = e->next)
        od_gql_check_value(c, e, type ? type->of : NULL, false);
}

/* 5.6.3: a member's name is unique. It holds in any object, also where the type is unknown. */
static void check_member_names(struct od_gql_check *c, const struct od_gql_value *object)
{
    struct od_map names;

    od_map_init(&names);
    for (struct od_gql_value *m = object->child; m; m = m->next) {
        const struct od_gql_value *first = od_map_get(&names, m->name.text);
        if (first)
            od_gql_fault_at_two(c->faults, OD_GQL_UNIQUE_INPUT_FIELD_NAMES, first->name.at,
                                m->name.at, "There can be only one input field named \"%.*s\".",
                                OD_STR_ARG(m->name.text));
        else
            od_map_put(&names, m->name.text, m);
    }
    od_map_fini(&names);
}

static bool has_member(const struct od_gql_value *object, struct od_str name)
{
    const struct od_gql_value *m = object->child;

    while (m && !od_str_eq(m->name.text, name))
        m = m->next;
    return m != NULL;
}

static void check_object(struct od_gql_check *c, struct od_gql_value *v,
                         const struct od_gql_type *type)
{
    const struct od_gql_type *t = od_gql_named_type(type);
    bool input = t && t->kind == OD_GQL_TYPE_INPUT_OBJECT;

    check_member_names(c, v);
    if (t && !input)
        check_plain(c, v, type);
    for (const struct od_gql_input *i = input ? t->inputs : NULL; i; i = i->next) {
        if (od_gql_is_required(i) && !has_member(v, i->name))
            od_gql_fault(c->faults, OD_GQL_VALUES_OF_CORRECT_TYPE, v->at,
                         "Field \"%.*s.%.*s\" of required type \"%.*s\" was not provided.",
                         OD_STR_ARG(t->name), OD_STR_ARG(i->name),
                         OD_STR_ARG(od_gql_type_text(c->arena, i->type)));
    }
    for (struct od_gql_value *m = v->child; m; m = m->next) {
        const struct od_gql_input *i = input ? od_gql_input_named(t->inputs, m->name.text) : NULL;
        if (input && !i)
            od_gql_fault(c->faults, OD_GQL_VALUES_OF_CORRECT_TYPE, m->name.at,
                         "Field \"%.*s\" is not defined by type \"%.*s\".",
                         OD_STR_ARG(m->name.text), OD_STR_ARG(t->name));
        od_gql_check_value(c, m, i ? i->type : NULL, i && i->fallback);
    }
}

static bool fits_enum(const struct od_gql_type *t, const struct od_gql_value *v)
{
    const struct od_gql_enum_value *e = t->values;

    while (e && !od_str_eq(e->name, v->text))
        e = e->next;
    return v->kind == OD_GQL_VALUE_ENUM && e;
}

static bool fits_scalar(enum od_gql_scalar scalar, const struct od_gql_value *v)
{
    bool number = v->kind == OD_GQL_VALUE_INT || v->kind == OD_GQL_VALUE_FLOAT;
    int64_t n;

    switch (scalar) {
    case OD_GQL_SCALAR_ANY:
        return true;
    case OD_GQL_SCALAR_INT:
        return v->kind == OD_GQL_VALUE_INT && od_str_to_i64(v->text, INT32_MIN, INT32_MAX, &n);
    case OD_GQL_SCALAR_FLOAT:
        return number;
    case OD_GQL_SCALAR_STRING:
    case OD_GQL_SCALAR_TEXT:
        return v->kind == OD_GQL_VALUE_STRING;
    case OD_GQL_SCALAR_BOOLEAN:
        return v->kind == OD_GQL_VALUE_BOOLEAN;
    case OD_GQL_SCALAR_ID:
        return v->kind == OD_GQL_VALUE_INT || v->kind == OD_GQL_VALUE_STRING;
    case OD_GQL_SCALAR_DECIMAL:
        return number || v->kind == OD_GQL_VALUE_STRING;
    }
    return false;
}

/* A value that is neither a variable nor null, where a scalar or an enum is expected. */
static void check_plain(struct od_gql_check *c, const struct od_gql_value *v,
                        const struct od_gql_type *type)
{
    const struct od_gql_type *t = od_gql_named_type(type);
    struct od_buf text;

    if (t->kind == OD_GQL_TYPE_SCALAR ? fits_scalar(t->scalar, v)
                                      : t->kind == OD_GQL_TYPE_ENUM && fits_enum(t, v))
        return;
    od_buf_init(&text, 120);
    od_gql_print_value(&text, v);
    struct od_str shown = od_buf_view(&text);
    od_gql_fault(c->faults, OD_GQL_VALUES_OF_CORRECT_TYPE, v->at,
                 "Expected value of type \"%.*s\", found %.*s%s.",
                 OD_STR_ARG(od_gql_type_text(c->arena, type)), OD_STR_ARG(shown),
                 text.overflow ? "…" : "");
    od_buf_fini(&text);
}

void od_gql_check_value(struct od_gql_check *c, struct od_gql_value *v,
                        const struct od_gql_type *type, bool has_default)
{
    switch (v->kind) {
    case OD_GQL_VALUE_VARIABLE:
        note_usage(c, v, type, has_default);
        return;
    case OD_GQL_VALUE_NULL:
        if (type && type->kind == OD_GQL_TYPE_NON_NULL)
            od_gql_fault(c->faults, OD_GQL_VALUES_OF_CORRECT_TYPE, v->at,
                         "Expected value of type \"%.*s\", found null.",
                         OD_STR_ARG(od_gql_type_text(c->arena, type)));
        return;
    case OD_GQL_VALUE_LIST:
        check_list(c, v, type);
        return;
    case OD_GQL_VALUE_OBJECT:
        check_object(c, v, type);
        return;
    case OD_GQL_VALUE_INT:
    case OD_GQL_VALUE_FLOAT:
    case OD_GQL_VALUE_STRING:
    case OD_GQL_VALUE_BOOLEAN:
    case OD_GQL_VALUE_ENUM:
        if (type)
            check_plain(c, v, type);
        return;
    }
}

static struct od_gql_argument *argument_named(struct od_gql_argument *first, struct od_str name)
{
    while (first && !od_str_eq(first->name.text, name))
        first = first->next;
    return first;
}

void od_gql_check_arguments(struct od_gql_check *c, struct od_gql_argument *first, bool known,
                            const struct od_gql_input *declared, uint32_t at, struct od_str of)
{
    for (struct od_gql_argument *a = first; a && od_gql_work(c, 1); a = a->next) {
        const struct od_gql_input *i = od_gql_input_named(declared, a->name.text);
        const struct od_gql_argument *before = argument_named(first, a->name.text);
        if (before != a)
            od_gql_fault_at_two(c->faults, OD_GQL_UNIQUE_ARGUMENT_NAMES, before->name.at,
                                a->name.at, "There can be only one argument named \"%.*s\".",
                                OD_STR_ARG(a->name.text));
        if (known && !i)
            od_gql_fault(c->faults, OD_GQL_KNOWN_ARGUMENT_NAMES, a->name.at,
                         "Unknown argument \"%.*s\" on %.*s.", OD_STR_ARG(a->name.text),
                         OD_STR_ARG(of));
        od_gql_check_value(c, a->value, i ? i->type : NULL, i && i->fallback);
    }
    for (const struct od_gql_input *i = declared; i; i = i->next) {
        if (od_gql_is_required(i) && !argument_named(first, i->name))
            od_gql_fault(c->faults, OD_GQL_PROVIDED_REQUIRED_ARGUMENTS, at,
                         "Argument \"%.*s\" of type \"%.*s\" on %.*s is required, but it was not "
                         "provided.",
                         OD_STR_ARG(i->name), OD_STR_ARG(od_gql_type_text(c->arena, i->type)),
                         OD_STR_ARG(of));
    }
}
