#ifndef OD_BASE_CRYPTO_SIGN_H
#define OD_BASE_CRYPTO_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

/* Signatures and the base64 of keys, from libcrypto. */

enum { OD_ED25519_SEED = 32, OD_ED25519_SIGNATURE = 64, OD_HMAC_MAX = 64 };

void od_hmac_sha256(struct od_str key, struct od_str text, uint8_t out[OD_SHA256]);
/* digest: "sha256", "sha512" or "sha1". The text is the parts one behind the other, which saves a
 * copy of a long one. Returns the number of bytes; 0: there is no such digest here. */
size_t od_hmac(const char *digest, struct od_str key, const struct od_str *parts, size_t count,
               uint8_t out[OD_HMAC_MAX]);
/* seed: the private key of RFC 8032, 32 bytes. */
void od_ed25519_sign(const uint8_t seed[OD_ED25519_SEED], struct od_str text,
                     uint8_t out[OD_ED25519_SIGNATURE]);

/* With padding or without (RFC 4648, 4). False: it is none, or comes to more than `max` bytes. */
bool od_base64_decode(struct od_str text, uint8_t *out, size_t max, size_t *len);

#endif
