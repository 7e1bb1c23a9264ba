#ifndef OD_API_ACCESS_PEOPLE_H
#define OD_API_ACCESS_PEOPLE_H

#include "access/keys.h"
#include "access/lockout.h"
#include "access/password.h"
#include "base/digest.h"
#include "http/request.h"

/*
 * What logging in needs for the whole process: the queue of passwords, the lock-out, and the secret
 * that device cookies are signed with. Such a cookie says that a user has logged in from this
 * browser before; it opens nothing, and only keeps others from locking him out there.
 */

struct od_api;

struct od_people_conf {
    struct od_keys *keys; /* NULL: open mode, nobody logs in */
    int64_t session_idle_ms, session_max_ms, link_life_ms;
    struct od_passwords_conf passwords;
    uint8_t device_secret[OD_SHA256];
};

struct od_people {
    struct od_people_conf conf;
    struct od_passwords *passwords;
    struct od_lockout *lockout;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct od_people *od_people_new(struct od_loop *loop, const struct od_people_conf *conf);
/* Passwords that wait are answered now: 503. The server stops. */
void od_people_stop(struct od_people *p);
/* closed(ctx) runs when no password is being checked any more, perhaps inside this call. */
void od_people_free(struct od_people *p, void (*closed)(void *ctx), void *ctx);

#define OD_DEVICE_COOKIE "orderd_device"

/* Sets a cookie that pages' scripts do not see and other sites do not send. seconds 0: it ends. */
void od_set_cookie(struct od_http_request *req, const char *name, struct od_str value,
                   const char *path, int64_t seconds);

/* Makes the device cookie of a user. */
struct od_str od_device_make(const struct od_people *p, int64_t user_id, struct od_arena *arena);
/* Returns what the request's device cookie names when it is that user's, else absent. It lives as
 * long as the request. */
struct od_str od_device_of(const struct od_people *p, const struct od_http_request *req,
                           int64_t user_id);

/* Whether the request has a device cookie, of whichever user. */
bool od_device_any(const struct od_people *p, const struct od_http_request *req);

/* Answers 503: too many passwords wait. */
void od_people_busy(struct od_http_request *req);
/* Answers 409 in open mode, where nobody logs in, and returns false. */
bool od_people_closed(const struct od_api *api, struct od_http_request *req);

/* A user as one of the statements of store/access/users.h found it, copied. */
struct od_user {
    int64_t id; /* 0: there is none */
    struct od_str email, name, role, password_hash, totp_secret, totp_pending;
    int64_t totp_step;
    bool disabled;
};
struct od_pg_result;
/* Reads the row of od_user_find. */
void od_user_read(const struct od_pg_result *r, struct od_arena *arena, struct od_user *out);
/* Finds a user by e-mail, or by id when that is absent; then calls found(ctx, failed). */
void od_user_look(struct od_api *api, struct od_http_request *req, struct od_str email, int64_t id,
                  struct od_user *out, void (*found)(void *ctx, bool failed), void *ctx);

/* Makes a one-time link that lives for so long; its path becomes *path. Send it with a sync. */
void od_link_make(struct od_api *api, struct od_http_request *req, int64_t user_id,
                  struct od_str *path);

#endif
