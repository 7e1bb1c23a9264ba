#ifndef OD_ORDER_MACHINE_ACTION_H
#define OD_ORDER_MACHINE_ACTION_H

#include "order/machine/decide.h"
#include "order/model/command.h"

/* Finds out what may be done with an order now (show/actions.h). */

struct od_action {
    struct od_str command; /* as oms.run names it: "cancel", …, or a plugin's name */
    bool is_composite;     /* it is a plugin's: POST …/commands/NAME */
    /* Its arguments. Those that do not apply are absent, or 0. */
    struct od_str type;   /* payment: "authorize", … */
    int32_t shipment_id;  /* update_shipment */
    int32_t return_id;    /* update_return, exchange */
    int32_t change_id;    /* confirm_change, discard_change */
    struct od_str to;     /* update_shipment, update_return: the status it would get */
    struct od_str handle; /* hold, release */
    struct od_str field;  /* patch: "shippingNote", … */
    bool allowed;
    struct od_str code, reason; /* of the refusal, or a policy's reason for allowing */
    struct od_str policy;       /* who decided: "order.cancel@default"; absent: orderd */
    struct od_str status, payment_status, shipment_status; /* those that it would lead to */
};

struct od_action_list {
    const struct od_decide_env *env;
    const struct od_order *order; /* each command is tried on a clone of it */
    struct od_str actor;
    const struct od_str *composites; /* [composite_count] */
    uint32_t composite_count;
    struct od_action *actions;
    size_t count, cap;
};

/* Tries a command and appends the outcome. `a` holds the arguments that tell it from others of its
 * kind. */
void od_action_try(struct od_action_list *l, struct od_command *c, struct od_action a);

/* Returns a text that differs from the present one, because rules are not asked about a change that
 * changes nothing. */
struct od_str od_action_other(struct od_str now);

#endif
