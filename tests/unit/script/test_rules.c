#include "fixture.h"
#include "script/call/hooks.h"

/* The default rules in scripts/, and the example plugin, over a table of states. */

static void load_rules(struct host *h, bool with_net30)
{
    h->plugin_count = with_net30 ? 2 : 1;
    if (od_plugin_read(OD_SOURCE_DIR "/scripts", OD_STR("default"), &h->arena, &h->plugins[0],
                       &h->err) != 0 ||
        (with_net30 && od_plugin_read(OD_SOURCE_DIR "/plugins/net30", OD_STR("net30"), &h->arena,
                                      &h->plugins[1], &h->err) != 0) ||
        host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

static const char *answer_to(struct host *h, enum od_question q)
{
    if (ask(h, q) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    return q == OD_ASK_ORDER_CANCEL ? (h->answer.refused ? h->answer.code.ptr : "allowed")
                                    : h->answer.value.ptr;
}

static void set_units(struct host *h, int32_t shipped0, int32_t shipped1)
{
    h->items[0].qty_shipped = shipped0;
    h->items[1].qty_shipped = shipped1;
}

HOST_TEST(order_status_follows_payment_and_shipment)
{
    static const struct {
        const char *payment, *shipment;
        bool held, canceled, all_shipped;
        const char *expected;
    } cases[] = {
        {"pending", "pending", false, false, false, "pending"},
        {"authorized", "pending", false, false, false, "pending"},
        {"partially_paid", "pending", false, false, false, "pending"},
        {"pending", "delivered", false, false, true, "pending"},
        {"paid", "pending", false, false, false, "processing"},
        {"paid", "partially_shipped", false, false, false, "partially_shipped"},
        {"paid", "shipped", false, false, true, "shipped"},
        {"paid", "partially_delivered", false, false, false, "partially_shipped"},
        {"paid", "partially_delivered", false, false, true, "shipped"},
        {"paid", "delivered", false, false, true, "completed"},
        {"canceled", "pending", false, false, false, "canceled"},
        {"paid", "canceled", false, false, false, "canceled"},
        {"canceled", "partially_shipped", false, false, false, "canceled"},
        {"paid", "shipped", false, true, false, "canceled"},
        {"paid", "pending", true, false, false, "on_hold"},
        {"pending", "pending", true, false, false, "on_hold"},
        {"pending", "pending", true, true, false, "canceled"},
        {"a_removed_one", "pending", false, false, false, "pending"},
    };

    load_rules(h, false);
    h->order.holds = h->holds;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        h->order.payment_status = od_str_of(cases[i].payment);
        h->order.shipment_status = od_str_of(cases[i].shipment);
        h->order.hold_count = cases[i].held;
        h->order.canceled_at = cases[i].canceled ? NOW : 0;
        set_units(h, cases[i].all_shipped ? 3 : 0, cases[i].all_shipped ? 1 : 0);
        assert_string_equal(answer_to(h, OD_ASK_ORDER_STATUS), cases[i].expected);
    }
}

HOST_TEST(cancel_needs_both_statuses_and_nothing_on_its_way)
{
    load_rules(h, false);
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "allowed");
    h->order.payment_status = OD_STR("paid");
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "payment_not_cancelable");
    assert_string_equal(h->answer.reason.ptr, "The payment is Paid");
    h->order.payment_status = OD_STR("authorized");
    h->order.shipment_status = OD_STR("shipped");
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "shipment_not_cancelable");
    h->order.shipment_status = OD_STR("pending");
    set_units(h, 0, 1);
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "already_shipped");
    set_units(h, 0, 0);
    h->order.holds = h->holds;
    h->order.hold_count = 1;
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "on_hold");
    assert_string_equal(h->answer.reason.ptr, "Release the hold first");
}

HOST_TEST(an_order_without_items_is_on_its_way_with_its_parcels)
{
    load_rules(h, false);
    h->order.item_count = 0;
    h->order.shipments = h->shipments;
    h->order.shipment_count = 1;
    h->shipments[0].canceled_at = NOW;
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "allowed");
    assert_string_equal(answer_to(h, OD_ASK_SHIPMENT_STATUS), "pending");
    h->shipments[0].canceled_at = 0;
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "already_shipped");
    assert_string_equal(answer_to(h, OD_ASK_SHIPMENT_STATUS), "shipped");
    h->shipments[0].delivered_at = NOW;
    assert_string_equal(answer_to(h, OD_ASK_SHIPMENT_STATUS), "delivered");
}

HOST_TEST(payment_status_follows_the_amounts)
{
    static const struct {
        int64_t authorized, captured;
        const char *last, *status;
        bool canceled;
        const char *expected;
    } cases[] = {
        {0, 0, NULL, NULL, false, "pending"},
        {0, 0, NULL, "paid", false, "paid"},
        {0, 0, NULL, "pending", true, "canceled"},
        {0, 0, NULL, "paid", true, "paid"},
        {5998, 0, "authorize", "pending", false, "authorized"},
        {5998, 5998, "capture", "authorized", false, "paid"},
        {5998, 1, "capture", "authorized", false, "partially_paid"},
        {5998, 1, "capture", "partially_paid", true, "partially_paid"},
        {5998, 0, "authorize", "authorized", true, "canceled"},
        {0, 0, "fail", "pending", false, "failed"},
        {5998, 5998, "fail", "paid", false, "paid"},
        {0, 0, "void", "authorized", false, "pending"},
        {6000, 6000, "capture", "pending", false, "paid"},
    };

    load_rules(h, false);
    h->order.payments = h->payments;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        h->order.amount_authorized = cases[i].authorized;
        h->order.amount_captured = cases[i].captured;
        h->payments[0].type = od_str_of(cases[i].last);
        h->order.payment_count = cases[i].last != NULL;
        h->order.payment_status = od_str_of(cases[i].status);
        h->order.canceled_at = cases[i].canceled ? NOW : 0;
        assert_string_equal(answer_to(h, OD_ASK_PAYMENT_STATUS), cases[i].expected);
    }
}

HOST_TEST(an_order_that_costs_nothing_is_paid_unless_it_was_imported)
{
    load_rules(h, false);
    h->order.grand_total = 0;
    h->order.payment_status = OD_STR_NONE;
    assert_string_equal(answer_to(h, OD_ASK_PAYMENT_STATUS), "paid");
    h->order.historical = true; /* nobody may have recorded its lines */
    assert_string_equal(answer_to(h, OD_ASK_PAYMENT_STATUS), "pending");
}

HOST_TEST(shipment_status_follows_the_units)
{
    static const struct {
        int32_t shipped, delivered,
            canceled_units; /* of 3 mugs; the tea goes along with the first */
        bool canceled;
        const char *expected;
    } cases[] = {
        {0, 0, 0, false, "pending"},
        {0, 0, 3, true, "canceled"},
        {1, 0, 0, false, "partially_shipped"},
        {3, 0, 0, false, "shipped"},
        {3, 1, 0, false, "partially_delivered"},
        {1, 1, 0, false, "partially_delivered"},
        {3, 3, 0, false, "delivered"},
        {2, 0, 1, true, "shipped"},
        {2, 2, 1, true, "delivered"},
    };

    load_rules(h, false);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        h->items[0].qty_shipped = cases[i].shipped;
        h->items[0].qty_delivered = cases[i].delivered;
        h->items[0].qty_canceled = cases[i].canceled_units;
        h->items[1].qty_shipped = cases[i].shipped > 0;
        h->items[1].qty_delivered = cases[i].delivered > 0;
        h->order.canceled_at = cases[i].canceled ? NOW : 0;
        assert_string_equal(answer_to(h, OD_ASK_SHIPMENT_STATUS), cases[i].expected);
    }
}

HOST_TEST(order_numbers_have_year_and_counter)
{
    load_rules(h, false);
    assert_string_equal(answer_to(h, OD_ASK_ORDER_NUMBER), "ORD-2026-000042");
}

static uint32_t mails(struct host *h, const char *topic, const struct od_event *e)
{
    struct od_intent *intents;
    uint32_t n;

    if (od_bundle_run_hooks(h->bundle, od_str_of(topic), e, &h->order, &h->arena, &intents, &n,
                            &h->err) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    return n;
}

HOST_TEST(customers_are_told)
{
    static const char *const topics[] = {"order.placed", "payment.paid", "shipment.created",
                                         "shipment.delivered", "order.canceled"};
    struct od_shipment parcel = {.shipment_id = 1, .carrier = OD_STR("DHL")};
    struct od_event e = {.type = OD_EVENT_SHIPMENT_CREATED, .shipment = &parcel};

    load_rules(h, false);
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        assert_int_equal(mails(h, topics[i], &e), 1);
    h->order.historical = true; /* an import must not write to customers of years ago */
    assert_int_equal(mails(h, "order.placed", &e), 0);
    h->order.historical = false;
    h->order.customer_email = OD_STR_NONE;
    assert_int_equal(mails(h, "order.placed", &e), 0);
}

HOST_TEST(net30_customers_cancel_until_delivery)
{
    load_rules(h, true);
    set_units(h, 3, 0);
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "already_shipped");
    assert_string_equal(h->answer.policy.ptr, "order.cancel@net30");
    h->order.tags = OD_STR("[\"net30\"]");
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "allowed");
    assert_string_equal(h->answer.reason.ptr, "net 30 terms: not delivered yet");
    h->items[0].qty_delivered = 1;
    assert_string_equal(answer_to(h, OD_ASK_ORDER_CANCEL), "already_delivered");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_status_follows_payment_and_shipment),
        cmocka_unit_test(cancel_needs_both_statuses_and_nothing_on_its_way),
        cmocka_unit_test(an_order_without_items_is_on_its_way_with_its_parcels),
        cmocka_unit_test(payment_status_follows_the_amounts),
        cmocka_unit_test(an_order_that_costs_nothing_is_paid_unless_it_was_imported),
        cmocka_unit_test(shipment_status_follows_the_units),
        cmocka_unit_test(order_numbers_have_year_and_counter),
        cmocka_unit_test(customers_are_told),
        cmocka_unit_test(net30_customers_cancel_until_delivery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
