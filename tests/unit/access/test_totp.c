#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "access/totp.h"

#define SECOND_US INT64_C(1000000)

/* RFC 6238, appendix B; the secrets of the SHA-2 rows are those of its errata and its code. */
static void codes_are_those_of_the_rfc(void **state)
{
    static const char seed[] = "1234567890123456789012345678901234567890123456789012345678901234";
    static const struct {
        int64_t s;
        uint32_t sha1, sha256, sha512;
    } rows[] = {
        {59, 94287082, 46119246, 90693936},         {1111111109, 7081804, 68084774, 25091201},
        {1111111111, 14050471, 67062674, 99943326}, {1234567890, 89005924, 91819424, 93441116},
        {2000000000, 69279037, 90698825, 38618901}, {20000000000, 65353130, 77737706, 47863826},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t step = (uint64_t)rows[i].s / 30;
        assert_int_equal(od_totp_code("sha1", od_str_n(seed, 20), step, 8), rows[i].sha1);
        assert_int_equal(od_totp_code("sha256", od_str_n(seed, 32), step, 8), rows[i].sha256);
        assert_int_equal(od_totp_code("sha512", od_str_n(seed, 64), step, 8), rows[i].sha512);
    }
}

static const struct od_str secret = OD_STR_INIT("12345678901234567890");

static void a_code_works_once_and_a_step_early_or_late(void **state)
{
    int64_t step = 0;
    (void)state;
    struct od_str code = OD_STR("287082"); /* of the step that 59 s are in, the first */
    assert_true(od_totp_check(secret, code, 59 * SECOND_US, 0, &step));
    assert_int_equal(step, 1);
    assert_false(od_totp_check(secret, code, 59 * SECOND_US, step, &step));
    assert_true(od_totp_check(secret, code, 89 * SECOND_US, 0, &step));
    assert_true(od_totp_check(secret, code, 29 * SECOND_US, 0, &step));
    assert_false(od_totp_check(secret, code, 91 * SECOND_US, 0, &step));
}

static void a_code_may_have_blanks_and_nothing_else(void **state)
{
    static const char *const wrong[] = {"", "28708", "2870822", "28708a", "-287082", "287083"};
    int64_t step;
    (void)state;
    assert_true(od_totp_check(secret, OD_STR("287 082"), 59 * SECOND_US, 0, &step));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(od_totp_check(secret, od_str_of(wrong[i]), 59 * SECOND_US, 0, &step));
}

/* RFC 4648, section 10, without the padding. */
static void base32_is_that_of_the_rfc(void **state)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"f", "MY"},
        {"fo", "MZXQ"},
        {"foo", "MZXW6"},
        {"foob", "MZXW6YQ"},
        {"fooba", "MZXW6YTB"},
        {"foobar", "MZXW6YTBOI"},
    };
    struct od_buf b;
    (void)state;
    od_buf_init(&b, 64);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        od_buf_reset(&b);
        od_base32(&b, od_str_of(rows[i][0]));
        assert_true(od_str_is(od_buf_view(&b), rows[i][1]));
    }
    od_buf_fini(&b);
}

static void the_uri_survives_any_name(void **state)
{
    struct od_buf b;
    (void)state;
    od_buf_init(&b, 1024);
    od_totp_uri(&b, OD_STR("Mug & S\xc3\xb6hne"), OD_STR("ann@shop.example"), secret);
    assert_true(od_str_is(
        od_buf_view(&b), "otpauth://totp/Mug%20%26%20S%C3%B6hne:ann%40shop.example"
                         "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Mug%20%26%20S%C3%B6hne"));
    od_buf_fini(&b);
}

static void recovery_codes_are_read_as_people_type_them(void **state)
{
    char code[OD_RECOVERY_TEXT + 1], other[OD_RECOVERY_TEXT + 1], typed[64];
    uint8_t kept[OD_SHA256], given[OD_SHA256];
    size_t n = 0;
    (void)state;
    od_recovery_make(code);
    od_recovery_make(other);
    assert_string_not_equal(code, other);
    assert_int_equal(strlen(code), OD_RECOVERY_TEXT);
    assert_true(od_recovery_hash(od_str_of(code), kept));
    for (size_t i = 0; code[i]; i++) {
        typed[n++] = code[i] == '-' ? ' ' : (char)(code[i] >= 'a' ? code[i] - 32 : code[i]);
        typed[n++] = ' ';
    }
    assert_true(od_recovery_hash(od_str_n(typed, n), given));
    assert_memory_equal(kept, given, sizeof kept);
    assert_true(od_recovery_hash(od_str_of(other), given));
    assert_memory_not_equal(kept, given, sizeof kept);
    assert_false(od_recovery_hash(OD_STR(""), given));
    assert_false(od_recovery_hash(OD_STR("abcd-efgh-ijkl"), given));
    assert_false(od_recovery_hash(OD_STR("abcd-efgh-ijkl-mno1"), given));
    assert_false(od_recovery_hash(OD_STR("abcd-efgh-ijkl-mnop-q"), given));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(a_code_works_once_and_a_step_early_or_late),
        cmocka_unit_test(a_code_may_have_blanks_and_nothing_else),
        cmocka_unit_test(base32_is_that_of_the_rfc),
        cmocka_unit_test(the_uri_survives_any_name),
        cmocka_unit_test(recovery_codes_are_read_as_people_type_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
