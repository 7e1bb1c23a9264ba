#include "order/model_check_parts.h"

/* The commands that are tried in a state, each at its simplest. */

struct list {
    const struct od_model *m;
    const struct od_order *o;
    struct od_arena *arena;
    struct od_model_move *moves;
    size_t count, cap;
};

static const struct od_str names[OD_MODEL_COMPOSITE] = {
    [OD_MODEL_AUTHORIZE] = OD_STR_INIT("authorize"),
    [OD_MODEL_CAPTURE] = OD_STR_INIT("capture"),
    [OD_MODEL_VOID] = OD_STR_INIT("void"),
    [OD_MODEL_FAIL] = OD_STR_INIT("fail"),
    [OD_MODEL_SET_PAYMENT] = OD_STR_INIT("set payment"),
    [OD_MODEL_SHIP] = OD_STR_INIT("ship"),
    [OD_MODEL_DELIVER] = OD_STR_INIT("deliver"),
    [OD_MODEL_CANCEL_PARCEL] = OD_STR_INIT("cancel parcel"),
    [OD_MODEL_MOVE_PARCEL] = OD_STR_INIT("move parcel"),
    [OD_MODEL_SET_SHIPMENT] = OD_STR_INIT("set shipment"),
    [OD_MODEL_HOLD] = OD_STR_INIT("hold"),
    [OD_MODEL_RELEASE] = OD_STR_INIT("release"),
    [OD_MODEL_CANCEL] = OD_STR_INIT("cancel"),
};

const struct od_str *od_model_command_names(const struct od_model *m, uint32_t *count)
{
    uint32_t composites = m->composite_count;
    if (composites > OD_MODEL_COMMANDS_MAX - OD_MODEL_COMPOSITE)
        composites = OD_MODEL_COMMANDS_MAX - OD_MODEL_COMPOSITE;
    *count = OD_MODEL_COMPOSITE + composites;
    struct od_str *all = OD_NEW_ARRAY(m->arena, struct od_str, *count);
    for (uint32_t i = 0; i < OD_MODEL_COMPOSITE; i++)
        all[i] = names[i];
    for (uint32_t i = 0; i < composites; i++)
        all[OD_MODEL_COMPOSITE + i] = od_arena_str(m->arena, m->composites[i]);
    return all;
}

struct od_order *od_model_draft(struct od_arena *a)
{
    static const struct od_str skus[2] = {OD_STR_INIT("CHECK-A"), OD_STR_INIT("CHECK-B")};
    struct od_order *o = OD_NEW(a, struct od_order);
    struct od_address address = {.full_name = OD_STR("Ana Example"),
                                 .address1 = OD_STR("1 Example Street"),
                                 .city = OD_STR("Berlin"),
                                 .country = OD_STR("DE"),
                                 .postcode = OD_STR("10115"),
                                 .present = true};
    o->uuid.bytes[15] = 1;
    o->currency = OD_STR("EUR");
    o->customer_id = OD_STR("1");
    o->customer_email = OD_STR("ana@example.com");
    o->customer_full_name = OD_STR("Ana Example");
    o->payment_method = OD_STR("card");
    o->shipping_method = OD_STR("standard");
    o->sub_total = o->sub_total_incl_tax = o->grand_total = 4000;
    o->total_qty = 4;
    for (int i = 0; i < 2; i++) {
        o->addresses[i] = address;
        o->addresses[i].kind = i == OD_SHIPPING ? OD_STR("shipping") : OD_STR("billing");
    }
    o->item_count = 2;
    o->items = OD_NEW_ARRAY(a, struct od_item, 2);
    for (int32_t i = 0; i < 2; i++)
        o->items[i] = (struct od_item){.order_item_id = i + 1,
                                       .sku = skus[i],
                                       .name = skus[i],
                                       .qty = 2,
                                       .price = 1000,
                                       .final_price = 1000,
                                       .final_price_incl_tax = 1000,
                                       .sub_total = 2000,
                                       .total = 2000};
    return o;
}

static struct od_command *add(struct list *l, uint32_t command, struct od_str label,
                              enum od_command_type type)
{
    l->moves = od_arena_grow(l->arena, l->moves, l->count, &l->cap, sizeof *l->moves);
    struct od_model_move *move = &l->moves[l->count++];
    *move = (struct od_model_move){
        .command = command, .label = label, .c = {.type = type, .actor = OD_STR("check")}};
    return &move->c;
}

static void add_payment(struct list *l, enum od_model_command command, const char *label,
                        const char *type, int64_t amount)
{
    struct od_command *c = add(l, command, od_str_of(label), OD_COMMAND_PAYMENT);
    c->payment.type = od_str_of(type);
    c->payment.amount = amount;
}

static void add_payments(struct list *l)
{
    const struct od_order *o = l->o;
    if (o->amount_authorized <= o->amount_captured)
        add_payment(l, OD_MODEL_AUTHORIZE, "authorize", "authorize", 0);
    if (o->amount_captured == 0 && o->grand_total > 3)
        add_payment(l, OD_MODEL_CAPTURE, "capture part", "capture", o->grand_total / 4);
    add_payment(l, OD_MODEL_CAPTURE, o->amount_captured ? "capture the rest" : "capture", "capture",
                0);
    add_payment(l, OD_MODEL_VOID, "void", "void", 0);
    add_payment(l, OD_MODEL_FAIL, "fail", "fail", 0);
}

/* Only moves of the graph: that others are refused is what it is for. */
static void add_set(struct list *l, enum od_status_kind kind)
{
    bool pays = kind == OD_STATUS_PAYMENT;
    const struct od_status_set *set = &l->m->statuses->of[kind];
    struct od_str now = pays ? l->o->payment_status : l->o->shipment_status;
    for (uint32_t i = 0; i < set->count; i++) {
        struct od_str code = set->statuses[i].code;
        if (od_str_eq(code, now) || !od_status_can_move(set, now, code))
            continue;
        struct od_str label = od_arena_printf(l->arena, "set %s %.*s",
                                              pays ? "payment" : "shipment", OD_STR_ARG(code));
        struct od_command *c =
            add(l, pays ? OD_MODEL_SET_PAYMENT : OD_MODEL_SET_SHIPMENT, label, OD_COMMAND_PATCH);
        *(pays ? &c->payment_status : &c->shipment_status) = code;
    }
}

static int32_t open_units(const struct od_order *o)
{
    int32_t open = 0;
    for (uint32_t i = 0; i < o->item_count; i++)
        open += od_item_open(&o->items[i]);
    return open;
}

static uint32_t live_parcels(const struct od_order *o)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->shipment_count; i++)
        n += o->shipments[i].canceled_at == 0;
    return n;
}

/* One unit where nothing is shipped, so that an order has two parcels at most. */
static void add_ship(struct list *l)
{
    if (l->o->item_count && !live_parcels(l->o)) {
        struct od_command *c =
            add(l, OD_MODEL_SHIP, OD_STR("ship one"), OD_COMMAND_CREATE_SHIPMENT);
        c->shipment.item_count = 1;
        c->shipment.items = OD_NEW(l->arena, struct od_shipment_item);
        *c->shipment.items = (struct od_shipment_item){.order_item_id = 1, .qty = 1};
    }
    add(l, OD_MODEL_SHIP, live_parcels(l->o) ? OD_STR("ship the rest") : OD_STR("ship"),
        OD_COMMAND_CREATE_SHIPMENT);
}

static void move_parcel(struct list *l, enum od_model_command command, const struct od_shipment *s,
                        struct od_str code)
{
    struct od_str name = command == OD_MODEL_MOVE_PARCEL ? code : names[command];
    if (command == OD_MODEL_CANCEL_PARCEL)
        name = OD_STR("cancel");
    struct od_command *c = add(
        l, command, od_arena_printf(l->arena, "%.*s parcel %d", OD_STR_ARG(name), s->shipment_id),
        OD_COMMAND_UPDATE_SHIPMENT);
    c->shipment.shipment_id = s->shipment_id;
    c->shipment.status = code;
}

/* Towards the first status of the phase that the graph has from here. */
static bool move_to_phase(struct list *l, enum od_model_command command,
                          const struct od_shipment *s, const char *phase)
{
    const struct od_status_set *set = &l->m->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < set->count; i++) {
        struct od_str code = set->statuses[i].code;
        if (!od_str_is(set->statuses[i].phase, phase) || od_str_eq(code, s->status) ||
            !od_status_can_move(set, s->status, code))
            continue;
        move_parcel(l, command, s, code);
        return true;
    }
    return false;
}

/* Where delivered is more than one move away, each move. */
static void add_parcels(struct list *l)
{
    const struct od_status_set *set = &l->m->statuses->of[OD_STATUS_SHIPMENT];
    for (uint32_t i = 0; i < l->o->shipment_count; i++) {
        const struct od_shipment *s = &l->o->shipments[i];
        if (s->delivered_at || s->canceled_at)
            continue;
        move_to_phase(l, OD_MODEL_CANCEL_PARCEL, s, "canceled");
        if (move_to_phase(l, OD_MODEL_DELIVER, s, "delivered"))
            continue;
        for (uint32_t k = 0; k < set->count; k++) {
            const struct od_status *to = &set->statuses[k];
            if (!od_str_eq(to->code, s->status) && !od_str_is(to->phase, "canceled") &&
                od_status_can_move(set, s->status, to->code))
                move_parcel(l, OD_MODEL_MOVE_PARCEL, s, to->code);
        }
    }
}

static void add_holds(struct list *l)
{
    if (!od_order_hold(l->o, OD_STR("manual")))
        add(l, OD_MODEL_HOLD, OD_STR("hold"), OD_COMMAND_HOLD);
    for (uint32_t i = 0; i < l->o->hold_count; i++) {
        const struct od_hold *h = &l->o->holds[i];
        if (h->dirty == OD_DIRTY_DELETED)
            continue;
        bool manual = od_str_is(h->handle, "manual");
        struct od_str label =
            manual ? OD_STR("release")
                   : od_arena_printf(l->arena, "release %.*s", OD_STR_ARG(h->handle));
        add(l, OD_MODEL_RELEASE, label, OD_COMMAND_RELEASE)->hold.handle = h->handle;
    }
}

static bool paid_or_unpaid(const struct od_order *o)
{
    return o->payment_count == 0 || o->amount_captured >= o->grand_total;
}

static bool shipped_or_not(const struct od_order *o)
{
    return live_parcels(o) == 0 || open_units(o) == 0;
}

struct od_model_move *od_model_moves(const struct od_model *m, const struct od_order *o,
                                     bool all_by_hand, struct od_arena *a, size_t *count)
{
    struct list l = {.m = m, .o = o, .arena = a};
    add_payments(&l);
    if (all_by_hand || paid_or_unpaid(o))
        add_set(&l, OD_STATUS_PAYMENT);
    add_ship(&l);
    add_parcels(&l);
    if (all_by_hand || shipped_or_not(o))
        add_set(&l, OD_STATUS_SHIPMENT);
    add_holds(&l);
    add(&l, OD_MODEL_CANCEL, names[OD_MODEL_CANCEL], OD_COMMAND_CANCEL);
    for (uint32_t i = 0; OD_MODEL_COMPOSITE + i < m->report->command_count; i++)
        add(&l, OD_MODEL_COMPOSITE + i, m->composites[i], OD_COMMAND_COMPOSITE)->name =
            m->composites[i];
    *count = l.count;
    return l.moves;
}
