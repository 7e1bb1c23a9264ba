#ifndef OD_STORE_ACCESS_USERS_H
#define OD_STORE_ACCESS_USERS_H

#include "pg/stmt.h"

/* People, the one-time links they are sent, and their second factor. E-mail is compared in any
 * case. What changes rights notifies OD_KEYS_CHANNEL. */

/* ($1 text e-mail or null, $2 int8 user_id or null) -> (user_id int8, email, name, role,
 * password_hash text or null, totp_secret bytea or null, totp_step int8, recovery codes left int4,
 * disabled bool, totp_pending bytea or null); no row: there is no such user. */
extern const struct od_pg_stmt od_user_find;
/* A person whom an OpenID provider has named. ($1 text issuer and subject, $2 e-mail, $3 name, $4
 * role, $5 bool: the provider has verified the e-mail) -> as od_user_find. A user who is not there
 * is made; one who is there by e-mail alone is taken only when that was verified. His name and role
 * become those given. No row: he is disabled, or somebody else has the e-mail. */
extern const struct od_pg_stmt od_user_by_subject;
/* ($1 int8 user_id or null: all) by e-mail -> (user_id int8, email, name, role, created_at,
 * last_login_at, disabled_at, has a password bool, has a second factor bool) */
extern const struct od_pg_stmt od_users_list;
/* -> (users int8, keys that work int8) */
extern const struct od_pg_stmt od_users_count;
/* ($1 email, $2 name, $3 role) -> (user_id int8); no row: the e-mail is taken. */
extern const struct od_pg_stmt od_user_insert;
/* ($1 int8 user_id, $2 name or null, $3 role or null, $4 bool disabled or null, $5
 * text[]: a user of these roles alone; null: of any) -> (user_id int8). The sessions of a disabled
 * user end. */
extern const struct od_pg_stmt od_user_change;
/* ($1 int8 user_id, $2 password_hash, $3 int8: session that goes on, or null) -> (user_id int8).
 * Its other sessions and links end. */
extern const struct od_pg_stmt od_user_set_password;

/* ($1 bytea link_hash, $2 int8 user_id or null: the first user, $3 int8 seconds). Links before it
 * end. */
extern const struct od_pg_stmt od_link_insert;
/* ($1 bytea link_hash) -> (user_id int8 or null); no row: it does not work, or not any more. */
extern const struct od_pg_stmt od_link_find;
/* ($1 bytea link_hash, $2 email, $3 name, $4 role, $5 password_hash) -> (user_id int8); no row:
 * the link does not work, or there are users. Every link to make the first user ends. */
extern const struct od_pg_stmt od_link_first_user;
/* ($1 bytea link_hash, $2 password_hash) -> (user_id int8); no row: the link does not work. The
 * user's sessions end. */
extern const struct od_pg_stmt od_link_password;

/* ($1 int8 user_id, $2 bytea secret) */
extern const struct od_pg_stmt od_totp_begin;
/* ($1 int8 user_id, $2 bytea: the pending secret, $3 int8 step, $4 bytea[] of recovery codes) ->
 * (user_id int8); no row: another secret is pending. */
extern const struct od_pg_stmt od_totp_confirm;
/* ($1 int8 user_id, $2 text[]: a user of these roles alone; null: of any) -> (user_id int8). */
extern const struct od_pg_stmt od_user_allowed;
/* ($1 int8 user_id) -> (user_id int8). Whatever stood there of a second factor is gone. */
extern const struct od_pg_stmt od_totp_end;

/* ($1 text name) -> (secret bytea) of the installation. */
extern const struct od_pg_stmt od_access_secret;

#endif
