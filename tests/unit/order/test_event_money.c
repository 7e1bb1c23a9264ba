#include "event_data.h"

#include "order/ledger/event.h"

/* How refunds and invoices stand in the ledger and in the API. */

static struct od_refund_item lines[] = {
    {.refund_id = 1, .order_item_id = 2, .qty = 1, .amount = 1499, .qty_restocked = 1},
    {.refund_id = 1, .order_item_id = 3, .qty = 2, .amount = 0, .qty_canceled = 2},
};
static const struct od_refund refund = {
    .refund_id = 1,
    .credit_memo_number = OD_STR_INIT("C-7"),
    .amount = 1999,
    .shipping_amount = 500,
    .reason = OD_STR_INIT("too \"small\""),
    .method = OD_STR_INIT("card"),
    .version = 4,
    .created_at = SAMPLE_AT,
    .series = OD_STR_INIT("credit_memo"),
    .series_value = 7,
    .items = lines,
    .item_count = 2,
};
static const struct od_payment payment = {
    .payment_id = 2,
    .type = OD_STR_INIT("refund"),
    .amount = 1999,
    .method = OD_STR_INIT("card"),
    .status = OD_STR_INIT("succeeded"),
    .created_at = SAMPLE_AT,
    .refund_id = 1,
};
static const struct od_invoice invoice = {
    .invoice_id = 1,
    .invoice_number = OD_STR_INIT("I-3"),
    .amount = 6499,
    .version = 2,
    .created_at = SAMPLE_AT,
    .series = OD_STR_INIT("invoice"),
    .series_value = 3,
};

static const struct od_event refunded = {
    .type = OD_EVENT_PAYMENT_REFUNDED, .refund = &refund, .payment = &payment};
static const struct od_event confirmed = {
    .type = OD_EVENT_REFUND_CONFIRMED,
    .refund = &(const struct od_refund){.refund_id = 3, .transaction_id = OD_STR_INIT("re_1")}};
static const struct od_event invoiced = {.type = OD_EVENT_INVOICE_ISSUED, .invoice = &invoice};

static void the_ledger_has_minor_units(void **state)
{
    (void)state;
    in_the_ledger(&refunded,
                  "{\"refund_id\":1,\"credit_memo_number\":\"C-7\",\"amount\":1999,"
                  "\"shipping_amount\":500,\"reason\":\"too \\\"small\\\"\",\"method\":\"card\","
                  "\"version\":4,\"created_at\":\"2017-07-09T21:57:05Z\","
                  "\"series\":\"credit_memo\",\"series_value\":7,"
                  "\"items\":[{\"order_item_id\":2,\"qty\":1,\"amount\":1499,\"qty_restocked\":1},"
                  "{\"order_item_id\":3,\"qty\":2,\"qty_canceled\":2}],"
                  "\"payment\":{\"payment_id\":2,\"type\":\"refund\",\"amount\":1999,"
                  "\"method\":\"card\",\"status\":\"succeeded\","
                  "\"created_at\":\"2017-07-09T21:57:05Z\",\"refund_id\":1}}");
    in_the_ledger(&confirmed, "{\"refund_id\":3,\"transaction_id\":\"re_1\"}");
    in_the_ledger(&invoiced, "{\"invoice_id\":1,\"invoice_number\":\"I-3\",\"amount\":6499,"
                             "\"version\":2,\"created_at\":\"2017-07-09T21:57:05Z\","
                             "\"series\":\"invoice\",\"series_value\":3}");
}

static void the_api_has_decimals_and_its_own_names(void **state)
{
    (void)state;
    in_the_api(&refunded, 2,
               "{\"refundId\":1,\"creditMemoNumber\":\"C-7\",\"amount\":19.99,"
               "\"shippingAmount\":5.00,\"reason\":\"too \\\"small\\\"\",\"method\":\"card\","
               "\"transactionId\":null,\"version\":4,\"createdAt\":\"2017-07-09T21:57:05Z\","
               "\"amountCanceled\":0.00,\"keep\":false,\"items\":[{\"orderItemId\":2,\"qty\":1,"
               "\"amount\":14.99,\"qtyRestocked\":1,\"qtyCanceled\":0},"
               "{\"orderItemId\":3,\"qty\":2,\"amount\":0.00,\"qtyRestocked\":0,"
               "\"qtyCanceled\":2}],"
               "\"payment\":{\"paymentId\":2,\"type\":\"refund\",\"amount\":19.99,"
               "\"method\":\"card\",\"transactionId\":null,\"status\":\"succeeded\","
               "\"createdAt\":\"2017-07-09T21:57:05Z\",\"refundId\":1,\"paidBy\":null}}");
    in_the_api(&confirmed, 2, "{\"refundId\":3,\"transactionId\":\"re_1\"}");
    in_the_api(&invoiced, 0,
               "{\"invoiceId\":1,\"invoiceNumber\":\"I-3\",\"amount\":6499,\"version\":2,"
               "\"createdAt\":\"2017-07-09T21:57:05Z\"}");
    in_the_api(&invoiced, 3,
               "{\"invoiceId\":1,\"invoiceNumber\":\"I-3\",\"amount\":6.499,\"version\":2,"
               "\"createdAt\":\"2017-07-09T21:57:05Z\"}");
}

static struct od_event read_back(const struct od_event *e, struct od_arena *a)
{
    struct od_event back = {.type = e->type};
    struct od_buf b;
    struct od_err err;

    od_buf_init(&b, 1 << 16);
    od_event_encode(e, &b);
    struct od_str data = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    if (od_event_decode(&back, data, a, &err) != 0)
        fail_msg("%s in %.*s", err.message, OD_STR_ARG(data));
    return back;
}

static void same(enum od_entity_kind kind, const void *x, const void *y)
{
    const struct od_entity *e = &od_entities[kind];

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!od_field_equal(&e->fields[i], x, y))
            fail_msg("%s.%s differs", e->table, e->fields[i].name);
    }
}

static void what_is_written_reads_back(void **state)
{
    struct od_arena a;
    (void)state;

    od_arena_init(&a);
    struct od_event e = read_back(&refunded, &a);
    same(OD_ENTITY_REFUND, &refund, e.refund);
    same(OD_ENTITY_PAYMENT, &payment, e.payment);
    assert_int_equal(e.refund->item_count, 2);
    for (int i = 0; i < 2; i++)
        same(OD_ENTITY_REFUND_ITEM, &lines[i], &e.refund->items[i]);
    e = read_back(&confirmed, &a);
    same(OD_ENTITY_REFUND, confirmed.refund, e.refund);
    assert_null(e.payment);
    e = read_back(&invoiced, &a);
    same(OD_ENTITY_INVOICE, &invoice, e.invoice);
    od_arena_fini(&a);
}

static void damaged_data_is_named(void **state)
{
    (void)state;
    refuses(OD_EVENT_PAYMENT_REFUNDED, "{\"refund_id\":1}", "payment is missing");
    refuses(OD_EVENT_PAYMENT_REFUNDED, "{\"payment\":{\"x\":1}}", "payment: ");
    refuses(OD_EVENT_PAYMENT_REFUNDED, "{\"payment\":3}", "payment: ");
    refuses(OD_EVENT_PAYMENT_REFUNDED, "{\"items\":3}", "items is not a list");
    refuses(OD_EVENT_PAYMENT_REFUNDED, "{\"items\":[{\"sku\":\"a\"}]}", "items[0]: ");
    refuses(OD_EVENT_PAYMENT_REFUNDED, "{\"payment\":{},\"gift\":1}", "unknown member gift");
    refuses(OD_EVENT_PAYMENT_REFUNDED, "{\"payment\":{},\"amount\":1.5}", "refund.amount");
    refuses(OD_EVENT_REFUND_CONFIRMED, "{\"items\":[]}", "unknown member items");
    refuses(OD_EVENT_INVOICE_ISSUED, "{\"total\":1}", "unknown member total");
    refuses(OD_EVENT_INVOICE_ISSUED, "{\"amount\":\"1\"}", "invoice.amount");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_has_minor_units),
        cmocka_unit_test(the_api_has_decimals_and_its_own_names),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(damaged_data_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
