#include "read/graphql/check.h"

/*
 * Rules that follow fragments: variables are used and defined across them (5.8), they form no
 * circle and each is used (5.5.1.4, 5.5.2.2), and a subscription has one root field (5.2.3.1).
 */

struct od_gql_uses *od_gql_uses_of(const struct od_gql_check *c, struct od_str fragment)
{
    return od_map_get(&c->fragments, fragment);
}

/* Lists the definition and every fragment that it reaches in found[], each once. `mark` is a number
 * that no walk before had. */
static uint32_t reach(struct od_gql_check *c, struct od_gql_uses *from, struct od_gql_uses **found,
                      uint32_t mark)
{
    uint32_t count = 0;

    from->definition->mark = mark;
    found[count++] = from;
    for (uint32_t i = 0; i < count; i++) {
        for (const struct od_gql_spread *s = found[i]->spreads; s; s = s->next) {
            struct od_gql_definition *d = s->selection->fragment;
            if (!od_gql_work(c, 1))
                return count;
            if (d->mark == mark)
                continue;
            d->mark = mark;
            found[count++] = od_gql_uses_of(c, d->name.text);
        }
    }
    return count;
}

static bool is_subtype(const struct od_gql_type *sub, const struct od_gql_type *super)
{
    if (super->kind == OD_GQL_TYPE_NON_NULL)
        return sub->kind == OD_GQL_TYPE_NON_NULL && is_subtype(sub->of, super->of);
    if (sub->kind == OD_GQL_TYPE_NON_NULL)
        return is_subtype(sub->of, super);
    if (sub->kind == OD_GQL_TYPE_LIST && super->kind == OD_GQL_TYPE_LIST)
        return is_subtype(sub->of, super->of);
    return od_gql_type_equal(sub, super);
}

/* 5.8.5, IsVariableUsageAllowed(). */
static bool fits(const struct od_gql_variable *v, const struct od_gql_usage *u)
{
    const struct od_gql_type *place = u->type;
    bool default_helps = v->fallback && v->fallback->kind != OD_GQL_VALUE_NULL;

    if (place->kind == OD_GQL_TYPE_NON_NULL && v->type->kind != OD_GQL_TYPE_NON_NULL &&
        (default_helps || u->has_default))
        place = place->of;
    return is_subtype(v->type, place);
}

static void check_usage(struct od_gql_check *c, const struct od_gql_definition *operation,
                        const struct od_map *variables, const struct od_gql_usage *u)
{
    const struct od_gql_variable *v = od_map_get(variables, u->value->text);

    if (!v)
        od_gql_fault_at_two(c->faults, OD_GQL_NO_UNDEFINED_VARIABLES, u->value->at, operation->at,
                            "Variable \"$%.*s\" is not defined.", OD_STR_ARG(u->value->text));
    else if (v->type && u->type && !fits(v, u))
        od_gql_fault_at_two(
            c->faults, OD_GQL_VARIABLES_IN_ALLOWED_POSITION, v->at, u->value->at,
            "Variable \"$%.*s\" of type \"%.*s\" used in position expecting type \"%.*s\".",
            OD_STR_ARG(u->value->text), OD_STR_ARG(od_gql_type_text(c->arena, v->type)),
            OD_STR_ARG(od_gql_type_text(c->arena, u->type)));
}

/* Returns how many definitions it reaches; they are in found[]. */
static uint32_t check_operation(struct od_gql_check *c, struct od_gql_uses *operation,
                                struct od_gql_uses **found, uint32_t mark)
{
    struct od_map variables, used;
    const struct od_gql_definition *d = operation->definition;
    uint32_t count = reach(c, operation, found, mark);

    od_map_init(&variables);
    od_map_init(&used);
    for (struct od_gql_variable *v = d->variables; v; v = v->next) {
        const struct od_gql_variable *first = od_map_get(&variables, v->name.text);
        if (first)
            od_gql_fault_at_two(c->faults, OD_GQL_UNIQUE_VARIABLE_NAMES, first->name.at, v->name.at,
                                "There can be only one variable named \"$%.*s\".",
                                OD_STR_ARG(v->name.text));
        od_map_put(&variables, v->name.text, v); /* the last one counts, as in graphql-js */
    }
    for (uint32_t i = 0; i < count; i++) {
        for (struct od_gql_usage *u = found[i]->usages; u && od_gql_work(c, 1); u = u->next) {
            od_map_put(&used, u->value->text, u);
            check_usage(c, d, &variables, u);
        }
    }
    for (const struct od_gql_variable *v = d->variables; v; v = v->next) {
        if (!od_map_get(&used, v->name.text))
            od_gql_fault(c->faults, OD_GQL_NO_UNUSED_VARIABLES, v->at,
                         "Variable \"$%.*s\" is never used.", OD_STR_ARG(v->name.text));
    }
    od_map_fini(&variables);
    od_map_fini(&used);
    return count;
}

void od_gql_check_variables(struct od_gql_check *c)
{
    struct od_gql_uses **found = OD_NEW_ARRAY(c->arena, struct od_gql_uses *, c->use_count + 1);
    struct od_map used;

    od_map_init(&used);
    for (uint32_t i = 0; i < c->use_count; i++) {
        if (c->uses[i].definition->is_fragment)
            continue;
        uint32_t count = check_operation(c, &c->uses[i], found, i + 1);
        for (uint32_t n = 1; n < count; n++)
            od_map_put(&used, found[n]->definition->name.text, found[n]);
    }
    for (uint32_t i = 0; i < c->use_count; i++) {
        const struct od_gql_definition *d = c->uses[i].definition;
        if (d->is_fragment && !od_map_get(&used, d->name.text))
            od_gql_fault(c->faults, OD_GQL_NO_UNUSED_FRAGMENTS, d->at,
                         "Fragment \"%.*s\" is never used.", OD_STR_ARG(d->name.text));
    }
    od_map_fini(&used);
}

/* A fragment on the path of a search for circles. */
struct step {
    struct od_gql_uses *uses;
    const struct od_gql_spread *next;
};

enum { UNSEEN = 0, ON_PATH = UINT32_MAX - 1, DONE = UINT32_MAX };

/* A search in depth with a stack of its own: a chain of fragments may be as long as the document.
 * The marks of walks over uses begin above 0 and stay below ON_PATH. */
static void search(struct od_gql_check *c, struct od_gql_uses *from, struct step *path)
{
    uint32_t depth = 1;

    path[0] = (struct step){from, from->spreads};
    from->definition->mark = ON_PATH;
    while (depth) {
        struct step *top = &path[depth - 1];
        const struct od_gql_spread *s = top->next;
        if (!s) {
            top->uses->definition->mark = DONE;
            depth--;
            continue;
        }
        top->next = s->next;
        struct od_gql_definition *d = s->selection->fragment;
        if (d->mark == ON_PATH) {
            od_gql_fault(c->faults, OD_GQL_NO_FRAGMENT_CYCLES, s->selection->at,
                         "Cannot spread fragment \"%.*s\" within itself.",
                         OD_STR_ARG(d->name.text));
        } else if (d->mark == UNSEEN) {
            struct od_gql_uses *uses = od_gql_uses_of(c, d->name.text);
            d->mark = ON_PATH;
            path[depth++] = (struct step){uses, uses->spreads};
        }
    }
}

void od_gql_check_fragments(struct od_gql_check *c)
{
    struct step *path = OD_NEW_ARRAY(c->arena, struct step, c->use_count + 1);

    for (uint32_t i = 0; i < c->use_count; i++) {
        if (c->uses[i].definition->is_fragment && c->uses[i].definition->mark == UNSEEN)
            search(c, &c->uses[i], path);
    }
    for (uint32_t i = 0; i < c->use_count; i++)
        c->uses[i].definition->mark = UNSEEN;
}

/* The fields at the root of a subscription. */
struct roots {
    struct od_gql_check *check;
    const struct od_gql_type *type;
    struct od_gql_selection *first; /* NULL: none was seen yet */
    uint32_t mark;
};

static bool is_left_out(const struct od_gql_directive *d)
{
    for (; d; d = d->next) {
        const struct od_gql_value *v = d->arguments ? d->arguments->value : NULL;
        if (!v || v->kind != OD_GQL_VALUE_BOOLEAN)
            continue;
        if ((od_str_is(d->name.text, "skip") && v->boolean) ||
            (od_str_is(d->name.text, "include") && !v->boolean))
            return true;
    }
    return false;
}

static struct od_str response_name(const struct od_gql_selection *s)
{
    return s->alias.text.ptr ? s->alias.text : s->name.text;
}

static void check_root(struct roots *r, struct od_gql_selection *s)
{
    if (od_str_starts_with(s->name.text, OD_STR("__")))
        od_gql_fault(r->check->faults, OD_GQL_SINGLE_FIELD_SUBSCRIPTIONS, s->at,
                     "A subscription must not select an introspection top level field.");
    if (!r->first)
        r->first = s;
    else if (!od_str_eq(response_name(r->first), response_name(s)))
        od_gql_fault_at_two(r->check->faults, OD_GQL_SINGLE_FIELD_SUBSCRIPTIONS, r->first->at,
                            s->at, "A subscription must select only one top level field.");
}

static void check_roots(struct roots *r, struct od_gql_selection *first)
{
    for (struct od_gql_selection *s = first; s && od_gql_work(r->check, 1); s = s->next) {
        if (is_left_out(s->directives))
            continue;
        if (s->kind == OD_GQL_FIELD) {
            check_root(r, s);
        } else if (s->kind == OD_GQL_INLINE_FRAGMENT) {
            if (s->type && od_gql_types_overlap(s->type, r->type))
                check_roots(r, s->selections);
        } else if (s->fragment && s->fragment->mark != r->mark) {
            s->fragment->mark = r->mark;
            if (s->fragment->type && od_gql_types_overlap(s->fragment->type, r->type))
                check_roots(r, s->fragment->selections);
        }
    }
}

void od_gql_check_subscription(struct od_gql_check *c, const struct od_gql_definition *d)
{
    if (d->is_fragment || d->operation != OD_GQL_SUBSCRIPTION || !d->type)
        return;
    struct roots r = {.check = c, .type = d->type, .mark = UINT32_MAX};
    for (uint32_t i = 0; i < c->use_count; i++)
        c->uses[i].definition->mark = 0;
    check_roots(&r, d->selections);
}
