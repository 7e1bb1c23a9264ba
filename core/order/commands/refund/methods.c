#include "order/amounts/account.h"
#include "order/amounts/rollup.h"
#include "order/commands/refund/refund.h"
#include "order/machine/money.h"
#include "order/model/limits.h"
#include "order/model/shop.h"

/* By which payment methods a refund goes. */

struct back {
    struct od_step *step;
    struct od_refund *r;
    struct od_refund_payments *to;
    struct od_str
        instead;  /* the method it goes by in place of those that paid; absent: by theirs */
    int64_t left; /* of the amount */
};

static bool named(struct od_str s)
{
    return s.len > 0;
}

static void add(struct back *b, struct od_str source, int64_t amount)
{
    const struct od_order *o = b->step->order;
    b->to->list[b->to->count] = (struct od_payment){
        .payment_id = (int32_t)(o->payment_count + b->to->count) + 1,
        .type = od_payment_type_name(OD_PAYMENT_REFUND),
        .amount = amount,
        .method = b->instead.ptr ? b->instead : source,
        .transaction_id = b->r->transaction_id,
        .status = OD_STR("succeeded"),
        .created_at = b->r->created_at,
        .refund_id = b->r->refund_id,
        .paid_by = b->instead.ptr ? source : OD_STR_NONE,
    };
    b->to->count++;
    b->left -= amount;
}

static bool was_asked(const struct back *b, struct od_str source)
{
    for (uint32_t i = 0; i < b->to->count; i++) {
        if (od_str_eq(od_payment_source(&b->to->list[i]), source))
            return true;
    }
    return false;
}

/* As much as the method has to give back. */
static void take(struct back *b, struct od_str source)
{
    int64_t most = od_amount_refundable_by(b->step->order, source);
    int64_t amount = b->left < most ? b->left : most;
    if (amount > 0 && !was_asked(b, source))
        add(b, source, amount);
}

static bool covers(const struct back *b, struct od_str source)
{
    return od_amount_refundable_by(b->step->order, source) >= b->left;
}

/* A method that covers the amount; false: none does. */
static bool take_from_one(struct back *b, struct od_str first, bool only)
{
    const struct od_order *o = b->step->order;
    struct od_str source = first;
    bool found = covers(b, first);
    for (uint32_t i = 0; !only && !found && i < o->payment_count; i++) {
        source = o->payments[i].method;
        found = od_str_is(o->payments[i].type, "capture") && covers(b, source);
    }
    if (found)
        add(b, source, b->left);
    return found;
}

static void take_from_several(struct back *b, struct od_str first)
{
    const struct od_order *o = b->step->order;
    take(b, first);
    for (uint32_t i = 0; b->left > 0 && i < o->payment_count; i++) {
        if (od_str_is(o->payments[i].type, "capture"))
            take(b, o->payments[i].method);
    }
}

static struct back begin(struct od_step *step, struct od_refund *r, struct od_refund_payments *out)
{
    *out = (struct od_refund_payments){
        .list = OD_NEW_ARRAY(step->env->arena, struct od_payment, step->order->payment_count + 1)};
    return (struct back){.step = step, .r = r, .to = out, .left = r->amount};
}

/* History goes on by one method, whatever it has. */
static int exceeds(struct back *b, struct od_str first, const char *why)
{
    struct od_str list = od_step_by_method(b->step, OD_PAYMENT_REFUND);
    if (!b->step->c->historical)
        return od_step_refuse(b->step, OD_VERDICT_CONFLICT, "refund_exceeds_method", "%s: %.*s",
                              why, OD_STR_ARG(list));
    od_step_overrule(b->step, "refund_exceeds_method: %.*s", OD_STR_ARG(list));
    b->to->count = 0;
    b->instead = OD_STR_NONE;
    b->left = b->r->amount;
    add(b, first, b->left);
    return 0;
}

static int finish(struct back *b)
{
    struct od_account acc = od_account_of(b->step->order, od_payment_source(&b->to->list[0]));
    b->r->method = b->to->list[0].method;
    if (b->step->order->payment_count + b->to->count > OD_PAYMENTS_MAX)
        return od_step_refuse(b->step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d payments", OD_PAYMENTS_MAX);
    return od_step_check_sums(b->step, &acc, OD_PAYMENT_REFUND, b->r->amount);
}

static struct od_str first_method(const struct back *b)
{
    return named(b->r->method) ? b->r->method : b->step->order->payment_method;
}

int od_step_refund_by_one(struct od_step *step, struct od_refund *r, struct od_refund_payments *out)
{
    struct back b = begin(step, r, out);
    struct od_str first = first_method(&b);
    if (!take_from_one(&b, first, named(r->method)) &&
        exceeds(&b, first, "No one payment covers it; refund each by itself") != 0)
        return -1;
    return finish(&b);
}

static int choose(struct back *b, struct od_str first)
{
    bool instead = named(b->r->method) && od_amount_refundable_by(b->step->order, first) == 0;
    if (instead && !od_shop_refunds_by(b->step->env->shop, first))
        return exceeds(b, first,
                       "Nothing that was paid by it is left, and [order] refund_methods does not "
                       "name it as one that may be used instead; left is");
    if (instead) {
        b->instead = first;
        first = b->step->order->payment_method;
    }
    if (take_from_one(b, first, named(b->r->method) && !instead))
        return 0;
    take_from_several(b, first);
    if (b->left > 0)
        return exceeds(b, first, "The payments do not cover it");
    if (b->to->count > 1 && named(b->r->transaction_id))
        return exceeds(b, first,
                       "No one payment covers it, and one transaction is of one payment; refund "
                       "each by itself");
    return 0;
}

int od_step_refund_by_any(struct od_step *step, struct od_refund *r, struct od_refund_payments *out)
{
    struct back b = begin(step, r, out);
    return choose(&b, first_method(&b)) != 0 ? -1 : finish(&b);
}
