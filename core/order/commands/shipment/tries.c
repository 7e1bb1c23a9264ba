#include "order/commands/shipment/shipment.h"

/* How the commands on parcels are tried. */

void od_create_shipment_actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_CREATE_SHIPMENT};
    od_action_try(l, &c, (struct od_action){0});
}

void od_track_actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_TRACK, .shipment = {.tracking_number = OD_STR("-")}};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_status *status_in_phase(const struct od_action_list *l, const char *phase)
{
    const struct od_status_set *set = &l->env->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < set->count; i++) {
        if (od_str_is(set->statuses[i].phase, phase))
            return &set->statuses[i];
    }
    return NULL;
}

static void try_parcel(struct od_action_list *l, int32_t shipment_id, const char *phase)
{
    const struct od_status *end = status_in_phase(l, phase);
    if (!end)
        return;
    struct od_command c = {.type = OD_COMMAND_UPDATE_SHIPMENT,
                           .shipment = {.shipment_id = shipment_id, .status = end->code}};
    od_action_try(l, &c, (struct od_action){.shipment_id = shipment_id, .to = end->code});
}

void od_update_shipment_actions(struct od_action_list *l)
{
    for (uint32_t i = 0; i < l->order->shipment_count; i++) {
        try_parcel(l, l->order->shipments[i].shipment_id, "delivered");
        try_parcel(l, l->order->shipments[i].shipment_id, "canceled");
    }
}

/* ---- moves */

enum { SHIP = 0, HAND_OVER };
const struct od_move_name od_create_shipment_move_names[] = {
    {'s', "ship"}, {'o', "hand over"}, {0}};

unsigned od_create_shipment_odd(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (o->items[i].qty_shipped_after_cancel > 0)
            return OD_ODD_AFTER_CANCEL;
    }
    return 0;
}

static struct od_command *add_parcel(struct od_moves *m, uint32_t name, const char *label,
                                     const struct od_units *units, uint32_t count)
{
    struct od_command *c = od_moves_add(m, name, od_str_of(label));
    c->shipment.item_count = count;
    c->shipment.items = OD_NEW_ARRAY(m->arena, struct od_shipment_item, count + 1);
    for (uint32_t i = 0; i < count; i++)
        c->shipment.items[i] =
            (struct od_shipment_item){.order_item_id = units[i].order_item_id, .qty = units[i].qty};
    return c;
}

/* One unit where nothing is shipped, so that an order has two parcels at most. */
static void add_ship(struct od_moves *m)
{
    uint32_t count;
    bool first = !od_moves_parcels(m->o);
    const struct od_units *one = od_moves_pick(m, od_units_open, false, &count);
    if (first && count)
        add_parcel(m, SHIP, "ship one", one, 1);
    od_moves_add(m, SHIP, first ? OD_STR("ship") : OD_STR("ship the rest"));
}

/* A parcel with units that are cancelled takes the open ones of their items along. */
static void add_hand_over(struct od_moves *m)
{
    uint32_t count;
    int32_t canceled = od_units_sum(m->o, od_units_canceled);
    if (!canceled || !od_moves_may(m, OD_ODD_AFTER_CANCEL))
        return;
    for (int all = canceled == 1; all < 2; all++) {
        struct od_units *units = od_moves_pick(m, od_units_canceled, all, &count);
        for (uint32_t i = 0; i < count; i++)
            units[i].qty += od_item_open(od_order_item(m->o, units[i].order_item_id));
        add_parcel(m, HAND_OVER, all ? "hand over" : "hand over one", units, count)->handed_over =
            true;
    }
}

void od_create_shipment_moves(struct od_moves *m)
{
    add_ship(m);
    add_hand_over(m);
}

enum { DELIVER = 0, CANCEL_PARCEL, MOVE_PARCEL };
const struct od_move_name od_update_shipment_move_names[] = {
    {'d', "deliver"}, {'b', "cancel parcel"}, {'m', "move parcel"}, {0}};

static void move_parcel(struct od_moves *m, uint32_t which, const struct od_shipment *s,
                        struct od_str code)
{
    struct od_str name = code;
    if (which == CANCEL_PARCEL)
        name = OD_STR("cancel");
    if (which == DELIVER)
        name = OD_STR("deliver");
    struct od_command *c = od_moves_add(
        m, which, od_arena_printf(m->arena, "%.*s parcel %d", OD_STR_ARG(name), s->shipment_id));
    c->shipment.shipment_id = s->shipment_id;
    c->shipment.status = code;
}

/* Towards the first status of the phase that the graph has from here. */
static bool move_to_phase(struct od_moves *m, uint32_t which, const struct od_shipment *s,
                          const char *phase)
{
    const struct od_status_set *set = &m->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < set->count; i++) {
        struct od_str code = set->statuses[i].code;
        if (!od_str_is(set->statuses[i].phase, phase) || od_str_eq(code, s->status) ||
            !od_status_can_move(set, s->status, code))
            continue;
        move_parcel(m, which, s, code);
        return true;
    }
    return false;
}

/* Where delivered is more than one move away, each move. */
void od_update_shipment_moves(struct od_moves *m)
{
    const struct od_status_set *set = &m->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < m->o->shipment_count; i++) {
        const struct od_shipment *s = &m->o->shipments[i];
        if (s->delivered_at || s->canceled_at)
            continue;
        move_to_phase(m, CANCEL_PARCEL, s, "canceled");
        if (move_to_phase(m, DELIVER, s, "delivered"))
            continue;
        for (uint32_t k = 0; k < set->count; k++) {
            const struct od_status *to = &set->statuses[k];
            if (!od_str_eq(to->code, s->status) && !od_str_is(to->phase, "canceled") &&
                od_status_can_move(set, s->status, to->code))
                move_parcel(m, MOVE_PARCEL, s, to->code);
        }
    }
}
