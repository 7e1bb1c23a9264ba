#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "order/model/parts.h"
#include "read/graphql/types.h"

#define SCHEMA OD_SOURCE_DIR "/conf/schema.graphql"

static void read_file(const char *path, struct od_buf *out)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    for (size_t n = 1; n;) {
        char *to = od_buf_reserve(out, 65536);
        assert_non_null(to);
        n = fread(to, 1, 65536, f);
        od_buf_commit(out, n);
    }
    (void)fclose(f);
}

static void prints(const char *text, const char *expect)
{
    struct od_err err = {0};
    struct od_str texts[] = {od_str_of(text)};
    struct od_gql_schema *s = od_gql_schema_new(texts, 1, &err);
    struct od_buf out;

    od_buf_init(&out, 1 << 20);
    if (s)
        od_gql_print_schema(&out, s);
    else
        od_buf_printf(&out, "%s", err.message);
    if (!od_str_is(od_buf_view(&out), expect))
        fail_msg("expected <%s>, got <%.*s>", expect, OD_STR_ARG(od_buf_view(&out)));
    od_buf_fini(&out);
    od_gql_schema_free(s);
}

static void a_schema_is_read_and_printed(void **state)
{
    (void)state;
    prints(
        "\"Root\" type Query { a(\"arg\" x: [Int!]! = [1, 2], y: In): U @deprecated b: I! }"
        "interface I { c: ID } type T implements I & J { c: ID \"dee\" d: E } interface J { c: ID }"
        "union U = | T enum E { ONE \"second\" TWO @deprecated(reason: \"no\") }"
        "input In { f: Boolean! = true g: String @deprecated } scalar S @specifiedBy(url: \"u\")"
        "directive @d(x: Int) repeatable on FIELD | QUERY",
        "directive @d(x: Int) repeatable on QUERY | FIELD\n\n"
        "\"\"\"Root\"\"\"\ntype Query {\n  a(\n    \"\"\"arg\"\"\"\n    x: [Int!]! = [1, 2]\n"
        "    y: In\n  ): U @deprecated\n  b: I!\n}\n\n"
        "interface I {\n  c: ID\n}\n\n"
        "type T implements I & J {\n  c: ID\n\n  \"\"\"dee\"\"\"\n  d: E\n}\n\n"
        "interface J {\n  c: ID\n}\n\n"
        "union U = T\n\n"
        "enum E {\n  ONE\n\n  \"\"\"second\"\"\"\n  TWO @deprecated(reason: \"no\")\n}\n\n"
        "input In {\n  f: Boolean! = true\n  g: String @deprecated\n}\n\n"
        "scalar S @specifiedBy(url: \"u\")\n");
    prints("type Query { a: Int } extend type Query { a: String b: Int }",
           "type Query {\n  a: Int\n  b: Int\n}\n");
    prints("type Query { a: Nope }", "there is no type Nope");
    prints("type Query { a Int }",
           "text 1, line 1, column 16: Syntax Error: Expected \":\", found Name \"Int\".");
}

static void types_wrap_and_overlap(void **state)
{
    struct od_err err;
    struct od_str texts[] = {
        OD_STR("type Query { a: [T!]! b: [T!]! } type T implements I { c: ID } type V { c: ID }"
               "interface I { c: ID } union U = T | V union W = V")};
    struct od_gql_schema *s = od_gql_schema_new(texts, 1, &err);
    const struct od_gql_type *query, *t, *v, *i, *u, *w;

    (void)state;
    assert_non_null(s);
    query = od_gql_type_named(s, OD_STR("Query"));
    t = od_gql_type_named(s, OD_STR("T"));
    v = od_gql_type_named(s, OD_STR("V"));
    i = od_gql_type_named(s, OD_STR("I"));
    u = od_gql_type_named(s, OD_STR("U"));
    w = od_gql_type_named(s, OD_STR("W"));
    assert_ptr_equal(query->fields->type, query->fields->next->type);
    assert_ptr_equal(od_gql_named_type(query->fields->type), t);
    assert_true(od_gql_types_overlap(i, u) && od_gql_types_overlap(u, i));
    assert_true(od_gql_types_overlap(t, i) && od_gql_types_overlap(u, w));
    assert_false(od_gql_types_overlap(v, i));
    assert_false(od_gql_types_overlap(i, w));
    assert_false(od_gql_types_overlap(t, v));
    assert_non_null(od_gql_field_named(s, query, OD_STR("__schema")));
    assert_null(od_gql_field_named(s, t, OD_STR("__schema")));
    assert_non_null(od_gql_field_named(s, u, OD_STR("__typename")));
    assert_null(od_gql_type_named(s, OD_STR("__Meta")));
    od_gql_schema_free(s);
}

/* OD_UPDATE=1 writes it anew. */
static void the_schema_of_orders_is_the_one_checked_in(void **state)
{
    struct od_err err = {0};
    struct od_gql_schema *s = od_gql_orders_schema(&err);
    struct od_buf out, there;

    (void)state;
    if (!s)
        fail_msg("%s", err.message);
    od_buf_init(&out, 1 << 20);
    od_buf_init(&there, 1 << 20);
    od_gql_print_schema(&out, s);
    if (getenv("OD_UPDATE")) {
        FILE *f = fopen(SCHEMA, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(out.ptr, 1, out.len, f), out.len);
        assert_int_equal(fclose(f), 0);
    }
    read_file(SCHEMA, &there);
    if (!od_str_eq(od_buf_view(&out), od_buf_view(&there)))
        fail_msg("conf/schema.graphql is behind: run this test with OD_UPDATE=1");
    od_buf_fini(&out);
    od_buf_fini(&there);
    od_gql_schema_free(s);
}

static void every_field_that_the_api_shows_is_in_the_schema(void **state)
{
    struct od_err err;
    struct od_gql_schema *s = od_gql_orders_schema(&err);

    (void)state;
    for (int kind = 0; kind < OD_ENTITY_COUNT; kind++) {
        const struct od_entity *e = &od_entities[kind];
        struct od_str name = od_gql_entity_type(&s->arena, (enum od_entity_kind)kind);
        const struct od_gql_type *t = od_gql_type_named(s, name);
        assert_non_null(t);
        assert_true(t->is_entity && t->entity == (enum od_entity_kind)kind);
        for (uint32_t i = 0; i < e->field_count; i++) {
            bool there = od_gql_field_named(s, t, od_str_of(e->fields[i].json)) != NULL;
            if (!there && !(e->fields[i].flags & OD_FIELD_INTERNAL))
                fail_msg("%.*s has no %s", OD_STR_ARG(name), e->fields[i].json);
        }
    }
    OD_EACH_PART_KIND (p) {
        const struct od_gql_type *t = od_gql_type_named(s, od_gql_entity_type(&s->arena, p->owner));
        assert_true(p->slots || od_gql_field_named(s, t, od_str_of(p->name)));
    }
    od_gql_schema_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schema_is_read_and_printed),
        cmocka_unit_test(types_wrap_and_overlap),
        cmocka_unit_test(the_schema_of_orders_is_the_one_checked_in),
        cmocka_unit_test(every_field_that_the_api_shows_is_in_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
