#ifndef OD_STORE_API_KEYS_H
#define OD_STORE_API_KEYS_H

#include "base/str.h"
#include "pg/conn.h"
#include "store/rules/activation.h"

/*
 * The table api_key has the SHA-256 digests of the keys that callers may use. Each function sends a
 * statement without a sync; on_result is that of od_pg_send. Every change of a key notifies the
 * channel, so that each process asks again at once.
 */

#define OD_KEYS_CHANNEL "orderd_keys"

/* Selects the valid keys -> (key_hash bytea of OD_SHA256 bytes, name text, role text). */
void od_keys_select(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);
/* Adds a key -> one row; no row: there is, or was, a key with that name. */
void od_key_insert(struct od_pg_conn *conn, struct od_str name, struct od_str role,
                   struct od_str hash, od_pg_on_result *on_result, void *ctx);
/* Revokes a key -> one row; no row: no valid key has that name. */
void od_key_revoke(struct od_pg_conn *conn, struct od_str name, od_pg_on_result *on_result,
                   void *ctx);
/* Lists all keys by name -> (name text, role text, created_at text in RFC 3339, revoked bool). */
void od_keys_list(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);

#endif
