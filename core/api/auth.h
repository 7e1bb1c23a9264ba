#ifndef OD_API_AUTH_H
#define OD_API_AUTH_H

#include <stdbool.h>

#include "access/keys.h"
#include "access/principal.h"

/*
 * The one check of who may do what. In the mode `open` every caller is "anonymous" and may do
 * everything; the configuration allows that only on loopback. In the mode `keys` a request carries
 * `Authorization: Bearer KEY` with a key of access/keys.h, and the key's role says what it may.
 */

struct od_auth;
struct od_http_request;

/* keys is borrowed and must outlive the result; NULL: the mode `open`, which has no roles. */
struct od_auth *od_auth_new(const struct od_keys *keys, struct od_roles *roles);
void od_auth_free(struct od_auth *auth); /* NULL allowed */
const struct od_keys *od_auth_keys(const struct od_auth *auth);
/* From now on these roles hold, for open streams as well. */
void od_auth_use_roles(struct od_auth *auth, struct od_roles *roles);

/*
 * Returns the caller, who has the permission. NULL: the request has been answered with 401, with
 * 403 that names the permission, or with 503 while the keys are not known.
 */
const struct od_principal *od_auth_allow(struct od_auth *auth, struct od_http_request *req,
                                         enum od_permission permission);

/* Says whether od_auth_allow would return somebody, without answering. */
bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req,
                   enum od_permission permission);

/* Returns the permission that a command needs, whichever way it comes. */
struct od_command_kind;
enum od_permission od_auth_of_command(const struct od_command_kind *kind);

/* Returns what a caller is told who lacks a permission; in the arena. */
struct od_str od_auth_lacks(const struct od_principal *who, enum od_permission permission,
                            struct od_arena *a);

#endif
