#include "order/decide_unit.h"

#include "base/money.h"
#include "order/limits.h"

/* PAYMENT: a record of what a gateway or a till reported. Amounts are accounted per method. */

/* What the records of one method add up to. */
struct account {
    int64_t authorized; /* authorize - void */
    int64_t captured;
    bool has_authorize; /* without one, a capture is a sale: it authorizes itself */
};

static bool parse_type(struct od_str name, enum od_payment_type *out)
{
    if (od_str_is(name, "authorize"))
        *out = OD_PAYMENT_AUTHORIZE;
    else if (od_str_is(name, "capture"))
        *out = OD_PAYMENT_CAPTURE;
    else if (od_str_is(name, "void"))
        *out = OD_PAYMENT_VOID;
    else if (od_str_is(name, "fail"))
        *out = OD_PAYMENT_FAIL;
    else
        return false;
    return true;
}

/* Adds one record to the account; false when a sum does not fit. */
static bool account_add(struct account *acc, enum od_payment_type type, int64_t amount)
{
    switch (type) {
    case OD_PAYMENT_AUTHORIZE:
        acc->has_authorize = true;
        return od_money_add(acc->authorized, amount, &acc->authorized);
    case OD_PAYMENT_CAPTURE:
        return od_money_add(acc->captured, amount, &acc->captured);
    case OD_PAYMENT_VOID:
        return od_money_sub(acc->authorized, amount, &acc->authorized);
    case OD_PAYMENT_FAIL:
    case OD_PAYMENT_REFUND:
        break;
    }
    return true;
}

/* The records were summed up when they were made, so their sums fit. */
static struct account account_of(const struct od_order *o, struct od_str method)
{
    struct account acc = {0};
    for (uint32_t i = 0; i < o->payment_count; i++) {
        enum od_payment_type type;
        const struct od_payment *p = &o->payments[i];
        if (od_str_eq(p->method, method) && parse_type(p->type, &type) &&
            !account_add(&acc, type, p->amount))
            break;
    }
    return acc;
}

/* The gateway's echo: the same transaction reported once more. */
static const struct od_payment *find_same(const struct od_order *o, const struct od_payment *p)
{
    for (uint32_t i = 0; p->transaction_id.len > 0 && i < o->payment_count; i++) {
        const struct od_payment *known = &o->payments[i];
        if (od_str_eq(known->type, p->type) && od_str_eq(known->method, p->method) &&
            od_str_eq(known->transaction_id, p->transaction_id))
            return known;
    }
    return NULL;
}

/* *given: whether the caller named an amount, into p->amount. */
static int read_amount(struct od_unit *u, struct od_payment *p, bool *given)
{
    struct od_err err;
    *given = u->c->payment_amount.ptr || p->amount != 0;
    if (u->c->payment_amount.ptr &&
        od_decimal_parse(u->c->payment_amount, od_currency_digits(u->order->currency), &p->amount,
                         &err) != 0)
        return od_unit_invalid(u, "bad_amount", "/amount", "%s", err.message);
    if (p->amount < 0)
        return od_unit_invalid(u, "bad_amount", "/amount", "Must not be negative");
    return 0;
}

/* The amount of a record that named none. */
static int default_amount(struct od_unit *u, struct od_payment *p, enum od_payment_type type,
                          const struct account *acc)
{
    const struct od_order *o = u->order;
    if (type == OD_PAYMENT_FAIL)
        return 0;
    bool is_void = type == OD_PAYMENT_VOID;
    bool fits = is_void ? od_money_sub(acc->authorized, acc->captured, &p->amount)
                        : od_money_sub(o->grand_total, o->amount_captured, &p->amount);
    if (fits && p->amount > 0)
        return 0;
    if (is_void)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "void_exceeds_authorized",
                              "Nothing is authorized that is not captured");
    return od_unit_refuse(u, OD_VERDICT_CONFLICT, "nothing_outstanding",
                          "Nothing of the order is left to pay");
}

static int exceeds(struct od_unit *u, const char *code, int64_t amount, int64_t open)
{
    struct od_buf text;
    od_buf_init(&text, 128);
    int digits = od_currency_digits(u->order->currency);
    od_decimal_format(&text, amount, digits);
    od_buf_str(&text, OD_STR(" exceeds "));
    od_decimal_format(&text, open, digits);
    od_buf_str(&text, OD_STR(", which is authorized and not captured"));
    struct od_str detail = od_arena_str(u->env->arena, od_buf_view(&text));
    od_buf_fini(&text);
    if (u->c->historical) {
        od_unit_overrule(u, "%s: %.*s", code, OD_STR_ARG(detail));
        return 0;
    }
    return od_unit_refuse(u, OD_VERDICT_CONFLICT, code, "%.*s", OD_STR_ARG(detail));
}

/* Sums that do not fit overrule even history. */
static bool sums_fit(const struct od_order *o, const struct account *now, enum od_payment_type type,
                     int64_t amount)
{
    int64_t unused;
    struct account then = *now;
    struct account total = {o->amount_authorized, o->amount_captured, now->has_authorize};
    bool sale = type == OD_PAYMENT_CAPTURE && !now->has_authorize;
    return account_add(&then, type, amount) && account_add(&total, type, amount) &&
           (!sale || od_money_add(total.authorized, amount, &unused)) &&
           od_money_sub(then.authorized, then.captured, &unused);
}

static int check_account(struct od_unit *u, enum od_payment_type type, int64_t amount,
                         const struct account *now)
{
    if (!sums_fit(u->order, now, type, amount))
        return od_unit_invalid(u, "bad_amount", "/amount", "The sum of payments does not fit");
    int64_t open = now->authorized - now->captured; /* was checked when it came about */
    if (type == OD_PAYMENT_CAPTURE && now->has_authorize && amount > open)
        return exceeds(u, "capture_exceeds_authorized", amount, open);
    if (type == OD_PAYMENT_VOID && amount > open)
        return exceeds(u, "void_exceeds_authorized", amount, open);
    return 0;
}

static int check_state(struct od_unit *u, enum od_payment_type type)
{
    bool takes_money = type == OD_PAYMENT_AUTHORIZE || type == OD_PAYMENT_CAPTURE;
    if (u->order->payment_count >= OD_PAYMENTS_MAX)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d payments", OD_PAYMENTS_MAX);
    if (takes_money && u->order->canceled_at && !u->c->historical)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "order_canceled", "The order is cancelled");
    if (takes_money && u->order->canceled_at)
        od_unit_overrule(u, "order_canceled: the order is cancelled");
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
    case OD_PAYMENT_FAIL:
    case OD_PAYMENT_REFUND:
        break;
    }
    return OD_EVENT_PAYMENT_FAILED;
}

static int record(struct od_unit *u, struct od_payment *p, enum od_payment_type type)
{
    p->payment_id = (int32_t)u->order->payment_count + 1;
    p->status = type == OD_PAYMENT_FAIL ? OD_STR("failed") : OD_STR("succeeded");
    p->created_at = u->at;
    struct od_event e = od_unit_event(u, event_type(type));
    e.payment = p;
    u->d->payment_id = p->payment_id;
    return od_unit_emit(u, &e, OD_SETTLE_PAYMENT | OD_SETTLE_ORDER);
}

int od_decide_payment(struct od_unit *u)
{
    enum od_payment_type type;
    bool given;
    struct od_payment *p = OD_NEW(u->env->arena, struct od_payment);
    *p = u->c->payment;
    if (!parse_type(p->type, &type))
        return od_unit_invalid(u, "unknown_type", "/type",
                               "Must be authorize, capture, void or fail");
    if (!p->method.ptr)
        p->method = u->order->payment_method;
    if (read_amount(u, p, &given) != 0)
        return -1;

    const struct od_payment *same = find_same(u->order, p);
    if (same && given && same->amount != p->amount)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "transaction_differs",
                              "Transaction \"%.*s\" is recorded with another amount",
                              OD_STR_ARG(p->transaction_id));
    if (same) {
        u->d->payment_id = same->payment_id;
        return 0;
    }

    struct account acc = account_of(u->order, p->method);
    if (check_state(u, type) != 0)
        return -1;
    if (!given && default_amount(u, p, type, &acc) != 0)
        return -1;
    if (p->amount == 0 && type != OD_PAYMENT_FAIL && !u->c->historical)
        return od_unit_invalid(u, "bad_amount", "/amount", "Must be more than 0");
    if (check_account(u, type, p->amount, &acc) != 0)
        return -1;
    return record(u, p, type);
}
