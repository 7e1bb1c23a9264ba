#include "read/graphql/check.h"

/* The walk over a document: rules that look at one node and its surroundings. */

enum { WORK = 400000 };

bool od_gql_work(struct od_gql_check *c, uint32_t n)
{
    if (c->work_left > n) {
        c->work_left -= n;
        return true;
    }
    if (c->work_left)
        od_gql_fault(c->faults, OD_GQL_LIMIT, 0, "The document is too complex to be checked.");
    c->work_left = 0;
    return false;
}

static void check_repetition(struct od_gql_check *c, const struct od_gql_directive *first,
                             const struct od_gql_directive *d)
{
    for (const struct od_gql_directive *before = first; before != d; before = before->next) {
        if (!od_gql_work(c, 1))
            return;
        if (od_str_eq(before->name.text, d->name.text)) {
            od_gql_fault_at_two(c->faults, OD_GQL_UNIQUE_DIRECTIVES_PER_LOCATION, before->at, d->at,
                                "The directive \"@%.*s\" can only be used once at this location.",
                                OD_STR_ARG(d->name.text));
            return;
        }
    }
}

static void check_directives(struct od_gql_check *c, const struct od_gql_directive *first,
                             enum od_gql_directive_place place)
{
    for (const struct od_gql_directive *d = first; d; d = d->next) {
        const struct od_gql_directive_type *t = od_gql_directive_named(c->schema, d->name.text);
        if (!t)
            od_gql_fault(c->faults, OD_GQL_KNOWN_DIRECTIVES, d->at, "Unknown directive \"@%.*s\".",
                         OD_STR_ARG(d->name.text));
        else if (!(t->places & 1U << place))
            od_gql_fault(c->faults, OD_GQL_KNOWN_DIRECTIVES, d->at,
                         "Directive \"@%.*s\" may not be used on %s.", OD_STR_ARG(d->name.text),
                         od_gql_place_names[place]);
        if (t && !t->repeatable)
            check_repetition(c, first, d);
        od_gql_check_arguments(
            c, d->arguments, t, t ? t->arguments : NULL, d->at,
            od_arena_printf(c->arena, "directive \"@%.*s\"", OD_STR_ARG(d->name.text)));
    }
}

/* The composite type that a condition names; NULL: there is none, which is a fault. */
static const struct od_gql_type *condition(struct od_gql_check *c, const struct od_gql_name *on)
{
    const struct od_gql_type *t = od_gql_type_named(c->schema, on->text);

    if (!t)
        od_gql_fault(c->faults, OD_GQL_KNOWN_TYPE_NAMES, on->at, "Unknown type \"%.*s\".",
                     OD_STR_ARG(on->text));
    else if (!od_gql_is_composite(t))
        od_gql_fault(c->faults, OD_GQL_FRAGMENTS_ON_COMPOSITE_TYPES, on->at,
                     "Fragment cannot condition on non composite type \"%.*s\".",
                     OD_STR_ARG(on->text));
    return t && od_gql_is_composite(t) ? t : NULL;
}

static void check_possible(struct od_gql_check *c, const struct od_gql_selection *s,
                           const struct od_gql_type *parent, const struct od_gql_type *type)
{
    if (!parent || !type || od_gql_types_overlap(parent, type))
        return;
    od_gql_fault(c->faults, OD_GQL_POSSIBLE_FRAGMENT_SPREADS, s->at,
                 "Fragment cannot be spread here as objects of type \"%.*s\" can never be of type "
                 "\"%.*s\".",
                 OD_STR_ARG(parent->name), OD_STR_ARG(type->name));
}

static void check_selections(struct od_gql_check *c, struct od_gql_selection *first,
                             const struct od_gql_type *parent);

static void check_leaf(struct od_gql_check *c, const struct od_gql_selection *s)
{
    struct od_str type;

    if (od_gql_is_leaf(s->type) == !s->has_selections)
        return;
    type = od_gql_type_text(c->arena, s->field->type);
    if (s->has_selections)
        od_gql_fault(c->faults, OD_GQL_SCALAR_LEAFS, s->at,
                     "Field \"%.*s\" must not have a selection since type \"%.*s\" has no "
                     "subfields.",
                     OD_STR_ARG(s->name.text), OD_STR_ARG(type));
    else
        od_gql_fault(c->faults, OD_GQL_SCALAR_LEAFS, s->at,
                     "Field \"%.*s\" of type \"%.*s\" must have a selection of subfields. Did you "
                     "mean \"%.*s { ... }\"?",
                     OD_STR_ARG(s->name.text), OD_STR_ARG(type), OD_STR_ARG(s->name.text));
}

static void check_field(struct od_gql_check *c, struct od_gql_selection *s)
{
    struct od_str owner = s->parent ? s->parent->name : OD_STR("?");

    s->field = s->parent ? od_gql_field_named(c->schema, s->parent, s->name.text) : NULL;
    s->type = s->field ? od_gql_named_type(s->field->type) : NULL;
    if (s->parent && !s->field)
        od_gql_fault(c->faults, OD_GQL_FIELDS_ON_CORRECT_TYPE, s->at,
                     "Cannot query field \"%.*s\" on type \"%.*s\".", OD_STR_ARG(s->name.text),
                     OD_STR_ARG(owner));
    if (s->field)
        check_leaf(c, s);
    od_gql_check_arguments(c, s->arguments, s->field, s->field ? s->field->arguments : NULL, s->at,
                           od_arena_printf(c->arena, "field \"%.*s.%.*s\"", OD_STR_ARG(owner),
                                           OD_STR_ARG(s->name.text)));
    check_directives(c, s->directives, OD_GQL_ON_FIELD);
    /* Below a leaf nothing is known; that it has selections is a fault already. */
    if (s->has_selections)
        check_selections(c, s->selections,
                         s->type && od_gql_is_composite(s->type) ? s->type : NULL);
}

static void check_spread(struct od_gql_check *c, struct od_gql_selection *s)
{
    struct od_gql_uses *uses = od_gql_uses_of(c, s->name.text);
    struct od_gql_spread *spread = OD_NEW(c->arena, struct od_gql_spread);
    const struct od_gql_type *on;

    check_directives(c, s->directives, OD_GQL_ON_FRAGMENT_SPREAD);
    if (!uses) {
        od_gql_fault(c->faults, OD_GQL_KNOWN_FRAGMENT_NAMES, s->name.at,
                     "Unknown fragment \"%.*s\".", OD_STR_ARG(s->name.text));
        return;
    }
    s->fragment = uses->definition;
    spread->selection = s;
    *c->at->last_spread = spread;
    c->at->last_spread = &spread->next;
    on = od_gql_type_named(c->schema, s->fragment->on.text);
    check_possible(c, s, s->parent, on && od_gql_is_composite(on) ? on : NULL);
}

static void check_inline(struct od_gql_check *c, struct od_gql_selection *s)
{
    s->type = s->on.text.ptr ? condition(c, &s->on) : s->parent;
    check_directives(c, s->directives, OD_GQL_ON_INLINE_FRAGMENT);
    check_possible(c, s, s->parent, s->type);
    check_selections(c, s->selections, s->type);
}

static void check_selections(struct od_gql_check *c, struct od_gql_selection *first,
                             const struct od_gql_type *parent)
{
    for (struct od_gql_selection *s = first; s; s = s->next) {
        s->parent = parent;
        switch (s->kind) {
        case OD_GQL_FIELD:
            check_field(c, s);
            break;
        case OD_GQL_FRAGMENT_SPREAD:
            check_spread(c, s);
            break;
        case OD_GQL_INLINE_FRAGMENT:
            check_inline(c, s);
            break;
        }
    }
}

static const struct od_gql_type_ref *named(const struct od_gql_type_ref *ref)
{
    while (ref->of)
        ref = ref->of;
    return ref;
}

static void check_variable(struct od_gql_check *c, struct od_gql_variable *v)
{
    const struct od_gql_type_ref *name = named(v->ref);

    v->type = od_gql_type_referred(c->schema, c->arena, v->ref);
    if (!v->type) {
        od_gql_fault(c->faults, OD_GQL_KNOWN_TYPE_NAMES, name->at, "Unknown type \"%.*s\".",
                     OD_STR_ARG(name->name));
    } else if (!od_gql_is_input(v->type)) {
        od_gql_fault(c->faults, OD_GQL_VARIABLES_ARE_INPUT_TYPES, v->ref->at,
                     "Variable \"$%.*s\" cannot be non-input type \"%.*s\".",
                     OD_STR_ARG(v->name.text), OD_STR_ARG(od_gql_type_text(c->arena, v->type)));
    }
    if (v->fallback)
        od_gql_check_value(c, v->fallback, v->type && od_gql_is_input(v->type) ? v->type : NULL,
                           false);
    check_directives(c, v->directives, OD_GQL_ON_VARIABLE_DEFINITION);
}

static void check_definition(struct od_gql_check *c, struct od_gql_definition *d)
{
    static const enum od_gql_directive_place places[OD_GQL_OPERATIONS] = {
        [OD_GQL_QUERY] = OD_GQL_ON_QUERY,
        [OD_GQL_MUTATION] = OD_GQL_ON_MUTATION,
        [OD_GQL_SUBSCRIPTION] = OD_GQL_ON_SUBSCRIPTION,
    };

    for (struct od_gql_variable *v = d->variables; v; v = v->next)
        check_variable(c, v);
    d->type = d->is_fragment ? condition(c, &d->on) : c->schema->roots[d->operation];
    check_directives(c, d->directives,
                     d->is_fragment ? OD_GQL_ON_FRAGMENT_DEFINITION : places[d->operation]);
    check_selections(c, d->selections, d->type);
}

/* Names: 5.2.1.1, 5.2.2.1, 5.5.1.1. */
static void check_names(struct od_gql_check *c)
{
    struct od_map operations;
    uint32_t count = 0;

    od_map_init(&operations);
    for (const struct od_gql_definition *d = c->document->definitions; d; d = d->next)
        count += !d->is_fragment;
    for (uint32_t i = 0; i < c->use_count; i++) {
        struct od_gql_definition *d = c->uses[i].definition;
        struct od_map *names = d->is_fragment ? &c->fragments : &operations;
        if (!d->is_fragment && !d->name.text.ptr) {
            if (count > 1)
                od_gql_fault(c->faults, OD_GQL_LONE_ANONYMOUS_OPERATION, d->at,
                             "This anonymous operation must be the only defined operation.");
            continue;
        }
        const struct od_gql_uses *first = od_map_get(names, d->name.text);
        od_map_put(names, d->name.text, &c->uses[i]); /* the last one counts, as in graphql-js */
        if (first)
            od_gql_fault_at_two(
                c->faults,
                d->is_fragment ? OD_GQL_UNIQUE_FRAGMENT_NAMES : OD_GQL_UNIQUE_OPERATION_NAMES,
                first->definition->name.at, d->name.at, "There can be only one %s named \"%.*s\".",
                d->is_fragment ? "fragment" : "operation", OD_STR_ARG(d->name.text));
    }
    od_map_fini(&operations);
}

static void list_definitions(struct od_gql_check *c)
{
    struct od_gql_definition *d;
    uint32_t n = 0;

    for (d = c->document->definitions; d; d = d->next)
        n++;
    c->uses = OD_NEW_ARRAY(c->arena, struct od_gql_uses, n);
    for (d = c->document->definitions; d; d = d->next) {
        struct od_gql_uses *u = &c->uses[c->use_count++];
        u->definition = d;
        u->last_usage = &u->usages;
        u->last_spread = &u->spreads;
    }
}

void od_gql_validate(const struct od_gql_schema *schema, struct od_gql_document *document,
                     struct od_arena *a, struct od_gql_faults *faults)
{
    struct od_gql_check c = {
        .schema = schema,
        .document = document,
        .arena = a,
        .faults = faults,
        .work_left = WORK,
    };

    od_map_init(&c.fragments);
    list_definitions(&c);
    check_names(&c);
    for (uint32_t i = 0; i < c.use_count; i++) {
        c.at = &c.uses[i];
        check_definition(&c, c.at->definition);
    }
    od_gql_check_fragments(&c);
    od_gql_check_variables(&c);
    for (uint32_t i = 0; i < c.use_count; i++)
        od_gql_check_subscription(&c, c.uses[i].definition);
    od_gql_check_merging(&c);
    od_map_fini(&c.fragments);
}
