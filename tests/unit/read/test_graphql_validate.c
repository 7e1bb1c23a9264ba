/*
 * Validation and coercion. tests/oracle compares every rule with graphql-js; here are the places of
 * faults, documents that want to be expensive, and the values of variables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json/value.h"
#include "read/graphql/parser.h"
#include "read/graphql/validate.h"
#include "read/graphql/values.h"

static const struct od_gql_limits limits = {4 << 20, UINT32_MAX, 100};

struct world {
    struct od_gql_schema *schema;
    struct od_arena arena;
    struct od_gql_faults faults;
    struct od_gql_document *document;
    struct od_buf out;
};

static void setup(struct world *w)
{
    struct od_err err = {0};
    struct od_str texts[] = {
        OD_STR("type Query { a: Query b(x: Int, in: In, l: [In!], r: Int! = 5): Int s: String "
               "pet: Pet }"
               "interface Pet { name: String } type Dog implements Pet { name: String bark: Int }"
               "type Cat implements Pet { name: String bark: String self: Cat }"
               "input In { n: Int! f: Float = 1.5 e: E = ONE t: [String!] d: Amount j: JSON }"
               "enum E { ONE TWO } scalar Amount scalar JSON")};

    memset(w, 0, sizeof *w);
    w->schema = od_gql_schema_new(texts, 1, &err);
    if (!w->schema)
        fail_msg("%s", err.message);
    od_arena_init(&w->arena);
    od_buf_init(&w->out, 1 << 20);
}

static void teardown(struct world *w)
{
    od_buf_fini(&w->out);
    od_arena_fini(&w->arena);
    od_gql_schema_free(w->schema);
}

static void read_document(struct world *w, const char *text)
{
    struct od_str source = od_arena_str(&w->arena, od_str_of(text));

    od_gql_faults_init(&w->faults, &w->arena, 20);
    if (od_gql_parse(&w->arena, source, &limits, &w->document, &w->faults) == 0)
        od_gql_validate(w->schema, w->document, &w->arena, &w->faults);
}

/* The faults as "line:column[ line:column] rule", one a line. */
static void breaks(const char *text, const char *expect)
{
    struct world w;

    setup(&w);
    read_document(&w, text);
    for (const struct od_gql_fault *f = w.faults.first; f; f = f->next) {
        for (uint32_t i = 0; i < f->place_count; i++) {
            struct od_gql_place at = od_gql_place_of(od_str_of(text), f->places[i]);
            od_buf_printf(&w.out, "%u:%u ", at.line, at.column);
        }
        od_buf_printf(&w.out, "%s\n", od_gql_rule_name(f->rule));
    }
    if (!od_str_is(od_buf_view(&w.out), expect))
        fail_msg("expected <%s>, got <%.*s>", expect, OD_STR_ARG(od_buf_view(&w.out)));
    teardown(&w);
}

static void faults_say_where(void **state)
{
    (void)state;
    breaks("{ a { s b(x: 1) } pet { name ... on Dog { bark } } }", "");
    breaks("{ a }", "1:3 ScalarLeafsRule\n");
    breaks("{ s { a } }", "1:3 ScalarLeafsRule\n");
    breaks("{ nope\n b(y: 1, x: \"\") }",
           "1:3 FieldsOnCorrectTypeRule\n2:4 KnownArgumentNamesRule\n2:13 "
           "ValuesOfCorrectTypeRule\n");
    breaks("query($v: Int) { s }", "1:7 NoUnusedVariablesRule\n");
    breaks("{ b(x: $v) }", "1:8 1:1 NoUndefinedVariablesRule\n");
    breaks("query($v: Int) { b(r: $v) }", "");
    breaks("query($v: String) { b(x: $v) }", "1:7 1:26 VariablesInAllowedPositionRule\n");
    breaks("{ ...F } fragment F on Query { a { ...F } }", "1:36 NoFragmentCyclesRule\n");
    breaks("{ s: b s }", "1:3 1:8 OverlappingFieldsCanBeMergedRule\n");
    breaks("{ pet { ... on Dog { bark } ... on Cat { bark } } }",
           "1:22 1:42 OverlappingFieldsCanBeMergedRule\n");
    breaks("{ pet { ... on Dog { x: name } ... on Cat { x: bark } } }", "");
    breaks("{ b(in: {n: 1, d: \"1.5\", j: [{x: $v}]}) x: b(in: {j: [{x: $v}], d: \"1.5\", n: 1}) }",
           "1:34 1:1 NoUndefinedVariablesRule\n1:59 1:1 NoUndefinedVariablesRule\n");
    breaks("{ b(in: {n: 1, f: 2}) b(in: {f: 2, n: 1}) }", "");
    breaks("mutation { a }", ""); /* execution says that there are none */
}

/* Repeats a piece n times between two others. %d in it is the number of the repetition. */
static char *repeated(const char *before, const char *piece, int n, const char *after)
{
    struct od_buf b;
    char *text;

    od_buf_init(&b, 16 << 20);
    od_buf_printf(&b, "%s", before);
    for (int i = 0; i < n; i++)
        od_buf_printf(&b, piece, i, i + 1);
    od_buf_printf(&b, "%s", after);
    assert_false(b.overflow);
    od_buf_char(&b, '\0');
    text = strdup(b.ptr);
    assert_non_null(text);
    od_buf_fini(&b);
    return text;
}

static void breaks_hostile(char *text, const char *expect)
{
    breaks(text, expect);
    free(text);
}

/* Each of these takes seconds or for ever where pairs of fields or paths are compared. */
static void hostile_documents_cost_little(void **state)
{
    (void)state;
    breaks_hostile(repeated("{", " s", 20000, "}"), "");
    breaks_hostile(repeated("{", " a%d: s", 10000, "}"), "");
    breaks_hostile(repeated("{ ...F0 }",
                            " fragment F%1$d on Query { a { ...F%2$d } b: a { ...F%2$d } }", 90,
                            "fragment F90 on Query { s }"),
                   "");
    breaks_hostile(repeated("{ ...F0 }", " fragment F%d on Query { ...F%d }", 5000,
                            "fragment F5000 on Query { s }"),
                   "1:1 Limit\n");
    breaks_hostile(repeated("{ ...F0 }", " fragment F%1$d on Query { ...F%2$d ...F%2$d }", 20,
                            "fragment F20 on Query { ...F0 }"),
                   "1:806 NoFragmentCyclesRule\n");
}

static void coerces(const char *document, const char *variables, const char *expect)
{
    struct world w;
    struct od_json *given = NULL;
    struct od_gql_variables values;
    struct od_json_writer writer;
    struct od_str why = OD_STR_NONE;
    struct od_err err;

    setup(&w);
    read_document(&w, document);
    assert_int_equal(w.faults.count, 0);
    assert_int_equal(od_json_parse(&w.arena, od_str_of(variables), 20, &given, &err), 0);
    od_gql_variables_init(&values);
    const struct od_gql_definition *d = w.document->definitions;
    const struct od_gql_selection *s = d->selections;
    if (od_gql_coerce_variables(&values, &w.arena, d, given, &w.faults)) {
        for (const struct od_gql_fault *f = w.faults.first; f; f = f->next)
            od_buf_printf(&w.out, "%.*s\n", OD_STR_ARG(f->message));
    } else {
        const struct od_json *arguments =
            od_gql_coerce_arguments(&w.arena, s->field->arguments, s->arguments, &values, &why);
        od_jw_init(&writer, &w.out);
        if (arguments)
            od_jw_value(&writer, arguments);
        else
            od_buf_str(&w.out, why);
    }
    if (!od_str_is(od_buf_view(&w.out), expect))
        fail_msg("expected <%s>, got <%.*s>", expect, OD_STR_ARG(od_buf_view(&w.out)));
    od_gql_variables_fini(&values);
    teardown(&w);
}

static void values_are_coerced(void **state)
{
    (void)state;
    coerces("{ b(in: {n: 1, d: 59.980, t: \"x\"}) }", "{}",
            "{\"in\":{\"n\":1,\"f\":1.5,\"e\":\"ONE\",\"t\":[\"x\"],\"d\":59.980},\"r\":5}");
    coerces("query($n: Int!, $l: [In!] = [{n: 2}]) { b(x: $n, l: $l, in: {n: $n, e: TWO}) }",
            "{\"n\": 7}",
            "{\"x\":7,\"in\":{\"n\":7,\"f\":1.5,\"e\":\"TWO\"},\"l\":[{\"n\":2,\"f\":1.5,\"e\":"
            "\"ONE\"}],\"r\":5}");
    coerces("query($i: In, $x: Int) { b(in: $i, x: $x) }",
            "{\"i\": {\"n\": 1.0, \"e\": \"TWO\", \"d\": \"1.50\", \"j\": {\"k\": [null]}}}",
            "{\"in\":{\"n\":1.0,\"f\":1.5,\"e\":\"TWO\",\"d\":\"1.50\",\"j\":{\"k\":[null]}},\"r\":"
            "5}");
    coerces("query($r: Int) { b(r: $r) }", "{}", "{\"r\":5}");
    coerces("query($x: Int) { b(x: $x) }", "{\"x\": null}", "{\"x\":null,\"r\":5}");
    coerces("query($r: Int) { b(r: $r) }", "{\"r\": null}",
            "The variable \"$r\" must not be null here.");
    coerces("{ b(in: {n: 1, t: [\"\\u0000\"]}) }", "{}",
            "A string must not have the character U+0000.");
}

static void wrong_variables_are_refused(void **state)
{
    (void)state;
    coerces("query($n: Int!) { b(x: $n) }", "{}",
            "Variable \"$n\" of required type \"Int!\" was not provided.\n");
    coerces("query($n: Int!) { b(x: $n) }", "{\"n\": null}",
            "Variable \"$n\" got an invalid value: Expected a value of type \"Int!\", not null.\n");
    coerces("query($n: Int, $i: In) { b(x: $n, in: $i) }",
            "{\"n\": 2147483648, \"i\": {\"n\": 1, \"e\": \"THREE\"}}",
            "Variable \"$n\" got an invalid value: Expected a value of type \"Int\".\n"
            "Variable \"$i\" got an invalid value at .e: Expected a value of type \"E\".\n");
    coerces("query($l: [In!]) { b(l: $l) }", "{\"l\": [{\"n\": 1}, {\"n\": 1, \"t\": [1]}]}",
            "Variable \"$l\" got an invalid value at [1].t[0]: Expected a value of type "
            "\"String\".\n");
    coerces("query($i: In) { b(in: $i) }", "{\"i\": {\"n\": 1, \"z\": 1}}",
            "Variable \"$i\" got an invalid value: There is no field \"z\".\n");
    coerces("query($i: In) { b(in: $i) }", "{\"i\": {}}",
            "Variable \"$i\" got an invalid value: The field \"n\" must be given.\n");
    coerces("query($i: In) { b(in: $i) }", "{\"i\": 5}",
            "Variable \"$i\" got an invalid value: Expected an object of type \"In\".\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_say_where),
        cmocka_unit_test(hostile_documents_cost_little),
        cmocka_unit_test(values_are_coerced),
        cmocka_unit_test(wrong_variables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
