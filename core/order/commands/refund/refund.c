#include <stddef.h>

#include "base/money.h"
#include "order/amounts/rollup.h"
#include "order/commands/refund/refund.h"
#include "order/machine/action.h"
#include "order/machine/money.h"
#include "order/machine/moves.h"
#include "order/model/limits.h"

/* REFUND: money back, with a credit memo; and refunds that a gateway reports. */

static bool named(struct od_str s)
{
    return s.len > 0;
}

static int check_room(struct od_step *step)
{
    if (step->order->refund_count >= OD_REFUNDS_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d refunds", OD_REFUNDS_MAX);
    return od_step_check_payments(step);
}

/* The same transaction once more, whoever reported it first. */
static const struct od_refund *find_same(const struct od_order *o, const struct od_refund *r)
{
    for (uint32_t i = 0; named(r->transaction_id) && i < o->payment_count; i++) {
        const struct od_payment *known = &o->payments[i];
        if (known->refund_id && od_str_eq(known->transaction_id, r->transaction_id) &&
            (!named(r->method) || od_str_eq(known->method, r->method)))
            return od_order_refund(o, known->refund_id);
    }
    return NULL;
}

static int exceeds_shipping(struct od_step *step, int64_t left)
{
    struct od_buf text;
    od_buf_init(&text, 40);
    od_decimal_format(&text, left, od_currency_digits(step->order->currency));
    struct od_str amount = od_arena_str(step->env->arena, od_buf_view(&text));
    od_buf_fini(&text);
    return od_step_invalid(step, "shipping_exceeded", "/shipping",
                           "At most %.*s of it can be for shipping", OD_STR_ARG(amount));
}

/* The money that is left when the items' prices have gone back. A discount of the order may have
 * taken of the shipping fee, too. */
static int64_t left_beside_items(const struct od_step *step, const struct od_refund *r)
{
    int64_t left = od_amount_refundable(step->order);
    for (uint32_t i = 0; i < r->item_count && left > 0; i++)
        left -= r->items[i].amount;
    return left > 0 ? left : 0;
}

/* The amount that was asked for is known; 0: none was. */
static int read_shipping(struct od_step *step, struct od_refund *r)
{
    int64_t left = od_order_shipping_left(step->order);
    if (r->amount && left > r->amount)
        left = r->amount;
    if (step->c->refund_shipping) {
        int64_t most = left_beside_items(step, r);
        r->shipping_amount = r->amount || left < most ? left : most;
    }
    if (step->c->shipping_literal.ptr &&
        od_step_read_amount(step, step->c->shipping_literal, "/shipping", &r->shipping_amount) != 0)
        return -1;
    if (r->shipping_amount < 0 || r->shipping_amount > left)
        return exceeds_shipping(step, left);
    return 0;
}

static bool names_units_or_shipping(const struct od_step *step, const struct od_refund *r)
{
    return r->item_count > 0 || r->return_id || step->c->refund_shipping ||
           step->c->shipping_literal.ptr || r->shipping_amount;
}

static bool says_keep(const struct od_command *c)
{
    bool any = c->refund_keep == OD_KEEP_YES;
    for (uint32_t i = 0; i < c->refund.item_count; i++)
        any = any || c->refund.items[i].keep == OD_KEEP_YES;
    return any;
}

/* Where nothing of what was captured is left, nothing is paid that has not left: an amount alone
 * takes it out of the order. */
static void take_out(const struct od_step *step, struct od_refund *r)
{
    bool all = r->amount >= od_amount_refundable(step->order);
    if (all && !names_units_or_shipping(step, r) && step->c->refund_keep != OD_KEEP_YES)
        od_step_refund_unsent(step, r);
    od_step_refund_cancels(step, r);
}

/* All that is left to refund; by the method, if one is named that has something. */
static int64_t everything(const struct od_order *o, struct od_str method)
{
    int64_t left = od_amount_refundable(o), left_by = od_amount_refundable_by(o, method);
    return named(method) && left_by > 0 && left_by < left ? left_by : left;
}

/* Returns what items and shipping come to, or everything when there are none. */
static int derive_amount(struct od_step *step, struct od_refund *r)
{
    bool itemized = names_units_or_shipping(step, r);
    r->amount = itemized ? r->shipping_amount : everything(step->order, r->method);
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (!od_money_add(r->amount, r->items[i].amount, &r->amount))
            return od_step_invalid(step, "bad_amount", "/items", "Their sum does not fit");
    }
    if (r->amount == 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_refundable",
                              itemized ? "What is named comes to no amount"
                                       : "Nothing is captured that was not given back");
    return 0;
}

static int read_refund(struct od_step *step, struct od_refund *r)
{
    bool given = step->c->refund_amount.ptr || r->amount != 0;
    if (step->c->refund_amount.ptr &&
        od_step_read_amount(step, step->c->refund_amount, "/amount", &r->amount) != 0)
        return -1;
    if (given && r->amount < 1)
        return od_step_invalid(step, "bad_amount", "/amount", "Must be more than 0");
    if (od_step_refund_items(step, r) != 0 || read_shipping(step, r) != 0)
        return -1;
    return given ? 0 : derive_amount(step, r);
}

/* What the actor's role may give back at most. */
static int check_actor(struct od_step *step, const struct od_refund *r)
{
    int64_t amount = r->amount;
    if (!step->c->refund_below)
        return 0;
    for (int d = od_currency_digits(step->order->currency); d < OD_REFUND_LIMIT_DIGITS; d++) {
        if (amount > INT64_MAX / 10)
            amount = INT64_MAX / 10;
        amount *= 10;
    }
    if (amount < step->c->refund_below)
        return 0;
    struct od_buf text;
    od_buf_init(&text, 40);
    od_decimal_format(&text, step->c->refund_below - 1, OD_REFUND_LIMIT_DIGITS);
    struct od_str most = od_arena_str(step->env->arena, od_buf_view(&text));
    od_buf_fini(&text);
    return od_step_refuse(step, OD_VERDICT_CONFLICT, "refund_limit",
                          "Your role may give back %.*s at once, and no more", OD_STR_ARG(most));
}

static int check_money(struct od_step *step, const struct od_refund *r)
{
    struct od_account total = od_account_total(step->order);
    return od_step_check_limit(step, &total, OD_PAYMENT_REFUND, r->amount);
}

static int ask_refund(struct od_step *step, const struct od_refund *r)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (!od_step_answered(step, OD_ASK_ORDER_REFUND))
        return 0;
    request.reason = r->reason;
    request.refund = r;
    return od_step_allowed(step, OD_ASK_ORDER_REFUND, &request, &answer);
}

/* The refund's units may change how far the shipment is: what came back is not with the customer,
 * and what leaves the order is not to be sent. */
static int record(struct od_step *step, struct od_refund *r, struct od_refund_payments p)
{
    const struct od_document_number *taken;
    unsigned settle = OD_SETTLE_PAYMENT | OD_SETTLE_ORDER;
    for (uint32_t i = 0; i < r->item_count; i++)
        settle |= r->items[i].qty_restocked + r->items[i].qty_canceled > 0 ? OD_SETTLE_SHIPMENT
                                                                           : OD_SETTLE_NONE;
    if (od_step_document(step, OD_DOCUMENT_CREDIT_MEMO, r, &r->credit_memo_number, &taken) != 0)
        return -1;
    r->series = taken->series;
    r->series_value = taken->value;
    struct od_event e = od_step_event(step, OD_EVENT_PAYMENT_REFUNDED);
    r->version = e.seq;
    e.refund = r;
    e.payment = p.list;
    e.payment_count = p.count;
    e.reason = r->reason;
    return od_step_emit(step, &e, settle);
}

static struct od_refund *new_refund(const struct od_step *step, struct od_refund from)
{
    struct od_refund *r = OD_NEW(step->env->arena, struct od_refund);
    *r = from;
    r->refund_id = (int32_t)step->order->refund_count + 1;
    r->created_at = step->at;
    r->items = NULL;
    r->item_count = 0;
    return r;
}

int od_decide_foreign_refund(struct od_step *step, const struct od_payment *p)
{
    struct od_refund *r = new_refund(step, (struct od_refund){.amount = p->amount,
                                                              .method = p->method,
                                                              .transaction_id = p->transaction_id});
    struct od_refund_payments payments;
    if (check_room(step) != 0 || check_money(step, r) != 0 ||
        od_step_refund_by_one(step, r, &payments) != 0)
        return -1;
    take_out(step, r);
    if (od_step_refund_stock(step, r) != 0 || record(step, r, payments) != 0)
        return -1;
    step->d->part_ids[OD_ENTITY_PAYMENT] = (int32_t)step->order->payment_count;
    return 0;
}

static bool has_units(const struct od_refund *r, const struct od_refund_item *asked)
{
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (r->items[i].order_item_id == asked->order_item_id)
            return r->items[i].qty >= asked->qty;
    }
    return false;
}

/* Says what a request has that the refund on record lacks; NULL: nothing. The credit memo is
 * written, so nothing can be added to it. */
static const char *lacks(const struct od_step *step, const struct od_refund *same)
{
    const struct od_refund *asked = &step->c->refund;
    bool shipping = step->c->refund_shipping || step->c->shipping_literal.ptr;
    if (asked->return_id && asked->return_id != same->return_id)
        return "that return";
    for (uint32_t i = 0; i < asked->item_count; i++) {
        if (!has_units(same, &asked->items[i]))
            return "those items";
    }
    return shipping && !same->shipping_amount && od_order_shipping_left(step->order) ? "shipping"
                                                                                     : NULL;
}

static int answer_same(struct od_step *step, const struct od_refund *r,
                       const struct od_refund *same)
{
    int64_t amount = r->amount;
    const char *missing = lacks(step, same);
    bool asked_return = step->c->refund.return_id && !same->return_id;
    if (step->c->refund_amount.ptr &&
        od_step_read_amount(step, step->c->refund_amount, "/amount", &amount) != 0)
        return -1;
    if (amount && amount != same->amount)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "transaction_differs",
                              "Transaction \"%.*s\" is recorded with another amount",
                              OD_STR_ARG(r->transaction_id));
    if (missing)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "transaction_differs",
                              "Transaction \"%.*s\" is on record as refund %d, which is not for "
                              "%s; the money has gone back, and nothing was done%s",
                              OD_STR_ARG(r->transaction_id), same->refund_id, missing,
                              asked_return ? ". Set the return's status to refunded" : "");
    step->d->part_ids[OD_ENTITY_REFUND] = same->refund_id;
    return 0;
}

static int decide(struct od_step *step)
{
    struct od_refund *r = new_refund(step, step->c->refund);
    const struct od_refund *same = find_same(step->order, r);
    if (same)
        return answer_same(step, r, same);
    struct od_refund_payments payments;
    if (check_room(step) != 0 || read_refund(step, r) != 0 || check_actor(step, r) != 0 ||
        check_money(step, r) != 0 || od_step_refund_by_any(step, r, &payments) != 0)
        return -1;
    r->keep = says_keep(step->c);
    take_out(step, r);
    if (ask_refund(step, r) != 0 || od_step_refund_stock(step, r) != 0 ||
        record(step, r, payments) != 0)
        return -1;
    step->d->part_ids[OD_ENTITY_REFUND] = r->refund_id;
    return 0;
}

static void actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_REFUND};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_move_name move_names[] = {{'g', "refund"}, {0}};

static unsigned odd(const struct od_order *o)
{
    return o->refund_count > 0 ? OD_ODD_REFUNDED : 0;
}

/* One unit that is with the customer comes back with its money. */
static void add_refund_of_unit(struct od_moves *m)
{
    for (uint32_t i = 0; i < m->o->item_count; i++) {
        const struct od_item *it = &m->o->items[i];
        if (it->qty_shipped == it->qty_returned || it->qty_refunded == it->qty)
            continue;
        struct od_command *c = od_moves_add(m, 0, OD_STR("refund and take back one"));
        c->refund.item_count = 1;
        c->refund.items = OD_NEW(m->arena, struct od_refund_item);
        *c->refund.items = (struct od_refund_item){
            .order_item_id = it->order_item_id, .qty = 1, .qty_restocked = 1};
        return;
    }
}

/* One unit that has not left leaves the order with its money. */
static void add_refund_of_unsent(struct od_moves *m)
{
    for (uint32_t i = 0; i < m->o->item_count; i++) {
        const struct od_item *it = &m->o->items[i];
        if (od_item_open(it) == 0 || od_item_refundable(m->o, it) == 0)
            continue;
        struct od_command *c = od_moves_add(m, 0, OD_STR("refund one that has not left"));
        c->refund.item_count = 1;
        c->refund.items = OD_NEW(m->arena, struct od_refund_item);
        *c->refund.items = (struct od_refund_item){.order_item_id = it->order_item_id, .qty = 1};
        return;
    }
}

static void add_refund(struct od_moves *m, struct od_str label, int64_t amount, int32_t return_id)
{
    struct od_command *c = od_moves_add(m, 0, label);
    c->refund.amount = amount;
    c->refund.return_id = return_id;
}

static void moves(struct od_moves *m)
{
    const struct od_order *o = m->o;
    int64_t left = od_amount_refundable(o);
    if (left == 0 || !od_moves_may(m, OD_ODD_REFUNDED))
        return;
    if (o->amount_refunded == 0 && left > 3)
        add_refund(m, OD_STR("refund part"), left / 4, 0);
    add_refund(m, OD_STR("refund"), 0, 0);
    for (uint32_t i = 0; i < o->return_count; i++) {
        int32_t id = o->returns[i].return_id;
        if (od_str_is(o->returns[i].status, "received"))
            add_refund(m, od_arena_printf(m->arena, "refund return %d", id), 0, id);
    }
    if (od_moves_may(m, OD_ODD_REFUNDED | OD_ODD_RETURNED))
        add_refund_of_unit(m);
    if (od_moves_may(m, OD_ODD_REFUNDED | OD_ODD_UNITS_CANCELED))
        add_refund_of_unsent(m);
}

static const struct od_command_amount amounts[] = {
    {"amount", offsetof(struct od_command, refund.amount),
     offsetof(struct od_command, refund_amount)},
    {"shipping", offsetof(struct od_command, refund.shipping_amount),
     offsetof(struct od_command, shipping_literal)},
    {0},
};

static const struct od_service services[] = {
    {"refund_order", "refund", OD_COMMAND_REFUND, OD_LEAD_NONE, NULL, OD_TABLE_OPTIONAL},
    {0},
};

const struct od_command_kind od_refund = {
    .name = "refund",
    .permission = "refunds.create",
    .alias = "refunds",
    .route = {"POST", "/api/orders/:id/refunds"},
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_REFUND,
    .summary = "Give money back",
    .description =
        "Asks the order.refund policy and takes the next credit memo number. Never more than "
        "was captured, neither of the order nor of the payment method. It goes by one method that "
        "covers it; where none does, by several, each with a payment of its own. The same method "
        "and "
        "transactionId again is the same refund: nothing changes, and it is refused when it "
        "names a return, items or shipping that the one on record is not for. Units that have not "
        "left leave the order and free their stock, unless keep says that they still go. orderd "
        "moves no money: the gateway's own report of it, a payment of type refund, is recognised "
        "as this refund's.",
    .body = od_refund_body,
    .shape = &od_shape_refund,
    .decide = decide,
    .emits = OD_EMITS(PAYMENT_REFUNDED),
    .want = od_want_stock_of_order,
    .documents = {[OD_DOCUMENT_CREDIT_MEMO] = 1},
    .is_step = true,
    .question = OD_ASK_ORDER_REFUND,
    .services = services,
    .amounts = amounts,
    .actions = actions,
    .moves = moves,
    .move_names = move_names,
    .odd = odd,
};
