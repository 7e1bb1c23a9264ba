#ifndef OD_PG_SERVER_IMPL_H
#define OD_PG_SERVER_IMPL_H

#include "pg/conn_impl.h"
#include "pg/server.h"

/* What conn.c needs of server.c. */

/* The statement by which a session says where it is. Row: system_identifier, timeline. Any role may
 * run it. The control file's timeline lags behind a promotion until the next checkpoint; the one in
 * the name of the log file that is being written does not. */
#define OD_PG_SERVER_IDENTITY                                                                      \
    "select system_identifier, case when pg_is_in_recovery() then 0"                               \
    " else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int8"            \
    " end as timeline from pg_control_system()"

/* Takes the session of c in (c->member leaves the list when it is over), or says why not. Other
 * sessions may be told to end. */
int od_pg_server_admit(struct od_pg_server *s, struct od_pg_conn *c, struct od_pg_identity id,
                       struct od_err *err) OD_MUST_CHECK;

#endif
