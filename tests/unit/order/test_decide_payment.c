#include "check.h"

#include "order/amounts/rollup.h"

#define PAY(body) shop_do(sh, OD_COMMAND_PAYMENT, body)

static void partial_captures_add_up_to_paid(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','amount':10.5,'transactionId':'t1'}"));
    assert_str(sh->order.payment_status, "partially_paid");
    assert_done(PAY("{'type':'capture'}"));
    assert_str(sh->order.payment_status, "paid");
    assert_str(sh->order.status, "processing");
    assert_int_equal(sh->order.payments[1].amount, 1500);
    assert_str(sh->order.payments[1].method, "card");
    assert_int_equal(sh->order.amount_captured, 2550);
    assert_int_equal(sh->order.amount_authorized, 2550);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 2);
    assert_refused(PAY("{'type':'capture'}"), OD_VERDICT_CONFLICT, "nothing_outstanding");
}

static void a_capture_never_exceeds_what_its_method_authorized(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'authorize','amount':20}"));
    assert_str(sh->order.payment_status, "authorized");
    assert_refused(PAY("{'type':'capture','amount':20.01}"), OD_VERDICT_CONFLICT,
                   "capture_exceeds_authorized");
    assert_done(PAY("{'type':'capture','amount':15}"));
    assert_refused(PAY("{'type':'capture','amount':'5.01'}"), OD_VERDICT_CONFLICT,
                   "capture_exceeds_authorized");
    assert_done(PAY("{'type':'capture','amount':5.5,'method':'voucher'}"));
    assert_int_equal(sh->order.amount_authorized, 2550);
    assert_int_equal(sh->order.amount_captured, 2050);
}

static void a_void_takes_what_is_authorized_and_not_captured(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(PAY("{'type':'void'}"), OD_VERDICT_CONFLICT, "void_exceeds_authorized");
    assert_done(PAY("{'type':'authorize'}"));
    assert_done(PAY("{'type':'capture','amount':5}"));
    assert_refused(PAY("{'type':'void','amount':20.51}"), OD_VERDICT_CONFLICT,
                   "void_exceeds_authorized");
    assert_done(PAY("{'type':'void','amount':0.5}"));
    assert_done(PAY("{'type':'void'}"));
    assert_int_equal(sh->order.payments[3].amount, 2000);
    assert_int_equal(sh->order.amount_authorized, 500);
}

static void a_failure_moves_no_money(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'fail'}"));
    assert_str(sh->order.payments[0].status, "failed");
    assert_int_equal(sh->order.amount_authorized, 0);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_PAYMENT_FAILED);
}

static void the_gateways_echo_makes_no_second_record(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','amount':10,'transactionId':'t1'}"));
    assert_done(PAY("{'type':'fail'}"));
    assert_done(PAY("{'type':'capture','amount':10.00,'transactionId':'t1'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 1);
    assert_int_equal(sh->order.payment_count, 2);
    assert_refused(PAY("{'type':'capture','amount':11,'transactionId':'t1'}"), OD_VERDICT_CONFLICT,
                   "transaction_differs");
    assert_done(PAY("{'type':'capture','amount':11,'transactionId':'t1','method':'voucher'}"));
    assert_int_equal(sh->order.payment_count, 3);
}

static void what_a_cancelled_order_still_takes(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'authorize','amount':5}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    /* The gateway captured what it had, whatever became of the order. */
    assert_done(PAY("{'type':'capture','amount':3}"));
    assert_refused(PAY("{'type':'capture','amount':3}"), OD_VERDICT_CONFLICT,
                   "capture_exceeds_authorized");
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{}"));
    /* Units that left after all are owed for. */
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT,
                        "{'handedOver':true,'items':[{'orderItemId':1,'qty':1}]}"));
    assert_true(od_amount_outstanding(&sh->order) > 0);
    assert_done(PAY("{'type':'capture','method':'till'}"));
    assert_int_equal(od_amount_outstanding(&sh->order), 0);
    assert_refused(PAY("{'type':'capture','amount':1,'method':'till'}"), OD_VERDICT_CONFLICT,
                   "order_canceled");
}

static void a_cancelled_order_takes_no_money(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'authorize','transactionId':'t'}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(PAY("{'type':'capture','amount':1,'method':'till'}"), OD_VERDICT_CONFLICT,
                   "order_canceled");
    assert_refused(PAY("{'type':'authorize','amount':1}"), OD_VERDICT_CONFLICT, "order_canceled");
    assert_done(PAY("{'type':'authorize','transactionId':'t'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_done(PAY("{'type':'void'}"));
    assert_int_equal(sh->order.amount_authorized, 0);
}

static void amounts_follow_the_currency(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(PAY("{'type':'capture','amount':1.001}"), OD_VERDICT_INVALID, "bad_amount");
    assert_str(sh->d.refusal.pointer, "/amount");
    assert_refused(PAY("{'type':'capture','amount':-1}"), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(PAY("{'type':'capture','amount':0}"), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(PAY("{'type':'void','amount':0}"), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(PAY("{'type':'capture','amount':1e30}"), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(PAY("{'type':'capture','amount':'ten'}"), OD_VERDICT_INVALID, "bad_amount");
    assert_done(PAY("{'type':'capture','amount':1.000}"));
    assert_int_equal(sh->order.amount_captured, 100);
}

static void sums_past_int64_are_refused_even_to_history(void **state)
{
    struct shop *sh = *state;
    const char *huge = "{'type':'authorize','amount':'92233720368547758.07'}";
    shop_place(sh);
    assert_done(PAY(huge));
    assert_refused(PAY("{'type':'authorize','amount':0.01}"), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(PAY("{'type':'authorize','amount':0.01,'method':'other'}"), OD_VERDICT_INVALID,
                   "bad_amount");
    assert_refused(shop_history(sh, OD_COMMAND_PAYMENT, huge), OD_VERDICT_INVALID, "bad_amount");
    assert_refused(PAY("{'type':'capture','amount':0.01,'method':'sale'}"), OD_VERDICT_INVALID,
                   "bad_amount");
}

static void history_overrules_amounts_and_says_so(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'authorize','amount':1}"));
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':3}"));
    assert_str(
        sh->d.events[0].overruled,
        "capture_exceeds_authorized: 3.00 exceeds 1.00, which is authorized and not captured; "
        "record the authorize it belongs to first");
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'void','amount':3}"));
    assert_int_equal(sh->order.amount_authorized, -200);
    assert_done(
        shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':0,'method':'voucher'}"));
    assert_done(PAY("{'type':'capture','amount':1,'method':'cash'}"));
    assert_refused(PAY("{'type':'capture','amount':1}"), OD_VERDICT_CONFLICT,
                   "capture_exceeds_authorized");
}

static void history_pays_a_cancelled_order(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    sh->value[OD_ASK_PAYMENT_STATUS] = "authorized"; /* not a move that the graph has */
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':25.5}"));
    assert_str(sh->d.events[0].overruled, "order_canceled: the order is cancelled; payment_status: "
                                          "no move from canceled to authorized");
    assert_str(sh->order.payment_status, "authorized");
}

static void a_move_outside_the_graph_is_a_conflict(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'authorize'}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    sh->value[OD_ASK_PAYMENT_STATUS] = "pending";
    assert_refused(PAY("{'type':'void'}"), OD_VERDICT_CONFLICT, "move_not_allowed");
    assert_str(sh->d.refusal.detail, "payment_status cannot move from canceled to pending; "
                                     "allowed: refunded, partially_paid, paid");
}

static void an_unknown_type_is_invalid(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct od_command *c = shop_command(sh, OD_COMMAND_PAYMENT, "{'type':'fail'}");
    c->payment.type = OD_STR("gift");
    assert_refused(shop_run(sh, c), OD_VERDICT_INVALID, "unknown_type");
}

static void payments_are_limited(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct od_command *c = shop_command(sh, OD_COMMAND_PAYMENT, "{'type':'fail'}");
    for (int i = 0; i < 1000; i++)
        assert_done(shop_run(sh, c));
    assert_refused(shop_run(sh, c), OD_VERDICT_CONFLICT, "limit_reached");
}

/* A sale covers itself; an authorization that comes later is not used up by it. */
static void a_sale_takes_nothing_from_a_later_authorization(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','amount':10}"));
    assert_done(PAY("{'type':'authorize','amount':15.5}"));
    assert_refused(PAY("{'type':'capture','amount':15.51}"), OD_VERDICT_CONFLICT,
                   "capture_exceeds_authorized");
    assert_done(PAY("{'type':'capture','amount':15.5}"));
    assert_int_equal(sh->order.amount_authorized, 2550);
    assert_int_equal(sh->order.amount_captured, 2550);
    assert_refused(PAY("{'type':'void'}"), OD_VERDICT_CONFLICT, "void_exceeds_authorized");
}

static void more_may_be_paid_than_the_order_costs(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','amount':30}"));
    assert_int_equal(sh->order.amount_captured, 3000);
    assert_int_equal(od_amount_overpaid(&sh->order), 450);
    assert_int_equal(od_amount_outstanding(&sh->order), 0);
}

static void a_chargeback_takes_what_its_method_captured(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(PAY("{'type':'chargeback'}"), OD_VERDICT_CONFLICT,
                   "chargeback_exceeds_captured");
    assert_done(PAY("{'type':'capture','amount':20}"));
    assert_done(PAY("{'type':'capture','amount':5.5,'method':'voucher'}"));
    assert_refused(PAY("{'type':'chargeback','amount':20.01}"), OD_VERDICT_CONFLICT,
                   "chargeback_exceeds_captured");
    assert_str(sh->d.refusal.detail, "20.01 exceeds 20.00, which is captured and not charged back");
    assert_done(PAY("{'type':'chargeback','amount':5,'transactionId':'c1'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_PAYMENT_CHARGED_BACK);
    assert_done(PAY("{'type':'chargeback','amount':5,'transactionId':'c1'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 3);
    assert_done(PAY("{'type':'chargeback'}"));
    assert_int_equal(sh->order.payments[3].amount, 1500);
    assert_int_equal(sh->order.amount_charged_back, 2000);
    assert_int_equal(sh->order.amount_captured, 2550);
    assert_int_equal(od_amount_outstanding(&sh->order), 2000);
    /* What was lost is owed again. */
    assert_done(PAY("{'type':'capture'}"));
    assert_int_equal(sh->order.payments[4].amount, 2000);
}

static void a_chargeback_of_a_cancelled_order_is_a_fact(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture'}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_done(PAY("{'type':'chargeback'}"));
    assert_int_equal(sh->order.amount_charged_back, 2550);
}

static void a_record_keeps_the_time_it_happened(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'capture','createdAt':'2023-11-14T20:00:00+01:00'}"));
    assert_int_equal(sh->order.payments[0].created_at, INT64_C(1699988400000000));
    assert_int_equal(sh->d.events[0].at, INT64_C(1699988400000000));
    assert_int_equal(sh->d.events[0].recorded_at, NOW);
    assert_refused(PAY("{'type':'fail','createdAt':'2023-11-14T22:13:21Z'}"), OD_VERDICT_INVALID,
                   "bad_time");
    assert_str(sh->d.refusal.pointer, "/createdAt");
    assert_done(PAY("{'type':'fail','createdAt':'2023-11-14T22:13:20Z'}"));
}

static void the_echo_of_a_refund_without_a_method_is_known(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE, "{'items':[{'sku':'a','qty':1,'price':10}]}"));
    assert_done(PAY("{'type':'capture','amount':10,'method':'card'}"));
    assert_done(PAY("{'type':'refund','amount':3,'transactionId':'re_1'}"));
    assert_str(sh->order.refunds[0].method, "card");
    assert_done(PAY("{'type':'refund','amount':3,'transactionId':'re_1'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 2);
    assert_int_equal(sh->order.refund_count, 1);
    /* And of one of ours that waits to be confirmed. */
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{'amount':2}"));
    assert_done(PAY("{'type':'refund','amount':2,'transactionId':'re_2'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_REFUND_CONFIRMED);
    assert_int_equal(sh->order.refund_count, 2);
}

static void a_report_without_a_method_is_told_which_have_the_money(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE, "{'items':[{'sku':'a','qty':1,'price':10}]}"));
    assert_done(PAY("{'type':'capture','amount':6,'method':'card'}"));
    assert_done(PAY("{'type':'capture','amount':4,'method':'voucher'}"));
    assert_refused(PAY("{'type':'chargeback','amount':1}"), OD_VERDICT_CONFLICT,
                   "chargeback_exceeds_captured");
    assert_str(sh->d.refusal.detail,
               "1.00 exceeds 0.00, which is captured and not charged back; name the method: 6.00 "
               "by card, 4.00 by voucher");
    assert_refused(PAY("{'type':'chargeback'}"), OD_VERDICT_CONFLICT,
                   "chargeback_exceeds_captured");
    assert_str(sh->d.refusal.detail, "Nothing is captured that is not charged back; name the "
                                     "method: 6.00 by card, 4.00 by voucher");
    assert_refused(PAY("{'type':'chargeback','method':'cash'}"), OD_VERDICT_CONFLICT,
                   "chargeback_exceeds_captured");
    assert_str(sh->d.refusal.detail, "Nothing is captured that is not charged back");
    assert_refused(PAY("{'type':'refund'}"), OD_VERDICT_CONFLICT, "refund_exceeds_captured");
    assert_done(PAY("{'type':'chargeback','method':'voucher'}"));
}

/* History left more captured than authorized, which another method's authorization covers. */
static void a_void_may_uncover_what_history_overdrew(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'authorize','amount':1}"));
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':10}"));
    assert_done(PAY("{'type':'authorize','amount':20,'method':'voucher'}"));
    assert_done(PAY("{'type':'void','method':'voucher'}"));
    assert_int_equal(sh->order.amount_authorized, 100);
    assert_int_equal(sh->order.amount_captured, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(partial_captures_add_up_to_paid),
        TEST(a_capture_never_exceeds_what_its_method_authorized),
        TEST(a_void_takes_what_is_authorized_and_not_captured),
        TEST(a_failure_moves_no_money),
        TEST(the_gateways_echo_makes_no_second_record),
        TEST(what_a_cancelled_order_still_takes),
        TEST(a_cancelled_order_takes_no_money),
        TEST(amounts_follow_the_currency),
        TEST(sums_past_int64_are_refused_even_to_history),
        TEST(history_overrules_amounts_and_says_so),
        TEST(history_pays_a_cancelled_order),
        TEST(a_move_outside_the_graph_is_a_conflict),
        TEST(an_unknown_type_is_invalid),
        TEST(payments_are_limited),
        TEST(a_sale_takes_nothing_from_a_later_authorization),
        TEST(more_may_be_paid_than_the_order_costs),
        TEST(a_chargeback_takes_what_its_method_captured),
        TEST(a_chargeback_of_a_cancelled_order_is_a_fact),
        TEST(a_record_keeps_the_time_it_happened),
        TEST(the_echo_of_a_refund_without_a_method_is_known),
        TEST(a_report_without_a_method_is_told_which_have_the_money),
        TEST(a_void_may_uncover_what_history_overdrew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
