#include "order/commands/shipment/shipment.h"

#include <stddef.h>

#include "order/amounts/amounts.h"
#include "order/machine/body.h"
#include "order/model/limits.h"

/* CREATE_SHIPMENT and UPDATE_SHIPMENT: parcels, and the units in them. */

/* Whether rules and holds let it leave is for the policy to say. */
static int check_can_ship(struct od_step *step)
{
    const struct od_order *o = step->order;
    if (o->canceled_at && !step->c->handed_over)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (o->shipment_count >= OD_SHIPMENTS_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d shipments", OD_SHIPMENTS_MAX);
    return 0;
}

static const struct od_status_set *shipment_set(const struct od_step *step)
{
    return &step->env->statuses->of[OD_STATUS_SHIPMENT];
}

static bool in_phase(const struct od_step *step, struct od_str code, const char *phase)
{
    return od_status_in_phase(shipment_set(step), code, phase);
}

/* The status a parcel begins with when the request names none, or names its end. */
static struct od_str first_status(const struct od_step *step)
{
    const struct od_status_set *set = shipment_set(step);
    for (uint32_t i = 0; i < set->count; i++) {
        if (in_phase(step, set->statuses[i].code, "shipped"))
            return set->statuses[i].code;
    }
    return od_status_default(set)->code;
}

/* Returns for each item in a parcel the units that its leaving takes from the cancelled ones. */
static uint32_t late_units(const struct od_order *o, const struct od_shipment *s,
                           struct od_units *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct od_shipment_item *si = &s->items[i];
        int32_t qty = si->qty - od_item_open(od_order_item(o, si->order_item_id));
        if (qty > 0)
            out[count++] = (struct od_units){si->order_item_id, qty};
    }
    return count;
}

static int32_t units_of(const struct od_units *units, uint32_t count, int32_t order_item_id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (units[i].order_item_id == order_item_id)
            return units[i].qty;
    }
    return 0;
}

/* way: -1 leaves, +1 comes back. Cancelled units are not reserved. */
static int move_stock(struct od_step *step, const struct od_shipment *s, int way,
                      const struct od_units *canceled, uint32_t count)
{
    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct od_shipment_item *si = &s->items[i];
        const struct od_item *it = od_order_item(step->order, si->order_item_id);
        int64_t reserved = si->qty - units_of(canceled, count, si->order_item_id);
        if (od_step_move_stock(step, it, (int64_t)way * si->qty, way * reserved) != 0)
            return -1;
    }
    return 0;
}

/* The rule is asked about the parcel as it would leave. */
static int ask_ship(struct od_step *step, const struct od_shipment *s)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (step->c->handed_over || !od_step_answered(step, OD_ASK_ORDER_SHIP))
        return 0;
    request.shipment = s;
    return od_step_allowed(step, OD_ASK_ORDER_SHIP, &request, &answer);
}

static int emit(struct od_step *step, struct od_event *e)
{
    unsigned settle = OD_SETTLE_SHIPMENT | OD_SETTLE_ORDER;
    return od_step_emit(step, e, e->amount ? settle | OD_SETTLE_PAYMENT : settle);
}

/* amount: of the order, what is cancelled with it. */
static int emit_shipment(struct od_step *step, enum od_event_type type, const struct od_shipment *s,
                         int64_t amount)
{
    struct od_event e = od_step_event(step, type);
    e.shipment = s;
    e.amount = amount;
    return emit(step, &e);
}

static int deliver(struct od_step *step, int32_t shipment_id, struct od_str status)
{
    struct od_shipment *s = OD_NEW(step->env->arena, struct od_shipment);
    s->shipment_id = shipment_id;
    s->delivered_at = step->at;
    s->status = status;
    return emit_shipment(step, OD_EVENT_SHIPMENT_DELIVERED, s, 0);
}

static int check_returned(struct od_step *step, const struct od_shipment *s)
{
    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct od_item *it = od_order_item(step->order, s->items[i].order_item_id);
        if (s->items[i].qty > od_item_out(it))
            return od_step_refuse(step, OD_VERDICT_CONFLICT, "units_returned",
                                  "Units of item %d in shipment %d came back already",
                                  it->order_item_id, s->shipment_id);
    }
    return 0;
}

/* The units go back on the shelf: to be shipped again, or for others when they are cancelled. */
static int cancel(struct od_step *step, const struct od_shipment *now, struct od_str status)
{
    struct od_units *units = OD_NEW_ARRAY(step->env->arena, struct od_units, now->item_count);
    struct od_shipment *s = OD_NEW(step->env->arena, struct od_shipment);
    s->shipment_id = now->shipment_id;
    s->canceled_at = step->at;
    s->status = status;
    if (check_returned(step, now) != 0)
        return -1;
    uint32_t count = od_called_back_units(step->order, now, units);
    int64_t amount = od_called_back_amount(step->order, now, units, count);
    if (move_stock(step, now, 1, units, count) != 0)
        return -1;
    return emit_shipment(step, OD_EVENT_SHIPMENT_CANCELED, s, amount);
}

static int send(struct od_step *step, const struct od_shipment *s)
{
    struct od_units *units = OD_NEW_ARRAY(step->env->arena, struct od_units, s->item_count);
    uint32_t count = late_units(step->order, s, units);
    struct od_event e = od_step_event(step, OD_EVENT_SHIPMENT_CREATED);
    e.shipment = s;
    e.handed_over = step->c->handed_over || count > 0;
    e.amount = e.handed_over ? od_restored_amount(step->order, units, count) : 0;
    return move_stock(step, s, -1, units, count) != 0 ? -1 : emit(step, &e);
}

int od_step_create_shipment(struct od_step *step)
{
    struct od_shipment *s = OD_NEW(step->env->arena, struct od_shipment);
    *s = step->c->shipment;
    struct od_str named = s->status;
    if (named.ptr && od_step_known_status(step, OD_STATUS_SHIPMENT, named, "/status") != 0)
        return -1;
    if (in_phase(step, named, "canceled"))
        return od_step_invalid(step, "bad_status", "/status", "A new shipment cannot be cancelled");
    if (check_can_ship(step) != 0)
        return -1;

    bool delivered = in_phase(step, named, "delivered");
    s->shipment_id = (int32_t)step->order->shipment_count + 1;
    s->shipment_number = od_arena_printf(step->env->arena, "%.*s-S%d",
                                         OD_STR_ARG(step->order->order_number), s->shipment_id);
    s->status = named.ptr && !delivered ? named : first_status(step);
    s->shipped_at = step->at;
    s->delivered_at = s->canceled_at = 0;
    if (od_step_pack(step, s) != 0 || ask_ship(step, s) != 0 || send(step, s) != 0)
        return -1;
    step->d->part_ids[OD_ENTITY_SHIPMENT] = s->shipment_id;
    return delivered ? deliver(step, s->shipment_id, named) : 0;
}

/* Takes the field when it is asked for and differs. */
static bool change(struct od_str *to, struct od_str now, struct od_str asked)
{
    if (!asked.ptr || od_str_eq(now, asked))
        return false;
    *to = asked;
    return true;
}

static int update_fields(struct od_step *step, const struct od_shipment *now)
{
    const struct od_shipment *asked = &step->c->shipment;
    struct od_shipment *s = OD_NEW(step->env->arena, struct od_shipment);
    s->shipment_id = now->shipment_id;
    bool any = change(&s->carrier, now->carrier, asked->carrier);
    any = change(&s->tracking_number, now->tracking_number, asked->tracking_number) || any;
    any = change(&s->tracking_url, now->tracking_url, asked->tracking_url) || any;
    any = change(&s->note, now->note, asked->note) || any;
    return any ? emit_shipment(step, OD_EVENT_SHIPMENT_UPDATED, s, 0) : 0;
}

static int update_status(struct od_step *step, const struct od_shipment *now, struct od_str code)
{
    if (!code.ptr || od_str_eq(code, now->status))
        return 0;
    if (now->delivered_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "shipment_delivered",
                              "Shipment %d is delivered", now->shipment_id);
    if (now->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "shipment_canceled",
                              "Shipment %d is cancelled", now->shipment_id);
    if (od_step_check_move(step, OD_STATUS_SHIPMENT, now->status, code) != 0)
        return -1;
    if (in_phase(step, code, "delivered"))
        return deliver(step, now->shipment_id, code);
    if (in_phase(step, code, "canceled"))
        return cancel(step, now, code);
    struct od_shipment *s = OD_NEW(step->env->arena, struct od_shipment);
    s->shipment_id = now->shipment_id;
    s->status = code;
    return emit_shipment(step, OD_EVENT_SHIPMENT_UPDATED, s, 0);
}

int od_step_update_shipment(struct od_step *step, int32_t shipment_id)
{
    const struct od_shipment *asked = &step->c->shipment;
    const struct od_shipment *now = od_order_shipment(step->order, shipment_id);
    if (!now)
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "shipment_not_found",
                              "The order has no shipment %d", shipment_id);
    if (asked->status.ptr &&
        od_step_known_status(step, OD_STATUS_SHIPMENT, asked->status, "/status") != 0)
        return -1;
    step->d->part_ids[OD_ENTITY_SHIPMENT] = now->shipment_id;
    if (update_fields(step, now) != 0)
        return -1;
    return update_status(step, od_order_shipment(step->order, shipment_id), asked->status);
}

static int decide_update(struct od_step *step)
{
    return od_step_update_shipment(step, step->c->shipment.shipment_id);
}

/* ---- the bodies */

static void read_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    uint32_t count;
    const struct od_units *units = od_body_units(r, v, path, &count);
    c->shipment.items = OD_NEW_ARRAY(r->arena, struct od_shipment_item, count);
    c->shipment.item_count = count;
    for (uint32_t i = 0; i < count; i++)
        c->shipment.items[i] =
            (struct od_shipment_item){.order_item_id = units[i].order_item_id, .qty = units[i].qty};
}

static void read_handed_over(struct od_reader *r, const struct od_json *v,
                             const struct od_path *path, struct od_command *c)
{
    c->handed_over = od_body_bool(r, v, path);
}

static const struct od_member create_members[] = {
    {"items", read_items, false, OD_TAKES_OBJECTS, &od_shape_units},
    {"handedOver", read_handed_over, false, OD_TAKES_BOOL, NULL},
    {0}};
static const struct od_shape create_shape = {&od_entities[OD_ENTITY_SHIPMENT], OD_FIELD_INPUT,
                                             create_members, NULL, NULL};

static void body_create(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                        struct od_command *out)
{
    od_read_shape(r, &create_shape, v, root, &out->shipment, out);
    if (out->handed_over) /* what left is a fact, and has to be told */
        od_body_require(r, v, root, "items");
}

static const struct od_shape update_shape = {&od_entities[OD_ENTITY_SHIPMENT],
                                             OD_FIELD_INPUT | OD_FIELD_MUTABLE, NULL, NULL, NULL};

/* A field that is null is emptied: absent would leave it as it is. */
static void body_update(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                        struct od_command *out)
{
    const struct od_entity *e = update_shape.entity;
    struct od_shipment *s = &out->shipment;
    struct od_read_mask mask = od_read_shape(r, &update_shape, v, root, s, NULL);
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (mask.nulls >> i & 1 && strcmp(e->fields[i].name, "status") != 0)
            *(struct od_str *)((char *)s + e->fields[i].offset) = OD_STR("");
    }
}

/* Units that leave although they were cancelled may be others', so nobody else may sell them
 * meanwhile. */
static void want_create(const struct od_command *c, struct od_wants *w)
{
    w->stock_of_order = true;
    w->lock_stock = w->lock_stock || c->handed_over;
}

static const struct od_service create_shipment_services[] = {
    {"create_shipment", "create_shipment", OD_COMMAND_CREATE_SHIPMENT, OD_LEAD_NONE, NULL,
     OD_TABLE_OPTIONAL},
    {0},
};

const struct od_command_kind od_create_shipment = {
    .name = "create_shipment",
    .permission = "shipments.manage",
    .alias = "shipments",
    .route = {"POST", "/api/orders/:id/shipments"},
    .body_optional = true,
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_SHIPMENT,
    .summary = "Ship units of an order",
    .body = body_create,
    .shape = &create_shape,
    .decide = od_step_create_shipment,
    .emits = OD_EMITS(SHIPMENT_CREATED) | OD_EMITS(SHIPMENT_DELIVERED),
    .want = want_create,
    .is_step = true,
    .question = OD_ASK_ORDER_SHIP,
    .services = create_shipment_services,
    .actions = od_create_shipment_actions,
    .moves = od_create_shipment_moves,
    .move_names = od_create_shipment_move_names,
    .odd = od_create_shipment_odd,
};

static const struct od_command_member shipment_member = {
    .name = "shipmentId",
    .field = "shipment_id",
    .part = "shipment",
    .offset = offsetof(struct od_command, shipment.shipment_id),
};

static const struct od_service update_shipment_services[] = {
    {"update_shipment", "update_shipment", OD_COMMAND_UPDATE_SHIPMENT, OD_LEAD_MEMBER, NULL,
     OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_update_shipment = {
    .name = "update_shipment",
    .permission = "shipments.manage",
    .route = {"PATCH", "/api/orders/:id/shipments/:shipmentId"},
    .member = &shipment_member,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_SHIPMENT,
    .summary = "Track, deliver or cancel a shipment",
    .body = body_update,
    .shape = &update_shape,
    .decide = decide_update,
    .emits =
        OD_EMITS(SHIPMENT_UPDATED) | OD_EMITS(SHIPMENT_DELIVERED) | OD_EMITS(SHIPMENT_CANCELED),
    .want = od_want_stock_of_order,
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = update_shipment_services,
    .actions = od_update_shipment_actions,
    .moves = od_update_shipment_moves,
    .move_names = od_update_shipment_move_names,
};
