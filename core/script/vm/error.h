#ifndef OD_SCRIPT_VM_ERROR_H
#define OD_SCRIPT_VM_ERROR_H

#include <lua.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* What people are told of an error in a script: where, what, and who called whom. Used while the
 * stack still shows it. */

/* Where the innermost running Lua function is, as "plugin/file.lua:line"; *out is left alone when
 * there is none. Allocates nothing. */
void od_vm_origin(lua_State *L, char *out, size_t size);
/* The Lua functions that run, innermost first, a line each. Allocates nothing of Lua's. */
void od_vm_trace(lua_State *L, struct od_buf *out);
/* Message and origin of the error object at idx, raised on `stack`: a text, with the position that
 * Lua puts in front, or a table {code =, message =} as "message (code)". [-0, +0, m] */
void l_describe_error(lua_State *L, int idx, lua_State *stack, struct od_err *e);

#endif
