#include "api/auth.h"

#include <stdlib.h>

#include "api/handler.h"

struct od_auth {
    const struct od_keys *keys; /* NULL: everybody may do everything */
};

struct od_auth *od_auth_new(const struct od_keys *keys)
{
    struct od_auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        abort();
    auth->keys = keys;
    return auth;
}

void od_auth_free(struct od_auth *auth)
{
    free(auth);
}

const struct od_keys *od_auth_keys(const struct od_auth *auth)
{
    return auth->keys;
}

static struct od_str bearer(const struct od_http_request *req)
{
    struct od_str value = od_str_trim(od_http_header(req, "Authorization"));
    static const size_t scheme = sizeof "Bearer " - 1;
    if (value.len <= scheme || !od_str_eq_nocase(od_str_slice(value, 0, scheme), OD_STR("Bearer ")))
        return OD_STR_NONE;
    return od_str_trim(od_str_slice(value, scheme, value.len));
}

bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req, enum od_role role)
{
    struct od_str token = bearer(req);
    if (!auth->keys)
        return true;
    const struct od_key *key =
        token.ptr && od_keys_fresh(auth->keys) ? od_keys_find(auth->keys, token) : NULL;
    return key && key->role >= role;
}

/* Not 401: the key may be good. Not by what was known before: it may have been revoked. */
static void refuse_unchecked(const struct od_auth *auth, struct od_http_request *req)
{
    int64_t age_s = od_keys_age_us(auth->keys) / 1000000;
    od_problem_send(req,
                    &(struct od_problem){
                        .status = 503,
                        .code = "keys_unknown",
                        .detail = od_arena_printf(
                            &req->arena,
                            "Whether this key still works cannot be told: the database has not "
                            "answered for %lld s. Retry in a moment.",
                            (long long)age_s),
                        .retry_after_s = 1,
                    });
}

bool od_auth_allow(struct od_auth *auth, struct od_http_request *req, enum od_role role,
                   struct od_str *actor)
{
    if (!auth->keys) {
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
    if (!od_keys_fresh(auth->keys)) {
        refuse_unchecked(auth, req);
        return false;
    }
    const struct od_key *key = od_keys_find(auth->keys, token);
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
