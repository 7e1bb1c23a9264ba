#ifndef OD_API_AUTH_H
#define OD_API_AUTH_H

#include <stdbool.h>

#include "access/keys.h"
#include "access/principal.h"

/*
 * The one check of who may do what. In the mode `open` every caller is "anonymous" and may do
 * everything; the configuration allows that only on loopback. In the mode `keys` a request carries
 * `Authorization: Bearer KEY` with a key of access/keys.h, or the cookie of a session that a user
 * has begun by logging in. The role of the key or user says what it may; a key may be limited
 * further.
 *
 * A browser sends cookies also with requests that a page of another site makes. So a request with a
 * cookie that changes something must say by Origin or Sec-Fetch-Site that a page of this server, or
 * of one of [server] origins, sent it. Whether what Origin says is so has been looked at before
 * (http/foreign.c).
 */

#define OD_SESSION_COOKIE "orderd_session"

struct od_auth;
struct od_http_request;

/* keys is borrowed and must outlive the result; NULL: the mode `open`. */
struct od_auth *od_auth_new(struct od_keys *keys, struct od_roles *roles);
void od_auth_free(struct od_auth *auth); /* NULL allowed */
const struct od_keys *od_auth_keys(const struct od_auth *auth);
/* From now on these roles hold, for open streams as well. */
void od_auth_use_roles(struct od_auth *auth, struct od_roles *roles);

/*
 * Returns the caller, who has the permission. NULL: the request
 * has been answered with 401, with 403 that names the permission, or with 503 while the keys are
 * not known.
 */
const struct od_principal *od_auth_allow(struct od_auth *auth, struct od_http_request *req,
                                         enum od_permission permission);

/* Returns the caller, whoever he is and whatever he may. NULL: it has been answered with 401, with
 * 403 because another site may have sent the request, or with 503. */
const struct od_principal *od_auth_caller(struct od_auth *auth, struct od_http_request *req);

/* Whether the request has the cookie of a session that works, as far as that is known. */
bool od_auth_has_session(const struct od_auth *auth, const struct od_http_request *req);

/*
 * Nobody may give what he does not have: neither may he make somebody who may more than he may, nor
 * take such a one's place. od_auth_may_give answers 422 or 403 when the role is none, or is such a
 * role. od_auth_put_roles appends the names of all other roles, as text[]; null: of whatever role.
 */
bool od_auth_may_give(const struct od_auth *auth, struct od_http_request *req,
                      const struct od_principal *who, struct od_str role);
struct od_pg_params;
void od_auth_put_roles(const struct od_auth *auth, const struct od_principal *who,
                       struct od_pg_params *p);

/*
 * Says whether nothing of any order is hidden from the caller. False: the request has been answered
 * with 403, which says what is hidden.
 */
bool od_auth_sees_all(const struct od_principal *who, struct od_http_request *req);

/* Says whether od_auth_allow would return somebody from whom nothing of any order is hidden,
 * without answering. */
bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req,
                   enum od_permission permission);

/* Returns the permission that a command needs, whichever way it comes. */
struct od_command_kind;
enum od_permission od_auth_of_command(const struct od_command_kind *kind);

/* Returns what a caller is told who lacks a permission; in the arena. */
struct od_str od_auth_lacks(const struct od_principal *who, enum od_permission permission,
                            struct od_arena *a);

#endif
