#include "order/commands/return/return.h"

/* How the commands on returns are tried. */

/* Everything that left, did not come back and is not announced yet; without any, the first line, to
 * be told why not. */
void od_create_return_actions(struct od_action_list *l)
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

void od_update_return_actions(struct od_action_list *l)
{
    static const struct od_str steps[] = {OD_STR_INIT("approved"), OD_STR_INIT("rejected"),
                                          OD_STR_INIT("received"), OD_STR_INIT("refunded"),
                                          OD_STR_INIT("canceled")};
    const struct od_order *o = l->order;
    for (size_t i = 0; i < o->return_count * (sizeof steps / sizeof *steps); i++) {
        struct od_str to = steps[i % (sizeof steps / sizeof *steps)];
        int32_t id = o->returns[i / (sizeof steps / sizeof *steps)].return_id;
        struct od_command c = {.type = OD_COMMAND_UPDATE_RETURN,
                               .ret = {.return_id = id, .status = to}};
        od_action_try(l, &c, (struct od_action){.return_id = id, .to = to});
    }
}

/* Any order but this one will do. */
void od_exchange_actions(struct od_action_list *l)
{
    for (uint32_t i = 0; i < l->order->return_count; i++) {
        const struct od_return *r = &l->order->returns[i];
        struct od_command c = {
            .type = OD_COMMAND_EXCHANGE,
            .ret = {.return_id = r->return_id,
                    .exchange_uuid = od_uuid_v5(&l->order->uuid, r->return_number)}};
        od_action_try(l, &c, (struct od_action){.return_id = r->return_id});
    }
}

/* ---- moves */

const struct od_move_name od_create_return_move_names[] = {{'e', "announce return"}, {0}};

unsigned od_create_return_odd(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (o->items[i].qty_returned > 0)
            return OD_ODD_RETURNED;
    }
    return o->return_count > 0 ? OD_ODD_RETURNED : 0;
}

static void announce(struct od_moves *m, const char *label, bool all)
{
    uint32_t count;
    const struct od_units *units = od_moves_pick(m, od_units_out, all, &count);
    struct od_command *c = od_moves_add(m, 0, od_str_of(label));
    c->ret.item_count = count;
    c->ret.items = OD_NEW_ARRAY(m->arena, struct od_return_item, count + 1);
    for (uint32_t i = 0; i < count; i++)
        c->ret.items[i] =
            (struct od_return_item){.order_item_id = units[i].order_item_id, .qty = units[i].qty};
}

/* Once in a life. */
void od_create_return_moves(struct od_moves *m)
{
    int32_t out = od_units_sum(m->o, od_units_out);
    if (!out || (m->o->return_count && !m->whole) || !od_moves_may(m, OD_ODD_RETURNED))
        return;
    if (out > 1)
        announce(m, "announce return of one", false);
    announce(m, "announce return", true);
}

enum { ANSWER = 0, RECEIVE };
const struct od_move_name od_update_return_move_names[] = {
    {'w', "answer return"}, {'q', "receive"}, {0}};

static void add_step(struct od_moves *m, uint32_t name, const struct od_return *r, const char *verb,
                     const char *status)
{
    struct od_str label = od_arena_printf(m->arena, "%s return %d", verb, r->return_id);
    struct od_command *c = od_moves_add(m, name, label);
    c->ret.return_id = r->return_id;
    c->ret.status = od_str_of(status);
}

void od_update_return_moves(struct od_moves *m)
{
    for (uint32_t i = 0; i < m->o->return_count; i++) {
        const struct od_return *r = &m->o->returns[i];
        if (od_str_is(r->status, "requested"))
            add_step(m, ANSWER, r, "approve", "approved");
        if (od_return_is_open(r)) {
            add_step(m, ANSWER, r, "reject", "rejected");
            add_step(m, RECEIVE, r, "receive", "received");
        }
        if (od_str_is(r->status, "received") && m->o->refund_count > 0)
            add_step(m, ANSWER, r, "refunded", "refunded");
    }
}

const struct od_move_name od_exchange_move_names[] = {{'j', "exchange"}, {0}};

void od_exchange_moves(struct od_moves *m)
{
    for (uint32_t i = 0; i < m->o->return_count; i++) {
        const struct od_return *r = &m->o->returns[i];
        if (!od_str_is(r->status, "received") && !od_str_is(r->status, "approved"))
            continue;
        struct od_str label = od_arena_printf(m->arena, "exchange return %d", r->return_id);
        struct od_command *c = od_moves_add(m, 0, label);
        c->ret.return_id = r->return_id;
        c->ret.exchange_uuid.bytes[15] = 2; /* any order but this one */
    }
}
