#include "order/commands/change/change.h"

#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "order/model/fields.h"

/* Computes what a change comes to. Lines and totals are made anew and settled as those of a
 * draft. */

__extension__ typedef __int128 wide;

/* amount * to / from, cut to the minor unit: all >= 0, from > 0. A result that does not fit is more
 * than any total may be, which settling refuses. */
static int64_t in_proportion(int64_t amount, int64_t to, int64_t from)
{
    wide share = (wide)amount * to / from;

    return share > INT64_MAX ? INT64_MAX : (int64_t)share;
}

static int64_t given_or(int64_t given, int64_t otherwise)
{
    return given == OD_AMOUNT_UNSET ? otherwise : given;
}

/* A line that was removed has nothing left to be in proportion to. */
static int64_t follow(int64_t amount, int32_t to, int32_t from)
{
    return from > 0 ? in_proportion(amount, to, from) : 0;
}

static void change_line(struct od_item *it, const struct od_change_line_terms *l)
{
    it->tax_amount = given_or(l->tax_amount, follow(it->tax_amount, l->qty, it->qty));
    it->discount_amount =
        given_or(l->discount_amount, follow(it->discount_amount, l->qty, it->qty));
    it->qty = l->qty;
    it->sub_total = it->total = OD_AMOUNT_UNSET;
}

static void make_items(struct od_order *o, const struct od_change_terms *t, struct od_arena *a)
{
    uint32_t count = o->item_count + t->add_count;
    struct od_item *items = OD_NEW_ARRAY(a, struct od_item, count);

    if (o->item_count)
        memcpy(items, o->items, o->item_count * sizeof *items);
    for (uint32_t i = 0; i < t->line_count; i++)
        change_line(&items[t->lines[i].order_item_id - 1], &t->lines[i]);
    for (uint32_t i = 0; i < t->add_count; i++) {
        struct od_item *it = &items[o->item_count + i];
        *it = t->add[i];
        it->order_item_id = (int32_t)(o->item_count + i) + 1;
        it->stock_tracked = false;
    }
    o->items = items;
    o->item_count = count;
    o->item_cap = count;
}

/* Sums up all lines; false: the sum does not fit. */
static bool sum_lines(const struct od_order *o, int64_t *discount, int64_t *tax)
{
    bool fits = true;

    *discount = *tax = 0;
    for (uint32_t i = 0; fits && i < o->item_count; i++)
        fits = od_money_add(*discount, o->items[i].discount_amount, discount) &&
               od_money_add(*tax, o->items[i].tax_amount, tax);
    return fits;
}

/* One fee of two follows the other as they stood to each other; where there was none, both are the
 * same. */
static int64_t follow_fee(int64_t fee, int64_t other, int64_t other_was)
{
    return other_was > 0 ? in_proportion(fee, other, other_was) : other;
}

static void make_fees(struct od_order *o, const struct od_change_terms *t)
{
    int64_t excl = o->shipping_fee_excl_tax, incl = o->shipping_fee_incl_tax;
    bool has_excl = t->shipping_fee_excl_tax != OD_AMOUNT_UNSET;
    bool has_incl = t->shipping_fee_incl_tax != OD_AMOUNT_UNSET;

    if (has_excl)
        o->shipping_fee_excl_tax = t->shipping_fee_excl_tax;
    else if (has_incl)
        o->shipping_fee_excl_tax = follow_fee(excl, t->shipping_fee_incl_tax, incl);
    if (has_incl)
        o->shipping_fee_incl_tax = t->shipping_fee_incl_tax;
    else if (has_excl)
        o->shipping_fee_incl_tax = follow_fee(incl, t->shipping_fee_excl_tax, excl);
}

/*
 * Header totals that follow are left to settling. Not so a discount of the order that no line
 * carries, which stays, and a tax that was said without that of shipping, which stays without.
 */
static void make_header(struct od_order *o, const struct od_order *was,
                        const struct od_change_terms *t)
{
    int64_t discount_was = 0, tax_was = 0, discount = 0, tax = 0;
    bool summed = sum_lines(was, &discount_was, &tax_was) && sum_lines(o, &discount, &tax);
    bool untaxed_fee = summed && was->tax_amount == tax_was &&
                       was->shipping_fee_incl_tax > was->shipping_fee_excl_tax;
    bool own_discount = summed && discount_was == 0 && was->discount_amount > 0;

    make_fees(o, t);
    o->tax_amount = given_or(t->tax_amount, untaxed_fee ? tax : OD_AMOUNT_UNSET);
    o->discount_amount =
        given_or(t->discount_amount, own_discount ? was->discount_amount : OD_AMOUNT_UNSET);
    o->grand_total = OD_AMOUNT_UNSET;
    if (t->line_count + t->add_count > 0)
        o->sub_total = o->sub_total_incl_tax = OD_AMOUNT_UNSET;
}

/* Settling speaks of lines by their place in the order, the caller knows them by their place in the
 * body. Only lines of the change can be wrong. */
static void point_into_body(struct od_problem_item *p, const struct od_order *was,
                            const struct od_change_terms *t, struct od_arena *a)
{
    char member[40] = "";
    unsigned line;
    uint32_t at = 0;

    if (sscanf(od_arena_str(a, p->pointer).ptr, "/items/%u/%39s", &line, member) != 2)
        return;
    if (line >= was->item_count) {
        p->pointer = od_arena_printf(a, "/add/%u/%s", line - was->item_count, member);
        return;
    }
    while (at < t->line_count && t->lines[at].order_item_id != (int32_t)line + 1)
        at++;
    p->pointer = od_arena_printf(a, "/items/%u/%s", at, member);
}

struct od_order *od_change_apply(const struct od_order *o, const struct od_change_terms *t,
                                 struct od_arena *a, struct od_problem_list *problems)
{
    struct od_order *after = od_order_clone(a, o);
    size_t before = problems->count;

    make_items(after, t, a);
    make_header(after, o, t);
    for (int i = 0; i < 2; i++) {
        if (t->has_address[i])
            after->addresses[i] = t->addresses[i];
    }
    if (od_totals_settle(after, problems))
        return after;
    for (size_t i = before; i < problems->count; i++)
        point_into_body(&problems->items[i], o, t, a);
    return NULL;
}

/* Bit i: field i may be changed and differs. */
static uint64_t differences(enum od_entity_kind kind, const void *x, const void *y)
{
    const struct od_entity *e = &od_entities[kind];
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (f->flags & OD_FIELD_CHANGED && !od_field_equal(f, x, y))
            mask |= UINT64_C(1) << i;
    }
    return mask;
}

struct od_patch *od_change_patch(const struct od_order *before, const struct od_order *after,
                                 struct od_arena *a)
{
    struct od_patch *p = OD_NEW(a, struct od_patch);
    struct od_order *values = OD_NEW(a, struct od_order);

    *values = *after;
    values->items = OD_NEW_ARRAY(a, struct od_item, after->item_count);
    values->item_count = 0;
    p->values = values;
    p->fields = differences(OD_ENTITY_ORDER, before, after);
    for (int i = 0; i < 2; i++)
        p->address[i] = !od_address_same(&before->addresses[i], &after->addresses[i]);
    for (uint32_t i = 0; i < after->item_count; i++) {
        if (i >= before->item_count ||
            differences(OD_ENTITY_ITEM, &before->items[i], &after->items[i]))
            values->items[values->item_count++] = after->items[i];
    }
    return p;
}

bool od_change_is_empty(const struct od_patch *p)
{
    return !p->fields && !p->address[0] && !p->address[1] && p->values->item_count == 0;
}
