#ifndef OD_PG_SERVER_IMPL_H
#define OD_PG_SERVER_IMPL_H

#include "pg/conn_impl.h"
#include "pg/server.h"

/* What conn.c needs of server.c. */

/* Takes the session of c in (c->member leaves the list when it is over), or says why not. Other
 * sessions may be told to end. */
int od_pg_server_admit(struct od_pg_server *s, struct od_pg_conn *c, struct od_pg_identity id,
                       struct od_err *err) OD_MUST_CHECK;

/* Takes note of why a session ended or did not come about; true: nobody has told the log so since
 * all was well. */
bool od_pg_server_trouble_is_new(struct od_pg_server *s, const struct od_err *why);

#endif
