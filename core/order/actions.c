#include "order/actions.h"

#include "base/json.h"
#include "order/fields.h"

struct list {
    const struct od_decide_env *env;
    const struct od_order *order; /* what each command is tried on a clone of */
    struct od_str actor;
    struct od_action *actions;
    size_t count, cap;
};

/* The label of a question's answer among the policies an event names. */
static struct od_str find_label(struct od_str policies, struct od_str question)
{
    struct od_str label;
    while (od_str_cut(&policies, ' ', &label)) {
        if (od_str_starts_with(label, question) &&
            (label.len == question.len || label.ptr[question.len] == '@'))
            return label;
    }
    return OD_STR_NONE;
}

/* Who decides whether a command may be given, apart from orderd itself. */
static struct od_str deciding_question(const struct list *l, const struct od_command *c)
{
    switch (c->type) {
    case OD_COMMAND_CANCEL:
        return od_question_name(OD_ASK_ORDER_CANCEL);
    case OD_COMMAND_CREATE_SHIPMENT:
        return od_question_name(OD_ASK_ORDER_SHIP);
    case OD_COMMAND_PATCH:
        return od_question_name(OD_ASK_ORDER_UPDATE);
    case OD_COMMAND_COMPOSITE:
        return od_arena_printf(l->env->arena, "command.%.*s", OD_STR_ARG(c->name));
    case OD_COMMAND_PLACE:
    case OD_COMMAND_PAYMENT:
    case OD_COMMAND_UPDATE_SHIPMENT:
    case OD_COMMAND_HOLD:
    case OD_COMMAND_RELEASE:
    case OD_COMMAND_ADD_ACTIVITY:
    case OD_COMMAND_SET_INVENTORY:
    case OD_COMMAND_MIGRATE_STATUS:
    case OD_COMMAND_TYPES:
        break;
    }
    return OD_STR_NONE;
}

static void note_allowed(const struct list *l, const struct od_command *c,
                         const struct od_decision *d, struct od_action *a)
{
    struct od_str question = deciding_question(l, c);
    a->allowed = true;
    a->status = d->order->status;
    a->payment_status = d->order->payment_status;
    a->shipment_status = d->order->shipment_status;
    if (!question.ptr || d->event_count == 0)
        return;
    a->policy = find_label(d->events[0].policy, question);
    if (a->policy.ptr)
        a->reason = d->events[0].reason;
}

/* As oms.run names them (README of scripts/). */
static const char *name_of(enum od_command_type type)
{
    return type == OD_COMMAND_ADD_ACTIVITY ? "activity" : od_command_name(type);
}

static void try(struct list *l, struct od_command *c, struct od_action a)
{
    struct od_decision d = {.env = l->env, .order = od_order_clone(l->env->arena, l->order)};
    c->actor = l->actor;
    a.is_composite = c->type == OD_COMMAND_COMPOSITE;
    a.command = a.is_composite ? c->name : od_str_of(name_of(c->type));
    od_decide(&d, c, true);
    if (d.verdict == OD_VERDICT_DONE) {
        note_allowed(l, c, &d, &a);
    } else {
        a.code = d.refusal.code;
        a.reason = d.refusal.detail;
        a.policy = d.refusal.policy;
    }
    l->actions =
        od_arena_grow(l->env->arena, l->actions, l->count, &l->cap, sizeof(struct od_action));
    l->actions[l->count++] = a;
}

static void try_payments(struct list *l)
{
    static const struct od_str types[] = {OD_STR_INIT("authorize"), OD_STR_INIT("capture"),
                                          OD_STR_INIT("void"), OD_STR_INIT("fail")};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct od_command c = {.type = OD_COMMAND_PAYMENT, .payment = {.type = types[i]}};
        try(l, &c, (struct od_action){.type = types[i]});
    }
}

static const struct od_status *status_in_phase(const struct list *l, const char *phase)
{
    const struct od_status_set *set = &l->env->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < set->count; i++) {
        if (od_str_is(set->statuses[i].phase, phase))
            return &set->statuses[i];
    }
    return NULL;
}

static void try_parcel(struct list *l, int32_t shipment_id, const char *phase)
{
    const struct od_status *end = status_in_phase(l, phase);
    if (!end)
        return;
    struct od_command c = {.type = OD_COMMAND_UPDATE_SHIPMENT,
                           .shipment = {.shipment_id = shipment_id, .status = end->code}};
    try(l, &c, (struct od_action){.shipment_id = shipment_id, .to = end->code});
}

static void try_shipments(struct list *l)
{
    struct od_command create = {.type = OD_COMMAND_CREATE_SHIPMENT};
    try(l, &create, (struct od_action){0});
    for (uint32_t i = 0; i < l->order->shipment_count; i++) {
        try_parcel(l, l->order->shipments[i].shipment_id, "delivered");
        try_parcel(l, l->order->shipments[i].shipment_id, "canceled");
    }
}

/* A handle that is free, so that the answer is about holding and not about the name. */
static void try_hold(struct list *l)
{
    struct od_command c = {.type = OD_COMMAND_HOLD, .hold = {.handle = OD_STR("manual")}};
    for (int i = 2; od_order_hold(l->order, c.hold.handle); i++)
        c.hold.handle = od_arena_printf(l->env->arena, "manual-%d", i);
    try(l, &c, (struct od_action){.handle = c.hold.handle});
}

static void try_releases(struct list *l)
{
    for (uint32_t i = 0; i < l->order->hold_count; i++) {
        const struct od_hold *h = &l->order->holds[i];
        struct od_command c = {.type = OD_COMMAND_RELEASE, .hold = {.handle = h->handle}};
        if (h->dirty != OD_DIRTY_DELETED)
            try(l, &c, (struct od_action){.handle = h->handle});
    }
}

/* Another text than the present one, for a change that is none would not be asked about. */
static struct od_str other_text(struct od_str now)
{
    return od_str_is(now, "-") ? OD_STR("--") : OD_STR("-");
}

static void try_patches(struct list *l)
{
    static const struct od_str addresses[] = {OD_STR_INIT("shippingAddress"),
                                              OD_STR_INIT("billingAddress")};
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    struct od_order *values = od_order_clone(l->env->arena, l->order);
    struct od_command note = {.type = OD_COMMAND_PATCH, .patch = {.values = values}};
    const struct od_field *field = od_entity_field(e, OD_STR("shipping_note"));
    values->shipping_note = other_text(values->shipping_note);
    note.patch.fields = UINT64_C(1) << (field - e->fields);
    try(l, &note, (struct od_action){.field = od_str_of(field->json)});
    for (int i = 0; i < 2; i++) {
        struct od_command move = {.type = OD_COMMAND_PATCH, .patch = {.values = values}};
        values->addresses[i].present = true;
        values->addresses[i].address2 = other_text(values->addresses[i].address2);
        move.patch.address[i] = true;
        try(l, &move, (struct od_action){.field = addresses[i]});
    }
}

/* Without the arguments it may need, so that failing says nothing about the script. */
static void try_composite(struct list *l, struct od_str name)
{
    struct od_command c = {.type = OD_COMMAND_COMPOSITE, .name = name};
    try(l, &c, (struct od_action){0});
    struct od_action *a = &l->actions[l->count - 1];
    if (!a->allowed && od_str_is(a->code, "policy_failed") &&
        od_str_starts_with(a->policy, OD_STR("command.")))
        a->code = OD_STR("needs_arguments");
}

struct od_action *od_order_actions(const struct od_decide_env *env, const struct od_order *o,
                                   struct od_str actor, const struct od_str *composites,
                                   uint32_t composite_count, uint32_t *count)
{
    struct list l = {.env = env, .order = o, .actor = actor};
    struct od_command cancel = {.type = OD_COMMAND_CANCEL};
    struct od_command activity = {.type = OD_COMMAND_ADD_ACTIVITY, .text = OD_STR("-")};
    try(&l, &cancel, (struct od_action){0});
    try_payments(&l);
    try_shipments(&l);
    try_hold(&l);
    try_releases(&l);
    try_patches(&l);
    try(&l, &activity, (struct od_action){0});
    struct od_decide_env trial = *env;
    trial.trial = true;
    l.env = &trial;
    for (uint32_t i = 0; i < composite_count; i++)
        try_composite(&l, composites[i]);
    *count = (uint32_t)l.count;
    return l.actions;
}

static void write_member(struct od_json_writer *w, const char *key, struct od_str value)
{
    od_jw_key(w, key);
    od_jw_str(w, value);
}

void od_action_write(struct od_json_writer *w, const struct od_action *a)
{
    od_jw_object(w);
    write_member(w, "command", a->command);
    od_jw_key(w, "composite");
    od_jw_bool(w, a->is_composite);
    write_member(w, "type", a->type);
    od_jw_key(w, "shipmentId");
    if (a->shipment_id)
        od_jw_i64(w, a->shipment_id);
    else
        od_jw_null(w);
    write_member(w, "to", a->to);
    write_member(w, "handle", a->handle);
    write_member(w, "field", a->field);
    od_jw_key(w, "allowed");
    od_jw_bool(w, a->allowed);
    write_member(w, "code", a->code);
    write_member(w, "reason", a->reason);
    write_member(w, "policy", a->policy);
    write_member(w, "status", a->status);
    write_member(w, "paymentStatus", a->payment_status);
    write_member(w, "shipmentStatus", a->shipment_status);
    od_jw_object_end(w);
}
