#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/cookie.h"

static bool is(const char *header, const char *value)
{
    struct od_str found = od_cookie_find(od_str_of(header), "orderd_session");
    return value ? found.ptr && od_str_is(found, value) : !found.ptr;
}

static void a_cookie_is_found_among_others(void **state)
{
    (void)state;
    assert_true(is("orderd_session=abc", "abc"));
    assert_true(is("a=1; orderd_session=abc; b=2", "abc"));
    assert_true(is("a=1;orderd_session=\"abc\"", "abc"));
    assert_true(is("orderd_session=", ""));
    assert_true(is("orderd_session=a=b==", "a=b=="));
    assert_true(is("xorderd_session=abc; orderd_sessionx=abc; ORDERD_SESSION=abc", NULL));
    assert_true(is("", NULL));
    assert_true(is(";;; = ;orderd_session", NULL));
    assert_false(od_cookie_find(OD_STR_NONE, "orderd_session").ptr != NULL);
}

static void what_no_cookie_may_hold_is_no_cookie(void **state)
{
    (void)state;
    assert_true(is("orderd_session=a b", NULL));
    assert_true(is("orderd_session=a\\b", NULL));
    assert_true(is("orderd_session=\"", NULL));
    assert_true(is("orderd_session=\xc3\xa4", NULL));
}

/* A neighbouring host can plant one beside ours. */
static void two_of_one_name_that_differ_are_none(void **state)
{
    (void)state;
    assert_true(is("orderd_session=abc; orderd_session=def", NULL));
    assert_true(is("orderd_session=abc; orderd_session=abc", "abc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_is_found_among_others),
        cmocka_unit_test(what_no_cookie_may_hold_is_no_cookie),
        cmocka_unit_test(two_of_one_name_that_differ_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
