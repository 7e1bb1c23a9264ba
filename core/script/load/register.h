#ifndef OD_SCRIPT_LOAD_REGISTER_H
#define OD_SCRIPT_LOAD_REGISTER_H

#include <lua.h>

#include "script/bundle/bundle.h"
#include "script/vm/binding.h"

struct od_registration;

/* Keeps what scripts offer while they load. */

/* Keeps the function at `function` as an offer of that kind, named by the string at index 1. Its
 * origin is the line of the call. The caller fills what else its kind has. A name twice in one
 * plugin is an error (hooks excepted). [-0, +0, v] */
struct od_registration *l_register(lua_State *L, enum od_offer_kind kind, int function);
extern const struct l_binding l_register_bindings[];

#endif
