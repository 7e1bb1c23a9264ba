#include "order/decide_unit.h"

#include <stdio.h>

#include "order/limits.h"

/* CREATE_SHIPMENT and UPDATE_SHIPMENT: parcels, and the units in them. */

static int check_can_ship(struct od_unit *u)
{
    const struct od_order *o = u->order;
    if (o->canceled_at)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "order_canceled", "The order is cancelled");
    if (od_unit_holds(o) > 0)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "on_hold", "The order is on hold");
    if (o->shipment_count >= OD_SHIPMENTS_MAX)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d shipments", OD_SHIPMENTS_MAX);
    bool open = o->item_count == 0; /* history knows orders without lines, and their parcels */
    for (uint32_t i = 0; !open && i < o->item_count; i++)
        open = od_item_open(&o->items[i]) > 0;
    if (!open)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "nothing_to_ship",
                              "Every unit is shipped or cancelled");
    return 0;
}

/* All that is left of every item. */
static void pack_all(const struct od_order *o, struct od_shipment *s)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        int32_t open = od_item_open(&o->items[i]);
        if (open > 0)
            s->items[s->item_count++] =
                (struct od_shipment_item){s->shipment_id, o->items[i].order_item_id, open};
    }
}

static struct od_shipment_item *packed(struct od_shipment *s, int32_t order_item_id)
{
    for (uint32_t i = 0; i < s->item_count; i++) {
        if (s->items[i].order_item_id == order_item_id)
            return &s->items[i];
    }
    return NULL;
}

/* One line of the request; an item named twice is summed. */
static int pack_line(struct od_unit *u, struct od_shipment *s, uint32_t i)
{
    char pointer[48];
    const struct od_shipment_item *line = &u->c->shipment.items[i];
    const struct od_item *it = od_order_item(u->order, line->order_item_id);
    if (!it) {
        snprintf(pointer, sizeof pointer, "/items/%u/orderItemId", i);
        return od_unit_invalid(u, "unknown_item", pointer, "The order has no item %d",
                               line->order_item_id);
    }
    struct od_shipment_item *to = packed(s, line->order_item_id);
    int32_t open = od_item_open(it) - (to ? to->qty : 0);
    snprintf(pointer, sizeof pointer, "/items/%u/qty", i);
    if (line->qty < 1)
        return od_unit_invalid(u, "bad_quantity", pointer, "Must be at least 1");
    if (line->qty > open)
        return od_unit_invalid(u, "units_exceeded", pointer, "Only %d of item %d can be shipped",
                               od_item_open(it), line->order_item_id);
    if (to)
        to->qty += line->qty;
    else
        s->items[s->item_count++] =
            (struct od_shipment_item){s->shipment_id, line->order_item_id, line->qty};
    return 0;
}

static int pack(struct od_unit *u, struct od_shipment *s)
{
    s->items = OD_NEW_ARRAY(u->env->arena, struct od_shipment_item, u->order->item_count);
    s->item_count = 0;
    if (u->c->shipment.item_count == 0)
        pack_all(u->order, s);
    for (uint32_t i = 0; i < u->c->shipment.item_count; i++) {
        if (pack_line(u, s, i) != 0)
            return -1;
    }
    return 0;
}

static const struct od_status_set *shipment_set(const struct od_unit *u)
{
    return &u->env->statuses->of[OD_STATUS_SHIPMENT];
}

static bool in_phase(const struct od_unit *u, struct od_str code, const char *phase)
{
    return od_status_in_phase(shipment_set(u), code, phase);
}

/* The status a parcel begins with when the request names none, or names its end. */
static struct od_str first_status(const struct od_unit *u)
{
    const struct od_status_set *set = shipment_set(u);
    for (uint32_t i = 0; i < set->count; i++) {
        if (in_phase(u, set->statuses[i].code, "shipped"))
            return set->statuses[i].code;
    }
    return od_status_default(set)->code;
}

static int move_stock(struct od_unit *u, const struct od_shipment *s, int on_hand, int reserved)
{
    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct od_item *it = od_order_item(u->order, s->items[i].order_item_id);
        int64_t qty = s->items[i].qty;
        if (od_unit_move_stock(u, it, on_hand * qty, reserved * qty) != 0)
            return -1;
    }
    return 0;
}

/* The rule is asked about the parcel as it would leave. */
static int ask_ship(struct od_unit *u, const struct od_shipment *s)
{
    struct od_policy_request request = od_unit_request(u);
    struct od_policy_answer answer;
    if (!od_unit_answered(u, OD_ASK_ORDER_SHIP))
        return 0;
    request.shipment = s;
    return od_unit_allowed(u, OD_ASK_ORDER_SHIP, &request, &answer);
}

static int emit_shipment(struct od_unit *u, enum od_event_type type, const struct od_shipment *s)
{
    struct od_event e = od_unit_event(u, type);
    e.shipment = s;
    return od_unit_emit(u, &e, OD_SETTLE_SHIPMENT | OD_SETTLE_ORDER);
}

static int deliver(struct od_unit *u, int32_t shipment_id, struct od_str status)
{
    struct od_shipment *s = OD_NEW(u->env->arena, struct od_shipment);
    s->shipment_id = shipment_id;
    s->delivered_at = u->at;
    s->status = status;
    return emit_shipment(u, OD_EVENT_SHIPMENT_DELIVERED, s);
}

/* The units go back on the shelf: to be shipped again, or for others when the order is cancelled.
 */
static int cancel(struct od_unit *u, const struct od_shipment *now, struct od_str status)
{
    struct od_shipment *s = OD_NEW(u->env->arena, struct od_shipment);
    s->shipment_id = now->shipment_id;
    s->canceled_at = u->at;
    s->status = status;
    if (move_stock(u, now, 1, u->order->canceled_at ? 0 : 1) != 0)
        return -1;
    return emit_shipment(u, OD_EVENT_SHIPMENT_CANCELED, s);
}

int od_decide_create_shipment(struct od_unit *u)
{
    struct od_shipment *s = OD_NEW(u->env->arena, struct od_shipment);
    *s = u->c->shipment;
    struct od_str named = s->status;
    if (named.ptr && od_unit_known_status(u, OD_STATUS_SHIPMENT, named, "/status") != 0)
        return -1;
    if (in_phase(u, named, "canceled"))
        return od_unit_invalid(u, "bad_status", "/status", "A new shipment cannot be cancelled");
    if (check_can_ship(u) != 0)
        return -1;

    bool delivered = in_phase(u, named, "delivered");
    s->shipment_id = (int32_t)u->order->shipment_count + 1;
    s->shipment_number = od_arena_printf(u->env->arena, "%.*s-S%d",
                                         OD_STR_ARG(u->order->order_number), s->shipment_id);
    s->status = named.ptr && !delivered ? named : first_status(u);
    s->shipped_at = u->at;
    s->delivered_at = s->canceled_at = 0;
    if (pack(u, s) != 0 || ask_ship(u, s) != 0 || move_stock(u, s, -1, -1) != 0)
        return -1;
    u->d->shipment_id = s->shipment_id;
    if (emit_shipment(u, OD_EVENT_SHIPMENT_CREATED, s) != 0)
        return -1;
    return delivered ? deliver(u, s->shipment_id, named) : 0;
}

/* Takes the field when it is asked for and differs. */
static bool change(struct od_str *to, struct od_str now, struct od_str asked)
{
    if (!asked.ptr || od_str_eq(now, asked))
        return false;
    *to = asked;
    return true;
}

static int update_fields(struct od_unit *u, const struct od_shipment *now)
{
    const struct od_shipment *asked = &u->c->shipment;
    struct od_shipment *s = OD_NEW(u->env->arena, struct od_shipment);
    s->shipment_id = now->shipment_id;
    bool any = change(&s->carrier, now->carrier, asked->carrier);
    any = change(&s->tracking_number, now->tracking_number, asked->tracking_number) || any;
    any = change(&s->tracking_url, now->tracking_url, asked->tracking_url) || any;
    any = change(&s->note, now->note, asked->note) || any;
    return any ? emit_shipment(u, OD_EVENT_SHIPMENT_UPDATED, s) : 0;
}

static int update_status(struct od_unit *u, const struct od_shipment *now, struct od_str code)
{
    if (!code.ptr || od_str_eq(code, now->status))
        return 0;
    if (now->delivered_at)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "shipment_delivered",
                              "Shipment %d is delivered", now->shipment_id);
    if (now->canceled_at)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "shipment_canceled",
                              "Shipment %d is cancelled", now->shipment_id);
    if (od_unit_check_move(u, OD_STATUS_SHIPMENT, now->status, code) != 0)
        return -1;
    if (in_phase(u, code, "delivered"))
        return deliver(u, now->shipment_id, code);
    if (in_phase(u, code, "canceled"))
        return cancel(u, now, code);
    struct od_shipment *s = OD_NEW(u->env->arena, struct od_shipment);
    s->shipment_id = now->shipment_id;
    s->status = code;
    return emit_shipment(u, OD_EVENT_SHIPMENT_UPDATED, s);
}

int od_decide_update_shipment(struct od_unit *u)
{
    const struct od_shipment *asked = &u->c->shipment;
    const struct od_shipment *now = od_order_shipment(u->order, asked->shipment_id);
    if (!now)
        return od_unit_refuse(u, OD_VERDICT_NOT_FOUND, "shipment_not_found",
                              "The order has no shipment %d", asked->shipment_id);
    if (asked->status.ptr &&
        od_unit_known_status(u, OD_STATUS_SHIPMENT, asked->status, "/status") != 0)
        return -1;
    u->d->shipment_id = now->shipment_id;
    if (update_fields(u, now) != 0)
        return -1;
    return update_status(u, od_order_shipment(u->order, asked->shipment_id), asked->status);
}
