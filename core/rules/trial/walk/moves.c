#include "order/machine/command_kind.h"
#include "rules/trial/walk/walk.h"

/* The commands that are tried in a state, as their rows say, and what they go by. */

/* How many names the rows have before those of the type; composites come last. */
static uint32_t names_before(enum od_command_type type)
{
    uint32_t n = 0;
    for (int t = 0; t < OD_COMMAND_TYPES; t++) {
        const struct od_move_name *name = od_command_kinds[t]->move_names;
        for (; name && name->name && (t < (int)type || type == OD_COMMAND_COMPOSITE); name++)
            n++;
    }
    return n;
}

void od_model_name_commands(struct od_model *m)
{
    uint32_t own = names_before(OD_COMMAND_COMPOSITE), n = 0;
    uint32_t composites = m->composite_count;
    if (composites > OD_MODEL_COMMANDS_MAX - own)
        composites = OD_MODEL_COMMANDS_MAX - own;
    m->report->command_count = own + composites;
    struct od_str *names = OD_NEW_ARRAY(m->arena, struct od_str, own + composites);
    char *letters = od_arena_alloc(m->arena, own + composites + 1);
    for (int t = 0; t < OD_COMMAND_TYPES; t++) {
        const struct od_move_name *name = od_command_kinds[t]->move_names;
        for (; name && name->name; name++, n++) {
            names[n] = od_str_of(name->name);
            letters[n] = name->letter;
        }
    }
    for (uint32_t i = 0; i < composites; i++, n++) {
        names[n] = od_arena_str(m->arena, m->composites[i]);
        letters[n] = i < 9 ? (char)('1' + i) : '*';
    }
    letters[n] = '\0';
    m->report->commands = names;
    m->report->letters = letters;
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

unsigned od_model_odd(const struct od_order *o)
{
    unsigned odd = 0;
    for (int t = 0; t < OD_COMMAND_TYPES; t++) {
        if (od_command_kinds[t]->odd)
            odd |= od_command_kinds[t]->odd(o);
    }
    return odd;
}

struct od_move *od_model_moves(const struct od_model *m, const struct od_model_state *s, bool whole,
                               struct od_arena *a, size_t *count)
{
    uint32_t own = names_before(OD_COMMAND_COMPOSITE);
    struct od_moves l = {
        .o = s->order,
        .statuses = m->statuses,
        .composites = m->composites,
        .composite_count = m->report->command_count - own,
        .arena = a,
        .whole = whole,
        .odd = s->odd,
    };
    for (enum od_command_type type = 0; type < OD_COMMAND_TYPES; type++) {
        if (!od_command_kinds[type]->moves)
            continue;
        l.type = type;
        l.first = names_before(type);
        od_command_kinds[type]->moves(&l);
    }
    *count = l.count;
    return l.list;
}
