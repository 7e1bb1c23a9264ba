#ifndef OD_PG_LOOKUP_H
#define OD_PG_LOOKUP_H

#include "base/err.h"
#include "loop/loop.h"

/*
 * Makes the parameters of PQconnectStartParams from a conninfo. Each host name is resolved on the
 * thread pool and given as hostaddr, because libpq's own lookup would block the loop. A name with
 * several addresses becomes several hosts. Socket directories and numeric addresses pass through.
 * So does a service file, whose hosts libpq looks up itself. Unless the conninfo says otherwise,
 * timeouts of TCP are set, and a primary is asked for when there are several hosts.
 */
struct od_pg_lookup;

enum { OD_PG_HOSTS_MAX = 32 };

/* Returns how many hosts the conninfo names; 1 when libpq finds them by itself. */
unsigned od_pg_lookup_hosts(const char *conninfo);
/* Returns the rotation with which a host comes first. PQhost and PQport have named it; 0 when the
 * conninfo does not. */
unsigned od_pg_lookup_rotation(const char *conninfo, const char *host, const char *port);

/* Calls done once, later, with an error or with NULL-terminated arrays that are valid during the
 * call. rotation: the index of the host that comes first. */
struct od_pg_lookup *od_pg_lookup_new(struct od_loop *loop, const char *conninfo, unsigned rotation,
                                      void (*done)(void *ctx, const char *const *keywords,
                                                   const char *const *values,
                                                   const struct od_err *err),
                                      void *ctx);
/* Cancels the lookup: done will not be called. Do not call it after done. Accepts NULL. */
void od_pg_lookup_cancel(struct od_pg_lookup *l);

#endif
