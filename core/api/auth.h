#ifndef OD_API_AUTH_H
#define OD_API_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Who may do what. In `open` mode every caller is "anonymous" with the role admin (the
 * configuration allows that on loopback only). In `keys` mode a request carries `Authorization:
 * Bearer KEY`; the database keeps SHA-256 digests, this keeps a copy of them, refreshed every few
 * seconds, so that a revoked key stops working without a restart.
 */

enum od_role { OD_ROLE_READER = 0, OD_ROLE_STAFF, OD_ROLE_ADMIN };

const char *od_role_name(enum od_role role);
bool od_role_parse(struct od_str name, enum od_role *out);

/* How often the copy is made anew. */
enum { OD_KEYS_REFRESH_S = 2 };

struct od_auth;
struct od_http_request;
struct od_loop;
struct od_pg_conn;

struct od_auth *od_auth_new(struct od_loop *loop, struct od_pg_conn *query, bool open);
void od_auth_free(struct od_auth *auth);

/*
 * True when the caller has at least that role; *actor is the name of its key. Else the request has
 * been answered (401, 403; 503 while the keys are not known yet).
 */
bool od_auth_allow(struct od_auth *auth, struct od_http_request *req, enum od_role role,
                   struct od_str *actor);

/* The same, without an answer: whether it would be true. */
bool od_auth_knows(const struct od_auth *auth, const struct od_http_request *req,
                   enum od_role role);

/* A new key: "od_" and 40 characters, NUL-terminated. */
#define OD_KEY_TEXT 43
void od_key_make(char out[OD_KEY_TEXT + 1]);

#endif
