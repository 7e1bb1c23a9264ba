#ifndef OD_SCRIPT_VALUE_VERDICT_H
#define OD_SCRIPT_VALUE_VERDICT_H

#include <lua.h>
#include <stdbool.h>

#include "base/arena.h"
#include "order/model/policy.h"
#include "script/vm/binding.h"

/* oms.allow, oms.refuse and oms.hold return a verdict, which rules answer with. It has readable
 * fields (allowed, code, reason, hold), so that a rule can look at what oms.default answered. */

void l_verdict_open(lua_State *L); /* registers the metatable; once per state. [-0, +0, v] */
void l_push_verdict(lua_State *L, const struct od_policy_answer *answer); /* [-0, +1, m] */
/* Returns true and fills *out, strings copied to the arena, when the value at idx is a verdict.
 * [-0, +0, m] */
bool l_read_verdict(lua_State *L, int idx, struct od_arena *a, struct od_policy_answer *out);
extern const struct l_binding l_verdict_bindings[];

#endif
