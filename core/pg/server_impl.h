#ifndef OD_PG_SERVER_IMPL_H
#define OD_PG_SERVER_IMPL_H

#include "pg/conn_impl.h"
#include "pg/server.h"

/* The part of server.c that conn.c uses. */

/* Admits the session of c, or says why not. Sessions on an older timeline are told to end.
 * c->member leaves the list of sessions when the session is over. */
int od_pg_server_admit(struct od_pg_server *s, struct od_pg_conn *c, struct od_pg_identity id,
                       struct od_err *err) OD_MUST_CHECK;

/* Notes that the connection has no session and tries. It is told to hurry when another session
 * comes about. */
void od_pg_server_await(struct od_pg_server *s, struct od_pg_conn *c);

/* Returns the index of the host to be tried first: the one that the last session came about on. */
unsigned od_pg_server_rotation(const struct od_pg_server *s);

/* Notes why a session ended or failed to begin. True when the log has not been told so since all
 * was well. */
bool od_pg_server_trouble_is_new(struct od_pg_server *s, const struct od_err *why);

#endif
