#include "base/digest.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/assert.h"

struct od_sha256 {
    EVP_MD_CTX *ctx;
};

static void must(int ok)
{
    if (ok != 1)
        abort();
}

/* Fetched once: OpenSSL 3 looks an algorithm up anew for each EVP_sha256(), which costs more than
 * hashing a short text (EVP_MD_fetch(3), "PERFORMANCE"). */
static const EVP_MD *sha256(void)
{
    static EVP_MD *md;

    if (!md)
        md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!md)
        abort();
    return md;
}

struct od_sha256 *od_sha256_new(void)
{
    struct od_sha256 *d = malloc(sizeof *d);

    if (!d)
        abort();
    d->ctx = EVP_MD_CTX_new();
    if (!d->ctx)
        abort();
    must(EVP_DigestInit_ex(d->ctx, sha256(), NULL));
    return d;
}

void od_sha256_update(struct od_sha256 *d, struct od_str s)
{
    must(EVP_DigestUpdate(d->ctx, s.ptr, s.len));
}

void od_sha256_free(struct od_sha256 *d, uint8_t out[OD_SHA256])
{
    if (!d)
        return;
    if (out)
        must(EVP_DigestFinal_ex(d->ctx, out, NULL));
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

void od_sha256_of(struct od_str s, uint8_t out[OD_SHA256])
{
    must(EVP_Digest(s.ptr, s.len, out, NULL, sha256(), NULL));
}

void od_hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool od_unhex(struct od_str hex, uint8_t *out, size_t n)
{
    if (hex.len != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = nibble(hex.ptr[2 * i]), low = nibble(hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void od_random(void *out, size_t n)
{
    OD_ASSERT(n <= INT32_MAX);
    must(RAND_bytes(out, (int)n));
}

bool od_equal_ct(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

void od_base64(struct od_buf *out, struct od_str bytes)
{
    size_t n = (bytes.len + 2) / 3 * 4;
    char *to = od_buf_reserve(out, n + 1); /* it writes a NUL behind */

    if (!to)
        return;
    EVP_EncodeBlock((unsigned char *)to, (const unsigned char *)bytes.ptr, (int)bytes.len);
    od_buf_commit(out, n);
}
