#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "order/amounts/account.h"
#include "order/commands/change/change.h"
#include "order/machine/body.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/* PROPOSE_CHANGE, CONFIRM_CHANGE and DISCARD_CHANGE: an order made otherwise before any of it is
 * shipped. */

/* A parcel that was cancelled before it left is none. */
static bool is_shipped(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        if (!o->shipments[i].canceled_at)
            return true;
    }
    return false;
}

static int check_changeable(struct od_step *step)
{
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (is_shipped(step->order))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "already_shipped",
                              "Some of the order is shipped; refund and place a new order instead");
    return 0;
}

static bool any_open(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (od_item_open(&o->items[i]) > 0)
            return true;
    }
    return o->item_count == 0;
}

static int check_result(struct od_step *step, const struct od_order *after)
{
    const struct od_order *o = step->order;
    int64_t due = after->grand_total - after->amount_canceled;
    if (!any_open(after))
        return od_step_invalid(step, "nothing_left", "/items",
                               "A change leaves at least one unit; cancel the order instead");
    if (o->shipping_fee_incl_tax - after->shipping_fee_incl_tax > od_order_shipping_left(o))
        return od_step_invalid(step, "shipping_refunded", "/shippingFeeInclTax",
                               "More than that of the shipping fee is refunded already");
    if (due < 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "change_below_canceled",
                              "The order would cost less than what is cancelled of it");
    if (after->grand_total < o->grand_total && due < od_order_invoiced_due(o))
        return od_step_refuse(
            step, OD_VERDICT_CONFLICT, "already_invoiced",
            "The order would cost less than what is invoiced; cancel units instead, and credit "
            "the invoice");
    return 0;
}

/* The order as the terms make it; NULL: refused. */
static struct od_order *compute(struct od_step *step, const struct od_change_terms *t)
{
    struct od_problem_list problems = {.arena = step->env->arena};
    if (od_change_check(step, t) != 0)
        return NULL;
    struct od_order *after = od_change_apply(step->order, t, step->env->arena, &problems);
    if (!after) {
        od_change_refuse(step, &problems);
        return NULL;
    }
    return check_result(step, after) == 0 ? after : NULL;
}

static int ask_change(struct od_step *step, const struct od_patch *patch, int64_t difference,
                      struct od_str reason)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (!od_step_answered(step, OD_ASK_ORDER_CHANGE))
        return 0;
    request.patch = patch;
    request.difference = difference;
    request.reason = reason;
    return od_step_allowed(step, OD_ASK_ORDER_CHANGE, &request, &answer);
}

static int check_proposable(struct od_step *step)
{
    const struct od_change *open = od_order_proposed(step->order);
    if (check_changeable(step) != 0)
        return -1;
    if (open)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "change_proposed",
                              "Change %d is proposed; confirm or discard it first",
                              open->change_id);
    if (step->order->change_count >= OD_CHANGES_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d changes", OD_CHANGES_MAX);
    return 0;
}

/* The terms to be stored: new lines with the amounts that settling gave them. */
static int store_terms(struct od_step *step, struct od_change_terms *t,
                       const struct od_order *after, struct od_change *change)
{
    if (t->add_count > 0)
        memcpy(t->add, &after->items[step->order->item_count], t->add_count * sizeof *t->add);
    change->request = od_change_encode(t, step->env->arena);
    if (!change->request.ptr)
        return od_step_invalid(step, "too_long", "/add", "The change is too large");
    return 0;
}

static int decide_propose(struct od_step *step)
{
    struct od_change_terms t;
    struct od_change *change = OD_NEW(step->env->arena, struct od_change);
    if (check_proposable(step) != 0 || od_change_read(step, step->c->change, &t) != 0)
        return -1;
    const struct od_order *after = compute(step, &t);
    if (!after)
        return -1;
    const struct od_patch *patch = od_change_patch(step->order, after, step->env->arena);
    if (od_change_is_empty(patch))
        return od_step_invalid(step, "nothing_changed", "", "The order is as the change wants it");
    *change = (struct od_change){
        .change_id = (int32_t)step->order->change_count + 1,
        .status = OD_STR("proposed"),
        .difference = after->grand_total - step->order->grand_total,
        .reason = step->c->change->reason,
        .by = step->c->actor,
        .created_at = step->at,
    };
    if (store_terms(step, &t, after, change) != 0 ||
        ask_change(step, patch, change->difference, change->reason) != 0)
        return -1;
    struct od_event e = od_step_event(step, OD_EVENT_CHANGE_PROPOSED);
    e.change = change;
    e.reason = change->reason;
    step->d->part_ids[OD_ENTITY_CHANGE] = change->change_id;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

/* The change that the command names, or the one that is proposed; NULL: refused. */
static const struct od_change *find_proposed(struct od_step *step)
{
    int32_t id = step->c->change_id;
    const struct od_change *change =
        id ? od_order_change(step->order, id) : od_order_proposed(step->order);
    if (change && od_str_is(change->status, "proposed"))
        return change;
    if (change)
        od_step_refuse(step, OD_VERDICT_CONFLICT, "change_closed", "Change %d is %.*s already",
                       change->change_id, OD_STR_ARG(change->status));
    else if (id)
        od_step_refuse(step, OD_VERDICT_NOT_FOUND, "change_not_found", "The order has no change %d",
                       id);
    else
        od_step_refuse(step, OD_VERDICT_NOT_FOUND, "change_not_found",
                       "No change of the order is proposed");
    return NULL;
}

static const struct od_change *closed(struct od_step *step, const struct od_change *change,
                                      struct od_str status)
{
    struct od_change *to = OD_NEW(step->env->arena, struct od_change);
    to->change_id = change->change_id;
    to->status = status;
    to->closed_at = step->at;
    step->d->part_ids[OD_ENTITY_CHANGE] = to->change_id;
    return to;
}

static int decide_discard(struct od_step *step)
{
    const struct od_change *change = find_proposed(step);
    if (!change)
        return -1;
    struct od_event e = od_step_event(step, OD_EVENT_CHANGE_DISCARDED);
    e.change = closed(step, change, OD_STR("discarded"));
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

static int read_again(struct od_step *step, const struct od_change *change,
                      struct od_change_terms *t)
{
    struct od_err err;
    if (od_change_decode(change->request, step->env->arena, t, &err) != 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_damaged",
                              "The order's records contradict each other: %s", err.message);
    return 0;
}

/* Returns what the change comes to now; NULL: it is refused. Only the order can have moved on since
 * the proposal, so it is not the caller's fault when the terms no longer fit. */
static struct od_order *compute_again(struct od_step *step, const struct od_change *change,
                                      const struct od_change_terms *t)
{
    struct od_order *after = compute(step, t);
    if (after && after->grand_total - step->order->grand_total == change->difference)
        return after;
    if (after) {
        od_step_refuse(step, OD_VERDICT_CONFLICT, "change_outdated",
                       "The change would no longer make the same difference; discard it and "
                       "propose anew");
    } else if (step->d->verdict == OD_VERDICT_INVALID) {
        struct od_str why = step->d->refusal.detail;
        od_step_refuse(step, OD_VERDICT_CONFLICT, "change_outdated",
                       "The order is no longer as it was: %.*s. Discard the change and propose "
                       "anew",
                       OD_STR_ARG(why));
    }
    return NULL;
}

/* First what is given back, for it may be what another line needs. */
static int release(struct od_step *step, const struct od_change_terms *t,
                   const struct od_order *after)
{
    for (uint32_t i = 0; i < t->line_count; i++) {
        const struct od_item *was = od_order_item(step->order, t->lines[i].order_item_id);
        const struct od_item *it = od_order_item(after, t->lines[i].order_item_id);
        if (it->qty < was->qty && od_step_move_stock(step, it, 0, it->qty - was->qty) != 0)
            return -1;
    }
    return 0;
}

/* A line that was never tracked stays so. */
static int reserve_more(struct od_step *step, const struct od_change_terms *t,
                        struct od_order *after)
{
    char pointer[32];
    for (uint32_t i = 0; i < t->line_count; i++) {
        const struct od_item *was = od_order_item(step->order, t->lines[i].order_item_id);
        struct od_item *it = od_order_item(after, t->lines[i].order_item_id);
        snprintf(pointer, sizeof pointer, "/items/%u", i);
        if (it->stock_tracked && it->qty > was->qty &&
            od_step_reserve(step, after, it, it->qty - was->qty, pointer) != 0)
            return -1;
    }
    return 0;
}

/* LOAD reads the stock of what is proposed, but not of what a script proposes and confirms at once:
 * of that it is not known whether there is any. */
static bool was_read(const struct od_step *step, const struct od_change *change, struct od_str sku)
{
    return step->env->track == OD_STOCK_NONE || step->c->historical ||
           change->dirty != OD_DIRTY_NEW || od_map_get(step->env->stock, sku);
}

static int reserve_new(struct od_step *step, const struct od_change *change,
                       const struct od_change_terms *t, struct od_order *after)
{
    char pointer[32];
    for (uint32_t i = 0; i < t->add_count; i++) {
        struct od_item *it = &after->items[step->order->item_count + i];
        snprintf(pointer, sizeof pointer, "/add/%u", i);
        if (!was_read(step, change, it->sku))
            return od_step_refuse(step, OD_VERDICT_CONFLICT, "stock_not_read",
                                  "SKU \"%.*s\": its stock was not read; confirm the change by a "
                                  "command of its own",
                                  OD_STR_ARG(it->sku));
        if (od_step_reserve(step, after, it, it->qty, pointer) != 0)
            return -1;
    }
    return 0;
}

static int decide_confirm(struct od_step *step)
{
    const struct od_change *change = find_proposed(step);
    struct od_change_terms t;
    if (!change || check_changeable(step) != 0 || read_again(step, change, &t) != 0)
        return -1;
    struct od_order *after = compute_again(step, change, &t);
    if (!after || release(step, &t, after) != 0 || reserve_more(step, &t, after) != 0 ||
        reserve_new(step, change, &t, after) != 0)
        return -1;
    const struct od_patch *patch = od_change_patch(step->order, after, step->env->arena);
    if (ask_change(step, patch, change->difference, change->reason) != 0)
        return -1;
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_CHANGED);
    e.change = closed(step, change, OD_STR("confirmed"));
    e.patch = patch;
    e.reason = change->reason;
    return od_step_emit(step, &e, OD_SETTLE_PAYMENT | OD_SETTLE_SHIPMENT | OD_SETTLE_ORDER);
}

/* The stock of what it adds, as PLACE takes it. */
static void want_propose(const struct od_command *c, struct od_wants *w)
{
    const struct od_json *add = c->change->add;
    w->stock_of_order = true;
    for (const struct od_json *item = add ? add->child : NULL; item; item = item->next) {
        const struct od_json *sku = od_json_get(item, "sku");
        if (sku && sku->type == OD_JSON_STRING)
            w->sku(w->ctx, sku->text);
    }
}

static void want_confirm(const struct od_command *c, struct od_wants *w)
{
    (void)c;
    w->stock_of_order = w->stock_of_changes = true;
}

static const struct od_service propose_change_services[] = {
    {"propose_change", "propose_change", OD_COMMAND_PROPOSE_CHANGE, OD_LEAD_NONE, NULL,
     OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_propose_change = {
    .name = "propose_change",
    .permission = "orders.edit",
    .alias = "changes",
    .route = {"POST", "/api/orders/:id/changes"},
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_CHANGE,
    .summary = "Propose a change of items, addresses or fees",
    .description =
        "Before anything was shipped. Shows what the totals would be; takes effect when it "
        "is confirmed. One at a time. Asks the order.change policy.",
    .body = od_change_body,
    .shape = &od_shape_change,
    .decide = decide_propose,
    .emits = OD_EMITS(CHANGE_PROPOSED),
    .want = want_propose,
    .is_step = true,
    .question = OD_ASK_ORDER_CHANGE,
    .services = propose_change_services,
    .units_of = OD_UNITS_SAID,
    .actions = od_propose_change_actions,
    .moves = od_propose_change_moves,
    .move_names = od_propose_change_move_names,
    .odd = od_propose_change_odd,
};

/* Unnamed it is the one that is proposed. */
static const struct od_command_member change_member = {
    .name = "changeId",
    .field = "change_id",
    .part = "change",
    .offset = offsetof(struct od_command, change_id),
    .optional = true,
};

static const struct od_service confirm_change_services[] = {
    {"confirm_change", "confirm_change", OD_COMMAND_CONFIRM_CHANGE, OD_LEAD_MEMBER, NULL,
     OD_TABLE_NONE},
    {0},
};

const struct od_command_kind od_confirm_change = {
    .name = "confirm_change",
    .permission = "orders.edit",
    .route = {"POST", "/api/orders/:id/changes/:changeId/confirm"},
    .member = &change_member,
    .body_optional = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_CHANGE,
    .shows_order = true,
    .summary = "Confirm a proposed change",
    .description =
        "Changes lines, totals, addresses and reserved stock. Refused with change_outdated "
        "when the order has moved so that the difference is another one now.",
    .body = od_body_empty,
    .shape = &od_shape_empty,
    .decide = decide_confirm,
    .emits = OD_EMITS(ORDER_CHANGED),
    .want = want_confirm,
    .is_step = true,
    .question = OD_ASK_ORDER_CHANGE,
    .services = confirm_change_services,
    .actions = od_confirm_change_actions,
    .moves = od_confirm_change_moves,
    .move_names = od_confirm_change_move_names,
};

static const struct od_service discard_change_services[] = {
    {"discard_change", "discard_change", OD_COMMAND_DISCARD_CHANGE, OD_LEAD_MEMBER, NULL,
     OD_TABLE_NONE},
    {0},
};

const struct od_command_kind od_discard_change = {
    .name = "discard_change",
    .permission = "orders.edit",
    .route = {"DELETE", "/api/orders/:id/changes/:changeId"},
    .member = &change_member,
    .body_optional = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_CHANGE,
    .summary = "Discard a proposed change",
    .body = od_body_empty,
    .shape = &od_shape_empty,
    .decide = decide_discard,
    .emits = OD_EMITS(CHANGE_DISCARDED),
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = discard_change_services,
    .actions = od_discard_change_actions,
    .moves = od_discard_change_moves,
    .move_names = od_discard_change_move_names,
};
