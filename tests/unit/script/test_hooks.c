#include "fixture.h"
#include "order/machine/command_kind.h"
#include "script/bundle/loaded.h"
#include "script/call/hooks.h"

/* Hooks and the intents they return. */

static struct od_intent *intents;
static uint32_t count;

static int run(struct host *h, const char *topic, struct od_event *e)
{
    e->recorded_at = NOW;
    od_err_clear(&h->err);
    return od_bundle_run_hooks(h->bundle, od_str_of(topic), e, &h->order, &h->arena, &intents,
                               &count, &h->err);
}

/* Runs one hook with the given body on an order.placed event. */
static int run_body(struct host *h, const char *body)
{
    char text[4096];
    struct od_event e = {.type = OD_EVENT_ORDER_PLACED, .seq = 1};

    snprintf(text, sizeof text, "oms.on('order.placed', function(event, order) %s end)", body);
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    h->plugin_count = 1;
    add_plugin(h, "shop", text);
    h->source.grant_count = 0;
    allow(h, "mail, notify, commands, http:example.org, http:hooks.example.org");
    assert_int_equal(host_load(h), 0);
    return run(h, "order.placed", &e);
}

HOST_TEST(a_mail_becomes_data)
{
    assert_int_equal(run_body(h, "return oms.mail { to = order.customer_email, template = 'hello',"
                                 " subject = 'H\"i', data = { n = 1, list = {1, 2}, a = true } }"),
                     0);
    assert_int_equal(count, 1);
    assert_true(od_str_is(intents[0].kind, "mail"));
    assert_true(od_str_is(intents[0].recipient, "ada@example.org"));
    assert_true(od_str_is(intents[0].name, "hello"));
    assert_true(od_str_is(intents[0].hook, "order.placed@shop"));
    assert_string_equal(intents[0].payload.ptr,
                        "{\"subject\":\"H\\\"i\",\"data\":{\"a\":true,\"list\":[1,2],\"n\":1}}");
}

HOST_TEST(hooks_return_one_several_or_nothing)
{
    assert_int_equal(run_body(h, ""), 0);
    assert_int_equal(count, 0);
    assert_int_equal(run_body(h,
                              "return { oms.webhook { url = 'https://example.org/x', event = 'e' },"
                              " oms.notify { channel = 'sales', text = 'sold' } }"),
                     0);
    assert_int_equal(count, 2);
    assert_string_equal(intents[0].payload.ptr, "{}");
    assert_string_equal(intents[1].payload.ptr, "{\"text\":\"sold\"}");
    assert_null(intents[1].name.ptr);
}

HOST_TEST(bad_intents_are_refused)
{
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"return oms.mail { to = 'x', template = 't' }", "to must be an e-mail address, got 'x'"},
        {"return oms.mail { to = 'a@b,c@d', template = 't' }", "e-mail address"},
        {"return oms.mail { template = 't' }", "oms.mail: to must be a string, got nil"},
        {"return oms.mail { to = 'a@b' }", "oms.mail: template must be a string"},
        {"return oms.mail { to = 'a@b', tempalte = 't' }", "has no field 'tempalte'"},
        {"return oms.mail { to = 'a@b', template = 't', data = 'x' }",
         "data must be a table, got string"},
        {"return oms.mail { to = 'a@b', template = 't', data = {f = pairs} }",
         "cannot hold a function"},
        {"return oms.mail { to = 'a@b', template = 't', data = {o = order} }",
         "cannot hold a userdata"},
        {"return oms.mail { to = 'a@b', template = 't', data = {1, x = 2} }", "not both"},
        {"return oms.mail { to = 'a@b', template = 't', data = {n = 0/0} }", "nan"},
        {"return oms.mail { to = 'a@b', template = 't', data = {s = '\\xff'} }", "UTF-8"},
        {"local d = {} d.d = d return oms.mail { to = 'a@b', template = 't', data = d }", "deeper"},
        {"return oms.mail { to = 'a@b', template = 't', data = {s = ('x'):rep(99999)} }", "longer"},
        {"return oms.webhook { url = 'file:///etc/passwd', event = 'e' }", "http:// or https://"},
        {"return { kind = 'mail' }", "must return nothing, oms.mail"},
        {"return 'mail'", "must return nothing, oms.mail"},
        {"return order", "must return nothing, oms.mail"},
        {"return { 1 }", "must return nothing, oms.mail"},
        {"return oms.allow()", "cannot be called inside a hook"},
        {"return oms.run { command = 'canel' }",
         "oms.run: there is no command 'canel' (did you mean 'cancel'?)"},
        {"while true do end", "budget"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(run_body(h, cases[i].body), -1);
        assert_int_equal(count, 0);
        assert_contains(h->err.message, cases[i].part);
        assert_string_equal(h->err.origin, "shop/rules.lua:1");
    }
}

/* What the feed carries out, a hook may ask for. */
HOST_TEST(every_command_on_an_order_can_be_named)
{
    unsigned named = 0;

    for (int i = 0; i < OD_COMMAND_TYPES; i++) {
        const char *call = od_command_call(od_command_kinds[i]);
        char body[100];

        if (!call)
            continue;
        snprintf(body, sizeof body, "return oms.run { command = '%s' }", call);
        assert_int_equal(run_body(h, body), 0);
        assert_int_equal(count, 1);
        assert_true(od_str_is(intents[0].name, call));
        named++;
    }
    assert_true(named >= 18);
}

HOST_TEST(one_failing_hook_does_not_silence_the_others)
{
    struct od_event e = {.type = OD_EVENT_ORDER_PLACED};
    static const char good[] =
        "oms.on('order.placed', function() return oms.notify { channel = 'c', text = 't' } end)";

    add_plugin(h, "one", good);
    allow(h, "notify");
    add_plugin(h, "two",
               "oms.on('order.placed', function() return "
               "{ oms.notify { channel = 'x', text = 't' }, error('broken') } end)");
    allow(h, "notify");
    add_plugin(h, "three", good);
    allow(h, "notify");
    assert_int_equal(host_load(h), 0);
    assert_true(od_bundle_has_hooks(h->bundle, OD_STR("order.placed")));
    assert_false(od_bundle_has_hooks(h->bundle, OD_STR("order.held")));
    assert_int_equal(run(h, "order.placed", &e), -1);
    assert_string_equal(h->err.origin, "two/rules.lua:1");
    assert_int_equal(count, 2);
    assert_true(od_str_is(intents[1].hook, "order.placed@three"));
    assert_int_equal(od_bundle_stats(h->bundle).hooks.calls, 3);
    assert_int_equal(od_bundle_stats(h->bundle).hooks.errors, 1);
    assert_int_equal(run(h, "order.held", &e), 0);
    assert_int_equal(count, 0);
}

HOST_TEST(failures_are_counted_by_place)
{
    struct od_event e = {.type = OD_EVENT_ORDER_PLACED, .seq = 1};
    const struct od_failures *f;

    add_plugin(h, "shop",
               "oms.on('order.placed', function(event)\n"
               "  if event.seq == 1 then error('one') end\n"
               "  error('two') end)\n"
               "oms.on('order.placed', function() error('three') end)");
    assert_int_equal(host_load(h), 0);
    assert_int_equal(run(h, "order.placed", &e), -1);
    assert_int_equal(run(h, "order.placed", &e), -1);
    e.seq = 2;
    assert_int_equal(run(h, "order.placed", &e), -1);
    f = h->bundle->offers[OD_OFFER_HOOK].all[0]->failures;
    assert_int_equal(f->at[0].count, 2);
    assert_int_equal(f->at[1].count, 1);
    assert_int_equal(h->bundle->offers[OD_OFFER_HOOK].all[1]->failures->at[0].count, 3);
    assert_int_equal(od_bundle_stats(h->bundle).hooks.errors, 6);
}

HOST_TEST(event_fields_are_reached_directly)
{
    struct od_shipment parcel = {.shipment_id = 1, .tracking_number = OD_STR("JD01")};
    struct od_event e = {.type = OD_EVENT_SHIPMENT_CREATED,
                         .seq = 4,
                         .at = NOW,
                         .actor = OD_STR("clerk"),
                         .policy_reason = OD_STR("in stock"),
                         .shipment = &parcel};

    e.status[OD_STATUS_SHIPMENT] = (struct od_status_change){OD_STR("pending"), OD_STR("shipped")};
    add_plugin(
        h, "shop",
        "oms.on('shipment.created', function(e, order)\n"
        "  assert(e.type == 'shipment.created' and e.seq == 4 and e.at == 1700000000000)\n"
        "  assert(e.actor == 'clerk' and e.reason == nil and e.payment == nil)\n"
        "  assert(e.policy_reason == 'in stock')\n"
        "  assert(e.tracking_number == 'JD01' and e.shipment.shipment_id == 1)\n"
        "  assert(e.amount == nil and e.handle == nil)\n"
        "  assert(e.shipment_status_from == 'pending' and e.shipment_status_to == 'shipped')\n"
        "  assert(e.order_status_to == nil)\n"
        "  assert(not pcall(function() return e.trackingnumber end))\n"
        "  assert(not pcall(function() e.seq = 1 end))\n"
        "  return oms.notify { channel = 'c', text = order.order_number } end)");
    allow(h, "notify");
    assert_int_equal(host_load(h), 0);
    if (run(h, "shipment.created", &e) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    assert_int_equal(count, 1);
}

HOST_TEST(money_and_goods_of_events_are_reached)
{
    struct od_refund_item item = {.refund_id = 1, .order_item_id = 2, .qty = 1, .amount = 500};
    struct od_refund refund = {.refund_id = 1,
                               .credit_memo_number = OD_STR("CM-1"),
                               .amount = 700,
                               .reason = OD_STR("late"),
                               .items = &item,
                               .item_count = 1};
    struct od_payment payment = {.payment_id = 2, .type = OD_STR("refund"), .amount = 700};
    struct od_return ret = {.return_id = 3, .status = OD_STR("approved"), .note = OD_STR("ok")};
    struct od_units units = {1, 2};
    struct od_event back = {
        .type = OD_EVENT_PAYMENT_REFUNDED, .refund = &refund, .payment = &payment};
    struct od_event approved = {.type = OD_EVENT_RETURN_APPROVED, .ret = &ret};
    struct od_event canceled = {
        .type = OD_EVENT_ITEMS_CANCELED, .units = &units, .unit_count = 1, .amount = 900};

    add_plugin(h, "shop",
               "local function told() return oms.notify { channel = 'c', text = 'x' } end\n"
               "oms.on('payment.refunded', function(e)\n"
               "  assert(e.amount == 700 and e.credit_memo_number == 'CM-1')\n"
               "  assert(e.payment.type == 'refund' and e.reason == 'late')\n"
               "  assert(e.items[1].order_item_id == 2 and e.rma == nil)\n"
               "  return told() end)\n"
               "oms.on('return.approved', function(e)\n"
               "  assert(e.return_id == 3 and e.rma.status == 'approved' and e.note == 'ok')\n"
               "  assert(e.amount == nil and #e.items == 0)\n"
               "  return told() end)\n"
               "oms.on('items.canceled', function(e)\n"
               "  assert(e.amount == 900 and e.items[1].qty == 2 and e.refund == nil)\n"
               "  return told() end)\n");
    allow(h, "notify");
    assert_int_equal(host_load(h), 0);
    if (run(h, "payment.refunded", &back) != 0 || run(h, "return.approved", &approved) != 0 ||
        run(h, "items.canceled", &canceled) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_becomes_data),
        cmocka_unit_test(hooks_return_one_several_or_nothing),
        cmocka_unit_test(bad_intents_are_refused),
        cmocka_unit_test(every_command_on_an_order_can_be_named),
        cmocka_unit_test(one_failing_hook_does_not_silence_the_others),
        cmocka_unit_test(failures_are_counted_by_place),
        cmocka_unit_test(event_fields_are_reached_directly),
        cmocka_unit_test(money_and_goods_of_events_are_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
