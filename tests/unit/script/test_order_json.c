#include "fixture.h"

#include "base/json/json.h"
#include "script/task/task.h"
#include "script/value/order_json.h"

/* An order as scripts get it outside of policies: the same names and units as inside. */

static const struct od_json *json_of(struct host *h)
{
    struct od_buf text;
    struct od_json *root;

    od_buf_init(&text, 1 << 16);
    od_order_script_json(&h->order, &text);
    assert_int_equal(
        od_json_parse(&h->arena, od_arena_str(&h->arena, od_buf_view(&text)), 16, &root, &h->err),
        0);
    od_buf_fini(&text);
    return root;
}

static const struct od_json *at(const struct od_json *list, uint32_t i)
{
    const struct od_json *e = list->child;

    assert_true(i < list->count);
    while (i-- > 0)
        e = e->next;
    return e;
}

#define assert_text(v, expected) assert_true(od_str_is((v)->text, (expected)))

HOST_TEST(amounts_are_minor_units_and_times_milliseconds)
{
    const struct od_json *o;

    h->order.tags = OD_STR("[\"a\"]");
    h->order.addresses[OD_BILLING] = (struct od_address){.present = true, .city = OD_STR("Ulm")};
    o = json_of(h);
    assert_text(od_json_get(o, "grand_total"), "5998");
    assert_text(od_json_get(o, "created_at"), "1700000000000");
    assert_text(od_json_get(o, "order_id"), "7");
    assert_text(od_json_get(o, "customer_email"), "ada@example.org");
    assert_text(at(od_json_get(o, "tags"), 0), "a");
    assert_text(od_json_get(od_json_get(o, "billing_address"), "city"), "Ulm");
    assert_false(od_json_get(o, "canceled")->boolean);
    /* nil in Lua */
    assert_null(od_json_get(o, "shipping_address"));
    assert_null(od_json_get(o, "canceled_at"));
    assert_null(od_json_get(o, "uuid"));
    assert_null(od_json_get(o, "hold"));
}

HOST_TEST(parts_are_lists_also_when_they_are_empty)
{
    const struct od_json *o;

    h->items[0].qty_shipped = 1;
    h->parcel_items[0] = (struct od_shipment_item){1, 1, 1};
    h->shipments[0] = (struct od_shipment){
        .shipment_id = 1, .carrier = OD_STR("UPS"), .items = h->parcel_items, .item_count = 1};
    h->order.shipments = h->shipments;
    h->order.shipment_count = 1;
    o = json_of(h);
    assert_int_equal(od_json_get(o, "payments")->type, OD_JSON_ARRAY);
    assert_int_equal(od_json_get(o, "payments")->count, 0);
    assert_int_equal(od_json_get(o, "items")->count, 2);
    assert_text(od_json_get(at(od_json_get(o, "items"), 0), "qty_open"), "2");
    assert_text(od_json_get(at(od_json_get(at(od_json_get(o, "shipments"), 0), "items"), 0), "qty"),
                "1");
}

HOST_TEST(refunds_returns_and_what_follows_from_amounts_are_there)
{
    struct od_refund_item refunded = {
        .refund_id = 1, .order_item_id = 1, .qty = 1, .amount = 700, .qty_restocked = 1};
    struct od_refund refund = {
        .refund_id = 1, .amount = 1200, .items = &refunded, .item_count = 1, .created_at = NOW};
    struct od_return_item announced = {.return_id = 1, .order_item_id = 2, .qty = 1};
    struct od_return ret = {
        .return_id = 1, .return_number = OD_STR("N7-R1"), .items = &announced, .item_count = 1};
    const struct od_json *o;

    h->order.amount_captured = 5998;
    h->order.amount_refunded = 1200;
    h->order.refunds = &refund;
    h->order.returns = &ret;
    h->order.refund_count = h->order.return_count = 1;
    o = json_of(h);
    assert_text(od_json_get(at(od_json_get(o, "refunds"), 0), "amount"), "1200");
    assert_text(
        od_json_get(at(od_json_get(at(od_json_get(o, "refunds"), 0), "items"), 0), "qty_restocked"),
        "1");
    assert_text(od_json_get(at(od_json_get(o, "returns"), 0), "return_number"), "N7-R1");
    assert_text(od_json_get(at(od_json_get(at(od_json_get(o, "returns"), 0), "items"), 0), "qty"),
                "1");
    assert_int_equal(od_json_get(o, "invoices")->count, 0);
    assert_int_equal(od_json_get(o, "changes")->count, 0);
    assert_text(od_json_get(o, "payment_rollup"), "partially_refunded");
    assert_text(od_json_get(o, "shipment_rollup"), "pending");
    assert_text(od_json_get(o, "amount_refundable"), "4798");
    assert_text(od_json_get(o, "amount_outstanding"), "0");
}

HOST_TEST(a_released_hold_is_gone)
{
    const struct od_json *o;

    h->holds[0] = (struct od_hold){.handle = OD_STR("old"), .dirty = OD_DIRTY_DELETED};
    h->holds[1] = (struct od_hold){.handle = OD_STR("fraud"), .at = NOW};
    h->order.holds = h->holds;
    h->order.hold_count = 2;
    o = json_of(h);
    assert_int_equal(od_json_get(o, "holds")->count, 1);
    assert_text(od_json_get(at(od_json_get(o, "holds"), 0), "handle"), "fraud");
    assert_text(od_json_get(od_json_get(o, "hold"), "handle"), "fraud");
    assert_text(od_json_get(od_json_get(o, "hold"), "at"), "1700000000000");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_minor_units_and_times_milliseconds),
        cmocka_unit_test(parts_are_lists_also_when_they_are_empty),
        cmocka_unit_test(refunds_returns_and_what_follows_from_amounts_are_there),
        cmocka_unit_test(a_released_hold_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
