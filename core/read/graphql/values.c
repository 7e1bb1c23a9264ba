#include "read/graphql/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Where a value stands, for messages. */
struct place {
    struct od_arena *arena;
    const struct od_gql_variables *variables; /* NULL: the value is constant */
    struct od_str *why;
};

void od_gql_variables_init(struct od_gql_variables *v)
{
    od_map_init(&v->by_name);
}

void od_gql_variables_fini(struct od_gql_variables *v)
{
    od_map_fini(&v->by_name);
}

static struct od_json *new_value(struct od_arena *a, enum od_json_type type)
{
    struct od_json *v = OD_NEW(a, struct od_json);

    v->type = type;
    return v;
}

static void add(struct od_json *to, struct od_json ***last, struct od_json *child)
{
    **last = child;
    *last = &child->next;
    to->count++;
}

/* A copy that can be put into another object or list. */
static struct od_json *copy(struct od_arena *a, const struct od_json *v)
{
    struct od_json *c = OD_NEW(a, struct od_json);

    *c = *v;
    c->next = NULL;
    c->key = OD_STR_NONE;
    return c;
}

static struct od_json *fail(const struct place *p, const char *what, struct od_str about)
{
    *p->why = od_arena_printf(p->arena, what, OD_STR_ARG(about));
    return NULL;
}

static struct od_json *wrap(struct od_arena *a, struct od_json *v)
{
    struct od_json *list = new_value(a, OD_JSON_ARRAY);

    list->child = v;
    list->count = 1;
    return list;
}

/* Literals. Validation has seen them, so their kinds fit; only variables may still disappoint. */

static struct od_json *literal(const struct place *p, const struct od_gql_type *type,
                               const struct od_gql_value *v);

/* The value of a variable at a place of that type; absent says that it has none. */
static struct od_json *variable(const struct place *p, const struct od_gql_type *type,
                                const struct od_gql_value *v)
{
    const struct od_json *found = od_map_get(&p->variables->by_name, v->text);
    bool null = !found || found->type == OD_JSON_NULL;

    if (null && type && type->kind == OD_GQL_TYPE_NON_NULL)
        return fail(p, "The variable \"$%.*s\" must not be null here.", v->text);
    return found ? copy(p->arena, found) : new_value(p->arena, OD_JSON_NULL);
}

static bool is_absent(const struct place *p, const struct od_gql_value *v)
{
    return v->kind == OD_GQL_VALUE_VARIABLE && !od_map_get(&p->variables->by_name, v->text);
}

static struct od_json *plain_literal(const struct place *p, const struct od_gql_type *type,
                                     const struct od_gql_value *v)
{
    struct od_json *j = new_value(p->arena, OD_JSON_STRING);
    bool id = type && type->kind == OD_GQL_TYPE_SCALAR && type->scalar == OD_GQL_SCALAR_ID;

    j->text = j->raw = v->text;
    j->boolean = v->boolean;
    if (v->kind == OD_GQL_VALUE_BOOLEAN)
        j->type = OD_JSON_BOOL;
    else if (v->kind == OD_GQL_VALUE_NULL)
        j->type = OD_JSON_NULL;
    else if (!id && (v->kind == OD_GQL_VALUE_INT || v->kind == OD_GQL_VALUE_FLOAT))
        j->type = OD_JSON_NUMBER;
    if (j->type == OD_JSON_STRING && od_str_has_nul(j->text))
        return fail(p, "%.*s", OD_STR("A string must not have the character U+0000."));
    return j;
}

static struct od_json *list_literal(const struct place *p, const struct od_gql_type *of,
                                    const struct od_gql_value *v)
{
    struct od_json *list = new_value(p->arena, OD_JSON_ARRAY), **last = &list->child;

    for (const struct od_gql_value *e = v->child; e; e = e->next) {
        struct od_json *item = literal(p, of, e);
        if (!item)
            return NULL;
        add(list, &last, item);
    }
    return list;
}

static const struct od_gql_value *member(const struct od_gql_value *object, struct od_str name)
{
    const struct od_gql_value *m = object->child;

    while (m && !od_str_eq(m->name.text, name))
        m = m->next;
    return m;
}

static struct od_json *input_literal(const struct place *p, const struct od_gql_type *type,
                                     const struct od_gql_value *v)
{
    struct od_json *object = new_value(p->arena, OD_JSON_OBJECT), **last = &object->child;

    for (const struct od_gql_input *i = type->inputs; i; i = i->next) {
        const struct od_gql_value *m = member(v, i->name);
        if (!m || is_absent(p, m))
            m = i->fallback;
        if (!m && i->type->kind == OD_GQL_TYPE_NON_NULL)
            return fail(p, "The field \"%.*s\" must be given.", i->name);
        if (!m)
            continue;
        struct od_json *value = literal(p, i->type, m);
        if (!value)
            return NULL;
        value->key = i->name;
        add(object, &last, value);
    }
    return object;
}

/* An object where any value may stand. */
static struct od_json *free_object(const struct place *p, const struct od_gql_value *v)
{
    struct od_json *object = new_value(p->arena, OD_JSON_OBJECT), **last = &object->child;

    for (const struct od_gql_value *m = v->child; m; m = m->next) {
        struct od_json *value = literal(p, NULL, m);
        if (!value)
            return NULL;
        value->key = m->name.text;
        add(object, &last, value);
    }
    return object;
}

static struct od_json *literal(const struct place *p, const struct od_gql_type *type,
                               const struct od_gql_value *v)
{
    if (v->kind == OD_GQL_VALUE_VARIABLE)
        return variable(p, type, v);
    if (type && type->kind == OD_GQL_TYPE_NON_NULL)
        type = type->of;
    if (v->kind == OD_GQL_VALUE_NULL)
        return new_value(p->arena, OD_JSON_NULL);
    if (type && type->kind == OD_GQL_TYPE_LIST) {
        if (v->kind == OD_GQL_VALUE_LIST)
            return list_literal(p, type->of, v);
        struct od_json *one = literal(p, type->of, v);
        return one ? wrap(p->arena, one) : NULL;
    }
    if (v->kind == OD_GQL_VALUE_LIST)
        return list_literal(p, NULL, v);
    if (v->kind == OD_GQL_VALUE_OBJECT)
        return type && type->kind == OD_GQL_TYPE_INPUT_OBJECT ? input_literal(p, type, v)
                                                              : free_object(p, v);
    return plain_literal(p, type, v);
}

const struct od_json *od_gql_coerce_arguments(struct od_arena *a,
                                              const struct od_gql_input *declared,
                                              const struct od_gql_argument *given,
                                              const struct od_gql_variables *variables,
                                              struct od_str *why)
{
    const struct place p = {a, variables, why};
    struct od_gql_value object = {.kind = OD_GQL_VALUE_OBJECT}, **last = &object.child;
    const struct od_gql_type type = {.inputs = (struct od_gql_input *)declared};

    for (; given; given = given->next) {
        struct od_gql_value *m = OD_NEW(a, struct od_gql_value);
        *m = *given->value;
        m->name = given->name;
        m->next = NULL;
        *last = m;
        last = &m->next;
    }
    return input_literal(&p, &type, &object);
}

/* Values of variables, which come as JSON from outside. */

struct reading {
    struct od_arena *arena;
    struct od_gql_faults *faults;
    const struct od_gql_variable *variable;
    const struct od_gql_path *path; /* within the variable's value; NULL: it is the value itself */
};

static void put_path(struct od_buf *out, const struct od_gql_path *path)
{
    if (!path)
        return;
    put_path(out, path->above);
    if (path->key.ptr)
        od_buf_printf(out, ".%.*s", OD_STR_ARG(path->key));
    else
        od_buf_printf(out, "[%u]", path->index);
}

static struct od_json *refuse(const struct reading *r, const struct od_gql_path *path,
                              const char *what, struct od_str about)
{
    struct od_buf where;

    od_buf_init(&where, 200);
    put_path(&where, path);
    struct od_str text = od_arena_printf(r->arena, what, OD_STR_ARG(about));
    od_gql_fault(r->faults, OD_GQL_REQUEST, r->variable->at,
                 "Variable \"$%.*s\" got an invalid value%s%.*s: %.*s",
                 OD_STR_ARG(r->variable->name.text), where.len ? " at " : "",
                 OD_STR_ARG(od_buf_view(&where)), OD_STR_ARG(text));
    od_buf_fini(&where);
    return NULL;
}

/* Whether a number, however it is written, is an integer within 32 bits. */
static bool is_int(struct od_str text)
{
    char digits[64];
    int64_t n;

    if (od_str_to_i64(text, INT32_MIN, INT32_MAX, &n))
        return true;
    if (text.len >= sizeof digits)
        return false;
    memcpy(digits, text.ptr, text.len);
    digits[text.len] = '\0';
    double d = strtod(digits, NULL);
    return d >= INT32_MIN && d <= INT32_MAX && fabs(d - trunc(d)) <= 0.0;
}

static bool fits_scalar(enum od_gql_scalar scalar, const struct od_json *v)
{
    switch (scalar) {
    case OD_GQL_SCALAR_ANY:
        return true;
    case OD_GQL_SCALAR_INT:
        return v->type == OD_JSON_NUMBER && is_int(v->text);
    case OD_GQL_SCALAR_FLOAT:
        return v->type == OD_JSON_NUMBER;
    case OD_GQL_SCALAR_STRING:
    case OD_GQL_SCALAR_TEXT:
        return v->type == OD_JSON_STRING;
    case OD_GQL_SCALAR_BOOLEAN:
        return v->type == OD_JSON_BOOL;
    case OD_GQL_SCALAR_ID:
        return v->type == OD_JSON_STRING || (v->type == OD_JSON_NUMBER && is_int(v->text));
    case OD_GQL_SCALAR_DECIMAL:
        return v->type == OD_JSON_NUMBER || v->type == OD_JSON_STRING;
    }
    return false;
}

static bool fits_enum(const struct od_gql_type *type, const struct od_json *v)
{
    const struct od_gql_enum_value *e = type->values;

    while (e && !od_str_eq(e->name, v->text))
        e = e->next;
    return v->type == OD_JSON_STRING && e;
}

static struct od_json *read_value(const struct reading *r, const struct od_gql_path *path,
                                  const struct od_gql_type *type, const struct od_json *v);

static struct od_json *read_list(const struct reading *r, const struct od_gql_path *path,
                                 const struct od_gql_type *of, const struct od_json *v)
{
    struct od_json *list = new_value(r->arena, OD_JSON_ARRAY), **last = &list->child;
    struct od_gql_path at = {.above = path};

    for (const struct od_json *e = v->child; e; e = e->next, at.index++) {
        struct od_json *item = read_value(r, &at, of, e);
        if (!item)
            return NULL;
        add(list, &last, item);
    }
    return list;
}

static struct od_json *read_input(const struct reading *r, const struct od_gql_path *path,
                                  const struct od_gql_type *type, const struct od_json *v)
{
    struct od_str why;
    const struct place constant = {.arena = r->arena, .why = &why};
    struct od_json *object = new_value(r->arena, OD_JSON_OBJECT), **last = &object->child;

    if (v->type != OD_JSON_OBJECT)
        return refuse(r, path, "Expected an object of type \"%.*s\".", type->name);
    for (const struct od_json *m = v->child; m; m = m->next) {
        if (!od_gql_input_named(type->inputs, m->key))
            return refuse(r, path, "There is no field \"%.*s\".", m->key);
    }
    for (const struct od_gql_input *i = type->inputs; i; i = i->next) {
        const struct od_json *given = od_json_get_str(v, i->name);
        struct od_gql_path at = {.above = path, .key = i->name};
        struct od_json *value = NULL;
        if (!given && !i->fallback) {
            if (i->type->kind == OD_GQL_TYPE_NON_NULL)
                return refuse(r, path, "The field \"%.*s\" must be given.", i->name);
            continue;
        }
        value =
            given ? read_value(r, &at, i->type, given) : literal(&constant, i->type, i->fallback);
        if (!value)
            return given ? NULL : refuse(r, path, "%.*s", why);
        value->key = i->name;
        add(object, &last, value);
    }
    return object;
}

static struct od_json *read_leaf(const struct reading *r, const struct od_gql_path *path,
                                 const struct od_gql_type *type, const struct od_json *v)
{
    if (type->kind == OD_GQL_TYPE_SCALAR ? !fits_scalar(type->scalar, v) : !fits_enum(type, v))
        return refuse(r, path, "Expected a value of type \"%.*s\".", type->name);
    struct od_json *value = copy(r->arena, v);
    if (type->kind == OD_GQL_TYPE_SCALAR && type->scalar == OD_GQL_SCALAR_ID)
        value->type = OD_JSON_STRING;
    return value;
}

static struct od_json *read_value(const struct reading *r, const struct od_gql_path *path,
                                  const struct od_gql_type *type, const struct od_json *v)
{
    if (type->kind == OD_GQL_TYPE_NON_NULL) {
        if (v->type == OD_JSON_NULL)
            return refuse(r, path, "Expected a value of type \"%.*s\", not null.",
                          od_gql_type_text(r->arena, type));
        type = type->of;
    }
    if (v->type == OD_JSON_NULL)
        return new_value(r->arena, OD_JSON_NULL);
    if (type->kind == OD_GQL_TYPE_LIST) {
        if (v->type == OD_JSON_ARRAY)
            return read_list(r, path, type->of, v);
        struct od_json *one = read_value(r, path, type->of, v);
        return one ? wrap(r->arena, one) : NULL;
    }
    return type->kind == OD_GQL_TYPE_INPUT_OBJECT ? read_input(r, path, type, v)
                                                  : read_leaf(r, path, type, v);
}

/* Section 6.1.2, for one variable. */
static int coerce_variable(struct od_gql_variables *out, const struct reading *r,
                           const struct od_json *given)
{
    const struct od_gql_variable *v = r->variable;
    struct od_str why;
    const struct place constant = {.arena = r->arena, .why = &why};
    struct od_json *value;

    if (!given && v->fallback) {
        value = literal(&constant, v->type, v->fallback);
        if (!value)
            refuse(r, NULL, "%.*s", why);
    } else if (!given) {
        if (v->type->kind != OD_GQL_TYPE_NON_NULL)
            return 0;
        od_gql_fault(r->faults, OD_GQL_REQUEST, v->at,
                     "Variable \"$%.*s\" of required type \"%.*s\" was not provided.",
                     OD_STR_ARG(v->name.text), OD_STR_ARG(od_gql_type_text(r->arena, v->type)));
        return -1;
    } else {
        value = read_value(r, NULL, v->type, given);
    }
    if (!value)
        return -1;
    od_map_put(&out->by_name, v->name.text, value);
    return 0;
}

int od_gql_coerce_variables(struct od_gql_variables *out, struct od_arena *a,
                            const struct od_gql_definition *operation, const struct od_json *given,
                            struct od_gql_faults *faults)
{
    int failed = 0;

    for (const struct od_gql_variable *v = operation->variables; v; v = v->next) {
        const struct reading r = {.arena = a, .faults = faults, .variable = v};
        const struct od_json *value = given ? od_json_get_str(given, v->name.text) : NULL;
        failed |= coerce_variable(out, &r, value);
    }
    return failed ? -1 : 0;
}
