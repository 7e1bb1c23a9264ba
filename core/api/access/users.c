#include <inttypes.h>

#include "api/access/form.h"
#include "api/access/people.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/rows.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "base/log.h"
#include "base/mail/address.h"
#include "pg/conn.h"
#include "store/access/users.h"

/* The users of the installation, for those who administer it. Nobody but the user knows his
 * password: whoever makes or resets one gets a link for him. */

enum { NAME_MAX_BYTES = 200, ROLE_MAX_BYTES = 60 };

struct call {
    struct od_api *api;
    struct od_http_request *req;
    int64_t id; /* 0: all */
    const struct od_principal *who;
    struct od_str email, name, role, link;
    int disabled, totp;
    struct od_json_writer w;
    int rows;
    bool done;
    int status;
};

static void send_missing(struct od_http_request *req)
{
    od_problem_sendf(req, 404, "user_not_found",
                     "There is no such user, or his role may do more than you.");
}

static struct call *begin(struct od_api *api, struct od_http_request *req,
                          const struct od_principal *who)
{
    struct call *c = OD_NEW(&req->arena, struct call);
    *c = (struct call){.api = api, .req = req, .who = who, .status = 200};
    struct od_str id = od_http_param(req, "user");
    if (!id.ptr || od_str_to_i64(id, 1, INT64_MAX, &c->id))
        return c;
    send_missing(req);
    return NULL;
}

/* ---- reading */

static void write_user(void *ctx, const struct od_pg_result *r, int row)
{
    struct call *c = ctx;
    struct od_json_writer *w = &c->w;
    od_jw_object(w);
    od_jw_key(w, "userId");
    od_jw_i64(w, od_pg_get_i64(r, row, 0));
    od_jw_key(w, "email");
    od_jw_str(w, od_pg_get_text(r, row, 1));
    od_jw_key(w, "name");
    od_jw_str(w, od_pg_get_text(r, row, 2));
    od_jw_key(w, "role");
    od_jw_str(w, od_pg_get_text(r, row, 3));
    od_row_write_time(w, "createdAt", r, row, 4);
    od_row_write_time(w, "lastLoginAt", r, row, 5);
    od_row_write_time(w, "disabledAt", r, row, 6);
    od_jw_key(w, "password");
    od_jw_bool(w, od_pg_get_bool(r, row, 7));
    od_jw_key(w, "totp");
    od_jw_bool(w, od_pg_get_bool(r, row, 8));
    if (c->link.ptr) {
        od_jw_key(w, "link");
        od_jw_str(w, c->link);
    }
    od_jw_object_end(w);
}

static void on_users(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (err)
        return;
    c->rows = r->rows;
    od_jw_init(&c->w, od_http_body(c->req));
    if (c->id) {
        if (r->rows)
            write_user(c, r, 0);
        return;
    }
    od_rows_write(&c->w, c->req, r, write_user, c);
}

static void on_read(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (c->id && !c->rows)
        send_missing(c->req);
    else
        od_http_send(c->req, c->status);
}

static void read_users(struct call *c)
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_given_i64(p, c->id);
    od_pg_send(c->api->query, &od_users_list, p, on_users, c);
    od_pg_sync(c->api->query, on_read, c);
}

static void get_users(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {NULL};
    struct call *c = od_api_query_known(req, names) ? begin(ctx, req, who) : NULL;
    if (c)
        read_users(c);
}

/* ---- changing */

static void on_user(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->done = !err && r->rows == 1;
    if (c->done)
        c->id = od_pg_get_i64(r, 0, 0);
}

static void on_linked(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    od_http_set_header(c->req, "Cache-Control", OD_STR("no-store"));
    read_users(c);
}

static void send_link(struct call *c)
{
    od_link_make(c->api, c->req, c->id, &c->link);
    od_pg_sync(c->api->query, on_linked, c);
}

static void on_created(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
    } else if (!c->done) {
        od_problem_sendf(c->req, 409, "user_exists", "There is a user with this e-mail address.");
    } else {
        od_info("user_made", "user=%" PRId64, c->id);
        od_http_set_header(c->req, "Location",
                           od_arena_printf(&c->req->arena, "/api/users/%" PRId64, c->id));
        send_link(c);
    }
}

static void create_user(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who);
    const struct od_form_member members[] = {
        {.name = "email", .max = OD_MAIL_ADDRESS_MAX, .required = true, .text = &c->email},
        {.name = "name", .max = NAME_MAX_BYTES, .text = &c->name},
        {.name = "role", .max = ROLE_MAX_BYTES, .required = true, .text = &c->role},
    };
    if (!od_form_read(req, members, sizeof members / sizeof *members) ||
        !od_form_email(req, c->email) || !od_auth_may_give(c->api->auth, req, who, c->role))
        return;
    struct od_pg_params *p = od_pg_params(c->api->query);
    c->status = 201;
    od_pg_text(p, c->email);
    od_pg_text(p, c->name.ptr ? c->name : OD_STR(""));
    od_pg_text(p, c->role);
    od_pg_send(c->api->query, &od_user_insert, p, on_user, c);
    od_pg_sync(c->api->query, on_created, c);
}

static void on_renewed(void *ctx)
{
    read_users(ctx);
}

static void on_changed(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->done)
        send_missing(c->req);
    else if (c->api->people->conf.keys)
        od_keys_renew(c->api->people->conf.keys, on_renewed, c);
    else
        read_users(c);
}

static void change_user(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who);
    if (!c)
        return;
    const struct od_form_member members[] = {
        {.name = "name", .max = NAME_MAX_BYTES, .text = &c->name},
        {.name = "role", .max = ROLE_MAX_BYTES, .text = &c->role},
        {.name = "disabled", .flag = &c->disabled},
    };
    if (!od_form_read(req, members, sizeof members / sizeof *members) ||
        (c->role.ptr && !od_auth_may_give(c->api->auth, req, who, c->role)))
        return;
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, c->id);
    od_pg_text(p, c->name);
    od_pg_text(p, c->role);
    if (c->disabled < 0)
        od_pg_null(p);
    else
        od_pg_bool(p, c->disabled);
    od_auth_put_roles(c->api->auth, who, p);
    od_pg_send(c->api->query, &od_user_change, p, on_user, c);
    od_pg_sync(c->api->query, on_changed, c);
}

static void on_reset(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->done)
        send_missing(c->req);
    else
        send_link(c);
}

static void on_allowed(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed || !c->done || c->totp != 1) {
        on_reset(c, failed);
        return;
    }
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, c->id);
    od_pg_send(c->api->query, &od_totp_end, p, on_user, c);
    od_pg_sync(c->api->query, on_reset, c);
}

/* A link to choose a password by; what there was works until it is used. Whoever has the link can
 * be that user, so only he may have it whom the user's role does not exceed. */
static void reset_user(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who);
    if (!c)
        return;
    const struct od_form_member members[] = {{.name = "totp", .flag = &c->totp}};
    if (!od_form_read(req, members, 1))
        return;
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, c->id);
    od_auth_put_roles(c->api->auth, who, p);
    od_pg_send(c->api->query, &od_user_allowed, p, on_user, c);
    od_pg_sync(c->api->query, on_allowed, c);
    od_info("user_reset", "user=%" PRId64 " totp=%d", c->id, c->totp == 1);
}

static const struct od_api_route routes[] = {
    {"get_users", OD_HTTP_GET, "/api/users", OD_API_NO_ORDERS, OD_MAY_USERS_VIEW, get_users},
    {"get_user", OD_HTTP_GET, "/api/users/:user", OD_API_NO_ORDERS, OD_MAY_USERS_VIEW, get_users},
    {"create_user", OD_HTTP_POST, "/api/users", OD_HTTP_JSON | OD_API_NO_ORDERS,
     OD_MAY_USERS_MANAGE, create_user},
    {"change_user", OD_HTTP_PATCH, "/api/users/:user", OD_HTTP_JSON | OD_API_NO_ORDERS,
     OD_MAY_USERS_MANAGE, change_user},
    {"reset_user", OD_HTTP_POST, "/api/users/:user/reset", OD_HTTP_JSON | OD_API_NO_ORDERS,
     OD_MAY_USERS_MANAGE, reset_user},
};

OD_EMBED(od_openapi_users, "api/access/users.json");
const struct od_api_chapter od_api_users = OD_API_CHAPTER(routes, od_openapi_users);
