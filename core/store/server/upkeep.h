#ifndef OD_STORE_SERVER_UPKEEP_H
#define OD_STORE_SERVER_UPKEEP_H

#include "pg/stmt.h"

/* What is cleared away now and then, a bounded number of rows at a time. */

/* Removes idempotency keys that are older than $1 int8 ms. */
extern const struct od_pg_stmt od_expire_keys;

/* Brings deliveries forward that wait longer than any is made to wait, $1 int8 ms: the server's
 * clock was ahead when that was written. */
extern const struct od_pg_stmt od_hasten_deliveries;

#endif
