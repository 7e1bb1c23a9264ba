#include "store/access/users.h"

#include "store/access/keys.h"

#define NOTIFY "pg_notify('" OD_KEYS_CHANNEL "', '')"

#define FOUND                                                                                      \
    "user_id, email, name, role, password_hash, totp_secret, totp_step,"                           \
    " cardinality(recovery_codes), disabled_at is not null, totp_pending"

static const uint32_t find_oids[] = {OD_PG_TEXT, OD_PG_INT8};

const struct od_pg_stmt od_user_find = {
    .name = "user_find",
    .sql = "select " FOUND " from app_user where lower(email) = lower($1) or user_id = $2",
    .nparams = 2,
    .param_oids = find_oids,
};

static const uint32_t subject_oids[] = {OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT, OD_PG_BOOL};

const struct od_pg_stmt od_user_by_subject = {
    .sql = "with known as (update app_user set oidc_subject = $1, name = $3, role = $4"
           " where user_id = (select user_id from app_user where oidc_subject = $1"
           " or ($5 and oidc_subject is null and lower(email) = lower($2))"
           " order by oidc_subject is null limit 1) and disabled_at is null returning *),"
           " made as (insert into app_user (email, name, role, oidc_subject)"
           " select $2, $3, $4, $1 where not exists (select 1 from app_user"
           " where oidc_subject = $1 or lower(email) = lower($2))"
           " on conflict do nothing returning *)"
           " select " FOUND ", " NOTIFY " from known union all select " FOUND ", null from made",
    .nparams = 5,
    .param_oids = subject_oids,
};

static const uint32_t id_oids[] = {OD_PG_INT8};

const struct od_pg_stmt od_users_list = {
    .name = "users_list",
    .sql = "select user_id, email, name, role, created_at, last_login_at, disabled_at,"
           " password_hash is not null, totp_secret is not null"
           " from app_user where $1::int8 is null or user_id = $1 order by lower(email)",
    .nparams = 1,
    .param_oids = id_oids,
};

const struct od_pg_stmt od_users_count = {
    .sql = "select (select count(*) from app_user),"
           " (select count(*) from api_key where revoked_at is null"
           " and (expires_at is null or expires_at > now()))",
};

static const uint32_t insert_oids[] = {OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT};

const struct od_pg_stmt od_user_insert = {
    .sql = "insert into app_user (email, name, role) values ($1, $2, $3)"
           " on conflict (lower(email)) do nothing returning user_id",
    .nparams = 3,
    .param_oids = insert_oids,
};

static const uint32_t change_oids[] = {OD_PG_INT8, OD_PG_TEXT, OD_PG_TEXT, OD_PG_BOOL,
                                       OD_PG_TEXT_ARRAY};

const struct od_pg_stmt od_user_change = {
    .sql = "with changed as (update app_user set name = coalesce($2, name),"
           " role = coalesce($3, role), disabled_at = case when $4 is null then disabled_at"
           " when $4 then coalesce(disabled_at, now()) end where user_id = $1"
           " and ($5::text[] is null or role = any($5)) returning user_id),"
           " ended as (delete from session s using changed c where s.user_id = c.user_id and $4),"
           " links as (delete from user_link l using changed c where l.user_id = c.user_id and $4)"
           " select user_id, " NOTIFY " from changed",
    .nparams = 5,
    .param_oids = change_oids,
};

static const uint32_t allowed_oids[] = {OD_PG_INT8, OD_PG_TEXT_ARRAY};

const struct od_pg_stmt od_user_allowed = {
    .sql = "select user_id from app_user where user_id = $1"
           " and ($2::text[] is null or role = any($2))",
    .nparams = 2,
    .param_oids = allowed_oids,
};

static const uint32_t password_oids[] = {OD_PG_INT8, OD_PG_TEXT, OD_PG_INT8};

const struct od_pg_stmt od_user_set_password = {
    .sql = "with changed as (update app_user set password_hash = $2"
           " where user_id = $1 and disabled_at is null returning user_id),"
           " ended as (delete from session s using changed c where s.user_id = c.user_id"
           " and s.session_id is distinct from $3),"
           " links as (delete from user_link l using changed c where l.user_id = c.user_id)"
           " select user_id, " NOTIFY " from changed",
    .nparams = 3,
    .param_oids = password_oids,
};

static const uint32_t link_oids[] = {OD_PG_BYTEA, OD_PG_INT8, OD_PG_INT8};

const struct od_pg_stmt od_link_insert = {
    .sql = "with before as (delete from user_link where user_id is not distinct from $2)"
           " insert into user_link (link_hash, user_id, expires_at)"
           " values ($1, $2, now() + $3 * interval '1 second')",
    .nparams = 3,
    .param_oids = link_oids,
};

const struct od_pg_stmt od_link_find = {
    .sql = "select user_id from user_link where link_hash = $1 and expires_at > now()",
    .nparams = 1,
    .param_oids = link_oids,
};

static const uint32_t first_oids[] = {OD_PG_BYTEA, OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT};

/* The link is locked first, so that two who use it at once make one user. */
const struct od_pg_stmt od_link_first_user = {
    .sql = "with taken as (delete from user_link where user_id is null and link_hash = $1"
           " and expires_at > now() returning 1)"
           " insert into app_user (email, name, role, password_hash) select $2, $3, $4, $5"
           " from taken where not exists (select 1 from app_user)"
           " on conflict (lower(email)) do nothing returning user_id",
    .nparams = 5,
    .param_oids = first_oids,
};

static const uint32_t choose_oids[] = {OD_PG_BYTEA, OD_PG_TEXT};

const struct od_pg_stmt od_link_password = {
    .sql = "with taken as (delete from user_link where link_hash = $1 and expires_at > now()"
           " returning user_id),"
           " changed as (update app_user u set password_hash = $2 from taken t"
           " where u.user_id = t.user_id and u.disabled_at is null returning u.user_id),"
           " ended as (delete from session s using changed c where s.user_id = c.user_id)"
           " select user_id, " NOTIFY " from changed",
    .nparams = 2,
    .param_oids = choose_oids,
};

static const uint32_t begin_oids[] = {OD_PG_INT8, OD_PG_BYTEA};

const struct od_pg_stmt od_totp_begin = {
    .sql = "update app_user set totp_pending = $2 where user_id = $1",
    .nparams = 2,
    .param_oids = begin_oids,
};

static const uint32_t confirm_oids[] = {OD_PG_INT8, OD_PG_BYTEA, OD_PG_INT8, OD_PG_BYTEA_ARRAY};

const struct od_pg_stmt od_totp_confirm = {
    .sql = "update app_user set totp_secret = totp_pending, totp_pending = null, totp_step = $3,"
           " recovery_codes = $4 where user_id = $1 and totp_pending = $2 returning user_id",
    .nparams = 4,
    .param_oids = confirm_oids,
};

const struct od_pg_stmt od_totp_end = {
    .sql = "update app_user set totp_secret = null, totp_pending = null, recovery_codes = '{}'"
           " where user_id = $1 returning user_id",
    .nparams = 1,
    .param_oids = id_oids,
};

static const uint32_t secret_oids[] = {OD_PG_TEXT};

const struct od_pg_stmt od_access_secret = {
    .sql = "select secret from access_secret where name = $1",
    .nparams = 1,
    .param_oids = secret_oids,
};
