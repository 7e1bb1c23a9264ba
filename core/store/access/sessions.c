#include "store/access/sessions.h"

#include "store/access/keys.h"

#define NOTIFY "pg_notify('" OD_KEYS_CHANNEL "', '')"

const struct od_pg_stmt od_sessions_select = {
    .name = "sessions_select",
    .sql = "select s.token_hash, s.session_id, s.user_id, u.email, u.name, u.role, s.last_seen_at,"
           " s.expires_at from session s join app_user u using (user_id)"
           " where u.disabled_at is null and s.expires_at > now()",
};

static const uint32_t touch_oids[] = {OD_PG_INT8_ARRAY};

const struct od_pg_stmt od_sessions_touch = {
    .name = "sessions_touch",
    .sql = "update session s set last_seen_at = now()"
           " from (select session_id from session where session_id = any($1)"
           " order by session_id for update skip locked) free"
           " where free.session_id = s.session_id",
    .nparams = 1,
    .param_oids = touch_oids,
};

static const uint32_t insert_oids[] = {OD_PG_INT8,  OD_PG_TEXT, OD_PG_TEXT, OD_PG_INT8, OD_PG_BYTEA,
                                       OD_PG_BYTEA, OD_PG_TEXT, OD_PG_INT8, OD_PG_INT8};

#define STRING_(x) #x
#define STRING(x)  STRING_(x)
#define OTHERS     19
_Static_assert(OTHERS == OD_SESSIONS_OF_USER - 1, "those beside the one that begins");

const struct od_pg_stmt od_session_insert = {
    .sql =
        "with known as (update app_user set last_login_at = now(),"
        " password_hash = coalesce($3, password_hash), totp_step = coalesce($4, totp_step),"
        " recovery_codes = case when $5::bytea is null then recovery_codes"
        " else array_remove(recovery_codes, $5) end"
        " where user_id = $1 and disabled_at is null and ($2::text is null or password_hash = $2)"
        " and ($4::int8 is null or totp_step < $4)"
        " and ($5::bytea is null or $5 = any(recovery_codes)) returning user_id),"
        " ended as (delete from session where user_id = $1 and (expires_at < now()"
        " or last_seen_at < now() - $9 * interval '1 second' or session_id in"
        " (select session_id from session where user_id = $1"
        " order by last_seen_at desc, session_id desc offset " STRING(
            OTHERS) "))),"
                    " begun as (insert into session (token_hash, user_id, browser, expires_at)"
                    " select $6, user_id, $7, now() + $8 * interval '1 second' from known"
                    " returning session_id)"
                    " select session_id, " NOTIFY " from begun",
    .nparams = 9,
    .param_oids = insert_oids,
};

static const uint32_t pair_oids[] = {OD_PG_INT8, OD_PG_INT8};

const struct od_pg_stmt od_sessions_list = {
    .sql = "select s.session_id, s.user_id, u.email, s.browser, s.created_at, s.last_seen_at,"
           " s.expires_at from session s join app_user u using (user_id)"
           " where ($1::int8 is null or s.user_id = $1) and s.expires_at > now()"
           " and s.last_seen_at > now() - $2 * interval '1 second'"
           " order by s.last_seen_at desc, s.session_id desc limit 1000",
    .nparams = 2,
    .param_oids = pair_oids,
};

const struct od_pg_stmt od_session_delete = {
    .sql = "with ended as (delete from session where session_id = $1"
           " and ($2::int8 is null or user_id = $2) returning 1)"
           " select " NOTIFY " from ended",
    .nparams = 2,
    .param_oids = pair_oids,
};

const struct od_pg_stmt od_expire_sessions = {
    .name = "sessions_expire",
    .sql = "delete from session where session_id = any(array(select session_id from session"
           " where expires_at < now() limit 2000 for update skip locked))",
};

const struct od_pg_stmt od_expire_links = {
    .name = "links_expire",
    .sql = "delete from user_link where link_hash = any(array(select link_hash from user_link"
           " where expires_at < now() limit 2000 for update skip locked))",
};
