#include "base/crypto/sign.h"

#include <stdlib.h>

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

void od_hmac_sha256(struct od_str key, struct od_str text, uint8_t out[OD_SHA256])
{
    size_t n = OD_SHA256;
    must(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.ptr, key.len,
                   (const unsigned char *)text.ptr, text.len, out, OD_SHA256, &n) != NULL);
    must(n == OD_SHA256);
}

size_t od_hmac(const char *digest, struct od_str key, const struct od_str *parts, size_t count,
               uint8_t out[OD_HMAC_MAX])
{
    static const char *const known[] = {"sha256", "sha512", "sha1"};
    size_t n = 0, i = 0;
    while (i < sizeof known / sizeof *known && strcmp(known[i], digest) != 0)
        i++;
    if (i == sizeof known / sizeof *known)
        return 0;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    char name[8];
    memcpy(name, known[i], strlen(known[i]) + 1);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    must(ctx && EVP_MAC_init(ctx, (const unsigned char *)key.ptr, key.len, params) == 1);
    for (i = 0; i < count; i++)
        must(EVP_MAC_update(ctx, (const unsigned char *)parts[i].ptr, parts[i].len) == 1);
    must(EVP_MAC_final(ctx, out, &n, OD_HMAC_MAX) == 1);
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
    return n;
}

void od_ed25519_sign(const uint8_t seed[OD_ED25519_SEED], struct od_str text,
                     uint8_t out[OD_ED25519_SIGNATURE])
{
    size_t n = OD_ED25519_SIGNATURE;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, OD_ED25519_SEED);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(key && ctx);
    must(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1);
    must(EVP_DigestSign(ctx, out, &n, (const unsigned char *)text.ptr, text.len) == 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
}

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool od_base64_decode(struct od_str text, uint8_t *out, size_t max, size_t *len)
{
    uint32_t bits = 0;
    int held = 0;
    size_t n = 0;
    while (text.len > 0 && text.ptr[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        int d = digit(text.ptr[i]);
        if (d < 0)
            return false;
        bits = bits << 6 | (uint32_t)d;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        if (n == max)
            return false;
        out[n++] = (uint8_t)(bits >> held);
        bits &= (1u << held) - 1;
    }
    *len = n;
    return held < 6 && bits == 0;
}
