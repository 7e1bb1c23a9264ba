#include "check.h"

#include "order/actions.h"

/* What may be done with an order now. */

static struct od_action *actions;
static uint32_t count;

static void list(struct shop *sh)
{
    static const struct od_str composites[] = {OD_STR_INIT("script")};
    struct od_order *before = od_order_clone(&sh->arena, &sh->order);
    struct od_stock skus[3];
    memcpy(skus, sh->skus, sizeof skus);
    actions = od_order_actions(&sh->env, &sh->order, OD_STR("tester"), composites, 1, &count);
    assert_null(od_order_diff(&sh->arena, before, &sh->order));
    assert_memory_equal(skus, sh->skus, sizeof skus);
}

static const struct od_action *action(const char *command, const char *about)
{
    for (uint32_t i = 0; i < count; i++) {
        if (od_str_is(actions[i].command, command) &&
            (about ? od_str_is(actions[i].about, about) : !actions[i].about.ptr))
            return &actions[i];
    }
    fail_msg("no action %s %s", command, about ? about : "");
    return NULL;
}

static void every_command_is_listed_with_its_result(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    list(sh);
    const struct od_action *a = action("cancel", NULL);
    assert_true(a->allowed);
    assert_str(a->policy, "order.cancel@test");
    assert_str(a->status, "canceled");
    assert_true(action("payment", "authorize")->allowed);
    assert_str(action("payment", "capture")->payment_status, "paid");
    assert_false(action("payment", "void")->allowed);
    assert_str(action("payment", "void")->code, "void_exceeds_authorized");
    assert_true(action("payment", "fail")->allowed);
    assert_str(action("create_shipment", NULL)->shipment_status, "shipped");
    assert_str(action("hold", NULL)->status, "on_hold");
    assert_true(action("patch", "shipping_note")->allowed);
    assert_true(action("patch", "shipping_address")->allowed);
    assert_true(action("patch", "billing_address")->allowed);
    assert_true(action("add_activity", NULL)->allowed);
    assert_str(action("commands/script", NULL)->code, "command_not_found");
    assert_int_equal(count, 12);
}

static void a_refusal_names_policy_code_and_reason(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    sh->answers[OD_ASK_ORDER_UPDATE] = true;
    sh->refuse[OD_ASK_ORDER_UPDATE] = "It is on its way";
    list(sh);
    const struct od_action *cancel = action("cancel", NULL);
    assert_false(cancel->allowed);
    assert_str(cancel->policy, "order.cancel@test");
    assert_str(cancel->code, "shipped");
    assert_str(cancel->reason, "Units are on their way");
    assert_null(cancel->status.ptr);
    assert_str(action("patch", "shipping_address")->policy, "order.update@test");
    assert_str(action("create_shipment", NULL)->code, "nothing_to_ship");
    assert_null(action("create_shipment", NULL)->policy.ptr);
    assert_str(action("update_shipment", "shipment 1 delivered")->shipment_status, "delivered");
    assert_true(action("update_shipment", "shipment 1 returned")->allowed);
}

static void each_hold_is_released_by_its_handle(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{}"));
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{'handle':'fraud'}"));
    list(sh);
    assert_str(action("release", "hold manual")->status, "on_hold");
    assert_true(action("release", "hold fraud")->allowed);
    assert_true(action("hold", NULL)->allowed);
    assert_str(action("create_shipment", NULL)->code, "on_hold");
}

static enum od_run note(struct shop *sh, struct od_order *o, struct od_str args,
                        const struct od_steps *steps, struct od_policy_answer *out,
                        struct od_err *err)
{
    (void)o, (void)args, (void)out, (void)err;
    return steps->decide(steps->ctx,
                         shop_command(sh, OD_COMMAND_ADD_ACTIVITY, "{'comment':'c'}")) != 0
               ? OD_RUN_STEP_REFUSED
               : OD_RUN_DONE;
}

static void a_plugins_command_is_tried_too(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->script = note;
    list(sh);
    const struct od_action *a = action("commands/script", NULL);
    assert_true(a->allowed);
    assert_str(a->policy, "command.script@test");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_command_is_listed_with_its_result),
        TEST(a_refusal_names_policy_code_and_reason),
        TEST(each_hold_is_released_by_its_handle),
        TEST(a_plugins_command_is_tried_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
