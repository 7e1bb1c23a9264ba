#include "access/id_token.h"

#include <cjose/cjose.h>
#include <stdlib.h>

#include "base/json/json.h"

enum { DEPTH = 16 };
#define SECOND_US INT64_C(1000000)

struct reading {
    const struct od_id_token_expected *expected;
    struct od_arena *arena;
    struct od_err *err;
};

static enum od_id_token_verdict refuse(struct reading *r, const char *why)
{
    (void)od_err_set(r->err, OD_ERR_INVALID, "%s", why);
    return OD_ID_TOKEN_REFUSED;
}

/* ---- what libcjose may be given */

/* libcjose 0.6 ends the process at base64url whose length no bytes come to (base64.c, _decode), so
 * all of it is looked at before. */
static bool is_base64url(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!plain && c != '-' && c != '_')
            return false;
    }
    return s.len > 0 && s.len % 4 != 1;
}

static bool is_compact(struct od_str token)
{
    struct od_str rest = token, part;
    unsigned parts = 0;
    while (od_str_cut(&rest, '.', &part)) {
        if (!is_base64url(part))
            return false;
        parts++;
    }
    return parts == 3;
}

/* The members of an RSA or EC key that are bytes (RFC 7518, section 6). */
static bool is_importable(const struct od_json *key)
{
    static const char *const bytes[] = {"n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y"};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        const struct od_json *v = od_json_get(key, bytes[i]);
        if (v && (v->type != OD_JSON_STRING || !is_base64url(v->text)))
            return false;
    }
    return true;
}

/* ---- the signature */

static const struct {
    const char *alg, *kty;
} algorithms[] = {
    {"RS256", "RSA"}, {"RS384", "RSA"}, {"RS512", "RSA"}, {"PS256", "RSA"}, {"PS384", "RSA"},
    {"PS512", "RSA"}, {"ES256", "EC"},  {"ES384", "EC"},  {"ES512", "EC"},
};

static const char *kty_of(const char *alg)
{
    for (size_t i = 0; alg && i < sizeof algorithms / sizeof *algorithms; i++) {
        if (od_str_is(od_str_of(alg), algorithms[i].alg))
            return algorithms[i].kty;
    }
    return NULL;
}

static bool member_is(const struct od_json *o, const char *name, const char *value, bool needed)
{
    const struct od_json *v = od_json_get(o, name);
    if (!v)
        return !needed;
    return v->type == OD_JSON_STRING && od_str_is(v->text, value);
}

/* The key that the token names. One that names none is signed with the only key of its kind. */
static const struct od_json *find_key(const struct od_json *keys, const char *alg, const char *kid)
{
    const struct od_json *found = NULL;
    for (const struct od_json *k = keys ? keys->child : NULL; k; k = k->next) {
        if (!member_is(k, "kty", kty_of(alg), true) || !member_is(k, "use", "sig", false) ||
            !member_is(k, "alg", alg, false) || !is_importable(k) ||
            (kid && !member_is(k, "kid", kid, true)))
            continue;
        if (found)
            return NULL;
        found = k;
    }
    return found;
}

static enum od_id_token_verdict check_signature(struct reading *r, cjose_jws_t *jws,
                                                const struct od_json *keys)
{
    cjose_header_t *header = cjose_jws_get_protected(jws);
    const char *alg = cjose_header_get(header, CJOSE_HDR_ALG, NULL);
    const char *kid = cjose_header_get(header, CJOSE_HDR_KID, NULL);
    if (!kty_of(alg))
        return refuse(r, "it is signed by an algorithm that is not taken");
    const struct od_json *key = find_key(keys, alg, kid);
    if (!key)
        return OD_ID_TOKEN_UNKNOWN_KEY;
    cjose_jwk_t *jwk = cjose_jwk_import(key->raw.ptr, key->raw.len, NULL);
    bool good = jwk && cjose_jws_verify(jws, jwk, NULL);
    cjose_jwk_release(jwk);
    return good ? OD_ID_TOKEN_GOOD : refuse(r, "its signature is wrong");
}

/* ---- what it says */

static struct od_str text_of(const struct od_json *claims, const char *name)
{
    const struct od_json *v = od_json_get(claims, name);
    return v && v->type == OD_JSON_STRING ? v->text : OD_STR_NONE;
}

/* Seconds since 1970, perhaps with a fraction (RFC 7519, section 2). */
static bool time_of(const struct od_json *claims, const char *name, int64_t *us)
{
    const struct od_json *v = od_json_get(claims, name);
    struct od_str rest, whole;
    if (!v || v->type != OD_JSON_NUMBER)
        return false;
    rest = v->text;
    if (!od_str_cut(&rest, '.', &whole) || !od_str_to_i64(whole, 0, INT64_C(253402300799), us))
        return false;
    *us *= SECOND_US;
    return true;
}

static bool is_for(const struct od_json *claims, struct od_str client_id)
{
    const struct od_json *aud = od_json_get(claims, "aud");
    struct od_str party = text_of(claims, "azp");
    if (party.ptr && !od_str_eq(party, client_id))
        return false;
    if (!aud || aud->type == OD_JSON_STRING)
        return aud && od_str_eq(aud->text, client_id);
    bool named = false;
    for (const struct od_json *v = aud->child; v; v = v->next)
        named = named || (v->type == OD_JSON_STRING && od_str_eq(v->text, client_id));
    return aud->type == OD_JSON_ARRAY && named && (aud->count == 1 || party.ptr);
}

static enum od_id_token_verdict check_claims(struct reading *r, const struct od_json *claims)
{
    const struct od_id_token_expected *e = r->expected;
    int64_t skew_us = OD_ID_TOKEN_SKEW_S * SECOND_US, us;
    struct od_str nonce = text_of(claims, "nonce");
    if (!od_str_eq(text_of(claims, "iss"), e->issuer))
        return refuse(r, "it is of another issuer");
    if (!is_for(claims, e->client_id))
        return refuse(r, "it is for another client");
    if (!nonce.ptr || !od_str_eq(nonce, e->nonce))
        return refuse(r, "its nonce is not the one that was sent");
    if (!time_of(claims, "exp", &us) || us + skew_us <= e->now_us)
        return refuse(r, "it has expired, or the clocks differ");
    if (!time_of(claims, "iat", &us) || us - skew_us > e->now_us)
        return refuse(r, "it was issued in the future, or the clocks differ");
    if (od_json_get(claims, "nbf") && (!time_of(claims, "nbf", &us) || us - skew_us > e->now_us))
        return refuse(r, "it is not valid yet, or the clocks differ");
    if (text_of(claims, "sub").len == 0)
        return refuse(r, "it names nobody");
    return OD_ID_TOKEN_GOOD;
}

static void read_groups(struct reading *r, const struct od_json *claims, struct od_id_token *out)
{
    const struct od_json *groups = od_json_get_str(claims, r->expected->groups_claim);
    if (!groups || groups->type != OD_JSON_ARRAY)
        return;
    out->groups = OD_NEW_ARRAY(r->arena, struct od_str, groups->count);
    for (const struct od_json *v = groups->child; v; v = v->next) {
        if (v->type == OD_JSON_STRING)
            out->groups[out->group_count++] = v->text;
    }
}

static enum od_id_token_verdict read_claims(struct reading *r, struct od_str text,
                                            struct od_id_token *out)
{
    struct od_json *claims;
    if (od_json_parse(r->arena, text, DEPTH, &claims, r->err))
        return OD_ID_TOKEN_REFUSED;
    enum od_id_token_verdict verdict = check_claims(r, claims);
    if (verdict != OD_ID_TOKEN_GOOD)
        return verdict;
    const struct od_json *verified = od_json_get(claims, "email_verified");
    *out = (struct od_id_token){
        .subject = text_of(claims, "sub"),
        .email = text_of(claims, "email"),
        .name = text_of(claims, "name"),
        .email_verified = verified && verified->type == OD_JSON_BOOL && verified->boolean,
    };
    read_groups(r, claims, out);
    return OD_ID_TOKEN_GOOD;
}

static enum od_id_token_verdict read_signed(struct reading *r, cjose_jws_t *jws,
                                            const struct od_json *set, struct od_id_token *out)
{
    uint8_t *text;
    size_t len;
    enum od_id_token_verdict verdict = check_signature(r, jws, od_json_get(set, "keys"));
    if (verdict != OD_ID_TOKEN_GOOD)
        return verdict;
    if (!cjose_jws_get_plaintext(jws, &text, &len, NULL))
        return refuse(r, "it has no content");
    return read_claims(r, od_arena_str(r->arena, od_str_n((const char *)text, len)), out);
}

enum od_id_token_verdict od_id_token_read(struct od_str token, struct od_str jwks,
                                          const struct od_id_token_expected *expected,
                                          struct od_arena *arena, struct od_id_token *out,
                                          struct od_err *err)
{
    struct reading r = {expected, arena, err};
    struct od_json *set;
    if (token.len > OD_ID_TOKEN_MAX || !is_compact(token))
        return refuse(&r, "it is not a signed token, or too long");
    if (od_json_parse(arena, jwks, DEPTH, &set, err))
        return OD_ID_TOKEN_REFUSED;
    cjose_jws_t *jws = cjose_jws_import(token.ptr, token.len, NULL);
    if (!jws)
        return refuse(&r, "it is not a signed token");
    enum od_id_token_verdict verdict = read_signed(&r, jws, set, out);
    cjose_jws_release(jws);
    return verdict;
}
