#include "access/totp.h"

#include <string.h>

#include "base/crypto/sign.h"

#define SECOND_US INT64_C(1000000)

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

uint32_t od_totp_code(const char *digest, struct od_str secret, uint64_t step, unsigned digits)
{
    static const uint32_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    uint8_t counter[8], mac[OD_HMAC_MAX];
    for (int i = 7; i >= 0; i--, step >>= 8)
        counter[i] = (uint8_t)step;
    const struct od_str text = {(const char *)counter, sizeof counter};
    size_t len = od_hmac(digest, secret, &text, 1, mac);
    if (len == 0)
        return 0;
    const uint8_t *at = mac + (mac[len - 1] & 15); /* RFC 4226, section 5.3 */
    uint32_t code =
        (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return code % powers[digits <= 8 ? digits : 8];
}

static bool read_code(struct od_str text, uint32_t *code)
{
    unsigned digits = 0;
    *code = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ')
            continue;
        if (c < '0' || c > '9' || ++digits > OD_TOTP_DIGITS)
            return false;
        *code = *code * 10 + (uint32_t)(c - '0');
    }
    return digits == OD_TOTP_DIGITS;
}

bool od_totp_check(struct od_str secret, struct od_str text, int64_t now_us, int64_t last_step,
                   int64_t *step)
{
    uint32_t given;
    int64_t now = now_us / (OD_TOTP_STEP_S * SECOND_US);
    bool found = false;
    if (!read_code(text, &given))
        return false;
    for (int64_t s = now - OD_TOTP_SKEW; s <= now + OD_TOTP_SKEW; s++) {
        uint32_t code = od_totp_code("sha1", secret, (uint64_t)s, OD_TOTP_DIGITS);
        if (od_equal_ct(&code, &given, sizeof code) && s > last_step && !found) {
            *step = s;
            found = true;
        }
    }
    return found;
}

void od_base32(struct od_buf *out, struct od_str bytes)
{
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | (uint8_t)bytes.ptr[i];
        for (held += 8; held >= 5; held -= 5)
            od_buf_char(out, base32[bits >> (held - 5) & 31]);
    }
    if (held > 0)
        od_buf_char(out, base32[bits << (5 - held) & 31]);
}

static void percent(struct od_buf *out, struct od_str text)
{
    static const char plain[] = "-._~";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
            (c && strchr(plain, c)))
            od_buf_char(out, c);
        else
            od_buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

void od_totp_uri(struct od_buf *out, struct od_str issuer, struct od_str account,
                 struct od_str secret)
{
    od_buf_str(out, OD_STR("otpauth://totp/"));
    percent(out, issuer);
    od_buf_char(out, ':');
    percent(out, account);
    od_buf_str(out, OD_STR("?secret="));
    od_base32(out, secret);
    od_buf_str(out, OD_STR("&issuer="));
    percent(out, issuer);
}

void od_recovery_make(char out[OD_RECOVERY_TEXT + 1])
{
    uint8_t random[16]; /* five bits of each are used */
    od_random(random, sizeof random);
    for (size_t i = 0, at = 0; i < sizeof random; i++) {
        char c = base32[random[i] & 31];
        if (i && i % 4 == 0)
            out[at++] = '-';
        out[at++] = (char)(c >= 'A' ? c + ('a' - 'A') : c);
    }
    out[OD_RECOVERY_TEXT] = '\0';
}

bool od_recovery_hash(struct od_str text, uint8_t out[OD_SHA256])
{
    char code[16];
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '-' || c == ' ')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - ('a' - 'A'));
        if (n == sizeof code || !c || !strchr(base32, c))
            return false;
        code[n++] = c;
    }
    od_sha256_of(od_str_n(code, n), out);
    return n == sizeof code;
}
