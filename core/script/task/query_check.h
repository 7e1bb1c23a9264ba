#ifndef OD_SCRIPT_TASK_QUERY_CHECK_H
#define OD_SCRIPT_TASK_QUERY_CHECK_H

#include <lua.h>

#include "order/show/query.h"

/* Checks what the calls of the query builder are given against the tables of fields. */

/* Returns the column named at idx. Raises with the nearest name when there is none. [-0, +0, v] */
struct od_query_column l_query_check_column(lua_State *L, int idx);
/* Returns the comparison at idx: "=", "in", "is_null", … [-0, +0, v] */
enum od_query_compare l_query_check_compare(lua_State *L, int idx);
/* Pushes the value at idx as PostgreSQL reads it, and returns it. Raises when it is not of the
 * column's type. [-0, +1, v] */
struct od_str l_query_push_value(lua_State *L, int idx, const struct od_query_column *c);
/* Raises that the column is compared with `wanted`, and not with the value at idx. [-0, +0, v] */
int l_query_wrong_value(lua_State *L, int idx, const struct od_query_column *c, const char *wanted);

#endif
