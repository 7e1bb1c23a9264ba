#include <stddef.h>

#include "base/clock.h"
#include "order/amounts/rollup.h"
#include "order/commands/payment/payment.h"
#include "order/commands/refund/refund.h"
#include "order/machine/body.h"
#include "order/machine/money.h"

/* PAYMENT: a record of what a gateway or a till reported. Amounts are accounted per method. A
 * refund among them is the echo of one of ours, or one that was made at the gateway. */

struct record {
    struct od_payment *p;
    enum od_payment_type type;
    struct od_account acc; /* of its method, before it */
    bool given, named;     /* the caller named an amount, the method */
};

static int read_record(struct od_step *step, struct record *r)
{
    struct od_payment *p = OD_NEW(step->env->arena, struct od_payment);
    *p = step->c->payment;
    r->p = p;
    if (!od_payment_type_parse(p->type, &r->type))
        return od_step_invalid(step, "unknown_type", "/type",
                               "Must be authorize, capture, void, fail, refund or chargeback");
    if (step->at > step->env->now)
        return od_step_invalid(step, "bad_time", "/createdAt", "Must not be in the future");
    if (!p->method.ptr)
        p->method = step->order->payment_method;
    r->named = step->c->payment.method.ptr;
    r->given = step->c->payment_amount.ptr || p->amount != 0;
    r->acc = od_account_of(step->order, p->method);
    if (p->amount < 0)
        return od_step_invalid(step, "bad_amount", "/amount", "Must not be negative");
    if (!step->c->payment_amount.ptr)
        return 0;
    return od_step_read_amount(step, step->c->payment_amount, "/amount", &p->amount);
}

/* A report without a method may be of a record that found its own: where the order has none, a
 * refund goes back by one that has the money. */
static bool same_method(const struct od_payment *known, const struct record *r)
{
    return !r->named || od_str_eq(known->method, r->p->method);
}

/* The gateway's echo: the same transaction reported once more. */
static const struct od_payment *find_same(const struct od_order *o, const struct record *r)
{
    const struct od_payment *p = r->p, *found = NULL;
    for (uint32_t i = 0; p->transaction_id.len > 0 && i < o->payment_count; i++) {
        const struct od_payment *known = &o->payments[i];
        if (!od_str_eq(known->type, p->type) || !same_method(known, r) ||
            !od_str_eq(known->transaction_id, p->transaction_id))
            continue;
        if (od_str_eq(known->method, p->method))
            return known;
        found = found ? found : known;
    }
    return found;
}

static int answer_same(struct od_step *step, const struct record *r, const struct od_payment *same)
{
    if (r->given && same->amount + same->amount_moved != r->p->amount)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "transaction_differs",
                              "Transaction \"%.*s\" is recorded with another amount",
                              OD_STR_ARG(r->p->transaction_id));
    step->d->part_ids[OD_ENTITY_PAYMENT] = same->payment_id;
    return 0;
}

/* A refund of ours that the gateway has not told of yet. One that went by another method than the
 * order was paid by is meant only where that method is named. */
static const struct od_payment *find_unconfirmed(const struct od_order *o, const struct record *r)
{
    for (uint32_t i = 0; r->p->transaction_id.len > 0 && i < o->payment_count; i++) {
        const struct od_payment *known = &o->payments[i];
        if (known->refund_id && known->transaction_id.len == 0 && same_method(known, r) &&
            (r->named || !known->paid_by.ptr) && (!r->given || known->amount == r->p->amount))
            return known;
    }
    return NULL;
}

static bool is_one_of_several(const struct od_order *o, const struct od_payment *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->payment_count; i++)
        n += o->payments[i].refund_id == p->refund_id;
    return n > 1;
}

static int confirm(struct od_step *step, const struct od_payment *known,
                   struct od_str transaction_id)
{
    struct od_refund *r = OD_NEW(step->env->arena, struct od_refund);
    r->refund_id = known->refund_id;
    r->transaction_id = transaction_id;
    struct od_event e = od_step_event(step, OD_EVENT_REFUND_CONFIRMED);
    e.refund = r;
    e.payment_id = is_one_of_several(step->order, known) ? known->payment_id : 0;
    step->d->part_ids[OD_ENTITY_PAYMENT] = known->payment_id;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}

static int refuse_nothing(struct od_step *step, enum od_payment_type type)
{
    switch (type) {
    case OD_PAYMENT_VOID:
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "void_exceeds_authorized",
                              "Nothing is authorized that is not captured");
    case OD_PAYMENT_REFUND:
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "refund_exceeds_captured",
                              "Nothing is captured that was not given back");
    case OD_PAYMENT_CHARGEBACK:
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "chargeback_exceeds_captured",
                              "Nothing is captured that is not charged back");
    case OD_PAYMENT_AUTHORIZE:
    case OD_PAYMENT_CAPTURE:
    case OD_PAYMENT_FAIL:
        break;
    }
    return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_outstanding",
                          "Nothing of the order is left to pay");
}

/* The amount of a record that named none: all that it can be. */
static int default_amount(struct od_step *step, struct record *r)
{
    int64_t left = od_account_limit(&r->acc, r->type);
    switch (r->type) {
    case OD_PAYMENT_FAIL:
        return 0;
    case OD_PAYMENT_AUTHORIZE:
    case OD_PAYMENT_CAPTURE:
        left = od_amount_outstanding(step->order);
        break;
    case OD_PAYMENT_REFUND:
        if (left > od_amount_refundable(step->order))
            left = od_amount_refundable(step->order);
        break;
    case OD_PAYMENT_VOID:
    case OD_PAYMENT_CHARGEBACK:
        break;
    }
    r->p->amount = left;
    return left > 0 ? 0 : refuse_nothing(step, r->type);
}

/* A method that was not named may be one that has no money: the refusal says which have. */
static int name_methods(struct od_step *step, const struct record *r)
{
    struct od_refusal *refusal = &step->d->refusal;
    struct od_str list = od_step_by_method(step, r->type);
    if (step->d->verdict == OD_VERDICT_CONFLICT && !r->named && !od_str_is(list, "nothing") &&
        od_account_limit(&r->acc, r->type) == 0)
        refusal->detail = od_arena_printf(step->env->arena, "%.*s; name the method: %.*s",
                                          OD_STR_ARG(refusal->detail), OD_STR_ARG(list));
    return -1;
}

/* A cancelled order takes no money, but what was authorized before it was cancelled, and what it
 * owes since units were handed over after all. Money that goes back is a fact, so it is
 * recorded. */
static int check_state(struct od_step *step, enum od_payment_type type,
                       const struct od_account *acc)
{
    bool owed =
        type == OD_PAYMENT_CAPTURE && ((acc->has_authorize && od_account_limit(acc, type) > 0) ||
                                       od_amount_outstanding(step->order) > 0);
    bool takes_money = (type == OD_PAYMENT_AUTHORIZE || type == OD_PAYMENT_CAPTURE) && !owed;
    if (od_step_check_payments(step) != 0)
        return -1;
    if (takes_money && step->order->canceled_at && !step->c->historical)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (takes_money && step->order->canceled_at)
        od_step_overrule(step, "order_canceled: the order is cancelled");
    return 0;
}

static enum od_event_type event_type(enum od_payment_type type)
{
    switch (type) {
    case OD_PAYMENT_AUTHORIZE:
        return OD_EVENT_PAYMENT_AUTHORIZED;
    case OD_PAYMENT_CAPTURE:
        return OD_EVENT_PAYMENT_CAPTURED;
    case OD_PAYMENT_VOID:
        return OD_EVENT_PAYMENT_VOIDED;
    case OD_PAYMENT_REFUND:
        return OD_EVENT_PAYMENT_REFUNDED;
    case OD_PAYMENT_CHARGEBACK:
        return OD_EVENT_PAYMENT_CHARGED_BACK;
    case OD_PAYMENT_FAIL:
        break;
    }
    return OD_EVENT_PAYMENT_FAILED;
}

static int emit_record(struct od_step *step, const struct record *r)
{
    struct od_payment *p = r->p;
    p->payment_id = (int32_t)step->order->payment_count + 1;
    p->status = r->type == OD_PAYMENT_FAIL ? OD_STR("failed") : OD_STR("succeeded");
    p->created_at = step->at;
    struct od_event e = od_step_event(step, event_type(r->type));
    e.payment = p;
    step->d->part_ids[OD_ENTITY_PAYMENT] = p->payment_id;
    return od_step_emit(step, &e, OD_SETTLE_PAYMENT | OD_SETTLE_ORDER);
}

static int record_new(struct od_step *step, struct record *r)
{
    bool may_be_zero =
        r->type == OD_PAYMENT_FAIL || (step->c->historical && r->type != OD_PAYMENT_REFUND);
    if (check_state(step, r->type, &r->acc) != 0)
        return -1;
    if (!r->given && default_amount(step, r) != 0)
        return name_methods(step, r);
    if (r->p->amount == 0 && !may_be_zero)
        return od_step_invalid(step, "bad_amount", "/amount", "Must be more than 0");
    if (r->type == OD_PAYMENT_REFUND)
        return od_decide_foreign_refund(step, r->p);
    if (od_step_check_sums(step, &r->acc, r->type, r->p->amount) != 0)
        return -1;
    if (od_step_check_limit(step, &r->acc, r->type, r->p->amount) != 0)
        return name_methods(step, r);
    return emit_record(step, r);
}

static int decide(struct od_step *step)
{
    struct record r = {0};
    if (read_record(step, &r) != 0)
        return -1;
    const struct od_payment *same = find_same(step->order, &r);
    if (same)
        return answer_same(step, &r, same);
    const struct od_payment *ours =
        r.type == OD_PAYMENT_REFUND ? find_unconfirmed(step->order, &r) : NULL;
    if (ours)
        return confirm(step, ours, r.p->transaction_id);
    return record_new(step, &r);
}

/* A refund may take units out of the order. */
static void want(const struct od_command *c, struct od_wants *w)
{
    w->stock_of_order = w->stock_of_order || od_str_is(c->payment.type, "refund");
}

/* ---- the body */

static void read_type(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_command *c)
{
    enum od_payment_type type;
    if (v->type == OD_JSON_STRING && od_payment_type_parse(v->text, &type))
        c->payment.type = v->text;
    else
        od_read_problem(r, path, "must be authorize, capture, void, fail, refund or chargeback");
}

static void read_payment_amount(struct od_reader *r, const struct od_json *v,
                                const struct od_path *path, struct od_command *c)
{
    c->payment_amount = od_body_literal(r, v, path);
}

static void read_created_at(struct od_reader *r, const struct od_json *v,
                            const struct od_path *path, struct od_command *c)
{
    if (v->type != OD_JSON_STRING || !od_time_parse(v->text, &c->at))
        od_read_problem(r, path, "must be a time like 2024-05-31T08:00:00Z");
}

static const struct od_member body_members[] = {
    {"type", read_type, false, OD_TAKES_TEXT, NULL},
    {"amount", read_payment_amount, false, OD_TAKES_AMOUNT, NULL},
    {"createdAt", read_created_at, false, OD_TAKES_TIME, NULL},
    {0}};
static const char *const body_needs[] = {"type", NULL};
static const struct od_shape body_shape = {&od_entities[OD_ENTITY_PAYMENT], OD_FIELD_INPUT,
                                           body_members, NULL, body_needs};

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    od_read_shape(r, &body_shape, v, root, &out->payment, out);
}

static const struct od_command_amount amounts[] = {
    {"amount", offsetof(struct od_command, payment.amount),
     offsetof(struct od_command, payment_amount)},
    {0},
};

static const struct od_service services[] = {
    {"add_payment", "add_payment", OD_COMMAND_PAYMENT, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_payment = {
    .name = "payment",
    .permission = "payments.record",
    .alias = "payments",
    .route = {"POST", "/api/orders/:id/payments"},
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_PAYMENT,
    .summary = "Record a payment",
    .description =
        "What a gateway or a till reports. One with the same type, method and transactionId "
        "as another is that one: nothing changes. A refund whose transactionId is known, or "
        "that one of ours without a transactionId waits for, is that refund's echo; any "
        "other is recorded as a refund with its own credit memo.",
    .body = body,
    .shape = &body_shape,
    .decide = decide,
    .emits = OD_EMITS(PAYMENT_AUTHORIZED) | OD_EMITS(PAYMENT_CAPTURED) | OD_EMITS(PAYMENT_VOIDED) |
             OD_EMITS(PAYMENT_FAILED) | OD_EMITS(PAYMENT_CHARGED_BACK) |
             OD_EMITS(PAYMENT_REFUNDED) | OD_EMITS(REFUND_CONFIRMED),
    .want = want,
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = services,
    .amounts = amounts,
    .actions = od_payment_actions,
    .moves = od_payment_moves,
    .move_names = od_payment_move_names,
    .odd = od_payment_odd,
};
