#ifndef OD_ORDER_SHOW_ACTIONS_H
#define OD_ORDER_SHOW_ACTIONS_H

#include "base/arena.h"
#include "order/machine/action.h"

/*
 * What may be done with an order now: each command is decided as a dry run, with the arguments it
 * would have at its simplest (ship all that is left, pay what is due), by the very code that would
 * decide it for real. Which those are is said by the rows of the commands.
 */

/*
 * The list, in the arena of env. composites: names of the plugins' commands, which are tried
 * without arguments: one that fails then is refused with the code "needs_arguments", and nobody
 * hears of it. env->stock knows the stock of the order's items.
 */
struct od_action *od_order_actions(const struct od_decide_env *env, const struct od_order *o,
                                   struct od_str actor, const struct od_str *composites,
                                   uint32_t composite_count, uint32_t *count);

/* One as the API and `orderd explain --json` show it; what is absent is null. */
struct od_json_writer;
void od_action_write(struct od_json_writer *w, const struct od_action *a);

#endif
