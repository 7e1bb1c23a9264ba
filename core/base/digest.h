#ifndef OD_BASE_DIGEST_H
#define OD_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* SHA-256, random bytes and base64, from libcrypto. */
#define OD_SHA256     32
#define OD_SHA256_HEX 64

struct od_sha256; /* incremental */

struct od_sha256 *od_sha256_new(void);
void od_sha256_update(struct od_sha256 *d, struct od_str s);
void od_sha256_free(struct od_sha256 *d,
                    uint8_t out[OD_SHA256]); /* finishes and frees; out may be NULL */

void od_sha256_of(struct od_str s, uint8_t out[OD_SHA256]);
/* writes 2n characters in lower case and a NUL */
void od_hex(const uint8_t *bytes, size_t n, char *out);
/* false unless hex is exactly 2n digits */
bool od_unhex(struct od_str hex, uint8_t *out, size_t n);
/* Appends base64 with padding (RFC 4648, section 4). */
void od_base64(struct od_buf *out, struct od_str bytes);
void od_random(void *out, size_t n); /* cryptographic; aborts when the system has none */
bool od_equal_ct(const void *a, const void *b, size_t n); /* time does not depend on content */

#endif
