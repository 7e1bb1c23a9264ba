#include "store/server/lag.h"

#include <stdio.h>
#include <string.h>

#include "store/server/position.h"

/* Lateral, so that the index is entered at the cursor's place (see feed_read_events). */
const struct od_pg_stmt od_select_lag = {
    .name = "lag_select",
    .sql = "select greatest((extract(epoch from now() - e.recorded_at) * 1000000)::int8, 0),"
           " e.txid >= " OD_POSITION_END
           " from feed_cursor c, lateral (select e.txid, e.recorded_at from order_event e"
           " where (e.txid, e.order_id, e.seq) > (c.txid, c.order_id, c.seq)"
           " order by e.txid, e.order_id, e.seq limit 1) e where c.consumer = 'hooks'",
};

/* Everybody who has a transaction id. Columns as od_holder_read takes them, then xid. */
#define HOLDERS                                                                                    \
    "(select 'session'::text as kind, pid, datname::text as database, application_name,"           \
    " null::text as gid, (extract(epoch from now() - xact_start) * 1000000)::int8 as age_us,"      \
    " backend_xid as xid from pg_stat_activity where backend_xid is not null"                      \
    " union all select 'prepared', null, database::text, null, gid,"                               \
    " (extract(epoch from now() - prepared) * 1000000)::int8, transaction from pg_prepared_xacts)"
#define HOLDER_COLUMNS "h.kind, h.pid, h.database, h.application_name, h.gid, h.age_us"

static const uint32_t held_oids[] = {OD_PG_BOOL};
const struct od_pg_stmt od_select_holder = {
    .name = "lag_holder",
    .sql = "select " HOLDER_COLUMNS " from " HOLDERS " h where h.pid is distinct from"
           " pg_backend_pid() and ($1 or h.xid = (select xmax from feed_cursor"
           " where consumer = 'hooks')) order by age(h.xid) desc limit 1",
    .nparams = 1,
    .param_oids = held_oids,
};

/* Who has locked a row is its xmax. */
static const uint32_t ms_oids[] = {OD_PG_INT8};
const struct od_pg_stmt od_end_cursor_holder = {
    .name = "lag_end_cursor_holder",
    .sql = "select a.pid from feed_cursor c join pg_stat_activity a on a.backend_xid = c.xmax,"
           " lateral pg_terminate_backend(a.pid) ended where c.consumer = 'hooks' and ended"
           " and a.pid <> pg_backend_pid() and a.datname = current_database()"
           " and a.state_change < now() - $1 * interval '1 ms'"
           " and a.wait_event is distinct from 'SyncRep'",
    .nparams = 1,
    .param_oids = ms_oids,
};

const struct od_pg_stmt od_select_long_transactions = {
    .name = "lag_long_transactions",
    .sql = "select " HOLDER_COLUMNS " from " HOLDERS
           " h where h.age_us >= $1 * 1000 order by h.age_us desc limit 20",
    .nparams = 1,
    .param_oids = ms_oids,
};

static void copy(const struct od_pg_result *r, int row, int col, char *out, size_t size)
{
    struct od_str text = od_pg_is_null(r, row, col) ? OD_STR("") : od_pg_get_text(r, row, col);
    snprintf(out, size, "%.*s", OD_STR_ARG(text));
}

void od_holder_read(const struct od_pg_result *r, int row, struct od_holder *out)
{
    bool session = od_str_is(od_pg_get_text(r, row, 0), "session");
    *out = (struct od_holder){
        .kind = session ? OD_HOLDER_SESSION : OD_HOLDER_PREPARED,
        .pid = od_pg_is_null(r, row, 1) ? 0 : od_pg_get_i32(r, row, 1),
        .age_us = od_pg_is_null(r, row, 5) ? -1 : od_pg_get_i64(r, row, 5),
    };
    copy(r, row, 2, out->database, sizeof out->database);
    copy(r, row, 3, out->application, sizeof out->application);
    copy(r, row, 4, out->gid, sizeof out->gid);
}

bool od_holder_same(const struct od_holder *a, const struct od_holder *b)
{
    return a->kind == b->kind && a->pid == b->pid && strcmp(a->gid, b->gid) == 0;
}

const char *od_holder_kind_name(enum od_holder_kind kind)
{
    switch (kind) {
    case OD_HOLDER_NONE:
        return "";
    case OD_HOLDER_SESSION:
        return "session";
    case OD_HOLDER_PREPARED:
        return "prepared";
    }
    return "";
}
