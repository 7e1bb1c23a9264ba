#include "split.h"

/* SPLIT: some units become an order of their own. The shop's order is 2 of a at 10.00 and 1 of b at
 * 5.50, 25.50 together. */

static void split(struct shop *sh, const char *items, struct made *m)
{
    struct od_order *was = od_order_clone(&sh->arena, &sh->order);
    assert_done(
        shop_do(sh, OD_COMMAND_SPLIT, od_arena_printf(&sh->arena, "{'items':%s}", items).ptr));
    assert_int_equal(place_made(sh, m), OD_VERDICT_DONE);
    assert_conserved(was, &sh->order, &m->order);
    assert_adds_up(sh, &sh->order);
    assert_adds_up(sh, &m->order);
    assert_refolds(sh, m);
}

static void units_become_an_order_that_names_the_first(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_SPLIT,
                        "{'items':[{'orderItemId':1,'qty':1}],"
                        "'reason':'the rest is late'}"));
    const struct od_event *e = &sh->d.events[0];
    assert_int_equal(sh->d.event_count, 1);
    assert_int_equal(e->type, OD_EVENT_ORDER_SPLIT);
    assert_int_equal(e->amount, 1000);
    assert_str(e->reason, "the rest is late");
    assert_int_equal(sh->order.grand_total, 1550);
    assert_int_equal(sh->order.items[0].qty, 1);

    assert_int_equal(place_made(sh, &m), OD_VERDICT_DONE);
    assert_memory_equal(&m.order.split_of, &sh->order.uuid, sizeof m.order.split_of);
    assert_memory_equal(&m.order.uuid, &e->split->uuid, sizeof m.order.uuid);
    assert_int_equal(m.order.grand_total, 1000);
    assert_int_equal(m.order.item_count, 1);
    assert_int_equal(m.order.items[0].order_item_id, 1);
    assert_str(m.order.items[0].sku, "a");
    assert_str(m.order.order_number, "T-2023-2");
    assert_str(m.order.payment_method, "card");
    assert_refolds(sh, &m);
}

/* The stock that the units had reserved is reserved for the new order now. */
static void reserved_stock_goes_along(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    assert_int_equal(sh->skus[0].reserved, 2);
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(sh->skus[0].reserved, 2);
    assert_true(m.order.items[0].stock_tracked);
    assert_str(m.order.items[0].location, "main");
    struct od_command ship = {.type = OD_COMMAND_CREATE_SHIPMENT, .actor = OD_STR("tester")};
    od_decide(&m.d, &ship, false);
    assert_int_equal(m.d.verdict, OD_VERDICT_DONE);
    assert_int_equal(sh->skus[0].reserved, 1);
    assert_int_equal(sh->skus[0].on_hand, 9);
}

static void a_whole_line_may_go(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    split(sh, "[{'orderItemId':2,'qty':1}]", &m);
    assert_int_equal(sh->order.items[1].qty, 0);
    assert_int_equal(sh->order.items[1].total, 0);
    assert_int_equal(m.order.grand_total, 550);
}

/* 3 at 0.33 with 0.10 of tax and 0.05 of discount, 1.00 of shipping: nothing is lost. */
static void amounts_are_shared_to_the_cent(void **state)
{
    struct shop *sh = *state;
    struct made m;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':3,'price':'0.33','taxAmount':'0.10',"
                        "'discountAmount':'0.05'}],'shippingFeeExclTax':'0.80',"
                        "'shippingFeeInclTax':1}"));
    assert_int_equal(sh->order.grand_total, 204);
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(m.order.items[0].tax_amount, 3);
    assert_int_equal(m.order.items[0].discount_amount, 1);
    assert_int_equal(m.order.shipping_fee_incl_tax, 33);
    assert_int_equal(m.order.grand_total, 33 + 3 - 1 + 33);
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(sh->order.total_qty, 1);
}

static void a_discount_of_the_order_is_shared_by_what_units_cost(void **state)
{
    struct shop *sh = *state;
    struct made m;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':1,'price':20},{'sku':'b','qty':1,'price':10}],"
                        "'discountAmount':10}"));
    split(sh, "[{'orderItemId':2,'qty':1}]", &m);
    assert_int_equal(m.order.discount_amount, 333);
    assert_int_equal(sh->order.discount_amount, 667);
}

static void pay(struct shop *sh, const char *type, const char *amount, const char *method)
{
    struct od_str body = od_arena_printf(
        &sh->arena, "{'type':'%s','amount':%s,'method':'%s','transactionId':'%s-%s'}", type, amount,
        method, type, method);
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, body.ptr));
}

static void what_is_paid_is_shared_as_the_total_is(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    pay(sh, "authorize", "25.50", "card");
    pay(sh, "capture", "12.75", "card");
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(m.order.amount_captured, 500);
    assert_int_equal(m.order.amount_authorized, 1000);
    assert_int_equal(m.order.payment_count, 2);
    assert_str(m.order.payments[0].transaction_id, "authorize-card");
    assert_str(m.order.payment_status, "partially_paid");
    assert_int_equal(sh->order.amount_captured, 775);
    assert_int_equal(sh->order.payments[1].amount_moved, 500);
}

static void a_paid_order_leaves_two_paid_ones(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    pay(sh, "capture", "20.01", "card");
    pay(sh, "capture", "5.49", "voucher");
    split(sh, "[{'orderItemId':1,'qty':1},{'orderItemId':2,'qty':1}]", &m);
    assert_str(sh->order.payment_status, "paid");
    assert_str(m.order.payment_status, "paid");
    assert_int_equal(m.order.payment_count, 2);
    assert_int_equal(m.order.amount_captured, 1550);
}

/* A split takes from payment records, which nothing else does in place. */
static void a_dry_run_moves_no_money(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    pay(sh, "capture", "25.50", "card");
    struct od_order *before = od_order_keep(&sh->arena, &sh->order);
    shop_number(sh);
    od_decide(&sh->d, shop_command(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':1}]}"),
              true);
    assert_done(sh->d.verdict);
    assert_int_equal(sh->d.order->payments[0].amount_moved, 1000);
    assert_null(od_order_diff(&sh->arena, before, &sh->order));
}

/* What was paid too much, and what went back, is between the customer and the first order. */
static void refunds_and_overpayment_stay(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    pay(sh, "capture", "30", "card");
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{'amount':2}"));
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(m.order.amount_captured, 1000);
    assert_int_equal(sh->order.amount_captured, 2000);
    assert_int_equal(sh->order.amount_refunded, 200);
}

/* The gateway may tell of a payment again, as it was then. */
static void an_echo_is_known_after_the_split(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    pay(sh, "capture", "25.50", "card");
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    pay(sh, "capture", "25.50", "card");
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->order.payment_count, 1);
}

static void what_holds_the_order_holds_both(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{'handle':'fraud','reason':'look at it'}"));
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(m.order.hold_count, 1);
    assert_str(m.order.holds[0].handle, "fraud");
    assert_str(m.order.holds[0].reason, "look at it");
    assert_str(m.order.status, "on_hold");
}

static void the_rule_may_refuse_and_sees_the_units(void **state)
{
    struct shop *sh = *state;
    const char *body = "{'items':[{'orderItemId':1,'qty':1},{'orderItemId':1,'qty':1}],"
                       "'reason':'late'}";
    shop_place(sh);
    sh->answers[OD_ASK_ORDER_SPLIT] = true;
    sh->refuse[OD_ASK_ORDER_SPLIT] = "Not now";
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, body), OD_VERDICT_POLICY, "no");
    sh->refuse[OD_ASK_ORDER_SPLIT] = NULL;
    assert_done(shop_do(sh, OD_COMMAND_SPLIT, body));
    assert_int_equal(sh->asked[OD_ASK_ORDER_SPLIT], 2);
    assert_int_equal(sh->d.events[0].unit_count, 1);
    assert_int_equal(sh->d.events[0].units[0].qty, 2);
}

/* It is no purchase: nobody is asked whether it may be placed. */
static void the_new_order_is_not_asked_about_again(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    sh->answers[OD_ASK_ORDER_PLACE] = true;
    sh->refuse[OD_ASK_ORDER_PLACE] = "No more orders";
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(sh->asked[OD_ASK_ORDER_PLACE], 0);
}

/* Which series its number is of is known only when it is made. */
static void its_number_may_need_another_series(void **state)
{
    struct shop *sh = *state;
    struct made m;
    shop_place(sh);
    sh->answers[OD_ASK_ORDER_SERIES] = true;
    sh->value[OD_ASK_ORDER_SERIES] = "east";
    assert_done(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(place_made(sh, &m), OD_VERDICT_UNNUMBERED);
    assert_true(m.d.wants_series);
    assert_str(m.d.wanted_series, "east");
    assert_int_equal(m.d.event_count, 0);
}

static void units_that_left_or_are_gone_stay(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':2}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':1}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    struct made m;
    split(sh, "[{'orderItemId':2,'qty':1}]", &m);
    assert_str(sh->order.shipment_status, "shipped");
}

static void refunded_units_stay(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    pay(sh, "capture", "25.50", "card");
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':2}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    struct made m;
    split(sh, "[{'orderItemId':1,'qty':1}]", &m);
    assert_int_equal(m.order.amount_captured, 1000);
}

static void something_stays(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT,
                           "{'items':[{'orderItemId':1,'qty':2},{'orderItemId':2,'qty':1}]}"),
                   OD_VERDICT_INVALID, "nothing_left");
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':2,'qty':1}]}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':2}]}"),
                   OD_VERDICT_INVALID, "nothing_left");
}

static void what_is_invoiced_stays(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':1}]}"),
                   OD_VERDICT_CONFLICT, "already_invoiced");
}

/* Its money went back, its credit memo took it off the invoice, and then it left all the same. */
static void a_refunded_unit_that_left_holds_the_invoice(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'capture'}"));
    assert_done(shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}"));
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT,
                        "{'items':[{'orderItemId':1,'qty':2}],'handedOver':true}"));
    assert_int_equal(sh->order.amount_canceled, 0);
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':2,'qty':1}]}"),
                   OD_VERDICT_CONFLICT, "already_invoiced");
}

static void orders_that_are_over_or_about_to_change_are_not_split(void **state)
{
    struct shop *sh = *state;
    const char *body = "{'items':[{'orderItemId':1,'qty':1}]}";
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PROPOSE_CHANGE, "{'items':[{'orderItemId':1,'qty':3}]}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, body), OD_VERDICT_CONFLICT, "change_proposed");
    assert_done(shop_do(sh, OD_COMMAND_DISCARD_CHANGE, "{}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':7,'qty':1}]}"),
                   OD_VERDICT_INVALID, "unknown_item");
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, body), OD_VERDICT_CONFLICT, "order_canceled");
}

/* The request of one makes one. */
static void a_list_of_commands_holds_one_split(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct od_command *first =
        shop_command(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':1}]}");
    first->next = shop_command(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':2,'qty':1}]}");
    assert_refused(shop_run(sh, first), OD_VERDICT_CONFLICT, "split_repeated");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(units_become_an_order_that_names_the_first),
        TEST(reserved_stock_goes_along),
        TEST(a_whole_line_may_go),
        TEST(amounts_are_shared_to_the_cent),
        TEST(a_discount_of_the_order_is_shared_by_what_units_cost),
        TEST(what_is_paid_is_shared_as_the_total_is),
        TEST(a_paid_order_leaves_two_paid_ones),
        TEST(a_dry_run_moves_no_money),
        TEST(refunds_and_overpayment_stay),
        TEST(an_echo_is_known_after_the_split),
        TEST(what_holds_the_order_holds_both),
        TEST(the_rule_may_refuse_and_sees_the_units),
        TEST(the_new_order_is_not_asked_about_again),
        TEST(its_number_may_need_another_series),
        TEST(units_that_left_or_are_gone_stay),
        TEST(refunded_units_stay),
        TEST(something_stays),
        TEST(what_is_invoiced_stays),
        TEST(a_refunded_unit_that_left_holds_the_invoice),
        TEST(orders_that_are_over_or_about_to_change_are_not_split),
        TEST(a_list_of_commands_holds_one_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
