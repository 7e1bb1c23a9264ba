#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

static void test_compare_orders_by_bytes_and_prefix_first(void **state)
{
    (void)state;
    assert_true(od_str_cmp(OD_STR("a"), OD_STR("b")) < 0);
    assert_true(od_str_cmp(OD_STR("ab"), OD_STR("a")) > 0);
    assert_true(od_str_cmp(OD_STR("\x80"), OD_STR("z")) > 0);
    assert_int_equal(od_str_cmp(OD_STR_NONE, OD_STR("")), 0);
    assert_true(od_str_eq_nocase(OD_STR("Content-TYPE"), OD_STR("content-type")));
    assert_false(od_str_eq_nocase(OD_STR("["), OD_STR("{")));
    assert_true(od_str_starts_with(OD_STR("/api/x"), OD_STR("/api/")));
    assert_false(od_str_starts_with(OD_STR("/ap"), OD_STR("/api")));
}

static void test_trim_and_slice_stay_inside(void **state)
{
    (void)state;
    assert_true(od_str_is(od_str_trim(OD_STR(" \t a b\r\n")), "a b"));
    assert_int_equal(od_str_trim(OD_STR("  ")).len, 0);
    assert_null(od_str_trim(OD_STR_NONE).ptr);
    assert_true(od_str_is(od_str_slice(OD_STR("abc"), 1, 99), "bc"));
    assert_true(od_str_is(od_str_slice(OD_STR("abc"), 9, 2), ""));
    assert_null(od_str_slice(OD_STR_NONE, 1, 2).ptr);
}

static void test_cut_yields_each_piece_once(void **state)
{
    struct od_str rest = OD_STR("a,,b,"), piece;
    const char *expect[] = {"a", "", "b", ""};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_true(od_str_cut(&rest, ',', &piece));
        assert_true(od_str_is(piece, expect[i]));
    }
    assert_false(od_str_cut(&rest, ',', &piece));
}

static void test_integers_at_the_ends_of_int64(void **state)
{
    int64_t v = 7;

    (void)state;
    assert_true(od_str_to_i64(OD_STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v));
    assert_true(v == INT64_MAX);
    assert_true(od_str_to_i64(OD_STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_true(v == INT64_MIN);
    assert_false(od_str_to_i64(OD_STR("9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_false(od_str_to_i64(OD_STR("-9223372036854775809"), INT64_MIN, INT64_MAX, &v));
    assert_false(od_str_to_i64(OD_STR("101"), 0, 100, &v));
    assert_true(v == INT64_MIN);
}

static void test_what_is_no_integer_is_refused(void **state)
{
    const char *bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "--1", "1e2"};
    int64_t v;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(od_str_to_i64(od_str_of(bad[i]), INT64_MIN, INT64_MAX, &v));
    assert_false(od_str_to_i64(OD_STR_NONE, INT64_MIN, INT64_MAX, &v));
}

static void test_utf8_accepts_the_ends_of_each_range(void **state)
{
    const char *good[] = {"",
                          "plain ascii, longer than eight",
                          "\x7F",
                          "\xC2\x80",
                          "\xDF\xBF",
                          "\xE0\xA0\x80",
                          "\xED\x9F\xBF",
                          "\xEE\x80\x80",
                          "\xEF\xBF\xBF",
                          "\xF0\x90\x80\x80",
                          "\xF4\x8F\xBF\xBF",
                          "abcdefgh\xC3\xA9ijklmnop\xE2\x82\xAC"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(od_utf8_valid(od_str_of(good[i])));
    assert_true(od_utf8_valid(OD_STR("a\0b")));
    assert_true(od_str_has_nul(OD_STR("a\0b")));
    assert_false(od_str_has_nul(OD_STR("ab")));
}

static void test_utf8_refuses_overlong_surrogate_and_cut_forms(void **state)
{
    const char *bad[] = {"\x80",
                         "\xBF",
                         "\xC0\x80",
                         "\xC1\xBF",
                         "\xC2",
                         "\xC2\x41",
                         "\xE0\x9F\xBF",
                         "\xE2\x82",
                         "\xED\xA0\x80",
                         "\xF0\x8F\xBF\xBF",
                         "\xF4\x90\x80\x80",
                         "\xF5\x80\x80\x80",
                         "\xFF",
                         "abcdefgh\xE2\x82",
                         "abcdefghijklmno\xC3"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(od_utf8_valid(od_str_of(bad[i])));
}

static void test_error_keeps_its_context_in_order(void **state)
{
    struct od_err err;

    (void)state;
    od_err_clear(&err);
    assert_int_equal(od_err_set_at(&err, OD_ERR_CONFIG, "a.ini:3", "no key %s", "x"), -1);
    assert_int_equal(od_err_wrap(&err, "reading %s", "a.ini"), -1);
    assert_string_equal(err.message, "reading a.ini: no key x");
    assert_string_equal(err.origin, "a.ini:3");
    assert_int_equal(err.code, OD_ERR_CONFIG);
    assert_int_equal(od_err_set(&err, OD_ERR_IO, "again: %s", err.message), -1);
    assert_string_equal(err.message, "again: reading a.ini: no key x");
    assert_string_equal(err.origin, "");
    assert_int_equal(od_err_set(NULL, OD_ERR_IO, "nobody listens"), -1);
}

static void test_a_cut_error_message_is_still_utf8(void **state)
{
    struct od_err err;
    char text[sizeof err.message * 2];

    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        size_t n = shift;
        memset(text, 'x', shift);
        for (; n + 4 < sizeof text; n += 3)
            memcpy(text + n, "\xE2\x82\xAC", 3);
        text[n] = '\0';
        (void)od_err_set(&err, OD_ERR_IO, "%s", text);
        assert_true(od_utf8_valid(od_str_of(err.message)));
        assert_true(strlen(err.message) > sizeof err.message - 5);
        (void)od_err_wrap(&err, "x");
        assert_true(od_utf8_valid(od_str_of(err.message)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare_orders_by_bytes_and_prefix_first),
        cmocka_unit_test(test_trim_and_slice_stay_inside),
        cmocka_unit_test(test_cut_yields_each_piece_once),
        cmocka_unit_test(test_integers_at_the_ends_of_int64),
        cmocka_unit_test(test_what_is_no_integer_is_refused),
        cmocka_unit_test(test_utf8_accepts_the_ends_of_each_range),
        cmocka_unit_test(test_utf8_refuses_overlong_surrogate_and_cut_forms),
        cmocka_unit_test(test_error_keeps_its_context_in_order),
        cmocka_unit_test(test_a_cut_error_message_is_still_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
