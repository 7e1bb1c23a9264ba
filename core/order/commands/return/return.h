#ifndef OD_ORDER_COMMANDS_RETURN_RETURN_H
#define OD_ORDER_COMMANDS_RETURN_RETURN_H

#include "order/machine/action.h"
#include "order/machine/moves.h"
#include "order/machine/read.h"
#include "order/machine/step.h"

/* The parts of deciding about goods that come back. */

extern const struct od_shape od_shape_return_create, od_shape_return_update,
    od_shape_return_exchange;
void od_return_body_create(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                           struct od_command *out);
void od_return_body_update(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                           struct od_command *out);
void od_return_body_exchange(struct od_reader *r, const struct od_json *v,
                             const struct od_path *root, struct od_command *out);

/* tries.c */
void od_create_return_actions(struct od_action_list *l);
void od_create_return_moves(struct od_moves *m);
extern const struct od_move_name od_create_return_move_names[];
unsigned od_create_return_odd(const struct od_order *o);
void od_update_return_actions(struct od_action_list *l);
void od_update_return_moves(struct od_moves *m);
extern const struct od_move_name od_update_return_move_names[];
void od_exchange_actions(struct od_action_list *l);
void od_exchange_moves(struct od_moves *m);
extern const struct od_move_name od_exchange_move_names[];

#endif
