#include <inttypes.h>

#include "api/access/form.h"
#include "api/access/people.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "base/log.h"
#include "base/mail/address.h"
#include "pg/conn.h"
#include "store/access/users.h"

/*
 * One-time links. /auth/setup makes the first user of an installation, /auth/reset lets a user
 * choose a password. Each has a page for people, which is the same for every token: whether a link
 * works is told only to somebody who uses it.
 */

enum { NAME_MAX_BYTES = 200 };

OD_EMBED(od_page_link, "api/access/links.html");
OD_EMBED(od_page_link_js, "api/access/links.js");

struct call {
    struct od_api *api;
    struct od_http_request *req;
    struct od_str token, email, name, password;
    uint8_t hash[OD_SHA256];
    bool first; /* the user to be made is the first */
    bool found;
    int64_t user_id;
};

static void send_page(struct od_http_request *req, const char *type, struct od_str text)
{
    od_http_set_header(req, "Content-Security-Policy",
                       OD_STR("default-src 'none'; script-src 'self'; connect-src 'self'; "
                              "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"));
    od_http_set_header(req, "Referrer-Policy", OD_STR("no-referrer"));
    od_http_set_header(req, "X-Content-Type-Options", OD_STR("nosniff"));
    od_http_set_header(req, "Cache-Control", OD_STR("no-store"));
    od_http_reply(req, 200, type, text);
}

static void get_page(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)ctx, (void)who;
    send_page(req, "text/html; charset=utf-8", OD_EMBEDDED(od_page_link));
}

static void get_page_script(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)ctx, (void)who;
    send_page(req, "text/javascript; charset=utf-8", OD_EMBEDDED(od_page_link_js));
}

/* ---- use */

static void refuse_link(struct call *c)
{
    od_problem_sendf(c->req, 410, "link_expired",
                     "This link does not work, or not any more: it works once, and for a limited "
                     "time.");
}

static struct od_str hash_of(const struct call *c)
{
    return od_str_n((const char *)c->hash, sizeof c->hash);
}

static void on_user(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (!err && r->rows == 1)
        c->user_id = od_pg_get_i64(r, 0, 0);
}

static void on_used(void *ctx, bool failed)
{
    struct call *c = ctx;
    struct od_json_writer w;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    if (!c->user_id) {
        refuse_link(c);
        return;
    }
    od_info(c->first ? "first_user" : "password_chosen", "user=%" PRId64, c->user_id);
    od_jw_init(&w, od_http_body(c->req));
    od_jw_object(&w);
    od_jw_key(&w, "userId");
    od_jw_i64(&w, c->user_id);
    od_jw_object_end(&w);
    od_http_send(c->req, 200);
}

static void on_made(void *ctx, const struct od_password_answer *answer)
{
    struct call *c = ctx;
    struct od_pg_params *p = od_pg_params(c->api->query);
    if (answer->failed) {
        od_people_busy(c->req);
        return;
    }
    od_pg_bytea(p, hash_of(c));
    if (c->first) {
        od_pg_text(p, c->email);
        od_pg_text(p, c->name.ptr ? c->name : OD_STR(""));
        od_pg_text(p, OD_STR("owner"));
    }
    od_pg_text(p, answer->hash);
    od_pg_send(c->api->query, c->first ? &od_link_first_user : &od_link_password, p, on_user, c);
    od_pg_sync(c->api->query, on_used, c);
}

static void on_link(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->found = !err && r->rows == 1 && od_pg_is_null(r, 0, 0) == c->first;
}

/* A password is hashed for a link that works alone. */
static void on_looked(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->found)
        refuse_link(c);
    else if (!od_passwords_make(c->api->people->passwords, c->password, on_made, c))
        od_people_busy(c->req);
}

static void use_link(struct call *c)
{
    const char *weak = od_password_weak(c->password);
    if (weak) {
        od_problem_sendf(c->req, 422, "weak_password", "%s", weak);
        return;
    }
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_sha256_of(c->token, c->hash);
    od_pg_bytea(p, hash_of(c));
    od_pg_send(c->api->query, &od_link_find, p, on_link, c);
    od_pg_sync(c->api->query, on_looked, c);
}

static struct call *begin(struct od_api *api, struct od_http_request *req)
{
    struct call *c = OD_NEW(&req->arena, struct call);
    *c = (struct call){.api = api, .req = req};
    return c;
}

static void post_setup(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    (void)who;
    const struct od_form_member members[] = {
        {.name = "token", .max = 2 * OD_TOKEN_TEXT, .required = true, .text = &c->token},
        {.name = "email", .max = OD_MAIL_ADDRESS_MAX, .required = true, .text = &c->email},
        {.name = "name", .max = NAME_MAX_BYTES, .text = &c->name},
        {.name = "password", .max = OD_PASSWORD_MAX, .required = true, .text = &c->password},
    };
    c->first = true;
    if (od_form_read(req, members, sizeof members / sizeof *members) &&
        od_form_email(req, c->email))
        use_link(c);
}

static void post_reset(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req);
    (void)who;
    const struct od_form_member members[] = {
        {.name = "token", .max = 2 * OD_TOKEN_TEXT, .required = true, .text = &c->token},
        {.name = "password", .max = OD_PASSWORD_MAX, .required = true, .text = &c->password},
    };
    if (od_form_read(req, members, sizeof members / sizeof *members))
        use_link(c);
}

static const struct od_api_route routes[] = {
    {"get_setup", OD_HTTP_GET, "/auth/setup", 0, OD_PUBLIC, get_page},
    {"post_setup", OD_HTTP_POST, "/auth/setup", OD_HTTP_JSON, OD_PUBLIC, post_setup},
    {"get_reset", OD_HTTP_GET, "/auth/reset", 0, OD_PUBLIC, get_page},
    {"post_reset", OD_HTTP_POST, "/auth/reset", OD_HTTP_JSON, OD_PUBLIC, post_reset},
    {"get_links_script", OD_HTTP_GET, "/auth/links.js", 0, OD_PUBLIC, get_page_script},
};

OD_EMBED(od_openapi_links, "api/access/links.json");
const struct od_api_chapter od_api_links = OD_API_CHAPTER(routes, od_openapi_links);
