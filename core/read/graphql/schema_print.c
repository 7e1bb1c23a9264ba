#include "read/graphql/print.h"
#include "read/graphql/schema.h"

/*
 * Prints a schema byte for byte as printSchema of graphql-js 16 does, so that what a client prints
 * of the introspection is what is checked in.
 */

enum { SHORT_DESCRIPTION = 70 };

/* first: it stands first in its block, so no blank line goes before it. */
static void print_description(struct od_buf *out, struct od_str text, const char *indent,
                              bool first)
{
    if (!text.ptr)
        return;
    if (*indent && !first)
        od_buf_char(out, '\n');
    bool ends = text.len && (text.ptr[text.len - 1] == '"' || text.ptr[text.len - 1] == '\\');
    uint32_t units = od_gql_place_of(text, (uint32_t)text.len).column - 1; /* of its last line */
    bool multiple = units > SHORT_DESCRIPTION || memchr(text.ptr, '\n', text.len) || ends;
    od_buf_printf(out, "%s\"\"\"", indent);
    if (multiple)
        od_buf_printf(out, "\n%s", indent);
    for (size_t i = 0; i < text.len; i++) {
        od_buf_char(out, text.ptr[i]);
        if (text.ptr[i] == '\n')
            od_buf_printf(out, "%s", indent);
    }
    if (multiple)
        od_buf_printf(out, "\n%s", indent);
    od_buf_printf(out, "\"\"\"\n");
}

static void print_deprecation(struct od_buf *out, const struct od_gql_deprecation *d)
{
    if (!d->is)
        return;
    od_buf_printf(out, " @deprecated");
    if (od_str_is(d->reason, "No longer supported"))
        return;
    od_buf_printf(out, "(reason: ");
    od_gql_print_string(out, d->reason);
    od_buf_char(out, ')');
}

static void print_input(struct od_buf *out, const struct od_gql_input *i)
{
    od_buf_printf(out, "%.*s: ", OD_STR_ARG(i->name));
    od_gql_print_type(out, i->type);
    if (i->fallback) {
        od_buf_printf(out, " = ");
        od_gql_print_value(out, i->fallback);
    }
    print_deprecation(out, &i->deprecated);
}

/* Arguments stand on one line, unless one of them has a description. */
static void print_arguments(struct od_buf *out, const struct od_gql_input *first,
                            const char *indent)
{
    bool described = false;

    if (!first)
        return;
    for (const struct od_gql_input *i = first; i; i = i->next)
        described = described || i->description.ptr;
    od_buf_char(out, '(');
    for (const struct od_gql_input *i = first; i; i = i->next) {
        if (described) {
            od_buf_char(out, '\n');
            print_description(out, i->description, *indent ? "    " : "  ", i == first);
            od_buf_printf(out, "%s  ", indent);
        }
        print_input(out, i);
        if (i->next && !described)
            od_buf_printf(out, ", ");
    }
    if (described)
        od_buf_printf(out, "\n%s", indent);
    od_buf_char(out, ')');
}

static void print_fields(struct od_buf *out, const struct od_gql_type *t)
{
    od_buf_printf(out, " {\n");
    for (const struct od_gql_field *f = t->fields; f; f = f->next) {
        print_description(out, f->description, "  ", f == t->fields);
        od_buf_printf(out, "  %.*s", OD_STR_ARG(f->name));
        print_arguments(out, f->arguments, "  ");
        od_buf_printf(out, ": ");
        od_gql_print_type(out, f->type);
        print_deprecation(out, &f->deprecated);
        od_buf_char(out, '\n');
    }
    od_buf_printf(out, "}\n");
}

static void print_links(struct od_buf *out, const char *before, const char *joint,
                        const struct od_gql_type_link *l)
{
    for (; l; l = l->next) {
        od_buf_printf(out, "%s%.*s", before, OD_STR_ARG(l->type->name));
        before = joint;
    }
}

static void print_inputs(struct od_buf *out, const struct od_gql_type *t)
{
    od_buf_printf(out, " {\n");
    for (const struct od_gql_input *i = t->inputs; i; i = i->next) {
        print_description(out, i->description, "  ", i == t->inputs);
        od_buf_printf(out, "  ");
        print_input(out, i);
        od_buf_char(out, '\n');
    }
    od_buf_printf(out, "}\n");
}

static void print_values(struct od_buf *out, const struct od_gql_type *t)
{
    od_buf_printf(out, " {\n");
    for (const struct od_gql_enum_value *v = t->values; v; v = v->next) {
        print_description(out, v->description, "  ", v == t->values);
        od_buf_printf(out, "  %.*s", OD_STR_ARG(v->name));
        print_deprecation(out, &v->deprecated);
        od_buf_char(out, '\n');
    }
    od_buf_printf(out, "}\n");
}

static void print_named(struct od_buf *out, const struct od_gql_type *t)
{
    static const char *const words[] = {
        [OD_GQL_TYPE_SCALAR] = "scalar",       [OD_GQL_TYPE_OBJECT] = "type",
        [OD_GQL_TYPE_INTERFACE] = "interface", [OD_GQL_TYPE_UNION] = "union",
        [OD_GQL_TYPE_ENUM] = "enum",           [OD_GQL_TYPE_INPUT_OBJECT] = "input",
    };

    print_description(out, t->description, "", true);
    od_buf_printf(out, "%s %.*s", words[t->kind], OD_STR_ARG(t->name));
    switch (t->kind) {
    case OD_GQL_TYPE_SCALAR:
        if (t->specified_by.ptr) {
            od_buf_printf(out, " @specifiedBy(url: ");
            od_gql_print_string(out, t->specified_by);
            od_buf_char(out, ')');
        }
        od_buf_char(out, '\n');
        return;
    case OD_GQL_TYPE_OBJECT:
    case OD_GQL_TYPE_INTERFACE:
        print_links(out, " implements ", " & ", t->interfaces);
        print_fields(out, t);
        return;
    case OD_GQL_TYPE_UNION:
        print_links(out, " = ", " | ", t->possible);
        od_buf_char(out, '\n');
        return;
    case OD_GQL_TYPE_ENUM:
        print_values(out, t);
        return;
    case OD_GQL_TYPE_INPUT_OBJECT:
        print_inputs(out, t);
        return;
    case OD_GQL_TYPE_LIST:
    case OD_GQL_TYPE_NON_NULL:
        return;
    }
}

static void print_directive(struct od_buf *out, const struct od_gql_directive_type *d)
{
    const char *before = " on ";

    print_description(out, d->description, "", true);
    od_buf_printf(out, "directive @%.*s", OD_STR_ARG(d->name));
    print_arguments(out, d->arguments, "");
    od_buf_printf(out, d->repeatable ? " repeatable" : "");
    for (int i = 0; i < OD_GQL_PLACE_COUNT; i++) {
        if (!(d->places & 1U << i))
            continue;
        od_buf_printf(out, "%s%s", before, od_gql_place_names[i]);
        before = " | ";
    }
    od_buf_char(out, '\n');
}

void od_gql_print_schema(struct od_buf *out, const struct od_gql_schema *s)
{
    bool more = false;

    for (const struct od_gql_directive_type *d = s->directives; d; d = d->next) {
        if (d->builtin)
            continue;
        od_buf_printf(out, more ? "\n" : "");
        print_directive(out, d);
        more = true;
    }
    for (const struct od_gql_type *t = s->types; t; t = t->next) {
        if (t->builtin)
            continue;
        od_buf_printf(out, more ? "\n" : "");
        print_named(out, t);
        more = true;
    }
}
