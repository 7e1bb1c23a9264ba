/*
 * Plans and execution over a tree of JSON: merging, directives, nulls that propagate, paths, costs
 * and limits. tests/e2e/graphql.test.mjs has the resolvers of orders.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "read/graphql/parser.h"
#include "read/graphql/run/execute.h"
#include "read/graphql/run/resolvers.h"
#include "read/graphql/types.h"
#include "read/graphql/validate.h"

static const struct od_gql_limits limits = {1 << 20, UINT32_MAX, 100};
static const struct od_gql_plan_limits usual = {10, 1000, 100000};

struct world {
    struct od_gql_schema *schema;
    struct od_arena arena;
    struct od_gql_faults faults;
    struct od_gql_variables variables;
    struct od_buf out;
};

static void setup(struct world *w)
{
    struct od_err err = {0};
    struct od_str texts[] = {
        OD_STR("type Query { a: A must: A! list(limit: Int, n: Int!): [A!] holes: [[A!]]! id: ID "
               "n: Int! }"
               "type A { s: String must: String! a: A n: Int big: Decimal j: JSON } "
               "scalar Decimal scalar JSON")};

    memset(w, 0, sizeof *w);
    w->schema = od_gql_schema_new(texts, 1, &err);
    if (!w->schema) {
        fail_msg("%s", err.message);
        return;
    }
    for (struct od_gql_type *t = w->schema->types; t; t = t->next) {
        for (struct od_gql_field *f = t->fields; f; f = f->next)
            f->resolver = &od_gql_resolve_member;
    }
    od_arena_init(&w->arena);
    od_buf_init(&w->out, 1 << 20);
    od_gql_variables_init(&w->variables);
}

static void teardown(struct world *w)
{
    od_gql_variables_fini(&w->variables);
    od_buf_fini(&w->out);
    od_arena_fini(&w->arena);
    od_gql_schema_free(w->schema);
}

/* {"data"?, "errors"?} as one text, with the costs before it. */
static void runs_within(const struct od_gql_plan_limits *l, const char *query, const char *root,
                        const char *variables, const char *expect)
{
    struct world w;
    struct od_gql_document *document;
    struct od_json *object, *given;
    struct od_json_writer writer;
    struct od_err err;
    uint64_t cost, values = 0;

    setup(&w);
    od_gql_faults_init(&w.faults, &w.arena, 3);
    assert_int_equal(od_gql_parse(&w.arena, od_str_of(query), &limits, &document, &w.faults), 0);
    od_gql_validate(w.schema, document, &w.arena, &w.faults);
    if (w.faults.count)
        fail_msg("%.*s", OD_STR_ARG(w.faults.first->message));
    assert_int_equal(od_json_parse(&w.arena, od_str_of(root), 20, &object, &err), 0);
    assert_int_equal(od_json_parse(&w.arena, od_str_of(variables), 20, &given, &err), 0);
    assert_int_equal(
        od_gql_coerce_variables(&w.variables, &w.arena, document->definitions, given, &w.faults),
        0);
    /* A document is planned again and again. */
    for (int i = 0; i < 2; i++) {
        od_gql_faults_init(&w.faults, &w.arena, 3);
        const struct od_gql_plan *plan = od_gql_plan(
            &w.arena, w.schema, document, document->definitions, &w.variables, l, &w.faults, &cost);
        od_buf_reset(&w.out);
        od_jw_init(&writer, &w.out);
        od_jw_object(&writer);
        if (plan) {
            od_jw_key(&writer, "data");
            od_gql_execute(&writer, &w.arena, w.schema, plan, object, &w.faults, &values);
        }
        if (w.faults.count) {
            od_jw_key(&writer, "errors");
            od_jw_array(&writer);
            for (const struct od_gql_fault *f = w.faults.first; f; f = f->next)
                od_jw_str(&writer, f->message);
            od_jw_array_end(&writer);
        }
        od_jw_object_end(&writer);
    }
    if (!od_str_is(od_buf_view(&w.out), expect))
        fail_msg("expected <%s>, got <%.*s>", expect, OD_STR_ARG(od_buf_view(&w.out)));
    teardown(&w);
}

static void runs(const char *query, const char *root, const char *expect)
{
    runs_within(&usual, query, root, "{}", expect);
}

static void fields_are_merged_in_order(void **state)
{
    (void)state;
    runs("{ a { s } id b: a { n } ... { a { n s x: big } } ...F ...F } fragment F on Query { n }",
         "{\"a\": {\"s\": \"text\", \"n\": 1, \"big\": 1.50}, \"id\": \"7\", \"n\": 5}",
         "{\"data\":{\"a\":{\"s\":\"text\",\"n\":1,\"x\":1.50},\"id\":\"7\",\"b\":{\"n\":1},\"n\":"
         "5}}");
    runs_within(&usual,
                "query($y: Boolean!, $n: Boolean!) { id @skip(if: $y) n @include(if: $y) "
                "a @include(if: $n) { s } ...F @skip(if: $n) } fragment F on Query { x: id }",
                "{\"id\": \"7\", \"n\": 5}", "{\"y\": true, \"n\": false}",
                "{\"data\":{\"n\":5,\"x\":\"7\"}}");
}

static void a_scalar_may_be_any_value_of_json(void **state)
{
    (void)state;
    runs("{ a { j } b: a { j } }", "{\"a\": {\"j\": [1, {\"x\": [null]}]}}",
         "{\"data\":{\"a\":{\"j\":[1,{\"x\":[null]}]},\"b\":{\"j\":[1,{\"x\":[null]}]}}}");
    runs("{ a { j } }", "{\"a\": {\"j\": {\"k\": 1}}}", "{\"data\":{\"a\":{\"j\":{\"k\":1}}}}");
}

static void a_null_takes_the_nearest_that_may_be_null(void **state)
{
    (void)state;
    runs("{ a { s must } id }", "{\"a\": {\"s\": \"x\"}, \"id\": \"1\"}",
         "{\"data\":{\"a\":null,\"id\":\"1\"},\"errors\":[\"Cannot return null for non-nullable "
         "field must.\"]}");
    runs("{ a { n a { must } s } }", "{\"a\": {\"n\": 1, \"a\": {}}}",
         "{\"data\":{\"a\":{\"n\":1,\"a\":null,\"s\":null}},\"errors\":[\"Cannot return null for "
         "non-nullable field must.\"]}");
    runs("{ id must { s must } }", "{\"id\": \"1\", \"must\": {\"s\": \"x\"}}",
         "{\"data\":null,\"errors\":[\"Cannot return null for non-nullable field must.\"]}");
    runs("{ holes { n } }", "{\"holes\": [[{\"n\": 1}], null, [{\"n\": 2}, null], []]}",
         "{\"data\":{\"holes\":[[{\"n\":1}],null,null,[]]},\"errors\":[\"Cannot return null for "
         "non-nullable field holes.\"]}");
    runs("{ n }", "{}",
         "{\"data\":null,\"errors\":[\"Cannot return null for non-nullable field n.\"]}");
}

static void a_fault_has_the_path_to_its_field(void **state)
{
    struct world w;
    struct od_gql_document *document;
    struct od_json *object;
    struct od_json_writer writer;
    struct od_err err;
    uint64_t cost, values = 0;
    struct od_str source = OD_STR("{ holes {\n  x: must } }");

    (void)state;
    setup(&w);
    od_gql_faults_init(&w.faults, &w.arena, 2);
    assert_int_equal(od_gql_parse(&w.arena, source, &limits, &document, &w.faults), 0);
    od_gql_validate(w.schema, document, &w.arena, &w.faults);
    assert_int_equal(od_json_parse(&w.arena, OD_STR("{\"holes\": [null, [{\"must\": \"1\"}, {}]]}"),
                                   20, &object, &err),
                     0);
    const struct od_gql_plan *plan =
        od_gql_plan(&w.arena, w.schema, document, document->definitions, &w.variables, &usual,
                    &w.faults, &cost);
    od_jw_init(&writer, &w.out);
    od_gql_execute(&writer, &w.arena, w.schema, plan, object, &w.faults, &values);
    od_buf_reset(&w.out);
    od_jw_init(&writer, &w.out);
    od_gql_faults_write(&writer, &w.faults, source);
    assert_true(od_str_is(od_buf_view(&w.out),
                          "[{\"message\":\"Cannot return null for non-nullable field must.\","
                          "\"locations\":[{\"line\":2,\"column\":3}],\"path\":[\"holes\",1,1,"
                          "\"x\"],\"extensions\":{\"code\":\"Execution\"}}]"));
    teardown(&w);
}

static void limits_are_told_before_anything_runs(void **state)
{
    const struct od_gql_plan_limits few = {3, 8, 1030};

    (void)state;
    runs_within(&few, "{ a { a { s } } }", "{}", "{}", "{\"data\":{\"a\":null}}");
    runs_within(&few, "{ a { a { a { s } } } }", "{}", "{}",
                "{\"errors\":[\"The operation nests objects deeper than 3.\"]}");
    runs_within(&few, "{ a: id b: id c: id d: id e: id f: id g: id h: id i: id }", "{}", "{}",
                "{\"errors\":[\"The operation selects more fields, aliases and fragments than "
                "8.\"]}");
    runs_within(&few, "{ list(n: 1, limit: 29) { s } }", "{}", "{}", "{\"data\":{\"list\":null}}");
    runs_within(&few, "{ list(n: 1, limit: 30) { s } }", "{}", "{}",
                "{\"errors\":[\"The operation may cost more than 1030.\"]}");
    runs_within(&few, "{ list(n: 1, limit: 4000000) { s } }", "{}", "{}",
                "{\"errors\":[\"The operation may cost more than 1030.\"]}");
}

static void every_field_of_orders_has_a_resolver(void **state)
{
    struct od_err err = {0};
    struct od_gql_schema *s = od_gql_orders_schema(&err);

    (void)state;
    assert_non_null(s);
    if (od_gql_bind(s, &err))
        fail_msg("%s", err.message);
    assert_non_null(s->typename_field->resolver);
    assert_non_null(s->schema_field->resolver);
    assert_non_null(s->type_field->resolver);
    od_gql_schema_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_merged_in_order),
        cmocka_unit_test(a_scalar_may_be_any_value_of_json),
        cmocka_unit_test(a_null_takes_the_nearest_that_may_be_null),
        cmocka_unit_test(a_fault_has_the_path_to_its_field),
        cmocka_unit_test(limits_are_told_before_anything_runs),
        cmocka_unit_test(every_field_of_orders_has_a_resolver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
