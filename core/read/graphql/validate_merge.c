#include "read/graphql/check.h"
#include "read/graphql/print.h"

#include <stdlib.h>

/*
 * Rule 5.3.2: fields with the same response name can be merged.
 *
 * The specification compares all pairs of fields, and the pairs below each pair. Here all fields of
 * one response name are looked at as a group: that two of them fit is an equivalence, so each is
 * compared with the first, and what is selected below them is one set that is checked in the same
 * way. It is done twice. The first pass asks all fields of a group for the same shape, whatever
 * type they are on. The second asks those that can be on the same object for the same field and the
 * same arguments. (Simon Adameit described this for Sangria in 2019.) A set of selections that was
 * checked before is not checked again, so fragments within fragments cost no more than their text,
 * and circles end.
 */

enum pass { SHAPES = 0, ARGUMENTS, PASSES };

enum { DEPTH = 200 };

struct merge {
    struct od_gql_check *check;
    struct od_map seen[PASSES]; /* the bytes of a sorted array of selections -> itself */
    uint32_t mark;
    uint32_t depth;
};

/* The first selections of some sets. */
struct sets {
    struct od_gql_selection **first;
    size_t count, cap;
};

/* The fields of one response name. */
struct group {
    struct od_gql_selection **fields;
    size_t count, cap;
    struct group *next;
};

struct groups {
    struct od_map by_name;
    struct group *first, **last;
};

/* A chain of fragments may be as long as the document, and must not use up the stack. */
static bool go_down(struct merge *m)
{
    if (m->depth >= DEPTH)
        return od_gql_work(m->check, UINT32_MAX); /* a fault, and the end of the work */
    m->depth++;
    return true;
}

static struct od_str response_name(const struct od_gql_selection *s)
{
    return s->alias.text.ptr ? s->alias.text : s->name.text;
}

static void put_field(struct merge *m, struct groups *g, struct od_gql_selection *s)
{
    struct od_arena *a = m->check->arena;
    struct od_str name = response_name(s);
    struct group *group = od_map_get(&g->by_name, name);

    if (!group) {
        group = OD_NEW(a, struct group);
        od_map_put(&g->by_name, name, group);
        *g->last = group;
        g->last = &group->next;
    }
    group->fields = od_arena_grow(a, group->fields, group->count, &group->cap,
                                  sizeof(struct od_gql_selection *));
    group->fields[group->count++] = s;
}

/* Collects the fields of a set, those of its fragments among them. */
static void collect(struct merge *m, struct groups *g, struct od_gql_selection *first)
{
    for (struct od_gql_selection *s = first; s && od_gql_work(m->check, 1); s = s->next) {
        if (s->kind == OD_GQL_FIELD) {
            put_field(m, g, s);
        } else if (s->kind == OD_GQL_INLINE_FRAGMENT) {
            collect(m, g, s->selections);
        } else if (s->fragment && s->fragment->mark != m->mark && go_down(m)) {
            s->fragment->mark = m->mark;
            collect(m, g, s->fragment->selections);
            m->depth--;
        }
    }
}

static int compare_pointers(const void *x, const void *y)
{
    uintptr_t p = (uintptr_t) * (void *const *)x, q = (uintptr_t) * (void *const *)y;

    return p < q ? -1 : p > q;
}

/* Whether these sets together were checked in this pass before; they are from now on. */
static bool was_seen(struct merge *m, enum pass pass, struct sets *sets)
{
    size_t n = 0;

    qsort(sets->first, sets->count, sizeof *sets->first, compare_pointers);
    for (size_t i = 0; i < sets->count; i++) {
        if (!n || sets->first[n - 1] != sets->first[i])
            sets->first[n++] = sets->first[i];
    }
    sets->count = n;
    struct od_str key = od_str_n((const char *)sets->first, n * sizeof *sets->first);
    if (od_map_get(&m->seen[pass], key))
        return true;
    od_map_put(&m->seen[pass], key, sets);
    return false;
}

static int compare_values(const void *x, const void *y)
{
    return od_str_cmp((*(struct od_gql_value *const *)x)->name.text,
                      (*(struct od_gql_value *const *)y)->name.text);
}

static bool same_value(const struct od_gql_value *x, const struct od_gql_value *y);

static struct od_gql_value **sorted_members(const struct od_gql_value *v, size_t *count)
{
    struct od_gql_value **members;

    *count = 0;
    for (const struct od_gql_value *m = v->child; m; m = m->next)
        ++*count;
    members = malloc((*count + 1) * sizeof *members);
    if (!members)
        abort();
    *count = 0;
    for (struct od_gql_value *m = v->child; m; m = m->next)
        members[(*count)++] = m;
    qsort(members, *count, sizeof *members, compare_values);
    return members;
}

static bool same_objects(const struct od_gql_value *x, const struct od_gql_value *y)
{
    size_t n, k;
    struct od_gql_value **xs = sorted_members(x, &n), **ys = sorted_members(y, &k);
    bool same = n == k;

    for (size_t i = 0; same && i < n; i++)
        same = od_str_eq(xs[i]->name.text, ys[i]->name.text) && same_value(xs[i], ys[i]);
    free(xs);
    free(ys);
    return same;
}

static bool same_value(const struct od_gql_value *x, const struct od_gql_value *y)
{
    if (x->kind != y->kind || !od_str_eq(x->text, y->text))
        return false;
    if (x->kind == OD_GQL_VALUE_OBJECT)
        return same_objects(x, y);
    x = x->child;
    y = y->child;
    while (x && y && same_value(x, y)) {
        x = x->next;
        y = y->next;
    }
    return !x && !y;
}

static bool same_arguments(const struct od_gql_selection *x, const struct od_gql_selection *y)
{
    size_t left = 0;

    for (const struct od_gql_argument *a = y->arguments; a; a = a->next)
        left++;
    for (const struct od_gql_argument *a = x->arguments; a; a = a->next, left--) {
        const struct od_gql_argument *b = y->arguments;
        while (b && !od_str_eq(a->name.text, b->name.text))
            b = b->next;
        if (!b || !left || !same_value(a->value, b->value))
            return false;
    }
    return left == 0;
}

/* Whether the types cannot be of one shape. */
static bool types_conflict(const struct od_gql_type *x, const struct od_gql_type *y)
{
    for (; x->of && y->of; x = x->of, y = y->of) {
        if (x->kind != y->kind)
            return true;
    }
    if (x->of || y->of)
        return true;
    return (od_gql_is_leaf(x) || od_gql_is_leaf(y)) && x != y;
}

static void fault(struct merge *m, const struct od_gql_selection *x,
                  const struct od_gql_selection *y, const char *why)
{
    struct od_str name = response_name(x);

    od_gql_fault_at_two(m->check->faults, OD_GQL_OVERLAPPING_FIELDS_CAN_BE_MERGED, x->at, y->at,
                        "Fields \"%.*s\" conflict because %s. Use different aliases on the fields "
                        "to fetch both if this was intentional.",
                        OD_STR_ARG(name), why);
}

static void check_shapes(struct merge *m, const struct group *g)
{
    const struct od_gql_selection *first = NULL;

    for (size_t i = 0; i < g->count; i++) {
        const struct od_gql_selection *s = g->fields[i];
        if (!s->field)
            continue;
        if (!first)
            first = s;
        else if (types_conflict(first->field->type, s->field->type)) {
            fault(m, first, s, "they return conflicting types");
            return;
        }
    }
}

static void check_arguments(struct merge *m, const struct group *g)
{
    const struct od_gql_selection *first = g->count ? g->fields[0] : NULL;

    for (size_t i = 1; i < g->count && od_gql_work(m->check, 1); i++) {
        const struct od_gql_selection *s = g->fields[i];
        if (!od_str_eq(first->name.text, s->name.text)) {
            fault(m, first, s, "they are different fields");
            return;
        }
        if (!same_arguments(first, s)) {
            fault(m, first, s, "they have differing arguments");
            return;
        }
    }
}

static void check_sets(struct merge *m, enum pass pass, struct sets *sets);

/* What is selected below the fields of a group, as one set. */
static void check_below(struct merge *m, enum pass pass, const struct group *g)
{
    struct sets *below = OD_NEW(m->check->arena, struct sets);

    for (size_t i = 0; i < g->count; i++) {
        if (!g->fields[i]->has_selections)
            continue;
        below->first = od_arena_grow(m->check->arena, below->first, below->count, &below->cap,
                                     sizeof *below->first);
        below->first[below->count++] = g->fields[i]->selections;
    }
    if (below->count)
        check_sets(m, pass, below);
}

static bool on_object(const struct od_gql_selection *s)
{
    return s->parent && s->parent->kind == OD_GQL_TYPE_OBJECT;
}

/* The fields of g that can be on an object of this type. */
static struct group *of_parent(struct merge *m, const struct group *g,
                               const struct od_gql_type *parent)
{
    struct group *part = OD_NEW(m->check->arena, struct group);

    part->fields = OD_NEW_ARRAY(m->check->arena, struct od_gql_selection *, g->count);
    for (size_t i = 0; i < g->count; i++) {
        if (!on_object(g->fields[i]) || g->fields[i]->parent == parent)
            part->fields[part->count++] = g->fields[i];
    }
    return part;
}

static void check_parents(struct merge *m, const struct group *g)
{
    bool any = false;

    for (size_t i = 0; i < g->count && od_gql_work(m->check, 1); i++) {
        const struct od_gql_type *parent = g->fields[i]->parent;
        bool before = false;
        if (!on_object(g->fields[i]))
            continue;
        /* Most groups are on one type, which is found at once. */
        for (size_t k = 0; k < i && !before && od_gql_work(m->check, 1); k++)
            before = g->fields[k]->parent == parent;
        if (before)
            continue;
        any = true;
        const struct group *part = of_parent(m, g, parent);
        check_arguments(m, part);
        check_below(m, ARGUMENTS, part);
    }
    if (!any) {
        check_arguments(m, g);
        check_below(m, ARGUMENTS, g);
    }
}

static void check_sets(struct merge *m, enum pass pass, struct sets *sets)
{
    struct groups groups = {.last = &groups.first};

    if (was_seen(m, pass, sets) || !go_down(m))
        return;
    m->mark++;
    od_map_init(&groups.by_name);
    for (size_t i = 0; i < sets->count; i++)
        collect(m, &groups, sets->first[i]);
    od_map_fini(&groups.by_name);
    for (const struct group *g = groups.first; g && m->check->work_left; g = g->next) {
        if (pass == SHAPES) {
            check_shapes(m, g);
            check_below(m, pass, g);
        } else {
            check_parents(m, g);
        }
    }
    m->depth--;
}

void od_gql_check_merging(struct od_gql_check *c)
{
    struct merge m = {.check = c};
    uint32_t before = c->faults->count;

    for (uint32_t i = 0; i < c->use_count; i++)
        c->uses[i].definition->mark = 0;
    /* The same two fields often break both passes; one fault says enough. */
    for (int pass = 0; pass < PASSES && c->faults->count == before; pass++) {
        od_map_init(&m.seen[pass]);
        for (uint32_t i = 0; i < c->use_count && c->work_left; i++) {
            struct sets *whole = OD_NEW(c->arena, struct sets);
            whole->first = OD_NEW(c->arena, struct od_gql_selection *);
            whole->first[0] = c->uses[i].definition->selections;
            whole->count = 1;
            check_sets(&m, (enum pass)pass, whole);
        }
        od_map_fini(&m.seen[pass]);
    }
}
