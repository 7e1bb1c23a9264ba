#ifndef OD_SCRIPT_VALUE_JSON_H
#define OD_SCRIPT_VALUE_JSON_H

#include <lua.h>
#include <stdbool.h>

#include "base/json/json.h"

/* Reads JSON into frozen tables, and writes Lua values as JSON. */

/* Pushes JSON text as a Lua value. Its tables are frozen, and null members are left out.
 * [-0, +1, v] */
void l_push_json(lua_State *L, struct od_str text);
/* Does the same with text that may not be JSON: then it pushes nil and returns false. [-0, +1, v]
 */
bool l_push_json_if(lua_State *L, struct od_str text);
/* Does the same, with objects as records of that shape (record.h), or plain when it is NULL. */
struct l_shape;
void l_push_json_as(lua_State *L, struct od_str text, const struct l_shape *shape);
/* Writes the value at idx. Raises for what JSON or PostgreSQL cannot hold: NaN, invalid UTF-8, NUL,
 * functions, mixed keys, more than 16 levels. [-0, +0, v] */
void l_write_json(lua_State *L, int idx, struct od_json_writer *w);

#endif
