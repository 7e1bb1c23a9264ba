#ifndef OD_SCRIPT_CALL_ASK_H
#define OD_SCRIPT_CALL_ASK_H

#include <lua.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "order/model/policy.h"
#include "script/vm/binding.h"

struct od_registration;

/* Asks a rule its question. */

/* Returns whether the question is answered with oms.allow or oms.refuse. */
bool od_question_gives_verdict(enum od_question q);
/* Asks one registration its question, in its plugin's state. */
int od_ask_registration(const struct od_registration *r, enum od_question q,
                        const struct od_order *o, const struct od_policy_request *request,
                        struct od_arena *a, struct od_policy_answer *out,
                        struct od_err *err) OD_MUST_CHECK;
extern const struct l_binding l_default_bindings[];

#endif
