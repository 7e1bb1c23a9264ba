#include "check.h"

#include "base/money.h"
#include "order/amounts/rollup.h"

#define PAY(body)    shop_do(sh, OD_COMMAND_PAYMENT, body)
#define REFUND(body) shop_do(sh, OD_COMMAND_REFUND, body)

/* 2 of a at 10.00 and 1 of b at 5.50, shipping 4.90: 30.40 */
#define SHIPPED_BODY                                                                               \
    "{'items':[{'sku':'a','qty':2,'price':10},{'sku':'b','qty':1,'price':'5.50'}],'paymentMethod'" \
    ":'card','shippingFeeExclTax':4,'shippingFeeInclTax':'4.90'}"

static void paid(struct shop *sh)
{
    assert_done(shop_do(sh, OD_COMMAND_PLACE, SHIPPED_BODY));
    assert_done(PAY("{'type':'capture'}"));
}

static void shipped(struct shop *sh)
{
    paid(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
}

static void an_amount_goes_back_with_a_credit_memo(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'amount':'7.5','reason':'a scratch'}"));
    assert_int_equal(sh->d.event_count, 1);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_PAYMENT_REFUNDED);
    assert_str(sh->d.events[0].reason, "a scratch");
    assert_int_equal(sh->d.part_ids[OD_ENTITY_REFUND], 1);
    assert_int_equal(sh->order.amount_refunded, 750);
    assert_int_equal(od_amount_refundable(&sh->order), 2290);

    const struct od_refund *r = &sh->order.refunds[0];
    assert_str(r->credit_memo_number, "credit_memo-1");
    assert_str(r->series, "credit_memo");
    assert_int_equal(r->series_value, 1);
    assert_int_equal(r->amount, 750);
    assert_int_equal(r->item_count, 0);
    assert_int_equal(r->version, sh->order.version);
    assert_str(r->method, "card");
    assert_null(r->transaction_id.ptr);
    const struct od_payment *p = &sh->order.payments[1];
    assert_str(p->type, "refund");
    assert_int_equal(p->amount, 750);
    assert_int_equal(p->refund_id, 1);
    assert_int_equal(p->created_at, NOW);

    assert_done(REFUND("{'amount':1}"));
    assert_str(sh->order.refunds[1].credit_memo_number, "credit_memo-2");
}

static void nothing_named_refunds_all_that_is_left(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'amount':0.4}"));
    assert_done(REFUND("{}"));
    assert_int_equal(sh->order.refunds[1].amount, 3000);
    assert_int_equal(sh->order.amount_refunded, 3040);
    assert_refused(REFUND("{}"), OD_VERDICT_CONFLICT, "nothing_refundable");
    assert_refused(REFUND("{'amount':0.01}"), OD_VERDICT_CONFLICT, "refund_exceeds_captured");
}

static void items_and_shipping_make_the_amount(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}],'shipping':1.9}"));
    const struct od_refund *r = &sh->order.refunds[0];
    assert_int_equal(r->amount, 1190);
    assert_int_equal(r->shipping_amount, 190);
    assert_int_equal(r->items[0].order_item_id, 1);
    assert_int_equal(r->items[0].qty, 1);
    assert_int_equal(r->items[0].amount, 1000);
    assert_int_equal(sh->order.items[0].qty_refunded, 1);

    assert_refused(REFUND("{'shipping':3.01}"), OD_VERDICT_INVALID, "shipping_exceeded");
    assert_str(sh->d.refusal.pointer, "/shipping");
    assert_refused(REFUND("{'items':[{'orderItemId':1,'qty':2}]}"), OD_VERDICT_INVALID,
                   "units_exceeded");
    assert_str(sh->d.refusal.pointer, "/items/0/qty");
    /* An item named twice is one line, and its units are counted together. */
    assert_refused(REFUND("{'items':[{'orderItemId':2,'qty':1},{'orderItemId':2,'qty':1}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_str(sh->d.refusal.pointer, "/items/1/qty");
    assert_refused(REFUND("{'items':[{'orderItemId':3,'qty':1}]}"), OD_VERDICT_INVALID,
                   "unknown_item");

    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1},{'orderItemId':2,'qty':1}],"
                       "'shipping':true}"));
    assert_int_equal(sh->order.refunds[1].amount, 1850);
    assert_int_equal(sh->order.refunds[1].shipping_amount, 300);
    assert_int_equal(sh->order.amount_refunded, 3040);
    assert_refused(REFUND("{'shipping':true}"), OD_VERDICT_CONFLICT, "nothing_refundable");
}

static void a_line_named_twice_is_summed(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1},{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.refunds[0].item_count, 1);
    assert_int_equal(sh->order.refunds[0].items[0].qty, 2);
    assert_int_equal(sh->order.refunds[0].amount, 2000);
}

static void a_given_amount_wins_over_what_items_cost(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'amount':8,'items':[{'orderItemId':1,'qty':1}],'shipping':true}"));
    assert_int_equal(sh->order.refunds[0].amount, 800);
    assert_int_equal(sh->order.refunds[0].items[0].amount, 1000);
    assert_int_equal(sh->order.refunds[0].shipping_amount, 490);
    assert_done(REFUND("{'amount':12,'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.amount_refunded, 2000);
    assert_refused(REFUND("{'amount':1,'shipping':2}"), OD_VERDICT_INVALID, "shipping_exceeded");
    assert_refused(REFUND("{'amount':0}"), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(REFUND("{'amount':'-1'}"), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(REFUND("{'amount':0.001}"), OD_VERDICT_INVALID, "bad_amount");
    assert_str(sh->d.refusal.pointer, "/amount");
}

static void money_that_was_not_captured_is_not_refunded(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(REFUND("{}"), OD_VERDICT_CONFLICT, "nothing_refundable");
    assert_done(PAY("{'type':'authorize'}"));
    assert_refused(REFUND("{'amount':1}"), OD_VERDICT_CONFLICT, "refund_exceeds_captured");
    assert_done(PAY("{'type':'capture','amount':10}"));
    assert_refused(REFUND("{'items':[{'orderItemId':1,'qty':2}]}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_captured");
    assert_str(sh->d.refusal.detail, "20.00 exceeds 10.00, which is captured and not given back");
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
}

/* 10.40 by card, the order's method, 12 by voucher, 8 by cash. */
static void paid_by_three(struct shop *sh)
{
    assert_done(shop_do(sh, OD_COMMAND_PLACE, SHIPPED_BODY));
    assert_done(PAY("{'type':'capture','amount':12,'method':'voucher'}"));
    assert_done(PAY("{'type':'capture','amount':8,'method':'cash'}"));
    assert_done(PAY("{'type':'capture','amount':10.4}"));
}

static void a_refund_goes_by_a_method_that_covers_it(void **state)
{
    struct shop *sh = *state;
    paid_by_three(sh);
    assert_done(REFUND("{'amount':5}"));
    assert_str(sh->order.refunds[0].method, "card");
    assert_done(REFUND("{'amount':6}"));
    assert_str(sh->order.refunds[1].method, "voucher");
    assert_done(REFUND("{'amount':7}"));
    assert_str(sh->order.refunds[2].method, "cash");
    assert_refused(REFUND("{'amount':7,'transactionId':'re_1'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    assert_str(sh->d.refusal.detail,
               "No one payment covers it, and one transaction is of one payment; refund each by "
               "itself: 6.00 by voucher, 1.00 by cash, 5.40 by card");
    assert_refused(REFUND("{'amount':1,'method':'bitcoin'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    assert_str(sh->d.refusal.detail,
               "Nothing that was paid by it is left, and [order] refund_methods does not name it "
               "as one that may be used instead; left is: 6.00 by voucher, 1.00 by cash, 5.40 by "
               "card");
    assert_done(REFUND("{'method':'voucher'}"));
    assert_int_equal(sh->order.refunds[3].amount, 600);
    assert_done(REFUND("{'method':'card'}"));
    assert_done(REFUND("{}"));
    assert_str(sh->order.refunds[5].method, "cash");
    assert_int_equal(od_amount_refundable(&sh->order), 0);
}

static void what_was_paid_too_much_can_go_back(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','amount':30}"));
    assert_done(REFUND("{'amount':4.5}"));
    assert_int_equal(od_amount_overpaid(&sh->order), 0);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_PAID);
    assert_done(REFUND("{'amount':5}"));
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_PARTIALLY_REFUNDED);
}

static void a_chargeback_may_follow_a_refund(void **state)
{
    struct shop *sh = *state;
    paid_by_three(sh);
    assert_done(REFUND("{'method':'card'}"));
    assert_done(PAY("{'type':'chargeback'}"));
    assert_int_equal(sh->order.amount_charged_back, 1040);
    assert_int_equal(od_amount_refundable_by(&sh->order, OD_STR("card")), 0);
    /* The merchant is out of 10.40 twice: what is left to refund is the rest, not what the other
     * methods took. */
    assert_int_equal(od_amount_refundable(&sh->order), 960);
    assert_refused(REFUND("{'amount':9.7,'method':'voucher'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_captured");
    assert_done(REFUND("{'amount':9.6,'method':'voucher'}"));
    assert_refused(REFUND("{}"), OD_VERDICT_CONFLICT, "nothing_refundable");
    assert_done(PAY("{'type':'chargeback','method':'voucher'}"));
    assert_done(PAY("{'type':'chargeback','method':'cash'}"));
    assert_int_equal(od_amount_refundable(&sh->order), 0);
    assert_int_equal(od_amount_overpaid(&sh->order), 0);
    /* With the last of the money the units left the order. */
    assert_int_equal(od_amount_outstanding(&sh->order), 0);
}

static void a_cancelled_order_is_refunded(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_done(REFUND("{}"));
    assert_int_equal(sh->order.amount_refunded, 3040);
}

static void units_come_back_with_the_refund(void **state)
{
    struct shop *sh = *state;
    shipped(sh);
    assert_int_equal(sh->skus[0].on_hand, 8);
    int asked = sh->asked[OD_ASK_SHIPMENT_STATUS];
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':2,'restock':1},"
                       "{'orderItemId':2,'qty':1,'restock':true}]}"));
    assert_int_equal(sh->skus[0].on_hand, 9);
    assert_int_equal(sh->skus[1].on_hand, 5);
    assert_int_equal(sh->order.items[0].qty_returned, 1);
    assert_int_equal(sh->order.items[0].qty_restocked, 1);
    assert_int_equal(sh->order.items[1].qty_restocked, 1);
    assert_int_equal(sh->order.refunds[0].items[1].qty_restocked, 1);
    assert_int_equal(sh->asked[OD_ASK_SHIPMENT_STATUS], asked + 1);
}

static void only_shipped_units_come_back_and_only_once(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_refused(REFUND("{'items':[{'orderItemId':1,'qty':1,'restock':true}]}"),
                   OD_VERDICT_INVALID, "restock_exceeds_shipped");
    assert_str(sh->d.refusal.pointer, "/items/0/restock");
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(REFUND("{'items':[{'orderItemId':1,'qty':2,'restock':true}]}"),
                   OD_VERDICT_INVALID, "restock_exceeds_shipped");
    assert_refused(REFUND("{'items':[{'orderItemId':1,'qty':1,'restock':1},"
                          "{'orderItemId':1,'qty':1,'restock':1}]}"),
                   OD_VERDICT_INVALID, "restock_exceeds_shipped");
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':2,'restock':1}]}"));
    assert_int_equal(sh->order.items[0].qty_returned, 1);
    assert_int_equal(sh->order.items[0].qty_refunded, 2);
}

static void what_is_not_tracked_has_no_shelf(void **state)
{
    struct shop *sh = *state;
    sh->env.track = OD_STOCK_NONE;
    shipped(sh);
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1,'restock':true}]}"));
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(sh->order.items[0].qty_returned, 1);
    assert_int_equal(sh->order.items[0].qty_restocked, 0);
    assert_int_equal(sh->order.refunds[0].items[0].qty_restocked, 0);
}

/* A return of one unit of item 1 that has arrived, beside what the returns' own commands do. */
static void returned(struct shop *sh)
{
    shipped(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_RETURN,
                        "{'items':[{'orderItemId':1,'qty':2},{'orderItemId':2,'qty':1}]}"));
}

static enum od_verdict receive(struct shop *sh, const char *body)
{
    struct od_command *c = shop_command(sh, OD_COMMAND_UPDATE_RETURN, body);
    c->ret.return_id = 1;
    return shop_run(sh, c);
}

static void a_return_is_refunded_once_it_is_received(void **state)
{
    struct shop *sh = *state;
    returned(sh);
    assert_refused(REFUND("{'returnId':1}"), OD_VERDICT_CONFLICT, "return_not_received");
    assert_refused(REFUND("{'returnId':2}"), OD_VERDICT_NOT_FOUND, "return_not_found");
    assert_done(receive(sh, "{'status':'received','items':[{'orderItemId':1,'qty':1,"
                            "'restock':true}]}"));
    assert_refused(REFUND("{'returnId':1,'items':[{'orderItemId':1,'qty':1,'restock':true}]}"),
                   OD_VERDICT_INVALID, "restock_of_return");
    assert_done(REFUND("{'returnId':1}"));
    assert_int_equal(sh->order.refunds[0].amount, 1000);
    assert_int_equal(sh->order.refunds[0].item_count, 1);
    assert_int_equal(sh->order.refunds[0].return_id, 1);
    assert_str(sh->order.returns[0].status, "refunded");
    assert_int_equal(sh->order.items[0].qty_restocked, 1);
    assert_refused(REFUND("{'returnId':1}"), OD_VERDICT_CONFLICT, "return_not_received");
}

static void a_deduction_keeps_the_returns_items(void **state)
{
    struct shop *sh = *state;
    returned(sh);
    assert_done(receive(sh, "{'status':'received'}"));
    assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(REFUND("{'returnId':1,'amount':9}"));
    assert_int_equal(sh->order.refunds[1].amount, 900);
    assert_int_equal(sh->order.refunds[1].item_count, 2);
    assert_int_equal(sh->order.refunds[1].items[0].qty, 1);
    assert_int_equal(sh->order.items[0].qty_refunded, 2);
    assert_int_equal(sh->order.items[1].qty_refunded, 1);
}

static void our_refund_and_the_gateways_echoes_are_one(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'amount':5}"));
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_1'}"));
    assert_int_equal(sh->d.event_count, 1);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_REFUND_CONFIRMED);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 2);
    assert_str(sh->order.refunds[0].transaction_id, "re_1");
    assert_str(sh->order.payments[1].transaction_id, "re_1");
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_1'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 2);
    assert_done(REFUND("{'amount':5,'transactionId':'re_1'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_REFUND], 1);
    assert_int_equal(sh->order.refund_count, 1);
    assert_int_equal(sh->order.amount_refunded, 500);
    assert_int_equal(sh->issued[OD_DOCUMENT_CREDIT_MEMO], 1);
}

static void two_refunds_alike_are_confirmed_in_turn(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(REFUND("{'amount':5}"));
    assert_done(REFUND("{'amount':5}"));
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_1'}"));
    assert_done(PAY("{'type':'refund','transactionId':'re_2'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 3);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_REFUND_CONFIRMED);
    assert_str(sh->order.refunds[1].transaction_id, "re_2");
    assert_int_equal(sh->order.refund_count, 2);
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_3'}"));
    assert_int_equal(sh->order.refund_count, 3);
}

static void a_refund_that_the_gateway_tells_first_is_answered_to_ours(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_1'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_PAYMENT_REFUNDED);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 2);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_REFUND], 0);
    assert_str(sh->order.refunds[0].credit_memo_number, "credit_memo-1");
    assert_done(REFUND("{'amount':'5.00','transactionId':'re_1'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_REFUND], 1);
    assert_done(REFUND("{'transactionId':'re_1','method':'card'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_refused(REFUND("{'amount':6,'transactionId':'re_1'}"), OD_VERDICT_CONFLICT,
                   "transaction_differs");
    assert_refused(PAY("{'type':'refund','amount':6,'transactionId':'re_1'}"), OD_VERDICT_CONFLICT,
                   "transaction_differs");
    /* The same id of another method is another transaction. */
    assert_done(PAY("{'type':'capture','amount':6,'method':'cash'}"));
    assert_done(REFUND("{'amount':6,'transactionId':'re_1','method':'cash'}"));
    assert_int_equal(sh->order.refund_count, 2);
}

/* The gateway told of the money before we said what it is for. */
static void what_a_known_refund_is_not_for_is_not_taken_for_done(void **state)
{
    struct shop *sh = *state;
    shipped(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_RETURN, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(receive(sh, "{'status':'received'}"));
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_1'}"));
    assert_refused(REFUND("{'amount':5,'transactionId':'re_1','returnId':1}"), OD_VERDICT_CONFLICT,
                   "transaction_differs");
    assert_str(sh->d.refusal.detail, "Transaction \"re_1\" is on record as refund 1, which is not "
                                     "for that return; the money has gone back, and nothing was "
                                     "done. Set the return's status to refunded");
    assert_refused(REFUND("{'amount':5,'transactionId':'re_1','items':[{'orderItemId':1,'qty':1,"
                          "'restock':true}]}"),
                   OD_VERDICT_CONFLICT, "transaction_differs");
    assert_refused(REFUND("{'transactionId':'re_1','shipping':true}"), OD_VERDICT_CONFLICT,
                   "transaction_differs");
    /* What it is for may be said again. */
    static const char whole[] =
        "{'amount':7,'transactionId':'re_2','items':[{'orderItemId':1,'qty':1}],"
        "'shipping':true,'returnId':1}";
    assert_done(REFUND(whole));
    assert_int_equal(sh->d.event_count, 1);
    assert_done(REFUND(whole));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_REFUND], 2);
}

static void another_amount_or_method_is_another_refund(void **state)
{
    struct shop *sh = *state;
    paid_by_three(sh);
    assert_done(REFUND("{'amount':5}"));
    assert_done(PAY("{'type':'refund','amount':4,'transactionId':'re_1'}"));
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_2','method':'cash'}"));
    assert_int_equal(sh->order.refund_count, 3);
    assert_null(sh->order.refunds[0].transaction_id.ptr);
    assert_done(PAY("{'type':'refund'}")); /* no id: one more, of all that card has left */
    assert_int_equal(sh->order.refunds[3].amount, 140);
    assert_refused(PAY("{'type':'refund','amount':1}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    assert_refused(PAY("{'type':'refund'}"), OD_VERDICT_CONFLICT, "refund_exceeds_captured");
    assert_refused(PAY("{'type':'refund','amount':0}"), OD_VERDICT_INVALID, "bad_amount");
}

static void history_refunds_more_than_is_known_and_says_so(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','amount':10}"));
    assert_done(shop_history(sh, OD_COMMAND_REFUND, "{'amount':12}"));
    assert_str(sh->d.events[0].overruled,
               "refund_exceeds_captured: 12.00 exceeds 10.00, which is captured and not given "
               "back; refund_exceeds_method: 10.00 by card");
    assert_str(sh->order.refunds[0].method, "card");
    assert_int_equal(od_amount_refundable(&sh->order), 0);
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'refund','amount':1}"));
    assert_refused(
        shop_history(sh, OD_COMMAND_REFUND, "{'amount':1,'items':[{'orderItemId':1,'qty':3}]}"),
        OD_VERDICT_INVALID, "units_exceeded");
}

static void the_rule_sees_the_refund_and_may_refuse_it(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    sh->answers[OD_ASK_ORDER_REFUND] = true;
    sh->refuse[OD_ASK_ORDER_REFUND] = "ask the owner";
    assert_refused(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_POLICY, "no");
    assert_int_equal(sh->request.refund->amount, 1000);
    assert_int_equal(sh->request.refund->items[0].qty, 1);
    /* What a gateway reports has happened. */
    assert_done(PAY("{'type':'refund','amount':1,'transactionId':'re_1'}"));
    assert_done(shop_history(sh, OD_COMMAND_REFUND, "{'amount':1}"));
    assert_str(sh->d.events[0].overruled, "order.refund: ask the owner");
    sh->refuse[OD_ASK_ORDER_REFUND] = NULL;
    sh->says[OD_ASK_ORDER_REFUND] = "under the limit";
    assert_done(REFUND("{'amount':1}"));
    assert_str(sh->d.events[0].policy_reason, "under the limit");
}

static void a_refusal_puts_nothing_on_the_shelf(void **state)
{
    struct shop *sh = *state;
    shipped(sh);
    sh->unnumbered = true;
    assert_refused(REFUND("{'items':[{'orderItemId':1,'qty':2,'restock':true}]}"),
                   OD_VERDICT_UNNUMBERED, "unnumbered");
    assert_int_equal(sh->d.wanted, OD_DOCUMENT_CREDIT_MEMO);
}

static void refunds_are_limited(void **state)
{
    struct shop *sh = *state;
    paid(sh);
    struct od_command *c = shop_command(sh, OD_COMMAND_REFUND, "{'amount':0.01}");
    for (int i = 0; i < 500; i++)
        assert_done(shop_run(sh, c));
    assert_refused(shop_run(sh, c), OD_VERDICT_CONFLICT, "limit_reached");
    assert_refused(PAY("{'type':'refund','amount':0.01}"), OD_VERDICT_CONFLICT, "limit_reached");
}

static void amounts_have_the_currencys_digits(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'currency':'JPY','items':[{'sku':'a','qty':3,'price':100,"
                        "'discountAmount':1}],'paymentMethod':'card'}"));
    assert_done(PAY("{'type':'capture'}"));
    assert_refused(REFUND("{'amount':0.5}"), OD_VERDICT_INVALID, "bad_amount");
    /* 299 yen in three parts: cut, and summing up. */
    for (int i = 0; i < 3; i++)
        assert_done(REFUND("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.refunds[0].amount, 99);
    assert_int_equal(sh->order.amount_refunded, 299);
}

static void a_dinar_has_a_thousand_fils(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'currency':'KWD','items':[{'sku':'a','qty':1,'price':'1.505'}],"
                        "'paymentMethod':'card'}"));
    assert_done(PAY("{'type':'capture'}"));
    assert_done(REFUND("{'amount':'0.005'}"));
    assert_int_equal(sh->order.amount_refunded, 5);
    assert_refused(REFUND("{'amount':'1.501'}"), OD_VERDICT_CONFLICT, "refund_exceeds_captured");
    assert_str(sh->d.refusal.detail, "1.501 exceeds 1.500, which is captured and not given back");
}

static void the_greatest_amounts_stay_in_range(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','amount':'92233720368547758.07'}"));
    assert_done(REFUND("{'amount':'92233720368547758.07'}"));
    assert_int_equal(od_amount_refundable(&sh->order), 0);
    assert_done(PAY("{'type':'chargeback'}"));
    assert_int_equal(od_amount_refundable(&sh->order), 0);
    assert_int_equal(od_amount_overpaid(&sh->order), 0);
    assert_int_equal(od_amount_outstanding(&sh->order), 0);
    assert_refused(shop_history(sh, OD_COMMAND_REFUND, "{'amount':0.01}"), OD_VERDICT_INVALID,
                   "bad_amount");
    assert_refused(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'chargeback','amount':0.01}"),
                   OD_VERDICT_INVALID, "bad_amount");
}

static void history_may_lose_more_than_it_had(void **state)
{
    struct shop *sh = *state;
    const char *huge = "{'type':'chargeback','amount':'92233720368547758.07'}";
    shop_place(sh);
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, huge));
    assert_int_equal(od_amount_refundable(&sh->order), 0);
    assert_true(od_amount_outstanding(&sh->order) > 0);
    assert_int_equal(od_amount_overpaid(&sh->order), 0);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_PENDING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_amount_goes_back_with_a_credit_memo),
        TEST(nothing_named_refunds_all_that_is_left),
        TEST(items_and_shipping_make_the_amount),
        TEST(a_line_named_twice_is_summed),
        TEST(a_given_amount_wins_over_what_items_cost),
        TEST(money_that_was_not_captured_is_not_refunded),
        TEST(a_refund_goes_by_a_method_that_covers_it),
        TEST(what_was_paid_too_much_can_go_back),
        TEST(a_chargeback_may_follow_a_refund),
        TEST(a_cancelled_order_is_refunded),
        TEST(units_come_back_with_the_refund),
        TEST(only_shipped_units_come_back_and_only_once),
        TEST(what_is_not_tracked_has_no_shelf),
        TEST(a_return_is_refunded_once_it_is_received),
        TEST(a_deduction_keeps_the_returns_items),
        TEST(our_refund_and_the_gateways_echoes_are_one),
        TEST(two_refunds_alike_are_confirmed_in_turn),
        TEST(a_refund_that_the_gateway_tells_first_is_answered_to_ours),
        TEST(what_a_known_refund_is_not_for_is_not_taken_for_done),
        TEST(another_amount_or_method_is_another_refund),
        TEST(history_refunds_more_than_is_known_and_says_so),
        TEST(the_rule_sees_the_refund_and_may_refuse_it),
        TEST(a_refusal_puts_nothing_on_the_shelf),
        TEST(refunds_are_limited),
        TEST(amounts_have_the_currencys_digits),
        TEST(a_dinar_has_a_thousand_fils),
        TEST(the_greatest_amounts_stay_in_range),
        TEST(history_may_lose_more_than_it_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
