#include "fixture.h"

#include "order/model/shop.h"
#include "script/testing/run.h"

/* Tests inside of plugins: what they can do, and how what fails is told. */

static const char rules[] =
    "oms.policy('order.status', function(order)\n"
    "  if order.canceled then return 'canceled', 'it was canceled' end\n"
    "  return order.hold and 'pending' or 'processing'\n"
    "end)\n"
    "oms.policy('order.cancel', function(order, request)\n"
    "  if order.hold then return oms.refuse('on_hold', 'Held for ' .. request.actor) end\n"
    "  if oms.now() - order.created_at > 3600000 then return oms.refuse('late', 'Too late') end\n"
    "  return oms.allow('in time')\n"
    "end)\n"
    "oms.policy('order.number', function(seq) return 'N' .. seq.value end)\n"
    "oms.policy('payment.status', function(order)\n"
    "  return order.amount_captured > 0 and 'paid' or 'pending'\n"
    "end)\n"
    "oms.policy('shipment.status', function(order)\n"
    "  return #order.shipments > 0 and 'shipped' or 'pending'\n"
    "end)\n"
    "oms.on('shipment.created', function(event, order)\n"
    "  return oms.mail { to = order.customer_email, template = 'shipped',\n"
    "    subject = 'Sent', data = { tracking = event.tracking_number } }\n"
    "end)\n"
    "oms.command('counter_sale', function(order, args)\n"
    "  if args.wrong then return oms.refuse('wrong', 'No') end\n"
    "  order:add_payment { type = 'capture', amount = order.grand_total }\n"
    "  order:create_shipment {}\n"
    "end)\n";

struct rig {
    struct od_arena arena;
    struct od_script_file scripts[2], tests[2];
    struct od_plugin plugins[2];
    struct od_bundle_source source;
    struct od_bundle_limits limits;
    struct od_test_options options;
    struct od_test_run run;
    struct od_err err;
};

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof *r);

    od_arena_init(&r->arena);
    r->limits = od_bundle_default_limits;
    r->options.currency = OD_STR("EUR");
    r->scripts[0] = (struct od_script_file){OD_STR("rules.lua"), od_str_of(rules)};
    r->plugins[0] = (struct od_plugin){.name = OD_STR("default"),
                                       .files = &r->scripts[0],
                                       .file_count = 1,
                                       .tests = &r->tests[0],
                                       .test_count = 1};
    r->source =
        (struct od_bundle_source){.plugins = r->plugins, .plugin_count = 1, .statuses = &sets};
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;

    od_arena_fini(&r->arena);
    free(r);
    return 0;
}

/* Adds a plugin of this script; the tests are its own from here on. */
static void add_shop(struct rig *r, const char *script)
{
    r->scripts[1] = (struct od_script_file){OD_STR("rules.lua"), od_str_of(script)};
    r->plugins[1] = (struct od_plugin){.name = OD_STR("shop"),
                                       .files = &r->scripts[1],
                                       .file_count = 1,
                                       .tests = &r->tests[0],
                                       .test_count = 1};
    r->plugins[0].test_count = 0;
    r->source.plugin_count = 2;
}

/* Runs the text as tests/rules.lua of the plugin under test. */
static int run_file(struct rig *r, const char *text)
{
    r->tests[0] = (struct od_script_file){OD_STR("tests/rules.lua"), od_str_of(text)};
    od_err_clear(&r->err);
    return od_bundle_test(&r->source, &r->limits, &r->options, &r->arena, &r->run, &r->err);
}

/* The result of the one test whose function has this body, which begins in line 2. */
static const struct od_test_result *run_body(struct rig *r, const char *body)
{
    char *text = od_arena_alloc(&r->arena, strlen(body) + 100);

    snprintf(text, strlen(body) + 100, "oms.test('it', function(t)\n%s\nend)\n", body);
    if (run_file(r, text) != 0)
        fail_msg("%s: %s", r->err.origin, r->err.message);
    assert_int_equal(r->run.count, 1);
    return r->run.results;
}

static void assert_passes(struct rig *r, const char *body)
{
    const struct od_test_result *t = run_body(r, body);

    if (!t->passed)
        fail_msg("%s: %s\n%s", t->where.ptr, t->message.ptr, t->trace.ptr);
    assert_int_equal(r->run.failed, 0);
}

static void assert_fails_with(struct rig *r, const char *body, const char *where,
                              const char *message)
{
    const struct od_test_result *t = run_body(r, body);

    assert_false(t->passed);
    assert_int_equal(r->run.failed, 1);
    assert_string_equal(t->where.ptr, where);
    assert_string_equal(t->message.ptr, message);
}

#define AT_2 "default/tests/rules.lua:2"

static void a_failing_check_tells_place_and_difference(void **state)
{
    assert_fails_with(*state, "t:equal('on_hold', 'canceled')", AT_2,
                      "expected \"canceled\", got \"on_hold\"");
    assert_fails_with(*state, "t:equal(1, nil, 'the count')", AT_2,
                      "the count: expected nil, got 1");
    assert_fails_with(*state, "t:equal({ a = 1, b = { 1, 2 } }, { a = 1, b = { 1, 3 } })", AT_2,
                      "at b[2] expected 3, got 2");
    assert_fails_with(*state, "t:equal({ 1 }, { 1, { x = 'y' } })", AT_2,
                      "at [2] expected {x = \"y\"}, got nil");
    assert_fails_with(*state, "t:equal({ 1, extra = true }, { 1 })", AT_2,
                      "at extra expected nil, got true");
    assert_fails_with(*state, "t:ok(nil, 'a tag')", AT_2, "a tag: expected a true value, got nil");
    assert_fails_with(*state, "t:ok(t:order { holds = { {} } }:cancel())", AT_2,
                      "Held for test (on_hold): expected a true value, got false");
    assert_fails_with(*state, "t:fail('no way')", AT_2, "no way");
    assert_fails_with(*state, "t:raises(function() end, 'x')", AT_2,
                      "expected an error with \"x\", got none");
    assert_fails_with(*state, "t:allowed(t:ask('order.cancel', t:order { holds = { {} } }))", AT_2,
                      "expected it to be allowed, got refused \"on_hold\": Held for test");
    assert_fails_with(*state, "t:refused(t:ask('order.cancel', t:order {}))", AT_2,
                      "expected it to be refused, got allowed");
    assert_fails_with(*state, "t:refused(t:ask('order.cancel', t:order { holds = { {} } }), 'x')",
                      AT_2, "expected it to be refused \"x\", got \"on_hold\": Held for test");
}

static void checks_that_hold_pass(void **state)
{
    assert_passes(*state,
                  "local order = t:order { tags = { 'vip' }, metadata = { a = { 1 } } }\n"
                  "t:equal(order.tags, { 'vip' })\n"
                  "t:equal(order.metadata, { a = { 1 } })\n"
                  "t:equal(t:raises(function() error('Ouch', 0) end, 'ou' .. 'c' and 'uch'),"
                  " 'Ouch')\n"
                  "t:raises(function() return order.colour end, \"no field 'colour'\")\n"
                  "t:ok(0)");
}

static void a_trace_leads_through_helpers_without_c_frames(void **state)
{
    const struct od_test_result *t =
        run_body(*state, "local function check(x)\n  t:equal(x, 1)\nend\ncheck(2)");

    assert_string_equal(t->where.ptr, "default/tests/rules.lua:3");
    assert_contains(t->trace.ptr, "default/tests/rules.lua:3");
    assert_contains(t->trace.ptr, "default/tests/rules.lua:5");
    assert_null(strstr(t->trace.ptr, "[C]"));
}

static void an_error_of_a_policy_names_its_line(void **state)
{
    struct rig *r = *state;

    add_shop(r, "oms.policy('order.cancel', function(order)\n"
                "  return order.colour\nend)\n");
    assert_passes(r, "local ok, why = t:order():cancel()\n"
                     "t:equal(ok, false)\n"
                     "t:equal(why.code, 'policy_failed')\n"
                     "t:ok(why.message:find('shop/rules.lua:2', 1, true), why.message)");
}

static void other_plugins_of_the_configuration_change_nothing(void **state)
{
    struct rig *r = *state;

    add_shop(r, "oms.policy('order.cancel', function() error('broken') end)\n"
                "oms.policy('order.place', function() return oms.refuse('closed', 'x') end)\n");
    r->plugins[0].test_count = 1;
    r->plugins[1].test_count = 0;
    assert_passes(r, "t:allowed(t:ask('order.cancel', t:order {}))\n"
                     "t:equal(t:ask('order.place', t:order {}), nil)\n"
                     "local order = t:place()\n"
                     "t:equal(order:cancel(), true)\n"
                     "t:equal(t:events(order)[2].policy:match('order.cancel@%a+'),"
                     " 'order.cancel@default')");
}

static void tests_can_run_with_the_defaults_of_settings(void **state)
{
    static struct od_config_key keys[] = {
        {.name = OD_STR_INIT("tag"), .default_value = OD_STR_INIT("vip")},
        {.name = OD_STR_INIT("rows"), .keys = OD_STR_INIT("*:*")},
        {.name = OD_STR_INIT("url"), .required = true},
    };
    static const struct od_plugin_setting settings[] = {
        {OD_STR_INIT("shop"), OD_STR_INIT("tag"), OD_STR_INIT("gold"), OD_STR_INIT("x:1")},
        {OD_STR_INIT("shop"), OD_STR_INIT("a:b"), OD_STR_INIT("c"), OD_STR_INIT("x:2")},
        {OD_STR_INIT("shop"), OD_STR_INIT("url"), OD_STR_INIT("d"), OD_STR_INIT("x:3")},
    };
    struct rig *r = *state;

    add_shop(r, "local x = 1\nreturn x\n");
    r->plugins[1].config = keys;
    r->plugins[1].config_count = 3;
    r->source.settings = settings;
    r->source.setting_count = 3;
    assert_passes(r, "t:equal(oms.config.tag, 'gold')");
    r->options.defaults = true;
    assert_passes(r, "t:equal(oms.config.tag, 'vip')\n"
                     "t:equal(oms.config.rows[1].value, 'c')\n"
                     "t:equal(oms.config.url, 'd')");
}

static void an_order_is_in_the_state_it_is_given(void **state)
{
    assert_passes(*state,
                  "local order = t:order {\n"
                  "  status = 'processing', payment_status = 'partially_paid', currency = 'JPY',\n"
                  "  created_at = '2025-12-31T12:00:00Z', canceled_at = 1000,\n"
                  "  items = { { sku = 'tea', qty = 3, price = 250, qty_shipped = 1 }, {} },\n"
                  "  payments = { { type = 'authorize', amount = 100 }, { amount = 50 } },\n"
                  "  shipments = { { carrier = 'DHL', items = { { qty = 1 } } } },\n"
                  "  holds = { { handle = 'fraud', reason = 'look' } },\n"
                  "  shipping_address = { city = 'Berlin' } }\n"
                  "t:equal(order.payment_status, 'partially_paid')\n"
                  "t:equal(order.created_at, 1767182400000)\n"
                  "t:ok(order.canceled)\n"
                  "t:equal(order.items[1].qty_canceled, 2)\n"
                  "t:equal(order.items[1].qty_open, 0)\n"
                  "t:equal(order.items[1].total, 750)\n"
                  "t:equal(order.items[2].sku, 'SKU-2')\n"
                  "t:equal(order.grand_total, 1750)\n"
                  "t:equal(order.total_qty, 4)\n"
                  "t:equal(order.amount_authorized, 100)\n"
                  "t:equal(order.amount_captured, 50)\n"
                  "t:equal(order.payments[2].type, 'capture')\n"
                  "t:equal(order.shipments[1].carrier, 'DHL')\n"
                  "t:equal(order.shipments[1].items[1].qty, 1)\n"
                  "t:equal(order.hold.handle, 'fraud')\n"
                  "t:equal(order.shipping_address.city, 'Berlin')\n"
                  "t:equal(order.billing_address, nil)\n"
                  "t:equal(t:order { grand_total = 5, items = {} }.grand_total, 5)\n"
                  "t:equal(#t:order { items = {} }.items, 0)");
}

static void a_field_that_does_not_exist_is_an_error_with_the_nearest(void **state)
{
    assert_fails_with(*state, "t:order { payment_satus = 'paid' }", AT_2,
                      "t:order: order has no field 'payment_satus' (did you mean "
                      "'payment_status'?)");
    assert_fails_with(*state, "t:order { items = { {}, { skuu = 'x' } } }", AT_2,
                      "t:order: items[2]: item has no field 'skuu' (did you mean 'sku'?)");
    assert_fails_with(*state, "t:order { grand_total = '5.00' }", AT_2,
                      "t:order: grand_total must be an integer, in minor units");
    assert_fails_with(*state, "t:ordr {}", AT_2, "t has no method 'ordr' (did you mean 'order'?)");
    assert_fails_with(*state, "t.order {}", AT_2, "call it with a colon: t:order { … }");
}

static void methods_decide_by_the_rules(void **state)
{
    assert_passes(*state, "local order = t:order {}\n"
                          "t:equal(order:add_payment { type = 'capture', amount = 1000 }, true)\n"
                          "t:equal(order.payment_status, 'paid')\n"
                          "t:equal(order:create_shipment { carrier = 'DHL' }, true)\n"
                          "t:equal(order.items[1].qty_shipped, 1)\n"
                          "t:equal(order:add_hold { handle = 'fraud', reason = 'look' }, true)\n"
                          "local ok, why = order:cancel('mind changed')\n"
                          "t:equal(ok, false)\n"
                          "t:refused(why, 'on_hold')\n"
                          "t:equal(why.policy, 'order.cancel@default')\n"
                          "local events = t:events(order)\n"
                          "t:equal(#events, 3)\n"
                          "t:equal(events[1].type, 'payment.captured')\n"
                          "t:equal(events[1].payment_status_to, 'paid')\n"
                          "t:equal(events[3].type, 'order.held')");
}

static void parts_taken_before_a_step_are_dead_after_it(void **state)
{
    assert_passes(*state, "local order = t:order {}\n"
                          "local items = order.items\n"
                          "t:equal(#items, 1)\n"
                          "order:cancel()\n"
                          "t:ok(order.canceled)\n"
                          "t:raises(function() return #items end, 'earlier')");
}

static void placing_goes_through_number_stock_and_statuses(void **state)
{
    assert_passes(*state,
                  "t:stock('tea', 3)\n"
                  "local order = t:place { items = { { sku = 'tea', qty = 2, price = 500 } } }\n"
                  "t:equal(order.order_number, 'N1')\n"
                  "t:equal(order.status, 'processing')\n"
                  "t:equal(order.grand_total, 1000)\n"
                  "t:ok(order.items[1].stock_tracked)\n"
                  "t:equal(t:events(order)[1].type, 'order.placed')\n"
                  "local none, why = t:place { items = { { sku = 'tea', qty = 2, price = 5 } } }\n"
                  "t:equal(none, nil)\n"
                  "t:equal(why.code, 'stock_unavailable')\n"
                  "t:equal(t:place().items[1].stock_tracked, false)\n"
                  "t:equal(t:place { items = { { qty = 3 }, {} } }.grand_total, 4000)\n"
                  "t:raises(function() t:place { itms = {} } end, 'itms')");
}

static void commands_run_and_are_refused(void **state)
{
    assert_passes(*state, "local order = t:order {}\n"
                          "local ok, why = t:run('counter_sale', order, { wrong = true })\n"
                          "t:equal(ok, false)\n"
                          "t:equal(why.code, 'wrong')\n"
                          "t:equal(t:run('counter_sale', order), true)\n"
                          "t:equal(order.payment_status, 'paid')\n"
                          "t:equal(order.shipment_status, 'shipped')\n"
                          "t:equal(#t:events(order), 2)");
}

static void hooks_answer_events_with_intents(void **state)
{
    assert_passes(
        *state, "local order = t:order { customer_email = 'ada@example.org',\n"
                "  shipments = { { tracking_number = 'X1' } } }\n"
                "local mails = t:emit('shipment.created', order)\n"
                "t:equal(mails, { { kind = 'mail', to = 'ada@example.org', template = 'shipped',\n"
                "  subject = 'Sent', data = { tracking = 'X1' }, hook = mails[1].hook } })\n"
                "mails = t:emit('shipment.created', order, { tracking_number = 'X2' })\n"
                "t:equal(mails[1].data.tracking, 'X2')\n"
                "t:equal(t:emit('order.placed', order), {})\n"
                "t:raises(function() t:emit('shipment.created', order, { trackin = 1 }) end,\n"
                "  \"no field 'trackin'\")\n"
                "t:raises(function() t:emit('shipment.created', t:order {}) end, 'rules.lua')");
}

static void the_clock_moves_only_by_the_test(void **state)
{
    assert_passes(*state, "local order = t:order {}\n"
                          "t:equal(oms.now(), 1767268800000)\n"
                          "t:allowed(t:ask('order.cancel', order))\n"
                          "t:after('61m')\n"
                          "t:equal(oms.now(), 1767268800000 + 3660000)\n"
                          "t:refused(t:ask('order.cancel', order, { actor = 'ada' }), 'late')\n"
                          "t:at('2026-03-01T09:00:00Z')\n"
                          "t:equal(t:order {}.created_at, 1772355600000)\n"
                          "t:at(1000)\n"
                          "t:equal(oms.now(), 1000)");
}

static void status_questions_answer_code_and_reason(void **state)
{
    assert_passes(*state,
                  "local status, reason = t:ask('order.status', t:order { canceled_at = 1 })\n"
                  "t:equal(status, 'canceled')\n"
                  "t:equal(reason, 'it was canceled')\n"
                  "t:equal(t:ask('order.number', t:order {}, { value = 7 }), 'N7')\n"
                  "t:equal(t:ask('order.place', t:order {}), nil)");
}

static void requests_can_be_spelled_out(void **state)
{
    struct rig *r = *state;

    add_shop(r,
             "oms.policy('order.ship', function(order, request)\n"
             "  local n = request.shipment.items[1].qty\n"
             "  if n > 2 then return oms.refuse('much', request.shipment.carrier or 'none') end\n"
             "  return oms.allow(request.actor)\n"
             "end)\n"
             "oms.policy('order.update', function(order, request)\n"
             "  if request.changes.shipping_note or request.changes.shipping_address then\n"
             "    return oms.refuse('fixed', 'No')\n"
             "  end\n"
             "  return oms.allow()\n"
             "end)\n");
    assert_passes(
        r, "local order = t:order { items = { { qty = 3 }, {} } }\n"
           "t:refused(t:ask('order.ship', order), 'much')\n"
           "local verdict = t:ask('order.ship', order,\n"
           "  { actor = 'ada', shipment = { items = { { order_item_id = 2 } } } })\n"
           "t:equal(verdict.reason, 'ada')\n"
           "t:raises(function()\n"
           "  t:ask('order.ship', order, { shipment = { items = { { order_item_id = 3 } } } })\n"
           "end, 'no item 3')\n"
           "local function changing(what)\n"
           "  return t:ask('order.update', order, { changes = what })\n"
           "end\n"
           "t:refused(changing { shipping_note = 'x' }, 'fixed')\n"
           "t:refused(changing { shipping_address = true }, 'fixed')\n"
           "t:allowed(changing { customer_email = true })\n"
           "t:raises(function() changing { shiping_note = true } end, \"'shipping_note'?\")\n"
           "t:raises(function() t:ask('order.ship', order, { actr = 1 }) end, 'actr')");
}

static void tests_do_not_see_each_other(void **state)
{
    struct rig *r = *state;
    int rc = run_file(r, "local kept\n"
                         "oms.test('first', function(t)\n"
                         "  kept = t:order {}\n"
                         "  t:stock('SKU-1', 0)\n"
                         "  t:equal(t:place(), nil)\n"
                         "  t:at(1)\n"
                         "end)\n"
                         "oms.test('second', function(t)\n"
                         "  t:equal(t:place().order_number, 'N1')\n"
                         "  t:equal(oms.now(), 1767268800000)\n"
                         "end)\n"
                         "oms.test('third', function() return kept.status end)\n");

    assert_int_equal(rc, 0);
    assert_int_equal(r->run.count, 3);
    assert_true(r->run.results[0].passed);
    assert_true(r->run.results[1].passed);
    assert_false(r->run.results[2].passed);
    assert_contains(r->run.results[2].message.ptr, "earlier");
}

static void names_that_are_not_there_are_told(void **state)
{
    assert_fails_with(*state, "t:run('counter_sal', t:order {})", AT_2,
                      "t:run: there is no command 'counter_sal' (did you mean 'counter_sale'?)");
    assert_fails_with(*state, "t:order { payment_status = 'piad' }", AT_2,
                      "t:order: payment_status: 'piad' is not configured (did you mean 'paid'?); "
                      "say unconfigured = true if it is meant to be so");
    assert_fails_with(*state, "t:order { created_at = 0 }", AT_2,
                      "t:order: created_at: must be after 1970");
    assert_fails_with(*state, "t:at(0)", AT_2, "t:at: the time must be after 1970");
    assert_fails_with(*state, "t:request('GET', '/x')", AT_2,
                      "t:request: no route of this plugin takes GET /x");
    assert_fails_with(*state, "t:job('x')", AT_2, "t:job: this plugin has no job 'x'");
    assert_fails_with(*state, "return t:events(t:place())[1].polcy", AT_2,
                      "event has no field 'polcy' (did you mean 'policy'?)");
    assert_passes(*state, "t:equal(t:order { status = 'old', unconfigured = true }.status, 'old')");
}

static void a_broken_hook_of_another_plugin_is_not_run(void **state)
{
    struct rig *r = *state;

    add_shop(r, "oms.on('shipment.created', function() error('broken') end)");
    r->plugins[0].test_count = 1;
    r->plugins[1].test_count = 0;
    assert_passes(r, "t:equal(#t:emit('shipment.created', t:order { customer_email = 'a@b',\n"
                     "  shipments = { {} } }), 1)");
}

static const char visited[] =
    "local function numbers(rows)\n"
    "  local list = oms.list {}\n"
    "  for _, row in ipairs(rows) do list[#list + 1] = row.order_id end\n"
    "  return { json = list }\n"
    "end\n"
    "oms.route('GET', '/find/:how', {}, function(request)\n"
    "  local q, how = oms.orders(), request.params.how\n"
    "  if how == 'big' then q:where('grand_total', '>=', 2000) end\n"
    "  if how == 'sku' then q:join('items'):where('items.sku', 'in', { request.query.sku }) end\n"
    "  if how == 'like' then q:where('customer_email', 'like', request.query.text) end\n"
    "  if how == 'not' then q:where('customer_email', '!=', request.query.text) end\n"
    "  if how == 'none' then q:left_join('shipments'):where('shipments.carrier', 'is_null') end\n"
    "  if how == 'or' then q:where('order_id', '=', 1):and_where('grand_total', '>', 1500)\n"
    "    :or_where('order_id', '=', 3) end\n"
    "  if how == 'late' then q:where('created_at', '<', '2026-01-01T12:30:00Z'):limit(1, 1) end\n"
    "  if how == 'top' then q:order_by('grand_total', 'desc'):limit(0, 1) end\n"
    "  if how == 'count' then return { text = tostring(q:count()) } end\n"
    "  return numbers(q:execute())\n"
    "end)\n"
    "oms.route('POST', '/swap', { role = 'public' }, function(request)\n"
    "  local body = request.json\n"
    "  local done = oms.transaction(function(tx)\n"
    "    tx:hold_order(body.a, { handle = 'swap', reason = request.actor })\n"
    "    tx:cancel_order(body.b)\n"
    "    if body.version then tx:require_version(body.a, body.version) end\n"
    "  end, { key = body.key })\n"
    "  return { status = 201, json = { done[1].hold.handle }, headers = { ['X-A'] = 'b' } }\n"
    "end)\n"
    "oms.route('GET', '/broken', {}, function()\n  error('on fire')\nend)\n"
    "oms.job('sweep', { every = '5m' }, function(job)\n"
    "  assert(job.scheduled_at == oms.now())\n"
    "  oms.place_order { items = { { sku = 'mug', qty = 1, price = 100 } } }\n"
    "  assert(oms.set_inventory('mug', { qty = 5 }).available == 5)\n"
    "  oms.cancel_order(1)\n"
    "end)\n";

static void visit(struct rig *r, const char *body)
{
    add_shop(r, visited);
    r->plugins[1].capabilities = OD_STR("commands, sql.read");
    r->source.grants = &(struct od_plugin_setting){OD_STR("shop"), OD_STR_NONE,
                                                   OD_STR("commands, sql.read"), OD_STR("x:1")};
    r->source.grant_count = 1;
    assert_passes(r, body);
}

static void routes_see_the_orders_of_the_test(void **state)
{
    visit(*state,
          "t:order { customer_email = 'ada@x.org', items = { { sku = 'tea', price = 1000 } } }\n"
          "t:order { customer_email = 'bob_y', items = { { sku = 'mug', price = 3000 } },\n"
          "  shipments = { { carrier = 'DHL' } } }\n"
          "t:after('1h')\n"
          "t:order { items = { { sku = 'tea', price = 2000 }, { sku = 'mug' } } }\n"
          "local function find(how, query, wanted)\n"
          "  t:equal(t:request('GET', '/find/' .. how, { query = query }).json, wanted, how)\n"
          "end\n"
          "find('all', {}, { 1, 2, 3 })\n"
          "find('big', {}, { 2, 3 })\n"
          "find('sku', { sku = 'mug' }, { 2, 3 })\n"
          "find('sku', { sku = 'jar' }, {})\n"
          "find('like', { text = '%@_.org' }, { 1 })\n"
          "find('like', { text = 'bob\\\\_y' }, { 2 })\n"
          "find('like', { text = 'ADA@%' }, { 1 })\n"
          "find('not', { text = 'Ada@X.org' }, { 2, 3 })\n"
          "find('none', {}, { 1, 3 })\n"
          "find('or', {}, { 3 })\n"
          "find('late', {}, { 2 })\n"
          "find('top', {}, { 2 })\n"
          "t:equal(t:request('GET', '/find/count').text, '3')");
}

static void transactions_of_routes_are_all_or_none(void **state)
{
    visit(*state,
          "local a, b, held = t:order {}, t:order {}, t:order { holds = { {} } }\n"
          "local function swap(body)\n"
          "  return t:request('POST', '/swap', { json = body, actor = 'ada' })\n"
          "end\n"
          "local reply = swap { a = a.order_id, b = held.order_id }\n"
          "t:equal(reply.status, 409)\n"
          "t:equal(reply.json.code, 'on_hold')\n"
          "t:equal(reply.json.policy, 'order.cancel@default')\n"
          "t:equal(a.hold, nil)\n"
          "t:equal(#t:events(a), 0)\n"
          "t:equal(swap { a = a.uuid, b = 99 }.status, 404)\n"
          "t:equal(swap { a = a.order_id, b = b.order_id, version = 9 }.status, 412)\n"
          "for _ = 1, 2 do\n"
          "  reply = swap { a = a.order_id, b = b.order_number, key = 'once' }\n"
          "  t:equal(reply.status, 201)\n"
          "  t:equal(reply.json, { 'swap' })\n"
          "  t:equal(reply.headers['X-A'], 'b')\n"
          "end\n"
          "t:equal(a.hold.reason, 'ada')\n"
          "t:ok(b.canceled)\n"
          "t:raises(function() t:request('GET', '/broken') end, 'shop/rules.lua:30: on fire')\n"
          "t:raises(function() t:request('GET', '/broken', { jsn = 1 }) end, \"'json'?\")");
}

static void jobs_run_in_the_world_of_the_test(void **state)
{
    visit(*state, "local order = t:order {}\n"
                  "t:job('sweep')\n"
                  "t:ok(order.canceled)\n"
                  "t:equal(t:events(order)[1].actor, 'job.sweep@shop')\n"
                  "t:equal(t:request('GET', '/find/count').text, '2')\n"
                  "t:raises(function() t:job('swep') end, \"'sweep'?\")");
}

static void documents_count_without_a_gap(void **state)
{
    struct rig *r = *state;

    add_shop(r, "oms.policy('document.series', function(request, order)\n"
                "  return request.document .. (order.store or '')\n"
                "end)\n"
                "oms.command('pay_back_twice', function(order)\n"
                "  order:refund { amount = 100 }\n"
                "  order:refund { amount = 200 }\n"
                "end)\n");
    assert_passes(r, "local a, b = t:place {}, t:place { store = 'x' }\n"
                     "for _, order in ipairs { a, b } do\n"
                     "  t:ok(order:issue_invoice())\n"
                     "  t:ok(order:add_payment { type = 'capture' })\n"
                     "end\n"
                     "t:equal(a.invoices[1].invoice_number, 'invoice-1')\n"
                     "t:equal(b.invoices[1].invoice_number, 'invoicex-1')\n"
                     "t:equal((a:issue_invoice()), false)\n"
                     "t:ok(t:run('pay_back_twice', a))\n"
                     "t:ok(a:refund { amount = 300 })\n"
                     "local numbers = {}\n"
                     "for i, refund in ipairs(a.refunds) do\n"
                     "  numbers[i] = refund.credit_memo_number\n"
                     "end\n"
                     "t:equal(numbers, { 'credit_memo-1', 'credit_memo-2', 'credit_memo-3' })\n"
                     "t:equal(a.amount_refundable, 400)");
}

static void goods_go_and_come_back(void **state)
{
    assert_passes(*state, "t:stock('tea', 3)\n"
                          "local order = t:place { items = { { sku = 'tea', qty = 3 } } }\n"
                          "t:ok(order:cancel { items = { { order_item_id = 1, qty = 1 } } })\n"
                          "t:equal(order.items[1].qty_canceled, 1)\n"
                          "t:equal(order.canceled, false)\n"
                          "t:ok(order:track_shipment { carrier = 'DHL', tracking_number = 'X' })\n"
                          "t:equal(order.items[1].qty_shipped, 2)\n"
                          "t:ok(order:create_return {\n"
                          "  items = { { order_item_id = 1, qty = 2, reason = 'broken' } } })\n"
                          "t:equal(order.returns[1].status, 'requested')\n"
                          "t:ok(order:update_return(1, { status = 'approved' }))\n"
                          "t:ok(order:update_return(1, { status = 'received', restock = true }))\n"
                          "t:equal(order.items[1].qty_returned, 2)\n"
                          "t:equal(order.items[1].qty_restocked, 2)\n"
                          "t:ok(t:place { items = { { sku = 'tea', qty = 3 } } })\n"
                          "local none, refusal = t:place { items = { { sku = 'tea', qty = 1 } } }\n"
                          "t:equal(none, nil)\n"
                          "t:equal(refusal.code, 'stock_unavailable')");
}

static void a_change_is_proposed_and_confirmed(void **state)
{
    assert_passes(*state, "local order = t:place { items = { { qty = 2, price = 500 } } }\n"
                          "t:ok(order:propose_change {\n"
                          "  items = { { order_item_id = 1, qty = 1 } },\n"
                          "  add = { { sku = 'cup', name = 'Cup', qty = 1, price = 750 } } })\n"
                          "t:equal(order.changes[1].difference, 250)\n"
                          "t:equal(order.grand_total, 1000)\n"
                          "t:ok(order:confirm_change())\n"
                          "t:equal(order.grand_total, 1250)\n"
                          "t:equal(order.changes[1].status, 'confirmed')");
}

static void what_the_shop_declares_does_not_matter(void **state)
{
    struct od_metadata_type channel = {.key = OD_STR("channel"), .required = true};
    struct od_store store = {.name = OD_STR("berlin"), .prefix = OD_STR("B-")};
    struct od_shop shop = {.stores = &store,
                           .store_count = 1,
                           .metadata = &channel,
                           .metadata_count = 1,
                           .metadata_strict = true};
    struct rig *r = *state;

    r->source.shop = &shop;
    assert_passes(r, "t:equal(t:place {}.order_number, 'N1')\n"
                     "t:equal(t:place { metadata = { size = 'L' } }.metadata.size, 'L')\n"
                     "t:equal(oms.store('berlin').prefix, 'B-')\n"
                     "t:store { name = 'berlin', prefix = 'X-' }\n"
                     "t:equal(oms.store('berlin').prefix, 'X-')\n"
                     "t:equal(t:place { store = 'berlin' }.store, 'berlin')");
    assert_true(channel.required);
}

static void a_test_that_goes_on_without_its_order_says_why_there_is_none(void **state)
{
    assert_fails_with(*state,
                      "t:stock('tea', 1)\n"
                      "local order = t:place { items = { { sku = 'tea', qty = 2 } } }\n"
                      "t:equal(order.status, 'processing')",
                      "default/tests/rules.lua:4",
                      "attempt to index a nil value (local 'order') (t:place was refused, "
                      "stock_unavailable: SKU \"tea\": 2 wanted, 1 available)");
    assert_fails_with(*state,
                      "t:stock('tea', 0)\n"
                      "t:place { items = { { sku = 'tea' } } }\n"
                      "t:equal(1, 2)",
                      "default/tests/rules.lua:4", "expected 2, got 1");
}

static void an_endless_test_is_cut_and_the_next_one_runs(void **state)
{
    struct rig *r = *state;

    r->limits.task_instructions = 200000;
    assert_int_equal(run_file(r, "oms.test('endless', function(t)\n"
                                 "  while true do pcall(t.ok, t, true) end\n"
                                 "end)\n"
                                 "oms.test('asking', function(t)\n"
                                 "  local order = t:order {}\n"
                                 "  while true do order:cancel() end\n"
                                 "end)\n"
                                 "oms.test('making', function(t)\n"
                                 "  while true do t:order {} end\n"
                                 "end)\n"
                                 "oms.test('fine', function(t) t:ok(true) end)\n"),
                     0);
    assert_int_equal(r->run.count, 4);
    assert_int_equal(r->run.failed, 3);
    assert_string_equal(r->run.results[0].where.ptr, AT_2);
    assert_contains(r->run.results[0].message.ptr, "instructions");
    assert_contains(r->run.results[1].message.ptr, "instructions");
    assert_contains(r->run.results[2].message.ptr, "instructions");
    assert_true(r->run.results[3].passed);
}

static void tests_that_there_is_no_time_for_are_left_out(void **state)
{
    struct rig *r = *state;

    r->options.cpu_us = 1;
    assert_int_equal(run_file(r, "for i = 1, 50 do\n"
                                 "  oms.test('t' .. i, function(t)\n"
                                 "    for _ = 1, 20 do t:order {} end\n"
                                 "  end)\n"
                                 "end\n"),
                     0);
    assert_true(r->run.out_of_time);
    assert_true(r->run.count < 50);
}

static void a_file_that_does_not_load_is_told(void **state)
{
    struct rig *r = *state;

    assert_int_equal(run_file(r, "oms.test('x', function(t)\n  t:ok(\nend)\n"), -1);
    assert_string_equal(r->err.origin, "default/tests/rules.lua:3");
    assert_int_equal(run_file(r, "\noms.policy('order.ship', function() end)\n"), -1);
    assert_string_equal(r->err.origin, AT_2);
    assert_contains(r->err.message, "oms.test");
    assert_int_equal(run_file(r, "oms.test('a', function() end)\noms.test('a', function() end)\n"),
                     -1);
    assert_contains(r->err.message, "twice");
}

static void one_plugin_or_some_names_can_be_chosen(void **state)
{
    struct rig *r = *state;

    r->scripts[1] = (struct od_script_file){OD_STR("rules.lua"), OD_STR("local x = 1\nreturn x\n")};
    r->tests[1] = (struct od_script_file){OD_STR("tests/shop.lua"),
                                          OD_STR("oms.test('of the shop', function(t)\n"
                                                 "  t:allowed(t:ask('order.cancel', t:order {}))\n"
                                                 "end)\n")};
    r->plugins[1] = (struct od_plugin){.name = OD_STR("shop"),
                                       .files = &r->scripts[1],
                                       .file_count = 1,
                                       .tests = &r->tests[1],
                                       .test_count = 1};
    r->source.plugin_count = 2;
    assert_int_equal(run_file(r, "oms.test('one', function() end)\n"
                                 "oms.test('another', function() end)\n"),
                     0);
    assert_int_equal(r->run.count, 3);
    r->options.plugin = OD_STR("shop");
    assert_int_equal(run_file(r, "oms.test('one', function() end)\n"), 0);
    assert_int_equal(r->run.count, 1);
    assert_string_equal(r->run.results[0].name.ptr, "of the shop");
    assert_true(r->run.results[0].passed);
    r->options = (struct od_test_options){.name = OD_STR("one"), .currency = OD_STR("EUR")};
    assert_int_equal(run_file(r, "oms.test('one', function() end)\n"), 0);
    assert_int_equal(r->run.count, 1);
    assert_string_equal(r->run.results[0].origin.ptr, "default/tests/rules.lua:1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void what_could_not_wait_is_not_done_later(void **state)
{
    assert_passes(*state,
                  "local order = t:order {}\n"
                  "table.sort({2, 1}, function(a, b) pcall(t.place, t, {}) return a < b end)\n"
                  "t:ok(order:cancel())\nt:ok(order.canceled)");
}

static void numbers_out_of_reason_are_refused(void **state)
{
    assert_fails_with(*state,
                      "local most = math.maxinteger\n"
                      "t:order { payments = { { amount = most }, { amount = most } } }",
                      "default/tests/rules.lua:3", "t:order: payments: the amounts are too big");
    assert_fails_with(*state, "t:order { items = { { qty_shipped = -5 } } }", AT_2,
                      "t:order: items[1]: qty_shipped must be an integer from 0 to 1000000000");
    assert_fails_with(*state, "for _ = 1, 100 do t:after('36500d') end", AT_2,
                      "t:after: '36500d' leads beyond the year 9999");
}

static void what_is_raised_is_told_without_addresses(void **state)
{
    assert_passes(*state, "t:equal(t:raises(function() error({}) end), 'table')");
    assert_fails_with(*state, "t:ok(false, {})", AT_2, "table: expected a true value, got false");
}

static void names_of_tests_are_texts(void **state)
{
    struct rig *r = *state;

    assert_int_equal(run_file(r, "oms.test(('x'):rep(400), function() end)"), -1);
    assert_string_equal(r->err.message, "oms.test: the name must have 1 to 300 bytes, got 400");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failing_check_tells_place_and_difference),
        TEST(checks_that_hold_pass),
        TEST(a_trace_leads_through_helpers_without_c_frames),
        TEST(an_error_of_a_policy_names_its_line),
        TEST(other_plugins_of_the_configuration_change_nothing),
        TEST(tests_can_run_with_the_defaults_of_settings),
        TEST(an_order_is_in_the_state_it_is_given),
        TEST(a_field_that_does_not_exist_is_an_error_with_the_nearest),
        TEST(methods_decide_by_the_rules),
        TEST(parts_taken_before_a_step_are_dead_after_it),
        TEST(placing_goes_through_number_stock_and_statuses),
        TEST(commands_run_and_are_refused),
        TEST(hooks_answer_events_with_intents),
        TEST(the_clock_moves_only_by_the_test),
        TEST(status_questions_answer_code_and_reason),
        TEST(requests_can_be_spelled_out),
        TEST(tests_do_not_see_each_other),
        TEST(names_that_are_not_there_are_told),
        TEST(a_broken_hook_of_another_plugin_is_not_run),
        TEST(routes_see_the_orders_of_the_test),
        TEST(transactions_of_routes_are_all_or_none),
        TEST(jobs_run_in_the_world_of_the_test),
        TEST(documents_count_without_a_gap),
        TEST(goods_go_and_come_back),
        TEST(a_change_is_proposed_and_confirmed),
        TEST(what_the_shop_declares_does_not_matter),
        TEST(a_test_that_goes_on_without_its_order_says_why_there_is_none),
        TEST(an_endless_test_is_cut_and_the_next_one_runs),
        TEST(tests_that_there_is_no_time_for_are_left_out),
        TEST(a_file_that_does_not_load_is_told),
        TEST(one_plugin_or_some_names_can_be_chosen),
        TEST(what_could_not_wait_is_not_done_later),
        TEST(numbers_out_of_reason_are_refused),
        TEST(what_is_raised_is_told_without_addresses),
        TEST(names_of_tests_are_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
