#include "read/graphql/parser.h"

/* Each function takes what its name says, and returns -1 once a fault has been added. */

/* How messages name the next token: `Name "order"`, `"}"`, `<EOF>`. Of a text they show the first
 * line. */
static struct od_str found(struct od_gql_parser *p)
{
    const struct od_gql_token *t = &p->token;
    size_t shown = 0;

    while (shown < t->text.len && shown < 100 && (unsigned char)t->text.ptr[shown] >= ' ')
        shown++;

    switch (t->kind) {
    case OD_GQL_NAME:
    case OD_GQL_INT:
    case OD_GQL_FLOAT:
    case OD_GQL_STRING:
    case OD_GQL_BLOCK_STRING:
        return od_arena_printf(p->lexer.arena, "%s \"%.*s\"", od_gql_token_noun(t->kind),
                               (int)shown, t->text.ptr);
    case OD_GQL_END:
    case OD_GQL_BANG:
    case OD_GQL_DOLLAR:
    case OD_GQL_AMP:
    case OD_GQL_PAREN_L:
    case OD_GQL_PAREN_R:
    case OD_GQL_SPREAD:
    case OD_GQL_COLON:
    case OD_GQL_EQUALS:
    case OD_GQL_AT:
    case OD_GQL_BRACKET_L:
    case OD_GQL_BRACKET_R:
    case OD_GQL_BRACE_L:
    case OD_GQL_PIPE:
    case OD_GQL_BRACE_R:
        return od_str_of(od_gql_token_noun(t->kind));
    }
    return OD_STR_NONE;
}

int od_gql_unexpected(struct od_gql_parser *p, const char *expected)
{
    struct od_str text = found(p);

    if (expected)
        od_gql_fault(p->lexer.faults, OD_GQL_SYNTAX, p->token.at,
                     "Syntax Error: Expected %s, found %.*s.", expected, OD_STR_ARG(text));
    else
        od_gql_fault(p->lexer.faults, OD_GQL_SYNTAX, p->token.at, "Syntax Error: Unexpected %.*s.",
                     OD_STR_ARG(text));
    return -1;
}

int od_gql_advance(struct od_gql_parser *p)
{
    return od_gql_lex(&p->lexer, &p->token);
}

int od_gql_skip(struct od_gql_parser *p, enum od_gql_token_kind kind)
{
    if (p->token.kind != kind)
        return 0;
    return od_gql_advance(p) ? -1 : 1;
}

int od_gql_expect(struct od_gql_parser *p, enum od_gql_token_kind kind)
{
    return p->token.kind == kind ? od_gql_advance(p)
                                 : od_gql_unexpected(p, od_gql_token_noun(kind));
}

static bool is_word(const struct od_gql_parser *p, const char *word)
{
    return p->token.kind == OD_GQL_NAME && od_str_is(p->token.text, word);
}

static int go_down(struct od_gql_parser *p)
{
    if (p->depth_left) {
        p->depth_left--;
        return 0;
    }
    od_gql_fault(p->lexer.faults, OD_GQL_LIMIT, p->token.at, "The document is nested too deeply.");
    return -1;
}

int od_gql_take_name(struct od_gql_parser *p, struct od_gql_name *out)
{
    *out = (struct od_gql_name){p->token.text, p->token.at};
    return od_gql_expect(p, OD_GQL_NAME);
}

/* Takes the elements of a list value or the members of an object value, and what ends them. */
static int take_children(struct od_gql_parser *p, bool constant, struct od_gql_value *v)
{
    bool object = v->kind == OD_GQL_VALUE_OBJECT;
    enum od_gql_token_kind end = object ? OD_GQL_BRACE_R : OD_GQL_BRACKET_R;
    struct od_gql_value **last = &v->child;

    if (go_down(p) || od_gql_advance(p))
        return -1;
    while (p->token.kind != end) {
        struct od_gql_name name = {0};
        if (object && (od_gql_take_name(p, &name) || od_gql_expect(p, OD_GQL_COLON)))
            return -1;
        if (od_gql_take_value(p, constant, last))
            return -1;
        (*last)->name = name;
        last = &(*last)->next;
    }
    p->depth_left++;
    return od_gql_advance(p);
}

static void read_word(struct od_gql_parser *p, struct od_gql_value *v)
{
    v->text = p->token.text;
    v->boolean = is_word(p, "true");
    if (v->boolean || is_word(p, "false"))
        v->kind = OD_GQL_VALUE_BOOLEAN;
    else
        v->kind = is_word(p, "null") ? OD_GQL_VALUE_NULL : OD_GQL_VALUE_ENUM;
}

static int take_variable_name(struct od_gql_parser *p, struct od_gql_name *name)
{
    return od_gql_advance(p) || od_gql_take_name(p, name) ? -1 : 0;
}

int od_gql_take_value(struct od_gql_parser *p, bool constant, struct od_gql_value **out)
{
    struct od_gql_value *v = OD_NEW(p->lexer.arena, struct od_gql_value);
    struct od_gql_name name;

    *out = v;
    v->at = p->token.at;
    switch (p->token.kind) {
    case OD_GQL_BRACKET_L:
        v->kind = OD_GQL_VALUE_LIST;
        return take_children(p, constant, v);
    case OD_GQL_BRACE_L:
        v->kind = OD_GQL_VALUE_OBJECT;
        return take_children(p, constant, v);
    case OD_GQL_DOLLAR:
        v->kind = OD_GQL_VALUE_VARIABLE;
        if (take_variable_name(p, &name))
            return -1;
        v->text = name.text;
        if (!constant)
            return 0;
        od_gql_fault(p->lexer.faults, OD_GQL_SYNTAX, v->at,
                     "Syntax Error: Unexpected variable \"$%.*s\" in constant value.",
                     OD_STR_ARG(name.text));
        return -1;
    case OD_GQL_INT:
        v->kind = OD_GQL_VALUE_INT;
        v->text = p->token.text;
        return od_gql_advance(p);
    case OD_GQL_FLOAT:
        v->kind = OD_GQL_VALUE_FLOAT;
        v->text = p->token.text;
        return od_gql_advance(p);
    case OD_GQL_STRING:
    case OD_GQL_BLOCK_STRING:
        v->kind = OD_GQL_VALUE_STRING;
        v->text = p->token.text;
        return od_gql_advance(p);
    case OD_GQL_NAME:
        read_word(p, v);
        return od_gql_advance(p);
    case OD_GQL_END:
    case OD_GQL_BANG:
    case OD_GQL_AMP:
    case OD_GQL_PAREN_L:
    case OD_GQL_PAREN_R:
    case OD_GQL_SPREAD:
    case OD_GQL_COLON:
    case OD_GQL_EQUALS:
    case OD_GQL_AT:
    case OD_GQL_BRACKET_R:
    case OD_GQL_PIPE:
    case OD_GQL_BRACE_R:
        return od_gql_unexpected(p, NULL);
    }
    return -1;
}

static int take_arguments(struct od_gql_parser *p, bool constant, struct od_gql_argument **out)
{
    struct od_gql_argument **last = out;

    if (p->token.kind != OD_GQL_PAREN_L)
        return 0;
    if (od_gql_advance(p))
        return -1;
    do {
        struct od_gql_argument *a = OD_NEW(p->lexer.arena, struct od_gql_argument);
        if (od_gql_take_name(p, &a->name) || od_gql_expect(p, OD_GQL_COLON) ||
            od_gql_take_value(p, constant, &a->value))
            return -1;
        *last = a;
        last = &a->next;
    } while (p->token.kind != OD_GQL_PAREN_R);
    return od_gql_advance(p);
}

int od_gql_take_directives(struct od_gql_parser *p, bool constant, struct od_gql_directive **out)
{
    struct od_gql_directive **last = out;

    while (p->token.kind == OD_GQL_AT) {
        struct od_gql_directive *d = OD_NEW(p->lexer.arena, struct od_gql_directive);
        d->at = p->token.at;
        if (od_gql_advance(p) || od_gql_take_name(p, &d->name) ||
            take_arguments(p, constant, &d->arguments))
            return -1;
        *last = d;
        last = &d->next;
    }
    return 0;
}

int od_gql_take_type(struct od_gql_parser *p, struct od_gql_type_ref **out)
{
    struct od_gql_type_ref *t = OD_NEW(p->lexer.arena, struct od_gql_type_ref), *inner;
    struct od_gql_name name;

    t->at = p->token.at;
    if (p->token.kind == OD_GQL_BRACKET_L) {
        t->kind = OD_GQL_REF_LIST;
        if (go_down(p) || od_gql_advance(p) || od_gql_take_type(p, &inner) ||
            od_gql_expect(p, OD_GQL_BRACKET_R))
            return -1;
        t->of = inner;
        p->depth_left++;
    } else {
        if (od_gql_take_name(p, &name))
            return -1;
        t->name = name.text;
    }
    *out = t;
    if (p->token.kind != OD_GQL_BANG)
        return 0;
    *out = OD_NEW(p->lexer.arena, struct od_gql_type_ref);
    **out = (struct od_gql_type_ref){.kind = OD_GQL_REF_NON_NULL, .at = t->at, .of = t};
    return od_gql_advance(p);
}

static int take_selections(struct od_gql_parser *p, struct od_gql_selection **out);

static int take_field(struct od_gql_parser *p, struct od_gql_selection *s)
{
    int colon;

    s->kind = OD_GQL_FIELD;
    if (od_gql_take_name(p, &s->name) || (colon = od_gql_skip(p, OD_GQL_COLON)) < 0)
        return -1;
    if (colon) {
        s->alias = s->name;
        if (od_gql_take_name(p, &s->name))
            return -1;
    }
    if (take_arguments(p, false, &s->arguments) || od_gql_take_directives(p, false, &s->directives))
        return -1;
    s->has_selections = p->token.kind == OD_GQL_BRACE_L;
    return s->has_selections ? take_selections(p, &s->selections) : 0;
}

/* Behind "...": a spread, or an inline fragment with or without a type. */
static int take_fragment(struct od_gql_parser *p, struct od_gql_selection *s)
{
    if (od_gql_advance(p))
        return -1;
    if (p->token.kind == OD_GQL_NAME && !is_word(p, "on")) {
        s->kind = OD_GQL_FRAGMENT_SPREAD;
        return od_gql_take_name(p, &s->name) || od_gql_take_directives(p, false, &s->directives)
                   ? -1
                   : 0;
    }
    s->kind = OD_GQL_INLINE_FRAGMENT;
    if (is_word(p, "on") && (od_gql_advance(p) || od_gql_take_name(p, &s->on)))
        return -1;
    if (od_gql_take_directives(p, false, &s->directives))
        return -1;
    s->has_selections = true;
    return take_selections(p, &s->selections);
}

static int take_selections(struct od_gql_parser *p, struct od_gql_selection **out)
{
    struct od_gql_selection **last = out;

    if (go_down(p) || od_gql_expect(p, OD_GQL_BRACE_L))
        return -1;
    do {
        struct od_gql_selection *s = OD_NEW(p->lexer.arena, struct od_gql_selection);
        s->at = p->token.at;
        if (p->token.kind == OD_GQL_SPREAD ? take_fragment(p, s) : take_field(p, s))
            return -1;
        *last = s;
        last = &s->next;
    } while (p->token.kind != OD_GQL_BRACE_R);
    p->depth_left++;
    return od_gql_advance(p);
}

/* Skips a description, which drafts after October 2021 allow before definitions. 1: there was one.
 */
static int skip_description(struct od_gql_parser *p)
{
    int found = od_gql_skip(p, OD_GQL_STRING);

    return found ? found : od_gql_skip(p, OD_GQL_BLOCK_STRING);
}

static int take_variables(struct od_gql_parser *p, struct od_gql_variable **out)
{
    struct od_gql_variable **last = out;

    if (p->token.kind != OD_GQL_PAREN_L)
        return 0;
    if (od_gql_advance(p))
        return -1;
    do {
        struct od_gql_variable *v = OD_NEW(p->lexer.arena, struct od_gql_variable);
        int has_default;
        if (skip_description(p) < 0)
            return -1;
        v->at = p->token.at;
        if (od_gql_expect(p, OD_GQL_DOLLAR) || od_gql_take_name(p, &v->name) ||
            od_gql_expect(p, OD_GQL_COLON) || od_gql_take_type(p, &v->ref) ||
            (has_default = od_gql_skip(p, OD_GQL_EQUALS)) < 0)
            return -1;
        if (has_default && od_gql_take_value(p, true, &v->fallback))
            return -1;
        if (od_gql_take_directives(p, true, &v->directives))
            return -1;
        *last = v;
        last = &v->next;
    } while (p->token.kind != OD_GQL_PAREN_R);
    return od_gql_advance(p);
}

static int take_fragment_definition(struct od_gql_parser *p, struct od_gql_definition *d)
{
    d->is_fragment = true;
    if (od_gql_advance(p))
        return -1;
    if (is_word(p, "on"))
        return od_gql_unexpected(p, NULL);
    if (od_gql_take_name(p, &d->name))
        return -1;
    if (!is_word(p, "on"))
        return od_gql_unexpected(p, "\"on\"");
    return od_gql_advance(p) || od_gql_take_name(p, &d->on) ||
                   od_gql_take_directives(p, false, &d->directives) ||
                   take_selections(p, &d->selections)
               ? -1
               : 0;
}

static const char *const operations[OD_GQL_OPERATIONS] = {
    [OD_GQL_QUERY] = "query",
    [OD_GQL_MUTATION] = "mutation",
    [OD_GQL_SUBSCRIPTION] = "subscription",
};

static int take_operation(struct od_gql_parser *p, struct od_gql_definition *d)
{
    if (od_gql_advance(p))
        return -1;
    if (p->token.kind == OD_GQL_NAME && od_gql_take_name(p, &d->name))
        return -1;
    return take_variables(p, &d->variables) || od_gql_take_directives(p, false, &d->directives) ||
                   take_selections(p, &d->selections)
               ? -1
               : 0;
}

/* Refuses a definition of types at its first word. */
static int refuse(struct od_gql_parser *p)
{
    static const char *const words[] = {"schema", "scalar", "type",   "interface", "union",
                                        "enum",   "input",  "extend", "directive"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!is_word(p, words[i]))
            continue;
        od_gql_fault(p->lexer.faults, OD_GQL_EXECUTABLE_DEFINITIONS, p->token.at,
                     "The \"%s\" definition is not executable.", words[i]);
        return -1;
    }
    return od_gql_unexpected(p, NULL);
}

static int take_definition(struct od_gql_parser *p, struct od_gql_definition *d)
{
    int described = skip_description(p);

    if (described < 0)
        return -1;
    d->at = p->token.at;
    if (p->token.kind == OD_GQL_BRACE_L)
        return described ? od_gql_unexpected(p, NULL) : take_selections(p, &d->selections);
    if (is_word(p, "fragment"))
        return take_fragment_definition(p, d);
    for (int i = 0; i < OD_GQL_OPERATIONS; i++) {
        if (is_word(p, operations[i])) {
            d->operation = (enum od_gql_operation)i;
            return take_operation(p, d);
        }
    }
    return refuse(p);
}

int od_gql_parser_init(struct od_gql_parser *p, struct od_arena *a, struct od_str source,
                       const struct od_gql_limits *limits, struct od_gql_faults *faults)
{
    *p = (struct od_gql_parser){
        .lexer = {.source = source, .tokens_left = limits->tokens, .arena = a, .faults = faults},
        .depth_left = limits->depth,
    };
    if (source.len > limits->bytes) {
        od_gql_fault(faults, OD_GQL_LIMIT, 0, "The document has more than %u bytes.",
                     limits->bytes);
        return -1;
    }
    return od_gql_advance(p);
}

int od_gql_parse(struct od_arena *a, struct od_str source, const struct od_gql_limits *limits,
                 struct od_gql_document **out, struct od_gql_faults *faults)
{
    struct od_gql_document *document = OD_NEW(a, struct od_gql_document);
    struct od_gql_definition **last = &document->definitions;
    struct od_gql_parser p;

    document->source = source;
    if (od_gql_parser_init(&p, a, source, limits, faults))
        return -1;
    do {
        struct od_gql_definition *d = OD_NEW(a, struct od_gql_definition);
        if (take_definition(&p, d))
            return -1;
        *last = d;
        last = &d->next;
    } while (p.token.kind != OD_GQL_END);
    *out = document;
    return 0;
}
