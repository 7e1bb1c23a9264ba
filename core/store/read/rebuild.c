#include "store/read/rebuild.h"

#include "base/buf.h"
#include "store/server/position.h"

enum { SQL_MAX = 16 << 10 };

static const uint32_t text_oids[] = {OD_PG_TEXT};
static const uint32_t ids_oids[] = {OD_PG_INT8, OD_PG_INT4};
static const uint32_t behind_oids[] = {OD_PG_TEXT, OD_PG_INT4};

#define SCHEMA "projection_rebuild_%s"

static const char *script(struct od_arena *a, struct od_buf *b)
{
    const char *text = od_arena_str(a, od_buf_view(b)).ptr;
    od_buf_fini(b);
    return text;
}

static const char *begin_script(struct od_arena *a, const char *name, const char *const *tables)
{
    struct od_buf b;
    od_buf_init(&b, SQL_MAX);
    od_buf_printf(&b,
                  "set client_min_messages = warning; drop schema if exists " SCHEMA " cascade;"
                  " create schema " SCHEMA ";",
                  name, name);
    for (size_t i = 0; tables[i]; i++)
        od_buf_printf(&b, " create table " SCHEMA ".%s (like %s including all);", name, tables[i],
                      tables[i]);
    od_buf_printf(&b,
                  " select set_config('search_path', '" SCHEMA ", ' || current_setting("
                  "'search_path'), false)",
                  name);
    return script(a, &b);
}

#define INDEXES_OF_TABLE                                                                           \
    " from pg_index x join pg_class i on i.oid = x.indexrelid"                                     \
    " where x.indrelid = (home || '.%s')::regclass"
#define DEFINITION "regexp_replace(pg_get_indexdef(i.oid), '^.* USING ', '')"

/* Indexes take the names of those that they stand for, because migrations name them. */
static const char *swap_script(struct od_arena *a, const char *name, const char *const *tables)
{
    struct od_buf b;
    od_buf_init(&b, SQL_MAX);
    /* The schema of the old tables is that of the table `projection`. */
    od_buf_printf(&b, "do $swap$ declare home text := (select relnamespace::regnamespace::text"
                      " from pg_class where oid = 'projection'::regclass);"
                      " names text[]; definitions text[]; made record; begin");
    for (size_t i = 0; tables[i]; i++) {
        od_buf_printf(&b,
                      " select array_agg(i.relname::text), array_agg(" DEFINITION ")"
                      " into names, definitions" INDEXES_OF_TABLE ";",
                      tables[i]);
        od_buf_printf(&b,
                      " execute 'drop table ' || home || '.%s';"
                      " execute 'alter table " SCHEMA ".%s set schema ' || home;",
                      tables[i], name, tables[i]);
        od_buf_printf(&b,
                      " for made in select i.oid::regclass::text as index, i.relname::text as now,"
                      " (select o.name from unnest(names, definitions) o (name, definition)"
                      " where o.definition = " DEFINITION " limit 1) as name" INDEXES_OF_TABLE
                      " loop if made.name <> made.now then execute format("
                      "'alter index %%s rename to %%I', made.index, made.name); end if; end loop;",
                      tables[i]);
    }
    od_buf_printf(&b, " end $swap$");
    return script(a, &b);
}

static const char *each(struct od_arena *a, const char *verb, const char *const *tables,
                        const char *between, const char *after)
{
    struct od_buf b;
    od_buf_init(&b, SQL_MAX);
    od_buf_printf(&b, "%s", verb);
    for (size_t i = 0; tables[i]; i++)
        od_buf_printf(&b, "%s%s", i ? between : " ", tables[i]);
    od_buf_printf(&b, "%s", after);
    return script(a, &b);
}

void od_rebuild_stmts_init(struct od_rebuild_stmts *s, struct od_arena *a, const char *name,
                           const char *const *tables)
{
    s->begin_script = begin_script(a, name, tables);
    s->one_at_a_time = (struct od_pg_stmt){
        .sql = od_arena_printf(a, "select pg_advisory_lock(1919247992, hashtext('%s'))", name).ptr};
    s->start = (struct od_pg_stmt){.sql = "select " OD_POSITION_END
                                          "::text, (select greatest(reltuples, 0)::int8 from"
                                          " pg_class where oid = 'orders'::regclass)"};
    s->ids = (struct od_pg_stmt){
        .name = "rebuild_ids",
        .sql = "select order_id from orders where order_id > $1 order by order_id limit $2",
        .nparams = 2,
        .param_oids = ids_oids};
    s->behind = (struct od_pg_stmt){
        .sql = od_arena_printf(a,
                               "select o.order_id from (select distinct order_id from order_event"
                               " where txid >= $1::xid8) e join orders o using (order_id)"
                               " left join %s t using (order_id)"
                               " where t.version is distinct from o.version order by 1 limit $2",
                               tables[0])
                   .ptr,
        .nparams = 2,
        .param_oids = behind_oids};
    s->cursor = (struct od_pg_stmt){
        .sql = od_arena_printf(a, "select txid::text from projection where name = '%s'", name).ptr};
    s->settled = (struct od_pg_stmt){
        .sql = od_arena_printf(a,
                               "select o.order_id, t.version is not distinct from o.version or not"
                               " exists (select from order_event e where e.order_id = o.order_id"
                               " and e.recorded_at > now() - interval '1 minute')"
                               " from orders o left join %s t using (order_id)"
                               " where o.order_id > $1 order by o.order_id limit $2",
                               tables[0])
                   .ptr,
        .nparams = 2,
        .param_oids = ids_oids};
    s->orphans = (struct od_pg_stmt){
        .sql = od_arena_printf(a,
                               "select order_id from %s t where not exists (select from orders o"
                               " where o.order_id = t.order_id) order by 1 limit 1000",
                               tables[0])
                   .ptr};
    s->analyze_script = each(a, "analyze", tables, ", ", "");
    s->swap_script = swap_script(a, name, tables);
    s->built = (struct od_pg_stmt){
        .sql = od_arena_printf(a,
                               "update projection set built_at = now(), txid = $1::xid8,"
                               " order_id = 0, seq = 0 where name = '%s'",
                               name)
                   .ptr,
        .nparams = 1,
        .param_oids = text_oids};
    s->end_script = od_arena_printf(a, "drop schema if exists " SCHEMA " cascade", name).ptr;
    s->lock_tables = (struct od_pg_stmt){
        .sql = od_arena_printf(a,
                               "do $lock$ declare home text := (select"
                               " relnamespace::regnamespace::text from pg_class where oid ="
                               " 'projection'::regclass); begin execute 'lock table ' || home ||"
                               " '.%s in access exclusive mode'; end $lock$",
                               tables[0])
                   .ptr};
}

static const uint32_t array_oids[] = {OD_PG_INT8_ARRAY};

void od_projection_proof_stmts(struct od_pg_stmt *differ, struct od_pg_stmt *sums,
                               const char *differ_sql, const char *sums_sql)
{
    *differ = (struct od_pg_stmt){.sql = differ_sql, .nparams = 1, .param_oids = array_oids};
    *sums = (struct od_pg_stmt){.sql = sums_sql};
}

const struct od_pg_stmt od_projection_begin_empty = {
    .sql = "update projection set built_at = now() where name = $1 and built_at is null"
           " and not exists (select from orders)",
    .nparams = 1,
    .param_oids = text_oids,
};

void od_projection_status_stmt(struct od_pg_stmt *stmt, struct od_arena *a, const char *name,
                               const char *const *tables)
{
    struct od_buf b;
    od_buf_init(&b, SQL_MAX);
    od_buf_printf(&b, "0");
    for (size_t i = 0; tables[i]; i++)
        od_buf_printf(&b, " + pg_total_relation_size('%s')", tables[i]);
    *stmt = (struct od_pg_stmt){
        .sql = od_arena_printf(
                   a,
                   "select c.name, (select count(*) from %s), (select count(*) from orders o"
                   " left join %s t using (order_id) where t.version is distinct from o.version),"
                   " c.built_at, %s, (select count(*) from order_event e where"
                   " (e.txid, e.order_id, e.seq) > (c.txid, c.order_id, c.seq))"
                   " from projection c where c.name = '%s'",
                   tables[0], tables[0], script(a, &b), name)
                   .ptr};
}
