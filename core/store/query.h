#ifndef OD_STORE_QUERY_H
#define OD_STORE_QUERY_H

#include "base/arena.h"
#include "order/show/query.h"
#include "pg/params.h"

/*
 * Returns the SELECT of a query. Each row is one json column: an object with every field of orders
 * under its SQL name, with amounts in minor units and times in milliseconds since 1970. For each
 * join it also has the joined row under the source's name ("items": {…}), or null for a left join
 * without one. A count is {"count": n}. Values are parameters, which the server reads as the
 * column's type; one that is not of that type makes the statement fail. Rows come in the order that
 * was asked for, then by order_id and the keys of joined rows. NULL: there are more conditions than
 * OD_PG_PARAMS_MAX.
 */
const char *od_query_sql(const struct od_query *q, struct od_arena *a, struct od_pg_params *params);

#endif
