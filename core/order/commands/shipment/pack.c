#include <stdio.h>

#include "order/commands/shipment/shipment.h"

/* Packs a new parcel: the units that were asked for, or all that are left. */

/* Units of an item that left although they were cancelled. History may know of any that a refund
 * took out, because it does not say whether they still went. */
static int32_t late(const struct od_step *step, const struct od_item *it)
{
    if (step->c->handed_over)
        return it->qty_canceled;
    return step->c->historical ? od_item_credited(step->order, it) : 0;
}

/* Units of an item that may be in a new parcel. */
static int32_t shippable(const struct od_step *step, const struct od_item *it)
{
    return od_item_open(it) + late(step, it);
}

static int check_any(struct od_step *step)
{
    const struct od_order *o = step->order;
    bool any = o->item_count == 0; /* history knows orders without lines, and their parcels */
    for (uint32_t i = 0; !any && i < o->item_count; i++)
        any = shippable(step, &o->items[i]) > 0;
    if (!any)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_to_ship",
                              "Every unit is shipped or cancelled");
    return 0;
}

static bool any_open(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (od_item_open(&o->items[i]) > 0)
            return true;
    }
    return false;
}

/* All that is left of every item; where nothing is, history means what left late. */
static void pack_all(const struct od_step *step, struct od_shipment *s)
{
    const struct od_order *o = step->order;
    bool open = any_open(o);
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t qty = open ? od_item_open(it) : late(step, it);
        if (qty > 0)
            s->items[s->item_count++] =
                (struct od_shipment_item){s->shipment_id, it->order_item_id, qty};
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
static int pack_line(struct od_step *step, struct od_shipment *s, uint32_t i)
{
    char pointer[48];
    const struct od_shipment_item *line = &step->c->shipment.items[i];
    const struct od_item *it = od_order_item(step->order, line->order_item_id);
    if (!it) {
        snprintf(pointer, sizeof pointer, "/items/%u/orderItemId", i);
        return od_step_invalid(step, "unknown_item", pointer, "The order has no item %d",
                               line->order_item_id);
    }
    struct od_shipment_item *to = packed(s, line->order_item_id);
    int32_t left = shippable(step, it) - (to ? to->qty : 0);
    snprintf(pointer, sizeof pointer, "/items/%u/qty", i);
    if (line->qty < 1)
        return od_step_invalid(step, "bad_quantity", pointer, "Must be at least 1");
    if (line->qty > left)
        return od_step_invalid(step, "units_exceeded", pointer, "Only %d of item %d can be shipped",
                               shippable(step, it), line->order_item_id);
    if (to)
        to->qty += line->qty;
    else
        s->items[s->item_count++] =
            (struct od_shipment_item){s->shipment_id, line->order_item_id, line->qty};
    return 0;
}

int od_step_pack(struct od_step *step, struct od_shipment *s)
{
    if (check_any(step) != 0)
        return -1;
    s->items = OD_NEW_ARRAY(step->env->arena, struct od_shipment_item, step->order->item_count);
    s->item_count = 0;
    if (step->c->handed_over && step->c->shipment.item_count == 0 && step->order->item_count > 0)
        return od_step_invalid(step, "no_items", "/items", "Name the units that were handed over");
    if (step->c->shipment.item_count == 0)
        pack_all(step, s);
    for (uint32_t i = 0; i < step->c->shipment.item_count; i++) {
        if (pack_line(step, s, i) != 0)
            return -1;
    }
    return 0;
}
