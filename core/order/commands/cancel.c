#include "order/amounts/amounts.h"
#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/moves.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/* CANCEL: what is not shipped, or some of it, goes back to stock, once. */

static void pick_open(const struct od_order *o, struct od_picked *p)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        int32_t open = od_item_open(&o->items[i]);
        if (open > 0)
            p->units[p->count++] = (struct od_units){o->items[i].order_item_id, open};
    }
}

/* The units named, or all that are open. */
static int pick(struct od_step *step, struct od_picked *p)
{
    if (od_step_pick(step, od_item_open, "cancelled", p) != 0)
        return -1;
    if (step->c->unit_count == 0)
        pick_open(step->order, p);
    return 0;
}

/* Nothing is left of the order when they are cancelled, and nothing of it has left. */
static bool is_all(const struct od_order *o, const struct od_picked *p)
{
    int64_t picked = 0, open = 0, shipped = 0;
    for (uint32_t i = 0; i < p->count; i++)
        picked += p->units[i].qty;
    for (uint32_t i = 0; i < o->item_count; i++) {
        open += od_item_open(&o->items[i]);
        shipped += o->items[i].qty_shipped;
    }
    return picked == open && shipped == 0;
}

static int ask_cancel(struct od_step *step, const struct od_picked *some)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    request.reason = step->c->text;
    request.units = some ? some->units : NULL;
    request.unit_count = some ? some->count : 0;
    return od_step_allowed(step, OD_ASK_ORDER_CANCEL, &request, &answer);
}

static int release(struct od_step *step, const struct od_picked *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        const struct od_item *it = od_order_item(step->order, p->units[i].order_item_id);
        if (od_step_move_stock(step, it, 0, -p->units[i].qty) != 0)
            return -1;
    }
    return 0;
}

static int decide(struct od_step *step)
{
    struct od_picked p;
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "already_canceled",
                              "The order is cancelled already");
    if (step->c->text.len > OD_REASON_MAX)
        return od_step_invalid(step, "too_long", "/reason", "Must be at most %d bytes",
                               OD_REASON_MAX);
    if (pick(step, &p) != 0)
        return -1;
    bool whole = step->c->unit_count == 0 || is_all(step->order, &p);
    if (ask_cancel(step, whole ? NULL : &p) != 0)
        return -1;

    struct od_event e =
        od_step_event(step, whole ? OD_EVENT_ORDER_CANCELED : OD_EVENT_ITEMS_CANCELED);
    e.units = p.units;
    e.unit_count = p.count;
    e.amount = od_canceled_amount(step->order, p.units, p.count);
    e.reason = step->c->text.ptr ? step->c->text : step->reason;
    if (release(step, &p) != 0)
        return -1;
    return od_step_emit(step, &e, OD_SETTLE_PAYMENT | OD_SETTLE_SHIPMENT | OD_SETTLE_ORDER);
}

static void actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_CANCEL};
    od_action_try(l, &c, (struct od_action){0});
}

/* ---- moves */

enum { CANCEL_UNITS = 0, CANCEL };
static const struct od_move_name move_names[] = {{'u', "cancel units"}, {'x', "cancel"}, {0}};

static unsigned odd(const struct od_order *o)
{
    bool some = !o->canceled_at && od_units_sum(o, od_units_canceled) > 0;
    return some ? OD_ODD_UNITS_CANCELED : 0;
}

static void add_units(struct od_moves *m, const char *label, bool all)
{
    struct od_command *c = od_moves_add(m, CANCEL_UNITS, od_str_of(label));
    c->units = od_moves_pick(m, od_units_open, all, &c->unit_count);
}

/* All that are open of an order of which nothing has left would be the order. */
static void add_some(struct od_moves *m)
{
    const struct od_order *o = m->o;
    int32_t open = od_units_sum(o, od_units_open);
    if (o->canceled_at || !open || !od_moves_may(m, OD_ODD_UNITS_CANCELED))
        return;
    if (open > 1 && !od_units_sum(o, od_units_canceled))
        add_units(m, "cancel one", false);
    if (od_moves_parcels(o))
        add_units(m, "cancel what is open", true);
}

static void moves(struct od_moves *m)
{
    add_some(m);
    od_moves_add(m, CANCEL, OD_STR("cancel"));
}

static const struct od_service services[] = {
    {"cancel_order", "cancel", OD_COMMAND_CANCEL, OD_LEAD_OPTIONAL, "reason", OD_TABLE_OPTIONAL},
    {0},
};

const struct od_command_kind od_cancel = {
    .name = "cancel",
    .permission = "orders.cancel",
    .route = {"POST", "/api/orders/:id/cancel"},
    .body_optional = true,
    .summary = "Cancel an order, or units of it",
    .description =
        "Asks the order.cancel policy; exactly the units that were not shipped go back to "
        "stock. With items only those units are cancelled, and what they cost is taken off "
        "what is due; when they are all that is left of an order of which nothing was ever "
        "shipped, the order is cancelled.",
    .body = od_body_units_and_reason,
    .shape = &od_shape_units_and_reason,
    .decide = decide,
    .emits = OD_EMITS(ORDER_CANCELED) | OD_EMITS(ITEMS_CANCELED),
    .want = od_want_stock_of_order,
    .is_step = true,
    .question = OD_ASK_ORDER_CANCEL,
    .services = services,
    .actions = actions,
    .moves = moves,
    .move_names = move_names,
    .odd = odd,
};

/* ---- order.canceled, and items.canceled of some units: those that were released, and what they
 * come to */

static int read_units(struct od_event *e, struct od_json *data, struct od_arena *a,
                      struct od_err *err)
{
    return od_event_read_units(e, data, a, err) < 0 ? -1 : od_event_check_empty(data, err);
}

/* Events from before amounts were written have none: it is what the units come to. */
static int cancel_units(struct od_order *o, const struct od_event *e, struct od_err *err)
{
    int64_t amount = e->amount ? e->amount : od_canceled_amount(o, e->units, e->unit_count);

    if (o->canceled_at)
        return od_err_set(err, OD_ERR_INVALID, "the order is canceled already");
    for (uint32_t i = 0; i < e->unit_count; i++) {
        struct od_item *it;
        const struct od_units *u = &e->units[i];
        if (od_fold_item(o, u->order_item_id, u->qty, &it, err) < 0)
            return -1;
        if (u->qty > od_item_open(it))
            return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than are open",
                              u->qty, u->order_item_id);
        it->qty_canceled += u->qty;
        od_fold_touch(&it->dirty);
    }
    if (amount < 0)
        return od_err_set(err, OD_ERR_INVALID, "the amount is below zero");
    return od_fold_cancel_amount(o, amount, err);
}

static int fold_canceled(struct od_order *o, const struct od_event *e, struct od_arena *a,
                         struct od_err *err)
{
    (void)a;
    if (cancel_units(o, e, err) < 0)
        return -1;
    o->canceled_at = e->at;
    o->cancel_reason = e->reason;
    return 0;
}

static int fold_items_canceled(struct od_order *o, const struct od_event *e, struct od_arena *a,
                               struct od_err *err)
{
    (void)a;
    if (e->unit_count == 0)
        return od_err_set(err, OD_ERR_INVALID, "no units are canceled");
    return cancel_units(o, e, err);
}

/* A cancellation that nobody gave a reason for was recorded with the rule's. */
static struct od_str persons_reason(const struct od_event *e)
{
    struct od_str said = e->policy_reason;
    bool rules = said.ptr && od_str_starts_with(said, e->reason) &&
                 (said.len == e->reason.len || said.ptr[e->reason.len] == ';');
    return rules ? OD_STR_NONE : e->reason;
}

static enum od_asked asked(const struct od_past *past, struct od_policy_request *request)
{
    request->reason = persons_reason(past->e);
    if (past->e->type == OD_EVENT_ITEMS_CANCELED) {
        request->units = past->e->units;
        request->unit_count = past->e->unit_count;
    }
    return OD_ASKED;
}

const struct od_event_kind od_event_order_canceled = {
    .name = OD_STR_INIT("order.canceled"),
    .write = od_event_write_units,
    .read = read_units,
    .fold = fold_canceled,
    .question = OD_ASK_ORDER_CANCEL,
    .asked = asked,
    .folds_reason = true,
};

const struct od_event_kind od_event_items_canceled = {
    .name = OD_STR_INIT("items.canceled"),
    .write = od_event_write_units,
    .read = read_units,
    .fold = fold_items_canceled,
    .question = OD_ASK_ORDER_CANCEL,
    .asked = asked,
};
