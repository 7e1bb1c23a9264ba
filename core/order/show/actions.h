#ifndef OD_ORDER_SHOW_ACTIONS_H
#define OD_ORDER_SHOW_ACTIONS_H

#include "base/arena.h"
#include "order/machine/action.h"

/*
 * Lists what may be done with an order now. Each command is decided as a dry run by the very code
 * that would decide it for real, with its simplest arguments: ship all that is left, pay what is
 * due. The rows of the commands say which arguments those are.
 */

/*
 * Returns the list in the arena of env. composites are the names of the plugins' commands, which
 * are tried without arguments. One that fails then is refused with the code "needs_arguments", and
 * the failure is not logged. env->stock must have the stock of the order's items.
 */
struct od_action *od_order_actions(const struct od_decide_env *env, const struct od_order *o,
                                   struct od_str actor, const struct od_str *composites,
                                   uint32_t composite_count, uint32_t *count);

/* Writes an action as the API and `orderd explain --json` show it. Absent values are null. */
struct od_json_writer;
void od_action_write(struct od_json_writer *w, const struct od_action *a);

#endif
