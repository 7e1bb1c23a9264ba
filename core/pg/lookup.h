#ifndef OD_PG_LOOKUP_H
#define OD_PG_LOOKUP_H

#include "base/err.h"
#include "loop/loop.h"

/*
 * From a conninfo to the parameters of PQconnectStartParams, with each host name resolved on the
 * thread pool and given as hostaddr, because libpq's own lookup would block the loop. A name with
 * several addresses becomes several hosts. Socket directories and numeric addresses pass through,
 * and so does a service file, whose hosts libpq looks up itself. Timeouts of TCP are set, and of
 * several hosts a primary is asked for, unless the conninfo says otherwise.
 */
struct od_pg_lookup;

/* Calls done once, later, with NULL-terminated arrays that are valid during the call, or an error.
 * rotation: which host comes first. */
struct od_pg_lookup *od_pg_lookup_new(struct od_loop *loop, const char *conninfo, unsigned rotation,
                                      void (*done)(void *ctx, const char *const *keywords,
                                                   const char *const *values,
                                                   const struct od_err *err),
                                      void *ctx);
/* done will not be called. Not after done; accepts NULL. */
void od_pg_lookup_cancel(struct od_pg_lookup *l);

#endif
