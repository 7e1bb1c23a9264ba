#ifndef OD_ACCESS_TOTP_H
#define OD_ACCESS_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/str.h"

/*
 * Codes of six digits that an authenticator app shows, a new one every 30 seconds (TOTP, RFC 6238,
 * with HMAC-SHA-1, which is what all apps know), and the recovery codes for the day on which the
 * telephone is lost.
 */

enum {
    OD_TOTP_SECRET = 20, /* bytes; RFC 4226, section 4, R6 */
    OD_TOTP_DIGITS = 6,
    OD_TOTP_STEP_S = 30,
    OD_TOTP_SKEW = 1, /* steps that a telephone's clock may be off, either way */
};

/* Returns the code of a step: a number of at most 8 digits. */
uint32_t od_totp_code(const char *digest, struct od_str secret, uint64_t step, unsigned digits);

/*
 * Whether the text is a code of about this time. It must be of a later step than last_step, the
 * step of the code that was taken last, because a code works once (RFC 6238, section 5.2). *step
 * becomes its step. Blanks in the text do not count, because apps show "123 456".
 */
bool od_totp_check(struct od_str secret, struct od_str text, int64_t now_us, int64_t last_step,
                   int64_t *step);

/* Appends base32 (RFC 4648, section 6) without padding. */
void od_base32(struct od_buf *out, struct od_str bytes);

/* Appends the otpauth: URI that an app reads from a QR code. */
void od_totp_uri(struct od_buf *out, struct od_str issuer, struct od_str account,
                 struct od_str secret);

/* ---- recovery codes */

enum { OD_RECOVERY_CODES = 10, OD_RECOVERY_TEXT = 19 };

/* Makes a code of 80 random bits, "abcd-efgh-ijkl-mnop", with a NUL. */
void od_recovery_make(char out[OD_RECOVERY_TEXT + 1]);
/* The digest that is kept of a code. Case, blanks and hyphens of the text do not count. The code is
 * random, so that a plain SHA-256 cannot be turned round. False: the text is none. */
bool od_recovery_hash(struct od_str text, uint8_t out[OD_SHA256]);

#endif
