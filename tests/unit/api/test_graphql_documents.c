#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/graphql/documents.h"
#include "read/graphql/types.h"

static const struct od_gql_limits limits = {1000, 100, 10};

static struct od_gql_schema *orders_schema(void)
{
    struct od_err err;
    struct od_gql_schema *s = od_gql_orders_schema(&err);

    assert_non_null(s);
    return s;
}

static bool is_kept(struct od_gql_texts *t, const char *source)
{
    uint8_t hash[OD_SHA256];

    od_sha256_of(od_str_of(source), hash);
    struct od_gql_text *text = od_gql_texts_find(t, hash);
    od_gql_text_unref(text);
    return text != NULL;
}

static void use(struct od_gql_texts *t, const char *source)
{
    od_gql_text_unref(od_gql_texts_get(t, od_str_of(source)));
}

static void the_least_recently_used_document_leaves(void **state)
{
    struct od_gql_schema *s = orders_schema();
    struct od_gql_texts t;

    (void)state;
    od_gql_texts_init(&t, s, &limits, 2);
    use(&t, "{ a: __typename }");
    use(&t, "{ b: __typename }");
    use(&t, "{ a: __typename }");
    use(&t, "{ c: __typename }");
    assert_int_equal(t.count, 2);
    assert_int_equal(t.hits, 1);
    assert_int_equal(t.misses, 3);
    assert_true(is_kept(&t, "{ a: __typename }"));
    assert_false(is_kept(&t, "{ b: __typename }"));
    assert_true(is_kept(&t, "{ c: __typename }"));
    od_gql_texts_fini(&t);
    od_gql_schema_free(s);
}

static void a_document_outlives_its_place_as_long_as_somebody_runs_it(void **state)
{
    struct od_gql_schema *s = orders_schema();
    struct od_gql_texts t;

    (void)state;
    od_gql_texts_init(&t, s, &limits, 1);
    struct od_gql_text *running = od_gql_texts_get(&t, OD_STR("{ a: __typename }"));
    use(&t, "{ b: __typename }");
    assert_false(is_kept(&t, "{ a: __typename }"));
    assert_true(od_str_is(running->document->definitions->selections->alias.text, "a"));
    od_gql_text_unref(running);
    od_gql_texts_fini(&t);
    od_gql_schema_free(s);
}

static void what_is_not_valid_is_not_kept(void **state)
{
    static const char *const wrong[] = {"{", "{ nope }", "{ a a a a a }"};
    struct od_gql_schema *s = orders_schema();
    struct od_gql_texts t;

    (void)state;
    od_gql_texts_init(&t, s, &limits, 10);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct od_gql_text *text = od_gql_texts_get(&t, od_str_of(wrong[i]));
        assert_true(text->faults.count > 0);
        od_gql_text_unref(text);
        assert_false(is_kept(&t, wrong[i]));
    }
    assert_int_equal(t.count, 0);
    od_gql_texts_fini(&t);
    od_gql_texts_init(&t, s, &limits, 0);
    use(&t, "{ __typename }");
    assert_false(is_kept(&t, "{ __typename }"));
    od_gql_texts_fini(&t);
    od_gql_schema_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_recently_used_document_leaves),
        cmocka_unit_test(a_document_outlives_its_place_as_long_as_somebody_runs_it),
        cmocka_unit_test(what_is_not_valid_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
