#ifndef OD_SERVER_UPKEEP_H
#define OD_SERVER_UPKEEP_H

#include <stdint.h>

#include "loop/loop.h"

/*
 * What is needed now and then: idempotency keys older than their time to live are removed, a
 * bounded number at a time, on the query connection, and memory that a rush has left pooled is
 * given back.
 */
struct od_pg_conn;
struct od_upkeep;

struct od_upkeep *od_upkeep_new(struct od_loop *loop, struct od_pg_conn *query);
void od_upkeep_set_ttl(struct od_upkeep *u, int64_t idempotency_ttl_ms);
void od_upkeep_free(struct od_upkeep *u); /* accepts NULL */

#endif
