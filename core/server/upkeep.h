#ifndef OD_SERVER_UPKEEP_H
#define OD_SERVER_UPKEEP_H

#include <stdint.h>

#include "loop/loop.h"

/*
 * Does what is needed now and then, on the query connection. It removes idempotency keys and
 * deliveries that are old, a bounded number at a time. It brings forward deliveries that a
 * clock which was ahead had put off. It gives memory back that a rush has left in pools.
 */
struct od_conf;
struct od_pg_conn;
struct od_upkeep;

struct od_upkeep *od_upkeep_new(struct od_loop *loop, struct od_pg_conn *query);
void od_upkeep_use_conf(struct od_upkeep *u, const struct od_conf *conf);
void od_upkeep_free(struct od_upkeep *u); /* accepts NULL */

#endif
