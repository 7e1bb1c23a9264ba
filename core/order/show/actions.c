#include "order/model/fields.h"
#include "order/show/actions_try.h"

static void try_payments(struct od_action_list *l)
{
    static const struct od_str types[] = {OD_STR_INIT("authorize"), OD_STR_INIT("capture"),
                                          OD_STR_INIT("void"),      OD_STR_INIT("fail"),
                                          OD_STR_INIT("refund"),    OD_STR_INIT("chargeback")};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct od_command c = {.type = OD_COMMAND_PAYMENT, .payment = {.type = types[i]}};
        od_action_try(l, &c, (struct od_action){.type = types[i]});
    }
}

static const struct od_status *status_in_phase(const struct od_action_list *l, const char *phase)
{
    const struct od_status_set *set = &l->env->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < set->count; i++) {
        if (od_str_is(set->statuses[i].phase, phase))
            return &set->statuses[i];
    }
    return NULL;
}

static void try_parcel(struct od_action_list *l, int32_t shipment_id, const char *phase)
{
    const struct od_status *end = status_in_phase(l, phase);
    if (!end)
        return;
    struct od_command c = {.type = OD_COMMAND_UPDATE_SHIPMENT,
                           .shipment = {.shipment_id = shipment_id, .status = end->code}};
    od_action_try(l, &c, (struct od_action){.shipment_id = shipment_id, .to = end->code});
}

static void try_shipments(struct od_action_list *l)
{
    struct od_command create = {.type = OD_COMMAND_CREATE_SHIPMENT};
    struct od_command track = {.type = OD_COMMAND_TRACK,
                               .shipment = {.tracking_number = OD_STR("-")}};
    od_action_try(l, &create, (struct od_action){0});
    od_action_try(l, &track, (struct od_action){0});
    for (uint32_t i = 0; i < l->order->shipment_count; i++) {
        try_parcel(l, l->order->shipments[i].shipment_id, "delivered");
        try_parcel(l, l->order->shipments[i].shipment_id, "canceled");
    }
}

/* Everything that left, did not come back and is not announced yet; without any, the first line, to
 * be told why not. */
static void try_return(struct od_action_list *l)
{
    const struct od_order *o = l->order;
    struct od_command c = {.type = OD_COMMAND_CREATE_RETURN};
    c.ret.items = OD_NEW_ARRAY(l->env->arena, struct od_return_item, o->item_count + 1);
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t qty = od_item_returnable(o, it);
        if (qty > 0)
            c.ret.items[c.ret.item_count++] =
                (struct od_return_item){.order_item_id = it->order_item_id, .qty = qty};
    }
    if (c.ret.item_count == 0)
        c.ret.items[c.ret.item_count++] = (struct od_return_item){
            .order_item_id = o->item_count ? o->items[0].order_item_id : 1, .qty = 1};
    od_action_try(l, &c, (struct od_action){0});
}

static void try_return_steps(struct od_action_list *l, const struct od_return *r)
{
    static const struct od_str steps[] = {OD_STR_INIT("approved"), OD_STR_INIT("rejected"),
                                          OD_STR_INIT("received"), OD_STR_INIT("refunded"),
                                          OD_STR_INIT("canceled")};
    /* Any order but this one will do. */
    const struct od_uuid other = od_uuid_v5(&l->order->uuid, r->return_number);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct od_command c = {.type = OD_COMMAND_UPDATE_RETURN,
                               .ret = {.return_id = r->return_id, .status = steps[i]}};
        od_action_try(l, &c, (struct od_action){.return_id = r->return_id, .to = steps[i]});
    }
    struct od_command exchange = {.type = OD_COMMAND_EXCHANGE,
                                  .ret = {.return_id = r->return_id, .exchange_uuid = other}};
    od_action_try(l, &exchange, (struct od_action){.return_id = r->return_id});
}

/* Money back and goods back. */
static void try_refunds(struct od_action_list *l)
{
    struct od_command invoice = {.type = OD_COMMAND_ISSUE_INVOICE};
    struct od_command credit = {.type = OD_COMMAND_CREDIT_INVOICE};
    struct od_command refund = {.type = OD_COMMAND_REFUND};
    od_action_try(l, &invoice, (struct od_action){0});
    od_action_try(l, &credit, (struct od_action){0});
    od_action_try(l, &refund, (struct od_action){0});
    try_return(l);
    for (uint32_t i = 0; i < l->order->return_count; i++)
        try_return_steps(l, &l->order->returns[i]);
}

/* A handle that is free, so that the answer is about holding and not about the name. */
static void try_hold(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_HOLD, .hold = {.handle = OD_STR("manual")}};
    for (int i = 2; od_order_hold(l->order, c.hold.handle); i++)
        c.hold.handle = od_arena_printf(l->env->arena, "manual-%d", i);
    od_action_try(l, &c, (struct od_action){.handle = c.hold.handle});
}

static void try_releases(struct od_action_list *l)
{
    for (uint32_t i = 0; i < l->order->hold_count; i++) {
        const struct od_hold *h = &l->order->holds[i];
        struct od_command c = {.type = OD_COMMAND_RELEASE, .hold = {.handle = h->handle}};
        if (h->dirty != OD_DIRTY_DELETED)
            od_action_try(l, &c, (struct od_action){.handle = h->handle});
    }
}

/* Another text than the present one, for a change that is none would not be asked about. */
static struct od_str other_text(struct od_str now)
{
    return od_str_is(now, "-") ? OD_STR("--") : OD_STR("-");
}

static void try_patches(struct od_action_list *l)
{
    static const struct od_str addresses[] = {OD_STR_INIT("shippingAddress"),
                                              OD_STR_INIT("billingAddress")};
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    struct od_order *values = od_order_clone(l->env->arena, l->order);
    struct od_command note = {.type = OD_COMMAND_PATCH, .patch = {.values = values}};
    const struct od_field *field = od_entity_field(e, OD_STR("shipping_note"));
    values->shipping_note = other_text(values->shipping_note);
    note.patch.fields = UINT64_C(1) << (field - e->fields);
    od_action_try(l, &note, (struct od_action){.field = od_str_of(field->json)});
    for (int i = 0; i < 2; i++) {
        struct od_command move = {.type = OD_COMMAND_PATCH, .patch = {.values = values}};
        values->addresses[i].present = true;
        values->addresses[i].address2 = other_text(values->addresses[i].address2);
        move.patch.address[i] = true;
        od_action_try(l, &move, (struct od_action){.field = addresses[i]});
    }
}

/* That of an address, which neither stock nor amounts stand in the way of; and the end of one that
 * is proposed. */
static void try_changes(struct od_action_list *l)
{
    struct od_change_request request = {0};
    struct od_command propose = {.type = OD_COMMAND_PROPOSE_CHANGE, .change = &request};
    struct od_command confirm = {.type = OD_COMMAND_CONFIRM_CHANGE};
    struct od_command discard = {.type = OD_COMMAND_DISCARD_CHANGE};
    const struct od_change *proposed = od_order_proposed(l->order);
    request.has_address[OD_SHIPPING] = true;
    request.addresses[OD_SHIPPING] = l->order->addresses[OD_SHIPPING];
    request.addresses[OD_SHIPPING].present = true;
    request.addresses[OD_SHIPPING].address2 = other_text(request.addresses[OD_SHIPPING].address2);
    od_action_try(l, &propose, (struct od_action){0});
    if (!proposed)
        return;
    confirm.change_id = discard.change_id = proposed->change_id;
    od_action_try(l, &confirm, (struct od_action){.change_id = proposed->change_id});
    od_action_try(l, &discard, (struct od_action){.change_id = proposed->change_id});
}

/* Without the arguments it may need, so that failing says nothing about the script. */
static void try_composite(struct od_action_list *l, struct od_str name)
{
    struct od_command c = {.type = OD_COMMAND_COMPOSITE, .name = name};
    od_action_try(l, &c, (struct od_action){0});
    struct od_action *a = &l->actions[l->count - 1];
    if (!a->allowed && od_str_is(a->code, "policy_failed") &&
        od_str_starts_with(a->policy, OD_STR("command.")))
        a->code = OD_STR("needs_arguments");
}

struct od_action *od_order_actions(const struct od_decide_env *env, const struct od_order *o,
                                   struct od_str actor, const struct od_str *composites,
                                   uint32_t composite_count, uint32_t *count)
{
    struct od_action_list l = {.env = env, .order = o, .actor = actor};
    struct od_command cancel = {.type = OD_COMMAND_CANCEL};
    struct od_command activity = {.type = OD_COMMAND_ADD_ACTIVITY, .text = OD_STR("-")};
    od_action_try(&l, &cancel, (struct od_action){0});
    try_payments(&l);
    try_shipments(&l);
    try_refunds(&l);
    try_hold(&l);
    try_releases(&l);
    try_patches(&l);
    try_changes(&l);
    od_action_try(&l, &activity, (struct od_action){0});
    struct od_decide_env trial = *env;
    trial.trial = true;
    l.env = &trial;
    for (uint32_t i = 0; i < composite_count; i++)
        try_composite(&l, composites[i]);
    *count = (uint32_t)l.count;
    return l.actions;
}
