#include "fixture_task.h"

#include "base/map.h"
#include "order/machine/decide.h"
#include "script/call/policies.h"

/* Composite commands: decided for real, by order/, with the rules of the bundle. */

struct sale {
    struct od_policies policies;
    struct od_map stock;
    struct od_decide_env env;
    struct od_decision d;
};

static const char rules[] =
    "oms.policy('order.status', function(order)\n"
    "  return order.payment_status == 'paid' and 'processing' or 'pending' end)\n"
    "oms.policy('order.cancel', function(order)\n"
    "  if order.hold then return oms.refuse('on_hold', 'Release the hold first') end\n"
    "  return oms.allow() end)\n"
    "oms.policy('order.number', function(seq) return 'N' .. seq.value end)\n"
    "oms.policy('payment.status', function(order)\n"
    "  return order.amount_captured > 0 and 'paid' or 'pending' end)\n"
    "oms.policy('shipment.status', function(order)\n"
    "  return #order.shipments > 0 and 'shipped' or 'pending' end)\n";

static void decide(struct sale *s, const char *name, const char *args)
{
    struct od_command c = {.type = OD_COMMAND_COMPOSITE,
                           .name = od_str_of(name),
                           .args = od_str_of(args),
                           .actor = OD_STR("till 3")};

    s->d = (struct od_decision){.env = &s->env, .order = s->d.order};
    od_map_init(&s->stock);
    od_decide(&s->d, &c, false);
    od_map_fini(&s->stock);
}

/* Decides the command "c" of plugin "shop", whose function is `body`, on h->order. */
static void sell_as(struct sale *s, struct host *h, const char *body, const char *args)
{
    struct tasks ts;
    char text[8192];

    h->files[0].text = od_str_of(rules);
    snprintf(text, sizeof text, "local kept = {}\noms.command('c', function(order, args) %s end)",
             body);
    tasks_load(&ts, h, text);
    h->order.version = 4;
    *s = (struct sale){.policies = od_bundle_policies(h->bundle, 1), .d.order = &h->order};
    s->env = (struct od_decide_env){
        .policies = &s->policies,
        .statuses = &sets,
        .stock = &s->stock,
        .track = OD_STOCK_NONE,
        .arena = &h->arena,
        .now = NOW,
    };
    decide(s, "c", args);
}

static void sell(struct sale *s, struct host *h, const char *body)
{
    sell_as(s, h, body, NULL);
}

static void assert_done(const struct sale *s)
{
    if (s->d.verdict != OD_VERDICT_DONE)
        fail_msg("%.*s: %.*s", OD_STR_ARG(s->d.refusal.code), OD_STR_ARG(s->d.refusal.detail));
}

static void assert_refused(const struct sale *s, enum od_verdict verdict, const char *code,
                           const char *part)
{
    assert_int_equal(s->d.verdict, verdict);
    assert_true(od_str_is(s->d.refusal.code, code));
    assert_contains(s->d.refusal.detail.ptr, part);
    assert_int_equal(s->d.event_count, 0);
    assert_int_equal(s->d.order->version, 4);
    assert_int_equal(s->d.order->shipment_count, 0);
    assert_int_equal(s->d.order->payment_count, 0);
}

HOST_TEST(steps_are_decided_at_once_and_seen)
{
    struct sale s;

    sell_as(&s, h,
            "\nassert(order.status == 'pending' and #order.shipments == 0)\n"
            "assert(order:add_payment{type = 'capture', amount = order.grand_total,\n"
            "  method = args.method} == true)\n"
            "assert(order.payment_status == 'paid' and order.status == 'processing')\n"
            "assert(order.payments[1].amount == 5998 and order.payments[1].method == 'cash')\n"
            "order:create_shipment{carrier = 'Pickup', items = {{order_item_id = 1, qty = 2}}}\n"
            "assert(order.items[1].qty_shipped == 2 and order.shipments[1].carrier == 'Pickup')\n"
            "order:update_shipment(1, {note = 'Handed over'})\n"
            "order:add_activity('Sold at the counter', {customer_notified = false})\n"
            "order:add_hold{handle = 'check', reason = 'Count again'}\n"
            "assert(order.hold.handle == 'check')\n"
            "order:release('check')\n"
            "order:update{shipping_note = 'none', tags = {'counter'}}\n"
            "assert(order.tags[1] == 'counter' and order.hold == nil)",
            "{\"method\":\"cash\"}");
    assert_done(&s);
    assert_int_equal(s.d.event_count, 7);
    assert_int_equal(s.d.order->version, 11);
    for (uint32_t i = 0; i < s.d.event_count; i++) {
        assert_contains(s.d.events[i].policy.ptr, "command.c@shop");
        assert_true(od_str_is(s.d.events[i].actor, "till 3"));
    }
}

HOST_TEST(a_refused_third_step_undoes_the_others)
{
    struct sale s;

    sell(&s, h,
         "order:add_payment{type = 'capture', amount = 100, method = 'cash'}\n"
         "order:create_shipment{carrier = 'Pickup'}\n"
         "pcall(function() order:create_shipment{carrier = 'Again'} end)\n"
         "order:add_activity('goes on')");
    assert_refused(&s, OD_VERDICT_CONFLICT, "nothing_to_ship", "");
}

HOST_TEST(a_policy_refuses_a_step)
{
    struct sale s;

    sell(&s, h, "order:add_hold{handle = 'x', reason = 'y'} order:cancel('gone')");
    assert_refused(&s, OD_VERDICT_POLICY, "on_hold", "Release the hold first");
    assert_true(od_str_is(s.d.refusal.policy, "order.cancel@default"));
}

HOST_TEST(a_command_refuses_the_whole)
{
    struct sale s;

    sell(&s, h, "order:add_activity('x') return oms.refuse('not_today', 'We are closed')");
    assert_refused(&s, OD_VERDICT_POLICY, "not_today", "We are closed");
    assert_true(od_str_is(s.d.refusal.policy, "command.c@shop"));
    sell(&s, h, "order:add_activity('x') return 5, 'ignored'");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed",
                   "shop/rules.lua:2: command.c@shop (shop/rules.lua:2) must return nothing or "
                   "oms.refuse(code, reason), got number");
}

HOST_TEST(an_error_undoes_what_was_done)
{
    struct sale s;

    sell(&s, h, "order:add_activity('x')\nlocal n = order.nothing");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", "order has no field 'nothing'");
    assert_contains(s.d.refusal.detail.ptr, "shop/rules.lua:3");
    assert_int_equal(od_bundle_stats(h->bundle).commands.errors, 1);
}

HOST_TEST(what_was_taken_before_a_step_is_dead_behind_it)
{
    struct sale s;

    sell(&s, h, "local items = order.items order:add_activity('x') return items[1].sku");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", "handed to an earlier call");
    sell(&s, h, "local hold = order.addresses");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", "order has no field 'addresses'");
    sell(&s, h, "for _, item in ipairs(order.items) do order:add_activity(item.sku) end");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", "handed to an earlier call");
    sell(&s, h, "for i = 1, #order.items do order:add_activity(order.items[i].sku) end");
    assert_done(&s);
}

HOST_TEST(an_order_kept_from_an_earlier_command_is_dead)
{
    struct sale s;

    sell(&s, h,
         "if args.look then return kept.order.status end\n"
         "if args.call then local cancel = order.cancel return cancel(kept.order) end\n"
         "kept.order = order order:add_activity('x') assert(kept.order.order_id == 7)");
    assert_done(&s);
    decide(&s, "c", "{\"look\":true}");
    assert_int_equal(s.d.verdict, OD_VERDICT_POLICY);
    assert_contains(s.d.refusal.detail.ptr, "shop/rules.lua:2: this order or event was handed to "
                                            "an earlier call");
    decide(&s, "c", "{\"call\":true}");
    assert_int_equal(s.d.verdict, OD_VERDICT_POLICY);
    assert_contains(s.d.refusal.detail.ptr, "order:cancel is called on an order, with a colon");
    assert_int_equal(s.d.order->version, 5);
}

HOST_TEST(commands_do_not_wait)
{
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"oms.order(1)", "oms.order may wait: routes, jobs and receivers only"},
        {"oms.cancel_order(order)", "a composite command acts on its order: order:cancel"},
        {"oms.orders()", "oms.orders may wait: routes, jobs and receivers only"},
        {"oms.transaction(tostring)", "oms.transaction may wait"},
        {"order.cancel('x')", "order:cancel is called on an order, with a colon"},
        {"order.items[1]:cancel()", "item has no field 'cancel'"},
        {"order:place_order{}", "order has no field 'place_order'"},
        {"order:create_shipment{items = {{qty = 1}}}",
         "order:create_shipment: /items/0/order_item_id: is required"},
        {"table.sort({2, 1}, function(a, b) order:add_activity('x') return a < b end)",
         "nothing can wait inside of a function that a library function calls"},
        {"args.x = 1", "this table is read-only"},
    };
    struct sale s;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sell(&s, h, cases[i].body);
        assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", cases[i].part);
    }
}

HOST_TEST(endless_commands_end)
{
    struct sale s;

    h->limits.task_instructions = 1000000;
    sell(&s, h, "while true do end");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", "budget of instructions");
    sell(&s, h, "while true do order:add_activity('x') end");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", "took more than 100 steps");
    sell(&s, h, "while true do pcall(error) end");
    assert_refused(&s, OD_VERDICT_POLICY, "policy_failed", "budget of instructions");
}

HOST_TEST(a_command_that_nobody_offers)
{
    struct sale s;

    sell(&s, h, "");
    assert_done(&s);
    assert_int_equal(s.d.event_count, 0);
    decide(&s, "other", NULL);
    assert_refused(&s, OD_VERDICT_NOT_FOUND, "command_not_found", "There is no command \"other\"");
}

/* oms.command, oms.route and oms.job while a file loads. */
HOST_TEST(offers_are_checked_when_they_are_made)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"oms.command('Sale', error)", "must begin with a-z and go on with a-z, 0-9 and _"},
        {"oms.command('sale')", "function expected"},
        {"oms.command('sale', error) oms.command('sale', error)", "registered twice"},
        {"oms.command('cancel', error)", "'cancel' is a command of orderd's own"},
        {"oms.route('GET', '/x', 'staff', error)", "or a table of options"},
        {"oms.route('GET', '/x', {rol = 'staff'}, error)", "(did you mean 'role'?)"},
        {"oms.route('FETCH', '/x', {}, error)", "the method must be one of GET, POST"},
        {"oms.route('GET', 'x', {}, error)", "must begin with /"},
        {"oms.route('GET', '/a//b', {}, error)", "each part between slashes must be"},
        {"oms.route('GET', '/a b', {}, error)", "each part between slashes must be"},
        {"oms.route('GET', '/a/', {}, error)", "must not end in /"},
        {"oms.route('GET', '/api/x', {}, error)", "is under /api, which is orderd's own"},
        {"oms.route('GET', '/admin', {}, error)", "is under /admin, which is orderd's own"},
        {"oms.route('GET', '/x', {role = 'boss'}, error)", "role must be one of public, reader"},
        {"oms.route('GET', '/x', {roles = 'staff'}, error)", "oms.route has no option 'roles'"},
        {"oms.job('j', {}, error)", "say either every"},
        {"oms.job('j', {every = '5m', at = '03:00'}, error)", "say either every"},
        {"oms.job('j', {every = '5 minutes'}, error)", "every must be a duration from 1s to 366d"},
        {"oms.job('j', {every = '10ms'}, error)", "every must be a duration from 1s to 366d"},
        {"oms.job('j', {at = '24:00'}, error)", "at must be a time of day in UTC"},
        {"oms.job('j', {at = 3}, error)", "at must be a string"},
        {"oms.job('j', error)", "table expected"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        h->plugin_count = 1;
        add_plugin(h, "shop", cases[i].text);
        assert_int_equal(host_load(h), -1);
        assert_contains(h->err.message, cases[i].part);
    }
}

HOST_TEST(offers_say_what_they_are)
{
    const struct od_offer *offers;
    uint32_t n;

    add_plugin(h, "shop",
               "oms.command('sale', error)\n"
               "oms.route('GET', '/hello/:name', error)\n"
               "oms.route('POST', '/', {role = 'public'}, error)\n"
               "oms.job('sweep', {every = '5m'}, error)\n"
               "oms.job('nightly', {at = '03:30'}, error)\n");
    assert_int_equal(host_load(h), 0);
    offers = od_bundle_offers(h->bundle, OD_OFFER_COMMAND, &n);
    assert_int_equal(n, 1);
    assert_true(od_str_is(offers[0].label, "command.sale@shop"));
    offers = od_bundle_offers(h->bundle, OD_OFFER_ROUTE, &n);
    assert_int_equal(n, 2);
    assert_true(od_str_is(offers[0].method, "GET"));
    assert_true(od_str_is(offers[0].name, "/hello/:name"));
    assert_true(od_str_is(offers[0].role, "staff"));
    assert_true(od_str_is(offers[1].role, "public"));
    offers = od_bundle_offers(h->bundle, OD_OFFER_JOB, &n);
    assert_int_equal(n, 2);
    assert_int_equal(offers[0].every_ms, 300000);
    assert_int_equal(offers[1].every_ms, 0);
    assert_int_equal(offers[1].at_ms, (3 * 60 + 30) * 60 * 1000);
    assert_string_equal(offers[1].origin.ptr, "shop/rules.lua:5");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_decided_at_once_and_seen),
        cmocka_unit_test(a_refused_third_step_undoes_the_others),
        cmocka_unit_test(a_policy_refuses_a_step),
        cmocka_unit_test(a_command_refuses_the_whole),
        cmocka_unit_test(an_error_undoes_what_was_done),
        cmocka_unit_test(what_was_taken_before_a_step_is_dead_behind_it),
        cmocka_unit_test(an_order_kept_from_an_earlier_command_is_dead),
        cmocka_unit_test(commands_do_not_wait),
        cmocka_unit_test(endless_commands_end),
        cmocka_unit_test(a_command_that_nobody_offers),
        cmocka_unit_test(offers_are_checked_when_they_are_made),
        cmocka_unit_test(offers_say_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
