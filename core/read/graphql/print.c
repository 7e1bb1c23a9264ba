#include "read/graphql/print.h"

#include "base/json/json.h"

void od_gql_print_string(struct od_buf *out, struct od_str s)
{
    struct od_json_writer w;

    /* Every string of JSON is one of GraphQL. */
    od_jw_init(&w, out);
    od_jw_str(&w, s.ptr ? s : OD_STR(""));
}

static void print_children(struct od_buf *out, const struct od_gql_value *v)
{
    for (const struct od_gql_value *c = v->child; c; c = c->next) {
        if (c->name.text.ptr)
            od_buf_printf(out, "%.*s: ", OD_STR_ARG(c->name.text));
        od_gql_print_value(out, c);
        if (c->next)
            od_buf_printf(out, ", ");
    }
}

void od_gql_print_value(struct od_buf *out, const struct od_gql_value *v)
{
    switch (v->kind) {
    case OD_GQL_VALUE_VARIABLE:
        od_buf_printf(out, "$%.*s", OD_STR_ARG(v->text));
        return;
    case OD_GQL_VALUE_INT:
    case OD_GQL_VALUE_FLOAT:
    case OD_GQL_VALUE_BOOLEAN:
    case OD_GQL_VALUE_NULL:
    case OD_GQL_VALUE_ENUM:
        od_buf_str(out, v->text);
        return;
    case OD_GQL_VALUE_STRING:
        od_gql_print_string(out, v->text);
        return;
    case OD_GQL_VALUE_LIST:
        od_buf_char(out, '[');
        print_children(out, v);
        od_buf_char(out, ']');
        return;
    case OD_GQL_VALUE_OBJECT:
        od_buf_printf(out, "{ ");
        print_children(out, v);
        od_buf_printf(out, v->child ? " }" : "}");
        return;
    }
}

void od_gql_print_type_ref(struct od_buf *out, const struct od_gql_type_ref *t)
{
    switch (t->kind) {
    case OD_GQL_REF_NAMED:
        od_buf_str(out, t->name);
        return;
    case OD_GQL_REF_LIST:
        od_buf_char(out, '[');
        od_gql_print_type_ref(out, t->of);
        od_buf_char(out, ']');
        return;
    case OD_GQL_REF_NON_NULL:
        od_gql_print_type_ref(out, t->of);
        od_buf_char(out, '!');
        return;
    }
}

static void print_arguments(struct od_buf *out, const struct od_gql_argument *a)
{
    if (!a)
        return;
    od_buf_char(out, '(');
    for (; a; a = a->next) {
        od_buf_printf(out, "%.*s: ", OD_STR_ARG(a->name.text));
        od_gql_print_value(out, a->value);
        if (a->next)
            od_buf_printf(out, ", ");
    }
    od_buf_char(out, ')');
}

static void print_directives(struct od_buf *out, const struct od_gql_directive *d)
{
    for (; d; d = d->next) {
        od_buf_printf(out, " @%.*s", OD_STR_ARG(d->name.text));
        print_arguments(out, d->arguments);
    }
}

static void print_selections(struct od_buf *out, const struct od_gql_selection *s);

static void print_selection(struct od_buf *out, const struct od_gql_selection *s)
{
    switch (s->kind) {
    case OD_GQL_FIELD:
        if (s->alias.text.ptr)
            od_buf_printf(out, "%.*s: ", OD_STR_ARG(s->alias.text));
        od_buf_str(out, s->name.text);
        print_arguments(out, s->arguments);
        break;
    case OD_GQL_FRAGMENT_SPREAD:
        od_buf_printf(out, "...%.*s", OD_STR_ARG(s->name.text));
        break;
    case OD_GQL_INLINE_FRAGMENT:
        od_buf_printf(out, s->on.text.ptr ? "... on %.*s" : "...%.*s", OD_STR_ARG(s->on.text));
        break;
    }
    print_directives(out, s->directives);
    if (s->has_selections) {
        od_buf_char(out, ' ');
        print_selections(out, s->selections);
    }
}

static void print_selections(struct od_buf *out, const struct od_gql_selection *s)
{
    od_buf_printf(out, "{ ");
    for (; s; s = s->next) {
        print_selection(out, s);
        od_buf_char(out, ' ');
    }
    od_buf_char(out, '}');
}

static void print_variables(struct od_buf *out, const struct od_gql_variable *v)
{
    if (!v)
        return;
    od_buf_char(out, '(');
    for (; v; v = v->next) {
        od_buf_printf(out, "$%.*s: ", OD_STR_ARG(v->name.text));
        od_gql_print_type_ref(out, v->ref);
        if (v->fallback) {
            od_buf_printf(out, " = ");
            od_gql_print_value(out, v->fallback);
        }
        print_directives(out, v->directives);
        if (v->next)
            od_buf_printf(out, ", ");
    }
    od_buf_char(out, ')');
}

static void print_definition(struct od_buf *out, const struct od_gql_definition *d)
{
    static const char *const words[] = {"query", "mutation", "subscription"};

    if (d->is_fragment)
        od_buf_printf(out, "fragment %.*s on %.*s", OD_STR_ARG(d->name.text),
                      OD_STR_ARG(d->on.text));
    else
        od_buf_printf(out, d->name.text.ptr ? "%s %.*s" : "%s%.*s", words[d->operation],
                      OD_STR_ARG(d->name.text));
    print_variables(out, d->variables);
    print_directives(out, d->directives);
    od_buf_char(out, ' ');
    print_selections(out, d->selections);
    od_buf_char(out, '\n');
}

void od_gql_print_document(struct od_buf *out, const struct od_gql_document *document)
{
    for (const struct od_gql_definition *d = document->definitions; d; d = d->next)
        print_definition(out, d);
}
