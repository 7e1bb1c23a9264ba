#include "api/access/oidc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "access/id_token.h"
#include "api/access/entry.h"
#include "api/api.h"
#include "api/cookie.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/crypto/sign.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "base/log.h"
#include "base/mail/address.h"
#include "http/address/origin.h"
#include "pg/conn.h"
#include "store/access/users.h"

/*
 * The authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636). What a
 * login is remembered by while the person is at the provider is in a cookie of his browser, signed,
 * so any process of the installation can take him back, and nobody can be made to log in as
 * somebody else.
 */

#define FLOW_COOKIE "orderd_oidc"
#define FLOW_PATH   "/auth/oidc"
enum { RANDOM = 32, HEX = 2 * RANDOM, FLOW_S = 600, FLOW_MAX = 2048, RETURN_MAX = 500 };

struct flow {
    struct od_str state, nonce, verifier, back; /* where to go in the end, or empty */
};

struct call {
    struct od_api *api;
    struct od_oidc *oidc;
    struct od_http_request *req;
    struct flow flow;
    struct od_str code, body, id_token;
    struct od_id_token token;
    bool renewed; /* the keys have been read again for this token */
    struct od_user user;
    struct od_entry entry;
};

struct od_oidc *od_oidc_new(struct od_loop *loop, const struct od_conf *conf)
{
    struct od_oidc *o = calloc(1, sizeof *o);
    struct od_err err;
    if (!o)
        abort();
    od_arena_init(&o->arena);
    if (od_oidc_conf_read(conf, &o->arena, &o->conf, &err))
        abort(); /* od_oidc_check has read it */
    if (o->conf.enabled)
        o->provider = od_provider_new(loop, &o->conf);
    return o;
}

static void on_closed(void *ctx)
{
    struct od_oidc *o = ctx;
    void (*closed)(void *ctx) = o->closed;
    void *closed_ctx = o->closed_ctx;
    od_arena_fini(&o->arena);
    free(o);
    closed(closed_ctx);
}

void od_oidc_free(struct od_oidc *o, void (*closed)(void *ctx), void *ctx)
{
    o->closed = closed;
    o->closed_ctx = ctx;
    if (o->provider)
        od_provider_free(o->provider, on_closed, o);
    else
        on_closed(o);
}

/* ---- the flow's cookie */

static struct od_str random_hex(struct od_arena *a)
{
    uint8_t bytes[RANDOM];
    char hex[HEX + 1];
    od_random(bytes, sizeof bytes);
    od_hex(bytes, sizeof bytes, hex);
    return od_arena_str(a, od_str_n(hex, HEX));
}

/* The secret of the device cookies signs these as well; the first word tells the two apart. */
static void sign_flow(const struct od_people *p, struct od_str text, struct od_arena *a,
                      char mac[OD_SHA256_HEX + 1])
{
    uint8_t bytes[OD_SHA256];
    struct od_str key = {(const char *)p->conf.device_secret, sizeof p->conf.device_secret};
    od_hmac_sha256(key, od_arena_printf(a, "oidc %.*s", OD_STR_ARG(text)), bytes);
    od_hex(bytes, sizeof bytes, mac);
}

static void keep_flow(struct call *c)
{
    struct od_arena *a = &c->req->arena;
    char mac[OD_SHA256_HEX + 1];
    char *back = od_arena_alloc(a, 2 * c->flow.back.len + 1);
    od_hex((const uint8_t *)c->flow.back.ptr, c->flow.back.len, back);
    struct od_str text = od_arena_printf(a, "%.*s.%.*s.%.*s.%s.%" PRId64, OD_STR_ARG(c->flow.state),
                                         OD_STR_ARG(c->flow.nonce), OD_STR_ARG(c->flow.verifier),
                                         back, od_clock_us() / 1000000 + FLOW_S);
    sign_flow(c->api->people, text, a, mac);
    od_set_cookie(c->req, FLOW_COOKIE, od_arena_printf(a, "%.*s.%s", OD_STR_ARG(text), mac),
                  FLOW_PATH, FLOW_S);
}

static bool read_back(struct od_str hex, struct od_arena *a, struct od_str *back)
{
    uint8_t *bytes = od_arena_alloc(a, hex.len / 2 + 1);
    *back = od_str_n((const char *)bytes, hex.len / 2);
    return hex.ptr && od_unhex(hex, bytes, hex.len / 2);
}

/* Whether the request belongs to a flow that this browser began lately. */
static bool find_flow(struct call *c)
{
    struct od_arena *a = &c->req->arena;
    struct od_str cookie = od_http_cookie(c->req, FLOW_COOKIE), back, rest, expires;
    char mac[OD_SHA256_HEX + 1];
    int64_t s;
    if (cookie.len <= OD_SHA256_HEX + 1 || cookie.len > FLOW_MAX)
        return false;
    struct od_str text = od_str_slice(cookie, 0, cookie.len - OD_SHA256_HEX - 1);
    sign_flow(c->api->people, text, a, mac);
    if (!od_equal_ct(mac, text.ptr + text.len + 1, OD_SHA256_HEX))
        return false;
    rest = od_arena_str(a, text);
    return od_str_cut(&rest, '.', &c->flow.state) && od_str_cut(&rest, '.', &c->flow.nonce) &&
           od_str_cut(&rest, '.', &c->flow.verifier) && od_str_cut(&rest, '.', &back) &&
           od_str_cut(&rest, '.', &expires) && read_back(back, a, &c->flow.back) &&
           od_str_to_i64(expires, 0, INT64_MAX, &s) && s > od_clock_us() / 1000000;
}

/* ---- there */

/* NULL: it has been answered. */
static struct call *begin(struct od_api *api, struct od_http_request *req)
{
    if (od_people_closed(api, req))
        return NULL;
    if (!api->oidc->provider) {
        od_problem_sendf(req, 404, "oidc_absent",
                         "This server has no provider to log in with ([oidc] in its "
                         "configuration).");
        return NULL;
    }
    struct call *c = OD_NEW(&req->arena, struct call);
    *c = (struct call){.api = api, .oidc = api->oidc, .req = req};
    od_http_set_header(req, "Cache-Control", OD_STR("no-store"));
    od_http_set_header(req, "Referrer-Policy", OD_STR("no-referrer"));
    return c;
}

static void send_unreachable(struct call *c)
{
    od_problem_send(c->req, &(struct od_problem){
                                .status = 503,
                                .code = "oidc_unavailable",
                                .detail = OD_STR("The provider does not answer as it should. "
                                                 "Retry in a moment."),
                                .retry_after_s = 5,
                            });
}

static void put(struct od_buf *b, const char *name, struct od_str value)
{
    if (b->len && b->ptr[b->len - 1] != '?')
        od_buf_char(b, '&');
    od_buf_str(b, od_str_of(name));
    od_buf_char(b, '=');
    od_form_encode(b, value);
}

/* The provider knows the addresses that may be told to it, so a forged Host leads nowhere. */
static struct od_str own_address(const struct od_http_request *req, struct od_arena *a)
{
    struct od_str host = od_http_header(req, "Host"), name = od_http_host_name(host);
    bool loopback = od_str_eq_nocase(name, OD_STR("localhost")) || od_str_is(name, "127.0.0.1") ||
                    od_str_is(name, "::1") || od_str_is(name, "[::1]");
    return od_arena_printf(a, "%s://%.*s" FLOW_PATH "/callback", loopback ? "http" : "https",
                           OD_STR_ARG(host));
}

/* base64url of the SHA-256 (RFC 7636, section 4.2) */
static struct od_str challenge_of(struct od_str verifier, struct od_arena *a)
{
    uint8_t hash[OD_SHA256];
    struct od_buf b;
    od_sha256_of(verifier, hash);
    od_buf_init(&b, 64);
    od_base64(&b, od_str_n((const char *)hash, sizeof hash));
    struct od_str text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    char *p = (char *)text.ptr;
    for (size_t i = 0; i < text.len; i++)
        p[i] = (char)(p[i] == '+' ? '-' : p[i] == '/' ? '_' : p[i]);
    while (text.len && p[text.len - 1] == '=')
        text.len--;
    return text;
}

static void send_there(void *ctx, const struct od_provider_facts *facts)
{
    struct call *c = ctx;
    struct od_arena *a = &c->req->arena;
    const struct od_oidc_conf *conf = &c->oidc->conf;
    struct od_buf b;
    if (!facts) {
        send_unreachable(c);
        return;
    }
    od_buf_init(&b, 8192);
    od_buf_str(&b, facts->authorization_endpoint);
    od_buf_char(&b, b.len && memchr(b.ptr, '?', b.len) ? '&' : '?');
    if (b.ptr[b.len - 1] == '&')
        b.len--;
    put(&b, "response_type", OD_STR("code"));
    put(&b, "client_id", conf->client_id);
    put(&b, "redirect_uri", own_address(c->req, a));
    put(&b, "scope", conf->scopes);
    put(&b, "state", c->flow.state);
    put(&b, "nonce", c->flow.nonce);
    put(&b, "code_challenge", challenge_of(c->flow.verifier, a));
    put(&b, "code_challenge_method", OD_STR("S256"));
    keep_flow(c);
    od_http_set_header(c->req, "Location", od_buf_view(&b));
    od_buf_fini(&b);
    od_http_send(c->req, 303);
}

/* A path of this server, and nothing that a browser reads as an address elsewhere. */
static bool is_path(struct od_str back)
{
    if (back.len > RETURN_MAX || back.len == 0 || back.ptr[0] != '/' ||
        (back.len > 1 && (back.ptr[1] == '/' || back.ptr[1] == '\\')))
        return false;
    for (size_t i = 0; i < back.len; i++) {
        if (back.ptr[i] <= ' ' || back.ptr[i] > '~' || back.ptr[i] == '\\')
            return false;
    }
    return true;
}

static void get_oidc(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"return", NULL};
    struct call *c = od_api_query_known(req, names) ? begin(ctx, req) : NULL;
    (void)who;
    if (!c)
        return;
    struct od_str back = od_http_query(req, "return");
    if (back.ptr && !is_path(back)) {
        od_problem_sendf(req, 422, "bad_query", "return must be a path of this server.");
        return;
    }
    c->flow = (struct flow){random_hex(&req->arena), random_hex(&req->arena),
                            random_hex(&req->arena), back.ptr ? back : OD_STR("")};
    od_provider_know(c->oidc->provider, send_there, c);
}

/* ---- and back */

static void send_again(struct call *c, const char *why)
{
    od_info("oidc_refused", "reason=\"%s\"", why);
    od_problem_sendf(c->req, 400, "oidc_state",
                     "This login was not begun in this browser, took too long, or has been used. "
                     "Begin again at /auth/oidc.");
}

static void refuse(struct call *c, const char *code, const char *detail)
{
    od_info("oidc_refused", "reason=%s", code);
    od_problem_sendf(c->req, 403, code, "%s", detail);
}

static void on_entered(void *ctx, enum od_entry_outcome outcome)
{
    struct call *c = ctx;
    switch (outcome) {
    case OD_ENTRY_DONE:
        if (c->flow.back.len == 0) {
            od_entry_answer(&c->entry);
            return;
        }
        od_http_set_header(c->req, "Location", c->flow.back);
        od_http_send(c->req, 303);
        return;
    case OD_ENTRY_REFUSED:
        refuse(c, "user_disabled", "You may not log in here any more.");
        return;
    case OD_ENTRY_UNAVAILABLE:
        od_api_send_unavailable(c->req);
        return;
    }
}

static void on_user(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (!err && r->rows == 1)
        od_user_read(r, &c->req->arena, &c->user);
}

static void on_user_known(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
    } else if (!c->user.id) {
        refuse(c, "user_refused",
               "You may not log in here: you were disabled, or your e-mail address is that of a "
               "user here and the provider has not verified it.");
    } else {
        c->user.password_hash = OD_STR_NONE; /* nobody asked for it */
        c->entry = (struct od_entry){.api = c->api, .req = c->req, .user = &c->user};
        od_entry_begin(&c->entry, on_entered, c);
    }
}

/* The role of the first group in the configuration that the person is in; absent: none. */
static struct od_str role_of(const struct call *c)
{
    const struct od_conf_pairs *groups = &c->oidc->conf.groups;
    for (size_t i = 0; i < groups->count; i++) {
        for (size_t g = 0; g < c->token.group_count; g++) {
            if (od_str_eq(groups->items[i].name, c->token.groups[g]))
                return groups->items[i].value;
        }
    }
    return OD_STR_NONE;
}

static void take_person(struct call *c)
{
    struct od_str role = role_of(c);
    if (!role.ptr) {
        refuse(c, "no_group", "None of your groups at the provider has a role here.");
        return;
    }
    if (!od_mail_address_valid(c->token.email)) {
        refuse(c, "no_email", "The provider does not tell your e-mail address.");
        return;
    }
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, od_arena_printf(&c->req->arena, "%.*s %.*s", OD_STR_ARG(c->oidc->conf.issuer),
                                  OD_STR_ARG(c->token.subject)));
    od_pg_text(p, c->token.email);
    od_pg_text(p, c->token.name.ptr ? c->token.name : OD_STR(""));
    od_pg_text(p, role);
    od_pg_bool(p, c->token.email_verified);
    od_pg_send(c->api->query, &od_user_by_subject, p, on_user, c);
    od_pg_sync(c->api->query, on_user_known, c);
}

static void on_keys(void *ctx, struct od_str jwks)
{
    struct call *c = ctx;
    const struct od_id_token_expected expected = {
        .issuer = c->oidc->conf.issuer,
        .client_id = c->oidc->conf.client_id,
        .nonce = c->flow.nonce,
        .groups_claim = c->oidc->conf.groups_claim,
        .now_us = od_clock_us(),
    };
    struct od_err err = {0};
    if (!jwks.ptr) {
        send_unreachable(c);
        return;
    }
    struct od_str kept = od_arena_str(&c->req->arena, jwks);
    switch (od_id_token_read(c->id_token, kept, &expected, &c->req->arena, &c->token, &err)) {
    case OD_ID_TOKEN_GOOD:
        take_person(c);
        return;
    case OD_ID_TOKEN_UNKNOWN_KEY:
        if (!c->renewed) {
            c->renewed = true;
            od_provider_keys(c->oidc->provider, true, on_keys, c);
            return;
        }
        (void)od_err_set(&err, OD_ERR_INVALID, "it is signed with a key that is not published");
        break;
    case OD_ID_TOKEN_REFUSED:
        break;
    }
    od_warn("oidc_token_refused", "reason=\"%s\"", err.message);
    od_problem_sendf(c->req, 502, "oidc_token", "The provider's token cannot be taken: %s.",
                     err.message);
}

static void on_token(void *ctx, int status, struct od_str answer)
{
    struct call *c = ctx;
    struct od_json *o;
    struct od_err err;
    if (status == 400) { /* RFC 6749, section 5.2: invalid_grant and its like */
        send_again(c, "the provider does not take the code");
        return;
    }
    const struct od_json *token = NULL;
    if (status == 200 &&
        od_json_parse(&c->req->arena, od_arena_str(&c->req->arena, answer), 16, &o, &err) == 0)
        token = od_json_get(o, "id_token");
    if (!token || token->type != OD_JSON_STRING) {
        od_warn("oidc_provider", "what=token status=%d reason=\"there is no token in it\"", status);
        send_unreachable(c);
        return;
    }
    c->id_token = token->text;
    od_provider_keys(c->oidc->provider, false, on_keys, c);
}

static void send_code(void *ctx, const struct od_provider_facts *facts)
{
    struct call *c = ctx;
    struct od_arena *a = &c->req->arena;
    struct od_buf b;
    if (!facts) {
        send_unreachable(c);
        return;
    }
    od_buf_init(&b, 8192);
    put(&b, "grant_type", OD_STR("authorization_code"));
    put(&b, "code", c->code);
    put(&b, "redirect_uri", own_address(c->req, a));
    put(&b, "code_verifier", c->flow.verifier);
    if (c->oidc->conf.client_secret.len == 0)
        put(&b, "client_id", c->oidc->conf.client_id);
    c->body = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    od_provider_post(c->oidc->provider, od_arena_str(a, facts->token_endpoint), c->body, on_token,
                     c);
}

static void get_callback(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    struct od_str state = od_http_query(req, "state");
    (void)who;
    if (!c)
        return;
    c->code = od_http_query(req, "code");
    bool ours = find_flow(c) && state.len == HEX && c->flow.state.len == HEX &&
                od_equal_ct(state.ptr, c->flow.state.ptr, HEX);
    od_set_cookie(req, FLOW_COOKIE, OD_STR(""), FLOW_PATH, 0);
    if (!ours)
        send_again(c, "the state is not this browser's");
    else if (!c->code.ptr || od_http_query(req, "error").ptr)
        refuse(c, "oidc_refused", "The provider did not let you in.");
    else
        od_provider_know(c->oidc->provider, send_code, c);
}

static const struct od_api_route routes[] = {
    {"get_oidc", OD_HTTP_GET, "/auth/oidc", 0, OD_PUBLIC, get_oidc},
    {"get_oidc_callback", OD_HTTP_GET, "/auth/oidc/callback", 0, OD_PUBLIC, get_callback},
};

OD_EMBED(od_openapi_oidc, "api/access/oidc.json");
const struct od_api_chapter od_api_oidc = OD_API_CHAPTER(routes, od_openapi_oidc);
