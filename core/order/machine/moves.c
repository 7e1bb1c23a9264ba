#include "order/machine/moves.h"

/* Each kind of unusual event meets each other kind. Pairs are enough, because most faults of rules,
 * as of software, show with two things together. */
enum { ODD_MAX = 2 };

static unsigned count_bits(unsigned bits)
{
    unsigned n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

bool od_moves_are_usual(unsigned odd)
{
    const unsigned by_hand = OD_ODD_PAYMENT_SET | OD_ODD_SHIPMENT_SET;
    bool alone = (odd & ~(by_hand | OD_ODD_HELD)) == 0;
    return count_bits(odd) <= ODD_MAX && (alone || !(odd & by_hand));
}

bool od_moves_may(const struct od_moves *m, unsigned odd)
{
    return m->whole || od_moves_are_usual(m->odd | odd);
}

struct od_command *od_moves_add(struct od_moves *m, uint32_t name, struct od_str label)
{
    m->list = od_arena_grow(m->arena, m->list, m->count, &m->cap, sizeof *m->list);
    struct od_move *move = &m->list[m->count++];
    *move = (struct od_move){.command = m->first + name,
                             .label = label,
                             .c = {.type = m->type, .actor = OD_STR("check")}};
    return &move->c;
}

int32_t od_units_open(const struct od_item *it)
{
    return od_item_open(it);
}

int32_t od_units_canceled(const struct od_item *it)
{
    return it->qty_canceled;
}

int32_t od_units_out(const struct od_item *it)
{
    return it->qty_shipped - it->qty_returned;
}

int32_t od_units_sum(const struct od_order *o, od_counted *of)
{
    int32_t n = 0;
    for (uint32_t i = 0; i < o->item_count; i++)
        n += of(&o->items[i]);
    return n;
}

struct od_units *od_moves_pick(const struct od_moves *m, od_counted *of, bool all, uint32_t *count)
{
    struct od_units *units = OD_NEW_ARRAY(m->arena, struct od_units, m->o->item_count + 1);
    *count = 0;
    for (uint32_t i = 0; i < m->o->item_count && (all || !*count); i++) {
        const struct od_item *it = &m->o->items[i];
        int32_t qty = of(it);
        if (qty > 0)
            units[(*count)++] = (struct od_units){it->order_item_id, all ? qty : 1};
    }
    return units;
}

uint32_t od_moves_parcels(const struct od_order *o)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->shipment_count; i++)
        n += o->shipments[i].canceled_at == 0;
    return n;
}
