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
    assert_int_equal(sh->d.part_ids[OD_ENTITY_SHIPMENT], 2);
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

static void a_hold_stops_a_parcel_when_the_policy_says_so(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{}"));
    sh->answers[OD_ASK_ORDER_SHIP] = true;
    assert_refused(SHIP("{}"), OD_VERDICT_POLICY, "on_hold");
    sh->answers[OD_ASK_ORDER_SHIP] = false;
    assert_done(SHIP("{}"));
}

static void a_cancelled_order_does_not_ship(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(SHIP("{}"), OD_VERDICT_CONFLICT, "order_canceled");
}

/* Three of ten "a" are this order's, of which the second parcel had been called off. */
static void what_left_although_it_was_cancelled_is_on_record(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_int_equal(sh->order.amount_canceled, 2550);
    sh->refuse[OD_ASK_ORDER_SHIP] = "Not asked";
    sh->answers[OD_ASK_ORDER_SHIP] = true;
    struct od_command *parcel =
        shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':1}]}");
    parcel->handed_over = true;
    assert_done(shop_run(sh, parcel));
    const struct od_item *it = &sh->order.items[0];
    assert_int_equal(it->qty_shipped, 1);
    assert_int_equal(it->qty_canceled, 1);
    assert_int_equal(it->qty_shipped_after_cancel, 1);
    assert_int_equal(sh->d.events[0].amount, 1000);
    assert_int_equal(sh->order.amount_canceled, 1550);
    assert_int_equal(sh->order.canceled_at, NOW);
    assert_int_equal(sh->skus[0].on_hand, 9);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_str(sh->order.shipment_status, "shipped");

    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_int_equal(sh->order.items[0].qty_canceled, 2);
    assert_int_equal(sh->order.items[0].qty_shipped_after_cancel, 0);
    assert_int_equal(sh->order.amount_canceled, 2550);
    assert_int_equal(sh->skus[0].on_hand, 10);
    parcel->shipment.items[0].qty = 3;
    assert_refused(shop_run(sh, parcel), OD_VERDICT_INVALID, "units_exceeded");
    parcel->shipment.item_count = 0;
    assert_refused(shop_run(sh, parcel), OD_VERDICT_INVALID, "no_items");
}

static void open_units_are_handed_over_before_cancelled_ones(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct od_units one = {1, 1};
    struct od_command *cancel = shop_command(sh, OD_COMMAND_CANCEL, "{}");
    cancel->units = &one;
    cancel->unit_count = 1;
    assert_done(shop_run(sh, cancel));
    struct od_command *parcel =
        shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':2}]}");
    assert_refused(shop_run(sh, parcel), OD_VERDICT_INVALID, "units_exceeded");
    parcel->handed_over = true;
    assert_done(shop_run(sh, parcel));
    assert_int_equal(sh->order.items[0].qty_shipped, 2);
    assert_int_equal(sh->order.items[0].qty_shipped_after_cancel, 1);
    assert_int_equal(sh->order.amount_canceled, 0);
    assert_int_equal(sh->skus[0].on_hand, 8);
    assert_int_equal(sh->skus[0].reserved, 0);
    /* Called back, one of them is to be shipped and the other is cancelled again. */
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_int_equal(od_item_open(&sh->order.items[0]), 1);
    assert_int_equal(sh->order.items[0].qty_canceled, 1);
    assert_int_equal(sh->order.amount_canceled, 1000);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(sh->skus[0].reserved, 1);
}

static void units_that_were_promised_to_others_are_oversold(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    sh->skus[0].on_hand = sh->skus[0].reserved = 3; /* all of them others' */
    struct od_command *parcel =
        shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':2}]}");
    parcel->handed_over = true;
    assert_done(shop_run(sh, parcel));
    assert_int_equal(sh->skus[0].on_hand, 1);
    assert_int_equal(sh->skus[0].reserved, 3);
    assert_int_equal(sh->skus[0].oversold, 2);
    /* They come back: nobody lacks anything any more. */
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_int_equal(sh->skus[0].on_hand, 3);
    assert_int_equal(sh->skus[0].oversold, 0);
    sh->skus[0].on_hand = 1;
    sh->skus[0].reserved = 0;
    assert_refused(shop_run(sh, parcel), OD_VERDICT_CONFLICT, "stock_unavailable");
    assert_str(sh->d.refusal.detail,
               "SKU \"a\" at main: 2 to be sent, 1 on hand; put the inventory right first");
}

/* A graph of moves in which cancelled is the end does not make it untrue. */
static void a_parcel_that_has_left_goes_against_the_graph(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    struct od_command *parcel =
        shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':2,'qty':1}]}");
    parcel->handed_over = true;
    sh->value[OD_ASK_ORDER_STATUS] = "shipped";
    assert_done(shop_run(sh, parcel));
    assert_str(sh->d.events[0].overruled, "order_status: no move from canceled to shipped");
}

static void a_parcel_whose_units_came_back_is_not_cancelled(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{}"));
    sh->order.items[0].qty_returned = 1;
    assert_refused(UPDATE(1, "{'status':'canceled'}"), OD_VERDICT_CONFLICT, "units_returned");
    sh->order.items[0].qty_returned = 0;
}

static void what_was_sold_ahead_leaves_when_it_is_there(void **state)
{
    struct shop *sh = *state;
    sh->skus[1].backorder = true;
    assert_done(shop_do(sh, OD_COMMAND_PLACE, "{'items':[{'sku':'b','qty':8,'price':1}]}"));
    assert_int_equal(sh->skus[1].reserved, 8);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':5}]}"));
    assert_int_equal(sh->skus[1].on_hand, 0);
    assert_int_equal(sh->skus[1].reserved, 3);
    assert_int_equal(sh->skus[1].oversold, 0);
    assert_refused(SHIP("{}"), OD_VERDICT_CONFLICT, "stock_unavailable");
    sh->skus[1].on_hand = 3;
    assert_done(SHIP("{}"));
}

static void an_order_without_lines_is_cancelled_and_handed_over_whole(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_history(sh, OD_COMMAND_PLACE, "{'subTotal':30,'grandTotal':30}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_int_equal(sh->order.amount_canceled, 3000);
    struct od_command *parcel = shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{}");
    parcel->handed_over = true;
    assert_done(shop_run(sh, parcel));
    assert_int_equal(sh->order.amount_canceled, 0);
    assert_done(shop_run(sh, parcel));
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_int_equal(sh->order.amount_canceled, 0);
    assert_done(UPDATE(2, "{'status':'canceled'}"));
    assert_int_equal(sh->order.amount_canceled, 3000);
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
        TEST(a_hold_stops_a_parcel_when_the_policy_says_so),
        TEST(a_cancelled_order_does_not_ship),
        TEST(what_left_although_it_was_cancelled_is_on_record),
        TEST(open_units_are_handed_over_before_cancelled_ones),
        TEST(units_that_were_promised_to_others_are_oversold),
        TEST(a_parcel_that_has_left_goes_against_the_graph),
        TEST(a_parcel_whose_units_came_back_is_not_cancelled),
        TEST(what_was_sold_ahead_leaves_when_it_is_there),
        TEST(an_order_without_lines_is_cancelled_and_handed_over_whole),
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
