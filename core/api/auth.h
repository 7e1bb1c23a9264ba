#ifndef OD_API_AUTH_H
#define OD_API_AUTH_H

#include <stdbool.h>

#include "access/keys.h"

/*
 * Checks who may do what. In `open` mode every caller is "anonymous" with the role admin; the
 * configuration allows that only on loopback. In `keys` mode a request carries `Authorization:
 * Bearer KEY` with a key of access/keys.h.
 */

struct od_auth;
struct od_http_request;

/* keys is borrowed and must outlive the result; NULL: open mode. */
struct od_auth *od_auth_new(const struct od_keys *keys);
void od_auth_free(struct od_auth *auth);
const struct od_keys *od_auth_keys(const struct od_auth *auth);

/*
 * True: the caller has at least that role, and *actor is the name of its key. Else the request has
 * been answered with 401, with 403, or with 503 while the keys are not known.
 */
bool od_auth_allow(struct od_auth *auth, struct od_http_request *req, enum od_role role,
                   struct od_str *actor);

/* Says what od_auth_allow would return, without answering. */
bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req,
                   enum od_role role);

#endif
