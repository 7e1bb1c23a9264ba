#include "store/bundles.h"

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
