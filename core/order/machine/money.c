#include "order/machine/money.h"

#include "base/money.h"
#include "order/model/limits.h"

int od_step_read_amount(struct od_step *step, struct od_str literal, const char *pointer,
                        int64_t *out)
{
    struct od_err err;
    if (od_decimal_parse(literal, od_currency_digits(step->order->currency), out, &err) != 0)
        return od_step_invalid(step, "bad_amount", pointer, "%s", err.message);
    if (*out < 0)
        return od_step_invalid(step, "bad_amount", pointer, "Must not be negative");
    return 0;
}

int od_step_check_payments(struct od_step *step)
{
    if (step->order->payment_count >= OD_PAYMENTS_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d payments", OD_PAYMENTS_MAX);
    return 0;
}

static bool seen_before(const struct od_order *o, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (od_str_eq(o->payments[k].method, o->payments[i].method))
            return true;
    }
    return false;
}

struct od_str od_step_by_method(const struct od_step *step, enum od_payment_type type)
{
    const struct od_order *o = step->order;
    int digits = od_currency_digits(o->currency);
    struct od_buf text;
    od_buf_init(&text, 700);
    for (uint32_t i = 0; i < o->payment_count; i++) {
        struct od_str method = o->payments[i].method;
        struct od_account acc = od_account_of(o, method);
        int64_t limit = od_account_limit(&acc, type);
        if (seen_before(o, i) || limit < 1 || limit == INT64_MAX)
            continue;
        od_buf_str(&text, text.len > 0 ? OD_STR(", ") : OD_STR(""));
        od_decimal_format(&text, limit, digits);
        od_buf_printf(&text, " by %.*s", OD_STR_ARG(method.len ? method : OD_STR("no method")));
    }
    struct od_str list = od_arena_str(step->env->arena, od_buf_view(&text));
    od_buf_fini(&text);
    return list.len > 0 ? list : OD_STR("nothing");
}

/* The refusals of the types that are limited. */
static const struct {
    const char *code, *what;
} limits[] = {
    [OD_PAYMENT_AUTHORIZE] = {NULL, NULL},
    [OD_PAYMENT_CAPTURE] = {"capture_exceeds_authorized", "authorized and not captured"},
    [OD_PAYMENT_VOID] = {"void_exceeds_authorized", "authorized and not captured"},
    [OD_PAYMENT_FAIL] = {NULL, NULL},
    [OD_PAYMENT_REFUND] = {"refund_exceeds_captured", "captured and not given back"},
    [OD_PAYMENT_CHARGEBACK] = {"chargeback_exceeds_captured", "captured and not charged back"},
};

int od_step_check_limit(struct od_step *step, const struct od_account *acc,
                        enum od_payment_type type, int64_t amount)
{
    const int64_t open = od_account_limit(acc, type);
    if (amount <= open)
        return 0;
    struct od_buf text;
    od_buf_init(&text, 160);
    int digits = od_currency_digits(step->order->currency);
    od_decimal_format(&text, amount, digits);
    od_buf_str(&text, OD_STR(" exceeds "));
    od_decimal_format(&text, open, digits);
    od_buf_printf(&text, ", which is %s", limits[type].what);
    if (type == OD_PAYMENT_CAPTURE)
        od_buf_str(&text, OD_STR("; record the authorize it belongs to first"));
    struct od_str detail = od_arena_str(step->env->arena, od_buf_view(&text));
    od_buf_fini(&text);
    if (!step->c->historical)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, limits[type].code, "%.*s",
                              OD_STR_ARG(detail));
    od_step_overrule(step, "%s: %.*s", limits[type].code, OD_STR_ARG(detail));
    return 0;
}

int od_step_check_sums(struct od_step *step, const struct od_account *acc,
                       enum od_payment_type type, int64_t amount)
{
    struct od_order after = *step->order;
    if (!od_account_post(&after, acc, type, amount))
        return od_step_invalid(step, "bad_amount", "/amount", "The sum of payments does not fit");
    return 0;
}
