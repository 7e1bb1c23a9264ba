#include "read/graphql/run/plan.h"

#include "base/assert.h"

enum { LIST_GUESS = 5, LIST_MAX = 200 };

struct planning {
    struct od_arena *arena;
    const struct od_gql_schema *schema;
    const struct od_gql_variables *variables;
    const struct od_gql_plan_limits *limits;
    struct od_gql_faults *faults;
    uint32_t fields_left, depth;
    uint32_t mark;
    bool over; /* a limit was reached, which is a fault already */
};

/* The selections of one response key. */
struct group {
    struct od_gql_selection **fields;
    size_t count, cap;
    struct group *next;
};

struct groups {
    struct od_map by_key;
    struct group *first, **last;
};

static bool over(struct planning *p, uint32_t at, const char *what, uint64_t most)
{
    if (!p->over)
        od_gql_fault(p->faults, OD_GQL_LIMIT, at, "The operation %s %llu.", what,
                     (unsigned long long)most);
    p->over = true;
    return false;
}

/* The argument `if` of @skip or @include, which validation has found to be a Boolean!. */
static bool condition(struct planning *p, const struct od_gql_directive *d)
{
    const struct od_gql_value *v = d->arguments->value;

    if (v->kind != OD_GQL_VALUE_VARIABLE)
        return v->boolean;
    const struct od_json *value = od_map_get(&p->variables->by_name, v->text);
    return value && value->boolean;
}

static bool is_left_out(struct planning *p, const struct od_gql_directive *d)
{
    for (; d; d = d->next) {
        if ((od_str_is(d->name.text, "skip") && condition(p, d)) ||
            (od_str_is(d->name.text, "include") && !condition(p, d)))
            return true;
    }
    return false;
}

static void put(struct planning *p, struct groups *g, struct od_gql_selection *s)
{
    struct od_str key = s->alias.text.ptr ? s->alias.text : s->name.text;
    struct group *group = od_map_get(&g->by_key, key);

    if (!group) {
        group = OD_NEW(p->arena, struct group);
        od_map_put(&g->by_key, key, group);
        *g->last = group;
        g->last = &group->next;
    }
    group->fields = od_arena_grow(p->arena, group->fields, group->count, &group->cap,
                                  sizeof(struct od_gql_selection *));
    group->fields[group->count++] = s;
}

/* CollectFields() of section 6.3.2. Fragments that apply to no object of the type are valid only
 * under abstract types. */
static void collect(struct planning *p, struct groups *g, struct od_gql_selection *first)
{
    for (struct od_gql_selection *s = first; s && !p->over; s = s->next) {
        if (!p->fields_left--) {
            p->fields_left = 0;
            over(p, s->at, "selects more fields, aliases and fragments than", p->limits->fields);
            return;
        }
        if (is_left_out(p, s->directives))
            continue;
        if (s->kind == OD_GQL_FIELD) {
            put(p, g, s);
        } else if (s->kind == OD_GQL_INLINE_FRAGMENT) {
            collect(p, g, s->selections);
        } else if (s->fragment->mark != p->mark) {
            s->fragment->mark = p->mark;
            collect(p, g, s->fragment->selections);
        }
    }
}

static bool is_list(const struct od_gql_type *t)
{
    for (; t; t = t->of) {
        if (t->kind == OD_GQL_TYPE_LIST)
            return true;
    }
    return false;
}

/* How many elements a field may have below it. */
static uint64_t times(const struct od_gql_plan_field *f)
{
    int64_t n = 0;
    const struct od_json *limit = f->arguments ? od_json_get(f->arguments, "limit") : NULL;

    if (!limit && f->arguments)
        limit = od_json_get(f->arguments, "last");
    if (!limit)
        return is_list(f->field->type) ? LIST_GUESS : 1;
    /* Null, or more than there may be: whatever becomes of it, it is no more than this. */
    return od_json_i64(limit, 0, LIST_MAX, &n) ? (uint64_t)n : LIST_MAX;
}

/* A field at the root, and a list of orders wherever it stands, is a read of its own. */
static bool is_read(const struct planning *p, const struct od_gql_type *type)
{
    return p->depth == 1 || od_str_is(type->name, "OrderCollection");
}

static const struct od_gql_plan *plan_selections(struct planning *p, const struct od_gql_type *type,
                                                 struct group *of, uint64_t *cost);

static struct od_gql_plan_field *plan_field(struct planning *p, struct group *g, uint64_t *cost)
{
    struct od_gql_selection *s = g->fields[0];
    struct od_gql_plan_field *f = OD_NEW(p->arena, struct od_gql_plan_field);
    const struct od_gql_type *type = od_gql_named_type(s->field->type);
    uint64_t below = 0;

    f->key = s->alias.text.ptr ? s->alias.text : s->name.text;
    f->member = od_arena_printf(p->arena, "\"%.*s\":", OD_STR_ARG(f->key));
    f->field = s->field;
    f->at = s->at;
    f->arguments =
        od_gql_coerce_arguments(p->arena, s->field->arguments, s->arguments, p->variables, &f->why);
    if (s->has_selections)
        f->below = plan_selections(p, type, g, &below);
    *cost += 1 + times(f) * below;
    if (is_read(p, type))
        *cost += OD_GQL_ROOT_COST;
    if (*cost > p->limits->cost)
        over(p, s->at, "may cost more than", p->limits->cost);
    return f;
}

/* The plan of everything that is selected below the fields of a group. */
static const struct od_gql_plan *plan_selections(struct planning *p, const struct od_gql_type *type,
                                                 struct group *of, uint64_t *cost)
{
    struct od_gql_plan *plan = OD_NEW(p->arena, struct od_gql_plan);
    struct od_gql_plan_field **last = &plan->fields;
    struct groups groups = {.last = &groups.first};

    OD_ASSERT(type->kind == OD_GQL_TYPE_OBJECT);
    plan->type = type;
    if (p->depth >= p->limits->depth) {
        over(p, of->fields[0]->at, "nests objects deeper than", p->limits->depth);
        return plan;
    }
    p->depth++;
    p->mark++;
    od_map_init(&groups.by_key);
    for (size_t i = 0; i < of->count; i++)
        collect(p, &groups, of->fields[i]->selections);
    od_map_fini(&groups.by_key);
    for (struct group *g = groups.first; g && !p->over; g = g->next) {
        *last = plan_field(p, g, cost);
        last = &(*last)->next;
    }
    p->depth--;
    return plan;
}

/* Marks of earlier walks over a document, which may be run again and again. */
static void clear_marks(const struct od_gql_document *document)
{
    for (struct od_gql_definition *d = document->definitions; d; d = d->next)
        d->mark = 0;
}

const struct od_gql_plan *od_gql_plan(struct od_arena *a, const struct od_gql_schema *schema,
                                      const struct od_gql_document *document,
                                      const struct od_gql_definition *operation,
                                      const struct od_gql_variables *variables,
                                      const struct od_gql_plan_limits *limits,
                                      struct od_gql_faults *faults, uint64_t *cost)
{
    struct planning p = {
        .arena = a,
        .schema = schema,
        .variables = variables,
        .limits = limits,
        .faults = faults,
        .fields_left = limits->fields,
    };
    struct od_gql_selection root = {.at = operation->at, .selections = operation->selections};
    struct od_gql_selection *fields[] = {&root};
    struct group whole = {.fields = fields, .count = 1};

    *cost = 0;
    clear_marks(document);
    const struct od_gql_plan *plan = plan_selections(&p, operation->type, &whole, cost);
    return p.over ? NULL : plan;
}

const struct od_gql_plan_field *od_gql_plan_named(const struct od_gql_plan *plan, const char *name)
{
    const struct od_gql_plan_field *f = plan ? plan->fields : NULL;

    while (f && !od_str_is(f->field->name, name))
        f = f->next;
    return f;
}
