#include "problems.h"

static void a_refund_keeps_its_literals(void **state)
{
    struct shop *sh = *state;
    struct od_command c;
    const char *body = "{'amount':12.50,'shipping':'4.90','reason':'late','method':'card',"
                       "'transactionId':'re_1','returnId':2,"
                       "'items':[{'orderItemId':1,'qty':3,'restock':true},"
                       "{'orderItemId':2,'qty':3,'restock':2},"
                       "{'orderItemId':3,'qty':1,'restock':false},{'orderItemId':4,'qty':1}]}";
    assert_string_equal(problems(sh, OD_COMMAND_REFUND, body, &c), "");
    assert_str(c.refund_amount, "12.50");
    assert_str(c.shipping_literal, "4.90");
    assert_false(c.refund_shipping);
    assert_str(c.refund.reason, "late");
    assert_str(c.refund.method, "card");
    assert_str(c.refund.transaction_id, "re_1");
    assert_int_equal(c.refund.return_id, 2);
    assert_int_equal(c.refund.item_count, 4);
    static const int32_t restocked[] = {3, 2, 0, 0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(c.refund.items[i].order_item_id, i + 1);
        assert_int_equal(c.refund.items[i].qty_restocked, restocked[i]);
    }
    assert_string_equal(problems(sh, OD_COMMAND_REFUND, "{'shipping':true}", &c), "");
    assert_true(c.refund_shipping);
    assert_null(c.shipping_literal.ptr);
    assert_string_equal(problems(sh, OD_COMMAND_REFUND, "{'shipping':false,'amount':null}", &c),
                        "");
    assert_false(c.refund_shipping);
    assert_null(c.refund_amount.ptr);
}

static void a_refunds_body_is_checked(void **state)
{
    struct shop *sh = *state;
    CHECK(REFUND, "{}", "");
    CHECK(REFUND, "{'amount':true}", "/amount: must be a decimal number");
    CHECK(REFUND, "{'amount':'12345678901234567890123456789012345678901'}",
          "/amount: is longer than 40 bytes");
    CHECK(REFUND, "{'shipping':[]}", "/shipping: must be true, false or a decimal number");
    CHECK(REFUND, "{'keep':1,'items':[{'orderItemId':1,'qty':1,'keep':'no'}]}",
          "/keep: must be true or false\n/items/0/keep: must be true or false");
    CHECK(REFUND, "{'returnId':'1'}", "/returnId: must be a whole number from 1 to 1000000");
    CHECK(REFUND, "{'items':[]}", "/items: must be an array of 1 to 500 items");
    CHECK(REFUND, "{'items':[{}]}", "/items/0/orderItemId: is required\n/items/0/qty: is required");
    CHECK(REFUND, "{'items':[{'orderItemId':1,'qty':1,'restock':2}]}",
          "/items/0/restock: must not be more than qty");
    CHECK(REFUND, "{'items':[{'orderItemId':1,'qty':1,'restock':-1}]}",
          "/items/0/restock: must be true, false or a whole number from 0 to 1000000");
    CHECK(REFUND, "{'items':[{'orderItemId':1,'qty':1,'amount':2}]}",
          "/items/0/amount: cannot be set here");
    CHECK(REFUND, "{'creditMemoNumber':'X','shippingAmount':1,'series':'a','gift':1}",
          "/creditMemoNumber: cannot be set here\n/shippingAmount: cannot be set here\n"
          "/series: unknown member\n/gift: unknown member");
    CHECK(REFUND, "[]", ": must be an object");
    CHECK(ISSUE_INVOICE, "{}", "");
    CHECK(ISSUE_INVOICE, "{'amount':1}", "/amount: unknown member");
}

static void a_payments_body_is_checked(void **state)
{
    struct shop *sh = *state;
    struct od_command c;
    CHECK(PAYMENT, "{'type':'refund'}", "");
    CHECK(PAYMENT, "{'type':'chargeback'}", "");
    CHECK(PAYMENT, "{'type':null}", "/type: is required");
    CHECK(PAYMENT, "{'type':'gift'}",
          "/type: must be authorize, capture, void, fail, refund or chargeback");
    CHECK(PAYMENT, "{'type':'fail','createdAt':'noon'}",
          "/createdAt: must be a time like 2024-05-31T08:00:00Z");
    CHECK(PAYMENT, "{'type':'fail','refundId':1}", "/refundId: cannot be set here");
    CHECK(PAYMENT, "[]", ": must be an object");
    assert_string_equal(
        problems(sh, OD_COMMAND_PAYMENT, "{'type':'fail','createdAt':'2017-07-09T21:57:05Z'}", &c),
        "");
    assert_int_equal(c.at, INT64_C(1499637425000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refund_keeps_its_literals),
        TEST(a_refunds_body_is_checked),
        TEST(a_payments_body_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
