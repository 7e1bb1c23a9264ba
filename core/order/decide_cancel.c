#include "order/decide_unit.h"

#include "order/limits.h"

/* CANCEL: what is not shipped goes back to stock, once. */

static struct od_units *open_units(struct od_unit *u, uint32_t *count)
{
    const struct od_order *o = u->order;
    struct od_units *units = OD_NEW_ARRAY(u->env->arena, struct od_units, o->item_count);
    *count = 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        int32_t open = od_item_open(&o->items[i]);
        if (open > 0)
            units[(*count)++] = (struct od_units){o->items[i].order_item_id, open};
    }
    return units;
}

static int ask_cancel(struct od_unit *u)
{
    struct od_policy_request request = od_unit_request(u);
    struct od_policy_answer answer;
    request.reason = u->c->text;
    return od_unit_allowed(u, OD_ASK_ORDER_CANCEL, &request, &answer);
}

int od_decide_cancel(struct od_unit *u)
{
    if (u->order->canceled_at)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "already_canceled",
                              "The order is cancelled already");
    if (u->c->text.len > OD_REASON_MAX)
        return od_unit_invalid(u, "too_long", "/reason", "Must be at most %d bytes", OD_REASON_MAX);
    if (ask_cancel(u) != 0)
        return -1;

    struct od_event e = od_unit_event(u, OD_EVENT_ORDER_CANCELED);
    e.units = open_units(u, &e.unit_count);
    e.reason = u->c->text.ptr ? u->c->text : u->reason;
    for (uint32_t i = 0; i < e.unit_count; i++) {
        const struct od_item *it = od_order_item(u->order, e.units[i].order_item_id);
        if (od_unit_move_stock(u, it, 0, -e.units[i].qty) != 0)
            return -1;
    }
    return od_unit_emit(u, &e, OD_SETTLE_PAYMENT | OD_SETTLE_SHIPMENT | OD_SETTLE_ORDER);
}
