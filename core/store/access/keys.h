#ifndef OD_STORE_ACCESS_KEYS_H
#define OD_STORE_ACCESS_KEYS_H

#include "base/arena.h"
#include "base/str.h"
#include "pg/conn.h"

/*
 * The table api_key has the SHA-256 digests of the keys that callers may use. Every change of a
 * key, user or session notifies the channel, so that each process asks again at once.
 */

#define OD_KEYS_CHANNEL "orderd_keys"

/* Selects what may be used: keys, and those that a rotation lets live on -> (key_hash bytea of
 * OD_SHA256 bytes, name text, role text, api_key_id int4, expires_at timestamptz or null,
 * last_used_at timestamptz or null, previous bool, scopes text or null, stores text or null);
 * the latter two are lists with commas. Some may have expired since. */
extern const struct od_pg_stmt od_keys_select;
/* The keys were used just now. ($1 int8[]: ids; $2 int8[]: ids whose previous key was used) */
extern const struct od_pg_stmt od_keys_touch;

/* ($1 name, $2 role, $3 key_hash, $4 prefix, $5 purpose, $6 int8: seconds to live or null,
 * $7 text scopes or null, $8 text[] stores or null) -> a row of od_keys_list; no row: there is, or
 * was, a key with that name. */
extern const struct od_pg_stmt od_key_insert;
/* ($1 name, $2 text[]: of these roles alone; null: of any) -> one row; no row: there is no such
 * valid key. */
extern const struct od_pg_stmt od_key_revoke;
/* ($1 name, $2 key_hash, $3 prefix, $4 int8: seconds that the key before lives on, $5 text[]:
 * of these roles alone; null: of any) -> a row of od_keys_list; no row: there is no such valid key.
 */
extern const struct od_pg_stmt od_key_rotate;
/* Lists all keys by name -> (name, role, created_at, purpose, prefix, expires_at, last_used_at,
 * previous_expires_at, previous_used_at, revoked_at, scopes or null, stores or null); times are
 * timestamptz. The previous key is absent once it has expired. */
extern const struct od_pg_stmt od_keys_list;

/* The list of scopes as od_key_insert takes it: "a, b, -c". Absent stays absent. */
struct od_str od_key_scopes(struct od_str list, struct od_arena *a);
/* Appends the stores of a list with blanks or commas, as text[]; null when it is absent. */
void od_key_put_stores(struct od_pg_params *p, struct od_str list);

#endif
