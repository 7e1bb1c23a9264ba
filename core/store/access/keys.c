#include "store/access/keys.h"

#define NOTIFY "pg_notify('" OD_KEYS_CHANNEL "', '')"
#define LIVE   "revoked_at is null and (expires_at is null or expires_at > now())"
#define LISTS  "array_to_string(scopes, ', '), array_to_string(stores, ',')"
#define COLUMNS                                                                                    \
    "name, role, created_at, purpose, prefix, expires_at, last_used_at,"                           \
    " case when previous_expires_at > now() then previous_expires_at end,"                         \
    " case when previous_expires_at > now() then previous_used_at end, revoked_at, " LISTS

const struct od_pg_stmt od_keys_select = {
    .name = "keys_select",
    .sql = "select key_hash, name, role, api_key_id, expires_at, last_used_at, false, " LISTS
           " from api_key where " LIVE " union all"
           " select previous_hash, name, role, api_key_id,"
           " least(expires_at, previous_expires_at), previous_used_at, true, " LISTS
           " from api_key where previous_expires_at > now() and " LIVE,
};

static const uint32_t touch_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT8_ARRAY};

/* A row that somebody else holds is left for the next time. */
const struct od_pg_stmt od_keys_touch = {
    .name = "keys_touch",
    .sql = "update api_key k set"
           " last_used_at = case when k.api_key_id = any($1) then now() else k.last_used_at end,"
           " previous_used_at = case when k.api_key_id = any($2) then now()"
           " else k.previous_used_at end"
           " from (select api_key_id from api_key where api_key_id = any($1 || $2)"
           " order by api_key_id for update skip locked) free"
           " where free.api_key_id = k.api_key_id",
    .nparams = 2,
    .param_oids = touch_oids,
};

static const uint32_t insert_oids[] = {OD_PG_TEXT, OD_PG_TEXT, OD_PG_BYTEA, OD_PG_TEXT,
                                       OD_PG_TEXT, OD_PG_INT8, OD_PG_TEXT,  OD_PG_TEXT_ARRAY};

const struct od_pg_stmt od_key_insert = {
    .sql = "with added as (insert into api_key (name, role, key_hash, prefix, purpose, expires_at,"
           " scopes, stores) values ($1, $2, $3, $4, $5, now() + $6 * interval '1 second',"
           " string_to_array($7, ', '), $8)"
           " on conflict (name) do nothing returning *)"
           " select " COLUMNS ", " NOTIFY " from added",
    .nparams = 8,
    .param_oids = insert_oids,
};

static const uint32_t revoke_oids[] = {OD_PG_TEXT, OD_PG_TEXT_ARRAY};

const struct od_pg_stmt od_key_revoke = {
    .sql = "with revoked as (update api_key set revoked_at = now()"
           " where name = $1 and revoked_at is null and ($2::text[] is null or role = any($2))"
           " returning 1) select " NOTIFY " from revoked",
    .nparams = 2,
    .param_oids = revoke_oids,
};

static const uint32_t rotate_oids[] = {OD_PG_TEXT, OD_PG_BYTEA, OD_PG_TEXT, OD_PG_INT8,
                                       OD_PG_TEXT_ARRAY};

const struct od_pg_stmt od_key_rotate = {
    .sql = "with rotated as (update api_key set previous_hash = key_hash,"
           " previous_expires_at = now() + $4 * interval '1 second',"
           " previous_used_at = last_used_at, last_used_at = null, key_hash = $2, prefix = $3"
           " where name = $1 and " LIVE " and ($5::text[] is null or role = any($5)) returning *)"
           " select " COLUMNS ", " NOTIFY " from rotated",
    .nparams = 5,
    .param_oids = rotate_oids,
};

const struct od_pg_stmt od_keys_list = {
    .sql = "select " COLUMNS " from api_key order by name",
};

static bool next_word(struct od_str *list, struct od_str *word)
{
    size_t from = 0, to;
    while (from < list->len && (list->ptr[from] == ' ' || list->ptr[from] == ','))
        from++;
    for (to = from; to < list->len && list->ptr[to] != ' ' && list->ptr[to] != ',';)
        to++;
    *word = od_str_slice(*list, from, to);
    *list = od_str_slice(*list, to, list->len);
    return word->len > 0;
}

struct od_str od_key_scopes(struct od_str list, struct od_arena *a)
{
    struct od_str rest = list, word, out = OD_STR("");
    if (!list.ptr)
        return OD_STR_NONE;
    while (next_word(&rest, &word))
        out = od_arena_printf(a, "%.*s%s%.*s", OD_STR_ARG(out), out.len ? ", " : "",
                              OD_STR_ARG(word));
    return out;
}

void od_key_put_stores(struct od_pg_params *p, struct od_str list)
{
    struct od_str rest = list, word;
    if (!list.ptr) {
        od_pg_null(p);
        return;
    }
    od_pg_array_begin(p, OD_PG_TEXT);
    while (next_word(&rest, &word))
        od_pg_array_text(p, word);
    od_pg_array_end(p);
}
