#include <inttypes.h>

#include "access/totp.h"
#include "api/access/form.h"
#include "api/access/people.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "base/log.h"
#include "pg/conn.h"
#include "store/access/sessions.h"
#include "store/access/users.h"

/*
 * What a user changes about himself: his password and his second factor. Each asks for his password
 * again, because a browser that was left open is not its user. Passwords that are guessed here
 * count as those that are guessed at the login.
 */

struct call {
    struct od_api *api;
    struct od_people *people;
    struct od_http_request *req;
    int64_t session_id;
    struct od_str email, password, chosen, code;
    uint8_t peer[16];
    struct od_lockout_who who;
    struct od_user user;
    struct od_str hash;
    char codes[OD_RECOVERY_CODES][OD_RECOVERY_TEXT + 1];
    uint8_t secret[OD_TOTP_SECRET];
    bool done;
    void (*confirmed)(struct call *c); /* the password is right */
};

/* Of the user who has logged in; NULL: it has been answered. */
static struct call *begin(struct od_api *api, struct od_http_request *req,
                          const struct od_principal *who)
{
    if (od_people_closed(api, req))
        return NULL;
    if (who->kind != OD_PRINCIPAL_USER) {
        od_problem_sendf(req, 403, "users_only", "Only a user who has logged in may do this.");
        return NULL;
    }
    struct call *c = OD_NEW(&req->arena, struct call);
    *c = (struct call){.api = api, .people = api->people, .req = req};
    c->session_id = who->session_id;
    c->user.id = who->id;
    c->email = who->name;
    return c;
}

static void refuse_password(struct call *c)
{
    od_problem_sendf(c->req, 403, "wrong_password", "That is not your password.");
}

static void on_checked(void *ctx, const struct od_password_answer *answer)
{
    struct call *c = ctx;
    if (answer->failed) {
        od_lockout_undo(c->people->lockout, &c->who);
        od_people_busy(c->req);
    } else if (!answer->right || c->user.disabled) {
        refuse_password(c);
    } else {
        od_lockout_right(c->people->lockout, &c->who);
        c->confirmed(c);
    }
}

static void on_user(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    c->who =
        (struct od_lockout_who){c->email, c->peer, od_device_of(c->people, c->req, c->user.id)};
    unsigned wait_s = od_lockout_try(c->people->lockout, &c->who, od_clock_monotonic_us());
    if (wait_s) {
        od_problem_send(c->req, &(struct od_problem){
                                    .status = 429,
                                    .code = "too_many_attempts",
                                    .detail = OD_STR("Too many attempts failed."),
                                    .retry_after_s = wait_s,
                                });
    } else if (!od_passwords_check(c->people->passwords, c->user.password_hash, c->password, true,
                                   on_checked, c)) {
        od_lockout_undo(c->people->lockout, &c->who);
        od_people_busy(c->req);
    }
}

/* Asks for the password; then confirmed(c). */
static void confirm(struct call *c, void (*confirmed)(struct call *c))
{
    c->confirmed = confirmed;
    od_http_peer(c->req, c->peer);
    od_user_look(c->api, c->req, OD_STR_NONE, c->user.id, &c->user, on_user, c);
}

static void on_done(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->done = !err && r->rows == 1;
}

/* ---- the password */

static void on_renewed(void *ctx)
{
    struct call *c = ctx;
    od_http_send(c->req, 204);
}

static void on_changed(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed || !c->done)
        od_api_send_unavailable(c->req);
    else
        od_keys_renew(c->people->conf.keys, on_renewed, c);
}

static void on_made(void *ctx, const struct od_password_answer *answer)
{
    struct call *c = ctx;
    if (answer->failed) {
        od_people_busy(c->req);
        return;
    }
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, c->user.id);
    od_pg_text(p, answer->hash);
    od_pg_i64(p, c->session_id);
    od_pg_send(c->api->query, &od_user_set_password, p, on_done, c);
    od_pg_sync(c->api->query, on_changed, c);
    od_info("password_changed", "user=%" PRId64, c->user.id);
}

static void set_password(struct call *c)
{
    if (!od_passwords_make(c->people->passwords, c->chosen, on_made, c))
        od_people_busy(c->req);
}

static void post_password(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who);
    if (!c)
        return;
    const struct od_form_member members[] = {
        {.name = "current", .max = OD_PASSWORD_MAX, .required = true, .text = &c->password},
        {.name = "password", .max = OD_PASSWORD_MAX, .required = true, .text = &c->chosen},
    };
    if (!od_form_read(req, members, sizeof members / sizeof *members))
        return;
    const char *weak = od_password_weak(c->chosen);
    if (weak)
        od_problem_sendf(req, 422, "weak_password", "%s", weak);
    else
        confirm(c, set_password);
}

/* ---- the second factor */

static void on_pending(void *ctx, bool failed)
{
    struct call *c = ctx;
    struct od_json_writer w;
    struct od_buf text;
    struct od_str secret = {(const char *)c->secret, sizeof c->secret};
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    od_buf_init(&text, 4096);
    od_jw_init(&w, od_http_body(c->req));
    od_jw_object(&w);
    od_base32(&text, secret);
    od_jw_key(&w, "secret");
    od_jw_str(&w, od_buf_view(&text));
    od_buf_reset(&text);
    od_totp_uri(&text, OD_STR("orderd"), c->email, secret);
    od_jw_key(&w, "uri");
    od_jw_str(&w, od_buf_view(&text));
    od_jw_object_end(&w);
    od_buf_fini(&text);
    od_http_set_header(c->req, "Cache-Control", OD_STR("no-store"));
    od_http_send(c->req, 200);
}

static void begin_totp(struct call *c)
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_random(c->secret, sizeof c->secret);
    od_pg_i64(p, c->user.id);
    od_pg_bytea(p, od_str_n((const char *)c->secret, sizeof c->secret));
    od_pg_send(c->api->query, &od_totp_begin, p, NULL, NULL);
    od_pg_sync(c->api->query, on_pending, c);
}

static void post_totp(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who);
    if (!c)
        return;
    const struct od_form_member members[] = {
        {.name = "password", .max = OD_PASSWORD_MAX, .required = true, .text = &c->password}};
    if (od_form_read(req, members, 1))
        confirm(c, begin_totp);
}

static void refuse_code(struct call *c)
{
    od_problem_sendf(c->req, 422, "totp_wrong",
                     "That is not a code of the secret that POST /auth/totp gave last. Is the "
                     "clock of the telephone right?");
}

static void on_enrolled(void *ctx, bool failed)
{
    struct call *c = ctx;
    struct od_json_writer w;
    if (failed || !c->done) {
        if (failed)
            od_api_send_unavailable(c->req);
        else
            refuse_code(c);
        return;
    }
    od_jw_init(&w, od_http_body(c->req));
    od_jw_object(&w);
    od_jw_key(&w, "recoveryCodes");
    od_jw_array(&w);
    for (int i = 0; i < OD_RECOVERY_CODES; i++)
        od_jw_cstr(&w, c->codes[i]);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
    od_http_set_header(c->req, "Cache-Control", OD_STR("no-store"));
    od_info("totp_enrolled", "user=%" PRId64, c->user.id);
    od_http_send(c->req, 200);
}

static void on_pending_read(void *ctx, bool failed)
{
    struct call *c = ctx;
    int64_t step;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    if (!c->user.totp_pending.ptr ||
        !od_totp_check(c->user.totp_pending, c->code, od_clock_us(), 0, &step)) {
        refuse_code(c);
        return;
    }
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, c->user.id);
    od_pg_bytea(p, c->user.totp_pending);
    od_pg_i64(p, step);
    od_pg_array_begin(p, OD_PG_BYTEA);
    for (int i = 0; i < OD_RECOVERY_CODES; i++) {
        uint8_t hash[OD_SHA256];
        od_recovery_make(c->codes[i]);
        od_recovery_hash(od_str_of(c->codes[i]), hash);
        od_pg_array_text(p, od_str_n((const char *)hash, sizeof hash));
    }
    od_pg_array_end(p);
    od_pg_send(c->api->query, &od_totp_confirm, p, on_done, c);
    od_pg_sync(c->api->query, on_enrolled, c);
}

static void post_totp_confirm(void *ctx, struct od_http_request *req,
                              const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who);
    if (!c)
        return;
    const struct od_form_member members[] = {
        {.name = "code", .max = 64, .required = true, .text = &c->code}};
    if (od_form_read(req, members, 1))
        od_user_look(c->api, req, OD_STR_NONE, c->user.id, &c->user, on_pending_read, c);
}

static void on_totp_ended(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else
        od_http_send(c->req, 204);
}

static void end_totp(struct call *c)
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_i64(p, c->user.id);
    od_pg_send(c->api->query, &od_totp_end, p, on_done, c);
    od_pg_sync(c->api->query, on_totp_ended, c);
    od_info("totp_ended", "user=%" PRId64, c->user.id);
}

static void post_totp_end(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who);
    if (!c)
        return;
    const struct od_form_member members[] = {
        {.name = "password", .max = OD_PASSWORD_MAX, .required = true, .text = &c->password}};
    if (od_form_read(req, members, 1))
        confirm(c, end_totp);
}

static const struct od_api_route routes[] = {
    {"post_password", OD_HTTP_POST, "/auth/password", OD_HTTP_JSON | OD_API_NO_ORDERS, OD_SIGNED_IN,
     post_password},
    {"post_totp", OD_HTTP_POST, "/auth/totp", OD_HTTP_JSON | OD_API_NO_ORDERS, OD_SIGNED_IN,
     post_totp},
    {"post_totp_confirm", OD_HTTP_POST, "/auth/totp/confirm", OD_HTTP_JSON | OD_API_NO_ORDERS,
     OD_SIGNED_IN, post_totp_confirm},
    {"post_totp_end", OD_HTTP_POST, "/auth/totp/end", OD_HTTP_JSON | OD_API_NO_ORDERS, OD_SIGNED_IN,
     post_totp_end},
};

OD_EMBED(od_openapi_account, "api/access/account.json");
const struct od_api_chapter od_api_account = OD_API_CHAPTER(routes, od_openapi_account);
