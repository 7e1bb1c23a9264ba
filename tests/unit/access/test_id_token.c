#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <cjose/cjose.h>
#include <stdlib.h>

#include "access/id_token.h"

#define SECOND_US INT64_C(1000000)

/* Nobody but the provider says who somebody is. Keys and signatures are made by libcjose. */

#define NOW 1800000000

static cjose_jwk_t *rsa, *ec;

static cjose_jwk_t *named(cjose_jwk_t *key, const char *kid)
{
    assert_true(cjose_jwk_set_kid(key, kid, strlen(kid), NULL));
    return key;
}

static int make_keys(void **state)
{
    (void)state;
    rsa = named(cjose_jwk_create_RSA_random(2048, NULL, 0, NULL), "r1");
    ec = named(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, NULL), "e1");
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    cjose_jwk_release(rsa);
    cjose_jwk_release(ec);
    return 0;
}

static const char good[] = "{\"iss\":\"https://id.example\",\"sub\":\"u1\",\"aud\":\"orderd\","
                           "\"nonce\":\"n1\",\"iat\":1799999990,\"exp\":1800000300.5,"
                           "\"email\":\"ann@shop.example\",\"email_verified\":true,"
                           "\"name\":\"Ann\",\"groups\":[\"support\",7,\"night\"]}";

/* kid NULL: the header names none */
static char *sign(const char *alg, const char *kid, cjose_jwk_t *key, const char *claims)
{
    cjose_header_t *h = cjose_header_new(NULL);
    const char *compact;
    assert_true(cjose_header_set(h, CJOSE_HDR_ALG, alg, NULL));
    if (kid)
        assert_true(cjose_header_set(h, CJOSE_HDR_KID, kid, NULL));
    cjose_jws_t *jws = cjose_jws_sign(key, h, (const uint8_t *)claims, strlen(claims), NULL);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &compact, NULL));
    char *out = strdup(compact);
    cjose_jws_release(jws);
    cjose_header_release(h);
    return out;
}

static char *key_set(void)
{
    char *one = cjose_jwk_to_json(rsa, false, NULL), *two = cjose_jwk_to_json(ec, false, NULL);
    size_t size = strlen(one) + strlen(two) + 32;
    char *set = malloc(size);
    snprintf(set, size, "{\"keys\":[%s,%s]}", one, two);
    free(one);
    free(two);
    return set;
}

struct outcome {
    enum od_id_token_verdict verdict;
    struct od_arena arena;
    struct od_id_token token;
    struct od_err err;
};

/* Takes the token. */
static void read_token(struct outcome *o, char *token, const char *client)
{
    char *set = key_set();
    const struct od_id_token_expected expected = {
        .issuer = OD_STR("https://id.example"),
        .client_id = od_str_of(client),
        .nonce = OD_STR("n1"),
        .groups_claim = OD_STR("groups"),
        .now_us = NOW * SECOND_US,
    };
    *o = (struct outcome){0};
    od_arena_init(&o->arena);
    o->verdict = od_id_token_read(od_str_of(token), od_str_of(set), &expected, &o->arena, &o->token,
                                  &o->err);
    free(set);
    free(token);
}

static enum od_id_token_verdict verdict_of(char *token, const char *client)
{
    struct outcome o;
    read_token(&o, token, client);
    od_arena_fini(&o.arena);
    return o.verdict;
}

static void a_token_of_the_provider_is_read(void **state)
{
    static const char *const algs[] = {"RS256", "PS256", "RS512", "ES256"};
    (void)state;
    for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
        bool is_ec = algs[i][0] == 'E';
        struct outcome o;
        read_token(&o, sign(algs[i], is_ec ? "e1" : "r1", is_ec ? ec : rsa, good), "orderd");
        assert_int_equal(o.verdict, OD_ID_TOKEN_GOOD);
        assert_true(od_str_is(o.token.subject, "u1"));
        assert_true(od_str_is(o.token.email, "ann@shop.example") && o.token.email_verified);
        assert_int_equal(o.token.group_count, 2);
        assert_true(od_str_is(o.token.groups[1], "night"));
        od_arena_fini(&o.arena);
    }
    /* without a kid the only key of its kind */
    assert_int_equal(verdict_of(sign("RS256", NULL, rsa, good), "orderd"), OD_ID_TOKEN_GOOD);
}

static void a_key_that_the_set_has_not_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(sign("RS256", "r2", rsa, good), "orderd"), OD_ID_TOKEN_UNKNOWN_KEY);
}

static void a_signature_of_somebody_else_is_refused(void **state)
{
    cjose_jwk_t *other = named(cjose_jwk_create_RSA_random(2048, NULL, 0, NULL), "r1");
    cjose_jwk_t *secret = cjose_jwk_create_oct_random(256, NULL);
    (void)state;
    assert_int_equal(verdict_of(sign("RS256", "r1", other, good), "orderd"), OD_ID_TOKEN_REFUSED);
    assert_int_equal(verdict_of(sign("HS256", "r1", secret, good), "orderd"), OD_ID_TOKEN_REFUSED);
    /* {"alg":"none"} */
    assert_int_equal(verdict_of(strdup("eyJhbGciOiJub25lIn0.e30."), "orderd"), OD_ID_TOKEN_REFUSED);
    assert_int_equal(verdict_of(strdup("a.b.c"), "orderd"), OD_ID_TOKEN_REFUSED);
    assert_int_equal(verdict_of(strdup(""), "orderd"), OD_ID_TOKEN_REFUSED);
    char *cut = sign("RS256", "r1", rsa, good);
    cut[strlen(cut) - 40] ^= 1;
    assert_int_equal(verdict_of(cut, "orderd"), OD_ID_TOKEN_REFUSED);
    cjose_jwk_release(other);
    cjose_jwk_release(secret);
}

/* libcjose asserts what it should refuse. */
static void base64_that_is_none_is_refused_and_ends_nothing(void **state)
{
    static const char *const tokens[] = {"a.b.c",     "eyJhbGciOiJSUzI1NiJ9.e30.A",
                                         "e30.A.e30", "eyJhbGciOiJSUzI1NiJ9.e30.A=A",
                                         "e30.e30",   "e30.e30.e30.e30.e30"};
    static const char *const keys[] = {"{\"kty\":\"RSA\",\"n\":\"A\",\"e\":\"AQAB\"}",
                                       "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"A\"}",
                                       "{\"kty\":\"RSA\",\"n\":7,\"e\":[]}"};
    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        assert_int_equal(verdict_of(strdup(tokens[i]), "orderd"), OD_ID_TOKEN_REFUSED);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct od_id_token_expected expected = {.now_us = NOW * SECOND_US};
        char set[200], *token = sign("RS256", NULL, rsa, good);
        struct od_arena arena;
        struct od_id_token out;
        struct od_err err;
        od_arena_init(&arena);
        snprintf(set, sizeof set, "{\"keys\":[%s]}", keys[i]);
        assert_int_not_equal(
            od_id_token_read(od_str_of(token), od_str_of(set), &expected, &arena, &out, &err),
            OD_ID_TOKEN_GOOD);
        od_arena_fini(&arena);
        free(token);
    }
}

static void what_it_says_must_be_meant_for_this_login(void **state)
{
#define CLAIMS(iss, sub, aud, nonce, iat, exp, more)                                               \
    "{\"iss\":\"" iss "\",\"sub\":\"" sub "\",\"aud\":" aud ",\"nonce\":\"" nonce                  \
    "\",\"iat\":" iat ",\"exp\":" exp more "}"
    static const struct {
        enum od_id_token_verdict verdict;
        const char *claims;
    } rows[] = {
        {OD_ID_TOKEN_GOOD,
         CLAIMS("https://id.example", "u", "[\"orderd\"]", "n1", "1800000000", "1800000300", "")},
        {OD_ID_TOKEN_GOOD, CLAIMS("https://id.example", "u", "[\"x\",\"orderd\"]", "n1",
                                  "1800000000", "1800000300", ",\"azp\":\"orderd\"")},
        /* clocks differ by less than a minute */
        {OD_ID_TOKEN_GOOD,
         CLAIMS("https://id.example", "u", "\"orderd\"", "n1", "1800000059", "1800000300", "")},
        {OD_ID_TOKEN_GOOD,
         CLAIMS("https://id.example", "u", "\"orderd\"", "n1", "1799990000", "1799999941", "")},
        {OD_ID_TOKEN_REFUSED,
         CLAIMS("https://id.example", "u", "\"orderd\"", "n1", "1800000061", "1800000300", "")},
        {OD_ID_TOKEN_REFUSED,
         CLAIMS("https://id.example", "u", "\"orderd\"", "n1", "1799990000", "1799999940", "")},
        {OD_ID_TOKEN_REFUSED,
         CLAIMS("https://id.example", "u", "\"orderd\"", "n1", "1800000000", "\"never\"", "")},
        {OD_ID_TOKEN_REFUSED, CLAIMS("https://id.example", "u", "\"orderd\"", "n1", "1800000000",
                                     "1800000300", ",\"nbf\":1800000100")},
        {OD_ID_TOKEN_REFUSED,
         CLAIMS("https://evil.example", "u", "\"orderd\"", "n1", "1800000000", "1800000300", "")},
        {OD_ID_TOKEN_REFUSED,
         CLAIMS("https://id.example", "u", "\"other\"", "n1", "1800000000", "1800000300", "")},
        {OD_ID_TOKEN_REFUSED, CLAIMS("https://id.example", "u", "[\"x\",\"orderd\"]", "n1",
                                     "1800000000", "1800000300", "")},
        {OD_ID_TOKEN_REFUSED, CLAIMS("https://id.example", "u", "\"orderd\"", "n1", "1800000000",
                                     "1800000300", ",\"azp\":\"other\"")},
        {OD_ID_TOKEN_REFUSED,
         CLAIMS("https://id.example", "u", "\"orderd\"", "n2", "1800000000", "1800000300", "")},
        {OD_ID_TOKEN_REFUSED,
         CLAIMS("https://id.example", "", "\"orderd\"", "n1", "1800000000", "1800000300", "")},
        {OD_ID_TOKEN_REFUSED, "[]"},
        {OD_ID_TOKEN_REFUSED, "nonsense"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(verdict_of(sign("RS256", "r1", rsa, rows[i].claims), "orderd"),
                         rows[i].verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_the_provider_is_read),
        cmocka_unit_test(a_key_that_the_set_has_not_is_asked_for),
        cmocka_unit_test(a_signature_of_somebody_else_is_refused),
        cmocka_unit_test(base64_that_is_none_is_refused_and_ends_nothing),
        cmocka_unit_test(what_it_says_must_be_meant_for_this_login),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
