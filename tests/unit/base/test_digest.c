#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"

static void test_sha256_of_the_standard_messages(void **state)
{
    uint8_t whole[OD_SHA256], parts[OD_SHA256];
    char hex[OD_SHA256_HEX + 1];
    struct od_sha256 *d = od_sha256_new();

    (void)state;
    od_sha256_of(OD_STR("abc"), whole);
    od_hex(whole, sizeof whole, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    od_sha256_update(d, OD_STR("a"));
    od_sha256_update(d, OD_STR(""));
    od_sha256_update(d, OD_STR_NONE);
    od_sha256_update(d, OD_STR("bc"));
    od_sha256_free(d, parts);
    assert_memory_equal(parts, whole, sizeof whole);
    od_sha256_of(OD_STR_NONE, whole);
    od_hex(whole, sizeof whole, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    od_sha256_free(od_sha256_new(), NULL);
    od_sha256_free(NULL, NULL);
}

static void test_unhex_wants_exactly_its_digits(void **state)
{
    uint8_t out[2] = {0};

    (void)state;
    assert_true(od_unhex(OD_STR("aBf0"), out, 2));
    assert_int_equal(out[0], 0xAB);
    assert_int_equal(out[1], 0xF0);
    assert_false(od_unhex(OD_STR("abf"), out, 2));
    assert_false(od_unhex(OD_STR("abf01"), out, 2));
    assert_false(od_unhex(OD_STR("abfg"), out, 2));
    assert_true(od_unhex(OD_STR(""), out, 0));
}

static void test_random_bytes_differ_and_compare(void **state)
{
    uint8_t a[16], b[16];

    (void)state;
    od_random(a, sizeof a);
    od_random(b, sizeof b);
    assert_false(od_equal_ct(a, b, sizeof a));
    assert_true(od_equal_ct(a, a, sizeof a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_of_the_standard_messages),
        cmocka_unit_test(test_unhex_wants_exactly_its_digits),
        cmocka_unit_test(test_random_bytes_differ_and_compare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
