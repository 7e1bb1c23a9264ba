#ifndef OD_SCRIPT_VALUE_H
#define OD_SCRIPT_VALUE_H

#include <lua.h>
#include <stdbool.h>

#include "base/json.h"
#include "base/str.h"

/*
 * Lua values as scripts meet them: read-only ("frozen") tables, JSON read into such tables and
 * tables written as JSON, and the fixed order in which keys are visited. Stock Lua 5.4 has no
 * read-only tables; a frozen one is an empty table whose metatable answers for the real one.
 */

/* Replaces the table at the top by a frozen view of it. Scripts cannot get at what is behind. [-1,
 * +1, m] */
void l_freeze(lua_State *L);
/* Freezes the table at the top itself, for all who have it already. A metatable it had goes on
 * answering for fields that are not there. [-0, +0, m] */
void l_freeze_in_place(lua_State *L);
/* The table at idx, or, when it is frozen, the one behind it. [-0, +1, -] */
void l_thaw(lua_State *L, int idx);
/* True when a metatable of C's own makes the value at idx untouchable for scripts. [-0, +0, -] */
bool l_is_protected(lua_State *L, int idx);

/* A sequence of the keys of the plain table at idx: numbers ascending, strings in byte order, then
 * false and true. Raises for keys without an order (tables, functions). [-0, +1, v] */
void l_sorted_keys(lua_State *L, int idx);
/* pairs(): the three values of a loop over the keys in the sequence at the top, reading the value
 * at idx with its metamethods and leaving out nils. [-1, +3, m] */
void l_push_iterator(lua_State *L, int idx);

/* The string, nil when absent. [-0, +1, m] */
void l_push_str(lua_State *L, struct od_str s);
/* Sets the member of the table at the top; an absent string sets nothing. [-0, +0, m] */
void l_set_text(lua_State *L, const char *key, struct od_str text);
/* JSON text as a Lua value, tables frozen; null members are left out. [-0, +1, v] */
void l_push_json(lua_State *L, struct od_str text);
/* The same; objects are records of that shape (record.h), or plain when it is NULL. */
struct l_shape;
void l_push_json_as(lua_State *L, struct od_str text, const struct l_shape *shape);
/* Writes the value at idx. Refuses what JSON or PostgreSQL cannot hold: NaN, invalid UTF-8, NUL,
 * functions, mixed keys, more than 16 levels. [-0, +0, v] */
void l_write_json(lua_State *L, int idx, struct od_json_writer *w);

/*
 * Opaque userdata: objects that only C makes (verdicts, intents) and that scripts hand back. Their
 * metatable is registered under a key of C's; their parts are user values.
 */
void l_open_opaque(lua_State *L, const char *name, const void *key); /* [-0, +0, v] */
bool l_is_opaque(lua_State *L, int idx, const void *key);            /* [-0, +0, -] */
/* User value n copied into the arena; absent when it is not a string. [-0, +0, -] */
struct od_str l_opaque_text(lua_State *L, int idx, int n, struct od_arena *a);

/* Text that PostgreSQL can hold: UTF-8 without NUL. */
bool od_is_storable(struct od_str s);
/* The string argument's bytes; raises naming `what` unless it is text of 1 to `max` bytes that
 * PostgreSQL can hold (UTF-8 without NUL). Borrowed from the Lua value. [-0, +0, v] */
struct od_str l_check_text(lua_State *L, int idx, const char *what, size_t max);

#endif
