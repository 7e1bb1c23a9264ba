#include "api/auth.h"

#include <stdlib.h>

#include "api/handler.h"
#include "base/assert.h"
#include "order/machine/command_kind.h"
#include "order/model/field_class.h"

struct od_auth {
    const struct od_keys *keys; /* NULL: everybody may do everything */
    struct od_roles *roles;
};

struct od_auth *od_auth_new(const struct od_keys *keys, struct od_roles *roles)
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

/* The caller by its key; false: there is none that works. A key whose role is not configured any
 * more may do nothing. */
static bool find(const struct od_auth *auth, struct od_str token, struct od_principal *out)
{
    const struct od_key *key = od_keys_find(auth->keys, token);
    const struct od_role *role = key ? od_roles_find(auth->roles, key->role) : NULL;

    if (!key)
        return false;
    *out = (struct od_principal){.kind = OD_PRINCIPAL_KEY, .name = key->name, .role = key->role};
    if (!role)
        return true;
    out->permissions = role->permissions;
    out->classes = role->classes;
    out->stores = role->stores;
    out->store_count = role->store_count;
    out->refund_limit = role->refund_limit;
    return true;
}

bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req,
                   enum od_permission permission)
{
    struct od_str token = bearer(req);
    struct od_principal who;

    if (!auth->keys)
        return true;
    return token.ptr && od_keys_fresh(auth->keys) && find(auth, token, &who) &&
           od_principal_may(&who, permission);
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

const struct od_principal *od_auth_allow(struct od_auth *auth, struct od_http_request *req,
                                         enum od_permission permission)
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
        return refuse(req, "unauthenticated", "Bearer realm=\"orderd\"",
                      "Send a key as `Authorization: Bearer KEY`; `orderd key add` makes one.");
    if (!od_keys_fresh(auth->keys)) {
        refuse_unchecked(auth, req);
        return NULL;
    }
    if (!find(auth, token, &who))
        return refuse(req, "unknown_key", "Bearer realm=\"orderd\", error=\"invalid_token\"",
                      "This key is not known or was revoked.");
    if (od_principal_may(&who, permission))
        return keep(&who, &req->arena);
    od_problem_send(req, &(struct od_problem){
                             .status = 403,
                             .code = "forbidden",
                             .detail = od_auth_lacks(&who, permission, &req->arena),
                         });
    return NULL;
}
