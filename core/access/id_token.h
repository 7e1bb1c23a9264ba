#ifndef OD_ACCESS_ID_TOKEN_H
#define OD_ACCESS_ID_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Reads the ID token of an OpenID provider: a JWT that the provider has signed with one of its keys
 * (OpenID Connect Core 1.0, sections 2 and 3.1.3.7). Signatures are libcjose's. Only RSA and EC
 * signatures count; a token that names no algorithm, or one with a shared secret, is refused.
 */

struct od_id_token_expected {
    struct od_str issuer, client_id, nonce;
    struct od_str groups_claim; /* the name of the claim with the groups */
    int64_t now_us;
};

/* Clocks may differ by so much. */
enum { OD_ID_TOKEN_SKEW_S = 60, OD_ID_TOKEN_MAX = 64 << 10 };

struct od_id_token {
    struct od_str subject, email, name; /* the latter two may be absent */
    bool email_verified;
    struct od_str *groups; /* [group_count] */
    size_t group_count;
};

enum od_id_token_verdict {
    OD_ID_TOKEN_GOOD = 0,
    OD_ID_TOKEN_UNKNOWN_KEY, /* no key of the set is the one that the token names */
    OD_ID_TOKEN_REFUSED,     /* *err says why, without anything of the person */
};

/* jwks: the provider's JSON Web Key Set (RFC 7517). Everything lives in the arena, or in the
 * texts. */
enum od_id_token_verdict od_id_token_read(struct od_str token, struct od_str jwks,
                                          const struct od_id_token_expected *expected,
                                          struct od_arena *arena, struct od_id_token *out,
                                          struct od_err *err);

#endif
