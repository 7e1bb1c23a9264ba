#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "pg/conn_impl.h"

/* Microseconds since 1970: a time as text reads differently by the session's settings. */
#define STARTED "(extract(epoch from backend_start) * 1000000)::int8"

/*
 * Where the session is, for pg/server.h; how it is told apart from later ones of the same pid; and
 * the time, for base/clock.h. Any role may run it. The control file's timeline lags behind a
 * promotion until the next checkpoint; the one in the name of the log file that is being written
 * does not.
 */
#define IDENTITY                                                                                   \
    "select system_identifier, case when pg_is_in_recovery() then 0"                               \
    " else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int8 end,"       \
    " (select " STARTED " from pg_stat_activity where pid = pg_backend_pid()),"                    \
    " (extract(epoch from clock_timestamp()) * 1000000)::int8"                                     \
    " from pg_control_system();\n"

/* The server, too, notices a host that vanished without a word: half-open, a session would keep its
 * locks for the two hours of the kernel's default. */
#define KEEPALIVE                                                                                  \
    "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = "   \
    "3;\n"

/*
 * A session that was given up may live on in the server: frozen, in a wait for a standby, behind a
 * cut. It keeps its locks and its place among max_connections, so its successor ends it.
 */
#define END_PREDECESSOR                                                                            \
    "select pg_terminate_backend(pid) from pg_stat_activity where pid = %d"                        \
    " and " STARTED " = %lld and usename = current_user;\n"

char *od_pg_session_sql(const struct od_pg_conn *c)
{
    struct od_buf b;
    od_buf_init(&b, 1 << 20);
    if (c->conf.server && c->before.pid)
        od_buf_printf(&b, END_PREDECESSOR, c->before.pid, (long long)c->before.started_us);
    if (c->conf.server)
        od_buf_str(&b, OD_STR(KEEPALIVE));
    if (c->setup_sql)
        od_buf_str(&b, od_str_of(c->setup_sql));
    if (c->conf.server)
        od_buf_str(&b, OD_STR(IDENTITY));
    OD_ASSERT(!b.overflow);
    if (b.len > 0)
        od_buf_char(&b, '\0');
    char *sql = b.len > 0 ? strdup(b.ptr) : NULL;
    od_buf_fini(&b);
    return sql;
}

/* The server read its clock at some moment since the statement was sent. */
static void follow_clock(const struct od_pg_conn *c, int64_t us)
{
    int64_t spread = od_clock_monotonic_us() - c->setup_began_us;
    int64_t moved = od_clock_follow(us + spread / 2, spread / 2);
    if (moved)
        od_warn("clock_put_right", "by_ms=%lld reason=\"the database's clock counts\"",
                (long long)(moved / 1000));
}

void od_pg_session_read(struct od_pg_conn *c, const PGresult *res)
{
    if (PQntuples(res) != 1 || PQnfields(res) != 4 ||
        strcmp(PQfname(res, 0), "system_identifier") != 0)
        return;
    c->identity = (struct od_pg_identity){
        .system = strtoull(PQgetvalue(res, 0, 0), NULL, 10),
        .timeline = (uint32_t)strtoul(PQgetvalue(res, 0, 1), NULL, 10),
    };
    follow_clock(c, strtoll(PQgetvalue(res, 0, 3), NULL, 10));
    c->before.pid = PQbackendPID(c->pg);
    c->before.started_us = strtoll(PQgetvalue(res, 0, 2), NULL, 10);
}
