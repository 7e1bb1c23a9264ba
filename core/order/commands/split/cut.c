#include "order/commands/split/split.h"

#include <string.h>

#include "order/amounts/account.h"

/* Lines and totals of an order cut in two. The rest is the order less what is split off, so that
 * nothing can be lost between them. */

__extension__ typedef __int128 wide;

int64_t od_split_share(int64_t amount, int64_t part, int64_t whole)
{
    return whole > 0 ? (int64_t)((wide)amount * part / whole) : 0;
}

/* Takes the units out of the line; what they were becomes a line of their own. */
static struct od_item cut_line(struct od_item *it, int32_t qty)
{
    struct od_item off = *it;
    off.qty = qty;
    off.sub_total = od_split_share(it->sub_total, qty, it->qty);
    off.discount_amount = od_split_share(it->discount_amount, qty, it->qty);
    off.tax_amount = od_split_share(it->tax_amount, qty, it->qty);
    off.total = off.sub_total - off.discount_amount + off.tax_amount;
    off.qty_shipped = off.qty_delivered = off.qty_canceled = off.qty_returned = 0;
    off.qty_refunded = off.qty_restocked = off.qty_shipped_after_cancel = 0;
    it->qty -= qty;
    it->sub_total -= off.sub_total;
    it->discount_amount -= off.discount_amount;
    it->tax_amount -= off.tax_amount;
    it->total -= off.total;
    return off;
}

struct sums {
    int64_t sub_total, discount, tax, total, qty, weight;
};

static struct sums add_up(const struct od_order *o)
{
    struct sums n = {0};
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        n.sub_total += it->sub_total;
        n.discount += it->discount_amount;
        n.tax += it->tax_amount;
        n.total += it->total;
        n.qty += it->qty;
        n.weight += it->weight * it->qty;
    }
    return n;
}

/* How much of the order it is: by what the lines cost, or, where they are free, by their units. */
static int64_t in_proportion(int64_t amount, const struct sums *off, const struct sums *all)
{
    return all->total > 0 ? od_split_share(amount, off->total, all->total)
                          : od_split_share(amount, off->qty, all->qty);
}

/* No more of the fee goes along than was not refunded. */
static void cut_fees(const struct od_order *o, struct od_order *made, const struct sums *off,
                     const struct sums *all)
{
    int64_t left = od_order_shipping_left(o);
    int64_t fee = in_proportion(o->shipping_fee_incl_tax, off, all);
    made->shipping_fee_incl_tax = fee < left ? fee : left;
    made->shipping_fee_excl_tax = od_split_share(
        o->shipping_fee_excl_tax, made->shipping_fee_incl_tax, o->shipping_fee_incl_tax);
}

/* The order's tax is its lines', or theirs and that of the fee; what a total beyond its sum says,
 * goes in proportion. */
static void cut_totals(const struct od_order *o, struct od_order *made, const struct sums *off,
                       const struct sums *all)
{
    int64_t fee_tax = made->shipping_fee_incl_tax - made->shipping_fee_excl_tax;
    bool plain = o->sub_total_incl_tax == all->sub_total + all->tax;
    made->sub_total = off->sub_total;
    made->sub_total_incl_tax =
        plain ? off->sub_total + off->tax : in_proportion(o->sub_total_incl_tax, off, all);
    made->discount_amount =
        all->discount > 0 ? off->discount : in_proportion(o->discount_amount, off, all);
    made->tax_amount = o->tax_amount == all->tax ? off->tax : off->tax + fee_tax;
    made->grand_total =
        made->sub_total - made->discount_amount + off->tax + made->shipping_fee_incl_tax;
    made->total_qty = (int32_t)off->qty;
    made->total_weight = off->weight;
}

static void keep_rest(struct od_order *rest, const struct od_order *made)
{
    rest->sub_total -= made->sub_total;
    rest->sub_total_incl_tax -= made->sub_total_incl_tax;
    rest->discount_amount -= made->discount_amount;
    rest->tax_amount -= made->tax_amount;
    rest->shipping_fee_excl_tax -= made->shipping_fee_excl_tax;
    rest->shipping_fee_incl_tax -= made->shipping_fee_incl_tax;
    rest->grand_total -= made->grand_total;
    rest->total_qty -= made->total_qty;
    rest->total_weight -= made->total_weight;
}

/* Copies the values that the two have in common. */
static struct od_order *draft_of(const struct od_order *o, uint32_t lines, struct od_arena *a)
{
    struct od_order *made = OD_NEW(a, struct od_order);
    *made = (struct od_order){
        .split_of = o->uuid,
        .store = o->store,
        .locale = o->locale,
        .currency = o->currency,
        .customer_id = o->customer_id,
        .customer_email = o->customer_email,
        .customer_full_name = o->customer_full_name,
        .coupon = o->coupon,
        .shipping_method = o->shipping_method,
        .shipping_method_name = o->shipping_method_name,
        .shipping_note = o->shipping_note,
        .payment_method = o->payment_method,
        .payment_method_name = o->payment_method_name,
        .tags = o->tags,
        .metadata = o->metadata,
        .historical = o->historical,
        .addresses = {o->addresses[OD_SHIPPING], o->addresses[OD_BILLING]},
        .items = OD_NEW_ARRAY(a, struct od_item, lines),
    };
    return made;
}

/* Each hold of the order holds the split-off order, too. */
static void copy_holds(const struct od_order *o, struct od_order *made, struct od_arena *a)
{
    made->holds = OD_NEW_ARRAY(a, struct od_hold, o->hold_count);
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (o->holds[i].dirty != OD_DIRTY_DELETED)
            made->holds[made->hold_count++] = o->holds[i];
    }
}

struct od_cut od_split_cut(const struct od_order *o, const struct od_units *units, uint32_t count,
                           struct od_arena *a)
{
    struct od_cut cut = {.rest = od_order_clone(a, o), .made = draft_of(o, count, a)};
    struct od_order *made = cut.made;
    struct sums all = add_up(o);
    for (; made->item_count < count; made->item_count++) {
        const struct od_units *u = &units[made->item_count];
        struct od_item *line = &made->items[made->item_count];
        *line = cut_line(od_order_item(cut.rest, u->order_item_id), u->qty);
        line->order_item_id = (int32_t)made->item_count + 1;
    }
    struct sums off = add_up(made);
    cut_fees(o, made, &off, &all);
    cut_totals(o, made, &off, &all);
    keep_rest(cut.rest, made);
    copy_holds(o, made, a);
    od_split_pay(o, &cut, a);
    return cut;
}
