#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <pthread.h>

#include "base/digest.h"

static void stamp(struct od_uuid *u, int version)
{
    u->bytes[6] = (uint8_t)((u->bytes[6] & 0x0F) | version << 4);
    u->bytes[8] = (uint8_t)((u->bytes[8] & 0x3F) | 0x80);
}

/* Milliseconds, then the rest of the time in the 12 bits of rand_a (RFC 9562, section 6.2, method
 * 3), so that ids of one process sort by microsecond. */
struct od_uuid od_uuid_v7(int64_t now_us)
{
    uint64_t ms = (uint64_t)now_us / 1000;
    uint64_t part = (uint64_t)now_us % 1000 * 4096 / 1000;
    struct od_uuid u;

    for (int i = 0; i < 6; i++)
        u.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    u.bytes[6] = (uint8_t)(part >> 8);
    u.bytes[7] = (uint8_t)part;
    od_random(u.bytes + 8, 8);
    stamp(&u, 7);
    return u;
}

/* One context is kept, for the reason given in digest.c: reading an order derives many ids. The
 * lock is for checks of rules, which run on a thread of their own. */
struct od_uuid od_uuid_v5(const struct od_uuid *ns, struct od_str name)
{
    static EVP_MD *sha1;
    static EVP_MD_CTX *ctx;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    unsigned char digest[20];
    struct od_uuid u;

    pthread_mutex_lock(&lock);
    if (!ctx) {
        sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
        ctx = EVP_MD_CTX_new();
    }
    if (!sha1 || !ctx || EVP_DigestInit_ex(ctx, sha1, NULL) != 1 ||
        EVP_DigestUpdate(ctx, ns->bytes, sizeof ns->bytes) != 1 ||
        EVP_DigestUpdate(ctx, name.ptr, name.len) != 1 ||
        EVP_DigestFinal_ex(ctx, digest, NULL) != 1)
        abort();
    pthread_mutex_unlock(&lock);
    memcpy(u.bytes, digest, sizeof u.bytes);
    stamp(&u, 5);
    return u;
}

bool od_uuid_parse(struct od_str s, struct od_uuid *out)
{
    char digits[32];
    struct od_uuid u;

    if (s.len == OD_UUID_TEXT) {
        size_t n = 0;
        for (size_t i = 0; i < s.len; i++) {
            bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
            if (hyphen != (s.ptr[i] == '-'))
                return false;
            if (!hyphen)
                digits[n++] = s.ptr[i];
        }
        s = od_str_n(digits, n);
    }
    if (!od_unhex(s, u.bytes, sizeof u.bytes))
        return false;
    *out = u;
    return true;
}

void od_uuid_format(const struct od_uuid *u, char out[OD_UUID_TEXT + 1])
{
    static const struct {
        uint8_t from, n;
    } groups[] = {{0, 4}, {4, 2}, {6, 2}, {8, 2}, {10, 6}};

    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        od_hex(u->bytes + groups[i].from, groups[i].n, out);
        out += 2 * groups[i].n;
        *out++ = '-';
    }
    out[-1] = '\0';
}

bool od_uuid_is_zero(const struct od_uuid *u)
{
    static const struct od_uuid zero;

    return memcmp(u, &zero, sizeof zero) == 0;
}
