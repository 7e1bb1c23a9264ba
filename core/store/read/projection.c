#include "store/read/projection.h"

#include "store/server/position.h"

/* "fold" in ASCII: the first key of the advisory locks; the second is the projection's. */
#define LOCK_CLASS "1718578276"

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
static const uint32_t limit_oids[] = {OD_PG_INT4};
static const uint32_t place_oids[] = {OD_PG_TEXT, OD_PG_INT8, OD_PG_INT4};
static const uint32_t age_oids[] = {OD_PG_INT8};
static const uint32_t text_oids[] = {OD_PG_TEXT};
static const uint32_t versions_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY};

/* Orders of `page` that the projection has not folded as they are. */
#define BEHIND_OF_PAGE                                                                             \
    "select p.order_id from (select distinct order_id from page) p join orders o using (order_id)" \
    " left join %s t using (order_id) where t.version is distinct from o.version"

static void set(struct od_pg_stmt *stmt, struct od_arena *a, const char *name, const char *what,
                struct od_str sql, const uint32_t *oids, int nparams)
{
    *stmt = (struct od_pg_stmt){
        .name = od_arena_printf(a, "projection_%s_%s", name, what).ptr,
        .sql = sql.ptr,
        .nparams = nparams,
        .param_oids = oids,
    };
}

void od_projection_stmts_init(struct od_projection_stmts *s, struct od_arena *a, const char *name,
                              const char *table, const char *fold)
{
    set(&s->lock, a, name, "lock",
        od_arena_printf(a, "select pg_advisory_xact_lock(" LOCK_CLASS ", hashtext('%s'))", name),
        NULL, 0);
    set(&s->fold, a, name, "fold", od_str_of(fold), ids_oids, 1);
    set(&s->lock_cursor, a, name, "lock_cursor",
        od_arena_printf(a, "select from projection where name = '%s' for update skip locked", name),
        NULL, 0);
    /* Lateral, for the reason that od_select_unread_events gives. */
    set(&s->sweep, a, name, "sweep",
        od_arena_printf(
            a,
            "with page as materialized (select n.* from projection c, lateral"
            " (select e.txid, e.order_id, e.seq from order_event e"
            " where (e.txid, e.order_id, e.seq) > (c.txid, c.order_id, c.seq)"
            " and e.txid < " OD_POSITION_END
            " order by e.txid, e.order_id, e.seq limit $1) n where c.name = '%s')"
            " select b.order_id, null::text, null::int8, null::int4, null::int8 from"
            " (" BEHIND_OF_PAGE " order by 1) b"
            " union all (select null, l.txid::text, l.order_id, l.seq,"
            " (select count(*) from page) from (select) one left join lateral"
            " (select * from page order by txid desc, order_id desc, seq desc limit 1) l on true)",
            name, table),
        limit_oids, 1);
    set(&s->move_cursor, a, name, "move_cursor",
        od_arena_printf(a,
                        "update projection set txid = $1::xid8, order_id = $2, seq = $3"
                        " where name = '%s'",
                        name),
        place_oids, 3);
    set(&s->held, a, name, "held",
        OD_STR("select coalesce((select recorded_at < now() - $1 * interval '1 millisecond'"
               " from order_event where txid >= " OD_POSITION_END
               " order by txid, order_id, seq limit 1), false)"),
        age_oids, 1);
    set(&s->ahead, a, name, "ahead",
        od_arena_printf(
            a,
            "with page as materialized ("
            "select e.order_id from order_event e where e.txid >="
            " coalesce((select (pg_snapshot_xmax($1::pg_snapshot)::text::int8 + base)::text::xid8"
            " from ledger), " OD_POSITION_END ")"
            " union all select e.order_id from ledger l, pg_snapshot_xip($1::pg_snapshot) x (id)"
            " join lateral (select order_id from order_event"
            " where txid = (x.id::text::int8 + l.base)::text::xid8) e on true)"
            " select b.order_id, null::text from (" BEHIND_OF_PAGE " order by 1) b"
            " union all select null, pg_current_snapshot()::text",
            table),
        text_oids, 1);
    set(&s->lacking, a, name, "lacking",
        od_arena_printf(a,
                        "select w.order_id from unnest($1, $2) w (order_id, version)"
                        " left join %s t using (order_id) where coalesce(t.version, 0) < w.version",
                        table),
        versions_oids, 2);
}

const struct od_pg_stmt od_projection_know = {
    .sql = "insert into projection (name) values ($1) on conflict (name) do nothing",
    .nparams = 1,
    .param_oids = text_oids,
};

const struct od_pg_stmt od_projection_is_built = {
    .sql = "select built_at is not null from projection where name = $1",
    .nparams = 1,
    .param_oids = text_oids,
};
