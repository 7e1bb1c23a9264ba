#include "store/server/position.h"

#include "pg/wait.h"

enum { SETTLE_MS = 60000 };

/* More transactions than any server commits between its last backup and its loss; 2^31 restores fit
 * into an int8, 2^21 into a double. */
#define GAP "4294967296"

#define TIMELINE "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int8"
#define POSITION "txid::text::int8"
#define FURTHEST_EVENT                                                                             \
    "coalesce((select " POSITION " from order_event order by txid desc limit 1), 0)"
#define FURTHEST_CURSOR "coalesce((select max(" POSITION ") from feed_cursor), 0)"
/* Every id that a transaction visible here can have lies before it. */
#define NEXT_ID "pg_snapshot_xmax(pg_current_snapshot())::text::int8"

/*
 * The locks: a feed's transaction locks its cursor before it reads order_event, so they are taken
 * in that order. While they are held nobody has an event under way that carries the old base.
 */
const char od_position_settle_sql[] =
    "do $settle$ declare\n"
    " here ledger; known ledger; event int8; cursor_at int8; reach int8; moved int8 := 0;\n"
    " locked bool := false; restored_by xid;\n"
    "begin\n"
    " if pg_is_in_recovery() then return; end if;\n"
    " select system_identifier, " TIMELINE " into here.system_identifier, here.timeline\n"
    "  from pg_control_system();\n"
    " loop\n"
    "  select * into strict known from ledger;\n"
    "  select " FURTHEST_EVENT ", " FURTHEST_CURSOR ", known.base + " NEXT_ID "\n"
    "   into event, cursor_at, reach;\n"
    "  if here.system_identifier = known.system_identifier and here.timeline = known.timeline\n"
    "   and greatest(event, cursor_at) < reach then return; end if;\n"
    "  exit when locked;\n"
    "  lock table feed_cursor, ledger, order_event in access exclusive mode;\n"
    "  locked := true;\n"
    " end loop;\n"
    " here.base := greatest(event, cursor_at) + " GAP ";\n"
    /* A row's xmin is the transaction that wrote it on this server; its position may have been
     * raised above it by a little. That of the newest event, which is ahead of this server, is the
     * restore's: its id may be some restored event's by chance. A cursor that is ahead cannot have
     * read what was written here; it counts from its place on. */
    " if cursor_at >= reach then\n"
    "  select xmin into restored_by from order_event order by txid desc limit 1;\n"
    "  update order_event set txid = (" POSITION " - known.base + here.base)::text::xid8\n"
    "   where txid < reach::text::xid8 and xmin is distinct from restored_by\n"
    "   and " POSITION " - known.base - xmin::text::int8 & 4294967295 < 16777216;\n"
    "  get diagnostics moved = row_count;\n"
    " end if;\n"
    " if moved > 0 then\n"
    "  update feed_cursor set events = 0, since_txid = txid, since_order_id = order_id,\n"
    "   since_seq = seq where txid >= reach::text::xid8;\n"
    " end if;\n"
    " execute format('alter table order_event alter column txid set default"
    " (pg_current_xact_id()::text::int8 + %s)::text::xid8', here.base);\n"
    " update ledger set system_identifier = here.system_identifier, timeline = here.timeline,\n"
    "  base = here.base, generation = generation + 1, settled_at = now();\n"
    " raise warning 'ledger_settled: positions go on from % (server % timeline %, before %"
    " timeline %; % events moved)',\n"
    "  here.base, here.system_identifier, here.timeline,\n"
    "  coalesce(known.system_identifier::text, 'unknown'), known.timeline, moved;\n"
    "end $settle$";

static const uint32_t raise_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY};
const struct od_pg_stmt od_position_raise = {
    .name = "position_raise",
    .sql = "update order_event e set txid = before.txid from unnest($1, $2) as u (order_id, seq)"
           " join order_event before on before.order_id = u.order_id and before.seq = u.seq"
           " where e.order_id = u.order_id and e.seq > u.seq and e.txid < before.txid",
    .nparams = 2,
    .param_oids = raise_oids,
};

int od_position_settle(struct od_loop *loop, struct od_pg_server *server, struct od_err *err)
{
    static const char *const setup[] = {od_position_settle_sql, NULL};
    struct od_pg_conn_conf conf = {
        .server = server, .setup = setup, .connect_timeout_ms = SETTLE_MS};
    struct od_pg_conn *conn = od_pg_conn_new(loop, &conf);
    int rc = od_pg_wait_up(conn, SETTLE_MS, err);
    od_pg_conn_free_wait(conn, loop);
    return rc;
}

const struct od_pg_stmt od_position_check = {
    .name = "position_check",
    .sql =
        "with l as (select ledger.*, base + " NEXT_ID " as reach, c.system_identifier as here,"
        " " FURTHEST_EVENT " as event, coalesce(substring(pg_get_expr(d.adbin, d.adrelid)"
        " from '\\+ ''?([0-9]+)'), '0') as written_with"
        " from ledger, pg_control_system() c, pg_attrdef d"
        " join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum"
        " where d.adrelid = 'order_event'::regclass and a.attname = 'txid')"
        " select format('positions: the ledger was settled on server %s, this is %s',"
        " coalesce(system_identifier::text, 'unknown'), here) from l"
        " where system_identifier is distinct from here"
        " union all select format('positions: the last event is at %s, ahead of the server, which"
        " is at %s', event, reach) from l where event >= reach"
        " union all select format('positions: events are written with base %s, and read with %s',"
        " written_with, base) from l where written_with <> base::text"
        " union all select format('cursor %s: is at %s, ahead of the server, which is at %s',"
        " consumer, txid, reach) from feed_cursor, l where " POSITION " >= reach"
        " union all select format('cursor %s: has read %s events since %s, but %s are "
        "behind it:"
        " some were never read', consumer, events, since_txid, there) from feed_cursor "
        "c,"
        " lateral (select count(*) as there from order_event e"
        " where (e.txid, e.order_id, e.seq) > (c.since_txid, c.since_order_id, "
        "c.since_seq)"
        " and (e.txid, e.order_id, e.seq) <= (c.txid, c.order_id, c.seq)) n"
        " where there <> events"
        " union all (select format('order %s: event %s is at %s, before the one it follows, at %s',"
        " order_id, seq, txid, before) from (select order_id, seq, txid, lag(txid) over"
        " (partition by order_id order by seq) as before from order_event) e"
        " where txid < before limit 20)",
};
