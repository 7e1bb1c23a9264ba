#include "fixture.h"

#include "order/model/fields.h"

/* The questions beyond statuses, cancelling and numbers; what plugins offer; oms.default. */

static void load(struct host *h, const char *text)
{
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    h->plugin_count = 1;
    add_plugin(h, "shop", text);
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

static void assert_asked(struct host *h, enum od_question q, const struct od_policy_request *r)
{
    if (ask_with(h, q, r) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

HOST_TEST(nobody_needs_to_answer_the_optional_questions)
{
    struct od_policies policies;

    assert_int_equal(host_load(h), 0);
    policies = od_bundle_policies(h->bundle, 1);
    assert_true(policies.answers(policies.ctx, OD_ASK_ORDER_STATUS));
    assert_false(policies.answers(policies.ctx, OD_ASK_ORDER_PLACE));
    assert_null(od_bundle_provider(h->bundle, OD_ASK_ORDER_PLACE).ptr);
    assert_int_equal(ask(h, OD_ASK_ORDER_PLACE), 0);
    assert_false(h->answer.refused);
    assert_null(h->answer.policy.ptr);
}

HOST_TEST(placing_may_be_allowed_refused_or_held)
{
    load(h, "oms.policy('order.place', function(order, request)\n"
            "  if request.actor == 'bot' then return oms.refuse('bot', 'No bots') end\n"
            "  if order.grand_total > 5000 then return oms.hold('fraud-review', 'Big') end\n"
            "  return oms.allow() end)");
    assert_int_equal(ask(h, OD_ASK_ORDER_PLACE), 0);
    assert_false(h->answer.refused);
    assert_string_equal(h->answer.hold.ptr, "fraud-review");
    assert_string_equal(h->answer.reason.ptr, "Big");
    assert_string_equal(h->answer.policy.ptr, "order.place@shop");
    h->order.grand_total = 1;
    assert_int_equal(ask(h, OD_ASK_ORDER_PLACE), 0);
    assert_null(h->answer.hold.ptr);
    assert_asked(h, OD_ASK_ORDER_PLACE, &(struct od_policy_request){.actor = OD_STR("bot")});
    assert_true(h->answer.refused);
    assert_string_equal(h->answer.code.ptr, "bot");
}

HOST_TEST(only_placing_may_answer_with_a_hold)
{
    load(h, "oms.policy('order.cancel', function() return oms.hold('h', 'x') end)");
    assert_int_equal(ask(h, OD_ASK_ORDER_CANCEL), -1);
    assert_contains(h->err.message, "must return oms.allow() or oms.refuse(code, reason), got "
                                    "oms.hold");
    load(h, "oms.policy('order.place', function() return oms.hold('No Good', 'x') end)");
    assert_int_equal(ask(h, OD_ASK_ORDER_PLACE), -1);
    assert_contains(h->err.message, "the handle 'No Good' may have a-z, 0-9, - and _ only");
}

HOST_TEST(shipping_sees_the_shipment_to_be)
{
    struct od_shipment_item items[] = {{0, 2, 1}};
    struct od_shipment parcel = {.carrier = OD_STR("DHL"), .items = items, .item_count = 1};

    load(h, "oms.policy('order.ship', function(order, request)\n"
            "  local s = request.shipment\n"
            "  return oms.refuse('no', s.carrier .. #s.items .. s.items[1].order_item_id) end)");
    assert_asked(h, OD_ASK_ORDER_SHIP,
                 &(struct od_policy_request){.actor = OD_STR("x"), .shipment = &parcel});
    assert_string_equal(h->answer.reason.ptr, "DHL12");
}

HOST_TEST(updating_sees_what_is_to_change)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    const struct od_field *note = od_entity_field(e, OD_STR("shipping_note"));
    struct od_patch patch = {.values = &h->order, .address = {true, false}};

    assert_non_null(note);
    patch.fields = UINT64_C(1) << (note - e->fields);
    load(h, "oms.policy('order.update', function(order, request)\n"
            "  local c = request.changes\n"
            "  assert(c.shipping_note and c.shipping_address and not c.billing_address)\n"
            "  assert(not pcall(function() c.tags = true end))\n"
            "  local n = 0 for _ in pairs(c) do n = n + 1 end\n"
            "  return oms.refuse('no', 'n' .. n) end)");
    assert_asked(h, OD_ASK_ORDER_UPDATE,
                 &(struct od_policy_request){.actor = OD_STR("x"), .patch = &patch});
    assert_string_equal(h->answer.reason.ptr, "n2");
}

HOST_TEST(cancelling_names_the_units_or_none)
{
    struct od_units units[] = {{1, 2}, {2, 1}};

    load(h, "oms.policy('order.cancel', function(order, request)\n"
            "  if not request.items then return oms.refuse('whole', 'all') end\n"
            "  assert(not pcall(function() request.items[1].qty = 5 end))\n"
            "  return oms.refuse('part', #request.items .. '/' .. request.items[1].qty) end)");
    assert_asked(h, OD_ASK_ORDER_CANCEL, &(struct od_policy_request){.actor = OD_STR("x")});
    assert_string_equal(h->answer.code.ptr, "whole");
    assert_asked(
        h, OD_ASK_ORDER_CANCEL,
        &(struct od_policy_request){.actor = OD_STR("x"), .units = units, .unit_count = 2});
    assert_string_equal(h->answer.reason.ptr, "2/2");
}

HOST_TEST(returns_refunds_and_changes_say_what_is_asked_for)
{
    struct od_return_item back = {.order_item_id = 1, .qty = 2, .reason = OD_STR("broken")};
    struct od_return ret = {.reason = OD_STR("late"), .items = &back, .item_count = 1};
    struct od_refund_item item = {.order_item_id = 2, .qty = 1};
    struct od_refund refund = {.amount = 1250,
                               .shipping_amount = 50,
                               .method = OD_STR("card"),
                               .items = &item,
                               .item_count = 1};
    struct od_patch patch = {.values = &h->order};

    load(h, "oms.policy('order.return', function(order, request)\n"
            "  return oms.refuse('no', request.reason .. request.items[1].reason ..\n"
            "    request.items[1].qty) end)\n"
            "oms.policy('order.refund', function(order, request)\n"
            "  return oms.refuse('no', request.amount .. request.method ..\n"
            "    request.shipping_amount .. request.items[1].order_item_id ..\n"
            "    tostring(request.return_id)) end)\n"
            "oms.policy('order.change', function(order, request)\n"
            "  return oms.refuse('no', tostring(request.changes.items) .. request.difference ..\n"
            "    tostring(request.changes.grand_total)) end)\n");
    assert_asked(h, OD_ASK_ORDER_RETURN, &(struct od_policy_request){.ret = &ret});
    assert_string_equal(h->answer.reason.ptr, "latebroken2");
    assert_asked(h, OD_ASK_ORDER_REFUND, &(struct od_policy_request){.refund = &refund});
    assert_string_equal(h->answer.reason.ptr, "1250card502nil");
    assert_asked(h, OD_ASK_ORDER_CHANGE,
                 &(struct od_policy_request){.patch = &patch, .difference = -300});
    assert_string_equal(h->answer.reason.ptr, "true-300nil");
}

HOST_TEST(documents_have_a_series_and_a_number)
{
    struct od_policy_request r = {.document = OD_STR("invoice"),
                                  .seq_year = 2026,
                                  .seq_value = 7,
                                  .series = OD_STR("i-2026")};

    load(h, "oms.policy('document.series', function(request, order)\n"
            "  if order.grand_total == 0 then return nil end\n"
            "  return request.document .. request.year end)\n"
            "oms.policy('document.number', function(seq, order)\n"
            "  return seq.document .. seq.series .. seq.value .. order.currency end)");
    assert_asked(h, OD_ASK_DOCUMENT_SERIES, &r);
    assert_string_equal(h->answer.value.ptr, "invoice2026");
    assert_asked(h, OD_ASK_DOCUMENT_NUMBER, &r);
    assert_string_equal(h->answer.value.ptr, "invoicei-20267EUR");
    h->order.grand_total = 0;
    assert_asked(h, OD_ASK_DOCUMENT_SERIES, &r);
    assert_null(h->answer.value.ptr);
}

HOST_TEST(a_series_is_a_name_or_nothing)
{
    load(h, "oms.policy('order.series', function(order) return order.customer_id end)\n"
            "oms.policy('order.number', function(seq) return (seq.series or 'none') .. seq.value "
            "end)");
    assert_int_equal(ask(h, OD_ASK_ORDER_SERIES), 0);
    assert_null(h->answer.value.ptr);
    h->order.customer_id = OD_STR("berlin");
    assert_int_equal(ask(h, OD_ASK_ORDER_SERIES), 0);
    assert_string_equal(h->answer.value.ptr, "berlin");
    assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
    assert_string_equal(h->answer.value.ptr, "none42");
    assert_asked(h, OD_ASK_ORDER_NUMBER,
                 &(struct od_policy_request){.seq_value = 7, .series = OD_STR("berlin")});
    assert_string_equal(h->answer.value.ptr, "berlin7");
    h->order.customer_id = OD_STR("a_name_that_is_longer_than_forty_bytes_is_");
    assert_int_equal(ask(h, OD_ASK_ORDER_SERIES), -1);
    assert_contains(h->err.message, "the name of the series must have 1 to 40 bytes");
}

HOST_TEST(a_plugin_may_look_at_what_default_answers)
{
    load(h, "oms.policy('order.cancel', function(order, request)\n"
            "  local verdict = oms.default('order.cancel', order, request)\n"
            "  assert(verdict.allowed and not verdict.code and not verdict.hold)\n"
            "  assert(not pcall(function() return verdict.alowed end))\n"
            "  return verdict end)\n"
            "oms.policy('order.status', function(order)\n"
            "  local code = oms.default('order.status', order)\n"
            "  assert(oms.default('order.place', order) == nil)\n"
            "  return code, 'as ever' end)\n"
            "oms.policy('order.number', function(seq, order)\n"
            "  return 'X' .. oms.default('order.number', order) end)");
    assert_asked(h, OD_ASK_ORDER_CANCEL, &(struct od_policy_request){.actor = OD_STR("x")});
    assert_false(h->answer.refused);
    assert_string_equal(h->answer.policy.ptr, "order.cancel@shop");
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), 0);
    assert_string_equal(h->answer.value.ptr, "pending");
    assert_string_equal(h->answer.reason.ptr, "as ever");
    assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
    assert_string_equal(h->answer.value.ptr, "XN42");
}

HOST_TEST(a_failing_default_is_told_with_its_line)
{
    h->files[0].text =
        OD_STR("oms.policy('order.status', function() return nil + 1 end)\n"
               "oms.policy('order.cancel', function() return oms.refuse('no', 'No') end)\n"
               "oms.policy('order.number', function() return 'N' end)\n"
               "oms.policy('payment.status', function() return 'pending' end)\n"
               "oms.policy('shipment.status', function() return 'pending' end)\n");
    load(h, "oms.policy('order.status', function(order)\n"
            "  return oms.default('order.status', order) end)\n"
            "oms.policy('order.cancel', function(order)\n"
            "  local verdict = oms.default('order.cancel', order)\n"
            "  return oms.refuse(verdict.code, verdict.reason .. '!') end)");
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), -1);
    assert_string_equal(h->err.origin, "shop/rules.lua:2");
    assert_contains(h->err.message, "oms.default: default/rules.lua:1: attempt to perform");
    assert_int_equal(ask(h, OD_ASK_ORDER_CANCEL), 0);
    assert_string_equal(h->answer.reason.ptr, "No!");
}

HOST_TEST(offers_findings_and_plugins_are_listed)
{
    const struct od_offer *offers;
    const struct od_script_finding *findings;
    uint32_t n;

    load(h, "oms.policy('order.cancel', function() return oms.allow() end)\n"
            "oms.on('order.placed', function() end)\n"
            "oms.on('order.placed', function() end)\n"
            "oms.finding('shadowed_rule', 'Row 3 hides row 4')");
    offers = od_bundle_offers(h->bundle, OD_OFFER_POLICY, &n);
    assert_int_equal(n, 6);
    assert_true(offers[0].chosen);
    assert_false(offers[1].chosen); /* default's order.cancel */
    assert_true(offers[5].chosen);
    assert_string_equal(offers[5].label.ptr, "order.cancel@shop");
    offers = od_bundle_offers(h->bundle, OD_OFFER_HOOK, &n);
    assert_int_equal(n, 2);
    assert_string_equal(offers[1].origin.ptr, "shop/rules.lua:3");
    findings = od_bundle_findings(h->bundle, &n);
    assert_int_equal(n, 1);
    assert_string_equal(findings[0].text.ptr, "Row 3 hides row 4");
    assert_string_equal(findings[0].origin.ptr, "shop/rules.lua:4");
    assert_true(od_str_is(od_bundle_plugins(h->bundle, &n)[1].name, "shop"));
    assert_int_equal(n, 2);
}

HOST_TEST(a_route_has_one_meaning_whatever_its_parameters_are_called)
{
    add_plugin(
        h, "one",
        "oms.route('GET', '/x/:a/y', {}, tostring) oms.route('GET', '/', {}, tostring)\n"
        "oms.route('POST', '/x/:b/y', {}, tostring) oms.route('GET', '/x/a/y', {}, tostring)\n"
        "oms.route('GET', '/x/:a', {}, tostring)");
    assert_int_equal(host_load(h), 0);
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    add_plugin(h, "two", "oms.route('GET', '/x/:b/y', {}, tostring)");
    assert_int_equal(host_load(h), -1);
    assert_string_equal(h->err.origin, "two/rules.lua:1");
    assert_contains(h->err.message, "route GET /x/:b/y is registered here and at one/rules.lua:1");
}

HOST_TEST(a_command_has_one_meaning)
{
    static const char text[] = "oms.command('counter_sale', function() end)";

    add_plugin(h, "one", text);
    add_plugin(h, "two", text);
    assert_int_equal(host_load(h), -1);
    assert_string_equal(h->err.origin, "two/rules.lua:1");
    assert_contains(h->err.message,
                    "command counter_sale is registered here and at one/rules.lua:1");
    h->plugin_count = 2;
    h->plugins[1].provides = OD_STR("command:counter_sale, command:other");
    assert_int_equal(host_load(h), -1);
    assert_contains(h->err.message, "provides command:other, but no script");
    h->plugins[1].provides = OD_STR("command:counter_sale");
    assert_int_equal(host_load(h), 0);
}

HOST_TEST(the_rules_of_the_configuration_are_part_of_the_name)
{
    char first[OD_SHA256_HEX + 1];
    const struct od_bundle_file *files;
    uint32_t n;

    assert_int_equal(host_load(h), 0);
    snprintf(first, sizeof first, "%s", od_bundle_hash(h->bundle));
    od_bundle_unref(h->bundle);
    h->source.rules_ini = OD_STR("[stock]\ntrack = all\n");
    assert_int_equal(host_load(h), 0);
    assert_string_not_equal(od_bundle_hash(h->bundle), first);
    files = od_bundle_files(h->bundle, &n);
    assert_int_equal(n, 2);
    assert_string_equal(files[0].name.ptr, "rules.ini");
    assert_int_equal(files[0].plugin.len, 0);
    assert_string_equal(files[1].plugin.ptr, "default");
    assert_string_equal(files[1].file.ptr, "rules.lua");
}

HOST_TEST(dates_and_amounts_are_readable)
{
    load(h, "local d = oms.date(1700000000000)\n"
            "assert(d.year == 2023 and d.month == 11 and d.day == 14 and d.hour == 22)\n"
            "assert(d.minute == 13 and d.second == 20 and d.weekday == 2 and d.yearday == 318)\n"
            "assert(oms.format_amount(5998, 'EUR') == '59.98')\n"
            "assert(oms.format_amount(-5, 'EUR') == '-0.05')\n"
            "assert(oms.format_amount(5998, 'JPY') == '5998')\n"
            "assert(not pcall(oms.format_amount, 1, 'XXQ'))\n"
            "assert(not pcall(oms.format_amount, 1.5, 'EUR'))\n"
            "assert(not pcall(oms.now))\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_needs_to_answer_the_optional_questions),
        cmocka_unit_test(placing_may_be_allowed_refused_or_held),
        cmocka_unit_test(only_placing_may_answer_with_a_hold),
        cmocka_unit_test(shipping_sees_the_shipment_to_be),
        cmocka_unit_test(updating_sees_what_is_to_change),
        cmocka_unit_test(cancelling_names_the_units_or_none),
        cmocka_unit_test(returns_refunds_and_changes_say_what_is_asked_for),
        cmocka_unit_test(documents_have_a_series_and_a_number),
        cmocka_unit_test(a_series_is_a_name_or_nothing),
        cmocka_unit_test(a_plugin_may_look_at_what_default_answers),
        cmocka_unit_test(a_failing_default_is_told_with_its_line),
        cmocka_unit_test(offers_findings_and_plugins_are_listed),
        cmocka_unit_test(a_route_has_one_meaning_whatever_its_parameters_are_called),
        cmocka_unit_test(a_command_has_one_meaning),
        cmocka_unit_test(the_rules_of_the_configuration_are_part_of_the_name),
        cmocka_unit_test(dates_and_amounts_are_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
