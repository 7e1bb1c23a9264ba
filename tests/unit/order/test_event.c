#include "event_data.h"

#include <stdio.h>

#include "order/ledger/event.h"

static void names_parse_back(void **state)
{
    enum od_event_type type;
    (void)state;

    for (int i = 0; i < OD_EVENT_TYPES; i++) {
        assert_true(od_event_type_parse(od_event_type_name((enum od_event_type)i), &type));
        assert_int_equal(type, i);
    }
    assert_false(od_event_type_parse(OD_STR("order.exploded"), &type));
    assert_false(od_event_type_parse(OD_STR_NONE, &type));
}

/* The topics of an event, joined by blanks. */
static const char *topics_of(const struct od_event *e)
{
    static char text[256];
    struct od_str topics[OD_EVENT_TOPICS];
    uint32_t n = od_event_topics(e, sample_statuses(), topics);
    size_t len = 0;

    for (uint32_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s", i ? " " : "",
                                OD_STR_ARG(topics[i]));
    return text;
}

#define CHANGE(from, to) ((struct od_status_change){OD_STR(from), OD_STR(to)})

static void topics_follow_from_type_and_statuses(void **state)
{
    struct od_event e = {.type = OD_EVENT_ORDER_PLACED};
    (void)state;

    e.status[OD_STATUS_ORDER].to = OD_STR("pending");
    assert_string_equal(topics_of(&e), "order.placed");
    e.status[OD_STATUS_PAYMENT].to = OD_STR("paid");
    assert_string_equal(topics_of(&e), "order.placed payment.paid");

    e = (struct od_event){.type = OD_EVENT_PAYMENT_CAPTURED};
    e.status[OD_STATUS_PAYMENT] = CHANGE("pending", "paid");
    assert_string_equal(topics_of(&e), "payment.captured payment.paid payment.status_changed");
    e.status[OD_STATUS_PAYMENT] = CHANGE("paid", "paid_twice");
    assert_string_equal(topics_of(&e), "payment.captured payment.status_changed");

    e = (struct od_event){.type = OD_EVENT_PAYMENT_VOIDED};
    e.status[OD_STATUS_ORDER] = CHANGE("pending", "canceled");
    e.status[OD_STATUS_PAYMENT] = CHANGE("pending", "paid");
    e.status[OD_STATUS_SHIPMENT] = CHANGE("pending", "shipped");
    assert_string_equal(topics_of(&e),
                        "payment.voided payment.paid order.canceled order.status_changed "
                        "payment.status_changed shipment.status_changed");
    e = (struct od_event){.type = OD_EVENT_ORDER_CANCELED};
    e.status[OD_STATUS_ORDER] = CHANGE("pending", "canceled");
    assert_string_equal(topics_of(&e), "order.canceled order.status_changed");
}

static void data_is_flat_with_sql_names_and_minor_units(void **state)
{
    struct od_arena a;
    struct od_buf b;
    struct od_order *o;
    struct od_event e;
    (void)state;

    od_arena_init(&a);
    od_buf_init(&b, 1 << 16);
    o = sample_placed(&a);
    e = sample_payment(&a, o, OD_EVENT_PAYMENT_CAPTURED, "capture", 6499);
    od_event_encode(&e, &b);
    od_buf_char(&b, '\0');
    assert_string_equal(b.ptr, "{\"payment_id\":1,\"type\":\"capture\",\"amount\":6499,"
                               "\"method\":\"card\",\"transaction_id\":\"tx-1\","
                               "\"status\":\"succeeded\",\"created_at\":\"2017-07-09T21:57:06Z\"}");
    od_buf_reset(&b);
    e = sample_patch(&a, o);
    od_event_encode(&e, &b);
    od_buf_char(&b, '\0');
    assert_string_equal(b.ptr, "{\"shipping_note\":\"ring twice\",\"tags\":null,"
                               "\"billing_address\":{\"city\":\"Porto\"}}");
    od_buf_fini(&b);
    od_arena_fini(&a);
}

static void damaged_data_is_named(void **state)
{
    (void)state;
    refuses(OD_EVENT_ORDER_PLACED, "{", "line 1");
    refuses(OD_EVENT_ORDER_PLACED, "[]", "not an object");
    refuses(OD_EVENT_ORDER_PLACED, "{\"items\":{}}", "items is not a list");
    refuses(OD_EVENT_ORDER_PLACED, "{\"items\":[{\"qty\":\"2\"}]}", "items[0]: order_item.qty");
    refuses(OD_EVENT_ORDER_PLACED, "{\"items\":[{\"qty\":2147483648}]}", "order_item.qty");
    refuses(OD_EVENT_ORDER_PLACED, "{\"items\":[3]}", "order_item is not an object");
    refuses(OD_EVENT_ORDER_PLACED, "{\"grand_total\":1.5}", "orders.grand_total");
    refuses(OD_EVENT_ORDER_PLACED, "{\"uuid\":\"x\"}", "orders.uuid");
    refuses(OD_EVENT_ORDER_PLACED, "{\"currency\":1}", "orders.currency");
    refuses(OD_EVENT_ORDER_PLACED, "{\"historical\":1}", "orders.historical");
    refuses(OD_EVENT_ORDER_PLACED, "{\"gift\":1}", "unknown member gift");
    refuses(OD_EVENT_ORDER_PLACED, "{\"shipping_address\":{\"x\":1}}", "shipping_address: ");
    refuses(OD_EVENT_ORDER_UPDATED, "{\"billing_address\":1}", "billing_address: ");
    refuses(OD_EVENT_ORDER_CANCELED, "{\"units\":1}", "units is not a list");
    refuses(OD_EVENT_ORDER_CANCELED, "{\"units\":[{\"sku\":1}]}", "units[0]");
    refuses(OD_EVENT_ORDER_CANCELED, "{\"why\":1}", "unknown member why");
    refuses(OD_EVENT_PAYMENT_CAPTURED, "{\"created_at\":\"noon\"}", "payment.created_at");
    refuses(OD_EVENT_SHIPMENT_CREATED, "{\"items\":[{\"qty\":true}]}", "items[0]");
    refuses(OD_EVENT_ORDER_HELD, "{\"why\":1}", "unknown member why");
    refuses(OD_EVENT_ACTIVITY_ADDED, "{\"customer_notified\":true}", "comment");
    refuses(OD_EVENT_ACTIVITY_ADDED, "{\"comment\":\"\"}", "customer_notified");
    refuses(OD_EVENT_PAYMENT_STATUS_SET, "{\"x\":1}", "unknown member x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_parse_back),
        cmocka_unit_test(topics_follow_from_type_and_statuses),
        cmocka_unit_test(data_is_flat_with_sql_names_and_minor_units),
        cmocka_unit_test(damaged_data_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
