#include "check.h"

#include "order/amounts/account.h"
#include "order/amounts/rollup.h"

/* What a refund does to units that have not left: they leave the order, unless it says that they
 * still go. */

#define PAY(body)    shop_do(sh, OD_COMMAND_PAYMENT, body)
#define REFUND(body) shop_do(sh, OD_COMMAND_REFUND, body)
#define SHIP(body)   shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, body)
#define CANCEL(body) shop_do(sh, OD_COMMAND_CANCEL, body)

/* 2 of a at 10.00 and 1 of b at 5.50, shipping 4.90: 30.40 */
static void placed(struct shop *sh)
{
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':2,'price':10},{'sku':'b','qty':1,'price':"
                        "'5.50'}],'paymentMethod':'card','shippingFeeExclTax':4,"
                        "'shippingFeeInclTax':'4.90'}"));
}

static void paid(struct shop *sh)
{
    placed(sh);
    assert_done(PAY("{'type':'capture'}"));
}

static struct od_shipment *last_parcel(struct shop *sh)
{
    return &sh->order.shipments[sh->order.shipment_count - 1];
}

static void a_refunded_unit_that_has_not_left_is_not_sent(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    const struct od_item *it = &sh->order.items[0];
    assert_int_equal(it->qty_refunded, 1);
    assert_int_equal(it->qty_canceled, 1);
    assert_int_equal(sh->order.refunds[0].items[0].qty_canceled, 1);
    assert_int_equal(sh->order.refunds[0].amount_canceled, 1000);
    assert_int_equal(sh->order.amount_canceled, 1000);
    assert_int_equal(sh->skus[0].reserved, 1);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_PARTIALLY_REFUNDED);
    assert_int_equal(od_rollup_shipment(&sh->order), OD_ROLLUP_PARTIALLY_CANCELED);
    assert_int_equal(od_amount_outstanding(&sh->order), 0);
    assert_int_equal(od_amount_overpaid(&sh->order), 0);

    assert_done(SHIP("{}"));
    assert_int_equal(last_parcel(sh)->items[0].qty, 1);
    assert_int_equal(od_rollup_shipment(&sh->order), OD_ROLLUP_SHIPPED);
    assert_int_equal(sh->skus[0].on_hand, 9);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_refused(SHIP("{}"), OD_VERDICT_CONFLICT, "nothing_to_ship");
}

static void a_unit_that_still_goes_stays(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}],'keep':true}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1,'keep':true}]}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 0);
    assert_int_equal(sh->order.items[0].qty_refunded, 2);
    assert_int_equal(sh->order.amount_canceled, 0);
    assert_int_equal(sh->skus[0].reserved, 2);
    assert_done(SHIP("{}"));
    assert_int_equal(last_parcel(sh)->items[0].qty, 2);
}

/* An item says it for itself; where it does not, the refund does. */
static void each_item_may_say_it(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1},{'orderItemId':1,'qty':1,'keep':true},"
                       "{'orderItemId':2,'qty':1,'keep':false}],'keep':true}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 0);
    assert_int_equal(sh->order.items[1].qty_canceled, 1);
}

static void units_that_have_not_left_are_meant_before_those_that_have(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_int_equal(sh->order.items[0].qty_refunded, 2);
}

static void units_that_come_back_are_not_those_that_never_left(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1,'restock':true}]}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 0);
    assert_int_equal(sh->order.items[0].qty_returned, 1);
    assert_int_equal(sh->skus[0].reserved, 1);
    assert_int_equal(sh->skus[0].on_hand, 10);
}

static void a_refund_of_a_return_takes_nothing_else_out(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_RETURN, "{'items':[{'orderItemId':1,'qty':1}]}"));
    struct od_command *c = shop_command(sh, OD_COMMAND_UPDATE_RETURN, "{'status':'received'}");
    c->ret.return_id = 1;
    assert_done(shop_run(sh, c));
    assert_done(REFUND("{'returnId':1}"));
    assert_int_equal(sh->order.items[0].qty_refunded, 1);
    assert_int_equal(sh->order.items[0].qty_canceled, 0);
    assert_int_equal(od_item_open(&sh->order.items[0]), 1);
}

/* Cancelled first, refunded later: one unit has gone, not two. */
static void a_cancelled_unit_is_meant_while_its_money_is_still_here(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(CANCEL("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(od_amount_overpaid(&sh->order), 1000);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_int_equal(sh->order.items[0].qty_refunded, 1);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_PAID);
    assert_int_equal(od_item_open(&sh->order.items[0]), 1);
    /* Its money has gone back, so the next one is the other. */
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 2);
    assert_int_equal(od_item_open(&sh->order.items[0]), 0);
}

static void whoever_says_so_means_those_that_are_open(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(CANCEL("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1,'keep':false}]}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 2);
    assert_int_equal(od_amount_overpaid(&sh->order), 1000);
}

static void a_gateways_whole_refund_frees_what_has_not_left(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(PAY("{'type':'refund','transactionId':'re_1'}"));
    assert_int_equal(sh->order.refunds[0].item_count, 2);
    assert_int_equal(sh->order.refunds[0].amount, 3040);
    assert_int_equal(sh->order.refunds[0].amount_canceled, 3040);
    assert_int_equal(sh->order.refunds[0].shipping_amount, 490);
    assert_int_equal(sh->order.items[0].qty_canceled, 2);
    assert_int_equal(sh->order.items[0].qty_refunded, 2);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_int_equal(sh->skus[1].reserved, 0);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_REFUNDED);
    assert_int_equal(od_rollup_shipment(&sh->order), OD_ROLLUP_CANCELED);
    assert_int_equal(od_amount_outstanding(&sh->order), 0);
    assert_refused(SHIP("{}"), OD_VERDICT_CONFLICT, "nothing_to_ship");
    /* Told again it is the same one. */
    assert_done(PAY("{'type':'refund','transactionId':'re_1'}"));
    assert_int_equal(sh->d.event_count, 0);
}

static void a_part_of_the_money_takes_nothing_out(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(PAY("{'type':'refund','amount':30,'transactionId':'re_1'}"));
    assert_done(REFUND("{'amount':0.3}"));
    assert_int_equal(sh->skus[0].reserved, 2);
    assert_int_equal(sh->order.refunds[0].item_count, 0);
    /* Whoever gives the last of it back. */
    assert_done(REFUND("{'amount':0.1}"));
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_int_equal(sh->order.refunds[2].items[0].qty_canceled, 2);
}

static void what_has_left_stays_out_with_the_whole_money(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(REFUND("{}"));
    assert_int_equal(sh->order.refunds[0].shipping_amount, 0); /* it was needed */
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_int_equal(sh->order.items[0].qty_refunded, 1);
    assert_int_equal(sh->order.items[1].qty_canceled, 1);
    assert_int_equal(od_rollup_shipment(&sh->order), OD_ROLLUP_SHIPPED);
    assert_int_equal(od_amount_outstanding(&sh->order), 0);
    assert_int_equal(od_amount_overpaid(&sh->order), 0);
}

static void all_the_money_may_go_back_and_the_goods_still_leave(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'keep':true}"));
    assert_int_equal(sh->order.refunds[0].item_count, 0);
    assert_int_equal(sh->skus[0].reserved, 2);
    assert_done(SHIP("{}"));
}

/* What is named is meant, though it may be all that was paid. */
static void shipping_alone_takes_nothing_out(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':1,'price':3}],'paymentMethod':'card',"
                        "'shippingFeeInclTax':5,'discountAmount':5}"));
    assert_done(PAY("{'type':'capture'}"));
    assert_done(REFUND("{'shipping':true}"));
    assert_int_equal(sh->order.refunds[0].amount, 300);
    assert_int_equal(sh->order.refunds[0].shipping_amount, 300);
    assert_int_equal(od_item_open(&sh->order.items[0]), 1);
    assert_refused(REFUND("{'shipping':true}"), OD_VERDICT_CONFLICT, "nothing_refundable");
}

/* 15.00 of 20.00 is paid: after a unit of 10.00 has gone, 5.00 is paid of 10.00. */
static void what_is_left_to_pay_is_for_what_is_left(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':2,'price':10}],'paymentMethod':'card'}"));
    assert_done(PAY("{'type':'capture','amount':15}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(od_amount_outstanding(&sh->order), 500);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_PARTIALLY_PAID);
    assert_done(PAY("{'type':'capture'}"));
    assert_int_equal(sh->order.amount_captured, 2000);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_PARTIALLY_REFUNDED);
}

/* A deposit of 5.00 of 20.00 goes back for one of two units: the other costs 10.00. */
static void less_may_go_back_than_the_units_cost(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':2,'price':10}],'paymentMethod':'card'}"));
    assert_done(PAY("{'type':'capture','amount':5}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}],'amount':5}"));
    assert_int_equal(sh->order.amount_canceled, 1000);
    assert_int_equal(od_amount_outstanding(&sh->order), 1000);
    assert_done(PAY("{'type':'capture'}"));
    assert_int_equal(sh->order.amount_captured, 1500);
}

/* Invoices less credit memos are what the order comes to, whichever came first. */
static void documents_agree_with_what_is_left(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(od_order_uninvoiced(&sh->order), 3040);
    assert_done(shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}"));
    assert_int_equal(od_order_invoiced(&sh->order) - sh->order.amount_refunded, 2040);
    assert_done(REFUND("{'items':[{'orderItemId':2,'qty':1}]}"));
    assert_int_equal(od_order_uninvoiced(&sh->order), 0);
    assert_int_equal(od_order_creditable(&sh->order), 0);
}

static void cancelling_the_rest_leaves_what_is_overpaid(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(CANCEL("{}"));
    assert_int_equal(sh->order.amount_canceled, sh->order.grand_total);
    assert_int_equal(od_amount_overpaid(&sh->order), 2040);
    assert_done(REFUND("{}"));
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_REFUNDED);
}

/* The driver had it already. */
static void a_unit_may_leave_although_it_was_refunded(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(SHIP("{'items':[{'orderItemId':1,'qty':2}]}"), OD_VERDICT_INVALID,
                   "units_exceeded");
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':2}],'handedOver':true}"));
    assert_int_equal(sh->order.items[0].qty_shipped, 2);
    assert_int_equal(sh->order.items[0].qty_shipped_after_cancel, 1);
    assert_int_equal(od_amount_outstanding(&sh->order), 1000);
}

/* History does not say whether refunded units still went; its parcels do. */
static void history_ships_what_was_refunded(void **state)
{
    struct shop *sh = *state;
    struct od_command *c = shop_command(sh, OD_COMMAND_PLACE,
                                        "{'items':[{'sku':'a','qty':2,'price':10}],"
                                        "'paymentMethod':'card'}");
    c->historical = true;
    assert_done(shop_run(sh, c));
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'capture'}"));
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'refund'}"));
    assert_int_equal(od_item_open(&sh->order.items[0]), 0);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_done(
        shop_history(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.items[0].qty_shipped, 1);
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_done(shop_history(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    assert_int_equal(sh->order.items[0].qty_shipped, 2);
    assert_int_equal(sh->skus[0].on_hand, 10);
}

static void units_are_freed_where_they_were_reserved(void **state)
{
    struct shop *sh = *state;
    shop_open_east(sh, 4);
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':2,'price':10,'location':'east'}],"
                        "'paymentMethod':'card'}"));
    assert_done(PAY("{'type':'capture'}"));
    assert_int_equal(sh->skus[3].reserved, 2);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->skus[3].reserved, 1);
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void units_sold_ahead_are_freed(void **state)
{
    struct shop *sh = *state;
    sh->skus[0].backorder = true;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':12,'price':1}],'paymentMethod':'card'}"));
    assert_done(PAY("{'type':'capture'}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':5}]}"));
    assert_int_equal(sh->skus[0].reserved, 7);
    assert_int_equal(sh->skus[0].on_hand, 10);
}

/* Once refunded they are not split off, changed or cancelled again. */
static void other_commands_see_what_is_left(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(shop_do(sh, OD_COMMAND_SPLIT, "{'items':[{'orderItemId':1,'qty':2}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_refused(CANCEL("{'items':[{'orderItemId':1,'qty':2}]}"), OD_VERDICT_INVALID,
                   "units_exceeded");
    assert_refused(shop_do(sh, OD_COMMAND_PROPOSE_CHANGE, "{'items':[{'orderItemId':1,'qty':0}]}"),
                   OD_VERDICT_INVALID, "units_canceled");
    assert_done(shop_do(sh, OD_COMMAND_PROPOSE_CHANGE, "{'items':[{'orderItemId':1,'qty':3}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CONFIRM_CHANGE, "{}"));
    assert_int_equal(od_item_open(&sh->order.items[0]), 2);
    assert_int_equal(sh->skus[0].reserved, 2);
}

/* All units had left the order; what a change adds is to be shipped. */
static void a_change_gives_it_units_to_ship(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{}"));
    assert_int_equal(od_rollup_shipment(&sh->order), OD_ROLLUP_CANCELED);
    int asked = sh->asked[OD_ASK_SHIPMENT_STATUS];
    assert_done(shop_do(sh, OD_COMMAND_PROPOSE_CHANGE, "{'items':[{'orderItemId':1,'qty':3}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CONFIRM_CHANGE, "{}"));
    assert_int_equal(od_rollup_shipment(&sh->order), OD_ROLLUP_PARTIALLY_CANCELED);
    assert_int_equal(sh->asked[OD_ASK_SHIPMENT_STATUS], asked + 1);
}

static void the_rule_sees_which_units_leave(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    sh->answers[OD_ASK_ORDER_REFUND] = true;
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':2}]}"));
    sh->refuse[OD_ASK_ORDER_REFUND] = "not now";
    assert_refused(REFUND("{}"), OD_VERDICT_POLICY, "no");
    assert_int_equal(sh->request.refund->items[0].order_item_id, 2);
    assert_int_equal(sh->request.refund->items[0].qty_canceled, 1);
    assert_int_equal(sh->request.refund->amount_canceled, 1040);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refunded_unit_that_has_not_left_is_not_sent),
        TEST(a_unit_that_still_goes_stays),
        TEST(each_item_may_say_it),
        TEST(units_that_have_not_left_are_meant_before_those_that_have),
        TEST(units_that_come_back_are_not_those_that_never_left),
        TEST(a_refund_of_a_return_takes_nothing_else_out),
        TEST(a_cancelled_unit_is_meant_while_its_money_is_still_here),
        TEST(whoever_says_so_means_those_that_are_open),
        TEST(a_gateways_whole_refund_frees_what_has_not_left),
        TEST(a_part_of_the_money_takes_nothing_out),
        TEST(what_has_left_stays_out_with_the_whole_money),
        TEST(all_the_money_may_go_back_and_the_goods_still_leave),
        TEST(shipping_alone_takes_nothing_out),
        TEST(what_is_left_to_pay_is_for_what_is_left),
        TEST(less_may_go_back_than_the_units_cost),
        TEST(documents_agree_with_what_is_left),
        TEST(cancelling_the_rest_leaves_what_is_overpaid),
        TEST(a_unit_may_leave_although_it_was_refunded),
        TEST(history_ships_what_was_refunded),
        TEST(units_are_freed_where_they_were_reserved),
        TEST(units_sold_ahead_are_freed),
        TEST(other_commands_see_what_is_left),
        TEST(a_change_gives_it_units_to_ship),
        TEST(the_rule_sees_which_units_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
