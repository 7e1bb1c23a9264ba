#include <stddef.h>
#include <stdio.h>

#include "order/commands/return/return.h"
#include "order/model/limits.h"

/* CREATE_RETURN, UPDATE_RETURN and EXCHANGE: goods that come back. No money moves here. */

static bool is(const struct od_return *r, const char *status)
{
    return od_str_is(r->status, status);
}

static bool named_before(const struct od_return *ret, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (ret->items[k].order_item_id == ret->items[i].order_item_id)
            return true;
    }
    return false;
}

/* Line i of the command's return is of an item of the order, and the only one. */
static int check_line(struct od_step *step, uint32_t i, const struct od_item **it)
{
    char pointer[48];
    int32_t id = step->c->ret.items[i].order_item_id;
    *it = od_order_item(step->order, id);
    snprintf(pointer, sizeof pointer, "/items/%u/orderItemId", i);
    if (!*it)
        return od_step_invalid(step, "unknown_item", pointer, "The order has no item %d", id);
    if (named_before(&step->c->ret, i))
        return od_step_invalid(step, "item_repeated", pointer, "Item %d is named twice", id);
    return 0;
}

/* 1 <= qty <= most, or INVALID at the line's qty; `what` may be done to most of them. */
static int check_qty(struct od_step *step, uint32_t i, int32_t qty, int32_t most, const char *what)
{
    char pointer[48];
    snprintf(pointer, sizeof pointer, "/items/%u/qty", i);
    if (qty < 1)
        return od_step_invalid(step, "bad_quantity", pointer, "Must be at least 1");
    if (qty > most)
        return od_step_invalid(step, "units_exceeded", pointer, "Only %d of item %d can be %s",
                               most > 0 ? most : 0, step->c->ret.items[i].order_item_id, what);
    return 0;
}

static int announce(struct od_step *step, struct od_return *r)
{
    const struct od_return *asked = &step->c->ret;
    const struct od_item *it;
    if (asked->item_count == 0)
        return od_step_invalid(step, "no_items", "/items", "A return needs at least one item");
    r->items = OD_NEW_ARRAY(step->env->arena, struct od_return_item, asked->item_count);
    for (; r->item_count < asked->item_count; r->item_count++) {
        const struct od_return_item *line = &asked->items[r->item_count];
        if (check_line(step, r->item_count, &it) != 0)
            return -1;
        if (check_qty(step, r->item_count, line->qty, od_item_returnable(step->order, it),
                      "returned") != 0)
            return -1;
        r->items[r->item_count] = (struct od_return_item){
            .return_id = r->return_id,
            .order_item_id = line->order_item_id,
            .qty = line->qty,
            .reason = line->reason,
        };
    }
    return 0;
}

static int ask_return(struct od_step *step, const struct od_return *r)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (!od_step_answered(step, OD_ASK_ORDER_RETURN))
        return 0;
    request.ret = r;
    request.reason = r->reason;
    return od_step_allowed(step, OD_ASK_ORDER_RETURN, &request, &answer);
}

/* reason: the person's, for the history. */
static int emit(struct od_step *step, enum od_event_type type, const struct od_return *r,
                struct od_str reason)
{
    unsigned arrived = type == OD_EVENT_RETURN_RECEIVED ? OD_SETTLE_SHIPMENT : OD_SETTLE_NONE;
    struct od_event e = od_step_event(step, type);
    e.ret = r;
    e.reason = reason;
    step->d->part_ids[OD_ENTITY_RETURN] = r->return_id;
    return od_step_emit(step, &e, arrived | OD_SETTLE_ORDER);
}

static int decide_create(struct od_step *step)
{
    const struct od_return *asked = &step->c->ret;
    const struct od_order *o = step->order;
    struct od_return *r = OD_NEW(step->env->arena, struct od_return);
    *r = (struct od_return){
        .return_id = (int32_t)o->return_count + 1,
        .status = asked->status.ptr ? asked->status : OD_STR("requested"),
        .reason = asked->reason,
        .note = asked->note,
        .created_at = step->at,
    };
    if (!od_return_is_open(r))
        return od_step_invalid(step, "bad_status", "/status", "Must be requested or approved");
    if (o->return_count >= OD_RETURNS_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d returns", OD_RETURNS_MAX);
    r->return_number =
        od_arena_printf(step->env->arena, "%.*s-R%d", OD_STR_ARG(o->order_number), r->return_id);
    if (announce(step, r) != 0 || ask_return(step, r) != 0)
        return -1;
    return emit(step, OD_EVENT_RETURN_REQUESTED, r, r->reason);
}

/* Units of an announced item that may still arrive. */
static int32_t awaited(const struct od_order *o, const struct od_return_item *ri)
{
    const struct od_item *it = od_order_item(o, ri->order_item_id);
    int32_t missing = ri->qty - ri->qty_received, out = od_item_out(it);
    return missing < out ? missing : out;
}

static const struct od_return_item *find(const struct od_return *r, int32_t order_item_id)
{
    for (uint32_t k = 0; k < r->item_count; k++) {
        if (r->items[k].order_item_id == order_item_id)
            return &r->items[k];
    }
    return NULL;
}

static void arrive(struct od_step *step, struct od_return *to, const struct od_return_item *now)
{
    const struct od_item *it = od_order_item(step->order, now->order_item_id);
    struct od_return_item *item = &to->items[to->item_count++];
    *item = (struct od_return_item){
        .return_id = to->return_id,
        .order_item_id = now->order_item_id,
        .qty_received = now->qty_received,
        .qty_restocked = it->stock_tracked ? now->qty_restocked : 0,
        .condition = now->condition,
    };
}

static void arrive_all(struct od_step *step, const struct od_return *now, struct od_return *to)
{
    for (uint32_t k = 0; k < now->item_count; k++) {
        int32_t qty = awaited(step->order, &now->items[k]);
        struct od_return_item item = {
            .order_item_id = now->items[k].order_item_id,
            .qty_received = qty,
            .qty_restocked = step->c->restock_all ? qty : 0,
        };
        if (qty > 0)
            arrive(step, to, &item);
    }
}

static int arrive_line(struct od_step *step, const struct od_return *now, struct od_return *to,
                       uint32_t i)
{
    char pointer[48];
    const struct od_return_item *line = &step->c->ret.items[i], *ri;
    const struct od_item *it;
    if (check_line(step, i, &it) != 0)
        return -1;
    ri = find(now, line->order_item_id);
    if (check_qty(step, i, line->qty_received, ri ? awaited(step->order, ri) : 0, "received") != 0)
        return -1;
    snprintf(pointer, sizeof pointer, "/items/%u/restock", i);
    if (line->qty_restocked < 0 || line->qty_restocked > line->qty_received)
        return od_step_invalid(step, "restock_exceeds_received", pointer,
                               "Only what is received, %d, can be restocked", line->qty_received);
    arrive(step, to, line);
    return 0;
}

static int restock(struct od_step *step, const struct od_return *r)
{
    for (uint32_t i = 0; i < r->item_count; i++) {
        const struct od_return_item *ri = &r->items[i];
        if (ri->qty_restocked > 0 &&
            od_step_move_stock(step, od_order_item(step->order, ri->order_item_id),
                               ri->qty_restocked, 0) != 0)
            return -1;
    }
    return 0;
}

/* `to` becomes what the event says: the units of this arrival. */
static int receive(struct od_step *step, const struct od_return *now, struct od_return *to)
{
    const struct od_return *asked = &step->c->ret;
    uint32_t most = asked->item_count > now->item_count ? asked->item_count : now->item_count;
    to->received_at = step->at;
    to->items = OD_NEW_ARRAY(step->env->arena, struct od_return_item, most);
    if (asked->item_count == 0)
        arrive_all(step, now, to);
    for (uint32_t i = 0; i < asked->item_count; i++) {
        if (arrive_line(step, now, to, i) != 0)
            return -1;
    }
    if (to->item_count == 0)
        return od_step_refuse(
            step, OD_VERDICT_CONFLICT, "nothing_to_receive",
            "No unit of return %d is still out: all have arrived, or their parcel "
            "was cancelled",
            now->return_id);
    return restock(step, to);
}

static int find_return(struct od_step *step, const struct od_return **r)
{
    *r = od_order_return(step->order, step->c->ret.return_id);
    if (!*r)
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "return_not_found",
                              "The order has no return %d", step->c->ret.return_id);
    return 0;
}

static const struct {
    const char *status;
    enum od_event_type type;
} steps[] = {
    {"approved", OD_EVENT_RETURN_APPROVED}, {"rejected", OD_EVENT_RETURN_REJECTED},
    {"canceled", OD_EVENT_RETURN_CANCELED}, {"received", OD_EVENT_RETURN_RECEIVED},
    {"refunded", OD_EVENT_RETURN_REFUNDED},
};

/* Which event makes a return so; OD_EVENT_TYPES when none does. */
static enum od_event_type move_return(struct od_str status)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (od_str_is(status, steps[i].status))
            return steps[i].type;
    }
    return OD_EVENT_TYPES;
}

static bool has_refund(const struct od_order *o, int32_t return_id)
{
    for (uint32_t i = 0; i < o->refund_count; i++) {
        if (o->refunds[i].return_id == return_id)
            return true;
    }
    return false;
}

/* Refunds that name no return, less the returns that some of them were said to be for. A gateway's
 * own refund comes without, and its credit memo is written. */
static int64_t unclaimed_refunds(const struct od_order *o)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < o->refund_count; i++)
        n += o->refunds[i].return_id == 0;
    for (uint32_t i = 0; i < o->return_count; i++)
        n -= is(&o->returns[i], "refunded") && !has_refund(o, o->returns[i].return_id);
    return n;
}

static bool may_become(const struct od_return *r, enum od_event_type type)
{
    if (type == OD_EVENT_RETURN_APPROVED)
        return is(r, "requested");
    if (type == OD_EVENT_RETURN_REFUNDED)
        return is(r, "received");
    return od_return_is_open(r) || (type == OD_EVENT_RETURN_RECEIVED && is(r, "received"));
}

static int check_step(struct od_step *step, const struct od_return *r, enum od_event_type type)
{
    if (type == OD_EVENT_RETURN_REFUNDED && is(r, "received") && unclaimed_refunds(step->order) < 1)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "return_not_refunded",
                              "No refund is left that could be for return %d; refund it with its "
                              "returnId, %d",
                              r->return_id, r->return_id);
    if (may_become(r, type))
        return 0;
    if (type == OD_EVENT_RETURN_REFUNDED && od_return_is_open(r))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "return_not_received",
                              "Return %d is %.*s; only one that is received can be refunded",
                              r->return_id, OD_STR_ARG(r->status));
    return od_step_refuse(step, OD_VERDICT_CONFLICT, "return_closed",
                          "Return %d is %.*s and can no longer be %.*s", r->return_id,
                          OD_STR_ARG(r->status), OD_STR_ARG(step->c->ret.status));
}

static int decide_update(struct od_step *step)
{
    const struct od_return *asked = &step->c->ret, *now;
    enum od_event_type type = move_return(asked->status);
    if (find_return(step, &now) != 0)
        return -1;
    if (type == OD_EVENT_TYPES)
        return od_step_invalid(step, "bad_status", "/status",
                               "Must be approved, rejected, canceled, received or refunded");
    step->d->part_ids[OD_ENTITY_RETURN] = now->return_id;
    /* Said again it changes nothing; what arrives again is more. */
    if (type != OD_EVENT_RETURN_RECEIVED && od_str_eq(now->status, asked->status) &&
        !asked->note.ptr)
        return 0;
    if (check_step(step, now, type) != 0)
        return -1;
    struct od_return *to = OD_NEW(step->env->arena, struct od_return);
    *to = (struct od_return){
        .return_id = now->return_id, .status = asked->status, .note = asked->note};
    if (type == OD_EVENT_RETURN_RECEIVED && receive(step, now, to) != 0)
        return -1;
    return emit(step, type, to, to->note);
}

static int decide_exchange(struct od_step *step)
{
    const struct od_return *asked = &step->c->ret, *now;
    if (find_return(step, &now) != 0)
        return -1;
    if (is(now, "exchanged"))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "already_exchanged",
                              "Return %d is exchanged already", now->return_id);
    if (!is(now, "received"))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "return_not_received",
                              "Return %d is %.*s; only one that is received can be exchanged",
                              now->return_id, OD_STR_ARG(now->status));
    if (od_uuid_is_zero(&asked->exchange_uuid))
        return od_step_invalid(step, "no_exchange", "/exchangeUuid",
                               "Must be the new order's UUID");
    struct od_return *to = OD_NEW(step->env->arena, struct od_return);
    *to = (struct od_return){.return_id = now->return_id,
                             .status = OD_STR("exchanged"),
                             .exchange_uuid = asked->exchange_uuid};
    return emit(step, OD_EVENT_RETURN_EXCHANGED, to, OD_STR_NONE);
}

static const struct od_service create_return_services[] = {
    {"create_return", "create_return", OD_COMMAND_CREATE_RETURN, OD_LEAD_NONE, NULL,
     OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_create_return = {
    .name = "create_return",
    .permission = "returns.manage",
    .alias = "returns",
    .route = {"POST", "/api/orders/:id/returns"},
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_RETURN,
    .summary = "Announce a return",
    .description =
        "Asks the order.return policy, where there is one. Of units that were shipped, did "
        "not come back and are not announced yet.",
    .body = od_return_body_create,
    .shape = &od_shape_return_create,
    .decide = decide_create,
    .emits = OD_EMITS(RETURN_REQUESTED),
    .is_step = true,
    .question = OD_ASK_ORDER_RETURN,
    .services = create_return_services,
    .actions = od_create_return_actions,
    .moves = od_create_return_moves,
    .move_names = od_create_return_move_names,
    .odd = od_create_return_odd,
};

static const struct od_command_member return_member = {
    .name = "returnId",
    .field = "return_id",
    .part = "return",
    .offset = offsetof(struct od_command, ret.return_id),
};

static const struct od_service update_return_services[] = {
    {"update_return", "update_return", OD_COMMAND_UPDATE_RETURN, OD_LEAD_MEMBER, NULL,
     OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_update_return = {
    .name = "update_return",
    .permission = "returns.manage",
    .route = {"PATCH", "/api/orders/:id/returns/:returnId"},
    .member = &return_member,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_RETURN,
    .summary = "Approve, reject, receive or cancel a return",
    .description =
        "received may be told several times, until all units are there. refunded: for one "
        "that is received and whose money went back in a refund that named no return, as "
        "those that a gateway reports; others become so by a refund with their returnId.",
    .body = od_return_body_update,
    .shape = &od_shape_return_update,
    .decide = decide_update,
    .emits = OD_EMITS(RETURN_APPROVED) | OD_EMITS(RETURN_REJECTED) | OD_EMITS(RETURN_CANCELED) |
             OD_EMITS(RETURN_RECEIVED) | OD_EMITS(RETURN_REFUNDED),
    .want = od_want_stock_of_order,
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = update_return_services,
    .actions = od_update_return_actions,
    .moves = od_update_return_moves,
    .move_names = od_update_return_move_names,
};

/* On the returned order: says which order is sent instead. It is no step, for it comes with that
 * order. */
const struct od_command_kind od_exchange = {
    .name = "exchange",
    .permission = "returns.manage",
    .together = true,
    .route = {"POST", "/api/orders/:id/returns/:returnId/exchange"},
    .member = &return_member,
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_RETURN,
    .shows_order = true,
    .summary = "Send another order for a return",
    .description =
        "The answer is the new order, whose exchangeOf is the returned one's uuid. Currency, "
        "customer, addresses and store are those of the returned order where the body leaves "
        "them out. Both orders change or neither; If-Match is about the returned one, and a "
        "refusal that is about the return has its returnId. Moves no money.",
    .body = od_return_body_exchange,
    .shape = &od_shape_return_exchange,
    .decide = decide_exchange,
    .emits = OD_EMITS(RETURN_EXCHANGED),
    .question = OD_QUESTIONS,
    .actions = od_exchange_actions,
    .moves = od_exchange_moves,
    .move_names = od_exchange_move_names,
};
