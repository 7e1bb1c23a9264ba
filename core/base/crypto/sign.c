#include "base/crypto/sign.h"

#include <stdlib.h>

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
