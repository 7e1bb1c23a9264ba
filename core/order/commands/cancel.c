#include "order/machine/step.h"

#include <stdio.h>

#include "order/amounts/amounts.h"
#include "order/model/limits.h"

/* CANCEL: what is not shipped, or some of it, goes back to stock, once. */

struct picked {
    struct od_units *units;
    uint32_t count;
};

static void pick_open(const struct od_order *o, struct picked *p)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        int32_t open = od_item_open(&o->items[i]);
        if (open > 0)
            p->units[p->count++] = (struct od_units){o->items[i].order_item_id, open};
    }
}

/* One line of the request; an item named twice is summed. */
static int pick_line(struct od_step *step, struct picked *p, uint32_t i)
{
    char pointer[48];
    const struct od_units *line = &step->c->units[i];
    const struct od_item *it = od_order_item(step->order, line->order_item_id);
    snprintf(pointer, sizeof pointer, "/items/%u/orderItemId", i);
    if (!it)
        return od_step_invalid(step, "unknown_item", pointer, "The order has no item %d",
                               line->order_item_id);
    uint32_t at = 0;
    while (at < p->count && p->units[at].order_item_id != line->order_item_id)
        at++;
    int32_t before = at < p->count ? p->units[at].qty : 0;
    snprintf(pointer, sizeof pointer, "/items/%u/qty", i);
    if (line->qty < 1)
        return od_step_invalid(step, "bad_quantity", pointer, "Must be at least 1");
    if (line->qty > od_item_open(it) - before)
        return od_step_invalid(step, "units_exceeded", pointer,
                               "Only %d of item %d can be cancelled", od_item_open(it),
                               line->order_item_id);
    p->units[at] = (struct od_units){line->order_item_id, before + line->qty};
    if (at == p->count)
        p->count++;
    return 0;
}

/* The units named, or all that are open. */
static int pick(struct od_step *step, struct picked *p)
{
    p->units = OD_NEW_ARRAY(step->env->arena, struct od_units, step->order->item_count);
    p->count = 0;
    if (step->c->unit_count == 0)
        pick_open(step->order, p);
    for (uint32_t i = 0; i < step->c->unit_count; i++) {
        if (pick_line(step, p, i) != 0)
            return -1;
    }
    return 0;
}

/* Nothing is left of the order when they are cancelled, and nothing of it has left. */
static bool is_all(const struct od_order *o, const struct picked *p)
{
    int64_t picked = 0, open = 0, shipped = 0;
    for (uint32_t i = 0; i < p->count; i++)
        picked += p->units[i].qty;
    for (uint32_t i = 0; i < o->item_count; i++) {
        open += od_item_open(&o->items[i]);
        shipped += o->items[i].qty_shipped;
    }
    return picked == open && shipped == 0;
}

static int ask_cancel(struct od_step *step, const struct picked *some)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    request.reason = step->c->text;
    request.units = some ? some->units : NULL;
    request.unit_count = some ? some->count : 0;
    return od_step_allowed(step, OD_ASK_ORDER_CANCEL, &request, &answer);
}

static int release(struct od_step *step, const struct picked *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        const struct od_item *it = od_order_item(step->order, p->units[i].order_item_id);
        if (od_step_move_stock(step, it, 0, -p->units[i].qty) != 0)
            return -1;
    }
    return 0;
}

int od_decide_cancel(struct od_step *step)
{
    struct picked p;
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "already_canceled",
                              "The order is cancelled already");
    if (step->c->text.len > OD_REASON_MAX)
        return od_step_invalid(step, "too_long", "/reason", "Must be at most %d bytes",
                               OD_REASON_MAX);
    if (pick(step, &p) != 0)
        return -1;
    bool whole = step->c->unit_count == 0 || is_all(step->order, &p);
    if (ask_cancel(step, whole ? NULL : &p) != 0)
        return -1;

    struct od_event e =
        od_step_event(step, whole ? OD_EVENT_ORDER_CANCELED : OD_EVENT_ITEMS_CANCELED);
    e.units = p.units;
    e.unit_count = p.count;
    e.amount = od_canceled_amount(step->order, p.units, p.count);
    e.reason = step->c->text.ptr ? step->c->text : step->reason;
    if (release(step, &p) != 0)
        return -1;
    return od_step_emit(step, &e, OD_SETTLE_PAYMENT | OD_SETTLE_SHIPMENT | OD_SETTLE_ORDER);
}
