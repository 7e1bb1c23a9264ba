#include "order/commands/shipment/shipment.h"
#include "order/machine/body.h"

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

static int decide(struct od_step *step)
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
    return od_step_create_shipment(step);
}

static void read_shipment_id(struct od_reader *r, const struct od_json *v,
                             const struct od_path *path, struct od_command *c)
{
    int64_t id = 0;
    if (!od_json_i64(v, 1, INT32_MAX, &id))
        od_read_problem(r, path, "must be the shipmentId of one of the order's shipments");
    c->shipment.shipment_id = (int32_t)id;
}

static const struct od_member body_members[] = {
    {"shipmentId", read_shipment_id, false, OD_TAKES_WHOLE, NULL}, {0}};
static const char *const body_needs[] = {"trackingNumber", NULL};
static const struct od_shape body_shape = {&od_entities[OD_ENTITY_SHIPMENT],
                                           OD_FIELD_INPUT | OD_FIELD_MUTABLE, body_members, NULL,
                                           body_needs};

/* Reads the members that an existing shipment takes as well as a new one. */
static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    od_read_shape(r, &body_shape, v, root, &out->shipment, out);
    if (out->shipment.tracking_number.ptr && out->shipment.tracking_number.len == 0)
        od_read_problem(r, &(struct od_path){root, OD_STR("trackingNumber"), 0},
                        "must not be empty");
}

static const struct od_service services[] = {
    {"track_shipment", "track_shipment", OD_COMMAND_TRACK, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_track = {
    .name = "track",
    .permission = "shipments.manage",
    .route = {"POST", "/api/orders/:id/track"},
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_SHIPMENT,
    .summary = "Tell a parcel's tracking number",
    .description =
        "Without a shipmentId: the shipment that has the number is updated; else the oldest "
        "one under way without a number gets it; else a shipment of everything left is "
        "created with it.",
    .body = body,
    .shape = &body_shape,
    .decide = decide,
    .emits = OD_EMITS(SHIPMENT_CREATED) | OD_EMITS(SHIPMENT_UPDATED) |
             OD_EMITS(SHIPMENT_DELIVERED) | OD_EMITS(SHIPMENT_CANCELED),
    .want = od_want_stock_of_order,
    .is_step = true,
    .question = OD_ASK_ORDER_SHIP,
    .services = services,
    .actions = od_track_actions,
};
