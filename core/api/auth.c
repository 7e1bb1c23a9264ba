#include "api/auth.h"

#include <stdlib.h>

#include "api/cookie.h"
#include "api/handler.h"
#include "api/route.h"
#include "base/assert.h"
#include "order/machine/command_kind.h"
#include "order/model/field_class.h"
#include "pg/conn.h"

struct od_auth {
    struct od_keys *keys; /* NULL: everybody may do everything */
    struct od_roles *roles;
};

struct od_auth *od_auth_new(struct od_keys *keys, struct od_roles *roles)
{
    struct od_auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        abort();
    auth->keys = keys;
    auth->roles = roles ? od_roles_ref(roles) : NULL;
    return auth;
}

void od_auth_free(struct od_auth *auth)
{
    if (!auth)
        return;
    od_roles_unref(auth->roles);
    free(auth);
}

void od_auth_use_roles(struct od_auth *auth, struct od_roles *roles)
{
    struct od_roles *before = auth->roles;
    auth->roles = od_roles_ref(roles);
    od_roles_unref(before);
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

/* What the role of that name may. One that is not configured any more may do nothing. */
static void take_role(const struct od_auth *auth, struct od_str name, struct od_principal *out)
{
    const struct od_role *role = od_roles_find(auth->roles, name);
    out->role = name;
    if (!role)
        return;
    out->permissions = role->permissions;
    out->classes = role->classes;
    out->stores = role->stores;
    out->store_count = role->store_count;
    out->refund_limit = role->refund_limit;
}

static bool has_store(const struct od_str *stores, size_t count, struct od_str store)
{
    for (size_t i = 0; i < count; i++) {
        if (od_str_eq(stores[i], store))
            return true;
    }
    return false;
}

/* The stores that both the role and the key have. */
static void limit_stores(const struct od_key *key, struct od_arena *a, struct od_principal *out)
{
    struct od_str *both = OD_NEW_ARRAY(a, struct od_str, key->store_count);
    size_t n = 0;
    if (!key->stores)
        return;
    for (size_t i = 0; i < key->store_count; i++) {
        if (!out->stores || has_store(out->stores, out->store_count, key->stores[i]))
            both[n++] = key->stores[i];
    }
    out->stores = both;
    out->store_count = n;
}

static bool find_key(const struct od_auth *auth, struct od_str token, struct od_arena *a,
                     struct od_principal *out)
{
    const struct od_key *key = od_keys_find(auth->keys, token);
    if (!key)
        return false;
    *out = (struct od_principal){.kind = OD_PRINCIPAL_KEY, .name = key->name, .id = key->id};
    take_role(auth, key->role, out);
    out->permissions &= key->scopes;
    limit_stores(key, a, out);
    od_keys_used(auth->keys, key);
    return true;
}

static bool find_session(const struct od_auth *auth, const struct od_http_request *req,
                         struct od_principal *out)
{
    struct od_str token = od_http_cookie(req, OD_SESSION_COOKIE);
    const struct od_login *login =
        token.len == OD_TOKEN_TEXT ? od_keys_find_login(auth->keys, token) : NULL;
    if (!login)
        return false;
    *out = (struct od_principal){
        .kind = OD_PRINCIPAL_USER,
        .name = login->email,
        .id = login->user_id,
        .session_id = login->session_id,
    };
    take_role(auth, login->role, out);
    od_keys_used_login(auth->keys, login);
    return true;
}

/* A browser sends the cookie with whatever any page makes it send. */
static bool is_cross_site(const struct od_http_request *req)
{
    bool safe = req->method == OD_HTTP_GET || req->method == OD_HTTP_HEAD;
    return !safe && !od_http_header(req, "Origin").ptr &&
           !od_str_is(od_http_header(req, "Sec-Fetch-Site"), "same-origin");
}

bool od_auth_has_session(const struct od_auth *auth, const struct od_http_request *req)
{
    struct od_principal who;
    return auth->keys && !bearer(req).ptr && od_keys_fresh(auth->keys) &&
           find_session(auth, req, &who);
}

bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req,
                   enum od_permission permission)
{
    struct od_str token = bearer(req);
    struct od_principal who;
    struct od_arena arena;

    if (!auth->keys)
        return true;
    if (!od_keys_fresh(auth->keys))
        return false;
    od_arena_init(&arena);
    bool found = token.ptr ? find_key(auth, token, &arena, &who)
                           : !is_cross_site(req) && find_session(auth, req, &who);
    od_arena_fini(&arena);
    return found && od_principal_may(&who, permission) && od_principal_sees_all(&who);
}

bool od_auth_sees_all(const struct od_principal *who, struct od_http_request *req)
{
    if (od_principal_sees_all(who))
        return true;
    if (who->stores)
        od_problem_sendf(req, 403, "stores_hidden",
                         "This shows orders of every store, and the role %.*s sees those of some.",
                         OD_STR_ARG(who->role));
    else
        od_problem_sendf(req, 403, "fields_hidden",
                         "This shows orders with fields of every class, and the role %.*s does not "
                         "see all of them.",
                         OD_STR_ARG(who->role));
    return false;
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

/* A copy that outlives a reload and a revocation. */
static const struct od_principal *keep(const struct od_principal *who, struct od_arena *a)
{
    struct od_principal *kept = OD_NEW(a, struct od_principal);
    struct od_str *stores = OD_NEW_ARRAY(a, struct od_str, who->store_count);

    *kept = *who;
    kept->name = od_arena_str(a, who->name);
    kept->role = od_arena_str(a, who->role);
    for (size_t i = 0; i < who->store_count; i++)
        stores[i] = od_arena_str(a, who->stores[i]);
    kept->stores = who->stores ? stores : NULL;
    return kept;
}

/* tests/unit/api/test_permissions.c holds the rows of commands to names that there are. */
enum od_permission od_auth_of_command(const struct od_command_kind *kind)
{
    enum od_permission p = OD_PERMISSIONS;

    OD_ASSERT(od_permission_named(od_str_of(kind->permission), &p));
    return p;
}

struct od_str od_auth_lacks(const struct od_principal *who, enum od_permission permission,
                            struct od_arena *a)
{
    return od_arena_printf(a, "This needs the permission %s, which the role %.*s does not have.",
                           od_permission_name(permission), OD_STR_ARG(who->role));
}

static const struct od_principal *refuse(struct od_http_request *req, const char *code,
                                         const char *challenge, const char *detail)
{
    od_http_set_header(req, "WWW-Authenticate", od_str_of(challenge));
    od_problem_sendf(req, 401, code, "%s", detail);
    return NULL;
}

static const struct od_principal *by_session(struct od_auth *auth, struct od_http_request *req)
{
    struct od_principal who;
    bool cookie = od_http_cookie(req, OD_SESSION_COOKIE).ptr;

    if (cookie && !od_keys_fresh(auth->keys)) {
        refuse_unchecked(auth, req);
        return NULL;
    }
    if (!cookie || !find_session(auth, req, &who))
        return refuse(req, "unauthenticated", "Bearer realm=\"orderd\"",
                      "Send a key as `Authorization: Bearer KEY`; `orderd key add` makes one. Or "
                      "log in by POST /auth/login.");
    if (!is_cross_site(req))
        return keep(&who, &req->arena);
    od_problem_sendf(req, 403, "origin_missing",
                     "This came with a session's cookie and without Origin or Sec-Fetch-Site, so "
                     "any web page may have sent it. Programs send a key instead.");
    return NULL;
}

const struct od_principal *od_auth_caller(struct od_auth *auth, struct od_http_request *req)
{
    static const struct od_principal anybody = {
        .kind = OD_PRINCIPAL_ANONYMOUS,
        .name = {"anonymous", sizeof "anonymous" - 1},
        .role = {"owner", sizeof "owner" - 1},
        .permissions = OD_PERMISSIONS_ALL,
        .classes = OD_CLASSES_ALL,
        .refund_limit = -1,
    };
    struct od_str token = bearer(req);
    struct od_principal who;

    if (!auth->keys)
        return &anybody;
    if (!token.ptr)
        return by_session(auth, req);
    if (!od_keys_fresh(auth->keys)) {
        refuse_unchecked(auth, req);
        return NULL;
    }
    if (!find_key(auth, token, &req->arena, &who))
        return refuse(req, "unknown_key", "Bearer realm=\"orderd\", error=\"invalid_token\"",
                      "This key is not known, has expired or was revoked.");
    return keep(&who, &req->arena);
}

static void forbid(struct od_http_request *req, struct od_str detail)
{
    od_problem_send(req,
                    &(struct od_problem){.status = 403, .code = "forbidden", .detail = detail});
}

const struct od_principal *od_auth_allow(struct od_auth *auth, struct od_http_request *req,
                                         enum od_permission permission)
{
    const struct od_principal *who = od_auth_caller(auth, req);
    if (!who || od_principal_may(who, permission))
        return who;
    const struct od_problem_member lacking = {
        "permission",
        od_arena_printf(&req->arena, "\"%s\"", od_permission_name(permission)),
    };
    od_problem_send(req, &(struct od_problem){
                             .status = 403,
                             .code = "forbidden",
                             .detail = od_auth_lacks(who, permission, &req->arena),
                             .extra = &lacking,
                             .extra_count = 1,
                         });
    return NULL;
}

/* ---- who may give which role */

static bool has_stores_of(const struct od_principal *who, const struct od_role *role)
{
    if (!who->stores || !role->stores)
        return !who->stores;
    for (size_t i = 0; i < role->store_count; i++) {
        if (!has_store(who->stores, who->store_count, role->stores[i]))
            return false;
    }
    return true;
}

static bool may_give(const struct od_principal *who, const struct od_role *role)
{
    return !(role->permissions & ~who->permissions) && !(role->classes & ~who->classes) &&
           has_stores_of(who, role);
}

bool od_auth_may_give(const struct od_auth *auth, struct od_http_request *req,
                      const struct od_principal *who, struct od_str name)
{
    const struct od_role *role = od_roles_find(auth->roles, name);
    if (!role) {
        struct od_str detail = OD_STR("role must be the name of a role; `orderd access roles` "
                                      "lists them.");
        od_problem_send(req, &(struct od_problem){
                                 .status = 422,
                                 .code = "invalid",
                                 .detail = detail,
                                 .errors = &(struct od_problem_error){OD_STR("/role"), detail},
                                 .error_count = 1,
                             });
        return false;
    }
    if (may_give(who, role))
        return true;
    forbid(req, od_arena_printf(&req->arena,
                                "The role %.*s may do or see more than you, so you cannot give it.",
                                OD_STR_ARG(name)));
    return false;
}

void od_auth_put_roles(const struct od_auth *auth, const struct od_principal *who,
                       struct od_pg_params *p)
{
    size_t count;
    const struct od_role *all = od_roles_all(auth->roles, &count);
    if (who->permissions == OD_PERMISSIONS_ALL && who->classes == OD_CLASSES_ALL && !who->stores) {
        od_pg_null(p);
        return;
    }
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        if (may_give(who, &all[i]))
            od_pg_array_text(p, all[i].name);
    }
    od_pg_array_end(p);
}
