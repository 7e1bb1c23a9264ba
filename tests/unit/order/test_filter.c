#include <string.h>

#include "sample.h"

#include "order/show/filter.h"

/* Filters in a line, over an order in memory. tests/unit/store/test_search.c compares each filter
 * with what a list of orders finds by it. */

static bool finds(const char *line)
{
    struct od_arena a;
    struct od_filters filters;
    struct od_err err;
    od_arena_init(&a);
    struct od_order *o = sample_draft(&a);
    o->created_at = SAMPLE_AT;
    o->tags = OD_STR("[\"gift & card\"]");
    if (od_filters_read(od_str_of(line), sample_statuses(), &a, &filters, &err))
        fail_msg("%s: %s", line, err.message);
    bool found = od_filters_find(&filters, o);
    od_arena_fini(&a);
    return found;
}

static void an_order_is_found_by_all_of_a_line(void **state)
{
    (void)state;
    assert_true(finds(""));
    assert_true(finds("currency=eur&grandTotal.gte=64.99&grandTotal.lt=65"));
    assert_false(finds("currency=eur&grandTotal.gt=64.99"));
    assert_true(finds("customerEmail=ANA@EXAMPLE.com&sku=MUG-RED&sku.neq=CUP"));
    assert_false(finds("sku.nin=CUP,MUG-RED"));
    assert_true(finds("sku.like=ug-RED&customerEmail.like=@EXAMPLE."));
    assert_true(finds("sku.like=mug-red"));
    assert_false(finds("sku.like=mug-reds"));
    assert_true(finds("tag=gift%20%26%20card"));
    assert_true(finds("coupon.exists=false&coupon.neq=TEN"));
    assert_true(finds("createdAt.gte=2017-07-09T21:57:05Z&createdAt.lt=2017-07-09T21:57:06Z"));
}

static void an_amount_counts_in_the_orders_own_currency(void **state)
{
    struct od_order yen = {.currency = OD_STR_INIT("JPY"), .grand_total = 6500};
    struct od_filter f;
    struct od_err err;
    (void)state;
    assert_int_equal(od_filter_read(OD_STR("grandTotal.gte"), OD_STR("6500"), NULL, &f, &err), 0);
    assert_true(od_filter_finds(&f, &yen));
    yen.grand_total = INT64_MAX;
    assert_true(od_filter_finds(&f, &yen));
    yen.grand_total = 6499;
    assert_false(od_filter_finds(&f, &yen));
}

static bool trail_finds(const char *name, const char *value, const struct od_filter_trail *trail)
{
    struct od_filter f;
    struct od_err err;
    if (od_filter_read(od_str_of(name), od_str_of(value), NULL, &f, &err))
        fail_msg("%s=%s: %s", name, value, err.message);
    return od_filter_finds_trail(&f, trail);
}

static void who_decided_is_asked_of_the_trail(void **state)
{
    const struct od_filter_trail trail = {.decided = OD_STR("order.cancel@net30 order.status@x"),
                                          .refused = OD_STR(""),
                                          .bundles = OD_STR("12 3")};
    (void)state;
    assert_true(trail_finds("decidedBy", "order.status@x", &trail));
    assert_false(trail_finds("decidedBy", "order.cancel", &trail)); /* not a complete name */
    assert_false(trail_finds("decidedBy.neq", "order.cancel@net30", &trail));
    assert_true(trail_finds("decidedBy.nin", "order.cancel@b2b,order.ship@x", &trail));
    assert_true(trail_finds("refusedBy.exists", "false", &trail));
    assert_true(trail_finds("refusedBy.neq", "order.cancel@net30", &trail));
    assert_true(trail_finds("bundle.in", "1,3", &trail));
    assert_false(trail_finds("bundle", "1", &trail));
}

static void what_is_no_filter_is_refused_with_a_reason(void **state)
{
    static const char *const lines[][2] = {
        {"colour=red", "no filter \"colour\""},
        {"status", "status=paid&sku.in=A,B"},
        {"sku.gt=A", "only times"},
        {"grandTotal=much", "grandTotal"},
        {"status=gone", "no status \"gone\""},
        {"sku=%2", "two hexadecimal digits"},
        {"sku=%00", "two hexadecimal digits"},
        {"status.is=paid", ".eq .neq"},
        {"coupon.exists=maybe", "true or false"},
        {"coupon.like=SUMMER", "a part of it cannot be asked for"},
        {"status.like=proc", "a part of it cannot be asked for"},
        {"sku.like=AB", "3 letters or digits in a row"},
        {"sku.like=A-B-C%20D", "3 letters or digits in a row"},
        {"decidedBy=order.cancel@net30", "in lists alone"},
        {"decidedBy=order.cancel@@net30", "names no policy"},
        {"refusedBy.in=order.cancel,", "names no policy"},
        {"bundle.exists=true", "in lists alone"},
        {"bundle=01g", "beginning of a bundle's hash"},
        {"figure=sale", "not a figure"},
        {"figure.in=sale", "only .eq and .neq"},
        {"figure=sale,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z", "in lists alone"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct od_arena a;
        struct od_filters filters;
        struct od_err err;
        od_arena_init(&a);
        assert_int_equal(
            od_filters_read(od_str_of(lines[i][0]), sample_statuses(), &a, &filters, &err), -1);
        if (!strstr(err.message, lines[i][1]))
            fail_msg("%s: %s", lines[i][0], err.message);
        od_arena_fini(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_found_by_all_of_a_line),
        cmocka_unit_test(an_amount_counts_in_the_orders_own_currency),
        cmocka_unit_test(who_decided_is_asked_of_the_trail),
        cmocka_unit_test(what_is_no_filter_is_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
