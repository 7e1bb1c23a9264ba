#include "fixture.h"
#include "script/call/hooks.h"

#include <unistd.h>

/* Attempts to get out of the sandbox, to keep the thread, or to eat the machine. After each of them
 * the plugin still answers. */

static void assert_still_works(struct host *h)
{
    assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
    assert_string_equal(h->answer.value.ptr, "N42");
}

/* The attempt ends in an error whose message has `part`. */
#define STOPPED(name, body, part)                                                                  \
    HOST_TEST(name)                                                                                \
    {                                                                                              \
        assert_fails(h, body, part);                                                               \
        assert_still_works(h);                                                                     \
    }

/* The attempt achieves nothing but this answer. */
#define HARMLESS(name, body, expected)                                                             \
    HOST_TEST(name)                                                                                \
    {                                                                                              \
        assert_answers(h, body, expected);                                                         \
        assert_still_works(h);                                                                     \
    }

/* Out of the environment. */
STOPPED(the_metatable_of_strings_cannot_be_set, "setmetatable('', {})", "table expected")
HARMLESS(a_string_has_no_metafields_to_read,
         "local s = '' return tostring(s.__index) .. tostring(s.__metatable) .. tostring(s.__gc)",
         "nilnilnil")
STOPPED(a_string_takes_no_new_methods, "(''):x()", "a nil value (method 'x')")
HARMLESS(an_environment_of_ones_own_has_nothing_more,
         "local t = tostring local _ENV = {} return t(os) .. t(io) .. t(load) .. t(require)",
         "nilnilnilnil")
STOPPED(an_environment_of_nil_is_an_error, "local _ENV = nil return x", "(local '_ENV')")
STOPPED(env_is_as_read_only_as_g, "_ENV.x = 1", "read-only")
STOPPED(the_environment_takes_no_metatable, "setmetatable(_ENV, {__index = function() end})",
        "read-only")
STOPPED(rawset_is_absent, "rawset(_G, 'x', 1)", "rawset is missing on purpose")
STOPPED(coroutines_are_absent, "coroutine.wrap(function() end)()",
        "coroutine is missing on purpose")
STOPPED(a_policy_cannot_wait, "oms.order(7)", "oms.order")
STOPPED(the_configuration_is_read_only, "oms.config.window = 1", "read-only")
STOPPED(table_functions_do_not_get_around_read_only, "table.insert(oms.config, 1)", "read-only")
STOPPED(lists_of_orders_cannot_be_shortened, "table.remove(order.items)", "read-only")
STOPPED(lists_of_orders_cannot_be_sorted, "table.sort(order.items, function(a, b) return true end)",
        "")
STOPPED(a_verdict_cannot_be_changed, "oms.refuse('no', 'No').allowed = true", "verdict")
STOPPED(a_verdict_is_not_a_status, "return oms.allow()", "must return a status code")
STOPPED(a_view_is_no_table, "for k in pairs(setmetatable(order, {})) do end", "table expected")

HARMLESS(the_iterator_of_a_list_reads_its_list_whatever_it_is_given,
         "local step = pairs(order.items) local _, item = step(oms.allow(), 0) return item.sku",
         "mug")

/* Keeping the thread. */
STOPPED(a_loop_of_pcalls_ends_with_the_budget,
        "while true do pcall(function() while true do pcall(error) end end) end", "budget")
STOPPED(nested_pcalls_end_with_the_budget,
        "local f = function() while true do end end for _ = 1, 100 do local g = f "
        "f = function() return pcall(g) end end while true do f() end",
        "budget")
STOPPED(a_caught_trip_does_not_run_cleanup,
        "pcall(function() while true do end end) oms.log('still here') return 'x'", "budget")
STOPPED(an_endless_index_function_is_stopped,
        "local t = setmetatable({}, {__index = function() while true do end end}) "
        "while true do pcall(function() return t.x end) end",
        "budget")
STOPPED(an_endless_tostring_is_stopped,
        "local t = setmetatable({}, {__tostring = function() while true do end end}) "
        "while true do pcall(tostring, t) end",
        "budget")
STOPPED(an_endless_comparison_is_stopped,
        "local mt = {__lt = function() while true do end end} "
        "table.sort({setmetatable({}, mt), setmetatable({}, mt), setmetatable({}, mt)})",
        "budget")
STOPPED(an_endless_concatenation_is_stopped,
        "local t = setmetatable({}, {__concat = function() while true do end end}) "
        "pcall(function() return t .. t end) return 'x'",
        "budget")
STOPPED(ipairs_over_an_endless_table_is_stopped,
        "for _ in ipairs(setmetatable({}, {__index = function() return 1 end})) do end", "budget")
STOPPED(an_inconsistent_sort_is_an_error,
        "local t = {} for i = 1, 100 do t[i] = i end table.sort(t, function() return true end)",
        "invalid order function")
STOPPED(an_error_from_a_comparator_leaves_the_sort,
        "table.sort({2, 1}, function() error('out') end)", "out")
STOPPED(counting_characters_counts_as_work,
        "local s = ('x'):rep(4e5) while true do utf8.len(s) end", "budget")
STOPPED(reading_numbers_counts_as_work, "local s = (' '):rep(4e5) while true do tonumber(s) end",
        "budget")

/* Patterns. */
STOPPED(find_is_bounded, "return (('a'):rep(3000)):find('.-.-.-.-b')", "pattern cost")
STOPPED(match_is_bounded, "return (('a'):rep(3000)):match('(.*)(.*)(.*)b')", "pattern cost")
STOPPED(gmatch_is_bounded, "for _ in (('a'):rep(3000)):gmatch('.-.-.-b') do end", "pattern cost")
STOPPED(gsub_is_bounded, "return (('a'):rep(3000)):gsub('.-.-.-b', '')", "pattern cost")
STOPPED(an_anchor_does_not_hide_the_cost, "return (('a'):rep(3000)):match('^(.-)(.-)(.-)(.-)b')",
        "pattern cost")
STOPPED(balanced_brackets_are_bounded, "return (('('):rep(1e5)):find('%b()')", "pattern cost")
STOPPED(a_frontier_does_not_hide_the_cost, "return (('a'):rep(3000)):find('%f[b].-.-.-b')",
        "pattern cost")
STOPPED(a_replacement_cannot_eat_the_memory, "return (('x'):rep(1e5)):gsub('x', ('y'):rep(1e4))",
        "memory")
STOPPED(a_replacing_function_cannot_recurse_for_ever,
        "local function f(s) return (s:gsub('.', f)) end return f('x')", "stack overflow")

/* Recursion. */
STOPPED(a_recursion_of_functions_ends, "local function f() return 1 + f() end return f()", "")
STOPPED(a_recursion_through_index_ends,
        "local t t = setmetatable({}, {__index = function(_, k) return t[k] end}) return t.x",
        "stack overflow")
STOPPED(a_recursion_through_sort_ends, "local function f() table.sort({1, 2}, f) end return f()",
        "stack overflow")
STOPPED(a_recursion_through_tostring_ends,
        "local t t = setmetatable({}, {__tostring = function() return tostring(t) end}) "
        "return tostring(t)",
        "stack overflow")
STOPPED(a_circle_of_index_tables_ends,
        "local a, b = {}, {} setmetatable(a, {__index = b}) setmetatable(b, {__index = a}) "
        "return a.x",
        "possible loop")
STOPPED(a_table_that_calls_itself_ends, "local t = {} setmetatable(t, {__call = t}) return t()", "")

/* Memory. */
STOPPED(doubling_a_string_ends, "local s = 'x' while true do s = s .. s end", "memory")
STOPPED(repeating_for_ever_ends, "return ('x'):rep(math.maxinteger)", "")
STOPPED(a_wide_format_is_refused, "return ('%9999999d'):format(1)", "")
STOPPED(many_formats_end,
        "local s = ('x'):rep(1e5) return (('%s'):rep(9)):format(s,s,s,s,s,s,s,s,s)", "memory")
STOPPED(joining_too_much_ends,
        "local t, s = {}, ('x'):rep(1000) for i = 1, 1000 do t[i] = s end return table.concat(t)",
        "memory")
STOPPED(a_table_of_tables_ends, "local t = {} while true do t = {t, {}, {}} end", "")
STOPPED(many_characters_end,
        "local t = {} for i = 1, 1e5 do t[i] = 0x10FFFF end "
        "while true do utf8.char(table.unpack(t)) end",
        "")
STOPPED(unpacking_a_range_is_bounded, "return table.unpack({}, 1, math.maxinteger)",
        "more than 100000 elements")
STOPPED(closures_end,
        "local f = function() end while true do local g = f f = function() g() end end", "")
STOPPED(pcall_does_not_catch_the_end_of_memory,
        "local t = {} while true do pcall(function() for i = 1, 1e6 do t[#t + 1] = {} end end) end",
        "")

/* Numbers. */
HARMLESS(the_smallest_amount_is_written, "return oms.format_amount(math.mininteger, 'EUR')",
         "-92233720368547758.08")
STOPPED(a_date_outside_of_time_is_refused, "oms.date(math.maxinteger)", "milliseconds since 1970")
HARMLESS(lists_are_not_left_by_wrong_indices,
         "return tostring(order.items[math.mininteger]) .. tostring(order.items[1 << 62]) .. "
         "tostring(order.items[-1])",
         "nilnilnil")
STOPPED(a_status_is_text, "return 1e15", "must return a status code")
STOPPED(dividing_by_zero_is_an_error, "return tostring(order.grand_total // 0)", "divide by zero")
HARMLESS(sums_wrap_without_harm, "return tostring(math.maxinteger + 1 == math.mininteger)", "true")
STOPPED(characters_outside_of_unicode_are_no_status, "return utf8.char(0x7FFFFFFF)", "UTF-8")

/* Errors as objects. */
STOPPED(an_order_as_error_is_told, "error(order)", "error object is a userdata value")
STOPPED(an_error_of_nil_is_told, "error(nil)", "error object is a nil value")
STOPPED(a_table_with_message_and_code_is_shown, "error({code = 'c', message = 'Not now'})",
        "Not now (c)")
STOPPED(a_frozen_table_as_error_is_told, "error(oms.status('order', 'pending'))",
        "error object is a table value")
STOPPED(a_message_of_a_megabyte_is_cut, "error({message = ('x'):rep(4e5)})", "xxxx")
HARMLESS(a_table_as_error_is_caught_as_it_is,
         "local ok, e = pcall(error, {code = 'c'}) return tostring(ok) .. e.code", "falsec")

/* Reaching over to "default". */
STOPPED(asking_default_for_ever_is_charged, "while true do oms.default('order.status', order) end",
        "budget")
STOPPED(default_wants_an_order, "oms.default('order.status', order.items)", "order expected")
STOPPED(default_knows_questions_only, "oms.default('order.statsu', order)", "no policy")
STOPPED(default_does_not_give_numbers_away, "oms.default('order.number', order)",
        "can only be asked by a plugin's own order.number")

HOST_TEST(default_cannot_call_itself)
{
    h->files[0].text = OD_STR("oms.policy('order.status', function(order) return "
                              "oms.default('order.status', order) end)\n"
                              "oms.policy('order.cancel', function() return oms.allow() end)\n"
                              "oms.policy('order.number', function() return 'N' end)\n"
                              "oms.policy('payment.status', function() return 'pending' end)\n"
                              "oms.policy('shipment.status', function() return 'pending' end)\n");
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), -1);
    assert_contains(h->err.message, "this is plugin");
}

HOST_TEST(registrations_cannot_fill_the_memory)
{
    add_plugin(h, "shop", "local f = function() end while true do oms.on('order.placed', f) end");
    assert_int_equal(host_load(h), -1);
    assert_contains(h->err.message, "more than 1000 registrations");
    h->plugin_count = 1;
    add_plugin(h, "shop", "while true do oms.finding('shadowed_rule', 'x') end");
    assert_int_equal(host_load(h), -1);
    assert_contains(h->err.message, "more than 1000 findings");
    h->plugin_count = 1;
    add_plugin(h, "shop", "while true do pcall(oms.policy, 'x', 1) end");
    assert_int_equal(host_load(h), -1);
    assert_string_equal(h->err.origin, "shop/rules.lua:1");
}

HOST_TEST(reading_json_over_and_over_takes_no_memory)
{
    char metadata[12000] = "{\"a\":[1";

    for (int i = 0; i < 5000; i++)
        strcat(metadata, ",1");
    strcat(metadata, "]}");
    h->order.metadata = od_str_of(metadata);
    assert_fails(h, "while true do local m = order.metadata end", "budget");
    assert_true(h->arena.used < 1 << 20);
    assert_still_works(h);
}

HOST_TEST(one_plugins_hunger_is_its_own)
{
    add_plugin(h, "greedy",
               "hoard = {} for i = 1, 12 do hoard[i] = ('x'):rep(4e5) .. i end\n"
               "oms.policy('order.cancel', function() local t = {} while true do t = {t} end end)");
    add_plugin(
        h, "modest",
        "oms.policy('payment.status', function()\n"
        "  local t = {} for i = 1, 12 do t[i] = ('y'):rep(4e5) .. i end return 'pending' end)");
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(h, OD_ASK_ORDER_CANCEL), -1);
        assert_contains(h->err.message, "memory");
        assert_int_equal(ask(h, OD_ASK_PAYMENT_STATUS), 0);
    }
    assert_still_works(h);
}

HOST_TEST(each_call_has_a_budget_of_its_own)
{
    add_plugin(h, "shop",
               "oms.policy('order.status', function()\n"
               "  for _ = 1, 300000 do local x = 1 x = x end return 'pending' end)");
    assert_int_equal(host_load(h), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), 0);
}

HOST_TEST(a_plugin_may_ask_for_less)
{
    add_plugin(h, "shop",
               "oms.policy('order.status', function()\n"
               "  for _ = 1, 300000 do local x = 1 x = x end return 'pending' end)");
    h->plugins[1].instructions = 5000;
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), -1);
    assert_contains(h->err.message, "budget of 5000 instructions");
}

HOST_TEST(an_event_kept_from_an_earlier_hook_is_dead)
{
    struct od_event e = {.type = OD_EVENT_ORDER_PLACED, .seq = 1, .recorded_at = NOW};
    struct od_intent *intents;
    uint32_t n;

    add_plugin(h, "shop",
               "local kept\n"
               "oms.on('order.placed', function(event)\n"
               "  if kept then return kept.seq end kept = event end)");
    assert_int_equal(host_load(h), 0);
    assert_int_equal(od_bundle_run_hooks(h->bundle, OD_STR("order.placed"), &e, &h->order,
                                         &h->arena, &intents, &n, &h->err),
                     0);
    assert_int_equal(od_bundle_run_hooks(h->bundle, OD_STR("order.placed"), &e, &h->order,
                                         &h->arena, &intents, &n, &h->err),
                     -1);
    assert_contains(h->err.message, "handed to an earlier call");
}

HOST_TEST(a_plugin_cannot_see_anothers_configuration)
{
    struct od_config_key key = {.name = OD_STR("secret"), .type = OD_CONFIG_TEXT};

    add_plugin(h, "one", "assert(oms.config.secret == 'x')");
    h->plugins[1].config = &key;
    h->plugins[1].config_count = 1;
    h->settings[0] =
        (struct od_plugin_setting){OD_STR("one"), OD_STR("secret"), OD_STR("x"), OD_STR("o.ini:3")};
    h->source.setting_count = 1;
    add_plugin(h, "two", "assert(not pcall(function() return oms.config.secret end))");
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

static size_t resident_pages(void)
{
    size_t size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%zu %zu", &size, &resident), 2);
    fclose(f);
    return resident;
}

/* That every byte of a state comes back is asserted when it closes; this sees what is outside. */
HOST_TEST(a_thousand_reloads_leave_nothing_behind)
{
    size_t before = 0;

    add_plugin(h, "shop",
               "big = ('x'):rep(1e5) oms.policy('order.status', function() return 'pending' end)");
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(host_load(h), 0);
        assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), 0);
        od_arena_reset(&h->arena);
        od_bundle_unref(h->bundle);
        h->bundle = NULL;
        if (i == 200)
            before = resident_pages();
    }
#ifndef __SANITIZE_ADDRESS__ /* which keeps freed memory for a while, and finds leaks by itself */
    assert_true(resident_pages() < before + 256);
#endif
    assert_true(before > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_metatable_of_strings_cannot_be_set),
        cmocka_unit_test(a_string_has_no_metafields_to_read),
        cmocka_unit_test(a_string_takes_no_new_methods),
        cmocka_unit_test(an_environment_of_ones_own_has_nothing_more),
        cmocka_unit_test(an_environment_of_nil_is_an_error),
        cmocka_unit_test(env_is_as_read_only_as_g),
        cmocka_unit_test(the_environment_takes_no_metatable),
        cmocka_unit_test(rawset_is_absent),
        cmocka_unit_test(coroutines_are_absent),
        cmocka_unit_test(a_policy_cannot_wait),
        cmocka_unit_test(the_configuration_is_read_only),
        cmocka_unit_test(table_functions_do_not_get_around_read_only),
        cmocka_unit_test(lists_of_orders_cannot_be_shortened),
        cmocka_unit_test(lists_of_orders_cannot_be_sorted),
        cmocka_unit_test(a_verdict_cannot_be_changed),
        cmocka_unit_test(a_verdict_is_not_a_status),
        cmocka_unit_test(a_view_is_no_table),
        cmocka_unit_test(the_iterator_of_a_list_reads_its_list_whatever_it_is_given),
        cmocka_unit_test(a_loop_of_pcalls_ends_with_the_budget),
        cmocka_unit_test(nested_pcalls_end_with_the_budget),
        cmocka_unit_test(a_caught_trip_does_not_run_cleanup),
        cmocka_unit_test(an_endless_index_function_is_stopped),
        cmocka_unit_test(an_endless_tostring_is_stopped),
        cmocka_unit_test(an_endless_comparison_is_stopped),
        cmocka_unit_test(an_endless_concatenation_is_stopped),
        cmocka_unit_test(ipairs_over_an_endless_table_is_stopped),
        cmocka_unit_test(an_inconsistent_sort_is_an_error),
        cmocka_unit_test(an_error_from_a_comparator_leaves_the_sort),
        cmocka_unit_test(counting_characters_counts_as_work),
        cmocka_unit_test(reading_numbers_counts_as_work),
        cmocka_unit_test(find_is_bounded),
        cmocka_unit_test(match_is_bounded),
        cmocka_unit_test(gmatch_is_bounded),
        cmocka_unit_test(gsub_is_bounded),
        cmocka_unit_test(an_anchor_does_not_hide_the_cost),
        cmocka_unit_test(balanced_brackets_are_bounded),
        cmocka_unit_test(a_frontier_does_not_hide_the_cost),
        cmocka_unit_test(a_replacement_cannot_eat_the_memory),
        cmocka_unit_test(a_replacing_function_cannot_recurse_for_ever),
        cmocka_unit_test(a_recursion_of_functions_ends),
        cmocka_unit_test(a_recursion_through_index_ends),
        cmocka_unit_test(a_recursion_through_sort_ends),
        cmocka_unit_test(a_recursion_through_tostring_ends),
        cmocka_unit_test(a_circle_of_index_tables_ends),
        cmocka_unit_test(a_table_that_calls_itself_ends),
        cmocka_unit_test(doubling_a_string_ends),
        cmocka_unit_test(repeating_for_ever_ends),
        cmocka_unit_test(a_wide_format_is_refused),
        cmocka_unit_test(many_formats_end),
        cmocka_unit_test(joining_too_much_ends),
        cmocka_unit_test(a_table_of_tables_ends),
        cmocka_unit_test(many_characters_end),
        cmocka_unit_test(unpacking_a_range_is_bounded),
        cmocka_unit_test(closures_end),
        cmocka_unit_test(pcall_does_not_catch_the_end_of_memory),
        cmocka_unit_test(the_smallest_amount_is_written),
        cmocka_unit_test(a_date_outside_of_time_is_refused),
        cmocka_unit_test(lists_are_not_left_by_wrong_indices),
        cmocka_unit_test(a_status_is_text),
        cmocka_unit_test(dividing_by_zero_is_an_error),
        cmocka_unit_test(sums_wrap_without_harm),
        cmocka_unit_test(characters_outside_of_unicode_are_no_status),
        cmocka_unit_test(an_order_as_error_is_told),
        cmocka_unit_test(an_error_of_nil_is_told),
        cmocka_unit_test(a_table_with_message_and_code_is_shown),
        cmocka_unit_test(a_frozen_table_as_error_is_told),
        cmocka_unit_test(a_message_of_a_megabyte_is_cut),
        cmocka_unit_test(a_table_as_error_is_caught_as_it_is),
        cmocka_unit_test(asking_default_for_ever_is_charged),
        cmocka_unit_test(default_wants_an_order),
        cmocka_unit_test(default_knows_questions_only),
        cmocka_unit_test(default_does_not_give_numbers_away),
        cmocka_unit_test(default_cannot_call_itself),
        cmocka_unit_test(registrations_cannot_fill_the_memory),
        cmocka_unit_test(reading_json_over_and_over_takes_no_memory),
        cmocka_unit_test(one_plugins_hunger_is_its_own),
        cmocka_unit_test(each_call_has_a_budget_of_its_own),
        cmocka_unit_test(a_plugin_may_ask_for_less),
        cmocka_unit_test(an_event_kept_from_an_earlier_hook_is_dead),
        cmocka_unit_test(a_plugin_cannot_see_anothers_configuration),
        cmocka_unit_test(a_thousand_reloads_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
