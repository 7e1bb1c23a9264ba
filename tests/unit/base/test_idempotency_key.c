#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/idempotency_key.h"

static void printable_characters_without_blanks_are_a_key(void **state)
{
    (void)state;
    assert_true(od_idempotency_key_valid(OD_STR("a"), 0));
    assert_true(od_idempotency_key_valid(OD_STR("order-7:retry~!"), 0));
    assert_false(od_idempotency_key_valid(OD_STR(""), 0));
    assert_false(od_idempotency_key_valid(OD_STR_NONE, 0));
    assert_false(od_idempotency_key_valid(OD_STR("two words"), 0));
    assert_false(od_idempotency_key_valid(OD_STR("line\nbreak"), 0));
    assert_false(od_idempotency_key_valid(OD_STR("tab\t"), 0));
    assert_false(od_idempotency_key_valid(OD_STR("caf\xc3\xa9"), 0));
    assert_false(od_idempotency_key_valid(OD_STR("del\x7f"), 0));
}

static void a_key_has_room_for_what_is_appended(void **state)
{
    char text[OD_IDEMPOTENCY_KEY_MAX + 1];
    (void)state;
    memset(text, 'k', sizeof text);
    assert_true(od_idempotency_key_valid(od_str_n(text, 255), 0));
    assert_false(od_idempotency_key_valid(od_str_n(text, 256), 0));
    assert_true(od_idempotency_key_valid(od_str_n(text, 234), 21));
    assert_false(od_idempotency_key_valid(od_str_n(text, 235), 21));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printable_characters_without_blanks_are_a_key),
        cmocka_unit_test(a_key_has_room_for_what_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
