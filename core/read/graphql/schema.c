#include "read/graphql/schema.h"

const char *const od_gql_place_names[OD_GQL_PLACE_COUNT] = {
#define OD_GQL_DIRECTIVE_PLACE(NAME) [OD_GQL_ON_##NAME] = #NAME,
    OD_GQL_DIRECTIVE_PLACES(OD_GQL_DIRECTIVE_PLACE)
#undef OD_GQL_DIRECTIVE_PLACE
};

const struct od_gql_type *od_gql_type_named(const struct od_gql_schema *s, struct od_str name)
{
    return od_map_get(&s->types_by_name, name);
}

const struct od_gql_type *od_gql_type_referred(const struct od_gql_schema *s, struct od_arena *a,
                                               const struct od_gql_type_ref *ref)
{
    if (ref->kind == OD_GQL_REF_NAMED)
        return od_gql_type_named(s, ref->name);
    const struct od_gql_type *of = od_gql_type_referred(s, a, ref->of);
    if (!of)
        return NULL;
    bool list = ref->kind == OD_GQL_REF_LIST;
    struct od_gql_type *wrapped = list ? of->list : of->non_null;
    if (wrapped)
        return wrapped;
    wrapped = OD_NEW(a, struct od_gql_type);
    wrapped->kind = list ? OD_GQL_TYPE_LIST : OD_GQL_TYPE_NON_NULL;
    wrapped->of = of;
    return wrapped;
}

const struct od_gql_field *od_gql_field_named(const struct od_gql_schema *s,
                                              const struct od_gql_type *t, struct od_str name)
{
    if (od_str_eq(name, s->typename_field->name))
        return od_gql_is_composite(t) ? s->typename_field : NULL;
    if (t == s->roots[OD_GQL_QUERY] && od_str_eq(name, s->schema_field->name))
        return s->schema_field;
    if (t == s->roots[OD_GQL_QUERY] && od_str_eq(name, s->type_field->name))
        return s->type_field;
    const struct od_gql_field *f = t->fields;
    while (f && !od_str_eq(f->name, name))
        f = f->next;
    return f;
}

const struct od_gql_directive_type *od_gql_directive_named(const struct od_gql_schema *s,
                                                           struct od_str name)
{
    const struct od_gql_directive_type *d = s->directives;

    while (d && !od_str_eq(d->name, name))
        d = d->next;
    return d;
}

const struct od_gql_input *od_gql_input_named(const struct od_gql_input *first, struct od_str name)
{
    while (first && !od_str_eq(first->name, name))
        first = first->next;
    return first;
}

const struct od_gql_type *od_gql_named_type(const struct od_gql_type *t)
{
    while (t && t->of)
        t = t->of;
    return t;
}

bool od_gql_type_equal(const struct od_gql_type *x, const struct od_gql_type *y)
{
    for (; x != y; x = x->of, y = y->of) {
        if (x->kind != y->kind || !x->of || !y->of)
            return false;
    }
    return true;
}

bool od_gql_is_leaf(const struct od_gql_type *t)
{
    return t->kind == OD_GQL_TYPE_SCALAR || t->kind == OD_GQL_TYPE_ENUM;
}

bool od_gql_is_composite(const struct od_gql_type *t)
{
    return t->kind == OD_GQL_TYPE_OBJECT || t->kind == OD_GQL_TYPE_INTERFACE ||
           t->kind == OD_GQL_TYPE_UNION;
}

bool od_gql_is_input(const struct od_gql_type *t)
{
    t = od_gql_named_type(t);
    return od_gql_is_leaf(t) || t->kind == OD_GQL_TYPE_INPUT_OBJECT;
}

bool od_gql_is_required(const struct od_gql_input *i)
{
    return i->type->kind == OD_GQL_TYPE_NON_NULL && !i->fallback;
}

/* The types that a value of t may have: t itself for an object. */
static bool may_be(const struct od_gql_type *t, const struct od_gql_type *object)
{
    if (t == object)
        return true;
    const struct od_gql_type_link *l = t->possible;
    while (l && l->type != object)
        l = l->next;
    return l != NULL;
}

bool od_gql_types_overlap(const struct od_gql_type *x, const struct od_gql_type *y)
{
    if (x == y)
        return true;
    if (x->kind == OD_GQL_TYPE_OBJECT)
        return may_be(y, x);
    const struct od_gql_type_link *l = x->possible;
    while (l && !may_be(y, l->type))
        l = l->next;
    return l != NULL;
}

void od_gql_print_type(struct od_buf *out, const struct od_gql_type *t)
{
    if (t->kind == OD_GQL_TYPE_LIST)
        od_buf_char(out, '[');
    if (t->of)
        od_gql_print_type(out, t->of);
    else
        od_buf_str(out, t->name);
    if (t->kind == OD_GQL_TYPE_LIST)
        od_buf_char(out, ']');
    if (t->kind == OD_GQL_TYPE_NON_NULL)
        od_buf_char(out, '!');
}

struct od_str od_gql_type_text(struct od_arena *a, const struct od_gql_type *t)
{
    struct od_buf b;
    struct od_str text;

    od_buf_init(&b, 4096);
    od_gql_print_type(&b, t);
    text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}
