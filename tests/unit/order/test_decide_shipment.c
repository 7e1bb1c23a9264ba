#include "check.h"

#define SHIP(body)       shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, body)
#define UPDATE(id, body) shop_update_shipment(sh, id, body)

static void no_items_means_all_that_is_left(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(
        SHIP("{'items':[{'orderItemId':1,'qty':1}],'carrier':'DHL','trackingNumber':'1Z'}"));
    assert_str(sh->order.shipment_status, "partially_shipped");
    assert_str(sh->order.shipments[0].shipment_number, "T-2023-1-S1");
    assert_str(sh->order.shipments[0].status, "shipped");
    assert_int_equal(sh->order.shipments[0].shipped_at, NOW);
    assert_int_equal(sh->skus[0].on_hand, 9);
    assert_int_equal(sh->skus[0].reserved, 1);
    assert_done(SHIP("{}"));
    assert_int_equal(sh->d.shipment_id, 2);
    assert_int_equal(sh->order.shipments[1].item_count, 2);
    assert_str(sh->order.shipment_status, "shipped");
    assert_int_equal(sh->skus[0].on_hand, 8);
    assert_int_equal(sh->skus[1].on_hand, 4);
    assert_int_equal(sh->skus[0].reserved + sh->skus[1].reserved, 0);
    assert_refused(SHIP("{}"), OD_VERDICT_CONFLICT, "nothing_to_ship");
}

static void more_than_is_open_and_unknown_items_are_invalid(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(SHIP("{'items':[{'orderItemId':2,'qty':1},{'orderItemId':1,'qty':3}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_str(sh->d.refusal.pointer, "/items/1/qty");
    assert_refused(SHIP("{'items':[{'orderItemId':3,'qty':1}]}"), OD_VERDICT_INVALID,
                   "unknown_item");
    assert_str(sh->d.refusal.pointer, "/items/0/orderItemId");
}

static void an_item_named_twice_is_summed(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(SHIP("{'items':[{'orderItemId':1,'qty':2},{'orderItemId':1,'qty':1}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_str(sh->d.refusal.pointer, "/items/1/qty");
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1},{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->order.shipments[0].item_count, 1);
    assert_int_equal(sh->order.items[0].qty_shipped, 2);
}

static void cancelled_and_held_orders_do_not_ship(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{}"));
    assert_refused(SHIP("{}"), OD_VERDICT_CONFLICT, "on_hold");
    struct od_command *release = shop_command(sh, OD_COMMAND_RELEASE, "{'handle':'manual'}");
    assert_done(shop_run(sh, release));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(SHIP("{}"), OD_VERDICT_CONFLICT, "order_canceled");
}

static void a_named_status_begins_the_shipment(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(SHIP("{'status':'canceled'}"), OD_VERDICT_INVALID, "bad_status");
    assert_refused(SHIP("{'status':'flying'}"), OD_VERDICT_INVALID, "unknown_status");
    assert_str(sh->d.refusal.pointer, "/status");
    assert_done(SHIP("{'status':'in_transit','items':[{'orderItemId':1,'qty':1}]}"));
    assert_str(sh->order.shipments[0].status, "in_transit");
    assert_done(SHIP("{'status':'delivered'}"));
    assert_int_equal(sh->d.event_count, 2);
    assert_str(sh->order.shipments[1].status, "delivered");
    assert_int_equal(sh->order.shipments[1].delivered_at, NOW);
    assert_int_equal(sh->order.items[0].qty_delivered, 1);
}

static void a_delivered_shipment_stays_delivered(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{}"));
    assert_done(UPDATE(1, "{'status':'delivered'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_SHIPMENT_DELIVERED);
    assert_int_equal(sh->order.items[0].qty_delivered, 2);
    assert_str(sh->order.shipment_status, "delivered");
    assert_done(UPDATE(1, "{'status':'delivered'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_refused(UPDATE(1, "{'status':'canceled'}"), OD_VERDICT_CONFLICT, "shipment_delivered");
    assert_refused(UPDATE(1, "{'status':'shipped'}"), OD_VERDICT_CONFLICT, "shipment_delivered");
    assert_done(UPDATE(1, "{'trackingNumber':'late'}"));
    assert_str(sh->order.shipments[0].tracking_number, "late");
}

static void a_cancelled_shipments_units_can_be_shipped_again(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{}"));
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_SHIPMENT_CANCELED);
    assert_int_equal(sh->order.items[0].qty_shipped, 0);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(sh->skus[0].reserved, 2);
    assert_str(sh->order.shipment_status, "pending");
    assert_refused(UPDATE(1, "{'status':'shipped'}"), OD_VERDICT_CONFLICT, "shipment_canceled");
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_done(SHIP("{}"));
    assert_int_equal(sh->skus[0].on_hand, 8);
}

static void a_shipment_cancelled_after_its_order_restocks_once(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_history(sh, OD_COMMAND_CANCEL, "{}"));
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 2);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void fields_change_by_one_event_and_the_status_by_another(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{'carrier':'DHL','note':'fragile'}"));
    assert_done(UPDATE(1, "{'carrier':'UPS','note':null,'status':'in_transit'}"));
    assert_int_equal(sh->d.event_count, 2);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_SHIPMENT_UPDATED);
    assert_str(sh->order.shipments[0].carrier, "UPS");
    assert_int_equal(sh->order.shipments[0].note.len, 0);
    assert_str(sh->order.shipments[0].status, "in_transit");
    assert_done(UPDATE(1, "{'carrier':'UPS'}"));
    assert_int_equal(sh->d.event_count, 0);
}

static void a_shipment_moves_by_the_graph(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{'status':'in_transit'}"));
    assert_refused(UPDATE(1, "{'carrier':'UPS','status':'shipped'}"), OD_VERDICT_CONFLICT,
                   "move_not_allowed");
    assert_str(sh->d.refusal.detail, "shipment_status cannot move from in_transit to shipped; "
                                     "allowed: delivered, lost, returned");
    struct od_command *c = shop_command(sh, OD_COMMAND_UPDATE_SHIPMENT, "{'status':'shipped'}");
    c->shipment.shipment_id = 1;
    c->historical = true;
    assert_done(shop_run(sh, c));
    assert_str(sh->d.events[0].overruled, "shipment_status: no move from in_transit to shipped");
    assert_done(UPDATE(1, "{'status':'returned'}"));
    assert_int_equal(sh->order.items[0].qty_shipped, 0);
}

static void an_unknown_shipment_is_not_found(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(UPDATE(1, "{'status':'delivered'}"), OD_VERDICT_NOT_FOUND, "shipment_not_found");
    assert_refused(UPDATE(0, "{}"), OD_VERDICT_NOT_FOUND, "shipment_not_found");
}

static void history_without_lines_has_parcels(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_history(sh, OD_COMMAND_PLACE, "{}"));
    assert_done(shop_history(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    assert_done(UPDATE(1, "{'status':'delivered'}"));
}

static void shipments_status_failures_refuse_and_restore_the_stock(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->fail[OD_ASK_SHIPMENT_STATUS] = "boom";
    assert_refused(SHIP("{}"), OD_VERDICT_POLICY, "policy_failed");
    sh->fail[OD_ASK_SHIPMENT_STATUS] = NULL;
    sh->value[OD_ASK_ORDER_STATUS] = "shiny";
    assert_refused(SHIP("{'status':'delivered'}"), OD_VERDICT_POLICY, "policy_failed");
}

static void shipments_are_limited(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_history(sh, OD_COMMAND_PLACE, "{}"));
    struct od_command *c = shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{}");
    for (int i = 0; i < 1000; i++)
        assert_done(shop_run(sh, c));
    assert_refused(shop_run(sh, c), OD_VERDICT_CONFLICT, "limit_reached");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_items_means_all_that_is_left),
        TEST(more_than_is_open_and_unknown_items_are_invalid),
        TEST(an_item_named_twice_is_summed),
        TEST(cancelled_and_held_orders_do_not_ship),
        TEST(a_named_status_begins_the_shipment),
        TEST(a_delivered_shipment_stays_delivered),
        TEST(a_cancelled_shipments_units_can_be_shipped_again),
        TEST(a_shipment_cancelled_after_its_order_restocks_once),
        TEST(fields_change_by_one_event_and_the_status_by_another),
        TEST(a_shipment_moves_by_the_graph),
        TEST(an_unknown_shipment_is_not_found),
        TEST(history_without_lines_has_parcels),
        TEST(shipments_status_failures_refuse_and_restore_the_stock),
        TEST(shipments_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
