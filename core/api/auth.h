#ifndef OD_API_AUTH_H
#define OD_API_AUTH_H

#include <stdbool.h>

#include "access/keys.h"

/*
 * Who may do what. In `open` mode every caller is "anonymous" with the role admin (the
 * configuration allows that on loopback only). In `keys` mode a request carries `Authorization:
 * Bearer KEY`, one of access/keys.h.
 */

struct od_auth;
struct od_http_request;

/* keys: borrowed, must outlive it; NULL: open mode. */
struct od_auth *od_auth_new(const struct od_keys *keys);
void od_auth_free(struct od_auth *auth);
const struct od_keys *od_auth_keys(const struct od_auth *auth);

/*
 * True when the caller has at least that role; *actor is the name of its key. Else the request has
 * been answered: 401, 403, or 503 while the keys are not known.
 */
bool od_auth_allow(struct od_auth *auth, struct od_http_request *req, enum od_role role,
                   struct od_str *actor);

/* The same, without an answer: whether it would be true. */
bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req,
                   enum od_role role);

#endif
