#ifndef OD_FEED_TARGETS_WEBHOOK_MESSAGE_H
#define OD_FEED_TARGETS_WEBHOOK_MESSAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "feed/targets/kind.h"

/*
 * A delivery as a message: the body is a CloudEvent 1.0 (structured, JSON), signed as Standard
 * Webhooks 1.0.0 says. Its id is the same at each attempt, and so is the body; timestamp and
 * signature are of the attempt.
 */

enum { OD_SECRETS_MAX = 8, OD_SECRET_MAX = 64 };

struct od_secret {
    bool ed25519; /* whsk_, a private key; else whsec_, for HMAC-SHA256 */
    uint8_t key[OD_SECRET_MAX];
    size_t len;
    int64_t until_s; /* it counts until then; 0: as long as it is there */
};

struct od_secrets {
    struct od_secret items[OD_SECRETS_MAX];
    size_t count;
};

/* Reads secrets, blanks between them: "whsec_…" (24 to 64 bytes in base64) and "whsk_…" (the 32
 * bytes of an ed25519 key, or 64 with its public half). One with "@" and a time behind it counts
 * until then. err says what is wrong. */
int od_secrets_read(struct od_str text, struct od_secrets *out, struct od_err *err) OD_MUST_CHECK;

/* source: the CloudEvent's. */
struct od_str od_message_body(const struct od_delivery *d, struct od_str source,
                              struct od_arena *a);
/* The value of webhook-signature: "v1,… v1a,…", one for each secret that counts, so that a receiver
 * may know the old one or the new one while they are rotated. Empty: there is none. */
struct od_str od_message_signature(const struct od_secrets *secrets, struct od_str id,
                                   int64_t timestamp_s, struct od_str body, struct od_arena *a);

/* Makes a secret, "whsec_" and 32 random bytes. */
struct od_str od_secret_make(struct od_arena *a);
/* Returns the secrets with a new one in front. Those that count without an end now count until
 * until_s; those whose end is past now_s are gone, and so is the oldest where there are too many.
 */
struct od_str od_secrets_rotate(struct od_str secrets, struct od_str next, int64_t now_s,
                                int64_t until_s, struct od_arena *a);

#endif
