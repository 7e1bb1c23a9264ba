#include "sample.h"

#include <jansson.h>
#include <string.h>

#include "order/ledger/event.h"
#include "order/machine/decide.h"
#include "order/model/codec.h"
#include "order/model/shop.h"
#include "order/show/render.h"

struct page {
    struct od_arena a;
    struct od_buf b;
    struct od_json_writer w;
};

static int setup(void **state)
{
    struct page *p = test_calloc(1, sizeof *p);

    od_arena_init(&p->a);
    od_buf_init(&p->b, 1 << 20);
    od_jw_init(&p->w, &p->b);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct page *p = *state;

    od_buf_fini(&p->b);
    od_arena_fini(&p->a);
    test_free(p);
    return 0;
}

/* What was written is the JSON `expected`, whatever the order of its members. */
static void assert_json(const struct page *p, const char *expected)
{
    json_error_t error;
    json_t *want = json_loads(expected, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    json_t *got = json_loadb(p->b.ptr, p->b.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

    assert_non_null(want);
    if (!json_equal(want, got))
        fail_msg("%.*s", (int)p->b.len, p->b.ptr);
    json_decref(want);
    json_decref(got);
}

static json_t *order_json(struct page *p, const struct od_order *o)
{
    json_error_t error;
    json_t *j;

    od_order_write(&p->w, o, sample_statuses(), NULL, OD_STR_NONE);
    j = json_loadb(p->b.ptr, p->b.len, JSON_REJECT_DUPLICATES, &error);
    if (!j)
        fail_msg("%s in %.*s", error.text, (int)p->b.len, p->b.ptr);
    return j;
}

static void an_order_has_every_member_of_the_contract(void **state)
{
    static const char *const members[] = {"orderId",
                                          "uuid",
                                          "orderNumber",
                                          "version",
                                          "currency",
                                          "createdAt",
                                          "updatedAt",
                                          "status",
                                          "paymentStatus",
                                          "shipmentStatus",
                                          "customer",
                                          "shippingAddress",
                                          "billingAddress",
                                          "items",
                                          "subTotal",
                                          "subTotalInclTax",
                                          "discountAmount",
                                          "coupon",
                                          "taxAmount",
                                          "shippingFeeExclTax",
                                          "grandTotal",
                                          "totalQty",
                                          "shippingFeeInclTax",
                                          "totalWeight",
                                          "shippingMethod",
                                          "shippingNote",
                                          "shippingMethodName",
                                          "paymentMethod",
                                          "payments",
                                          "shipments",
                                          "paymentMethodName",
                                          "amountAuthorized",
                                          "amountCaptured",
                                          "amountRefunded",
                                          "refunds",
                                          "returns",
                                          "holds",
                                          "invoices",
                                          "activities",
                                          "tags",
                                          "metadata",
                                          "canceledAt",
                                          "cancelReason",
                                          "store",
                                          "exchangeOf",
                                          "changes",
                                          "amountCanceled",
                                          "amountChargedBack",
                                          "amountOutstanding",
                                          "amountOverpaid",
                                          "amountRefundable",
                                          "splitOf",
                                          "locale"};
    struct page *p = *state;
    json_t *j = order_json(p, sample_placed(&p->a));

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!json_object_get(j, members[i]))
            fail_msg("%s is missing", members[i]);
    }
    assert_int_equal(json_object_size(j), sizeof members / sizeof members[0]);
    json_decref(j);
}

static void absent_values_are_null_and_lists_empty(void **state)
{
    struct page *p = *state;
    struct od_order o = {.currency = OD_STR("EUR")};
    json_t *j = order_json(p, &o);

    assert_true(json_is_null(json_object_get(j, "coupon")));
    assert_true(json_is_null(json_object_get(j, "createdAt")));
    assert_true(json_is_null(json_object_get(j, "status")));
    assert_true(json_is_null(json_object_get(j, "shippingAddress")));
    assert_true(json_is_array(json_object_get(j, "tags")));
    assert_true(json_is_array(json_object_get(j, "activities")));
    assert_int_equal(json_object_size(json_object_get(j, "metadata")), 0);
    assert_true(json_is_null(json_object_get(json_object_get(j, "customer"), "email")));
    json_decref(j);
}

static void an_item_is_written_as_the_contract_says(void **state)
{
    struct page *p = *state;
    struct od_order *o = sample_placed(&p->a);
    json_t *j, *item;
    char *text;

    memset(o->uuid.bytes, 0x11, sizeof o->uuid.bytes);
    j = order_json(p, o);
    item = json_array_get(json_object_get(j, "items"), 2);
    assert_string_not_equal(
        json_string_value(json_object_get(item, "uuid")),
        json_string_value(json_object_get(json_array_get(json_object_get(j, "items"), 1), "uuid")));
    assert_int_equal(json_string_value(json_object_get(item, "uuid"))[14], '5'); /* version */
    json_object_del(item, "uuid");
    text = json_dumps(item, 0);
    od_buf_reset(&p->b);
    od_buf_str(&p->b, od_str_of(text));
    assert_json(p, "{\"orderItemId\":3,\"productId\":null,\"sku\":\"TEA-\\\"EARL\\\"\","
                   "\"name\":\"TEA-\\\"EARL\\\"\",\"thumbnail\":null,\"weight\":0.3125,\"qty\":5,"
                   "\"price\":4.00,\"finalPrice\":4.00,\"finalPriceInclTax\":4.00,"
                   "\"taxPercent\":0.0,\"taxAmount\":0.0,\"discountAmount\":0.0,"
                   "\"subTotal\":20.00,\"total\":20.00,\"variantGroupId\":null,"
                   "\"variantOptions\":{\"size\":\"L\"},\"productCustomOptions\":null,"
                   "\"qtyShipped\":0,\"qtyDelivered\":0,\"qtyCanceled\":0,\"qtyReturned\":0,"
                   "\"qtyRefunded\":0,\"qtyRestocked\":0,\"qtyShippedAfterCancel\":0,"
                   "\"location\":\"main\"}");
    free(text);
    json_decref(j);
}

static void amounts_have_the_digits_of_their_currency(void **state)
{
    static const struct {
        struct od_str currency;
        const char *text;
    } cases[] = {{OD_STR_INIT("EUR"), "\"amount\":64.99,"},
                 {OD_STR_INIT("JPY"), "\"amount\":6499,"},
                 {OD_STR_INIT("KWD"), "\"amount\":6.499,"}};
    struct page *p = *state;
    struct od_payment payment = {.payment_id = 1, .amount = 6499};

    for (size_t i = 0; i < 3; i++) {
        struct od_order o = {.currency = cases[i].currency};
        od_buf_reset(&p->b);
        od_jw_init(&p->w, &p->b);
        od_part_write(&p->w, &o, OD_ENTITY_PAYMENT, &payment, NULL);
        od_buf_char(&p->b, '\0');
        assert_non_null(strstr(p->b.ptr, cases[i].text));
    }
}

static void parts_that_came_later_are_shown(void **state)
{
    struct page *p = *state;
    struct od_order *o = sample_placed(&p->a);
    struct od_event e = sample_shipment(&p->a, o, 3, 2);
    struct od_err err;
    json_t *j, *shipment, *holds;

    assert_int_equal(od_fold(o, &e, &p->a, &err), 0);
    for (int i = 0; i < 2; i++) {
        e = sample_hold(&p->a, o, OD_EVENT_ORDER_HELD, i ? "manual" : "fraud");
        assert_int_equal(od_fold(o, &e, &p->a, &err), 0);
    }
    o->holds[0].dirty = OD_DIRTY_DELETED;
    j = order_json(p, o);
    shipment = json_array_get(json_object_get(j, "shipments"), 0);
    assert_string_equal(json_string_value(json_object_get(shipment, "carrier")), "Correios");
    assert_int_equal(json_object_size(json_array_get(json_object_get(shipment, "items"), 0)), 2);
    holds = json_object_get(j, "holds");
    assert_int_equal(json_array_size(holds), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(holds, 0), "handle")),
                        "manual");
    json_decref(j);
}

static void a_removed_status_still_has_a_code(void **state)
{
    struct page *p = *state;

    struct od_order o = {.status = OD_STR("removed")};

    od_jw_object(&p->w);
    od_statuses_write(&p->w, &o, sample_statuses(), NULL);
    od_jw_object_end(&p->w);
    assert_json(p, "{\"status\":{\"code\":\"removed\",\"name\":\"removed\",\"badge\":null,"
                   "\"progress\":null},\"paymentStatus\":null,\"shipmentStatus\":null}");
}

static void a_store_has_its_own_names_of_statuses(void **state)
{
    struct page *p = *state;
    struct od_store_status named = {OD_STATUS_ORDER, OD_STR("pending"), OD_STR("Em espera")};
    struct od_store store = {.name = OD_STR("br"), .statuses = &named, .status_count = 1};
    struct od_shop shop = {.stores = &store, .store_count = 1};
    struct od_order o = {.status = OD_STR("pending"), .store = OD_STR("br")};

    od_jw_object(&p->w);
    od_statuses_write(&p->w, &o, sample_statuses(), &shop);
    od_jw_object_end(&p->w);
    assert_json(p, "{\"status\":{\"code\":\"pending\",\"name\":\"Em espera\",\"badge\":\"default\","
                   "\"progress\":\"incomplete\"},\"paymentStatus\":null,\"shipmentStatus\":null}");
}

static void a_refund_is_written_with_its_lines(void **state)
{
    struct page *p = *state;
    struct od_refund_item line = {.order_item_id = 2, .qty = 1, .amount = 1499, .qty_restocked = 1};
    struct od_refund refund = {.refund_id = 1,
                               .credit_memo_number = OD_STR("CM-1"),
                               .amount = 1999,
                               .shipping_amount = 500,
                               .method = OD_STR("card"),
                               .version = 4,
                               .created_at = SAMPLE_AT,
                               .amount_canceled = 350,
                               .items = &line,
                               .item_count = 1};
    struct od_order o = {.currency = OD_STR("EUR")};

    od_part_write(&p->w, &o, OD_ENTITY_REFUND, &refund, NULL);
    assert_json(p, "{\"refundId\":1,\"creditMemoNumber\":\"CM-1\",\"amount\":19.99,"
                   "\"shippingAmount\":5.0,\"reason\":null,\"method\":\"card\","
                   "\"transactionId\":null,\"returnId\":null,\"version\":4,"
                   "\"createdAt\":\"2017-07-09T21:57:05Z\",\"amountCanceled\":3.5,"
                   "\"keep\":false,\"items\":[{\"orderItemId\":2,\"qty\":1,"
                   "\"amount\":14.99,\"qtyRestocked\":1,\"qtyCanceled\":0}]}");
}

static void a_change_is_written_with_the_totals_around_it(void **state)
{
    struct page *p = *state;
    struct od_change changes[] = {
        {.change_id = 1, .status = OD_STR("confirmed"), .difference = 1000},
        {.change_id = 2, .status = OD_STR("discarded"), .difference = 700},
        {.change_id = 3, .status = OD_STR("confirmed"), .difference = -200},
        {.change_id = 4, .status = OD_STR("proposed"), .difference = 50},
    };
    static const char *const around[] = {
        "\"before\":{\"grandTotal\":92.00},\"after\":{\"grandTotal\":102.00}",
        "\"before\":{\"grandTotal\":102.00},\"after\":{\"grandTotal\":109.00}",
        "\"before\":{\"grandTotal\":102.00},\"after\":{\"grandTotal\":100.00}",
        "\"before\":{\"grandTotal\":100.00},\"after\":{\"grandTotal\":100.50}"};
    struct od_order o = {
        .currency = OD_STR("EUR"), .grand_total = 10000, .changes = changes, .change_count = 4};

    for (int i = 0; i < 4; i++) {
        od_buf_reset(&p->b);
        od_jw_init(&p->w, &p->b);
        od_part_write(&p->w, &o, OD_ENTITY_CHANGE, &changes[i], NULL);
        od_buf_char(&p->b, '\0');
        if (!strstr(p->b.ptr, around[i]))
            fail_msg("%s is not in %s", around[i], p->b.ptr);
    }
}

static void stock_is_summed_over_its_locations(void **state)
{
    struct page *p = *state;
    struct od_stock last = {.sku = OD_STR("MUG"), .location = OD_STR("shop")}; /* has no row */
    struct od_stock second = {.sku = OD_STR("MUG"),
                              .location = OD_STR("north"),
                              .next = &last,
                              .on_hand = 2,
                              .reserved = 3,
                              .backorder = true,
                              .exists = true};
    struct od_stock first = {.sku = OD_STR("MUG"),
                             .location = OD_STR("main"),
                             .next = &second,
                             .on_hand = 5,
                             .reserved = 1,
                             .exists = true};
    struct od_stock tried = second;

    tried.on_hand = 9;
    od_stock_write(&p->w, &first, &tried);
    assert_json(p, "{\"sku\":\"MUG\",\"qty\":14,\"reserved\":4,\"available\":10,\"locations\":["
                   "{\"location\":\"main\",\"qty\":5,\"reserved\":1,\"available\":4,"
                   "\"backorder\":false,\"oversold\":0},"
                   "{\"location\":\"north\",\"qty\":9,\"reserved\":3,\"available\":6,"
                   "\"backorder\":true,\"oversold\":0}]}");
}

static void an_event_is_shown_with_its_changes(void **state)
{
    struct page *p = *state;
    struct od_event e = {.seq = 2,
                         .at = SAMPLE_AT,
                         .recorded_at = SAMPLE_AT + 1,
                         .type = OD_EVENT_ORDER_CANCELED,
                         .actor = OD_STR("key:pos"),
                         .bundle_id = 4};

    e.status[OD_STATUS_PAYMENT] = (struct od_status_change){OD_STR("pending"), OD_STR("paid")};
    const struct od_units unit = {1, 2};
    e.units = &unit;
    e.unit_count = 1;
    od_event_write(&p->w, &e, OD_STR("5f2c"), 2);
    assert_json(p, "{\"seq\":2,\"type\":\"order.canceled\",\"at\":\"2017-07-09T21:57:05Z\","
                   "\"recordedAt\":\"2017-07-09T21:57:05.000001Z\",\"actor\":\"key:pos\","
                   "\"bundle\":\"5f2c\",\"policy\":null,\"reason\":null,\"policyReason\":null,"
                   "\"overruled\":null,"
                   "\"paymentStatus\":{\"from\":\"pending\",\"to\":\"paid\"},"
                   "\"data\":{\"units\":[{\"orderItemId\":1,\"qty\":2}]}}");
}

static void an_events_data_has_the_apis_names_and_amounts(void **state)
{
    struct page *p = *state;
    const struct od_payment payment = {
        .payment_id = 1, .type = OD_STR("capture"), .amount = 5998, .created_at = SAMPLE_AT};
    const struct od_event e = {.type = OD_EVENT_PAYMENT_CAPTURED, .payment = &payment};

    od_event_data_write(&p->w, &e, 2);
    od_buf_char(&p->b, '\0');
    assert_non_null(strstr(p->b.ptr, "\"createdAt\":\"2017-07-09T21:57:05Z\""));
    assert_non_null(strstr(p->b.ptr, "\"amount\":59.98"));
}

static void every_field_of_every_entity_reads_back(void **state)
{
    struct page *p = *state;

    for (int kind = 0; kind < OD_ENTITY_COUNT; kind++) {
        const struct od_entity *e = &od_entities[kind];
        char *x = od_arena_zalloc(&p->a, e->size), *y = od_arena_zalloc(&p->a, e->size);
        struct od_json *tree;
        struct od_err err;

        for (uint32_t i = 0; i < e->field_count; i++) {
            void *at = x + e->fields[i].offset;
            switch (e->fields[i].type) {
            case OD_FIELD_STR:
                *(struct od_str *)at = OD_STR("a \"b\" \\ \u00e9\n");
                break;
            case OD_FIELD_JSON:
                *(struct od_str *)at = OD_STR("{\"k\": [1.50, null]}");
                break;
            case OD_FIELD_I32:
                *(int32_t *)at = INT32_MIN;
                break;
            case OD_FIELD_BOOL:
                *(bool *)at = true;
                break;
            case OD_FIELD_I64:
            case OD_FIELD_MONEY:
            case OD_FIELD_DECIMAL:
                *(int64_t *)at = INT64_MAX;
                break;
            case OD_FIELD_TIME:
                *(int64_t *)at = SAMPLE_AT + 123456;
                break;
            case OD_FIELD_UUID:
                memset(at, 0xA5, sizeof(struct od_uuid));
                break;
            }
        }
        od_buf_reset(&p->b);
        od_jw_init(&p->w, &p->b);
        od_jw_object(&p->w);
        od_entity_write(&p->w, e, x, OD_JSON_LEDGER, 0, ~(uint64_t)0);
        od_jw_object_end(&p->w);
        assert_int_equal(od_json_parse(&p->a, od_buf_view(&p->b), 8, &tree, &err), 0);
        assert_int_equal(od_entity_read(e, tree, y, &p->a, &err), 0);
        for (uint32_t i = 0; i < e->field_count; i++)
            assert_true(od_field_equal(&e->fields[i], x, y));
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_order_has_every_member_of_the_contract),
        T(absent_values_are_null_and_lists_empty),
        T(an_item_is_written_as_the_contract_says),
        T(amounts_have_the_digits_of_their_currency),
        T(parts_that_came_later_are_shown),
        T(a_removed_status_still_has_a_code),
        T(a_store_has_its_own_names_of_statuses),
        T(a_refund_is_written_with_its_lines),
        T(a_change_is_written_with_the_totals_around_it),
        T(stock_is_summed_over_its_locations),
        T(an_events_data_has_the_apis_names_and_amounts),
        T(an_event_is_shown_with_its_changes),
        T(every_field_of_every_entity_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
