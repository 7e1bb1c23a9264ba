#ifndef OD_SCRIPT_VALUE_SCALAR_H
#define OD_SCRIPT_VALUE_SCALAR_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Texts and numbers between C and Lua. */

/* Pushes the string, or nil when it is absent. [-0, +1, m] */
void l_push_str(lua_State *L, struct od_str s);
/* Sets the member of the table at the top; an absent string sets nothing. [-0, +0, m] */
void l_set_text(lua_State *L, const char *key, struct od_str text);
/* Sets the member of the table at the top. [-0, +0, m] */
void l_set_integer(lua_State *L, const char *key, int64_t value);
/* Returns whether PostgreSQL can hold the text: it is UTF-8 without NUL. */
bool od_is_storable(struct od_str s);
/* Returns the string at idx, borrowed from the Lua value. Raises, naming `what`, unless it is text
 * of 1 to `max` bytes that PostgreSQL can hold. [-0, +0, v] */
struct od_str l_check_text(lua_State *L, int idx, const char *what, size_t max);

#endif
