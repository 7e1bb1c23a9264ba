#ifndef OD_SCRIPT_TASK_QUERY_CHECK_H
#define OD_SCRIPT_TASK_QUERY_CHECK_H

#include <lua.h>

#include "order/query.h"

/* What the calls of the query builder are given, checked against the tables of fields. */

/* The column named at idx; raises with the nearest name when there is none. [-0, +0, v] */
struct od_query_column l_query_check_column(lua_State *L, int idx);
/* The comparison at idx: "=", "in", "is_null", … [-0, +0, v] */
enum od_query_compare l_query_check_compare(lua_State *L, int idx);
/* The value at idx as PostgreSQL reads it, which is left at the top, too; raises when it is not of
 * the column's type. [-0, +1, v] */
struct od_str l_query_push_value(lua_State *L, int idx, const struct od_query_column *c);
/* Raises: the column is compared with `wanted`. [-0, +0, v] */
int l_query_wrong_value(lua_State *L, int idx, const struct od_query_column *c, const char *wanted);

#endif
