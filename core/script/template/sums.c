#include "script/template/sums.h"

#include "order/amounts/account.h"
#include "order/amounts/amounts.h"

/* amount * part / whole, rounded down; in 128 bits. 0 <= part <= whole. */
static int64_t share(int64_t amount, int64_t part, int64_t whole)
{
    return whole > 0 ? (int64_t)((__int128)amount * part / whole) : 0;
}

static struct od_sum sum_of(int64_t gross, int64_t tax)
{
    return (struct od_sum){gross - tax, tax, gross};
}

static void add(struct od_sum *to, struct od_sum s)
{
    to->net += s.net;
    to->tax += s.tax;
    to->gross += s.gross;
}

/* A percent of which nothing was charged is none. */
static void add_tax(struct od_document_sums *d, const struct od_document_line *line)
{
    int64_t percent = line->item->tax_amount ? line->item->tax_percent : 0;
    uint32_t at = 0;

    while (at < d->tax_count && d->taxes[at].percent < percent)
        at++;
    if (at == d->tax_count || d->taxes[at].percent != percent) {
        for (uint32_t i = d->tax_count++; i > at; i--)
            d->taxes[i] = d->taxes[i - 1];
        d->taxes[at] = (struct od_document_tax){.percent = percent};
    }
    add(&d->taxes[at].sum, line->sum);
}

static struct od_document_line *add_line(struct od_document_sums *d, const struct od_item *it,
                                         int32_t qty, struct od_sum sum)
{
    struct od_document_line *line = &d->lines[d->line_count++];

    *line = (struct od_document_line){.item = it, .qty = qty, .sum = sum};
    if (__builtin_mul_overflow(it->weight, (int64_t)qty, &line->weight))
        line->weight = 0; /* decide checked the sum of all units; history it did not */
    d->weight += line->weight;
    add(&d->items, sum);
    add_tax(d, line);
    return line;
}

static void begin(struct od_document_sums *d, struct od_arena *a, uint32_t lines)
{
    *d = (struct od_document_sums){0};
    d->lines = OD_NEW_ARRAY(a, struct od_document_line, lines + 1);
    d->taxes = OD_NEW_ARRAY(a, struct od_document_tax, lines + 1);
}

/* The rest follows from the total. */
static void settle(struct od_document_sums *d, int64_t total)
{
    d->total = total;
    d->adjustment = total - (d->items.gross - d->discount + d->shipping.gross);
}

/* Returns the part of a line's amount without so many cancelled units. */
static int64_t left_of(const struct od_item *it, int64_t amount, int32_t canceled)
{
    return amount - share(amount, canceled, it->qty);
}

/* An invoice leaves out units that were cancelled, but not those of which a credit memo says so. */
static int32_t left_out(const struct od_order *o, const struct od_item *it)
{
    return it->qty_canceled - od_item_credited(o, it);
}

static int64_t amount_left_out(const struct od_order *o)
{
    int64_t credited = od_order_credited(o);
    return o->amount_canceled > credited ? o->amount_canceled - credited : 0;
}

void od_sums_of_invoice(const struct od_order *o, struct od_arena *a, struct od_document_sums *out)
{
    int64_t due = 0; /* of the lines, the order's discount taken off */
    int64_t canceled = amount_left_out(o);

    begin(out, a, o->item_count);
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t without = left_out(o, it);
        struct od_document_line *line;

        if (it->qty <= without)
            continue;
        line =
            add_line(out, it, it->qty - without,
                     sum_of(left_of(it, it->total, without), left_of(it, it->tax_amount, without)));
        line->discount = left_of(it, it->discount_amount, without);
        due += od_units_amount(o, it, without, it->qty);
    }
    if (out->items.gross > due)
        out->discount = out->items.gross - due;
    if (canceled < o->grand_total || canceled == 0)
        out->shipping =
            sum_of(o->shipping_fee_incl_tax, o->shipping_fee_incl_tax - o->shipping_fee_excl_tax);
    settle(out, o->grand_total - canceled);
}

void od_sums_of_refund(const struct od_order *o, const struct od_refund *r, struct od_arena *a,
                       struct od_document_sums *out)
{
    int64_t shipping_tax = o->shipping_fee_incl_tax - o->shipping_fee_excl_tax;

    begin(out, a, r->item_count);
    for (uint32_t i = 0; i < r->item_count; i++) {
        const struct od_refund_item *line = &r->items[i];
        const struct od_item *it = od_order_item(o, line->order_item_id);

        if (it)
            add_line(out, it, line->qty,
                     sum_of(line->amount, share(line->amount, it->tax_amount, it->total)));
    }
    out->shipping = sum_of(r->shipping_amount,
                           share(r->shipping_amount, shipping_tax, o->shipping_fee_incl_tax));
    settle(out, r->amount);
}

void od_sums_of_shipment(const struct od_order *o, const struct od_shipment *s, struct od_arena *a,
                         struct od_document_sums *out)
{
    begin(out, a, s->item_count);
    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct od_item *it = od_order_item(o, s->items[i].order_item_id);

        if (it)
            add_line(out, it, s->items[i].qty, (struct od_sum){0});
    }
}
