#ifndef OD_READ_PROJECTION_PROOF_H
#define OD_READ_PROJECTION_PROOF_H

#include <stdint.h>

#include "base/err.h"

/*
 * Proves a projection: the rows of every order are what a fold made anew would make, sums are the
 * sums of their rows, and there is no row of an order that is not there. It waits for the database.
 * Orders that were changed in the last minute and are not folded yet are left out.
 */
struct od_pg_conn;
struct od_projection;

/* conn: in a snapshot. tell: is called for each difference; order_id 0: it is about a sum. */
int od_projection_prove(struct od_pg_conn *conn, const struct od_projection *projection,
                        void (*tell)(void *ctx, const struct od_projection *projection,
                                     int64_t order_id, const char *what),
                        void *ctx, struct od_err *err) OD_MUST_CHECK;

#endif
