#include "check.h"

#define PLACE(body) shop_do(sh, OD_COMMAND_PLACE, body)

static void places_with_number_uuid_statuses_and_reservation(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_int_equal(sh->order.order_id, 42);
    assert_int_equal(sh->order.version, 1);
    assert_str(sh->order.order_number, "T-2023-1");
    assert_false(od_uuid_is_zero(&sh->order.uuid));
    assert_str(sh->order.status, "pending");
    assert_str(sh->order.payment_status, "pending");
    assert_str(sh->order.shipment_status, "pending");
    assert_int_equal(sh->order.grand_total, 2550);
    assert_int_equal(sh->order.total_qty, 3);
    assert_true(sh->order.items[0].stock_tracked);
    assert_int_equal(sh->skus[0].reserved, 2);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(sh->skus[0].dirty, OD_DIRTY_CHANGED);
    assert_int_equal(sh->d.event_count, 1);
    const struct od_event *e = &sh->d.events[0];
    assert_str(e->policy,
               "order.number@test payment.status@test shipment.status@test order.status@test");
    assert_int_equal(e->bundle_id, 7);
    assert_int_equal(e->at, NOW);
    assert_str(e->actor, "tester");
    assert_str(e->status[OD_STATUS_ORDER].to, "pending");
}

static void placed_at_is_the_events_time_and_the_numbers_year(void **state)
{
    struct shop *sh = *state;
    assert_done(
        PLACE("{'items':[{'sku':'a','qty':1,'price':1}],'placedAt':'2017-03-04T05:06:07Z'}"));
    assert_str(sh->order.order_number, "T-2017-1");
    assert_int_equal(sh->d.events[0].recorded_at, NOW);
    assert_true(sh->order.created_at < NOW && sh->order.created_at == sh->d.events[0].at);
}

static void a_given_number_and_uuid_are_kept(void **state)
{
    struct shop *sh = *state;
    assert_done(PLACE("{'uuid':'0189e8a0-0000-7000-8000-000000000001','orderNumber':'X 1',"
                      "'items':[{'sku':'a','qty':1,'price':1}]}"));
    assert_str(sh->order.order_number, "X 1");
    assert_int_equal(sh->order.uuid.bytes[15], 1);
    assert_int_equal(sh->asked[OD_ASK_ORDER_NUMBER], 0);
}

static void a_named_payment_status_is_not_asked_for(void **state)
{
    struct shop *sh = *state;
    assert_done(PLACE("{'paymentStatus':'paid','items':[{'sku':'a','qty':1,'price':1}]}"));
    assert_str(sh->order.payment_status, "paid");
    assert_str(sh->order.status, "processing");
    assert_int_equal(sh->asked[OD_ASK_PAYMENT_STATUS], 0);
}

static void an_unknown_payment_status_is_invalid(void **state)
{
    struct shop *sh = *state;
    assert_refused(PLACE("{'paymentStatus':'gold','items':[{'sku':'a','qty':1,'price':1}]}"),
                   OD_VERDICT_INVALID, "unknown_status");
    assert_str(sh->d.refusal.pointer, "/paymentStatus");
    assert_non_null(strstr(od_arena_str(&sh->arena, sh->d.refusal.detail).ptr, "partially_paid"));
}

static void an_order_without_items_is_for_history_only(void **state)
{
    struct shop *sh = *state;
    assert_refused(PLACE("{'items':[]}"), OD_VERDICT_INVALID, "no_items");
    assert_done(shop_history(sh, OD_COMMAND_PLACE, "{}"));
    assert_true(sh->order.historical);
}

static void equal_skus_are_summed_against_the_stock(void **state)
{
    struct shop *sh = *state;
    assert_refused(PLACE("{'items':[{'sku':'b','qty':3,'price':1},{'sku':'a','qty':1,'price':1},"
                         "{'sku':'b','qty':3,'price':1}]}"),
                   OD_VERDICT_CONFLICT, "stock_unavailable");
    assert_str(sh->d.refusal.detail, "SKU \"b\": 6 wanted, 5 available");
    assert_done(PLACE("{'items':[{'sku':'b','qty':3,'price':1},{'sku':'b','qty':2,'price':1}]}"));
    assert_int_equal(sh->skus[1].reserved, 5);
}

static void an_unknown_sku_depends_on_what_is_tracked(void **state)
{
    struct shop *sh = *state;
    const char *body = "{'items':[{'sku':'a','qty':1,'price':1},{'sku':'none','qty':1,'price':1}]}";
    assert_refused(PLACE(body), OD_VERDICT_INVALID, "unknown_sku");
    assert_str(sh->d.refusal.pointer, "/items/1/sku");
    sh->env.track = OD_STOCK_KNOWN;
    assert_done(PLACE(body));
    assert_true(sh->order.items[0].stock_tracked);
    assert_false(sh->order.items[1].stock_tracked);
}

static void nothing_is_reserved_when_nothing_is_tracked(void **state)
{
    struct shop *sh = *state;
    sh->env.track = OD_STOCK_NONE;
    assert_done(PLACE("{'items':[{'sku':'a','qty':99,'price':1}]}"));
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void history_reserves_nothing(void **state)
{
    struct shop *sh = *state;
    assert_done(
        shop_history(sh, OD_COMMAND_PLACE, "{'items':[{'sku':'none','qty':99,'price':1}]}"));
    assert_false(sh->order.items[0].stock_tracked);
    assert_int_equal(sh->skus[2].dirty, OD_CLEAN);
}

static void a_failing_policy_refuses_and_says_where(void **state)
{
    struct shop *sh = *state;
    static const enum od_question asked[] = {OD_ASK_ORDER_NUMBER,   OD_ASK_ORDER_STATUS,
                                             OD_ASK_PAYMENT_STATUS, OD_ASK_SHIPMENT_STATUS,
                                             OD_ASK_ORDER_PLACE,    OD_ASK_ORDER_SERIES};
    sh->answers[OD_ASK_ORDER_PLACE] = sh->answers[OD_ASK_ORDER_SERIES] = true;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        enum od_question q = asked[i];
        sh->fail[q] = "attempt to index nil";
        assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "policy_failed");
        assert_non_null(strstr(sh->d.refusal.detail.ptr, "rules.lua:7: attempt to index nil"));
        sh->fail[q] = NULL;
    }
}

static void a_status_outside_the_set_is_a_failed_policy(void **state)
{
    struct shop *sh = *state;
    sh->value[OD_ASK_ORDER_STATUS] = "shiny";
    assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "policy_failed");
    assert_str(sh->d.refusal.policy, "order.status@test");
    assert_non_null(strstr(sh->d.refusal.detail.ptr, "\"shiny\""));
}

static void an_unusable_number_is_a_failed_policy(void **state)
{
    struct shop *sh = *state;
    sh->value[OD_ASK_ORDER_NUMBER] = "";
    assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "policy_failed");
    sh->value[OD_ASK_ORDER_NUMBER] = "a\nb";
    assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "policy_failed");
}

static void a_status_policy_may_refuse(void **state)
{
    struct shop *sh = *state;
    sh->refuse[OD_ASK_PAYMENT_STATUS] = "not today";
    assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "no");
    assert_str(sh->d.refusal.detail, "not today");
    assert_done(shop_history(sh, OD_COMMAND_PLACE, BODY));
    assert_str(sh->order.payment_status, "pending");
    assert_str(sh->d.events[0].overruled, "payment.status: not today");
}

static void an_unknown_currency_and_a_second_place_are_refused(void **state)
{
    struct shop *sh = *state;
    struct od_command *c = shop_command(sh, OD_COMMAND_PLACE, BODY);
    c->draft->currency = OD_STR("ZZZ");
    assert_refused(shop_run(sh, c), OD_VERDICT_INVALID, "unknown_currency");
    shop_place(sh);
    assert_refused(PLACE(BODY), OD_VERDICT_CONFLICT, "order_exists");
}

static void a_dry_run_shows_the_result_and_changes_nothing(void **state)
{
    struct shop *sh = *state;
    struct before b = shop_before(sh);
    od_decide(&sh->d, shop_command(sh, OD_COMMAND_PLACE, BODY), true);
    assert_done(sh->d.verdict);
    assert_int_equal(sh->d.event_count, 1);
    assert_ptr_not_equal(sh->d.order, &sh->order);
    assert_int_equal(sh->d.order->grand_total, 2550);
    assert_memory_equal(b.skus, sh->skus, sizeof b.skus);
    assert_int_equal(sh->order.version, 0);
}

static void a_draft_can_be_placed_twice(void **state)
{
    struct shop *sh = *state;
    struct od_command *c = shop_command(sh, OD_COMMAND_PLACE, BODY);
    assert_done(shop_run(sh, c));
    sh->order = (struct od_order){0};
    sh->ledger_len = 0;
    assert_done(shop_run(sh, c));
    assert_int_equal(sh->order.version, 1);
    assert_int_equal(sh->skus[0].reserved, 4);
}

static void a_unit_of_commands_takes_effect_whole_or_not_at_all(void **state)
{
    struct shop *sh = *state;
    struct od_command *place = shop_command(sh, OD_COMMAND_PLACE, BODY);
    struct od_command *pay = shop_command(sh, OD_COMMAND_PAYMENT, "{'type':'capture'}");
    struct od_command *ship = shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{}");
    struct od_command *again = shop_command(sh, OD_COMMAND_CREATE_SHIPMENT, "{}");
    place->next = pay;
    pay->next = ship;
    ship->next = again;
    assert_refused(shop_run(sh, place), OD_VERDICT_CONFLICT, "nothing_to_ship");
    assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], 0);
    ship->next = NULL;
    assert_done(shop_run(sh, place));
    assert_int_equal(sh->d.event_count, 3);
    assert_int_equal(sh->order.version, 3);
    assert_str(sh->order.status, "shipped");
    assert_int_equal(sh->skus[0].on_hand, 8);
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void commands_need_their_order(void **state)
{
    struct shop *sh = *state;
    assert_refused(shop_do(sh, OD_COMMAND_CANCEL, "{}"), OD_VERDICT_NOT_FOUND, "order_not_found");
    sh->d.order = NULL;
    assert_int_equal(shop_do(sh, OD_COMMAND_HOLD, "{}"), OD_VERDICT_NOT_FOUND);
}

static void a_line_is_served_from_the_first_place_that_has_enough(void **state)
{
    struct shop *sh = *state;
    shop_open_east(sh, 12);
    assert_done(PLACE("{'items':[{'sku':'a','qty':11,'price':1},{'sku':'a','qty':9,'price':1}]}"));
    assert_str(sh->order.items[0].location, "east");
    assert_str(sh->order.items[1].location, "main");
    assert_int_equal(sh->skus[3].reserved, 11);
    assert_int_equal(sh->skus[0].reserved, 9);
}

static void no_place_alone_has_enough(void **state)
{
    struct shop *sh = *state;
    shop_open_east(sh, 4);
    assert_refused(PLACE("{'items':[{'sku':'a','qty':11,'price':1}]}"), OD_VERDICT_CONFLICT,
                   "stock_unavailable");
    assert_str(sh->d.refusal.detail,
               "SKU \"a\": 11 wanted from one location; available: 10 at main, 4 at east");
    sh->skus[3].backorder = true;
    assert_done(PLACE("{'items':[{'sku':'a','qty':11,'price':1}]}"));
    assert_str(sh->order.items[0].location, "east");
    assert_int_equal(sh->skus[3].reserved, 11);
    assert_int_equal(sh->skus[3].oversold, 0);
}

static void a_line_may_name_its_location(void **state)
{
    struct shop *sh = *state;
    shop_open_east(sh, 4);
    assert_refused(PLACE("{'items':[{'sku':'a','qty':5,'price':1,'location':'east'}]}"),
                   OD_VERDICT_CONFLICT, "stock_unavailable");
    assert_refused(PLACE("{'items':[{'sku':'b','qty':1,'price':1,'location':'east'}]}"),
                   OD_VERDICT_CONFLICT, "stock_unavailable");
    assert_str(sh->d.refusal.detail,
               "SKU \"b\": 1 wanted from one location; available: none at east");
    assert_refused(PLACE("{'items':[{'sku':'a','qty':1,'price':1,'location':'moon'}]}"),
                   OD_VERDICT_INVALID, "unknown_location");
    assert_str(sh->d.refusal.pointer, "/items/0/location");
    assert_done(PLACE("{'items':[{'sku':'a','qty':4,'price':1,'location':'east'}]}"));
    assert_int_equal(sh->skus[3].reserved, 4);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    assert_int_equal(sh->skus[3].on_hand, 0);
    assert_int_equal(sh->skus[0].on_hand, 10);
}

static void lines_that_reserve_nothing_are_nowhere(void **state)
{
    struct shop *sh = *state;
    sh->env.track = OD_STOCK_KNOWN;
    assert_done(PLACE("{'items':[{'sku':'none','qty':1,'price':1,'location':'main'}]}"));
    assert_null(sh->order.items[0].location.ptr);
    assert_false(sh->order.items[0].stock_tracked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(places_with_number_uuid_statuses_and_reservation),
        TEST(placed_at_is_the_events_time_and_the_numbers_year),
        TEST(a_given_number_and_uuid_are_kept),
        TEST(a_named_payment_status_is_not_asked_for),
        TEST(an_unknown_payment_status_is_invalid),
        TEST(an_order_without_items_is_for_history_only),
        TEST(equal_skus_are_summed_against_the_stock),
        TEST(an_unknown_sku_depends_on_what_is_tracked),
        TEST(nothing_is_reserved_when_nothing_is_tracked),
        TEST(history_reserves_nothing),
        TEST(a_failing_policy_refuses_and_says_where),
        TEST(a_status_outside_the_set_is_a_failed_policy),
        TEST(an_unusable_number_is_a_failed_policy),
        TEST(a_status_policy_may_refuse),
        TEST(an_unknown_currency_and_a_second_place_are_refused),
        TEST(a_dry_run_shows_the_result_and_changes_nothing),
        TEST(a_draft_can_be_placed_twice),
        TEST(a_unit_of_commands_takes_effect_whole_or_not_at_all),
        TEST(commands_need_their_order),
        TEST(a_line_is_served_from_the_first_place_that_has_enough),
        TEST(no_place_alone_has_enough),
        TEST(a_line_may_name_its_location),
        TEST(lines_that_reserve_nothing_are_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
