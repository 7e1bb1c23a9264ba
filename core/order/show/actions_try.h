#ifndef OD_ORDER_SHOW_ACTIONS_TRY_H
#define OD_ORDER_SHOW_ACTIONS_TRY_H

#include "order/model/command.h"
#include "order/show/actions.h"

/* The list of actions while it is made. Internal to actions*.c. */

struct od_action_list {
    const struct od_decide_env *env;
    const struct od_order *order; /* what each command is tried on a clone of */
    struct od_str actor;
    struct od_action *actions;
    size_t count, cap;
};

/* Tries a command and appends what would come of it; `a` holds the arguments that tell it from
 * others of its kind. */
void od_action_try(struct od_action_list *l, struct od_command *c, struct od_action a);

#endif
