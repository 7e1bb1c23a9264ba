#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto/sign.h"

static void assert_hex(const uint8_t *bytes, size_t n, const char *hex)
{
    char text[2 * OD_ED25519_SIGNATURE + 1];
    od_hex(bytes, n, text);
    assert_string_equal(text, hex);
}

/* RFC 4231, test cases 1 and 2 */
static void hmac_is_that_of_the_rfc(void **state)
{
    uint8_t key[20], out[OD_SHA256];
    (void)state;
    memset(key, 0x0b, sizeof key);
    od_hmac_sha256(od_str_n((const char *)key, sizeof key), OD_STR("Hi There"), out);
    assert_hex(out, sizeof out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    od_hmac_sha256(OD_STR("Jefe"), OD_STR("what do ya want for nothing?"), out);
    assert_hex(out, sizeof out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* RFC 4231, test case 2, and RFC 2202's for SHA-1; the text in parts. */
static void hmac_of_parts_is_that_of_the_whole(void **state)
{
    const struct od_str parts[] = {OD_STR("what do ya "), OD_STR(""), OD_STR("want for nothing?")};
    uint8_t out[OD_HMAC_MAX];
    (void)state;
    assert_int_equal(od_hmac("sha256", OD_STR("Jefe"), parts, 3, out), 32);
    assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_int_equal(od_hmac("sha1", OD_STR("Jefe"), parts, 3, out), 20);
    assert_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    assert_int_equal(od_hmac("sha512", OD_STR("Jefe"), parts, 3, out), 64);
    assert_hex(
        out, 64,
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65"
        "f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    assert_int_equal(od_hmac("md5", OD_STR("Jefe"), parts, 3, out), 0);
}

/* RFC 8032, section 7.1, test 1 */
static void ed25519_is_that_of_the_rfc(void **state)
{
    uint8_t seed[OD_ED25519_SEED], out[OD_ED25519_SIGNATURE];
    (void)state;
    assert_true(od_unhex(OD_STR("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
                         seed, sizeof seed));
    od_ed25519_sign(seed, OD_STR(""), out);
    assert_hex(
        out, sizeof out,
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
        "39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
}

static void base64_is_read_with_padding_and_without(void **state)
{
    static const char *const good[] = {"Zm9vYg==", "Zm9vYg", "Zm9v", "", "+/8=", NULL};
    static const size_t lengths[] = {4, 4, 3, 0, 2};
    static const char *const bad[] = {"Zm9vY", "Zm9vYh==", "Zm 9v", "Zm9v*", "-_8=", NULL};
    uint8_t out[8];
    size_t n;
    (void)state;
    for (size_t i = 0; good[i]; i++) {
        assert_true(od_base64_decode(od_str_of(good[i]), out, sizeof out, &n));
        assert_int_equal(n, lengths[i]);
    }
    for (size_t i = 0; bad[i]; i++)
        assert_false(od_base64_decode(od_str_of(bad[i]), out, sizeof out, &n));
    assert_false(od_base64_decode(OD_STR("Zm9vYmFyYmF6"), out, sizeof out, &n)); /* nine bytes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac_is_that_of_the_rfc),
        cmocka_unit_test(hmac_of_parts_is_that_of_the_whole),
        cmocka_unit_test(ed25519_is_that_of_the_rfc),
        cmocka_unit_test(base64_is_read_with_padding_and_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
