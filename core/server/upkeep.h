#ifndef OD_SERVER_UPKEEP_H
#define OD_SERVER_UPKEEP_H

#include <stdint.h>

#include "loop/loop.h"

/*
 * What is needed now and then: idempotency keys older than their time to live are removed, a
 * bounded number at a time, on the query connection, deliveries that a clock which was ahead put
 * off are brought forward, and memory that a rush has left pooled is given back.
 */
struct od_conf;
struct od_pg_conn;
struct od_upkeep;

struct od_upkeep *od_upkeep_new(struct od_loop *loop, struct od_pg_conn *query);
void od_upkeep_use_conf(struct od_upkeep *u, const struct od_conf *conf);
void od_upkeep_free(struct od_upkeep *u); /* accepts NULL */

#endif
