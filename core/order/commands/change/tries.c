#include "order/commands/change/change.h"
#include "order/machine/action.h"
#include "order/machine/moves.h"

/* How the commands on changes are tried. */

/* That of an address, which neither stock nor amounts stand in the way of. */
void od_propose_change_actions(struct od_action_list *l)
{
    struct od_change_request request = {0};
    struct od_command c = {.type = OD_COMMAND_PROPOSE_CHANGE, .change = &request};
    request.has_address[OD_SHIPPING] = true;
    request.addresses[OD_SHIPPING] = l->order->addresses[OD_SHIPPING];
    request.addresses[OD_SHIPPING].present = true;
    request.addresses[OD_SHIPPING].address2 =
        od_action_other(request.addresses[OD_SHIPPING].address2);
    od_action_try(l, &c, (struct od_action){0});
}

static void try_end(struct od_action_list *l, enum od_command_type type)
{
    const struct od_change *proposed = od_order_proposed(l->order);
    struct od_command c = {.type = type};
    if (!proposed)
        return;
    c.change_id = proposed->change_id;
    od_action_try(l, &c, (struct od_action){.change_id = proposed->change_id});
}

void od_confirm_change_actions(struct od_action_list *l)
{
    try_end(l, OD_COMMAND_CONFIRM_CHANGE);
}

void od_discard_change_actions(struct od_action_list *l)
{
    try_end(l, OD_COMMAND_DISCARD_CHANGE);
}

/* ---- moves */

const struct od_move_name od_propose_change_move_names[] = {{'n', "propose change"}, {0}};
const struct od_move_name od_confirm_change_move_names[] = {{'y', "confirm change"}, {0}};
const struct od_move_name od_discard_change_move_names[] = {{'z', "discard change"}, {0}};

unsigned od_propose_change_odd(const struct od_order *o)
{
    return o->change_count > 0 ? OD_ODD_CHANGED : 0;
}

/* One more or one less of the last line. */
static void add_proposal(struct od_moves *m, const char *label, int32_t more)
{
    const struct od_item *it = &m->o->items[m->o->item_count - 1];
    struct od_change_request *change = OD_NEW(m->arena, struct od_change_request);
    change->line_count = 1;
    change->lines = OD_NEW(m->arena, struct od_change_line);
    *change->lines =
        (struct od_change_line){.order_item_id = it->order_item_id, .qty = it->qty + more};
    od_moves_add(m, 0, od_str_of(label))->change = change;
}

/* Once in a life. */
void od_propose_change_moves(struct od_moves *m)
{
    if (m->o->change_count || !m->o->item_count || !od_moves_may(m, OD_ODD_CHANGED))
        return;
    add_proposal(m, "propose more", 1);
    add_proposal(m, "propose less", -1);
}

void od_confirm_change_moves(struct od_moves *m)
{
    if (od_order_proposed(m->o))
        od_moves_add(m, 0, OD_STR("confirm"));
}

void od_discard_change_moves(struct od_moves *m)
{
    if (od_order_proposed(m->o))
        od_moves_add(m, 0, OD_STR("discard"));
}
