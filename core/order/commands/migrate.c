#include "order/machine/step.h"

/*
 * MIGRATE_STATUS: an order leaves a status that the configuration no longer has. What it was called
 * changes, not what happened to it: no policy is asked and the graph of moves, which does not know
 * the old status, does not count.
 */

static bool any_shipment_in(const struct od_order *o, struct od_str code)
{
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        if (od_str_eq(o->shipments[i].status, code))
            return true;
    }
    return false;
}

int od_decide_migrate(struct od_step *step)
{
    const struct od_command *c = step->c;
    if ((unsigned)c->status_kind >= OD_STATUS_KINDS)
        return od_step_invalid(step, "unknown_kind", "/kind", "There is no such kind of status");
    if (od_step_known_status(step, c->status_kind, c->status_to, "/to") != 0)
        return -1;
    if (od_str_eq(c->status_from, c->status_to))
        return 0;
    bool own = od_str_eq(*od_step_status(step->order, c->status_kind), c->status_from);
    bool parcels =
        c->status_kind == OD_STATUS_SHIPMENT && any_shipment_in(step->order, c->status_from);
    if (!own && !parcels)
        return 0;

    struct od_event e = od_step_event(step, OD_EVENT_STATUS_MIGRATED);
    if (own)
        e.status[c->status_kind].to = c->status_to;
    if (parcels)
        e.shipments = (struct od_status_change){c->status_from, c->status_to};
    e.reason = c->text;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}
