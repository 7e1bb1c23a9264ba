#include "check.h"

#define TRACK(body)      shop_do(sh, OD_COMMAND_TRACK, body)
#define SHIP(body)       shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, body)
#define UPDATE(id, body) shop_update_shipment(sh, id, body)

static void a_number_nobody_knows_sends_all_that_is_left(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(TRACK("{'carrier':'DHL','trackingNumber':'1Z','trackingUrl':'https://t/1Z'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_SHIPMENT], 1);
    assert_int_equal(sh->order.shipments[0].item_count, 2);
    assert_str(sh->order.shipments[0].carrier, "DHL");
    assert_str(sh->order.shipments[0].tracking_number, "1Z");
    assert_str(sh->order.shipments[0].tracking_url, "https://t/1Z");
    assert_str(sh->order.shipment_status, "shipped");
    assert_int_equal(sh->skus[0].on_hand, 8);
    assert_refused(TRACK("{'trackingNumber':'2Z'}"), OD_VERDICT_CONFLICT, "nothing_to_ship");
}

static void the_same_number_again_is_an_echo(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(TRACK("{'carrier':'DHL','trackingNumber':'1Z'}"));
    assert_done(TRACK("{'carrier':'DHL','trackingNumber':'1Z'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_SHIPMENT], 1);
    assert_done(TRACK("{'trackingNumber':'1Z','status':'delivered'}"));
    assert_int_equal(sh->order.shipments[0].delivered_at, NOW);
    assert_int_equal(sh->order.shipment_count, 1);
}

static void the_oldest_parcel_on_its_way_without_a_number_gets_it(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_done(SHIP("{'items':[{'orderItemId':2,'qty':1}],'status':'delivered'}"));
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(TRACK("{'trackingNumber':'1Z'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_SHIPMENT], 3);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_SHIPMENT_UPDATED);
    assert_done(TRACK("{'trackingNumber':'2Z'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_SHIPMENT], 4);
    assert_int_equal(sh->order.shipment_count, 4);
}

static void a_shipment_may_be_named(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(SHIP("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(SHIP("{}"));
    struct od_command *c = shop_command(sh, OD_COMMAND_TRACK, "{'trackingNumber':'1Z'}");
    c->shipment.shipment_id = 2;
    assert_done(shop_run(sh, c));
    assert_str(sh->order.shipments[1].tracking_number, "1Z");
    c->shipment.shipment_id = 3;
    assert_refused(shop_run(sh, c), OD_VERDICT_NOT_FOUND, "shipment_not_found");
    c->shipment.tracking_number = OD_STR("");
    assert_refused(shop_run(sh, c), OD_VERDICT_INVALID, "no_tracking_number");
}

/* The row of an old file must not send the units of a cancelled parcel again. */
static void a_cancelled_parcels_number_sends_nothing(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(TRACK("{'trackingNumber':'1Z'}"));
    assert_done(UPDATE(1, "{'status':'canceled'}"));
    assert_refused(TRACK("{'trackingNumber':'1Z'}"), OD_VERDICT_CONFLICT, "shipment_canceled");
    assert_done(SHIP("{'trackingNumber':'1Z'}"));
    assert_done(TRACK("{'trackingNumber':'1Z','carrier':'UPS'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_SHIPMENT], 2);
}

static void the_ship_policy_is_asked_of_a_new_parcel_alone(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->answers[OD_ASK_ORDER_SHIP] = true;
    sh->refuse[OD_ASK_ORDER_SHIP] = "Not yet";
    assert_refused(TRACK("{'trackingNumber':'1Z'}"), OD_VERDICT_POLICY, "no");
    sh->refuse[OD_ASK_ORDER_SHIP] = NULL;
    assert_done(TRACK("{'trackingNumber':'1Z'}"));
    sh->refuse[OD_ASK_ORDER_SHIP] = "Not yet";
    assert_done(TRACK("{'trackingNumber':'1Z','carrier':'UPS'}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_number_nobody_knows_sends_all_that_is_left),
        TEST(the_same_number_again_is_an_echo),
        TEST(the_oldest_parcel_on_its_way_without_a_number_gets_it),
        TEST(a_shipment_may_be_named),
        TEST(a_cancelled_parcels_number_sends_nothing),
        TEST(the_ship_policy_is_asked_of_a_new_parcel_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
