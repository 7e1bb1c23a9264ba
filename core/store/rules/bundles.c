#include "store/rules/bundles.h"

#include <stdlib.h>

static const uint32_t hash_oids[] = {OD_PG_TEXT};
static const struct od_pg_stmt insert_bundle = {
    .name = "insert_bundle",
    .sql = "insert into bundle (hash) values ($1) on conflict (hash) do nothing",
    .nparams = 1,
    .param_oids = hash_oids,
};

static const uint32_t source_oids[] = {OD_PG_TEXT, OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY,
                                       OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt insert_sources = {
    .name = "insert_bundle_sources",
    .sql = "insert into bundle_source (bundle_id, plugin, file, source)"
           " select b.bundle_id, u.* from bundle b, unnest($2, $3, $4) u where b.hash = $1"
           " on conflict do nothing",
    .nparams = 4,
    .param_oids = source_oids,
};

static const struct od_pg_stmt select_bundle = {
    .name = "select_bundle",
    .sql = "select bundle_id from bundle where hash = $1",
    .nparams = 1,
    .param_oids = hash_oids,
};

struct waiting {
    void (*on_id)(void *ctx, int32_t bundle_id);
    void *ctx;
};

static void on_bundle(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct waiting *w = ctx;
    int32_t id = !err && r->rows == 1 ? od_pg_get_i32(r, 0, 0) : 0;
    w->on_id(w->ctx, id);
    free(w);
}

#define SOURCE_ARRAY(member)                                                                       \
    do {                                                                                           \
        od_pg_array_begin(p, OD_PG_TEXT);                                                          \
        for (size_t i = 0; i < count; i++)                                                         \
            od_pg_array_text(p, sources[i].member);                                                \
        od_pg_array_end(p);                                                                        \
    } while (0)

void od_bundle_store(struct od_pg_conn *conn, struct od_str hash,
                     const struct od_stored_source *sources, size_t count,
                     void (*on_id)(void *ctx, int32_t bundle_id), void *ctx)
{
    struct waiting *w = malloc(sizeof *w);
    if (!w)
        abort();
    *w = (struct waiting){on_id, ctx};
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, hash);
    od_pg_send(conn, &insert_bundle, p, NULL, NULL);
    p = od_pg_params(conn);
    od_pg_text(p, hash);
    SOURCE_ARRAY(plugin);
    SOURCE_ARRAY(file);
    SOURCE_ARRAY(text);
    od_pg_send(conn, &insert_sources, p, NULL, NULL);
    p = od_pg_params(conn);
    od_pg_text(p, hash);
    od_pg_send(conn, &select_bundle, p, on_bundle, w);
}

static const struct od_pg_stmt find_bundle = {
    .name = "find_bundle",
    .sql = "select bundle_id, hash from bundle where starts_with(hash, $1) and $1 <> '' limit 2",
    .nparams = 1,
    .param_oids = hash_oids,
};

void od_bundle_find(struct od_pg_conn *conn, struct od_str hash_start,
                    void (*on_result)(void *ctx, const struct od_pg_result *r,
                                      const struct od_err *err),
                    void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, hash_start);
    od_pg_send(conn, &find_bundle, p, on_result, ctx);
}

int od_bundle_unknown(struct od_err *err, struct od_str hash_start)
{
    return od_err_set(err, OD_ERR_NOT_FOUND, "no bundle begins with \"%.*s\", or several do",
                      OD_STR_ARG(hash_start));
}

static const uint32_t id_oids[] = {OD_PG_INT4};
static const struct od_pg_stmt select_sources = {
    .name = "select_bundle_sources",
    .sql = "select plugin, file, source from bundle_source where bundle_id = $1"
           " order by plugin collate \"C\", file collate \"C\"",
    .nparams = 1,
    .param_oids = id_oids,
};

void od_bundle_sources(struct od_pg_conn *conn, int32_t bundle_id,
                       void (*on_result)(void *ctx, const struct od_pg_result *r,
                                         const struct od_err *err),
                       void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i32(p, bundle_id);
    od_pg_send(conn, &select_sources, p, on_result, ctx);
}

static const struct od_pg_stmt show_bundle = {
    .name = "show_bundle",
    .sql = "select b.hash, s.plugin, s.file, s.source from bundle b"
           " join bundle_source s using (bundle_id)"
           " where starts_with(b.hash, $1) and $1 <> ''"
           " and (select count(*) from bundle where starts_with(hash, $1)) = 1"
           " order by s.plugin collate \"C\", s.file collate \"C\"",
    .nparams = 1,
    .param_oids = hash_oids,
};

void od_bundle_show(struct od_pg_conn *conn, struct od_str hash_start,
                    void (*on_result)(void *ctx, const struct od_pg_result *r,
                                      const struct od_err *err),
                    void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, hash_start);
    od_pg_send(conn, &show_bundle, p, on_result, ctx);
}

struct od_stored_source *od_bundle_sources_read(const struct od_pg_result *r, struct od_arena *a)
{
    struct od_stored_source *all = OD_NEW_ARRAY(a, struct od_stored_source, (size_t)r->rows + 1);
    for (int i = 0; i < r->rows; i++)
        all[i] = (struct od_stored_source){
            .plugin = od_arena_str(a, od_pg_get_text(r, i, 0)),
            .file = od_arena_str(a, od_pg_get_text(r, i, 1)),
            .text = od_arena_str(a, od_pg_get_text(r, i, 2)),
        };
    return all;
}

/* $1: how times are written. */
static const struct od_pg_stmt overview = {
    .name = "bundle_overview",
    .sql = "with present as (select bundle_id from activation order by activation_id desc limit 1),"
           " source as (select bundle_id, count(*) as files, json_agg(distinct plugin) filter"
           " (where plugin <> '') as plugins from bundle_source group by bundle_id),"
           " b as (select hash, to_char(created_at at time zone 'UTC', $1) as \"createdAt\","
           " bundle_id is not distinct from (table present) as active, files, plugins,"
           " (select count(*) from activation a where a.bundle_id = bundle.bundle_id)"
           " as activations from bundle join source using (bundle_id)"
           " order by bundle_id desc limit 100),"
           " a as (select activation_id as \"activationId\", hash as bundle,"
           " to_char(at at time zone 'UTC', $1) as at, actor, kind, reason"
           " from activation join bundle using (bundle_id) order by activation_id desc limit 100),"
           " p as (select host, pid, address, hash as bundle,"
           " to_char(started_at at time zone 'UTC', $1) as \"startedAt\","
           " to_char(seen_at at time zone 'UTC', $1) as \"seenAt\", error"
           " from server_process join bundle using (bundle_id)"
           " where seen_at > now() - interval '30 s' order by started_at desc)"
           " select json_build_object("
           "'bundles', (select coalesce(json_agg(b), '[]') from b),"
           "'activations', (select coalesce(json_agg(a), '[]') from a),"
           "'processes', (select coalesce(json_agg(p), '[]') from p))",
    .nparams = 1,
    .param_oids = hash_oids,
};

void od_bundle_overview(struct od_pg_conn *conn,
                        void (*on_result)(void *ctx, const struct od_pg_result *r,
                                          const struct od_err *err),
                        void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, OD_STR("YYYY-MM-DD\"T\"HH24:MI:SS\"Z\""));
    od_pg_send(conn, &overview, p, on_result, ctx);
}
