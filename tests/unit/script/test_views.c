#include "fixture.h"

#include "order/model/shop.h"

/* What scripts see of an order. */

HOST_TEST(fields_have_their_lua_types)
{
    h->order.historical = true;
    h->order.uuid = (struct od_uuid){{0x01, 0x02}};
    assert_answers(h, "return order.currency .. order.grand_total .. math.type(order.grand_total)",
                   "EUR5998integer");
    assert_answers(h, "return tostring(order.created_at)", "1700000000000");
    assert_answers(h, "return tostring(order.historical)", "true");
    assert_answers(h, "return order.uuid", "01020000-0000-0000-0000-000000000000");
    assert_answers(h, "return tostring(order.canceled_at)", "nil");
    assert_answers(h, "return tostring(order.customer_id)", "nil");
    assert_answers(h, "return tostring(order.canceled)", "false");
    assert_answers(h, "return tostring(oms.now())", "1700000000000");
}

HOST_TEST(an_unknown_field_is_an_error)
{
    assert_fails(h, "return order.payment_statu", "order has no field 'payment_statu'");
    assert_fails(h, "return order.items[1].quantity", "item has no field 'quantity'");
    assert_fails(h, "return order.items.first", "indexed by 1, 2, 3");
    assert_fails(h, "return order[{}]", "order has no field 'table'");
    assert_fails(h, "return order[1]", "order has no field '1'");
}

HOST_TEST(lists_have_length_index_and_loops)
{
    h->items[0].qty_shipped = 1;
    assert_answers(h, "return tostring(#order.items)", "2");
    assert_answers(h, "return order.items[1].sku .. order.items[1].qty_open", "mug2");
    assert_answers(h, "return tostring(order.items[0]) .. tostring(order.items[3])", "nilnil");
    assert_answers(h,
                   "local s = '' for i, it in ipairs(order.items) do s = s .. i .. it.sku end "
                   "return s",
                   "1mug2tea");
    assert_answers(h,
                   "local s = '' for i, it in pairs(order.items) do s = s .. i .. it.sku end "
                   "return s",
                   "1mug2tea");
    assert_answers(h,
                   "local n = 0 for k, v in pairs(order) do if k == 'currency' then n = v end end "
                   "return n",
                   "EUR");
    assert_fails(h, "for k in pairs(order.items) do order.items[k] = nil end", "read-only");
}

HOST_TEST(shipments_payments_and_addresses_are_reached)
{
    h->parcel_items[0] = (struct od_shipment_item){1, 1, 2};
    h->shipments[0] = (struct od_shipment){
        .shipment_id = 1, .carrier = OD_STR("DHL"), .items = h->parcel_items, .item_count = 1};
    h->payments[0] = (struct od_payment){.payment_id = 1, .type = OD_STR("capture"), .amount = 5};
    h->order.shipments = h->shipments;
    h->order.payments = h->payments;
    h->order.shipment_count = h->order.payment_count = 1;
    h->order.addresses[OD_SHIPPING] = (struct od_address){.present = true, .country = OD_STR("DE")};
    assert_answers(h, "return order.shipments[1].carrier .. order.shipments[1].items[1].qty",
                   "DHL2");
    assert_answers(h, "return order.payments[#order.payments].type", "capture");
    assert_answers(h, "return order.shipping_address.country", "DE");
    assert_answers(h, "return tostring(order.billing_address)", "nil");
}

HOST_TEST(a_released_hold_is_not_seen)
{
    h->order.holds = h->holds;
    h->order.hold_count = 2;
    h->holds[0] = (struct od_hold){.handle = OD_STR("old"), .dirty = OD_DIRTY_DELETED};
    h->holds[1] = (struct od_hold){.handle = OD_STR("fraud"), .reason = OD_STR("check")};
    assert_answers(h, "return order.hold.handle .. #order.holds .. order.holds[1].reason",
                   "fraud1check");
    h->holds[1].dirty = OD_DIRTY_DELETED;
    assert_answers(h, "return tostring(order.hold) .. #order.holds", "nil0");
}

HOST_TEST(json_is_read_into_read_only_tables)
{
    h->order.tags = OD_STR("[\"vip\",\"net30\"]");
    h->order.metadata = OD_STR("{\"a\":{\"b\":[1,2.5,true,null]},\"n\":12345678901}");
    assert_answers(h, "return table.concat(order.tags, ',')", "vip,net30");
    assert_answers(h, "local m = order.metadata return m.a.b[1] .. tostring(m.a.b[2]) .. m.n",
                   "12.512345678901");
    assert_fails(h, "order.metadata.a.b[1] = 2", "read-only");
    assert_fails(h, "order.tags[3] = 'x'", "read-only");
}

HOST_TEST(nothing_can_be_written)
{
    assert_fails(h, "order.status = 'paid'", "read-only");
    assert_fails(h, "order.items[1].qty = 9", "read-only");
    assert_fails(h, "order.items[1] = nil", "read-only");
    assert_fails(h, "setmetatable(order, {})", "table expected");
}

HOST_TEST(a_view_dies_with_its_call)
{
    add_plugin(h, "shop",
               "local kept = {}\n"
               "oms.policy('order.status', function(order)\n"
               "  kept.order, kept.items, kept.item = order, order.items, order.items[1]\n"
               "  return 'pending' end)\n"
               "oms.policy('payment.status', function() return kept.order.currency end)\n"
               "oms.policy('shipment.status', function() return tostring(#kept.items) end)\n"
               "oms.policy('order.number', function() return kept.item.sku end)\n");
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), 0);
    for (int q = OD_ASK_ORDER_NUMBER; q <= OD_ASK_SHIPMENT_STATUS; q++) {
        assert_int_equal(ask(h, (enum od_question)q), -1);
        assert_contains(h->err.message, "handed to an earlier call");
    }
}

HOST_TEST(money_back_and_goods_back_are_reached)
{
    struct od_refund_item refunded = {.refund_id = 1, .order_item_id = 2, .qty = 1, .amount = 700};
    struct od_refund refund = {
        .refund_id = 1, .amount = 1200, .items = &refunded, .item_count = 1, .created_at = NOW};
    struct od_return_item announced = {.return_id = 1, .order_item_id = 1, .qty = 2};
    struct od_return ret = {
        .return_id = 1, .status = OD_STR("received"), .items = &announced, .item_count = 1};
    struct od_invoice invoice = {.invoice_id = 1, .invoice_number = OD_STR("INV-1")};
    struct od_change change = {
        .change_id = 1, .status = OD_STR("proposed"), .request = OD_STR("{\"reason\":\"x\"}")};

    h->order.amount_captured = 5998;
    h->order.amount_refunded = 1200;
    h->order.refunds = &refund;
    h->order.returns = &ret;
    h->order.invoices = &invoice;
    h->order.changes = &change;
    h->order.refund_count = h->order.return_count = h->order.invoice_count = h->order.change_count =
        1;
    assert_answers(h, "return order.refunds[1].amount .. order.refunds[1].items[1].order_item_id",
                   "12002");
    assert_answers(h, "return order.returns[1].status .. order.returns[1].items[1].qty",
                   "received2");
    assert_answers(h, "return order.invoices[1].invoice_number .. order.changes[1].request.reason",
                   "INV-1x");
    assert_answers(h, "return order.payment_rollup .. order.shipment_rollup",
                   "partially_refundedpending");
    assert_answers(h,
                   "return order.amount_outstanding .. '/' .. order.amount_overpaid .. '/' .. "
                   "order.amount_refundable",
                   "0/0/4798");
    assert_fails(h, "return order.returns[1].state", "return has no field 'state'");
}

HOST_TEST(a_rollup_is_named_by_the_set_or_by_a_coarser_one)
{
    assert_answers(h, "return oms.rollup_status('payment', 'partially_paid')", "partially_paid");
    assert_answers(h, "return oms.rollup_status('payment', 'partially_refunded')", "paid");
    assert_answers(h, "return oms.rollup_status('shipment', 'partially_returned')", "delivered");
    assert_fails(h, "return oms.rollup_status('payment', 'payed')", "there is no rollup 'payed'");
    assert_fails(h, "return oms.rollup_status('order', 'paid')", "orders none");
}

HOST_TEST(stores_are_looked_up_by_name)
{
    struct od_store_status renamed = {OD_STATUS_PAYMENT, OD_STR("paid"), OD_STR("Bezahlt")};
    struct od_store store = {.name = OD_STR("berlin"),
                             .title = OD_STR("Berlin"),
                             .prefix = OD_STR("DE-"),
                             .statuses = &renamed,
                             .status_count = 1};
    struct od_shop shop = {.stores = &store, .store_count = 1};

    assert_answers(h, "return tostring(oms.store('berlin')) .. tostring(oms.store(nil))", "nilnil");
    h->source.shop = &shop;
    assert_answers(h, "local s = oms.store('berlin') return s.title .. s.prefix", "BerlinDE-");
    assert_answers(h, "return tostring(oms.store('berlin').series)", "nil");
    assert_answers(h, "return tostring(oms.store('paris'))", "nil");
    assert_fails(h, "return oms.store('berlin').titel", "did you mean 'title'?");
    assert_fails(h, "oms.store('berlin').title = 'x'", "read-only");
    assert_answers(h,
                   "return oms.status_name('payment', 'paid', 'berlin') .. "
                   "oms.status_name('payment', 'paid') .. oms.status_name('payment', 'gone')",
                   "BezahltPaidgone");
}

HOST_TEST(a_status_that_was_removed_can_be_asked_about)
{
    assert_answers(h,
                   "local s = oms.status('payment', 'gone') "
                   "return s.code .. s.phase .. tostring(s.cancelable)",
                   "gonefalse");
    assert_answers(h, "return oms.status('payment', nil).code .. 'none'", "none");
    assert_answers(h, "local s = oms.status('payment', 'paid') return s.name .. s.phase",
                   "Paidpaid");
    assert_fails(h, "return oms.status('refund', 'x')", "no kind of status 'refund'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_have_their_lua_types),
        cmocka_unit_test(an_unknown_field_is_an_error),
        cmocka_unit_test(lists_have_length_index_and_loops),
        cmocka_unit_test(shipments_payments_and_addresses_are_reached),
        cmocka_unit_test(a_released_hold_is_not_seen),
        cmocka_unit_test(json_is_read_into_read_only_tables),
        cmocka_unit_test(nothing_can_be_written),
        cmocka_unit_test(a_view_dies_with_its_call),
        cmocka_unit_test(a_status_that_was_removed_can_be_asked_about),
        cmocka_unit_test(money_back_and_goods_back_are_reached),
        cmocka_unit_test(a_rollup_is_named_by_the_set_or_by_a_coarser_one),
        cmocka_unit_test(stores_are_looked_up_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
