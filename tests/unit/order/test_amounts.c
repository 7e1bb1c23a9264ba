#include "sample.h"

#include "order/amounts/amounts.h"

/* What units cost: to the minor unit, whatever the order looks like. */

static uint64_t seed = UINT64_C(88172645463325252);

static uint64_t draw(uint64_t n) /* xorshift64*, below n, or 0 */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return n > 0 ? (seed * UINT64_C(2685821657736338717) >> 1) % n : 0;
}

static void lines_sum_up(const struct od_order *o)
{
    int64_t goods = o->grand_total - o->shipping_fee_incl_tax, sum = 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int64_t line = od_line_amount(o, it), units = 0;
        assert_true(line >= 0);
        for (int32_t from = 0; from < it->qty;) {
            int32_t to = from + 1 + (int32_t)draw((uint64_t)(it->qty - from));
            int64_t amount = od_units_amount(o, it, from, to);
            assert_true(amount >= 0);
            units += amount;
            from = to;
        }
        assert_true(units == line);
        assert_true(od_units_amount(o, it, 0, it->qty) == line);
        sum += line;
    }
    assert_true(sum == (goods > 0 ? goods : 0));
}

/* An order that adds up: prices below max, a discount of its own, shipping, or none of these. */
static void random_order(struct od_order *o, struct od_item *items, uint64_t max)
{
    *o = (struct od_order){.items = items, .item_count = 1 + (uint32_t)draw(12)};
    for (uint32_t i = 0; i < o->item_count; i++) {
        struct od_item *it = &items[i];
        *it = (struct od_item){.order_item_id = (int32_t)i + 1, .qty = 1 + (int32_t)draw(9)};
        it->sub_total = (int64_t)draw(max) * it->qty;
        it->discount_amount = draw(2) ? 0 : (int64_t)draw((uint64_t)it->sub_total / 2 + 1);
        it->tax_amount = (int64_t)draw((uint64_t)it->sub_total / 4 + 1);
        it->total = it->sub_total - it->discount_amount + it->tax_amount;
        o->grand_total += it->total;
    }
    if (draw(2))
        o->grand_total -= (int64_t)draw((uint64_t)o->grand_total + 1);
    o->shipping_fee_incl_tax = draw(3) ? (int64_t)draw(max) : 0;
    o->grand_total += o->shipping_fee_incl_tax;
}

static void units_add_up_to_lines_and_lines_to_the_order(void **state)
{
    /* Yen, cents, and sums near the end of int64. */
    static const uint64_t prices[] = {1, 2, 100, 10000, UINT64_C(1) << 40, UINT64_C(1) << 55};
    struct od_order o;
    struct od_item items[12];
    (void)state;
    for (int i = 0; i < 6000; i++) {
        random_order(&o, items, prices[i % 6] + 1);
        lines_sum_up(&o);
    }
}

/* Cancels random units until none is open, then hands random ones over and calls them back. */
static void canceling_bit_by_bit_takes_off_all_of_it(void **state)
{
    struct od_order o;
    struct od_item items[12];
    (void)state;
    for (int run = 0; run < 2000; run++) {
        int32_t open = 0;
        random_order(&o, items, 5000);
        for (uint32_t i = 0; i < o.item_count; i++)
            open += items[i].qty;
        while (open > 0) {
            struct od_item *it = &items[draw(o.item_count)];
            if (od_item_open(it) == 0)
                continue;
            struct od_units u = {it->order_item_id, 1 + (int32_t)draw((uint64_t)od_item_open(it))};
            int64_t amount = od_canceled_amount(&o, &u, 1);
            assert_true(amount >= 0 && o.amount_canceled + amount <= o.grand_total);
            o.amount_canceled += amount;
            it->qty_canceled += u.qty;
            open -= u.qty;
        }
        assert_true(o.amount_canceled == o.grand_total);
        for (int k = 0; k < 4; k++) {
            struct od_item *it = &items[draw(o.item_count)];
            struct od_units u = {it->order_item_id, 1 + (int32_t)draw((uint64_t)it->qty)};
            int64_t back = od_restored_amount(&o, &u, 1);
            assert_true(back >= 0 && back <= o.amount_canceled);
            o.amount_canceled -= back;
            it->qty_canceled -= u.qty;
            assert_true(od_canceled_amount(&o, &u, 1) == back);
            o.amount_canceled += back;
            it->qty_canceled += u.qty;
        }
    }
}

static struct od_order two_lines(struct od_item items[2])
{
    items[0] = (struct od_item){.order_item_id = 1, .qty = 3, .total = 1000};
    items[1] = (struct od_item){.order_item_id = 2, .qty = 1, .total = 500};
    return (struct od_order){
        .items = items, .item_count = 2, .shipping_fee_incl_tax = 400, .grand_total = 1900};
}

static void units_are_rounded_down_one_after_the_other(void **state)
{
    struct od_item items[2];
    struct od_order o = two_lines(items);
    (void)state;
    assert_int_equal(od_units_amount(&o, &items[0], 0, 1), 333);
    assert_int_equal(od_units_amount(&o, &items[0], 1, 2), 333);
    assert_int_equal(od_units_amount(&o, &items[0], 2, 3), 334);
    assert_int_equal(od_units_amount(&o, &items[0], 1, 3), 667);
    assert_int_equal(od_units_amount(&o, &items[0], 2, 2), 0);
}

static void a_discount_of_the_order_is_borne_by_its_lines(void **state)
{
    struct od_item items[2];
    struct od_order o = two_lines(items);
    (void)state;
    o.grand_total -= 151;
    assert_int_equal(od_line_amount(&o, &items[0]), 899);
    assert_int_equal(od_line_amount(&o, &items[1]), 450);
    o.grand_total = 300; /* of shipping, too */
    assert_int_equal(od_line_amount(&o, &items[0]), 0);
    assert_int_equal(od_units_amount(&o, &items[1], 0, 1), 0);
}

static void a_removed_line_costs_nothing(void **state)
{
    struct od_item items[2];
    struct od_order o = two_lines(items);
    (void)state;
    items[1].qty = 0;
    items[1].total = 0;
    o.grand_total = 1400;
    assert_int_equal(od_line_amount(&o, &items[0]), 1000);
    assert_int_equal(od_line_amount(&o, &items[1]), 0);
    assert_int_equal(od_units_amount(&o, &items[1], 0, 0), 0);
}

static void free_lines_of_history_share_by_units(void **state)
{
    struct od_item items[2];
    struct od_order o = two_lines(items);
    (void)state;
    items[0].total = items[1].total = 0;
    assert_int_equal(od_line_amount(&o, &items[0]), 1125);
    assert_int_equal(od_line_amount(&o, &items[1]), 375);
}

static void what_is_canceled_stays_within_the_order(void **state)
{
    struct od_item items[2];
    struct od_order o = two_lines(items);
    const struct od_units all[2] = {{1, 3}, {2, 1}};
    (void)state;
    assert_int_equal(od_canceled_amount(&o, all, 2), 1900);
    o.amount_canceled = 1800; /* a change has made the order cheaper since */
    assert_int_equal(od_canceled_amount(&o, all, 1), 100);
    o.amount_canceled = 2000;
    assert_int_equal(od_canceled_amount(&o, all, 1), 0);
    assert_int_equal(od_restored_amount(&o, all, 0), 0);
}

static void an_order_without_lines_is_all_or_nothing(void **state)
{
    struct od_shipment parcel = {.shipment_id = 1};
    struct od_order o = {.grand_total = 700};
    (void)state;
    assert_int_equal(od_canceled_amount(&o, NULL, 0), 700);
    o.shipments = &parcel;
    o.shipment_count = 1;
    assert_int_equal(od_canceled_amount(&o, NULL, 0), 0);
    parcel.canceled_at = 1;
    assert_int_equal(od_canceled_amount(&o, NULL, 0), 700);
    o.amount_canceled = 700;
    assert_int_equal(od_restored_amount(&o, NULL, 0), 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_add_up_to_lines_and_lines_to_the_order),
        cmocka_unit_test(canceling_bit_by_bit_takes_off_all_of_it),
        cmocka_unit_test(units_are_rounded_down_one_after_the_other),
        cmocka_unit_test(a_discount_of_the_order_is_borne_by_its_lines),
        cmocka_unit_test(a_removed_line_costs_nothing),
        cmocka_unit_test(free_lines_of_history_share_by_units),
        cmocka_unit_test(what_is_canceled_stays_within_the_order),
        cmocka_unit_test(an_order_without_lines_is_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
