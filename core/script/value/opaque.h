#ifndef OD_SCRIPT_VALUE_OPAQUE_H
#define OD_SCRIPT_VALUE_OPAQUE_H

#include <lua.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Opaque userdata are objects that only C makes (verdicts, intents) and that scripts hand back.
 * Their metatable is registered under a key of C's, and their parts are user values.
 */

/* Registers the metatable of a kind; `name` is for messages. */
void l_open_opaque(lua_State *L, const char *name, const void *key); /* [-0, +0, v] */
bool l_is_opaque(lua_State *L, int idx, const void *key);            /* [-0, +0, -] */
/* Returns user value n, copied to the arena; absent when it is not a string. [-0, +0, -] */
struct od_str l_opaque_text(lua_State *L, int idx, int n, struct od_arena *a);

#endif
