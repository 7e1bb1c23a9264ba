#include "check.h"

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
    assert_int_equal(sh->d.payment_id, 2);
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
    assert_int_equal(sh->d.payment_id, 1);
    assert_int_equal(sh->order.payment_count, 2);
    assert_refused(PAY("{'type':'capture','amount':11,'transactionId':'t1'}"), OD_VERDICT_CONFLICT,
                   "transaction_differs");
    assert_done(PAY("{'type':'capture','amount':11,'transactionId':'t1','method':'voucher'}"));
    assert_int_equal(sh->order.payment_count, 3);
}

static void a_cancelled_order_takes_no_money(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'authorize','transactionId':'t'}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(PAY("{'type':'capture'}"), OD_VERDICT_CONFLICT, "order_canceled");
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
        "capture_exceeds_authorized: 3.00 exceeds 1.00, which is authorized and not captured");
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
    sh->value[OD_ASK_PAYMENT_STATUS] = "paid"; /* not a move that the graph has */
    assert_done(shop_history(sh, OD_COMMAND_PAYMENT, "{'type':'capture'}"));
    assert_str(
        sh->d.events[0].overruled,
        "order_canceled: the order is cancelled; payment_status: no move from canceled to paid");
    assert_str(sh->order.payment_status, "paid");
}

static void a_move_outside_the_graph_is_a_conflict(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PAY("{'type':'authorize'}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    sh->value[OD_ASK_PAYMENT_STATUS] = "pending";
    assert_refused(PAY("{'type':'void'}"), OD_VERDICT_CONFLICT, "move_not_allowed");
    assert_str(sh->d.refusal.detail,
               "payment_status cannot move from canceled to pending; allowed: refunded");
}

static void an_unknown_type_is_invalid(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct od_command *c = shop_command(sh, OD_COMMAND_PAYMENT, "{'type':'fail'}");
    c->payment.type = OD_STR("refund");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(partial_captures_add_up_to_paid),
        TEST(a_capture_never_exceeds_what_its_method_authorized),
        TEST(a_void_takes_what_is_authorized_and_not_captured),
        TEST(a_failure_moves_no_money),
        TEST(the_gateways_echo_makes_no_second_record),
        TEST(a_cancelled_order_takes_no_money),
        TEST(amounts_follow_the_currency),
        TEST(sums_past_int64_are_refused_even_to_history),
        TEST(history_overrules_amounts_and_says_so),
        TEST(history_pays_a_cancelled_order),
        TEST(a_move_outside_the_graph_is_a_conflict),
        TEST(an_unknown_type_is_invalid),
        TEST(payments_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
