#include "check.h"

#include "order/ledger/event.h"

/* Composite commands and the migration of statuses. */

static struct od_command *composite(struct shop *sh, const char *args)
{
    struct od_command *c = shop_command(sh, OD_COMMAND_COMPOSITE, args);
    c->name = OD_STR("script");
    return c;
}

static int take(struct shop *sh, const struct od_steps *steps, enum od_command_type type,
                const char *body)
{
    struct od_command *c = shop_command(sh, type, body);
    c->actor = OD_STR("the script"); /* which cannot say who it is */
    c->at = 1;
    c->historical = true;
    return steps->decide(steps->ctx, c);
}

static enum od_run counter_sale(struct shop *sh, struct od_order *o, struct od_str args,
                                const struct od_steps *steps, struct od_policy_answer *out,
                                struct od_err *err)
{
    (void)out, (void)err;
    if (take(sh, steps, OD_COMMAND_PAYMENT, "{'type':'capture'}") != 0)
        return OD_RUN_STEP_REFUSED;
    assert(od_str_is(o->payment_status, "paid")); /* the result of a step is seen */
    if (take(sh, steps, OD_COMMAND_CREATE_SHIPMENT, "{'carrier':'Pickup'}") != 0)
        return OD_RUN_STEP_REFUSED;
    assert(args.ptr == NULL || od_str_is(args, "{\"till\": 3}"));
    if (take(sh, steps, OD_COMMAND_ADD_ACTIVITY, "{'comment':'Sold'}") != 0)
        return OD_RUN_STEP_REFUSED;
    return OD_RUN_DONE;
}

static void the_steps_of_a_command_are_one_unit(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->script = counter_sale;
    assert_done(shop_run(sh, composite(sh, "{'till': 3}")));
    assert_int_equal(sh->d.event_count, 3);
    assert_str(sh->d.events[0].policy, "command.script@test payment.status@test order.status@test");
    assert_str(sh->d.events[1].policy,
               "command.script@test shipment.status@test order.status@test");
    assert_str(sh->d.events[2].policy, "command.script@test");
    for (int i = 0; i < 3; i++) {
        assert_str(sh->d.events[i].actor, "tester");
        assert_int_equal(sh->d.events[i].at, NOW);
        assert_null(sh->d.events[i].overruled.ptr);
    }
    assert_str(sh->order.status, "shipped");
    assert_int_equal(sh->skus[0].on_hand, 8);
}

static void a_refused_step_undoes_the_others(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->answers[OD_ASK_ORDER_SHIP] = true;
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{}"));
    sh->script = counter_sale;
    assert_refused(shop_run(sh, composite(sh, "{}")), OD_VERDICT_POLICY, "on_hold");
    assert_int_equal(sh->order.payment_count, 0);
}

static enum od_run stubborn(struct shop *sh, struct od_order *o, struct od_str args,
                            const struct od_steps *steps, struct od_policy_answer *out,
                            struct od_err *err)
{
    (void)o, (void)args, (void)out, (void)err;
    assert(take(sh, steps, OD_COMMAND_RELEASE, "{'handle':'none'}") != 0);
    assert(take(sh, steps, OD_COMMAND_ADD_ACTIVITY, "{'comment':'still here'}") != 0);
    return OD_RUN_DONE;
}

static void a_script_cannot_go_on_after_a_refused_step(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->script = stubborn;
    assert_refused(shop_run(sh, composite(sh, "{}")), OD_VERDICT_NOT_FOUND, "hold_not_found");
}

static enum od_run nested(struct shop *sh, struct od_order *o, struct od_str args,
                          const struct od_steps *steps, struct od_policy_answer *out,
                          struct od_err *err)
{
    (void)o, (void)args, (void)out, (void)err;
    struct od_command *c = composite(sh, "{}");
    return steps->decide(steps->ctx, c) != 0 ? OD_RUN_STEP_REFUSED : OD_RUN_DONE;
}

static void a_command_is_no_step(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->script = nested;
    assert_refused(shop_run(sh, composite(sh, "{}")), OD_VERDICT_INVALID, "not_a_step");
}

static enum od_run unwilling(struct shop *sh, struct od_order *o, struct od_str args,
                             const struct od_steps *steps, struct od_policy_answer *out,
                             struct od_err *err)
{
    (void)o, (void)args, (void)err;
    assert(take(sh, steps, OD_COMMAND_ADD_ACTIVITY, "{'comment':'c'}") == 0);
    out->code = OD_STR("closed");
    out->reason = OD_STR("The till is closed");
    return OD_RUN_REFUSED;
}

static void a_script_may_refuse_after_its_steps(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->script = unwilling;
    assert_refused(shop_run(sh, composite(sh, "{}")), OD_VERDICT_POLICY, "closed");
    assert_str(sh->d.refusal.detail, "The till is closed");
    assert_str(sh->d.refusal.policy, "command.script@test");
}

static enum od_run broken(struct shop *sh, struct od_order *o, struct od_str args,
                          const struct od_steps *steps, struct od_policy_answer *out,
                          struct od_err *err)
{
    (void)sh, (void)o, (void)args, (void)steps;
    out->policy = OD_STR_NONE;
    (void)!od_err_set_at(err, OD_ERR_SCRIPT, "sale.lua:3", "attempt to index nil");
    return OD_RUN_FAILED;
}

static void a_broken_script_refuses_and_says_where(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->script = broken;
    assert_refused(shop_run(sh, composite(sh, "{}")), OD_VERDICT_POLICY, "policy_failed");
    assert_str(sh->d.refusal.detail,
               "Command command.script failed: sale.lua:3: attempt to index nil");
}

static void a_command_that_nobody_offers_is_not_found(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(shop_run(sh, composite(sh, "{}")), OD_VERDICT_NOT_FOUND, "command_not_found");
    sh->policies.run = NULL;
    assert_refused(shop_run(sh, composite(sh, "{}")), OD_VERDICT_NOT_FOUND, "command_not_found");
}

static struct od_command *migration(struct shop *sh, enum od_status_kind kind, const char *from,
                                    const char *to)
{
    struct od_command *c = OD_NEW(&sh->arena, struct od_command);
    c->type = OD_COMMAND_MIGRATE_STATUS;
    c->status_kind = kind;
    c->status_from = od_str_of(from);
    c->status_to = od_str_of(to);
    c->actor = OD_STR("orderd");
    return c;
}

static void a_migration_asks_nobody_and_ignores_the_graph(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    int asked = sh->asked[OD_ASK_ORDER_STATUS];
    assert_false(
        od_status_can_move(&statuses.of[OD_STATUS_ORDER], OD_STR("canceled"), OD_STR("completed")));
    assert_done(shop_run(sh, migration(sh, OD_STATUS_ORDER, "canceled", "completed")));
    assert_int_equal(sh->d.event_count, 1);
    assert_str(sh->order.status, "completed");
    assert_str(sh->d.events[0].status[OD_STATUS_ORDER].from, "canceled");
    assert_int_equal(sh->asked[OD_ASK_ORDER_STATUS], asked);
}

static void an_order_in_another_status_is_left_alone(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_run(sh, migration(sh, OD_STATUS_PAYMENT, "paid", "failed")));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->order.version, 1);
}

static void the_target_of_a_migration_must_be_there(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(shop_run(sh, migration(sh, OD_STATUS_ORDER, "pending", "nowhere")),
                   OD_VERDICT_INVALID, "unknown_status");
}

static void shipments_are_migrated_with_their_order_or_by_themselves(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_str(sh->order.shipment_status, "partially_shipped");
    assert_str(sh->order.shipments[0].status, "shipped");
    assert_done(shop_run(sh, migration(sh, OD_STATUS_SHIPMENT, "shipped", "in_transit")));
    assert_str(sh->order.shipments[0].status, "in_transit");
    assert_str(sh->order.shipment_status, "partially_shipped");
    assert_null(sh->d.events[0].status[OD_STATUS_SHIPMENT].to.ptr);

    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    assert_str(sh->order.shipment_status, "shipped");
    assert_done(shop_run(sh, migration(sh, OD_STATUS_SHIPMENT, "shipped", "lost")));
    assert_str(sh->order.shipment_status, "lost");
    assert_str(sh->order.shipments[0].status, "in_transit");
    assert_str(sh->order.shipments[1].status, "lost");
    assert_int_equal(sh->d.event_count, 1); /* teardown folds it back from its JSON */
}

static void a_renamed_status_is_no_news(void **state)
{
    struct shop *sh = *state;
    struct od_str topics[OD_EVENT_TOPICS];
    shop_place(sh);
    assert_done(shop_run(sh, migration(sh, OD_STATUS_PAYMENT, "pending", "paid")));
    assert_int_equal(od_event_topics(&sh->d.events[0], &statuses, topics), 1);
    assert_str(topics[0], "order.status_migrated");
}

static void half_a_migration_in_the_ledger_is_an_error(void **state)
{
    struct shop *sh = *state;
    const char *const bad[] = {"{\"shipments_from\":\"a\"}", "{\"shipments_to\":\"a\"}",
                               "{\"shipments_from\":\"a\",\"shipments_to\":1}", "{\"from\":\"a\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct od_event e = {.type = OD_EVENT_STATUS_MIGRATED};
        struct od_err err;
        assert_int_equal(od_event_decode(&e, od_str_of(bad[i]), &sh->arena, &err), -1);
        assert_int_equal(err.code, OD_ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_steps_of_a_command_are_one_unit),
        TEST(a_refused_step_undoes_the_others),
        TEST(a_script_cannot_go_on_after_a_refused_step),
        TEST(a_command_is_no_step),
        TEST(a_script_may_refuse_after_its_steps),
        TEST(a_broken_script_refuses_and_says_where),
        TEST(a_command_that_nobody_offers_is_not_found),
        TEST(a_migration_asks_nobody_and_ignores_the_graph),
        TEST(an_order_in_another_status_is_left_alone),
        TEST(the_target_of_a_migration_must_be_there),
        TEST(shipments_are_migrated_with_their_order_or_by_themselves),
        TEST(a_renamed_status_is_no_news),
        TEST(half_a_migration_in_the_ledger_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
