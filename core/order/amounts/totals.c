#include "order/amounts/totals.h"

#include <stdio.h>

#include "base/money.h"

struct settling {
    struct od_problem_list *problems;
    int digits;
    int64_t item; /* index of the line being settled, -1: the order itself */
};

void od_totals_unset_item(struct od_item *it)
{
    it->final_price = it->final_price_incl_tax = OD_AMOUNT_UNSET;
    it->tax_amount = it->discount_amount = OD_AMOUNT_UNSET;
    it->sub_total = it->total = OD_AMOUNT_UNSET;
}

void od_totals_unset_order(struct od_order *draft)
{
    draft->sub_total = draft->sub_total_incl_tax = OD_AMOUNT_UNSET;
    draft->discount_amount = draft->tax_amount = OD_AMOUNT_UNSET;
    draft->shipping_fee_excl_tax = draft->shipping_fee_incl_tax = OD_AMOUNT_UNSET;
    draft->grand_total = OD_AMOUNT_UNSET;
}

static void fill(int64_t *amount, int64_t value)
{
    if (*amount == OD_AMOUNT_UNSET)
        *amount = value;
}

static void problem(const struct settling *s, const char *member, const char *detail)
{
    char pointer[64];
    if (s->item >= 0)
        snprintf(pointer, sizeof pointer, "/items/%lld/%s", (long long)s->item, member);
    else
        snprintf(pointer, sizeof pointer, "/%s", member);
    od_problem_add(s->problems, pointer, "%s", detail);
}

/* Fills *amount with what it must be, or says that it differs. */
static void settle(const struct settling *s, int64_t *amount, int64_t expected, const char *member,
                   const char *formula)
{
    fill(amount, expected);
    if (expected < 0) {
        problem(s, member, "would be negative");
    } else if (*amount != expected) {
        struct od_buf detail;
        od_buf_init(&detail, 256);
        od_buf_printf(&detail, "does not add up: %s is ", formula);
        od_decimal_format(&detail, expected, s->digits);
        od_buf_char(&detail, '\0');
        problem(s, member, detail.ptr);
        od_buf_fini(&detail);
    }
}

/* The price of one unit with its share of the line's tax, to the nearest minor unit. For display. A
 * line that a change has removed has no units. */
static bool unit_price_incl_tax(const struct od_item *it, int64_t *out)
{
    int64_t share = it->qty > 0 ? it->tax_amount / it->qty : 0;
    if (it->qty > 0 && it->tax_amount % it->qty >= it->qty - it->qty / 2)
        share++;
    return od_money_add(it->final_price, share, out);
}

static bool settle_item(const struct settling *s, struct od_item *it)
{
    int64_t sub_total, total, incl_tax;
    fill(&it->final_price, it->price);
    fill(&it->discount_amount, 0);
    fill(&it->tax_amount, 0);
    if (!od_money_mul(it->final_price, it->qty, &sub_total)) {
        problem(s, "subTotal", "is too large");
        return false;
    }
    settle(s, &it->sub_total, sub_total, "subTotal", "finalPrice * qty");
    if (!od_money_sub(sub_total, it->discount_amount, &total) ||
        !od_money_add(total, it->tax_amount, &total)) {
        problem(s, "total", "is too large");
        return false;
    }
    settle(s, &it->total, total, "total", "subTotal - discountAmount + taxAmount");
    if (!unit_price_incl_tax(it, &incl_tax)) {
        problem(s, "finalPriceInclTax", "is too large");
        return false;
    }
    fill(&it->final_price_incl_tax, incl_tax);
    return true;
}

struct sums {
    int64_t sub_total, discount, tax, qty, weight;
};

static bool sum_items(const struct settling *s, const struct od_order *o, struct sums *sum)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int64_t weight;
        bool fits = od_money_add(sum->sub_total, it->sub_total, &sum->sub_total) &&
                    od_money_add(sum->discount, it->discount_amount, &sum->discount) &&
                    od_money_add(sum->tax, it->tax_amount, &sum->tax);
        if (!fits) {
            problem(s, "subTotal", "is too large");
            return false;
        }
        if (!od_money_mul(it->weight, it->qty, &weight) ||
            !od_money_add(sum->weight, weight, &sum->weight)) {
            problem(s, "totalWeight", "is too large");
            return false;
        }
        sum->qty += it->qty;
    }
    return true;
}

/* A fee given once counts for both. Returns the tax in it. */
static int64_t settle_shipping(const struct settling *s, struct od_order *o)
{
    fill(&o->shipping_fee_incl_tax, o->shipping_fee_excl_tax);
    fill(&o->shipping_fee_incl_tax, 0);
    fill(&o->shipping_fee_excl_tax, o->shipping_fee_incl_tax);
    if (o->shipping_fee_incl_tax < o->shipping_fee_excl_tax)
        problem(s, "shippingFeeInclTax", "is less than shippingFeeExclTax");
    return o->shipping_fee_incl_tax - o->shipping_fee_excl_tax;
}

static void settle_header(const struct settling *s, struct od_order *o, const struct sums *sum)
{
    /* History knows orders without lines; nothing says what they were worth but the header. */
    if (o->item_count == 0)
        fill(&o->sub_total, 0);
    else
        settle(s, &o->sub_total, sum->sub_total, "subTotal", "the sum of items' subTotal");

    fill(&o->discount_amount, sum->discount);
    if (sum->discount > 0)
        settle(s, &o->discount_amount, sum->discount, "discountAmount",
               "the sum of items' discountAmount");

    int64_t shipping_tax = settle_shipping(s, o);
    int64_t tax, incl_tax, grand_total;
    bool fits = od_money_add(sum->tax, shipping_tax, &tax) &&
                od_money_add(o->sub_total, sum->tax, &incl_tax) &&
                od_money_sub(o->sub_total, o->discount_amount, &grand_total) &&
                od_money_add(grand_total, sum->tax, &grand_total) &&
                od_money_add(grand_total, o->shipping_fee_incl_tax, &grand_total);
    if (!fits) {
        problem(s, "grandTotal", "is too large");
        return;
    }
    if (o->tax_amount != sum->tax)
        settle(s, &o->tax_amount, tax, "taxAmount", "the sum of items' taxAmount (and shipping's)");
    fill(&o->sub_total_incl_tax, incl_tax);
    settle(s, &o->grand_total, grand_total, "grandTotal",
           "subTotal - discountAmount + items' taxAmount + shippingFeeInclTax");
}

bool od_totals_settle(struct od_order *draft, struct od_problem_list *problems)
{
    size_t before = problems->count;
    struct settling s = {problems, od_currency_digits(draft->currency), 0};
    for (; s.item < draft->item_count; s.item++) {
        if (!settle_item(&s, &draft->items[s.item]))
            return false;
    }
    s.item = -1;
    struct sums sum = {0};
    if (problems->count != before || !sum_items(&s, draft, &sum))
        return false;
    draft->total_qty = (int32_t)sum.qty;
    draft->total_weight = sum.weight;
    settle_header(&s, draft, &sum);
    return problems->count == before;
}
