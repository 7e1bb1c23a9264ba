#include "check.h"

#include "order/amounts/rollup.h"

/* By which methods a refund goes: by one that covers it, by several, by one that did not pay. */

#define PAY(body)    shop_do(sh, OD_COMMAND_PAYMENT, body)
#define REFUND(body) shop_do(sh, OD_COMMAND_REFUND, body)

/* 50.00 by gift card and 40.00 by card, which is the order's method. */
static void paid_by_two(struct shop *sh)
{
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':9,'price':10}],'paymentMethod':'card'}"));
    assert_done(PAY("{'type':'capture','amount':50,'method':'gift_card'}"));
    assert_done(PAY("{'type':'capture','amount':40}"));
}

static void allow(struct shop *sh, const char *method)
{
    static struct od_str names[1];
    names[0] = od_str_of(method);
    sh->shop = (struct od_shop){.refund_methods = names, .refund_method_count = 1};
    sh->env.shop = &sh->shop;
}

static void assert_payment(struct shop *sh, uint32_t i, int64_t amount, const char *method,
                           const char *paid_by)
{
    const struct od_payment *p = &sh->order.payments[i];
    assert_str(p->type, "refund");
    assert_int_equal(p->amount, amount);
    assert_str(p->method, method);
    if (paid_by)
        assert_str(p->paid_by, paid_by);
    else
        assert_null(p->paid_by.ptr);
}

static void what_no_payment_covers_goes_by_several(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    assert_done(REFUND("{'amount':60}"));
    assert_int_equal(sh->d.event_count, 1);
    assert_int_equal(sh->order.refund_count, 1);
    assert_int_equal(sh->order.refunds[0].amount, 6000);
    assert_str(sh->order.refunds[0].method, "card");
    assert_int_equal(sh->order.payment_count, 4);
    assert_payment(sh, 2, 4000, "card", NULL);
    assert_payment(sh, 3, 2000, "gift_card", NULL);
    assert_int_equal(sh->order.payments[3].refund_id, 1);
    assert_int_equal(sh->issued[OD_DOCUMENT_CREDIT_MEMO], 1);
    assert_int_equal(od_amount_refundable_by(&sh->order, OD_STR("gift_card")), 3000);
    assert_int_equal(od_amount_refundable_by(&sh->order, OD_STR("card")), 0);
}

static void the_method_that_is_named_is_first(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    assert_done(REFUND("{'amount':60,'method':'gift_card'}"));
    assert_payment(sh, 2, 5000, "gift_card", NULL);
    assert_payment(sh, 3, 1000, "card", NULL);
    assert_str(sh->order.refunds[0].method, "gift_card");
    assert_done(REFUND("{}"));
    assert_payment(sh, 4, 3000, "card", NULL);
}

static void all_of_it_goes_by_all(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    assert_done(REFUND("{}"));
    assert_int_equal(sh->order.payment_count, 4);
    assert_int_equal(od_amount_refundable(&sh->order), 0);
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void a_transaction_is_of_one_payment(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    assert_refused(REFUND("{'amount':60,'transactionId':'re_1'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    assert_refused(PAY("{'type':'refund','amount':60,'transactionId':'re_1'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    assert_done(REFUND("{'amount':45,'transactionId':'re_1'}"));
    assert_payment(sh, 2, 4500, "gift_card", NULL);
}

/* Each gateway tells of its own part. */
static void each_part_is_confirmed_by_itself(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    assert_done(REFUND("{'amount':60}"));
    assert_done(PAY("{'type':'refund','amount':20,'method':'gift_card','transactionId':'g_1'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_REFUND_CONFIRMED);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 4);
    assert_null(sh->order.refunds[0].transaction_id.ptr);
    assert_done(PAY("{'type':'refund','amount':40,'transactionId':'re_1'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 3);
    assert_str(sh->order.refunds[0].transaction_id, "re_1");
    assert_str(sh->order.payments[3].transaction_id, "g_1");
    assert_int_equal(sh->order.refund_count, 1);
    /* Told once more they are the same, and so is ours under either name. */
    assert_done(PAY("{'type':'refund','amount':20,'method':'gift_card','transactionId':'g_1'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_done(REFUND("{'transactionId':'g_1','method':'gift_card'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_REFUND], 1);
}

static void another_method_is_refused_unless_it_is_configured(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    assert_refused(REFUND("{'amount':5,'method':'store_credit'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    assert_refused(REFUND("{'method':'store_credit'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    allow(sh, "cash");
    assert_refused(REFUND("{'amount':5,'method':'store_credit'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
    allow(sh, "store_credit");
    assert_done(REFUND("{'amount':5,'method':'store_credit'}"));
    assert_payment(sh, 2, 500, "store_credit", "card");
    assert_str(sh->order.refunds[0].method, "store_credit");
    assert_int_equal(od_amount_refundable_by(&sh->order, OD_STR("card")), 3500);
    assert_int_equal(od_amount_refundable_by(&sh->order, OD_STR("store_credit")), 0);
    /* What a gateway says of its own accord has to fit what was paid by it. */
    assert_refused(PAY("{'type':'refund','amount':6,'method':'store_credit'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_method");
}

static void another_method_may_stand_for_several(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    allow(sh, "store_credit");
    assert_done(REFUND("{'method':'store_credit'}"));
    assert_int_equal(sh->order.refunds[0].amount, 9000);
    assert_payment(sh, 2, 4000, "store_credit", "card");
    assert_payment(sh, 3, 5000, "store_credit", "gift_card");
    assert_int_equal(od_amount_refundable(&sh->order), 0);
    assert_int_equal(od_rollup_payment(&sh->order), OD_ROLLUP_REFUNDED);
    assert_refused(REFUND("{'amount':1,'method':'card'}"), OD_VERDICT_CONFLICT,
                   "refund_exceeds_captured");
}

/* The card's gateway does not tell of store credit. */
static void another_method_is_confirmed_by_its_name_alone(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    allow(sh, "store_credit");
    assert_done(REFUND("{'amount':5,'method':'store_credit'}"));
    assert_done(PAY("{'type':'refund','amount':5,'transactionId':'re_1'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_PAYMENT_REFUNDED);
    assert_int_equal(sh->order.refund_count, 2);
    assert_done(PAY("{'type':'refund','amount':5,'method':'store_credit','transactionId':'s_1'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_REFUND_CONFIRMED);
    assert_str(sh->order.refunds[0].transaction_id, "s_1");
}

static void a_rule_sees_the_method_and_may_refuse_it(void **state)
{
    struct shop *sh = *state;
    paid_by_two(sh);
    allow(sh, "store_credit");
    sh->answers[OD_ASK_ORDER_REFUND] = true;
    sh->refuse[OD_ASK_ORDER_REFUND] = "no credit for guests";
    assert_refused(REFUND("{'amount':5,'method':'store_credit'}"), OD_VERDICT_POLICY, "no");
    assert_str(sh->request.refund->method, "store_credit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_no_payment_covers_goes_by_several),
        TEST(the_method_that_is_named_is_first),
        TEST(all_of_it_goes_by_all),
        TEST(a_transaction_is_of_one_payment),
        TEST(each_part_is_confirmed_by_itself),
        TEST(another_method_is_refused_unless_it_is_configured),
        TEST(another_method_may_stand_for_several),
        TEST(another_method_is_confirmed_by_its_name_alone),
        TEST(a_rule_sees_the_method_and_may_refuse_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
