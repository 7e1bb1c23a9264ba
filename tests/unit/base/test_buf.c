#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void expect(struct od_buf *b, const char *text)
{
    assert_true(od_str_is(od_buf_view(b), text));
    od_buf_reset(b);
}

static void test_append_grows_to_the_maximum_and_no_further(void **state)
{
    struct od_buf b;

    (void)state;
    od_buf_init(&b, 1000);
    for (int i = 0; i < 1000; i++)
        od_buf_char(&b, 'x');
    assert_false(b.overflow);
    assert_int_equal(b.len, 1000);
    assert_true(b.cap <= 1000);
    od_buf_char(&b, 'x');
    assert_true(b.overflow);
    assert_int_equal(b.len, 1000);
    od_buf_fini(&b);
}

static void test_after_overflow_nothing_is_appended_until_reset(void **state)
{
    struct od_buf b;

    (void)state;
    od_buf_init(&b, 4);
    od_buf_str(&b, OD_STR("abc"));
    od_buf_str(&b, OD_STR("de"));
    od_buf_str(&b, OD_STR("f"));
    assert_true(b.overflow);
    assert_null(od_buf_reserve(&b, 1));
    expect(&b, "abc");
    assert_false(b.overflow);
    od_buf_str(&b, OD_STR("wxyz"));
    expect(&b, "wxyz");
    assert_null(od_buf_reserve(&b, SIZE_MAX));
    od_buf_fini(&b);
}

static void test_consume_drops_from_the_front(void **state)
{
    struct od_buf b;

    (void)state;
    od_buf_init(&b, 100);
    od_buf_consume(&b, 0);
    od_buf_str(&b, OD_STR("abcdef"));
    od_buf_consume(&b, 2);
    od_buf_char(&b, 'g');
    expect(&b, "cdefg");
    od_buf_fini(&b);
}

static void test_printf_of_any_length(void **state)
{
    struct od_buf b;

    (void)state;
    od_buf_init(&b, 2000);
    od_buf_printf(&b, "%s=%d", "a", 1);
    expect(&b, "a=1");
    od_buf_printf(&b, "%2000d", 1);
    assert_int_equal(b.len, 2000);
    assert_false(b.overflow);
    od_buf_fini(&b);
}

static void test_integers_in_decimal(void **state)
{
    struct od_buf b;

    (void)state;
    od_buf_init(&b, 100);
    od_buf_i64(&b, 0);
    expect(&b, "0");
    od_buf_i64(&b, -10);
    expect(&b, "-10");
    od_buf_i64(&b, INT64_MAX);
    expect(&b, "9223372036854775807");
    od_buf_i64(&b, INT64_MIN);
    expect(&b, "-9223372036854775808");
    od_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_grows_to_the_maximum_and_no_further),
        cmocka_unit_test(test_after_overflow_nothing_is_appended_until_reset),
        cmocka_unit_test(test_consume_drops_from_the_front),
        cmocka_unit_test(test_printf_of_any_length),
        cmocka_unit_test(test_integers_in_decimal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
