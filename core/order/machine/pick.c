#include <stdio.h>

#include "order/machine/step.h"

static int pick_line(struct od_step *step, uint32_t i,
                     int32_t (*available)(const struct od_item *item), const char *what,
                     struct od_picked *p)
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
    if (line->qty > available(it) - before)
        return od_step_invalid(step, "units_exceeded", pointer, "Only %d of item %d can be %s",
                               available(it), line->order_item_id, what);
    p->units[at] = (struct od_units){line->order_item_id, before + line->qty};
    p->count += at == p->count;
    return 0;
}

int od_step_pick(struct od_step *step, int32_t (*available)(const struct od_item *item),
                 const char *what, struct od_picked *out)
{
    *out = (struct od_picked){
        OD_NEW_ARRAY(step->env->arena, struct od_units, step->order->item_count), 0};
    for (uint32_t i = 0; i < step->c->unit_count; i++) {
        if (pick_line(step, i, available, what, out) != 0)
            return -1;
    }
    return 0;
}
