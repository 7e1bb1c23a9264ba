#ifndef OD_ORDER_COMMANDS_PAYMENT_PAYMENT_H
#define OD_ORDER_COMMANDS_PAYMENT_PAYMENT_H

#include "order/machine/action.h"
#include "order/machine/moves.h"

/* tries.c */
void od_payment_actions(struct od_action_list *l);
void od_payment_moves(struct od_moves *m);
extern const struct od_move_name od_payment_move_names[];
unsigned od_payment_odd(const struct od_order *o);

#endif
