#include "check.h"

#define HOLD(body)    shop_do(sh, OD_COMMAND_HOLD, body)
#define RELEASE(body) shop_do(sh, OD_COMMAND_RELEASE, body)

static void a_hold_stops_and_its_release_restores(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(HOLD("{'reason':'check the address'}"));
    assert_str(sh->order.status, "on_hold");
    assert_str(sh->d.hold_handle, "manual");
    assert_str(sh->order.holds[0].by, "tester");
    assert_int_equal(sh->order.holds[0].at, NOW);
    assert_done(HOLD("{'handle':'fraud-2_x'}"));
    assert_done(RELEASE("{'handle':'manual'}"));
    assert_str(sh->order.status, "on_hold");
    assert_done(RELEASE("{'handle':'fraud-2_x'}"));
    assert_str(sh->order.status, "pending");
}

static void a_handle_is_held_once_and_released_once(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(HOLD("{}"));
    assert_refused(HOLD("{'handle':'manual'}"), OD_VERDICT_CONFLICT, "hold_exists");
    assert_refused(RELEASE("{'handle':'other'}"), OD_VERDICT_NOT_FOUND, "hold_not_found");
    assert_refused(RELEASE("{}"), OD_VERDICT_NOT_FOUND, "hold_not_found");
    assert_done(RELEASE("{'handle':'manual'}"));
    assert_refused(RELEASE("{'handle':'manual'}"), OD_VERDICT_NOT_FOUND, "hold_not_found");
    assert_done(HOLD("{}"));
}

static void a_handle_has_few_letters(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(HOLD("{'handle':'Fraud'}"), OD_VERDICT_INVALID, "bad_handle");
    assert_refused(HOLD("{'handle':''}"), OD_VERDICT_INVALID, "bad_handle");
    assert_str(sh->d.refusal.pointer, "/handle");
}

static void a_cancelled_order_is_not_held(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(HOLD("{}"), OD_VERDICT_CONFLICT, "order_canceled");
}

static void holds_are_limited_to_those_in_force(void **state)
{
    struct shop *sh = *state;
    char body[64];
    shop_place(sh);
    for (int i = 0; i < 50; i++) {
        snprintf(body, sizeof body, "{'handle':'h%d'}", i);
        assert_done(HOLD(body));
    }
    assert_refused(HOLD("{}"), OD_VERDICT_CONFLICT, "limit_reached");
    assert_done(RELEASE("{'handle':'h7'}"));
    assert_done(HOLD("{}"));
}

static void a_stored_hold_that_is_released_does_not_stop_a_shipment(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(HOLD("{}"));
    sh->order.holds[0].dirty = OD_CLEAN;
    assert_done(RELEASE("{'handle':'manual'}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
}

static void an_activity_works_in_any_state_and_asks_nobody(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    int asked = sh->asked[OD_ASK_ORDER_STATUS];
    assert_done(
        shop_do(sh, OD_COMMAND_ADD_ACTIVITY, "{'comment':'called','customerNotified':true}"));
    assert_int_equal(sh->d.activity_id, 3);
    assert_str(sh->d.events[0].comment, "called");
    assert_true(sh->d.events[0].customer_notified);
    assert_null(sh->d.events[0].policy.ptr);
    assert_int_equal(sh->asked[OD_ASK_ORDER_STATUS], asked);
    struct od_command *c = shop_command(sh, OD_COMMAND_ADD_ACTIVITY, "{'comment':'x'}");
    c->text = OD_STR("");
    assert_refused(shop_run(sh, c), OD_VERDICT_INVALID, "bad_comment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hold_stops_and_its_release_restores),
        TEST(a_handle_is_held_once_and_released_once),
        TEST(a_handle_has_few_letters),
        TEST(a_cancelled_order_is_not_held),
        TEST(holds_are_limited_to_those_in_force),
        TEST(a_stored_hold_that_is_released_does_not_stop_a_shipment),
        TEST(an_activity_works_in_any_state_and_asks_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
