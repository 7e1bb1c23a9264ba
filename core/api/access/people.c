#include "api/access/people.h"

#include <inttypes.h>
#include <stdlib.h>

#include "api/cookie.h"
#include "api/handler.h"
#include "base/crypto/sign.h"
#include "http/address/origin.h"
#include "pg/conn.h"
#include "store/access/users.h"

struct od_people *od_people_new(struct od_loop *loop, const struct od_people_conf *conf)
{
    struct od_people *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->conf = *conf;
    p->passwords = od_passwords_new(loop, &conf->passwords);
    p->lockout = od_lockout_new();
    return p;
}

static void on_closed(void *ctx)
{
    struct od_people *p = ctx;
    void (*closed)(void *ctx) = p->closed;
    void *closed_ctx = p->closed_ctx;
    od_lockout_free(p->lockout);
    free(p);
    closed(closed_ctx);
}

void od_people_stop(struct od_people *p)
{
    od_passwords_stop(p->passwords);
}

/* Whoever waits for a password is answered first, and takes his attempt back. */
void od_people_free(struct od_people *p, void (*closed)(void *ctx), void *ctx)
{
    p->closed = closed;
    p->closed_ctx = ctx;
    od_passwords_free(p->passwords, on_closed, p);
}

/* ---- cookies */

/* A browser keeps cookies that are Secure of a server on loopback out of its requests, unless they
 * go over TLS. */
static bool on_loopback(const struct od_http_request *req)
{
    struct od_str name = od_http_host_name(od_http_header(req, "Host"));
    return od_str_eq_nocase(name, OD_STR("localhost")) || od_str_is(name, "127.0.0.1") ||
           od_str_is(name, "[::1]") || od_str_is(name, "::1");
}

void od_set_cookie(struct od_http_request *req, const char *name, struct od_str value,
                   const char *path, int64_t seconds)
{
    od_http_set_header(
        req, "Set-Cookie",
        od_arena_printf(&req->arena,
                        "%s=%.*s; Path=%s; Max-Age=%" PRId64 "; HttpOnly; SameSite=Lax%s", name,
                        OD_STR_ARG(value), path, seconds, on_loopback(req) ? "" : "; Secure"));
}

enum { NONCE = 16 };

static void sign_device(const struct od_people *p, struct od_str text, char hex[OD_SHA256_HEX + 1])
{
    uint8_t mac[OD_SHA256];
    struct od_str key = {(const char *)p->conf.device_secret, sizeof p->conf.device_secret};
    od_hmac_sha256(key, text, mac);
    od_hex(mac, sizeof mac, hex);
}

struct od_str od_device_make(const struct od_people *p, int64_t user_id, struct od_arena *arena)
{
    uint8_t nonce[NONCE];
    char hex[2 * NONCE + 1], mac[OD_SHA256_HEX + 1];
    od_random(nonce, sizeof nonce);
    od_hex(nonce, sizeof nonce, hex);
    struct od_str text = od_arena_printf(arena, "%" PRId64 ".%s", user_id, hex);
    sign_device(p, text, mac);
    return od_arena_printf(arena, "%.*s.%s", OD_STR_ARG(text), mac);
}

/* The text of a device cookie that is signed well, and the user whose it is. */
static struct od_str read_device(const struct od_people *p, const struct od_http_request *req,
                                 int64_t *user_id)
{
    struct od_str cookie = od_http_cookie(req, OD_DEVICE_COOKIE), user;
    char mac[OD_SHA256_HEX + 1];
    if (cookie.len <= OD_SHA256_HEX + 1 || cookie.len > 200)
        return OD_STR_NONE;
    struct od_str text = od_str_slice(cookie, 0, cookie.len - OD_SHA256_HEX - 1), rest = text;
    sign_device(p, text, mac);
    bool signed_well = od_equal_ct(mac, text.ptr + text.len + 1, OD_SHA256_HEX) &&
                       od_str_cut(&rest, '.', &user) && od_str_to_i64(user, 1, INT64_MAX, user_id);
    return signed_well ? text : OD_STR_NONE;
}

struct od_str od_device_of(const struct od_people *p, const struct od_http_request *req,
                           int64_t user_id)
{
    int64_t id = 0;
    struct od_str text = read_device(p, req, &id);
    return id == user_id ? text : OD_STR_NONE;
}

bool od_device_any(const struct od_people *p, const struct od_http_request *req)
{
    int64_t id;
    return read_device(p, req, &id).ptr != NULL;
}

/* ---- answers */

void od_people_busy(struct od_http_request *req)
{
    od_problem_send(req, &(struct od_problem){
                             .status = 503,
                             .code = "busy",
                             .detail = OD_STR("Too many passwords are being checked. Retry in a "
                                              "moment."),
                             .retry_after_s = 2,
                         });
}

bool od_people_closed(const struct od_api *api, struct od_http_request *req)
{
    if (api->people->conf.keys)
        return false;
    od_problem_sendf(req, 409, "auth_open",
                     "This server asks nobody who he is ([auth] mode = open), so nobody logs in.");
    return true;
}

/* ---- users */

void od_user_read(const struct od_pg_result *r, struct od_arena *arena, struct od_user *out)
{
    *out = (struct od_user){
        .id = od_pg_get_i64(r, 0, 0),
        .email = od_arena_str(arena, od_pg_get_text(r, 0, 1)),
        .name = od_arena_str(arena, od_pg_get_text(r, 0, 2)),
        .role = od_arena_str(arena, od_pg_get_text(r, 0, 3)),
        .password_hash = od_arena_str(arena, od_pg_get_text(r, 0, 4)),
        .totp_step = od_pg_get_i64(r, 0, 6),
        .disabled = od_pg_get_bool(r, 0, 8),
    };
    if (!od_pg_is_null(r, 0, 5))
        out->totp_secret = od_arena_str(arena, od_pg_get_bytea(r, 0, 5));
    if (!od_pg_is_null(r, 0, 9))
        out->totp_pending = od_arena_str(arena, od_pg_get_bytea(r, 0, 9));
}

struct look {
    struct od_http_request *req;
    struct od_user *out;
    void (*found)(void *ctx, bool failed);
    void *ctx;
};

static void on_user(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct look *l = ctx;
    if (!err && r->rows == 1)
        od_user_read(r, &l->req->arena, l->out);
}

static void on_looked(void *ctx, bool failed)
{
    struct look *l = ctx;
    l->found(l->ctx, failed);
}

void od_user_look(struct od_api *api, struct od_http_request *req, struct od_str email, int64_t id,
                  struct od_user *out, void (*found)(void *ctx, bool failed), void *ctx)
{
    struct look *l = OD_NEW(&req->arena, struct look);
    struct od_pg_params *p = od_pg_params(api->query);
    *l = (struct look){req, out, found, ctx};
    *out = (struct od_user){0};
    od_pg_text(p, email);
    od_pg_given_i64(p, email.ptr ? 0 : id);
    od_pg_send(api->query, &od_user_find, p, on_user, l);
    od_pg_sync(api->query, on_looked, l);
}

void od_link_make(struct od_api *api, struct od_http_request *req, int64_t user_id,
                  struct od_str *path)
{
    char token[OD_TOKEN_TEXT + 1];
    uint8_t hash[OD_SHA256];
    struct od_pg_params *p = od_pg_params(api->query);
    od_token_make(token);
    od_sha256_of(od_str_of(token), hash);
    *path = od_arena_printf(&req->arena, "/auth/reset?token=%s", token);
    od_pg_bytea(p, od_str_n((const char *)hash, sizeof hash));
    od_pg_i64(p, user_id);
    od_pg_i64(p, api->people->conf.link_life_ms / 1000);
    od_pg_send(api->query, &od_link_insert, p, NULL, NULL);
}
