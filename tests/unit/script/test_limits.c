#include "fixture.h"

/* No script blocks the loop or exhausts memory, and none can catch being stopped. */

static void assert_still_works(struct host *h)
{
    assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
    assert_string_equal(h->answer.value.ptr, "N42");
}

HOST_TEST(an_endless_loop_is_stopped_and_named)
{
    assert_fails(h, "\nwhile true do end", "budget of 1000000 instructions");
    assert_string_equal(h->err.origin, "shop/rules.lua:2");
    assert_still_works(h);
}

HOST_TEST(pcall_cannot_swallow_the_end_of_the_budget)
{
    assert_fails(h, "while true do pcall(function() while true do end end) end", "budget");
    assert_fails(h, "pcall(function() while true do end end) return 'x'", "budget");
    assert_fails(h, "table.sort({3, 2, 1, 4}, function() while true do end end)", "budget");
    assert_fails(h, "('x'):gsub('x', function() while true do end end)", "budget");
    assert_fails(h,
                 "local t = setmetatable({}, {__index = function() while true do end end}) "
                 "pcall(ipairs(t), t, 0) return 'x'",
                 "budget");
    assert_still_works(h);
}

HOST_TEST(memory_is_limited_and_comes_back)
{
    assert_fails(h, "local t = {} for i = 1, 1e9 do t[i] = {i} end", "memory");
    assert_contains(h->err.origin, "shop/rules.lua:1");
    assert_still_works(h);
    assert_fails(h, "local s = 'x' while true do s = s .. s end", "memory");
    assert_fails(h, "return ('x'):rep(1e8)", "memory");
    assert_fails(h, "return table.concat({('x'):rep(3e5), ('x'):rep(3e5)})", "memory");
    assert_fails(h, "return ('%s%s'):format(('x'):rep(3e5), ('x'):rep(3e5))", "memory");
    assert_true(od_bundle_stats(h->bundle).memory < 1 << 20);
    assert_still_works(h);
}

HOST_TEST(pcall_cannot_swallow_the_end_of_memory)
{
    assert_fails(h, "pcall(string.rep, 'x', 1e9) return 'x'", "memory");
    assert_fails(h, "while true do pcall(string.rep, 'x', 1e9) end", "memory");
    assert_still_works(h);
}

HOST_TEST(recursion_ends_in_an_error)
{
    assert_fails(h, "local function f() return 1 + f() end return f()", "");
    assert_fails(h, "local function f() return pcall(f) end f() error('deep enough')",
                 "deep enough");
    assert_fails(h,
                 "local t = {} for i = 1, 300 do t = setmetatable({}, {__index = t}) end "
                 "local m = setmetatable({}, {}) return t.x.y",
                 "");
    assert_still_works(h);
}

HOST_TEST(copying_big_strings_counts_as_work)
{
    assert_fails(h, "local s = ('x'):rep(4e5) while true do local t = s .. 'y' end", "budget");
    assert_fails(h, "local s = ('x'):rep(4e5) while true do s:upper() end", "budget");
}

/* Comparing two big strings is one instruction that takes long: only the clock ends such a call. */
HOST_TEST(work_that_instructions_do_not_count_is_ended_by_processor_time)
{
    h->limits.policy_instructions = INT64_C(1) << 40;
    h->limits.cpu_us = 20000;
    assert_fails(h,
                 "local s, t = ('\\0'):rep(4e5) .. 'a', ('\\0'):rep(4e5) .. 'b' "
                 "local n = 0 while s < t do n = n + 1 end",
                 "ran for more than 20 ms of CPU time");
    assert_fails(h, "while true do pcall(function() while true do end end) end", "CPU time");
    assert_still_works(h);
}

HOST_TEST(patterns_are_bounded_before_they_run)
{
    assert_fails(h, "return (('a'):rep(3000)):find('.-.-.-.-b')", "pattern cost");
    assert_fails(h, "return (('a'):rep(40)):match(('a?'):rep(40) .. ('a'):rep(40))",
                 "pattern cost");
    assert_fails(h, "return (('a'):rep(3000)):gsub('(.*)(.*)%1%2b', '')", "pattern cost");
    assert_fails(h, "for x in (('a'):rep(3000)):gmatch('^.-.-b') do end", "pattern cost");
    assert_fails(h, "error(('a'):rep(5000):find('-+*?x', 1, true) or 'plain')", "plain");
    assert_fails(h, "return (('a'):rep(2e5)):find(('a'):rep(1e5) .. 'b', 1, true)", "pattern cost");
    assert_fails(h, "local s = ('a'):rep(150) while true do s:find('.-.-b') end", "budget");
    assert_fails(h, "return ('x'):find('[')", "malformed pattern");
    assert_fails(h, "return ('x'):find('%')", "malformed pattern");
    assert_fails(h, "return ('x'):find('%b')", "missing arguments");
    assert_fails(h, "return ('x'):find('[%')", "malformed pattern");
}

HOST_TEST(everyday_patterns_pass)
{
    assert_answers(h, "return ('  a b '):match('^%s*(.-)%s*$')", "a b");
    assert_answers(h, "return ('ada.lovelace@mail.example.org'):match('^[^@]+@([^@]+%.[^@]+)$')",
                   "mail.example.org");
    assert_answers(h, "return (('a,b,,c'):gsub(',', ';'))", "a;b;;c");
    assert_answers(h, "local s = '' for w in ('one two'):gmatch('%a+') do s = w .. s end return s",
                   "twoone");
    assert_answers(h, "return (('x'):rep(10000) .. 'y'):match('xy$')", "xy");
    assert_answers(h, "return ('f(a(b)c)'):match('%b()')", "(a(b)c)");
}

HOST_TEST(library_loops_do_not_trust_lengths)
{
    assert_answers(h, "return (''):rep(1 << 60) .. 'x'", "x");
    assert_fails(
        h,
        "local t = {} for k = 0, 61 do t[1 << k], t[(1 << k) + 1] = 1, 1 end table.insert(t, 1, 0)",
        "more than 100000 elements");
    assert_fails(
        h, "local t = {} for k = 0, 61 do t[1 << k], t[(1 << k) + 1] = 1, 1 end table.sort(t)",
        "more than 100000 elements");
    assert_fails(h, "return table.unpack({}, 1, 1e8)", "more than 100000 elements");
    assert_fails(h, "return table.unpack({}, math.mininteger, math.maxinteger)",
                 "more than 100000 elements");
    assert_fails(h,
                 "return table.concat(setmetatable({}, {__index = function() return 'x' end}), '',"
                 " 1, 1 << 40)",
                 "more than 100000 elements");
    assert_answers(h,
                   "local t = {3, 1, 2} table.sort(t) table.insert(t, 4) table.remove(t, 1) "
                   "return table.concat(t, ',') .. select('#', table.unpack(t))",
                   "2,3,43");
}

HOST_TEST(loading_has_a_budget_too)
{
    add_plugin(h, "shop", "while true do end");
    assert_int_equal(host_load(h), -1);
    assert_contains(h->err.message, "budget");
    assert_string_equal(h->err.origin, "shop/rules.lua:1");
    h->plugin_count = 1;
    add_plugin(h, "shop", "local t = {} for i = 1, 1e9 do t[i] = {} end");
    assert_int_equal(host_load(h), -1);
    assert_contains(h->err.message, "memory");
}

HOST_TEST(logging_is_limited)
{
    assert_answers(h, "for i = 1, 100 do oms.log('x\\ny') end return 'done'", "done");
}

HOST_TEST(a_trip_comes_at_the_same_instruction_every_time)
{
    char first[160];

    assert_fails(h, "local i = 0 while true do\n i = i + 1\n i = i + 2\n i = i + 3\n i = i * 1 end",
                 "budget");
    snprintf(first, sizeof first, "%s", h->err.origin);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
        assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), -1);
        assert_string_equal(h->err.origin, first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endless_loop_is_stopped_and_named),
        cmocka_unit_test(pcall_cannot_swallow_the_end_of_the_budget),
        cmocka_unit_test(memory_is_limited_and_comes_back),
        cmocka_unit_test(pcall_cannot_swallow_the_end_of_memory),
        cmocka_unit_test(recursion_ends_in_an_error),
        cmocka_unit_test(copying_big_strings_counts_as_work),
        cmocka_unit_test(work_that_instructions_do_not_count_is_ended_by_processor_time),
        cmocka_unit_test(patterns_are_bounded_before_they_run),
        cmocka_unit_test(everyday_patterns_pass),
        cmocka_unit_test(library_loops_do_not_trust_lengths),
        cmocka_unit_test(loading_has_a_budget_too),
        cmocka_unit_test(logging_is_limited),
        cmocka_unit_test(a_trip_comes_at_the_same_instruction_every_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
