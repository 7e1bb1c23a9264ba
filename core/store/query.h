#ifndef OD_STORE_QUERY_H
#define OD_STORE_QUERY_H

#include "base/arena.h"
#include "order/show/query.h"
#include "pg/params.h"

/*
 * The SELECT of a query. Each row is one json column: an object with every field of orders under
 * its SQL name (amounts in minor units, times in milliseconds since 1970) and, for each join, the
 * joined row under the source's name ("items": {…}; null for a left join without one). A count is
 * {"count": n}. Values are parameters, read by the server as the column's type: one that is not of
 * that type is the statement's error. Rows come in the order asked for, then by order_id and the
 * keys of what is joined. NULL: more conditions than OD_PG_PARAMS_MAX.
 */
const char *od_query_sql(const struct od_query *q, struct od_arena *a, struct od_pg_params *params);

#endif
