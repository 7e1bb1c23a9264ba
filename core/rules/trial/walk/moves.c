#include "rules/trial/walk/walk.h"

/* The commands that are tried in a state, each at its simplest. */

/* What is out of the ordinary meets each other thing that is: a pair is enough for rules to trip
 * over, as those of software mostly are. */
enum { ODD_MAX = 2 };

static const struct od_str names[OD_MODEL_COMPOSITE] = {
    [OD_MODEL_AUTHORIZE] = OD_STR_INIT("authorize"),
    [OD_MODEL_CAPTURE] = OD_STR_INIT("capture"),
    [OD_MODEL_VOID] = OD_STR_INIT("void"),
    [OD_MODEL_FAIL] = OD_STR_INIT("fail"),
    [OD_MODEL_REFUND] = OD_STR_INIT("refund"),
    [OD_MODEL_CHARGE_BACK] = OD_STR_INIT("charge back"),
    [OD_MODEL_INVOICE] = OD_STR_INIT("invoice"),
    [OD_MODEL_CREDIT] = OD_STR_INIT("credit invoice"),
    [OD_MODEL_SET_PAYMENT] = OD_STR_INIT("set payment"),
    [OD_MODEL_SHIP] = OD_STR_INIT("ship"),
    [OD_MODEL_HAND_OVER] = OD_STR_INIT("hand over"),
    [OD_MODEL_DELIVER] = OD_STR_INIT("deliver"),
    [OD_MODEL_CANCEL_PARCEL] = OD_STR_INIT("cancel parcel"),
    [OD_MODEL_MOVE_PARCEL] = OD_STR_INIT("move parcel"),
    [OD_MODEL_SET_SHIPMENT] = OD_STR_INIT("set shipment"),
    [OD_MODEL_ANNOUNCE_RETURN] = OD_STR_INIT("announce return"),
    [OD_MODEL_ANSWER_RETURN] = OD_STR_INIT("answer return"),
    [OD_MODEL_RECEIVE] = OD_STR_INIT("receive"),
    [OD_MODEL_EXCHANGE] = OD_STR_INIT("exchange"),
    [OD_MODEL_PROPOSE] = OD_STR_INIT("propose change"),
    [OD_MODEL_CONFIRM] = OD_STR_INIT("confirm change"),
    [OD_MODEL_DISCARD] = OD_STR_INIT("discard change"),
    [OD_MODEL_HOLD] = OD_STR_INIT("hold"),
    [OD_MODEL_RELEASE] = OD_STR_INIT("release"),
    [OD_MODEL_CANCEL_UNITS] = OD_STR_INIT("cancel units"),
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

static unsigned count_bits(unsigned bits)
{
    unsigned n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

bool od_model_is_usual(unsigned odd)
{
    const unsigned by_hand = OD_MODEL_ODD_PAYMENT_SET | OD_MODEL_ODD_SHIPMENT_SET;
    bool alone = (odd & ~(by_hand | OD_MODEL_ODD_HELD)) == 0;
    return count_bits(odd) <= ODD_MAX && (alone || !(odd & by_hand));
}

bool od_model_may(const struct od_model_list *l, unsigned odd)
{
    return l->whole || od_model_is_usual(l->odd | odd);
}

struct od_command *od_model_add(struct od_model_list *l, uint32_t command, struct od_str label,
                                enum od_command_type type)
{
    l->moves = od_arena_grow(l->arena, l->moves, l->count, &l->cap, sizeof *l->moves);
    struct od_model_move *move = &l->moves[l->count++];
    *move = (struct od_model_move){
        .command = command, .label = label, .c = {.type = type, .actor = OD_STR("check")}};
    return &move->c;
}

/* Only moves of the graph: that others are refused is what it is for. */
static void add_set(struct od_model_list *l, enum od_status_kind kind)
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
        struct od_command *c = od_model_add(l, pays ? OD_MODEL_SET_PAYMENT : OD_MODEL_SET_SHIPMENT,
                                            label, OD_COMMAND_PATCH);
        *(pays ? &c->payment_status : &c->shipment_status) = code;
    }
}

static void add_holds(struct od_model_list *l)
{
    if (!od_order_hold(l->o, OD_STR("manual")) && od_model_may(l, OD_MODEL_ODD_HELD))
        od_model_add(l, OD_MODEL_HOLD, OD_STR("hold"), OD_COMMAND_HOLD);
    for (uint32_t i = 0; i < l->o->hold_count; i++) {
        const struct od_hold *h = &l->o->holds[i];
        if (h->dirty == OD_DIRTY_DELETED)
            continue;
        bool manual = od_str_is(h->handle, "manual");
        struct od_str label =
            manual ? OD_STR("release")
                   : od_arena_printf(l->arena, "release %.*s", OD_STR_ARG(h->handle));
        od_model_add(l, OD_MODEL_RELEASE, label, OD_COMMAND_RELEASE)->hold.handle = h->handle;
    }
}

/* One more or one less of the last line. */
static void add_proposal(struct od_model_list *l, const char *label, int32_t more)
{
    const struct od_item *it = &l->o->items[l->o->item_count - 1];
    struct od_change_request *change = OD_NEW(l->arena, struct od_change_request);
    change->line_count = 1;
    change->lines = OD_NEW(l->arena, struct od_change_line);
    *change->lines =
        (struct od_change_line){.order_item_id = it->order_item_id, .qty = it->qty + more};
    od_model_add(l, OD_MODEL_PROPOSE, od_str_of(label), OD_COMMAND_PROPOSE_CHANGE)->change = change;
}

/* Once in a life. */
static void add_changes(struct od_model_list *l)
{
    if (!l->o->change_count && l->o->item_count && od_model_may(l, OD_MODEL_ODD_CHANGED)) {
        add_proposal(l, "propose more", 1);
        add_proposal(l, "propose less", -1);
    }
    if (!od_order_proposed(l->o))
        return;
    od_model_add(l, OD_MODEL_CONFIRM, OD_STR("confirm"), OD_COMMAND_CONFIRM_CHANGE);
    od_model_add(l, OD_MODEL_DISCARD, OD_STR("discard"), OD_COMMAND_DISCARD_CHANGE);
}

static bool paid_or_unpaid(const struct od_order *o)
{
    return o->payment_count == 0 || o->amount_captured >= o->grand_total;
}

static bool shipped_or_not(const struct od_order *o)
{
    return od_model_live_parcels(o) == 0 || od_model_open_units(o) == 0;
}

struct od_model_move *od_model_moves(const struct od_model *m, const struct od_model_state *s,
                                     bool whole, struct od_arena *a, size_t *count)
{
    const struct od_order *o = s->order;
    struct od_model_list l = {.m = m, .o = o, .arena = a, .whole = whole, .odd = s->odd};
    od_model_add_money(&l);
    if ((whole || paid_or_unpaid(o)) && od_model_may(&l, OD_MODEL_ODD_PAYMENT_SET))
        add_set(&l, OD_STATUS_PAYMENT);
    od_model_add_goods(&l);
    if ((whole || shipped_or_not(o)) && od_model_may(&l, OD_MODEL_ODD_SHIPMENT_SET))
        add_set(&l, OD_STATUS_SHIPMENT);
    od_model_add_return(&l);
    add_changes(&l);
    add_holds(&l);
    od_model_add(&l, OD_MODEL_CANCEL, names[OD_MODEL_CANCEL], OD_COMMAND_CANCEL);
    for (uint32_t i = 0; OD_MODEL_COMPOSITE + i < m->report->command_count; i++)
        od_model_add(&l, OD_MODEL_COMPOSITE + i, m->composites[i], OD_COMMAND_COMPOSITE)->name =
            m->composites[i];
    *count = l.count;
    return l.moves;
}
