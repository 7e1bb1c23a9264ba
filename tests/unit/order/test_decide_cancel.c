#include "check.h"

#define CANCEL(body) shop_do(sh, OD_COMMAND_CANCEL, body)

static void cancelling_releases_what_is_not_shipped_once(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(CANCEL("{'reason':'changed my mind'}"));
    assert_str(sh->order.cancel_reason, "changed my mind");
    assert_int_equal(sh->order.canceled_at, NOW);
    assert_str(sh->order.status, "canceled");
    assert_str(sh->order.payment_status, "canceled");
    assert_str(sh->order.shipment_status, "canceled");
    assert_int_equal(sh->order.items[0].qty_canceled, 2);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(sh->d.events[0].unit_count, 2);
    assert_str(sh->d.events[0].reason, "changed my mind");
    assert_refused(CANCEL("{}"), OD_VERDICT_CONFLICT, "already_canceled");
    assert_int_equal(sh->asked[OD_ASK_ORDER_CANCEL], 1);
}

static void the_cancel_policy_refuses_with_its_code_and_reason(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(CANCEL("{}"), OD_VERDICT_POLICY, "shipped");
    assert_str(sh->d.refusal.detail, "Units are on their way");
    assert_str(sh->d.refusal.policy, "order.cancel@test");
}

static void history_overrules_the_cancel_policy(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_history(sh, OD_COMMAND_CANCEL, "{}"));
    assert_str(sh->d.events[0].overruled, "order.cancel: Units are on their way");
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_int_equal(sh->order.items[0].qty_shipped, 1);
    assert_int_equal(sh->skus[0].on_hand, 9);
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void a_failing_cancel_policy_is_closed_even_to_history(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->fail[OD_ASK_ORDER_CANCEL] = "budget exceeded";
    assert_refused(CANCEL("{}"), OD_VERDICT_POLICY, "policy_failed");
    assert_refused(shop_history(sh, OD_COMMAND_CANCEL, "{}"), OD_VERDICT_POLICY, "policy_failed");
}

static void a_status_policy_that_fails_after_a_cancel_undoes_it(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->value[OD_ASK_ORDER_STATUS] = "nowhere";
    assert_refused(CANCEL("{}"), OD_VERDICT_POLICY, "policy_failed");
    assert_int_equal(sh->skus[0].reserved, 2);
}

static void a_dry_run_of_cancel_touches_no_stock(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct before b = shop_before(sh);
    sh->d.events = NULL;
    sh->d.event_count = 0;
    sh->d.event_cap = 0;
    od_decide(&sh->d, shop_command(sh, OD_COMMAND_CANCEL, "{}"), true);
    assert_done(sh->d.verdict);
    assert_str(sh->d.order->status, "canceled");
    assert_str(sh->order.status, "pending");
    assert_memory_equal(b.skus, sh->skus, sizeof b.skus);
    assert_null(od_order_diff(&sh->arena, b.order, &sh->order));
}

static void stock_changed_by_hand_is_refused_not_made_worse(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->skus[1].reserved = 0;
    assert_refused(CANCEL("{}"), OD_VERDICT_CONFLICT, "stock_damaged");
    assert_refused(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"), OD_VERDICT_CONFLICT,
                   "stock_damaged");
    sh->skus[1].exists = false;
    assert_refused(CANCEL("{}"), OD_VERDICT_CONFLICT, "stock_damaged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cancelling_releases_what_is_not_shipped_once),
        TEST(the_cancel_policy_refuses_with_its_code_and_reason),
        TEST(history_overrules_the_cancel_policy),
        TEST(a_failing_cancel_policy_is_closed_even_to_history),
        TEST(a_status_policy_that_fails_after_a_cancel_undoes_it),
        TEST(stock_changed_by_hand_is_refused_not_made_worse),
        TEST(a_dry_run_of_cancel_touches_no_stock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
