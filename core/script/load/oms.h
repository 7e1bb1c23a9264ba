#ifndef OD_SCRIPT_LOAD_OMS_H
#define OD_SCRIPT_LOAD_OMS_H

#include <lua.h>
#include <stddef.h>

#include "script/vm/binding.h"

struct od_bundle_source;

/* The table `oms`: everything a script can say. */

/* Sets global `oms` of the environment at the top. [-0, +0, v] */
void l_oms_open(lua_State *L, const struct od_bundle_source *source);
/* Registers the metatables and tables of its functions; once per state. [-0, +0, v] */
void l_oms_prepare(lua_State *L);

/* Returns the functions of `oms` one by one, those of od_services aside; NULL past the last. */
const struct l_binding *od_oms_binding(size_t i);

#endif
