#ifndef OD_STORE_ACCESS_SESSIONS_H
#define OD_STORE_ACCESS_SESSIONS_H

#include "pg/stmt.h"

/* Browsers in which a user has logged in. Every change notifies OD_KEYS_CHANNEL. */

enum { OD_SESSIONS_OF_USER = 20 }; /* beyond that, the one that was used least recently ends */

/* Selects those that count -> (token_hash bytea, session_id int8, user_id int8, email, name, role,
 * last_seen_at, expires_at). Some may have expired since, or have been idle too long. */
extern const struct od_pg_stmt od_sessions_select;
/* ($1 int8[]): they were used just now. */
extern const struct od_pg_stmt od_sessions_touch;

/*
 * A user logs in. ($1 int8 user_id, $2 text: the password_hash that was checked, null: no password
 * was asked for, $3 text: a better hash or null, $4 int8: step of the code, null: there was none,
 * $5 bytea: recovery code that is used up, or null, $6 bytea token_hash, $7 text browser, $8 int8:
 * seconds to live at most, $9 int8: seconds it may be idle) -> (session_id int8); no row: the
 * password was changed meanwhile, the code was used before, or the user is disabled.
 */
extern const struct od_pg_stmt od_session_insert;
/* ($1 int8 user_id or null: of everybody, $2 int8: seconds it may be idle) the latest first ->
 * (session_id int8, user_id int8, email, browser, created_at, last_seen_at, expires_at) */
extern const struct od_pg_stmt od_sessions_list;
/* ($1 int8 session_id, $2 int8 user_id or null: whosever) -> a row; no row: there is none. */
extern const struct od_pg_stmt od_session_delete;

/* Remove what has ended, a bounded number at a time: sessions, and one-time links. */
extern const struct od_pg_stmt od_expire_sessions;
extern const struct od_pg_stmt od_expire_links;

#endif
