#ifndef OD_SCRIPT_VM_ERROR_H
#define OD_SCRIPT_VM_ERROR_H

#include <lua.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Tells people of an error in a script: where it is, what it is, and who called whom. These
 * functions are called while the stack still shows it. */

/* Writes where the innermost running Lua function is, as "plugin/file.lua:line". Leaves *out alone
 * when none runs. Allocates nothing. */
void od_vm_origin(lua_State *L, char *out, size_t size);
/* Writes the Lua functions that run, innermost first, a line each. Allocates nothing in the state.
 */
void od_vm_trace(lua_State *L, struct od_buf *out);
/* Fills *e from the error object at idx, which was raised on `stack`. It is a text, maybe with the
 * position that Lua puts in front, or a table {code =, message =}, told as "message (code)".
 * [-0, +0, m] */
void l_describe_error(lua_State *L, int idx, lua_State *stack, struct od_err *e);

#endif
