#include "access/keys.h"
#include "access/permission.h"

#include "api/access/form.h"
#include "api/access/people.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/rows.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "base/log.h"
#include "conf/value.h"
#include "pg/conn.h"
#include "store/access/keys.h"

/* API keys. The key itself is shown once, in the answer that made it. */

enum {
    NAME_MAX_BYTES = 100,
    ROLE_MAX_BYTES = 60,
    DURATION_MAX = 20,
    PURPOSE_MAX = 200,
    LIST_MAX = 4000
};
#define OVERLAP_MS  (24 * INT64_C(3600000))
#define OVERLAP_MAX (90 * 24 * INT64_C(3600000))
#define LIFE_MAX    (3660 * 24 * INT64_C(3600000))

struct call {
    struct od_api *api;
    struct od_http_request *req;
    struct od_str name, role, purpose, expires, overlap, scopes, stores;
    char key[OD_KEY_TEXT + 1];
    uint8_t hash[OD_SHA256];
    struct od_json_writer w;
    bool makes; /* a key, which is shown */
    bool done;
};

static struct call *begin(struct od_api *api, struct od_http_request *req)
{
    struct call *c = OD_NEW(&req->arena, struct call);
    *c = (struct call){.api = api, .req = req, .name = od_http_param(req, "key")};
    return c;
}

static void make_key(struct call *c)
{
    od_key_make(c->key);
    od_sha256_of(od_str_of(c->key), c->hash);
    c->makes = true;
}

static bool read_duration(struct call *c, const char *name, struct od_str text, int64_t max_ms,
                          int64_t *ms)
{
    if (!text.ptr || (od_conf_duration(text, ms) && *ms >= 0 && *ms <= max_ms))
        return true;
    od_form_refuse(c->req, name, "must be a time like 24h or 90d, and not too long.");
    return false;
}

/* ---- writing */

/* Absent: all that the role has. */
static void write_list(struct od_json_writer *w, const char *key, struct od_str list)
{
    struct od_str word;
    od_jw_key(w, key);
    if (!list.ptr) {
        od_jw_null(w);
        return;
    }
    od_jw_array(w);
    while (od_str_cut(&list, ',', &word))
        od_jw_str(w, od_str_trim(word));
    od_jw_array_end(w);
}

static void write_key(void *ctx, const struct od_pg_result *r, int row)
{
    struct call *c = ctx;
    struct od_json_writer *w = &c->w;
    od_jw_object(w);
    od_jw_key(w, "name");
    od_jw_str(w, od_pg_get_text(r, row, 0));
    od_jw_key(w, "role");
    od_jw_str(w, od_pg_get_text(r, row, 1));
    od_jw_key(w, "purpose");
    od_jw_str(w, od_pg_get_text(r, row, 3));
    od_jw_key(w, "prefix");
    od_jw_str(w, od_pg_get_text(r, row, 4));
    od_row_write_time(w, "createdAt", r, row, 2);
    od_row_write_time(w, "expiresAt", r, row, 5);
    od_row_write_time(w, "lastUsedAt", r, row, 6);
    od_row_write_time(w, "previousExpiresAt", r, row, 7);
    od_row_write_time(w, "previousUsedAt", r, row, 8);
    od_row_write_time(w, "revokedAt", r, row, 9);
    write_list(w, "scopes", od_pg_get_text(r, row, 10));
    write_list(w, "stores", od_pg_get_text(r, row, 11));
    if (c->makes) {
        od_jw_key(w, "key");
        od_jw_cstr(w, c->key);
    }
    od_jw_object_end(w);
}

static void on_key(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->done = !err && r->rows == 1;
    if (!c->done || !c->makes)
        return;
    od_jw_init(&c->w, od_http_body(c->req));
    write_key(c, r, 0);
}

/* ---- reading */

static void on_keys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (err)
        return;
    od_rows_write(&c->w, c->req, r, write_key, c);
}

static void on_read(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else
        od_http_send(c->req, 200);
}

static void get_keys(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {NULL};
    (void)who;
    if (!od_api_query_known(req, names))
        return;
    struct call *c = begin(ctx, req);
    od_pg_send(c->api->query, &od_keys_list, NULL, on_keys, c);
    od_pg_sync(c->api->query, on_read, c);
}

/* ---- changing */

static void on_known(void *ctx)
{
    struct call *c = ctx;
    int status = c->makes ? (c->role.ptr ? 201 : 200) : 204;
    od_http_set_header(c->req, "Cache-Control", OD_STR("no-store"));
    od_http_send(c->req, status);
}

/* Every change is known to this process before it is answered. */
static void on_changed(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->done && c->role.ptr)
        od_problem_sendf(c->req, 409, "key_exists",
                         "There is, or was, a key with this name; choose another name.");
    else if (!c->done)
        od_problem_sendf(
            c->req, 404, "key_not_found",
            "There is no working key with this name, or its role may do more than you.");
    else if (c->api->people->conf.keys)
        od_keys_renew(c->api->people->conf.keys, on_known, c);
    else
        on_known(c);
}

static void create_key(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    int64_t life_ms = 0;
    uint64_t set = 0;
    const struct od_form_member members[] = {
        {.name = "name", .max = NAME_MAX_BYTES, .required = true, .text = &c->name},
        {.name = "role", .max = ROLE_MAX_BYTES, .required = true, .text = &c->role},
        {.name = "purpose", .max = PURPOSE_MAX, .text = &c->purpose},
        {.name = "expires", .max = DURATION_MAX, .text = &c->expires},
        {.name = "scopes", .max = LIST_MAX, .text = &c->scopes},
        {.name = "stores", .max = LIST_MAX, .text = &c->stores},
    };
    struct od_err err;
    if (!od_form_read(req, members, sizeof members / sizeof *members) ||
        !read_duration(c, "expires", c->expires, LIFE_MAX, &life_ms))
        return;
    c->scopes = od_key_scopes(c->scopes, &req->arena);
    if (c->scopes.ptr && od_permissions_read(c->scopes, &set, &err)) {
        od_form_refuse(req, "scopes", err.message);
        return;
    }
    if (!od_auth_may_give(c->api->auth, req, who, c->role))
        return;
    struct od_pg_params *p = od_pg_params(c->api->query);
    make_key(c);
    od_pg_text(p, c->name);
    od_pg_text(p, c->role);
    od_pg_bytea(p, od_str_n((const char *)c->hash, sizeof c->hash));
    od_pg_text(p, od_str_n(c->key, OD_KEY_PREFIX));
    od_pg_text(p, c->purpose.ptr ? c->purpose : OD_STR(""));
    if (c->expires.ptr)
        od_pg_i64(p, life_ms / 1000);
    else
        od_pg_null(p);
    od_pg_text(p, c->scopes);
    od_key_put_stores(p, c->stores);
    od_pg_send(c->api->query, &od_key_insert, p, on_key, c);
    od_pg_sync(c->api->query, on_changed, c);
}

static void rotate_key(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    int64_t overlap_ms = OVERLAP_MS;
    const struct od_form_member members[] = {
        {.name = "overlap", .max = DURATION_MAX, .text = &c->overlap}};
    if (!od_form_read(req, members, 1) ||
        !read_duration(c, "overlap", c->overlap, OVERLAP_MAX, &overlap_ms))
        return;
    struct od_pg_params *p = od_pg_params(c->api->query);
    make_key(c);
    od_pg_text(p, c->name);
    od_pg_bytea(p, od_str_n((const char *)c->hash, sizeof c->hash));
    od_pg_text(p, od_str_n(c->key, OD_KEY_PREFIX));
    od_pg_i64(p, overlap_ms / 1000);
    od_auth_put_roles(c->api->auth, who, p);
    od_pg_send(c->api->query, &od_key_rotate, p, on_key, c);
    od_pg_sync(c->api->query, on_changed, c);
}

static void revoke_key(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_auth_put_roles(c->api->auth, who, p);
    od_pg_send(c->api->query, &od_key_revoke, p, on_key, c);
    od_pg_sync(c->api->query, on_changed, c);
}

static const struct od_api_route routes[] = {
    {"get_keys", OD_HTTP_GET, "/api/keys", OD_API_NO_ORDERS, OD_MAY_KEYS_VIEW, get_keys},
    {"create_key", OD_HTTP_POST, "/api/keys", OD_HTTP_JSON | OD_API_NO_ORDERS, OD_MAY_KEYS_MANAGE,
     create_key},
    {"rotate_key", OD_HTTP_POST, "/api/keys/:key/rotate", OD_HTTP_JSON | OD_API_NO_ORDERS,
     OD_MAY_KEYS_MANAGE, rotate_key},
    {"revoke_key", OD_HTTP_DELETE, "/api/keys/:key", OD_API_NO_ORDERS, OD_MAY_KEYS_MANAGE,
     revoke_key},
};

OD_EMBED(od_openapi_keys, "api/access/keys.json");
const struct od_api_chapter od_api_keys = OD_API_CHAPTER(routes, od_openapi_keys);
