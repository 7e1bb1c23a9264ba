#include "api/auth.h"

#include <stdlib.h>

#include "api/handler.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/map.h"
#include "loop/timer.h"
#include "pg/conn.h"

struct key {
    uint8_t hash[OD_SHA256];
    struct od_str name;
    enum od_role role;
};

/* One generation of the keys. */
struct keys {
    struct od_arena arena;
    struct od_map by_hash;
};

struct od_auth {
    struct od_pg_conn *query;
    bool open;
    bool asked; /* a refresh is on its way */
    struct keys *keys, *fresh;
    struct od_timer *timer;
};

static const char *const role_names[] = {"reader", "staff", "admin"};

static const struct od_pg_stmt select_keys = {
    .name = "api_select_keys",
    .sql = "select key_hash, name, role from api_key where revoked_at is null",
};

const char *od_role_name(enum od_role role)
{
    return role_names[role];
}

bool od_role_parse(struct od_str name, enum od_role *out)
{
    for (enum od_role r = OD_ROLE_READER; r <= OD_ROLE_ADMIN; r++) {
        if (od_str_is(name, role_names[r])) {
            *out = r;
            return true;
        }
    }
    return false;
}

static void keys_free(struct keys *keys)
{
    if (!keys)
        return;
    od_map_fini(&keys->by_hash);
    od_arena_fini(&keys->arena);
    free(keys);
}

static void on_keys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_auth *auth = ctx;
    if (err)
        return;
    struct keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        abort();
    od_arena_init(&keys->arena);
    od_map_init(&keys->by_hash);
    for (int i = 0; i < r->rows; i++) {
        struct od_str hash = od_pg_get_bytea(r, i, 0);
        struct key *key = OD_NEW(&keys->arena, struct key);
        if (hash.len != OD_SHA256 || !od_role_parse(od_pg_get_text(r, i, 2), &key->role))
            continue;
        memcpy(key->hash, hash.ptr, OD_SHA256);
        key->name = od_arena_str(&keys->arena, od_pg_get_text(r, i, 1));
        od_map_put(&keys->by_hash, od_str_n((const char *)key->hash, OD_SHA256), key);
    }
    auth->fresh = keys;
}

static void on_refreshed(void *ctx, bool failed)
{
    struct od_auth *auth = ctx;
    auth->asked = false;
    if (failed) {
        keys_free(auth->fresh);
    } else {
        keys_free(auth->keys);
        auth->keys = auth->fresh;
    }
    auth->fresh = NULL;
}

static void refresh(void *ctx)
{
    struct od_auth *auth = ctx;
    if (auth->asked || !od_pg_conn_up(auth->query))
        return;
    auth->asked = true;
    od_pg_send(auth->query, &select_keys, NULL, on_keys, auth);
    od_pg_sync(auth->query, on_refreshed, auth);
}

struct od_auth *od_auth_new(struct od_loop *loop, struct od_pg_conn *query, bool open)
{
    struct od_auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        abort();
    auth->query = query;
    auth->open = open;
    if (!open) {
        auth->timer = od_timer_new(loop, refresh, auth);
        od_timer_start(auth->timer, 0, OD_KEYS_REFRESH_S * 1000);
    }
    return auth;
}

void od_auth_free(struct od_auth *auth)
{
    if (!auth)
        return;
    od_timer_free(auth->timer);
    keys_free(auth->keys);
    keys_free(auth->fresh);
    free(auth);
}

static struct od_str bearer(const struct od_http_request *req)
{
    struct od_str value = od_str_trim(od_http_header(req, "Authorization"));
    static const size_t scheme = sizeof "Bearer " - 1;
    if (value.len <= scheme || !od_str_eq_nocase(od_str_slice(value, 0, scheme), OD_STR("Bearer ")))
        return OD_STR_NONE;
    return od_str_trim(od_str_slice(value, scheme, value.len));
}

/* NULL: none that is known. Looked up by digest: how long that takes tells nothing about any key.
 */
static const struct key *find_key(const struct od_auth *auth, struct od_str token)
{
    uint8_t hash[OD_SHA256];
    if (!auth->keys || !token.ptr)
        return NULL;
    od_sha256_of(token, hash);
    return od_map_get(&auth->keys->by_hash, od_str_n((const char *)hash, OD_SHA256));
}

bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req, enum od_role role)
{
    const struct key *key = auth->open ? NULL : find_key(auth, bearer(req));
    return auth->open || (key && key->role >= role);
}

bool od_auth_allow(struct od_auth *auth, struct od_http_request *req, enum od_role role,
                   struct od_str *actor)
{
    if (auth->open) {
        *actor = OD_STR("anonymous");
        return true;
    }
    struct od_str token = bearer(req);
    if (!token.ptr) {
        od_http_set_header(req, "WWW-Authenticate", OD_STR("Bearer realm=\"orderd\""));
        od_problem_sendf(req, 401, "unauthenticated",
                         "Send a key as `Authorization: Bearer KEY`; `orderd key add` makes one.");
        return false;
    }
    if (!auth->keys) {
        struct od_err err;
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "keys are not loaded yet");
        od_api_send_err(req, &err);
        return false;
    }
    const struct key *key = find_key(auth, token);
    if (!key) {
        od_http_set_header(req, "WWW-Authenticate",
                           OD_STR("Bearer realm=\"orderd\", error=\"invalid_token\""));
        od_problem_sendf(req, 401, "unknown_key", "This key is not known or was revoked.");
        return false;
    }
    if (key->role < role) {
        od_problem_sendf(req, 403, "forbidden", "This needs the role %s; the key has %s.",
                         od_role_name(role), od_role_name(key->role));
        return false;
    }
    *actor = od_arena_str(&req->arena, key->name);
    return true;
}

void od_key_make(char out[OD_KEY_TEXT + 1])
{
    uint8_t bytes[20];
    od_random(bytes, sizeof bytes);
    memcpy(out, "od_", 3);
    od_hex(bytes, sizeof bytes, out + 3);
}
