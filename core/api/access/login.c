#include <inttypes.h>

#include "access/totp.h"
#include "api/cookie.h"
#include "api/access/entry.h"
#include "api/access/form.h"
#include "api/access/people.h"
#include "api/api.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/log.h"
#include "base/mail/address.h"
#include "pg/conn.h"
#include "store/access/sessions.h"

/*
 * Logging in and out. Nothing in an answer, nor the time it takes, tells whether an e-mail is
 * known: a password is checked against a hash also where there is no user.
 */

struct login {
    struct od_api *api;
    struct od_people *people;
    struct od_http_request *req;
    struct od_str email, password, code;
    uint8_t peer[16];
    struct od_lockout_who who;
    bool counted; /* by the lock-out */
    struct od_user user;
    struct od_entry entry;
    uint8_t recovery[OD_SHA256];
};

static void refuse(struct login *l, const char *code, const char *detail)
{
    od_info("login_refused", "reason=%s user=%" PRId64, code, l->user.id);
    od_problem_sendf(l->req, 401, code, "%s", detail);
}

static void refuse_login(struct login *l)
{
    refuse(l, "login_failed", "The e-mail address or the password is wrong.");
}

/* The attempt was not made: nobody is to wait for it. */
static void give_up(struct login *l)
{
    od_lockout_undo(l->people->lockout, &l->who);
}

/* ---- the session */

static void refuse_code(struct login *l)
{
    refuse(l, "totp_wrong", "The code is wrong, has expired or was used before.");
}

static void on_entered(void *ctx, enum od_entry_outcome outcome)
{
    struct login *l = ctx;
    switch (outcome) {
    case OD_ENTRY_DONE:
        od_lockout_right(l->people->lockout, &l->who);
        if (!l->who.device.ptr)
            od_set_cookie(l->req, OD_DEVICE_COOKIE,
                          od_device_make(l->people, l->user.id, &l->req->arena), "/auth",
                          OD_DEVICE_S);
        od_entry_answer(&l->entry);
        return;
    case OD_ENTRY_REFUSED:
        if (l->code.ptr)
            refuse_code(l);
        else
            refuse_login(l);
        return;
    case OD_ENTRY_UNAVAILABLE:
        give_up(l);
        od_api_send_unavailable(l->req);
        return;
    }
}

static void begin_session(struct login *l)
{
    l->entry.api = l->api;
    l->entry.req = l->req;
    l->entry.user = &l->user;
    od_entry_begin(&l->entry, on_entered, l);
}

/* ---- the checks */

static void check_code(struct login *l)
{
    if (!l->user.totp_secret.ptr) {
        l->code = OD_STR_NONE;
        begin_session(l);
    } else if (!l->code.ptr) {
        give_up(l);
        refuse(l, "totp_required",
               "Send the code of the authenticator app, or a recovery code, as "
               "totp.");
    } else if (od_totp_check(l->user.totp_secret, l->code, od_clock_us(), l->user.totp_step,
                             &l->entry.step)) {
        begin_session(l);
    } else if (od_recovery_hash(l->code, l->recovery)) {
        l->entry.recovery = od_str_n((const char *)l->recovery, OD_SHA256);
        begin_session(l);
    } else {
        refuse_code(l);
    }
}

static void on_checked(void *ctx, const struct od_password_answer *answer)
{
    struct login *l = ctx;
    if (answer->failed) {
        give_up(l);
        od_people_busy(l->req);
    } else if (!answer->right || l->user.disabled) {
        refuse_login(l);
    } else {
        l->entry.better = od_arena_str(&l->req->arena, answer->hash);
        check_code(l);
    }
}

static bool wait_is_over(struct login *l)
{
    l->who = (struct od_lockout_who){l->email, l->peer, OD_STR_NONE};
    if (l->user.id)
        l->who.device = od_device_of(l->people, l->req, l->user.id);
    unsigned wait_s = od_lockout_try(l->people->lockout, &l->who, od_clock_monotonic_us());
    if (wait_s == 0)
        return true;
    od_info("login_refused", "reason=locked_out user=%" PRId64, l->user.id);
    od_problem_send(
        l->req, &(struct od_problem){
                    .status = 429,
                    .code = "too_many_attempts",
                    .detail = od_arena_printf(&l->req->arena,
                                              "Too many attempts failed. Retry in %u s.", wait_s),
                    .retry_after_s = wait_s,
                });
    return false;
}

static void on_user(void *ctx, bool failed)
{
    struct login *l = ctx;
    if (failed) {
        if (l->counted)
            give_up(l);
        od_api_send_unavailable(l->req);
        return;
    }
    if (!l->counted && !wait_is_over(l))
        return;
    if (!od_passwords_check(l->people->passwords, l->user.password_hash, l->password,
                            l->who.device.ptr != NULL, on_checked, l)) {
        give_up(l);
        od_people_busy(l->req);
    }
}

static void post_login(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    struct login *l = OD_NEW(&req->arena, struct login);
    (void)who;
    *l = (struct login){.api = api, .people = api->people, .req = req};
    const struct od_form_member members[] = {
        {.name = "email", .max = OD_MAIL_ADDRESS_MAX, .required = true, .text = &l->email},
        {.name = "password", .max = OD_PASSWORD_MAX, .required = true, .text = &l->password},
        {.name = "totp", .max = 64, .text = &l->code},
    };
    if (od_people_closed(api, req) || !od_form_read(req, members, sizeof members / sizeof *members))
        return;
    if (l->code.ptr && l->code.len == 0)
        l->code = OD_STR_NONE;
    od_http_peer(req, l->peer);
    /* Whose browser this is can only be told once it is known which user is meant. Without such a
     * cookie the database need not be asked for somebody who guesses. */
    if (!od_device_any(api->people, req)) {
        l->counted = true;
        if (!wait_is_over(l))
            return;
    }
    od_user_look(api, req, l->email, 0, &l->user, on_user, l);
}

/* ---- out */

static void on_forgotten(void *ctx)
{
    od_http_send(ctx, 204);
}

static void on_ended(void *ctx, bool failed)
{
    struct login *l = ctx;
    if (failed)
        od_api_send_unavailable(l->req);
    else
        od_keys_renew(l->people->conf.keys, on_forgotten, l->req);
}

/* The browser forgets its cookie in any case; a session that is there ends. */
static void post_logout(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    const struct od_principal *caller = NULL;
    (void)who;
    if (od_people_closed(api, req))
        return;
    if (od_auth_has_session(api->auth, req)) {
        caller = od_auth_caller(api->auth, req);
        if (!caller)
            return;
    }
    od_set_cookie(req, OD_SESSION_COOKIE, OD_STR(""), "/", 0);
    if (!caller) {
        od_http_send(req, 204);
        return;
    }
    struct login *l = OD_NEW(&req->arena, struct login);
    *l = (struct login){.api = api, .people = api->people, .req = req};
    struct od_pg_params *p = od_pg_params(api->query);
    od_pg_i64(p, caller->session_id);
    od_pg_i64(p, caller->id);
    od_pg_send(api->query, &od_session_delete, p, NULL, NULL);
    od_pg_sync(api->query, on_ended, l);
}

static const struct od_api_route routes[] = {
    {"post_login", OD_HTTP_POST, "/auth/login", OD_HTTP_JSON, OD_PUBLIC, post_login},
    {"post_logout", OD_HTTP_POST, "/auth/logout", 0, OD_PUBLIC, post_logout},
};

OD_EMBED(od_openapi_login, "api/access/login.json");
const struct od_api_chapter od_api_login = OD_API_CHAPTER(routes, od_openapi_login);
