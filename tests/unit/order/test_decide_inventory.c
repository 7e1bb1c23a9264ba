#include "check.h"

static enum od_verdict set(struct shop *sh, const char *sku, const char *body)
{
    struct od_command *c = shop_command(sh, OD_COMMAND_SET_INVENTORY, body);
    c->sku = od_str_of(sku);
    return shop_run(sh, c);
}

static void a_count_and_a_delivery_are_adjustments(void **state)
{
    struct shop *sh = *state;
    sh->d.order = NULL;
    assert_done(set(sh, "a", "{'qty':7}"));
    assert_ptr_equal(sh->d.stock, &sh->skus[0]);
    assert_int_equal(sh->skus[0].on_hand, 7);
    assert_int_equal(sh->skus[0].adjusted->delta, -3);
    assert_str(sh->skus[0].adjusted->actor, "tester");
    assert_int_equal(sh->skus[0].dirty, OD_DIRTY_CHANGED);
    assert_done(set(sh, "a", "{'delta':5}"));
    assert_int_equal(sh->skus[0].on_hand, 12);
    assert_int_equal(sh->skus[0].adjusted->delta, 5);
    assert_int_equal(sh->skus[0].adjusted->before->delta, -3);
    assert_int_equal(sh->d.event_count, 0);
}

static void an_absent_sku_starts_from_zero(void **state)
{
    struct shop *sh = *state;
    assert_refused(set(sh, "none", "{'delta':-1}"), OD_VERDICT_CONFLICT, "below_reserved");
    assert_false(sh->skus[2].exists);
    assert_done(set(sh, "none", "{'delta':4}"));
    assert_true(sh->skus[2].exists);
    assert_int_equal(sh->skus[2].on_hand, 4);
    assert_int_equal(sh->skus[2].dirty, OD_DIRTY_NEW);
}

static void what_is_reserved_stays_on_hand(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(set(sh, "a", "{'qty':1}"), OD_VERDICT_CONFLICT, "below_reserved");
    assert_done(set(sh, "a", "{'qty':2}"));
    assert_refused(set(sh, "a", "{'delta':-1}"), OD_VERDICT_CONFLICT, "below_reserved");
}

static void a_count_that_changes_nothing_is_no_adjustment(void **state)
{
    struct shop *sh = *state;
    assert_done(set(sh, "a", "{'qty':10}"));
    assert_int_equal(sh->skus[0].dirty, OD_CLEAN);
    assert_ptr_equal(sh->d.stock, &sh->skus[0]);
}

static void sums_past_int64_and_bad_skus_are_invalid(void **state)
{
    struct shop *sh = *state;
    sh->skus[0].on_hand = INT64_MAX;
    assert_refused(set(sh, "a", "{'delta':1}"), OD_VERDICT_INVALID, "bad_quantity");
    assert_str(sh->d.refusal.pointer, "/delta");
    assert_refused(set(sh, "", "{'qty':1}"), OD_VERDICT_INVALID, "bad_sku");
}

static void a_dry_run_shows_a_copy(void **state)
{
    struct shop *sh = *state;
    struct od_command *c = shop_command(sh, OD_COMMAND_SET_INVENTORY, "{'qty':3}");
    c->sku = OD_STR("none");
    od_decide(&sh->d, c, true);
    assert_done(sh->d.verdict);
    assert_int_equal(sh->d.stock->on_hand, 3);
    assert_false(sh->skus[2].exists);
    assert_int_equal(sh->skus[2].dirty, OD_CLEAN);
}

static void each_location_is_counted_by_itself(void **state)
{
    struct shop *sh = *state;
    shop_open_east(sh, 4);
    assert_done(set(sh, "a", "{'qty':7,'location':'east','reason':'count of the week'}"));
    assert_ptr_equal(sh->d.stock, &sh->skus[3]);
    assert_int_equal(sh->skus[3].on_hand, 7);
    assert_str(sh->skus[3].adjusted->reason, "count of the week");
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_refused(set(sh, "a", "{'qty':1,'location':'moon'}"), OD_VERDICT_INVALID,
                   "unknown_location");
    assert_str(sh->d.refusal.pointer, "/location");
    /* What still lies at a location that was closed can be counted down. */
    sh->shop.location_count = 1;
    assert_done(set(sh, "a", "{'qty':0,'location':'east'}"));
}

static void the_first_delivery_at_a_location_opens_a_row(void **state)
{
    struct shop *sh = *state;
    shop_open_east(sh, 0);
    assert_done(set(sh, "b", "{'delta':2,'location':'east'}"));
    const struct od_stock *east = &sh->skus[4];
    assert_ptr_equal(sh->d.stock, east);
    assert_str(east->sku, "b");
    assert_str(east->location, "east");
    assert_int_equal(east->on_hand, 2);
    assert_int_equal(east->adjusted->delta, 2);
    assert_int_equal(east->dirty, OD_DIRTY_NEW);
    assert_true(east->exists);
}

static void what_may_be_sold_ahead_may_be_less_than_is_reserved(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(set(sh, "a", "{'backorder':true}"));
    assert_true(sh->skus[0].backorder);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_null(sh->skus[0].adjusted);
    assert_done(set(sh, "a", "{'qty':0}"));
    assert_refused(set(sh, "a", "{'delta':-1}"), OD_VERDICT_CONFLICT, "below_reserved");
    assert_refused(set(sh, "a", "{'backorder':false}"), OD_VERDICT_CONFLICT, "below_reserved");
    assert_done(set(sh, "a", "{'qty':2,'backorder':false}"));
    assert_int_equal(sh->skus[0].oversold, 0);
}

static void a_delivery_makes_up_for_what_was_oversold(void **state)
{
    struct shop *sh = *state;
    sh->skus[0].on_hand = 1;
    sh->skus[0].reserved = 4;
    sh->skus[0].oversold = 3;
    assert_refused(set(sh, "a", "{'qty':0}"), OD_VERDICT_CONFLICT, "below_reserved");
    assert_done(set(sh, "a", "{'delta':2}"));
    assert_int_equal(sh->skus[0].oversold, 1);
    assert_refused(set(sh, "a", "{'delta':-1}"), OD_VERDICT_CONFLICT, "below_reserved");
    assert_done(set(sh, "a", "{'qty':9}"));
    assert_int_equal(sh->skus[0].oversold, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_count_and_a_delivery_are_adjustments),
        TEST(an_absent_sku_starts_from_zero),
        TEST(what_is_reserved_stays_on_hand),
        TEST(a_count_that_changes_nothing_is_no_adjustment),
        TEST(sums_past_int64_and_bad_skus_are_invalid),
        TEST(a_dry_run_shows_a_copy),
        TEST(each_location_is_counted_by_itself),
        TEST(the_first_delivery_at_a_location_opens_a_row),
        TEST(what_may_be_sold_ahead_may_be_less_than_is_reserved),
        TEST(a_delivery_makes_up_for_what_was_oversold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
