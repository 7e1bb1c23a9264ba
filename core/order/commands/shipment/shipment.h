#ifndef OD_ORDER_COMMANDS_SHIPMENT_SHIPMENT_H
#define OD_ORDER_COMMANDS_SHIPMENT_SHIPMENT_H

#include "order/machine/action.h"
#include "order/machine/moves.h"
#include "order/machine/step.h"

/* The parts of deciding about parcels. Their results are as step.h says. */

/* pack.c: puts the units that step->c->shipment asks for into s->items. It refuses with CONFLICT
 * nothing_to_ship, or INVALID unknown_item, bad_quantity, units_exceeded or no_items (a parcel was
 * handed over, but nobody says with which units). */
int od_step_pack(struct od_step *step, struct od_shipment *s) OD_MUST_CHECK;

/* shipment.c: does what step->c->shipment asks for to a new shipment, or to one of the order's. */
int od_step_create_shipment(struct od_step *step) OD_MUST_CHECK;
int od_step_update_shipment(struct od_step *step, int32_t shipment_id) OD_MUST_CHECK;

/* tries.c */
void od_create_shipment_actions(struct od_action_list *l);
void od_create_shipment_moves(struct od_moves *m);
extern const struct od_move_name od_create_shipment_move_names[];
unsigned od_create_shipment_odd(const struct od_order *o);
void od_track_actions(struct od_action_list *l);
void od_update_shipment_actions(struct od_action_list *l);
void od_update_shipment_moves(struct od_moves *m);
extern const struct od_move_name od_update_shipment_move_names[];

#endif
