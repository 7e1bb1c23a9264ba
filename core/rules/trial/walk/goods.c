#include "rules/trial/walk/walk.h"

/* The moves of goods: parcels that leave and arrive, units that are cancelled or come back. */

/* ---- units */

static int32_t open_of(const struct od_item *it)
{
    return od_item_open(it);
}

static int32_t canceled_of(const struct od_item *it)
{
    return it->qty_canceled;
}

static int32_t out_of(const struct od_item *it)
{
    return it->qty_shipped - it->qty_returned;
}

typedef int32_t counted(const struct od_item *it);

static int32_t sum(const struct od_order *o, counted *of)
{
    int32_t n = 0;
    for (uint32_t i = 0; i < o->item_count; i++)
        n += of(&o->items[i]);
    return n;
}

int32_t od_model_open_units(const struct od_order *o)
{
    return sum(o, open_of);
}

/* All such units of each item, or one of the first that has any. */
static struct od_units *pick(const struct od_model_list *l, counted *of, bool all, uint32_t *count)
{
    struct od_units *units = OD_NEW_ARRAY(l->arena, struct od_units, l->o->item_count + 1);
    *count = 0;
    for (uint32_t i = 0; i < l->o->item_count && (all || !*count); i++) {
        const struct od_item *it = &l->o->items[i];
        int32_t qty = of(it);
        if (qty > 0)
            units[(*count)++] = (struct od_units){it->order_item_id, all ? qty : 1};
    }
    return units;
}

/* ---- parcels */

uint32_t od_model_live_parcels(const struct od_order *o)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->shipment_count; i++)
        n += o->shipments[i].canceled_at == 0;
    return n;
}

static struct od_command *add_parcel(struct od_model_list *l, enum od_model_command command,
                                     const char *label, const struct od_units *units,
                                     uint32_t count)
{
    struct od_command *c = od_model_add(l, command, od_str_of(label), OD_COMMAND_CREATE_SHIPMENT);
    c->shipment.item_count = count;
    c->shipment.items = OD_NEW_ARRAY(l->arena, struct od_shipment_item, count + 1);
    for (uint32_t i = 0; i < count; i++)
        c->shipment.items[i] =
            (struct od_shipment_item){.order_item_id = units[i].order_item_id, .qty = units[i].qty};
    return c;
}

/* One unit where nothing is shipped, so that an order has two parcels at most. */
static void add_ship(struct od_model_list *l)
{
    uint32_t count;
    bool first = !od_model_live_parcels(l->o);
    const struct od_units *one = pick(l, open_of, false, &count);
    if (first && count)
        add_parcel(l, OD_MODEL_SHIP, "ship one", one, 1);
    od_model_add(l, OD_MODEL_SHIP, first ? OD_STR("ship") : OD_STR("ship the rest"),
                 OD_COMMAND_CREATE_SHIPMENT);
}

/* A parcel with units that are cancelled takes the open ones of their items along. */
static void add_hand_over(struct od_model_list *l)
{
    uint32_t count;
    int32_t canceled = sum(l->o, canceled_of);
    if (!canceled || !od_model_may(l, OD_MODEL_ODD_AFTER_CANCEL))
        return;
    for (int all = canceled == 1; all < 2; all++) {
        struct od_units *units = pick(l, canceled_of, all, &count);
        for (uint32_t i = 0; i < count; i++)
            units[i].qty += od_item_open(od_order_item(l->o, units[i].order_item_id));
        add_parcel(l, OD_MODEL_HAND_OVER, all ? "hand over" : "hand over one", units, count)
            ->handed_over = true;
    }
}

static void move_parcel(struct od_model_list *l, enum od_model_command command,
                        const struct od_shipment *s, struct od_str code)
{
    struct od_str name = code;
    if (command == OD_MODEL_CANCEL_PARCEL)
        name = OD_STR("cancel");
    if (command == OD_MODEL_DELIVER)
        name = OD_STR("deliver");
    struct od_command *c = od_model_add(
        l, command, od_arena_printf(l->arena, "%.*s parcel %d", OD_STR_ARG(name), s->shipment_id),
        OD_COMMAND_UPDATE_SHIPMENT);
    c->shipment.shipment_id = s->shipment_id;
    c->shipment.status = code;
}

/* Towards the first status of the phase that the graph has from here. */
static bool move_to_phase(struct od_model_list *l, enum od_model_command command,
                          const struct od_shipment *s, const char *phase)
{
    const struct od_status_set *set = &l->m->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < set->count; i++) {
        struct od_str code = set->statuses[i].code;
        if (!od_str_is(set->statuses[i].phase, phase) || od_str_eq(code, s->status) ||
            !od_status_can_move(set, s->status, code))
            continue;
        move_parcel(l, command, s, code);
        return true;
    }
    return false;
}

/* Where delivered is more than one move away, each move. */
static void add_parcels(struct od_model_list *l)
{
    const struct od_status_set *set = &l->m->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < l->o->shipment_count; i++) {
        const struct od_shipment *s = &l->o->shipments[i];
        if (s->delivered_at || s->canceled_at)
            continue;
        move_to_phase(l, OD_MODEL_CANCEL_PARCEL, s, "canceled");
        if (move_to_phase(l, OD_MODEL_DELIVER, s, "delivered"))
            continue;
        for (uint32_t k = 0; k < set->count; k++) {
            const struct od_status *to = &set->statuses[k];
            if (!od_str_eq(to->code, s->status) && !od_str_is(to->phase, "canceled") &&
                od_status_can_move(set, s->status, to->code))
                move_parcel(l, OD_MODEL_MOVE_PARCEL, s, to->code);
        }
    }
}

/* ---- cancellation of some units */

static void add_cancel_units(struct od_model_list *l, const char *label, bool all)
{
    struct od_command *c =
        od_model_add(l, OD_MODEL_CANCEL_UNITS, od_str_of(label), OD_COMMAND_CANCEL);
    c->units = pick(l, open_of, all, &c->unit_count);
}

/* All that are open of an order of which nothing has left would be the order. */
static void add_cancels(struct od_model_list *l)
{
    const struct od_order *o = l->o;
    int32_t open = od_model_open_units(o);
    if (o->canceled_at || !open || !od_model_may(l, OD_MODEL_ODD_UNITS_CANCELED))
        return;
    if (open > 1 && !sum(o, canceled_of))
        add_cancel_units(l, "cancel one", false);
    if (od_model_live_parcels(o))
        add_cancel_units(l, "cancel what is open", true);
}

void od_model_add_goods(struct od_model_list *l)
{
    add_ship(l);
    add_hand_over(l);
    add_parcels(l);
    add_cancels(l);
}

/* ---- returns */

static bool is_open(const struct od_return *r)
{
    return od_str_is(r->status, "requested") || od_str_is(r->status, "approved");
}

static void announce(struct od_model_list *l, const char *label, bool all)
{
    uint32_t count;
    const struct od_units *units = pick(l, out_of, all, &count);
    struct od_command *c =
        od_model_add(l, OD_MODEL_ANNOUNCE_RETURN, od_str_of(label), OD_COMMAND_CREATE_RETURN);
    c->ret.item_count = count;
    c->ret.items = OD_NEW_ARRAY(l->arena, struct od_return_item, count + 1);
    for (uint32_t i = 0; i < count; i++)
        c->ret.items[i] =
            (struct od_return_item){.order_item_id = units[i].order_item_id, .qty = units[i].qty};
}

/* Once in a life. */
static void add_announcements(struct od_model_list *l)
{
    int32_t out = sum(l->o, out_of);
    if (!out || (l->o->return_count && !l->whole) || !od_model_may(l, OD_MODEL_ODD_RETURNED))
        return;
    if (out > 1)
        announce(l, "announce return of one", false);
    announce(l, "announce return", true);
}

static void add_step(struct od_model_list *l, enum od_model_command command,
                     const struct od_return *r, const char *verb, const char *status)
{
    struct od_str label = od_arena_printf(l->arena, "%s return %d", verb, r->return_id);
    enum od_command_type type = status ? OD_COMMAND_UPDATE_RETURN : OD_COMMAND_EXCHANGE;
    struct od_command *c = od_model_add(l, command, label, type);
    c->ret.return_id = r->return_id;
    if (status)
        c->ret.status = od_str_of(status);
    else
        c->ret.exchange_uuid.bytes[15] = 2; /* any order but this one */
}

void od_model_add_return(struct od_model_list *l)
{
    add_announcements(l);
    for (uint32_t i = 0; i < l->o->return_count; i++) {
        const struct od_return *r = &l->o->returns[i];
        if (od_str_is(r->status, "requested"))
            add_step(l, OD_MODEL_ANSWER_RETURN, r, "approve", "approved");
        if (is_open(r)) {
            add_step(l, OD_MODEL_ANSWER_RETURN, r, "reject", "rejected");
            add_step(l, OD_MODEL_RECEIVE, r, "receive", "received");
        }
        if (od_str_is(r->status, "received") && l->o->refund_count > 0)
            add_step(l, OD_MODEL_ANSWER_RETURN, r, "refunded", "refunded");
        if (od_str_is(r->status, "received") || od_str_is(r->status, "approved"))
            add_step(l, OD_MODEL_EXCHANGE, r, "exchange", NULL);
    }
}
