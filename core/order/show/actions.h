#ifndef OD_ORDER_SHOW_ACTIONS_H
#define OD_ORDER_SHOW_ACTIONS_H

#include "base/arena.h"
#include "order/machine/decide.h"

/*
 * What may be done with an order now: each command is decided as a dry run, with the arguments it
 * would have at its simplest (ship all that is left, pay what is due), by the very code that would
 * decide it for real.
 */

struct od_action {
    struct od_str command; /* as oms.run names it: "cancel", "create_shipment", …; or a plugin's */
    bool is_composite;     /* a plugin's: POST …/commands/NAME */
    /* Its arguments; those that do not matter are absent, or 0. */
    struct od_str type;   /* payment: "authorize", … */
    int32_t shipment_id;  /* update_shipment */
    int32_t return_id;    /* update_return, exchange */
    int32_t change_id;    /* confirm_change, discard_change */
    struct od_str to;     /* update_shipment, update_return: the status it would get */
    struct od_str handle; /* hold, release */
    struct od_str field;  /* patch: "shippingNote", … */
    bool allowed;
    struct od_str code, reason; /* of the refusal; or the reason a policy gave for allowing */
    struct od_str policy;       /* who said so, "order.cancel@default"; absent: orderd itself */
    struct od_str status, payment_status, shipment_status; /* allowed: those it would lead to */
};

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
