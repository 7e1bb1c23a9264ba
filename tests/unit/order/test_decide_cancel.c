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

static enum od_verdict cancel_units(struct shop *sh, struct od_units *units, uint32_t count)
{
    struct od_command *c = shop_command(sh, OD_COMMAND_CANCEL, "{'reason':'sold out'}");
    c->units = units;
    c->unit_count = count;
    return shop_run(sh, c);
}

static void some_units_are_cancelled_and_the_order_goes_on(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(cancel_units(sh, (struct od_units[]){{1, 1}}, 1));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_ITEMS_CANCELED);
    assert_int_equal(sh->d.events[0].amount, 1000);
    assert_str(sh->d.events[0].reason, "sold out");
    assert_int_equal(sh->request.unit_count, 0); /* of the last question, order.status */
    assert_int_equal(sh->order.canceled_at, 0);
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_int_equal(sh->order.amount_canceled, 1000);
    assert_int_equal(sh->skus[0].reserved, 1);
    assert_int_equal(sh->asked[OD_ASK_ORDER_CANCEL], 1);
}

static void the_cancel_policy_sees_which_units(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->refuse[OD_ASK_ORDER_CANCEL] = "Only whole orders";
    assert_refused(cancel_units(sh, (struct od_units[]){{1, 1}, {1, 1}}, 2), OD_VERDICT_POLICY,
                   "no");
    assert_int_equal(sh->request.unit_count, 1);
    assert_int_equal(sh->request.units[0].qty, 2);
    assert_refused(cancel_units(sh, (struct od_units[]){{1, 2}, {2, 1}}, 2), OD_VERDICT_POLICY,
                   "no");
    assert_int_equal(sh->request.unit_count, 0);
}

static void the_last_open_unit_cancels_the_order(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(cancel_units(sh, (struct od_units[]){{1, 2}}, 1));
    assert_done(cancel_units(sh, (struct od_units[]){{2, 1}}, 1));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_ORDER_CANCELED);
    assert_int_equal(sh->order.amount_canceled, sh->order.grand_total);
    assert_str(sh->order.cancel_reason, "sold out");
    assert_refused(cancel_units(sh, (struct od_units[]){{2, 1}}, 1), OD_VERDICT_CONFLICT,
                   "already_canceled");
}

static void what_is_left_beside_a_parcel_is_no_order(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':2}]}"));
    sh->refuse[OD_ASK_ORDER_CANCEL] = NULL;
    struct od_command *c = shop_command(sh, OD_COMMAND_CANCEL, "{}");
    c->units = (struct od_units[]){{2, 1}};
    c->unit_count = 1;
    c->historical = true;
    assert_done(shop_run(sh, c));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_ITEMS_CANCELED);
    assert_int_equal(sh->order.canceled_at, 0);
    assert_int_equal(sh->order.amount_canceled, 550);
    assert_str(sh->order.shipment_status, "shipped");
}

static void more_than_is_open_cannot_be_cancelled(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(cancel_units(sh, (struct od_units[]){{1, 1}, {1, 2}}, 2), OD_VERDICT_INVALID,
                   "units_exceeded");
    assert_str(sh->d.refusal.pointer, "/items/1/qty");
    assert_refused(cancel_units(sh, (struct od_units[]){{3, 1}}, 1), OD_VERDICT_INVALID,
                   "unknown_item");
    assert_str(sh->d.refusal.pointer, "/items/0/orderItemId");
    assert_refused(cancel_units(sh, (struct od_units[]){{1, 0}}, 1), OD_VERDICT_INVALID,
                   "bad_quantity");
}

static void shipping_goes_with_the_last_unit_alone(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':3,'price':10}],'shippingFeeInclTax':4,"
                        "'discountAmount':1}"));
    assert_done(cancel_units(sh, (struct od_units[]){{1, 1}}, 1));
    assert_int_equal(sh->order.amount_canceled, 966); /* a third of 29.00 */
    assert_done(cancel_units(sh, (struct od_units[]){{1, 1}}, 1));
    assert_int_equal(sh->order.amount_canceled, 1933);
    assert_done(cancel_units(sh, (struct od_units[]){{1, 1}}, 1));
    assert_int_equal(sh->order.amount_canceled, 3300);
}

/* Ledgers from before amounts were recorded; teardown folds this one again. */
static void events_without_an_amount_come_to_what_their_units_cost(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':1}]}"));
    struct od_command *cancel = shop_command(sh, OD_COMMAND_CANCEL, "{}");
    cancel->historical = true; /* the rule refuses what is on its way */
    assert_done(shop_run(sh, cancel));
    assert_int_equal(sh->order.amount_canceled, 1550);
    assert_done(shop_update_shipment(sh, 1, "{'status':'canceled'}"));
    assert_int_equal(sh->order.amount_canceled, 2550);
    for (size_t i = 0; i < sh->ledger_len; i++)
        sh->ledger[i].amount = 0;
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
        TEST(some_units_are_cancelled_and_the_order_goes_on),
        TEST(the_cancel_policy_sees_which_units),
        TEST(the_last_open_unit_cancels_the_order),
        TEST(what_is_left_beside_a_parcel_is_no_order),
        TEST(more_than_is_open_cannot_be_cancelled),
        TEST(shipping_goes_with_the_last_unit_alone),
        TEST(events_without_an_amount_come_to_what_their_units_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
