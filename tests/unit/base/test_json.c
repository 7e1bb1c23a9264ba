#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdbool.h>

#include "base/json/json.h"

#define DEPTH 32

static struct od_arena arena;
static struct od_err err;

static int clear_arena(void **state)
{
    (void)state;
    od_arena_fini(&arena);
    return 0;
}

static struct od_json *parse(struct od_str text)
{
    struct od_json *root = NULL;

    return od_json_parse(&arena, text, DEPTH, &root, &err) == 0 ? root : NULL;
}

static void accepts(const char *text)
{
    if (!parse(od_str_of(text)))
        fail_msg("%s: %s", text, err.message);
}

static void refuses(struct od_str text, const char *message)
{
    if (parse(text))
        fail_msg("%.*s was accepted", OD_STR_ARG(text));
    assert_int_equal(err.code, OD_ERR_MALFORMED);
    assert_string_equal(err.message, message);
}

static void decodes(const char *text, struct od_str expect)
{
    struct od_json *v = parse(od_str_of(text));

    if (!v)
        fail_msg("%s: %s", text, err.message);
    assert_int_equal(v->type, OD_JSON_STRING);
    assert_true(od_str_eq(v->text, expect));
}

static const char order[] =
    " {\"currency\": \"EUR\", \"grandTotal\": 59.980000000000001, \"tags\": [ ],\r\n"
    "\t\"items\": [{\"sku\": \"A\\u00e9\", \"qty\": 2}, {\"sku\": \"B\", \"qty\": -1e2}],"
    " \"paid\": true, \"held\": false, \"note\": null, \"\": {} } ";

static void test_a_tree_with_numbers_as_written_and_raw_slices(void **state)
{
    struct od_json *root = parse(od_str_of(order));
    const struct od_json *items, *first, *total;

    (void)state;
    assert_non_null(root);
    assert_int_equal(root->type, OD_JSON_OBJECT);
    assert_int_equal(root->count, 8);
    assert_true(od_str_eq(root->raw, od_str_trim(od_str_of(order))));
    total = od_json_get(root, "grandTotal");
    assert_true(od_str_is(total->text, "59.980000000000001"));
    assert_true(od_str_is(total->key, "grandTotal"));
    items = od_json_get(root, "items");
    assert_int_equal(items->type, OD_JSON_ARRAY);
    assert_int_equal(items->count, 2);
    first = items->child;
    assert_true(od_str_is(first->raw, "{\"sku\": \"A\\u00e9\", \"qty\": 2}"));
    assert_true(od_str_is(od_json_get(first, "sku")->text, "A\xC3\xA9"));
    assert_true(od_str_is(od_json_get(first, "sku")->raw, "\"A\\u00e9\""));
    assert_true(od_str_is(od_json_get(first->next, "sku")->text, "B"));
    assert_null(first->next->next);
    assert_true(od_json_get(root, "paid")->boolean);
    assert_false(od_json_get(root, "held")->boolean);
    assert_int_equal(od_json_get(root, "note")->type, OD_JSON_NULL);
    assert_int_equal(od_json_get_str(root, OD_STR(""))->type, OD_JSON_OBJECT);
    assert_int_equal(od_json_get(root, "tags")->count, 0);
    assert_null(od_json_get(root, "absent"));
    assert_null(od_json_get(items, "sku"));
    assert_null(od_json_get(NULL, "sku"));
}

/* From memory of exactly that size, so that AddressSanitizer sees a read past the end. */
static void test_a_text_cut_at_any_byte_is_refused(void **state)
{
    size_t end = od_str_trim(od_str_of(order)).len + 1;

    (void)state;
    for (size_t n = 0; n < end; n++) {
        char *text = malloc(n ? n : 1);
        memcpy(text, order, n);
        assert_null(parse(od_str_n(text, n)));
        assert_int_equal(err.code, OD_ERR_MALFORMED);
        free(text);
    }
    assert_non_null(parse(od_str_n(order, end)));
}

static void test_the_grammar_of_numbers(void **state)
{
    const char *good[] = {"0",   "-0",   "10",      "1.0",   "0.5",
                          "1e5", "1E+5", "-1.5e-5", "1e400", "123456789012345678901234567890"};
    const char *bad[] = {"-",   "01",   "-01", "+1",  ".5",       "5.",  "1e",
                         "1e+", "1.e5", "0x1", "NaN", "Infinity", "--1", "1 2"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        accepts(good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(parse(od_str_of(bad[i])));
}

static void test_what_is_outside_the_grammar_is_refused_with_its_place(void **state)
{
    (void)state;
    refuses(OD_STR(""), "line 1 column 1: unexpected end");
    refuses(OD_STR_NONE, "line 1 column 1: unexpected end");
    refuses(OD_STR("{\n  \"a\": tru\n}"), "line 2 column 8: expected a value");
    refuses(OD_STR("[1,]"), "line 1 column 4: expected a value");
    refuses(OD_STR("[1 2]"), "line 1 column 4: expected ',' or ']'");
    refuses(OD_STR("{\"a\":1,}"), "line 1 column 8: expected a member name");
    refuses(OD_STR("{\"a\" 1}"), "line 1 column 6: expected ':'");
    refuses(OD_STR("{'a':1}"), "line 1 column 2: expected a member name");
    refuses(OD_STR("[\"\xC3\xA9\" 1]"), "line 1 column 6: expected ',' or ']'");
    refuses(OD_STR("1 x"), "line 1 column 3: unexpected text after the value");
    refuses(OD_STR("\xEF\xBB\xBF{}"), "line 1 column 1: expected a value");
    refuses(OD_STR("{} \0"), "line 1 column 4: unexpected text after the value");
}

static void test_strings_decode_their_escapes(void **state)
{
    (void)state;
    decodes("\"\"", OD_STR(""));
    decodes("\"a\\\"b\\\\c\\/d\"", OD_STR("a\"b\\c/d"));
    decodes("\"\\b\\f\\n\\r\\t\"", OD_STR("\b\f\n\r\t"));
    decodes("\"\\u0041\\u00E9\\u20ac\\uD83D\\uDE00 and more text\"",
            OD_STR("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and more text"));
    decodes("\"long enough for words \\u0007\"", OD_STR("long enough for words \a"));
    decodes("\"\\uFFFF\x7F\"", OD_STR("\xEF\xBF\xBF\x7F"));
}

static void test_strings_that_postgresql_could_not_hold_are_refused(void **state)
{
    (void)state;
    refuses(OD_STR("\"ab\\u0000\""), "line 1 column 4: \\u0000 is not accepted");
    refuses(OD_STR("\"\\uD800\""), "line 1 column 2: lone surrogate");
    refuses(OD_STR("\"\\uDC00\""), "line 1 column 2: lone surrogate");
    refuses(OD_STR("\"\\uD800\\u0041\""), "line 1 column 2: lone surrogate");
    refuses(OD_STR("\"\\uD800\\n\""), "line 1 column 2: lone surrogate");
    refuses(OD_STR("\"\xC3\x28\""),
            "line 1 column 2: invalid UTF-8 in the string that begins here");
    refuses(OD_STR("\"abcdefgh\xED\xA0\x80\""),
            "line 1 column 2: invalid UTF-8 in the string that begins here");
    refuses(OD_STR("\"\\n\xC0\x80\""),
            "line 1 column 2: invalid UTF-8 in the string that begins here");
    refuses(OD_STR("\"a\nb\""), "line 1 column 3: control character in a string");
    refuses(OD_STR("\"a\0b\""), "line 1 column 3: control character in a string");
    refuses(OD_STR("\"\\x\""), "line 1 column 3: unknown escape");
    refuses(OD_STR("\"\\u12g4\""), "line 1 column 6: expected four hexadecimal digits");
    refuses(OD_STR("\"\\"), "line 1 column 3: unexpected end");
}

static void test_nesting_stops_at_the_limit(void **state)
{
    char text[2 * DEPTH + 3];

    (void)state;
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    text[2 * DEPTH] = '\0';
    accepts(text);
    memset(text, '[', DEPTH + 1);
    memset(text + DEPTH + 1, ']', DEPTH + 1);
    refuses(od_str_n(text, 2 * DEPTH + 2), "line 1 column 33: nested too deeply");
    accepts("[[],[],{},{\"a\":[]}]");
}

static void test_duplicate_names_are_refused_in_objects_of_any_size(void **state)
{
    (void)state;
    refuses(OD_STR("{\"a\":1,\"\\u0061\":2}"), "line 1 column 8: duplicate member name");
    accepts("{\"a\":{\"a\":1},\"b\":{\"a\":1}}");
    for (int n = 1; n < 200; n += 3) {
        struct od_buf b;

        od_buf_init(&b, 1 << 16);
        for (int i = 0; i < n; i++)
            od_buf_printf(&b, "%s\"k%d\":%d", i ? "," : "{", i, i);
        od_buf_char(&b, '}');
        assert_non_null(parse(od_buf_view(&b)));
        b.len--;
        od_buf_printf(&b, ",\"k%d\":0}", n / 2);
        assert_null(parse(od_buf_view(&b)));
        od_buf_fini(&b);
    }
}

static void integer(const char *text, bool ok, int64_t expect)
{
    int64_t v = 0;

    assert_int_equal(od_json_i64(parse(od_str_of(text)), -1000, INT64_MAX, &v), ok);
    assert_true(v == expect);
}

static void test_integers_are_exact_and_in_range(void **state)
{
    (void)state;
    integer("12", true, 12);
    integer("1e2", true, 100);
    integer("3.0", true, 3);
    integer("-0", true, 0);
    integer("9223372036854775807", true, INT64_MAX);
    integer("9223372036854775808", false, 0);
    integer("1.5", false, 0);
    integer("-1001", false, 0);
    integer("1e400", false, 0);
    integer("\"1\"", false, 0);
}

static void test_the_writer_places_commas_and_escapes(void **state)
{
    struct od_json_writer w;
    struct od_buf b;

    (void)state;
    od_buf_init(&b, 4096);
    od_jw_init(&w, &b);
    od_jw_object(&w);
    od_jw_key(&w, "n");
    od_jw_i64(&w, -5);
    od_jw_key(&w, "total");
    od_jw_decimal(&w, 5998, 2);
    od_jw_key_str(&w, OD_STR("q\"\n"));
    od_jw_array(&w);
    od_jw_array_end(&w);
    od_jw_key(&w, "list");
    od_jw_array(&w);
    od_jw_str(&w, OD_STR("a \"quoted\" \\ tab\t bell\a nul\0 \xC3\xA9 \x7F"));
    od_jw_str(&w, OD_STR_NONE);
    od_jw_cstr(&w, "");
    od_jw_object(&w);
    od_jw_object_end(&w);
    od_jw_bool(&w, true);
    od_jw_bool(&w, false);
    od_jw_raw(&w, OD_STR("[1]"));
    od_jw_array_end(&w);
    od_jw_key(&w, "at");
    od_jw_time(&w, 1499637425000000);
    od_jw_object_end(&w);
    assert_true(od_str_is(od_buf_view(&b),
                          "{\"n\":-5,\"total\":59.98,\"q\\\"\\n\":[],\"list\":[\"a \\\"quoted\\\" "
                          "\\\\ tab\\t bell\\u0007 nul\\u0000 \xC3\xA9 \x7F\",null,\"\",{},true,"
                          "false,[1]],\"at\":\"2017-07-09T21:57:05Z\"}"));
    od_buf_fini(&b);
}

static void test_what_is_written_is_read_back(void **state)
{
    char text[300];
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        size_t n = (size_t)rand_r(&seed) % sizeof text;
        struct od_json_writer w;
        struct od_buf b;
        struct od_json *v;

        for (size_t i = 0; i < n; i++)
            text[i] = (char)(1 + rand_r(&seed) % 127);
        od_buf_init(&b, 4096);
        od_jw_init(&w, &b);
        od_jw_str(&w, od_str_n(text, n));
        v = parse(od_buf_view(&b));
        assert_non_null(v);
        assert_true(od_str_eq(v->text, od_str_n(text, n)));
        od_buf_fini(&b);
        od_arena_reset(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tree_with_numbers_as_written_and_raw_slices),
        cmocka_unit_test(test_a_text_cut_at_any_byte_is_refused),
        cmocka_unit_test(test_the_grammar_of_numbers),
        cmocka_unit_test(test_what_is_outside_the_grammar_is_refused_with_its_place),
        cmocka_unit_test(test_strings_decode_their_escapes),
        cmocka_unit_test(test_strings_that_postgresql_could_not_hold_are_refused),
        cmocka_unit_test(test_nesting_stops_at_the_limit),
        cmocka_unit_test(test_duplicate_names_are_refused_in_objects_of_any_size),
        cmocka_unit_test(test_integers_are_exact_and_in_range),
        cmocka_unit_test(test_the_writer_places_commas_and_escapes),
        cmocka_unit_test(test_what_is_written_is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, clear_arena);
}
