#ifndef OD_STORE_API_KEYS_H
#define OD_STORE_API_KEYS_H

#include "base/str.h"
#include "pg/conn.h"
#include "store/rules/activation.h"

/*
 * The table api_key: SHA-256 digests of the keys that callers may use. Functions send a statement
 * without a sync; on_result is od_pg_send's. What changes a key notifies the channel, so that every
 * process asks again at once.
 */

#define OD_KEYS_CHANNEL "orderd_keys"

/* -> (key_hash bytea of OD_SHA256 bytes, name text, role text): those that work. */
void od_keys_select(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);
/* -> one row; none when there is, or was, a key of that name. */
void od_key_insert(struct od_pg_conn *conn, struct od_str name, struct od_str role,
                   struct od_str hash, od_pg_on_result *on_result, void *ctx);
/* -> one row; none when no key of that name works. */
void od_key_revoke(struct od_pg_conn *conn, struct od_str name, od_pg_on_result *on_result,
                   void *ctx);
/* -> (name text, role text, created_at text in RFC 3339, revoked bool): all, by name. */
void od_keys_list(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);

#endif
