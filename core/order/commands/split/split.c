#include "order/commands/split/split.h"

#include "order/amounts/account.h"
#include "order/commands/change/change.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/moves.h"
#include "order/machine/step.h"

/* SPLIT: units that have not left become an order of their own, with what they cost and what is
 * paid of it. The decision makes that order's draft; the engine places it in the same transaction.
 */

static int check_order(struct od_step *step)
{
    const struct od_change *open = od_order_proposed(step->order);
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (step->d->made)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "split_repeated",
                              "One request makes one order of another; send two");
    if (open)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "change_proposed",
                              "Change %d is proposed; confirm or discard it first",
                              open->change_id);
    return 0;
}

/* Units that are neither shipped nor cancelled, and whose price has not gone back. */
static int32_t splittable(const struct od_item *it)
{
    int32_t open = od_item_open(it), paid = it->qty - it->qty_refunded;
    return open < paid ? open : paid;
}

static int pick(struct od_step *step, struct od_picked *p)
{
    if (step->c->unit_count == 0)
        return od_step_invalid(step, "no_items", "/items", "Name the units to split off");
    return od_step_pick(step, splittable,
                        "split off: the others are shipped, cancelled or refunded", p);
}

static int64_t live_units(const struct od_order *o)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < o->item_count; i++)
        n += o->items[i].qty - o->items[i].qty_canceled;
    return n;
}

/* Amounts that are on record stay with the order, so what is left must bear them. */
static int check_cut(struct od_step *step, const struct od_cut *cut)
{
    int64_t due = cut->rest->grand_total - cut->rest->amount_canceled;
    if (live_units(cut->rest) == 0)
        return od_step_invalid(step, "nothing_left", "/items",
                               "A split leaves at least one unit that is not cancelled");
    if (cut->made->grand_total < 0 || due < 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "split_below_canceled",
                              "What stays would cost less than what is cancelled of it");
    if (due < od_order_invoiced_due(step->order))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "already_invoiced",
                              "What stays would cost less than what is invoiced; an invoice cannot "
                              "be cut in two");
    return 0;
}

static int ask_split(struct od_step *step, const struct od_picked *p)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (!od_step_answered(step, OD_ASK_ORDER_SPLIT))
        return 0;
    request.reason = step->c->text;
    request.units = p->units;
    request.unit_count = p->count;
    return od_step_allowed(step, OD_ASK_ORDER_SPLIT, &request, &answer);
}

static int decide(struct od_step *step)
{
    struct od_arena *a = step->env->arena;
    struct od_split *split = OD_NEW(a, struct od_split);
    struct od_picked p = {0};
    if (check_order(step) != 0 || pick(step, &p) != 0)
        return -1;
    struct od_cut cut = od_split_cut(step->order, p.units, p.count, a);
    if (check_cut(step, &cut) != 0 || ask_split(step, &p) != 0)
        return -1;
    cut.made->uuid = od_uuid_v7(step->env->now);
    *split = (struct od_split){cut.made->uuid, cut.moved, cut.moved_count};
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_SPLIT);
    e.split = split;
    e.units = p.units;
    e.unit_count = p.count;
    e.amount = cut.made->grand_total;
    e.patch = od_change_patch(step->order, cut.rest, a);
    e.reason = step->c->text;
    step->d->made = cut.made;
    return od_step_emit(step, &e, OD_SETTLE_PAYMENT | OD_SETTLE_SHIPMENT | OD_SETTLE_ORDER);
}

/* ---- the body */

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    od_body_units_and_reason(r, v, root, out);
    od_body_require(r, v, root, "items");
}

/* ---- how it is tried: one unit of the first line that has one to give */

static const struct od_item *first_line(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (splittable(&o->items[i]) > 0)
            return &o->items[i];
    }
    return NULL;
}

static void actions(struct od_action_list *l)
{
    const struct od_item *it = first_line(l->order);
    struct od_units one = {it ? it->order_item_id : 1, 1};
    struct od_command c = {.type = OD_COMMAND_SPLIT, .units = &one, .unit_count = 1};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_move_name move_names[] = {{'/', "split"}, {0}};

static void moves(struct od_moves *m)
{
    const struct od_item *it = first_line(m->o);
    struct od_units *one = OD_NEW(m->arena, struct od_units);
    if (!it || m->o->canceled_at || live_units(m->o) < 2 || !od_moves_may(m, OD_ODD_SPLIT))
        return;
    *one = (struct od_units){it->order_item_id, 1};
    struct od_command *c = od_moves_add(m, 0, OD_STR("split"));
    c->units = one;
    c->unit_count = 1;
}

static const struct od_service services[] = {
    {"split_order", NULL, OD_COMMAND_SPLIT, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_split = {
    .name = "split",
    .permission = "orders.edit",
    .makes_order = true,
    .route = {"POST", "/api/orders/:id/split"},
    .creates = true,
    .summary = "Split an order in two",
    .description =
        "The units become an order of their own, which the answer is; its splitOf is this one's "
        "uuid. Amounts, discounts, the shipping fee and what is paid are shared to the minor unit, "
        "reserved stock goes along, and what holds the order holds both. Both orders change or "
        "neither; If-Match is about this one. Asks the order.split policy, where there is one. "
        "Units that are shipped, cancelled or refunded stay, and so does what is invoiced.",
    .body = body,
    .shape = &od_shape_units_and_reason,
    .decide = decide,
    .emits = OD_EMITS(ORDER_SPLIT),
    .question = OD_ASK_ORDER_SPLIT,
    .services = services,
    .actions = actions,
    .moves = moves,
    .move_names = move_names,
};
