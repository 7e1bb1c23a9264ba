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
    assert_int_equal(sh->skus[0].adjusted, -3);
    assert_str(sh->skus[0].adjusted_by, "tester");
    assert_int_equal(sh->skus[0].dirty, OD_DIRTY_CHANGED);
    assert_done(set(sh, "a", "{'delta':5}"));
    assert_int_equal(sh->skus[0].on_hand, 12);
    assert_int_equal(sh->skus[0].adjusted, 2);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_count_and_a_delivery_are_adjustments),
        TEST(an_absent_sku_starts_from_zero),
        TEST(what_is_reserved_stays_on_hand),
        TEST(a_count_that_changes_nothing_is_no_adjustment),
        TEST(sums_past_int64_and_bad_skus_are_invalid),
        TEST(a_dry_run_shows_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
