#include "read/graphql/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "read/graphql/parser.h"

/*
 * Reads a schema from its text (sections 3.2 to 3.13 of the specification). The texts come from
 * this program and its tests, never from outside. Types may be used before they are defined, so a
 * reference is kept with the text it came from and resolved when all texts are read.
 */

/* What every schema has: section 3.5, 3.13 and 4.2. */
static const char builtin[] =
    "\"The `Int` scalar type: a signed 32-bit integer.\" scalar Int\n"
    "\"The `Float` scalar type: a signed double-precision number.\" scalar Float\n"
    "\"The `String` scalar type: text in UTF-8.\" scalar String\n"
    "\"The `Boolean` scalar type: `true` or `false`.\" scalar Boolean\n"
    "\"The `ID` scalar type: a unique identifier, written as a string.\" scalar ID\n"
    "\"Includes the field or fragment only when the argument is true.\"\n"
    "directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT\n"
    "\"Skips the field or fragment when the argument is true.\"\n"
    "directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT\n"
    "\"Marks what should not be used any more.\"\n"
    "directive @deprecated(reason: String = \"No longer supported\")\n"
    "  on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE\n"
    "\"Names the URL that specifies a scalar.\"\n"
    "directive @specifiedBy(url: String!) on SCALAR\n"
    "type __Schema { description: String types: [__Type!]! queryType: __Type!\n"
    "  mutationType: __Type subscriptionType: __Type directives: [__Directive!]! }\n"
    "type __Type { kind: __TypeKind! name: String description: String specifiedByURL: String\n"
    "  fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!]\n"
    "  possibleTypes: [__Type!] enumValues(includeDeprecated: Boolean = false): [__EnumValue!]\n"
    "  inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type }\n"
    "enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }\n"
    "type __Field { name: String! description: String\n"
    "  args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type!\n"
    "  isDeprecated: Boolean! deprecationReason: String }\n"
    "type __InputValue { name: String! description: String type: __Type! defaultValue: String\n"
    "  isDeprecated: Boolean! deprecationReason: String }\n"
    "type __EnumValue { name: String! description: String isDeprecated: Boolean!\n"
    "  deprecationReason: String }\n"
    "type __Directive { name: String! description: String locations: [__DirectiveLocation!]!\n"
    "  args(includeDeprecated: Boolean = false): [__InputValue!]! isRepeatable: Boolean! }\n"
    "enum __DirectiveLocation { QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION\n"
    "  FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION\n"
    "  ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION }\n"
    "type __Meta { __typename: String! __schema: __Schema! __type(name: String!): __Type }\n";

/* A place in the schema that waits for the type it refers to. */
struct waiting {
    const struct od_gql_type_ref *ref;
    const struct od_gql_type **to;
    struct waiting *next;
};

struct loader {
    struct od_gql_parser p;
    struct od_gql_schema *schema;
    struct waiting *waiting;
    bool builtin;
};

static int refer(struct loader *l, const struct od_gql_type **to)
{
    struct od_gql_type_ref *ref;
    struct waiting *w = OD_NEW(&l->schema->arena, struct waiting);

    if (od_gql_take_type(&l->p, &ref))
        return -1;
    *w = (struct waiting){ref, to, l->waiting};
    l->waiting = w;
    return 0;
}

static int take_description(struct loader *l, struct od_str *out)
{
    *out = OD_STR_NONE;
    if (l->p.token.kind != OD_GQL_STRING && l->p.token.kind != OD_GQL_BLOCK_STRING)
        return 0;
    *out = l->p.token.text;
    return od_gql_advance(&l->p);
}

/* Takes directives, of which @deprecated and @specifiedBy mean something. */
static int take_directives(struct loader *l, struct od_gql_deprecation *deprecated,
                           struct od_str *specified_by)
{
    struct od_gql_directive *d = NULL;

    if (od_gql_take_directives(&l->p, true, &d))
        return -1;
    for (; d; d = d->next) {
        struct od_str first = d->arguments ? d->arguments->value->text : OD_STR_NONE;
        if (od_str_is(d->name.text, "specifiedBy") && specified_by)
            *specified_by = first;
        if (od_str_is(d->name.text, "deprecated") && deprecated) {
            deprecated->is = true;
            deprecated->reason = first.ptr ? first : OD_STR("No longer supported");
        }
    }
    return 0;
}

/* Takes arguments or input fields up to the token that ends them. */
static int take_inputs(struct loader *l, enum od_gql_token_kind end, struct od_gql_input **out)
{
    struct od_gql_input **last = out;

    if (od_gql_advance(&l->p))
        return -1;
    while (l->p.token.kind != end) {
        struct od_gql_input *i = OD_NEW(&l->schema->arena, struct od_gql_input);
        struct od_gql_name name;
        struct od_gql_value *fallback;
        int has_default;
        if (take_description(l, &i->description) || od_gql_take_name(&l->p, &name) ||
            od_gql_expect(&l->p, OD_GQL_COLON) || refer(l, &i->type) ||
            (has_default = od_gql_skip(&l->p, OD_GQL_EQUALS)) < 0)
            return -1;
        if (has_default) {
            if (od_gql_take_value(&l->p, true, &fallback))
                return -1;
            i->fallback = fallback;
        }
        if (take_directives(l, &i->deprecated, NULL))
            return -1;
        i->name = name.text;
        *last = i;
        last = &i->next;
    }
    return od_gql_advance(&l->p);
}

static int take_fields(struct loader *l, struct od_gql_type *t)
{
    struct od_gql_field **last;

    if (od_gql_expect(&l->p, OD_GQL_BRACE_L))
        return -1;
    while (l->p.token.kind != OD_GQL_BRACE_R) {
        struct od_gql_field *f = OD_NEW(&l->schema->arena, struct od_gql_field);
        struct od_gql_name name;
        if (take_description(l, &f->description) || od_gql_take_name(&l->p, &name) ||
            (l->p.token.kind == OD_GQL_PAREN_L && take_inputs(l, OD_GQL_PAREN_R, &f->arguments)) ||
            od_gql_expect(&l->p, OD_GQL_COLON) || refer(l, &f->type) ||
            take_directives(l, &f->deprecated, NULL))
            return -1;
        f->name = name.text;
        for (last = &t->fields; *last && !od_str_eq((*last)->name, f->name);)
            last = &(*last)->next;
        if (!*last) /* what stands by hand wins over what is made */
            *last = f;
    }
    return od_gql_advance(&l->p);
}

static int take_values(struct loader *l, struct od_gql_type *t)
{
    struct od_gql_enum_value **last = &t->values;

    if (od_gql_expect(&l->p, OD_GQL_BRACE_L))
        return -1;
    while (l->p.token.kind != OD_GQL_BRACE_R) {
        struct od_gql_enum_value *v = OD_NEW(&l->schema->arena, struct od_gql_enum_value);
        struct od_gql_name name;
        if (take_description(l, &v->description) || od_gql_take_name(&l->p, &name) ||
            take_directives(l, &v->deprecated, NULL))
            return -1;
        v->name = name.text;
        *last = v;
        last = &v->next;
    }
    return od_gql_advance(&l->p);
}

/* Takes names that are joined by & or |. */
static int take_links(struct loader *l, enum od_gql_token_kind joint, struct od_gql_type_link **out)
{
    int more = od_gql_skip(&l->p, joint);

    do {
        struct od_gql_type_link *link = OD_NEW(&l->schema->arena, struct od_gql_type_link);
        if (more < 0 || refer(l, &link->type))
            return -1;
        while (*out)
            out = &(*out)->next;
        *out = link;
    } while ((more = od_gql_skip(&l->p, joint)) > 0);
    return more;
}

static bool is_word(const struct loader *l, const char *word)
{
    return l->p.token.kind == OD_GQL_NAME && od_str_is(l->p.token.text, word);
}

static int take_object(struct loader *l, struct od_gql_type *t)
{
    if (is_word(l, "implements") &&
        (od_gql_advance(&l->p) || take_links(l, OD_GQL_AMP, &t->interfaces)))
        return -1;
    return take_fields(l, t);
}

/* Returns the type of that name, which is made when it is not there yet. */
static struct od_gql_type *type_for(struct loader *l, struct od_str name)
{
    struct od_gql_type *t = od_map_get(&l->schema->types_by_name, name);

    if (t)
        return t;
    t = OD_NEW(&l->schema->arena, struct od_gql_type);
    t->name = name;
    t->builtin = l->builtin;
    od_map_put(&l->schema->types_by_name, name, t);
    *l->schema->last_type = t;
    l->schema->last_type = &t->next;
    return t;
}

static enum od_gql_scalar scalar_of(struct od_str name)
{
    static const struct {
        const char *name;
        enum od_gql_scalar scalar;
    } known[] = {
        {"Int", OD_GQL_SCALAR_INT},         {"Float", OD_GQL_SCALAR_FLOAT},
        {"String", OD_GQL_SCALAR_STRING},   {"Boolean", OD_GQL_SCALAR_BOOLEAN},
        {"ID", OD_GQL_SCALAR_ID},           {"Amount", OD_GQL_SCALAR_DECIMAL},
        {"Decimal", OD_GQL_SCALAR_DECIMAL}, {"DateTime", OD_GQL_SCALAR_TEXT},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (od_str_is(name, known[i].name))
            return known[i].scalar;
    }
    return OD_GQL_SCALAR_ANY;
}

static int take_type(struct loader *l, enum od_gql_type_kind kind, struct od_str description)
{
    struct od_gql_name name;

    if (od_gql_advance(&l->p) || od_gql_take_name(&l->p, &name))
        return -1;
    struct od_gql_type *t = type_for(l, name.text);
    t->kind = kind;
    if (description.ptr)
        t->description = description;
    switch (kind) {
    case OD_GQL_TYPE_SCALAR:
        t->scalar = scalar_of(t->name);
        return take_directives(l, NULL, &t->specified_by);
    case OD_GQL_TYPE_OBJECT:
    case OD_GQL_TYPE_INTERFACE:
        return take_object(l, t);
    case OD_GQL_TYPE_UNION:
        return od_gql_expect(&l->p, OD_GQL_EQUALS) || take_links(l, OD_GQL_PIPE, &t->possible) ? -1
                                                                                               : 0;
    case OD_GQL_TYPE_ENUM:
        return take_values(l, t);
    case OD_GQL_TYPE_INPUT_OBJECT:
        if (l->p.token.kind != OD_GQL_BRACE_L)
            return od_gql_unexpected(&l->p, "\"{\"");
        return take_inputs(l, OD_GQL_BRACE_R, &t->inputs);
    case OD_GQL_TYPE_LIST:
    case OD_GQL_TYPE_NON_NULL:
        break;
    }
    return -1;
}

static int take_place(struct loader *l, uint32_t *places)
{
    for (int i = 0; i < OD_GQL_PLACE_COUNT; i++) {
        if (is_word(l, od_gql_place_names[i])) {
            *places |= 1U << i;
            return od_gql_advance(&l->p);
        }
    }
    return od_gql_unexpected(&l->p, "a directive's place");
}

static int take_directive(struct loader *l, struct od_str description)
{
    struct od_gql_directive_type *d = OD_NEW(&l->schema->arena, struct od_gql_directive_type);
    struct od_gql_name name;
    int more;

    d->description = description;
    d->builtin = l->builtin;
    if (od_gql_advance(&l->p) || od_gql_expect(&l->p, OD_GQL_AT) ||
        od_gql_take_name(&l->p, &name) ||
        (l->p.token.kind == OD_GQL_PAREN_L && take_inputs(l, OD_GQL_PAREN_R, &d->arguments)))
        return -1;
    d->name = name.text;
    d->repeatable = is_word(l, "repeatable");
    if ((d->repeatable && od_gql_advance(&l->p)) || !is_word(l, "on") || od_gql_advance(&l->p))
        return od_gql_unexpected(&l->p, "\"on\"");
    if (od_gql_skip(&l->p, OD_GQL_PIPE) < 0)
        return -1;
    do {
        if (take_place(l, &d->places))
            return -1;
    } while ((more = od_gql_skip(&l->p, OD_GQL_PIPE)) > 0);
    *l->schema->last_directive = d;
    l->schema->last_directive = &d->next;
    return more;
}

static int take_definition(struct loader *l)
{
    static const struct {
        const char *word;
        enum od_gql_type_kind kind;
    } kinds[] = {
        {"scalar", OD_GQL_TYPE_SCALAR},       {"type", OD_GQL_TYPE_OBJECT},
        {"interface", OD_GQL_TYPE_INTERFACE}, {"union", OD_GQL_TYPE_UNION},
        {"enum", OD_GQL_TYPE_ENUM},           {"input", OD_GQL_TYPE_INPUT_OBJECT},
    };
    struct od_str description;

    if (take_description(l, &description))
        return -1;
    if (is_word(l, "extend") && od_gql_advance(&l->p))
        return -1;
    if (is_word(l, "directive"))
        return take_directive(l, description);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (is_word(l, kinds[i].word))
            return take_type(l, kinds[i].kind, description);
    }
    return od_gql_unexpected(&l->p, "a definition of a type");
}

static int load(struct loader *l, struct od_str text, struct od_gql_faults *faults)
{
    const struct od_gql_limits none = {UINT32_MAX, UINT32_MAX, 100};

    if (od_gql_parser_init(&l->p, &l->schema->arena, text, &none, faults))
        return -1;
    while (l->p.token.kind != OD_GQL_END) {
        if (take_definition(l))
            return -1;
    }
    return 0;
}

/* Section 3.5: a built-in scalar that nothing refers to is no type of the schema. */
static void drop_unused_scalars(struct loader *l)
{
    struct od_gql_schema *s = l->schema;
    struct od_map used;

    od_map_init(&used);
    for (struct waiting *w = l->waiting; w; w = w->next) {
        struct od_str name = od_gql_named_type(*w->to)->name;
        od_map_put(&used, name, w);
    }
    for (struct od_gql_type **t = &s->types; *t;) {
        if ((*t)->builtin && (*t)->kind == OD_GQL_TYPE_SCALAR && !od_map_get(&used, (*t)->name)) {
            od_map_remove(&s->types_by_name, (*t)->name);
            *t = (*t)->next;
        } else {
            t = &(*t)->next;
        }
    }
    od_map_fini(&used);
}

/* Types that wrap the same type are made once, so that most comparisons are of pointers. */
static const struct od_gql_type *intern(struct od_gql_schema *s, const struct od_gql_type_ref *ref)
{
    if (ref->kind == OD_GQL_REF_NAMED)
        return od_gql_type_named(s, ref->name);
    struct od_gql_type *of = (struct od_gql_type *)intern(s, ref->of);
    if (!of)
        return NULL;
    struct od_gql_type **known = ref->kind == OD_GQL_REF_LIST ? &of->list : &of->non_null;
    if (!*known)
        *known = (struct od_gql_type *)od_gql_type_referred(s, &s->arena, ref);
    return *known;
}

static int resolve_references(struct loader *l, struct od_err *err)
{
    for (const struct waiting *w = l->waiting; w; w = w->next) {
        *w->to = intern(l->schema, w->ref);
        if (!*w->to) {
            const struct od_gql_type_ref *named = w->ref;
            while (named->of)
                named = named->of;
            return od_err_set(err, OD_ERR_INVALID, "there is no type %.*s",
                              OD_STR_ARG(named->name));
        }
    }
    return 0;
}

/* An interface may be each object that implements it. */
static void link_possible(struct od_gql_schema *s)
{
    for (struct od_gql_type *t = s->types; t; t = t->next) {
        if (t->kind != OD_GQL_TYPE_OBJECT)
            continue;
        for (const struct od_gql_type_link *i = t->interfaces; i; i = i->next) {
            struct od_gql_type_link **last = &((struct od_gql_type *)i->type)->possible;
            while (*last)
                last = &(*last)->next;
            *last = OD_NEW(&s->arena, struct od_gql_type_link);
            (*last)->type = t;
        }
    }
}

static void find_roots(struct od_gql_schema *s)
{
    const struct od_gql_type *meta = od_gql_type_named(s, OD_STR("__Meta"));

    s->roots[OD_GQL_QUERY] = od_gql_type_named(s, OD_STR("Query"));
    s->roots[OD_GQL_MUTATION] = od_gql_type_named(s, OD_STR("Mutation"));
    s->roots[OD_GQL_SUBSCRIPTION] = od_gql_type_named(s, OD_STR("Subscription"));
    s->typename_field = meta->fields;
    s->schema_field = s->typename_field->next;
    s->type_field = s->schema_field->next;
}

/* The type that carried the fields of introspection is none that anybody may name. */
static void drop_meta(struct od_gql_schema *s)
{
    struct od_gql_type *meta = od_map_remove(&s->types_by_name, OD_STR("__Meta"));
    struct od_gql_type **t = &s->types;

    while (*t != meta)
        t = &(*t)->next;
    *t = meta->next;
    OD_ASSERT(!meta->next); /* it is the last of all */
}

struct od_gql_schema *od_gql_schema_new(const struct od_str *texts, size_t count,
                                        struct od_err *err)
{
    struct od_gql_schema *s = calloc(1, sizeof *s);
    struct loader l = {.schema = s};
    struct od_gql_faults faults;
    int failed = 0;

    OD_ASSERT(s);
    od_arena_init(&s->arena);
    od_map_init(&s->types_by_name);
    s->last_type = &s->types;
    s->last_directive = &s->directives;
    od_gql_faults_init(&faults, &s->arena, 1);
    for (size_t i = 0; !failed && i <= count; i++) {
        struct od_str text =
            i < count ? od_arena_str(&s->arena, texts[i]) : od_str_n(builtin, sizeof builtin - 1);
        l.builtin = i == count;
        failed = load(&l, text, &faults);
        if (failed) {
            struct od_gql_place at = od_gql_place_of(text, faults.first->places[0]);
            (void)od_err_set(err, OD_ERR_MALFORMED, "text %zu, line %u, column %u: %.*s", i + 1,
                             at.line, at.column, OD_STR_ARG(faults.first->message));
        }
    }
    if (failed || resolve_references(&l, err)) {
        od_gql_schema_free(s);
        return NULL;
    }
    drop_unused_scalars(&l);
    link_possible(s);
    find_roots(s);
    drop_meta(s);
    return s;
}

void od_gql_schema_free(struct od_gql_schema *s)
{
    if (!s)
        return;
    od_map_fini(&s->types_by_name);
    od_arena_fini(&s->arena);
    free(s);
}
