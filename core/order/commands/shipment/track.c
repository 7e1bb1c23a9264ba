#include "order/machine/step.h"

/* TRACK: a carrier says the number of a parcel, which may be on record or not. Telling it twice
 * changes nothing. */

static const struct od_shipment *find_tracked(const struct od_order *o, struct od_str number)
{
    const struct od_shipment *canceled = NULL;
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        const struct od_shipment *s = &o->shipments[i];
        if (!od_str_eq(s->tracking_number, number))
            continue;
        if (!s->canceled_at)
            return s;
        canceled = s;
    }
    return canceled;
}

/* The oldest parcel that is on its way and has no number yet. */
static const struct od_shipment *find_untracked(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        const struct od_shipment *s = &o->shipments[i];
        if (!s->canceled_at && !s->delivered_at && s->tracking_number.len == 0)
            return s;
    }
    return NULL;
}

/* The last parcel with a number, when there is nothing left to put into a new one. */
static const struct od_shipment *all_tracked(const struct od_order *o)
{
    const struct od_shipment *last = NULL;
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (od_item_open(&o->items[i]) > 0)
            return NULL;
    }
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        if (!o->shipments[i].canceled_at && o->shipments[i].tracking_number.len > 0)
            last = &o->shipments[i];
    }
    return o->canceled_at ? NULL : last;
}

int od_decide_track(struct od_step *step)
{
    const struct od_shipment *asked = &step->c->shipment;
    if (asked->tracking_number.len == 0)
        return od_step_invalid(step, "no_tracking_number", "/trackingNumber", "Must not be empty");
    if (asked->shipment_id)
        return od_step_update_shipment(step, asked->shipment_id);
    const struct od_shipment *s = find_tracked(step->order, asked->tracking_number);
    if (s && s->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "shipment_canceled",
                              "Shipment %d, which has this tracking number, is cancelled; create a "
                              "new one to send its units again",
                              s->shipment_id);
    if (!s)
        s = find_untracked(step->order);
    if (s)
        return od_step_update_shipment(step, s->shipment_id);
    s = all_tracked(step->order);
    if (s)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_to_ship",
                              "Every unit is shipped or cancelled; shipment %d has the number "
                              "\"%.*s\", name its shipmentId to change that",
                              s->shipment_id, OD_STR_ARG(s->tracking_number));
    return od_decide_create_shipment(step);
}
