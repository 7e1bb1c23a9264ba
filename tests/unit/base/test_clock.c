#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

static const char *format(int64_t us)
{
    static char text[64];
    struct od_buf b;

    od_buf_init(&b, sizeof text - 1);
    od_time_format(&b, us);
    memcpy(text, b.ptr, b.len);
    text[b.len] = '\0';
    od_buf_fini(&b);
    return text;
}

static int64_t parse(const char *text)
{
    int64_t us = -1;

    return od_time_parse(od_str_of(text), &us) ? us : -1;
}

static void test_fraction_has_the_digits_it_needs(void **state)
{
    (void)state;
    assert_string_equal(format(0), "1970-01-01T00:00:00Z");
    assert_string_equal(format(1499637425000000), "2017-07-09T21:57:05Z");
    assert_string_equal(format(1499637425123456), "2017-07-09T21:57:05.123456Z");
    assert_string_equal(format(1499637425123400), "2017-07-09T21:57:05.123400Z");
    assert_string_equal(format(1499637425120000), "2017-07-09T21:57:05.120Z");
    assert_string_equal(format(-1), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(format(253402300799999999), "9999-12-31T23:59:59.999999Z");
    assert_int_equal(strlen(format(INT64_MAX)), strlen("294247-01-10T04:00:54.775807Z"));
    assert_int_equal(strlen(format(INT64_MIN)), strlen("-290308-12-21T19:59:05.224192Z"));
}

/* Every day until 9999 against the C library, and back. */
static void test_the_calendar_agrees_with_gmtime(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 2932897; day++) {
        int64_t us = day * 86400000000 + day % 86400 * 1000000;
        time_t seconds = (time_t)(us / 1000000);
        struct tm tm;
        char expect[64];

        gmtime_r(&seconds, &tm);
        strftime(expect, sizeof expect, "%Y-%m-%dT%H:%M:%SZ", &tm);
        assert_string_equal(format(us), expect);
        assert_true(parse(expect) == us);
        assert_int_equal(od_time_year(us), tm.tm_year + 1900);
    }
}

static void test_offsets_and_the_blank_form_are_read(void **state)
{
    int64_t at = 1499637425000000;

    (void)state;
    assert_true(parse("2017-07-09T23:57:05+02:00") == at);
    assert_true(parse("2017-07-09t16:27:05-05:30") == at);
    assert_true(parse("2017-07-09 21:57:05") == at);
    assert_true(parse("2017-07-09 21:57:05.5Z") == at + 500000);
    assert_true(parse("2017-07-09T21:57:05.123456789Z") == at + 123456);
    assert_true(parse("2016-12-31T23:59:60Z") == parse("2017-01-01T00:00:00Z"));
    assert_true(parse("1970-01-01T00:00:00Z") == 0);
}

static void test_what_is_no_time_is_refused(void **state)
{
    const char *bad[] = {"",
                         "2017-07-09",
                         "2017-07-09T21:57Z",
                         "2017-07-09T21:57:05",
                         "2017-07-09T21:57:05.Z",
                         "2017-07-09T21:57:05Zx",
                         "2017-07-09T21:57:05+0200",
                         "2017-07-09T21:57:05+24:00",
                         "2017-02-29T00:00:00Z",
                         "2100-02-29T00:00:00Z",
                         "2017-13-01T00:00:00Z",
                         "2017-00-01T00:00:00Z",
                         "2017-04-31T00:00:00Z",
                         "2017-04-00T00:00:00Z",
                         "2017-07-09T24:00:00Z",
                         "2017-07-09T23:60:00Z",
                         "2017-07-09T23:59:61Z",
                         "1969-12-31T23:59:59Z",
                         "1970-01-01T00:00:00+00:01",
                         "9999-12-31T23:59:59-00:01",
                         "+017-07-09T21:57:05Z"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i]) != -1)
            fail_msg("%s was accepted", bad[i]);
}

static void test_a_fixed_clock_stands_still(void **state)
{
    int64_t before = od_clock_monotonic_us();

    (void)state;
    od_clock_fix(1000);
    assert_true(od_clock_us() == 1000);
    od_clock_fix(0);
    assert_true(od_clock_us() > 1600000000000000);
    assert_true(od_clock_monotonic_us() >= before);
}

static void test_a_clock_that_differs_is_followed_until_it_agrees_again(void **state)
{
    const int64_t day = 86400 * INT64_C(1000000), second = 1000000;
    int64_t start = od_clock_us();

    (void)state;
    assert_true(od_clock_follow(start + second / 2, 0) == 0); /* within a second */
    assert_true(od_clock_us() - start < second / 2);
    assert_true(od_clock_follow(start + 3 * second, 4 * second) == 0); /* nor more is known */
    int64_t moved = od_clock_follow(start + day, 0);
    assert_true(moved > day - second && moved <= day);
    assert_true(od_clock_us() >= start + day && od_clock_us() < start + day + 60 * second);
    moved = od_clock_follow(od_clock_us() - 2 * day, 0);
    assert_true(moved < -2 * day + second && moved > -2 * day - second);
    /* The machine's own time again, not what was read of the other clock. */
    moved = od_clock_follow(start + second / 2, second);
    assert_true(moved > day - 60 * second && moved < day + 60 * second);
    assert_true(od_clock_us() >= start && od_clock_us() < start + 60 * second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fraction_has_the_digits_it_needs),
        cmocka_unit_test(test_the_calendar_agrees_with_gmtime),
        cmocka_unit_test(test_offsets_and_the_blank_form_are_read),
        cmocka_unit_test(test_what_is_no_time_is_refused),
        cmocka_unit_test(test_a_fixed_clock_stands_still),
        cmocka_unit_test(test_a_clock_that_differs_is_followed_until_it_agrees_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
