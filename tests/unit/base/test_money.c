#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/money.h"

static void accepts(const char *text, int digits, int64_t expect)
{
    struct od_err err;
    int64_t v = 123;

    if (od_decimal_parse(od_str_of(text), digits, &v, &err) != 0)
        fail_msg("%s with %d digits: %s", text, digits, err.message);
    if (v != expect)
        fail_msg("%s with %d digits: got %lld", text, digits, (long long)v);
}

static void refuses(const char *text, int digits)
{
    struct od_err err;
    int64_t v = 123;

    if (od_decimal_parse(od_str_of(text), digits, &v, &err) == 0)
        fail_msg("%s with %d digits was accepted", text, digits);
    assert_int_equal(err.code, OD_ERR_INVALID);
    assert_true(v == 123);
}

static void test_decimals_are_read_exactly(void **state)
{
    (void)state;
    accepts("59.98", 2, 5998);
    accepts("59.990", 2, 5999);
    accepts("1.10", 2, 110);
    accepts("-3", 2, -300);
    accepts("-0", 2, 0);
    accepts("-0.00", 2, 0);
    accepts("0.05", 2, 5);
    accepts("1e2", 2, 10000);
    accepts("1e2", 0, 100);
    accepts("1.5E+1", 0, 15);
    accepts("5998e-2", 2, 5998);
    accepts("100e-2", 0, 1);
    accepts("0e400", 2, 0);
    accepts("0.0000", 0, 0);
    accepts("0.0000000000000000000000000000000000001e37", 0, 1);
    accepts("10000000000000000000000000000000000000e-37", 2, 100);
    accepts("1", 18, 1000000000000000000);
}

static void test_too_many_fraction_digits_are_refused(void **state)
{
    (void)state;
    refuses("59.980000000000001", 2);
    refuses("0.001", 2);
    refuses("1.1", 0);
    refuses("1e-3", 2);
    refuses("1e-400", 4);
    refuses("1e-99999999999999999999999", 4);
}

static void test_the_ends_of_int64(void **state)
{
    (void)state;
    accepts("92233720368547758.07", 2, INT64_MAX);
    refuses("92233720368547758.08", 2);
    accepts("-92233720368547758.08", 2, INT64_MIN);
    refuses("-92233720368547758.09", 2);
    refuses("1e400", 2);
    refuses("1e99999999999999999999999", 2);
    refuses("1e17", 2);
    refuses("99999999999999999999999999999", 0);
}

static void test_what_json_would_not_call_a_number_is_refused(void **state)
{
    const char *bad[] = {"",     "-",     ".",   ".5",   "5.",   "+1",  "01",   "-01", "00",
                         "1..2", "1.2.3", "1e",  "1e+",  "e5",   "1,0", " 1",   "1 ",  "0x1",
                         "NaN",  "inf",   "-.5", "1.e5", "1e5.", "--1", "1e1e1"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i], 2);
    assert_int_equal(od_decimal_parse(OD_STR_NONE, 2, &(int64_t){0}, NULL), -1);
}

static void formats(int64_t units, int digits, const char *expect)
{
    struct od_buf b;
    int64_t back;

    od_buf_init(&b, 100);
    od_decimal_format(&b, units, digits);
    if (!od_str_is(od_buf_view(&b), expect))
        fail_msg("expected %s, got %.*s", expect, OD_STR_ARG(od_buf_view(&b)));
    assert_int_equal(od_decimal_parse(od_buf_view(&b), digits, &back, NULL), 0);
    assert_true(back == units);
    od_buf_fini(&b);
}

static void test_decimals_are_written_with_all_their_digits(void **state)
{
    (void)state;
    formats(5998, 2, "59.98");
    formats(5900, 2, "59.00");
    formats(5, 2, "0.05");
    formats(-5, 2, "-0.05");
    formats(0, 2, "0.00");
    formats(0, 0, "0");
    formats(-1234, 0, "-1234");
    formats(1, 18, "0.000000000000000001");
    formats(INT64_MAX, 2, "92233720368547758.07");
    formats(INT64_MIN, 2, "-92233720368547758.08");
    formats(INT64_MIN, 18, "-9.223372036854775808");
}

static void test_currencies_have_the_digits_of_iso_4217(void **state)
{
    (void)state;
    assert_int_equal(od_currency_digits(OD_STR("EUR")), 2);
    assert_int_equal(od_currency_digits(OD_STR("AED")), 2);
    assert_int_equal(od_currency_digits(OD_STR("BRL")), 2);
    assert_int_equal(od_currency_digits(OD_STR("JPY")), 0);
    assert_int_equal(od_currency_digits(OD_STR("KWD")), 3);
    assert_int_equal(od_currency_digits(OD_STR("CLF")), 4);
    assert_int_equal(od_currency_digits(OD_STR("ZWL")), 2);
    assert_int_equal(od_currency_digits(OD_STR("eur")), -1);
    assert_int_equal(od_currency_digits(OD_STR("XXX")), -1);
    assert_int_equal(od_currency_digits(OD_STR("EU")), -1);
    assert_int_equal(od_currency_digits(OD_STR_NONE), -1);
}

static void test_arithmetic_refuses_to_overflow(void **state)
{
    int64_t v = 7;

    (void)state;
    assert_false(od_money_add(INT64_MAX, 1, &v));
    assert_false(od_money_sub(INT64_MIN, 1, &v));
    assert_false(od_money_mul(INT64_MAX / 2 + 1, 2, &v));
    assert_true(v == 7);
    assert_true(od_money_add(INT64_MAX, -1, &v) && v == INT64_MAX - 1);
    assert_true(od_money_sub(1, 3, &v) && v == -2);
    assert_true(od_money_mul(-5998, 3, &v) && v == -17994);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals_are_read_exactly),
        cmocka_unit_test(test_too_many_fraction_digits_are_refused),
        cmocka_unit_test(test_the_ends_of_int64),
        cmocka_unit_test(test_what_json_would_not_call_a_number_is_refused),
        cmocka_unit_test(test_decimals_are_written_with_all_their_digits),
        cmocka_unit_test(test_currencies_have_the_digits_of_iso_4217),
        cmocka_unit_test(test_arithmetic_refuses_to_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
