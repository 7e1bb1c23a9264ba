#ifndef OD_SCRIPT_CALL_INTENT_H
#define OD_SCRIPT_CALL_INTENT_H

#include <lua.h>
#include <stdbool.h>

#include "base/arena.h"
#include "script/call/hooks.h"
#include "script/vm/binding.h"

/* oms.mail, oms.webhook, oms.notify and oms.run return intents. */

void l_intent_open(lua_State *L); /* registers the metatable; once per state. [-0, +0, v] */
/* Returns true and fills *out when the value at idx is an intent. [-0, +0, m] */
bool l_read_intent(lua_State *L, int idx, struct od_arena *a, struct od_intent *out);
extern const struct l_binding l_intent_bindings[];

#endif
