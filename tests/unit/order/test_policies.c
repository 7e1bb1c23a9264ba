#include "check.h"

/* The questions that need no answer: order.place, order.ship, order.update, order.series. */

#define PLACE(body) shop_do(sh, OD_COMMAND_PLACE, body)
#define SHIP(body)  shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, body)
#define PATCH(body) shop_do(sh, OD_COMMAND_PATCH, body)

static bool changes(const struct od_patch *patch, const char *field)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    return patch->fields >> (od_entity_field(e, od_str_of(field)) - e->fields) & 1;
}

static void nobody_is_asked_what_nobody_answers(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PATCH("{'shippingNote':'n'}"));
    assert_done(SHIP("{}"));
    for (int q = 0; q < OD_QUESTIONS; q++)
        assert_int_equal(od_question_optional((enum od_question)q) ? sh->asked[q] : 0, 0);
    assert_str(sh->ledger[0].policy,
               "order.number@test payment.status@test shipment.status@test order.status@test");
}

static void policies_without_answers_answer_only_what_is_needed(void **state)
{
    struct shop *sh = *state;
    sh->policies.answers = NULL;
    shop_place(sh);
    assert_int_equal(sh->asked[OD_ASK_ORDER_PLACE], 0);
}

static void a_refused_placement_leaves_no_order_and_no_reservation(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_PLACE] = true;
    sh->refuse[OD_ASK_ORDER_PLACE] = "Not to this country";
    assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "no");
    assert_str(sh->d.refusal.policy, "order.place@test");
    assert_int_equal(sh->skus[0].reserved, 0);
    sh->refuse[OD_ASK_ORDER_PLACE] = NULL;
    assert_done(PLACE(BODY));
    assert_non_null(strstr(od_arena_str(&sh->arena, sh->ledger[0].policy).ptr, "order.place@test"));
}

static void history_overrules_order_place(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_PLACE] = true;
    sh->refuse[OD_ASK_ORDER_PLACE] = "Not to this country";
    assert_done(shop_history(sh, OD_COMMAND_PLACE, BODY));
    assert_str(sh->ledger[0].overruled, "order.place: Not to this country");
}

static void a_placement_may_begin_with_a_hold(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_PLACE] = true;
    sh->hold = OD_STR("review");
    sh->hold_reason = OD_STR("First order of this customer");
    assert_done(PLACE(BODY));
    assert_int_equal(sh->d.event_count, 2);
    const struct od_event *placed = &sh->d.events[0], *held = &sh->d.events[1];
    assert_int_equal(placed->type, OD_EVENT_ORDER_PLACED);
    assert_null(placed->reason.ptr);
    assert_int_equal(held->type, OD_EVENT_ORDER_HELD);
    assert_int_equal(held->seq, 2);
    assert_str(held->policy, "order.place@test order.status@test");
    assert_str(held->hold->by, "order.place@test");
    assert_str(held->hold->reason, "First order of this customer");
    assert_null(placed->policy_reason.ptr);
    assert_str(held->policy_reason, "First order of this customer");
    assert_str(held->actor, "tester");
    assert_str(sh->order.status, "on_hold");
    assert_non_null(od_order_hold(&sh->order, OD_STR("review")));
    assert_done(shop_do(sh, OD_COMMAND_RELEASE, "{'handle':'review'}"));
}

static void history_is_not_held(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_PLACE] = true;
    sh->hold = OD_STR("review");
    sh->hold_reason = OD_STR("new");
    assert_done(shop_history(sh, OD_COMMAND_PLACE, BODY));
    assert_int_equal(sh->d.event_count, 1);
    assert_str(sh->ledger[0].overruled, "order.place: hold review: new");
}

static void a_hold_without_a_usable_handle_is_a_failed_policy(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_PLACE] = true;
    sh->hold = OD_STR("Not A Handle");
    assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "policy_failed");
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void an_event_keeps_the_persons_reason_and_the_policies(void **state)
{
    struct shop *sh = *state;
    sh->says[OD_ASK_ORDER_CANCEL] = "within the window";
    sh->says[OD_ASK_ORDER_STATUS] = "as it is";
    shop_place(sh);
    assert_str(sh->d.events[0].reason, "as it is");
    assert_str(sh->d.events[0].policy_reason, "as it is");
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'reason':'changed my mind'}"));
    assert_str(sh->d.events[0].reason, "changed my mind");
    assert_str(sh->d.events[0].policy_reason, "within the window; as it is");
    assert_str(sh->order.cancel_reason, "changed my mind");
}

static void without_a_persons_reason_the_policys_stands_for_it(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_null(sh->d.events[0].policy_reason.ptr);
    sh->says[OD_ASK_ORDER_CANCEL] = "within the window";
    sh->says[OD_ASK_PAYMENT_STATUS] = "nothing was paid";
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_str(sh->d.events[0].reason, "within the window");
    assert_str(sh->d.events[0].policy_reason, "within the window; nothing was paid");
    assert_str(sh->order.cancel_reason, "within the window");
}

static void what_order_update_says_stands_in_each_event_of_the_change(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->answers[OD_ASK_ORDER_UPDATE] = true;
    sh->says[OD_ASK_ORDER_UPDATE] = "not packed yet";
    sh->says[OD_ASK_ORDER_STATUS] = "as paid";
    assert_done(PATCH("{'shippingNote':'n','paymentStatus':'paid'}"));
    assert_int_equal(sh->d.event_count, 2);
    for (int i = 0; i < 2; i++)
        assert_str(sh->d.events[i].policy_reason, "not packed yet; as paid");
}

/* What order.place saw, for the draft as it was about to be placed. */
static struct od_order seen;
static int look(void *ctx, enum od_question q, const struct od_order *o,
                const struct od_policy_request *request, struct od_arena *a,
                struct od_policy_answer *out, struct od_err *err)
{
    if (q == OD_ASK_ORDER_PLACE)
        seen = *o;
    return shop_ask(ctx, q, o, request, a, out, err);
}

static void order_place_sees_the_order_as_it_will_be(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_PLACE] = true;
    sh->policies.ask = look;
    assert_done(PLACE("{'items':[{'sku':'a','qty':2,'price':10}],'store':'basel',"
                      "'paymentStatus':'paid'}"));
    assert_int_equal(seen.version, 0);
    assert_int_equal(seen.grand_total, 2000);
    assert_int_equal(seen.created_at, NOW);
    assert_str(seen.status, "pending");
    assert_str(seen.payment_status, "paid");
    assert_str(seen.shipment_status, "pending");
    assert_str(seen.order_number, "T-2023-1");
    assert_str(seen.store, "basel");
    assert_true(seen.items[0].stock_tracked);
    assert_str(sh->order.store, "basel");
}

static void order_ship_is_asked_about_explicit_units(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_SHIP] = true;
    shop_place(sh);
    sh->refuse[OD_ASK_ORDER_SHIP] = "Not yet in stock";
    assert_refused(SHIP("{'carrier':'Post'}"), OD_VERDICT_POLICY, "no");
    assert_int_equal(sh->skus[0].on_hand, 10);
    const struct od_shipment *s = sh->request.shipment;
    assert_non_null(s);
    assert_str(s->carrier, "Post");
    assert_int_equal(s->item_count, 2);
    assert_int_equal(s->items[0].qty, 2);
    sh->refuse[OD_ASK_ORDER_SHIP] = NULL;
    assert_done(SHIP("{}"));
    assert_str(sh->d.events[0].policy, "order.ship@test shipment.status@test order.status@test");
}

static void history_overrules_order_ship(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_SHIP] = true;
    shop_place(sh);
    sh->refuse[OD_ASK_ORDER_SHIP] = "Not yet in stock";
    assert_done(shop_history(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    assert_str(sh->d.events[0].overruled, "order.ship: Not yet in stock");
}

static void order_update_sees_what_would_change(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_UPDATE] = true;
    shop_place(sh);
    assert_done(PATCH("{'shippingNote':'n','tags':['t']}"));
    sh->refuse[OD_ASK_ORDER_UPDATE] = "It is being packed";
    assert_refused(PATCH("{'shippingNote':'n','tags':['u'],'shippingAddress':{'city':'Bern'},"
                         "'paymentStatus':'paid','shipmentStatus':'pending'}"),
                   OD_VERDICT_POLICY, "no");
    const struct od_patch *patch = sh->request.patch;
    assert_false(changes(patch, "shipping_note")); /* it is so already */
    assert_true(changes(patch, "tags"));
    assert_true(changes(patch, "payment_status"));
    assert_false(changes(patch, "shipment_status"));
    assert_str(patch->values->payment_status, "paid");
    assert_true(patch->address[OD_SHIPPING]);
    assert_false(patch->address[OD_BILLING]);
}

static void order_update_is_not_asked_about_nothing(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_UPDATE] = true;
    shop_place(sh);
    assert_done(PATCH("{}"));
    assert_done(PATCH("{'paymentStatus':'pending'}"));
    assert_int_equal(sh->asked[OD_ASK_ORDER_UPDATE], 0);
    assert_int_equal(sh->d.event_count, 0);
}

static void every_event_of_an_update_names_the_rule(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_UPDATE] = true;
    shop_place(sh);
    assert_done(PATCH("{'shippingNote':'n','paymentStatus':'paid'}"));
    assert_int_equal(sh->d.event_count, 2);
    assert_int_equal(sh->asked[OD_ASK_ORDER_UPDATE], 1);
    for (int i = 0; i < 2; i++)
        assert_str(sh->d.events[i].policy, "order.update@test order.status@test");
    assert_false(changes(sh->d.events[0].patch, "payment_status"));
}

static void history_overrules_order_update(void **state)
{
    struct shop *sh = *state;
    sh->answers[OD_ASK_ORDER_UPDATE] = true;
    shop_place(sh);
    sh->refuse[OD_ASK_ORDER_UPDATE] = "It is being packed";
    assert_done(shop_history(sh, OD_COMMAND_PATCH, "{'shippingNote':'n'}"));
    assert_str(sh->d.events[0].overruled, "order.update: It is being packed");
}

static void the_series_reaches_order_number(void **state)
{
    struct shop *sh = *state;
    struct od_command *c = shop_command(sh, OD_COMMAND_PLACE, BODY);
    sh->answers[OD_ASK_ORDER_SERIES] = true;
    sh->value[OD_ASK_ORDER_SERIES] = "basel-2023";
    assert_int_equal(od_decide_series(&sh->env, c, &sh->d.new_series), 0);
    assert_str(sh->d.new_series, "basel-2023");
    sh->fail[OD_ASK_ORDER_PLACE] = NULL;
    sh->refuse[OD_ASK_ORDER_NUMBER] = "look at the request";
    assert_int_equal(shop_run(sh, c), OD_VERDICT_POLICY);
    assert_str(sh->request.series, "basel-2023");
    assert_int_equal(sh->request.seq_value, 1);
    sh->refuse[OD_ASK_ORDER_NUMBER] = NULL;
    assert_done(shop_run(sh, c));
    assert_int_equal(strncmp(sh->ledger[0].policy.ptr, "order.series@test order.number@test", 35),
                     0);
}

static void a_series_is_a_short_name_or_nothing(void **state)
{
    struct shop *sh = *state;
    struct od_str series;
    struct od_command *c = shop_command(sh, OD_COMMAND_PLACE, BODY);
    sh->answers[OD_ASK_ORDER_SERIES] = true;
    assert_int_equal(od_decide_series(&sh->env, c, &series), 0);
    assert_null(series.ptr);
    const char *bad[] = {"", "a name that has more than its forty bytes"};
    for (int i = 0; i < 2; i++) {
        sh->value[OD_ASK_ORDER_SERIES] = bad[i];
        assert_int_equal(od_decide_series(&sh->env, c, &series), -1);
        assert_null(series.ptr);
        assert_refused(PLACE(BODY), OD_VERDICT_POLICY, "policy_failed");
    }
    sh->value[OD_ASK_ORDER_SERIES] = NULL;
    sh->fail[OD_ASK_ORDER_SERIES] = "attempt to index nil";
    assert_int_equal(od_decide_series(&sh->env, c, &series), -1);
}

static void a_draft_with_its_number_takes_none_from_a_series(void **state)
{
    struct shop *sh = *state;
    struct od_str series;
    struct od_command *c = shop_command(sh, OD_COMMAND_PLACE, BODY);
    sh->answers[OD_ASK_ORDER_SERIES] = true;
    sh->value[OD_ASK_ORDER_SERIES] = "basel";
    c->draft->order_number = OD_STR("MINE-1");
    assert_int_equal(od_decide_series(&sh->env, c, &series), 0);
    assert_null(series.ptr);
    assert_done(shop_run(sh, c));
    assert_int_equal(sh->asked[OD_ASK_ORDER_SERIES], 0);
    assert_str(sh->order.order_number, "MINE-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_asked_what_nobody_answers),
        TEST(policies_without_answers_answer_only_what_is_needed),
        TEST(a_refused_placement_leaves_no_order_and_no_reservation),
        TEST(history_overrules_order_place),
        TEST(a_placement_may_begin_with_a_hold),
        TEST(an_event_keeps_the_persons_reason_and_the_policies),
        TEST(without_a_persons_reason_the_policys_stands_for_it),
        TEST(what_order_update_says_stands_in_each_event_of_the_change),
        TEST(history_is_not_held),
        TEST(a_hold_without_a_usable_handle_is_a_failed_policy),
        TEST(order_place_sees_the_order_as_it_will_be),
        TEST(order_ship_is_asked_about_explicit_units),
        TEST(history_overrules_order_ship),
        TEST(order_update_sees_what_would_change),
        TEST(order_update_is_not_asked_about_nothing),
        TEST(every_event_of_an_update_names_the_rule),
        TEST(history_overrules_order_update),
        TEST(the_series_reaches_order_number),
        TEST(a_series_is_a_short_name_or_nothing),
        TEST(a_draft_with_its_number_takes_none_from_a_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
