#include "check.h"

#include "order/show/actions.h"

/* What may be done with an order now. */

static struct od_action *actions;
static uint32_t count;

static void list(struct shop *sh)
{
    static const struct od_str composites[] = {OD_STR_INIT("script")};
    struct od_order *before = od_order_clone(&sh->arena, &sh->order);
    struct od_stock skus[6];
    memcpy(skus, sh->skus, sizeof skus);
    actions = od_order_actions(&sh->env, &sh->order, OD_STR("tester"), composites, 1, &count);
    assert_null(od_order_diff(&sh->arena, before, &sh->order));
    assert_memory_equal(skus, sh->skus, sizeof skus);
}

/* about: the argument that tells it from others of the command. */
static const struct od_action *action(const char *command, const char *about)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct od_action *a = &actions[i];
        const struct od_str abouts[] = {a->type, a->to, a->handle, a->field};
        bool found = !about;
        for (int k = 0; k < 4 && !found; k++)
            found = od_str_is(abouts[k], about);
        if (found && od_str_is(a->command, command))
            return a;
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
    assert_true(action("patch", "shippingNote")->allowed);
    assert_true(action("patch", "shippingAddress")->allowed);
    assert_true(action("patch", "billingAddress")->allowed);
    assert_true(action("activity", NULL)->allowed);
    assert_str(action("script", NULL)->code, "command_not_found");
    assert_true(action("payment", "refund")->code.ptr); /* nothing was captured */
    assert_true(action("payment", "chargeback")->code.ptr);
    assert_str(action("track", NULL)->shipment_status, "shipped");
    assert_true(action("issue_invoice", NULL)->allowed);
    assert_str(action("credit_invoice", NULL)->code, "nothing_to_credit");
    assert_false(action("refund", NULL)->allowed);
    assert_false(action("create_return", NULL)->allowed);
    assert_true(action("propose_change", NULL)->allowed);
    assert_true(action("split", NULL)->allowed);
    assert_str(action("mail", NULL)->code, "no_recipient"); /* nobody's address is known */
    assert_int_equal(count, 22);
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
    assert_str(action("patch", "shippingAddress")->policy, "order.update@test");
    assert_str(action("create_shipment", NULL)->code, "nothing_to_ship");
    assert_null(action("create_shipment", NULL)->policy.ptr);
    const struct od_action *deliver = action("update_shipment", "delivered");
    assert_int_equal(deliver->shipment_id, 1);
    assert_str(deliver->shipment_status, "delivered");
    assert_true(action("update_shipment", "returned")->allowed);
}

static void money_and_goods_may_come_back(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'capture'}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    list(sh);
    assert_true(action("create_return", NULL)->allowed);
    assert_true(action("refund", NULL)->allowed); /* a number is lent to it */
    assert_true(action("payment", "refund")->allowed);
    assert_str(action("propose_change", NULL)->code, "already_shipped");
    assert_done(shop_do(sh, OD_COMMAND_CREATE_RETURN, "{'items':[{'orderItemId':1,'qty':1}]}"));
    list(sh);
    const struct od_action *a = action("update_return", "approved");
    assert_int_equal(a->return_id, 1);
    assert_true(a->allowed);
    assert_true(action("update_return", "rejected")->allowed);
    assert_true(action("update_return", "received")->allowed);
    assert_true(action("update_return", "canceled")->allowed);
    assert_false(action("exchange", NULL)->allowed);     /* not before it is approved */
    assert_true(action("create_return", NULL)->allowed); /* of the other units */
}

static void a_proposed_change_is_confirmed_or_discarded(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PROPOSE_CHANGE, "{'items':[{'orderItemId':1,'qty':1}]}"));
    list(sh);
    assert_str(action("propose_change", NULL)->code, "change_proposed");
    assert_int_equal(action("confirm_change", NULL)->change_id, 1);
    assert_true(action("confirm_change", NULL)->allowed);
    assert_true(action("discard_change", NULL)->allowed);
}

static void each_hold_is_released_by_its_handle(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{}"));
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{'handle':'fraud'}"));
    sh->answers[OD_ASK_ORDER_SHIP] = true;
    list(sh);
    assert_str(action("release", "manual")->status, "on_hold");
    assert_true(action("release", "fraud")->allowed);
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
    const struct od_action *a = action("script", NULL);
    assert_true(a->allowed);
    assert_true(a->is_composite);
    assert_str(a->policy, "command.script@test");
}

static enum od_run raise(struct shop *sh, struct od_order *o, struct od_str args,
                         const struct od_steps *steps, struct od_policy_answer *out,
                         struct od_err *err)
{
    (void)sh, (void)o, (void)args, (void)steps, (void)out;
    od_err_set_at(err, OD_ERR_SCRIPT, "test/rules.lua:2", "till is nil");
    return OD_RUN_FAILED;
}

static void a_command_that_fails_without_arguments_needs_some(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->script = raise;
    list(sh);
    const struct od_action *a = action("script", NULL);
    assert_false(a->allowed);
    assert_str(a->code, "needs_arguments");
    assert_non_null(strstr(a->reason.ptr, "till is nil"));
}

/* Types that were declared after the order was placed bind the next metadata, not a note. */
static void a_note_may_be_changed_though_the_metadata_is_of_an_earlier_time(void **state)
{
    struct shop *sh = *state;
    static struct od_metadata_type type = {.key = OD_STR_INIT("gift"), .kind = OD_METADATA_BOOLEAN};
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':1,'price':1}],'metadata':{'gift':'yes'}}"));
    sh->shop = (struct od_shop){.metadata = &type, .metadata_count = 1};
    sh->env.shop = &sh->shop;
    list(sh);
    assert_true(action("patch", "shippingNote")->allowed);
    assert_refused(shop_do(sh, OD_COMMAND_PATCH, "{'metadata':{'gift':'no'}}"), OD_VERDICT_INVALID,
                   "bad_metadata");
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'metadata':{'gift':'yes'}}"));
    assert_int_equal(sh->d.event_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_command_is_listed_with_its_result),
        TEST(a_refusal_names_policy_code_and_reason),
        TEST(money_and_goods_may_come_back),
        TEST(a_proposed_change_is_confirmed_or_discarded),
        TEST(each_hold_is_released_by_its_handle),
        TEST(a_plugins_command_is_tried_too),
        TEST(a_command_that_fails_without_arguments_needs_some),
        TEST(a_note_may_be_changed_though_the_metadata_is_of_an_earlier_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
