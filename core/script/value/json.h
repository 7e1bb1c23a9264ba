#ifndef OD_SCRIPT_VALUE_JSON_H
#define OD_SCRIPT_VALUE_JSON_H

#include <lua.h>

#include "base/json.h"

/* JSON read into frozen tables, and Lua values written as JSON. */

/* JSON text as a Lua value, tables frozen; null members are left out. [-0, +1, v] */
void l_push_json(lua_State *L, struct od_str text);
/* The same; objects are records of that shape (record.h), or plain when it is NULL. */
struct l_shape;
void l_push_json_as(lua_State *L, struct od_str text, const struct l_shape *shape);
/* Writes the value at idx. Refuses what JSON or PostgreSQL cannot hold: NaN, invalid UTF-8, NUL,
 * functions, mixed keys, more than 16 levels. [-0, +0, v] */
void l_write_json(lua_State *L, int idx, struct od_json_writer *w);

#endif
