#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/uuid.h"

static void test_text_and_back_in_both_forms(void **state)
{
    struct od_uuid u, again;
    char text[OD_UUID_TEXT + 1];

    (void)state;
    assert_true(od_uuid_parse(OD_STR("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), &u));
    od_uuid_format(&u, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_true(od_uuid_parse(OD_STR("017f22e279b07cc398c4dc0c0c07398f"), &again));
    assert_memory_equal(&u, &again, sizeof u);
}

static void test_what_is_no_uuid_is_refused(void **state)
{
    const char *bad[] = {"",
                         "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                         "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                         "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                         "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
                         "017f22e2-79b0-7cc3-98c4-dc0c0c0-398f",
                         "017f22e279b07cc398c4dc0c0c07398",
                         "1"};
    struct od_uuid u;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(od_uuid_parse(od_str_of(bad[i]), &u));
}

static void test_version_7_sorts_by_time(void **state)
{
    struct od_uuid last = od_uuid_v7(1645557742000000 - 1);
    char text[OD_UUID_TEXT + 1];

    (void)state;
    for (int64_t us = 0; us < 5000; us++) {
        struct od_uuid u = od_uuid_v7(1645557742000000 + us);
        assert_true(memcmp(&u, &last, sizeof u) > 0);
        assert_int_equal(u.bytes[6] >> 4, 7);
        assert_int_equal(u.bytes[8] >> 6, 2);
        last = u;
    }
    last = od_uuid_v7(1645557742000000); /* RFC 9562, appendix A.6 */
    od_uuid_format(&last, text);
    assert_memory_equal(text, "017f22e2-79b0-7", 15);
}

static void test_version_5_is_that_of_the_standard(void **state)
{
    struct od_uuid dns, u;
    char text[OD_UUID_TEXT + 1];

    (void)state;
    assert_true(od_uuid_parse(OD_STR("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &dns));
    for (int i = 0; i < 2; i++) {
        u = od_uuid_v5(&dns, OD_STR("www.example.com")); /* RFC 9562, appendix A.4 */
        od_uuid_format(&u, text);
        assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
    assert_false(od_uuid_is_zero(&u));
    assert_true(od_uuid_is_zero(&(struct od_uuid){{0}}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_and_back_in_both_forms),
        cmocka_unit_test(test_what_is_no_uuid_is_refused),
        cmocka_unit_test(test_version_7_sorts_by_time),
        cmocka_unit_test(test_version_5_is_that_of_the_standard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
