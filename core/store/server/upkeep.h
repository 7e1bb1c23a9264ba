#ifndef OD_STORE_SERVER_UPKEEP_H
#define OD_STORE_SERVER_UPKEEP_H

#include "pg/stmt.h"

/* Statements that clear rows away now and then, a bounded number at a time. */

/* Removes idempotency keys that are older than $1 int8 ms. */
extern const struct od_pg_stmt od_expire_keys;

/* Brings deliveries forward that wait longer than $1 int8 ms, the longest that any is made to wait,
 * because the server's clock was ahead when that was written. */
extern const struct od_pg_stmt od_hasten_deliveries;

#endif
