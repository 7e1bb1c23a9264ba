#include "fixture.h"

/* Every way out of the sandbox that we know of, tried. */

HOST_TEST(absent_libraries_say_what_to_use)
{
    static const char *const names[] = {
        "os",         "io",       "debug",  "package",        "coroutine",    "require", "load",
        "loadstring", "loadfile", "dofile", "collectgarbage", "getmetatable", "rawset",  "rawget",
        "rawequal",   "rawlen",   "next",   "print",          "warn",         "xpcall",
    };
    static const char *const fields[] = {"string.dump", "table.move", "math.random",
                                         "math.randomseed"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char body[200], message[100];
        snprintf(body, sizeof body, "return %s.x", names[i]);
        snprintf(message, sizeof message, "%s is missing on purpose: ", names[i]);
        assert_fails(h, body, message);
        assert_string_equal(h->err.origin, "shop/rules.lua:1");
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        char body[200];
        snprintf(body, sizeof body, "return %s == nil and 'absent' or 'there'", fields[i]);
        assert_answers(h, body, "absent");
    }
    assert_answers(h, "return type(unpack) .. type(anything) .. type(_G[1])", "nilnilnil");
    assert_fails(h, "return os.time()", "os is missing on purpose: use oms.now() and oms.date()");
}

HOST_TEST(strings_lead_to_no_shared_table)
{
    assert_answers(h, "return tostring((''):len())", "0");
    assert_answers(h, "return ('').__index == nil and 'no' or 'yes'", "no");
    assert_answers(h, "return tostring(pcall(function() (''). x = 1 end))", "false");
}

HOST_TEST(a_changed_library_does_not_reach_the_methods_all_plugins_share)
{
    add_plugin(h, "mine",
               "string.upper = function() return 'mine' end assert(('a'):upper() == 'A')");
    assert_int_equal(host_load(h), 0);
}

/* Policies are replayed: what they answer may not hang on the calls before. */
HOST_TEST(nothing_global_outlives_a_call)
{
    assert_fails(h, "count = (count or 0) + 1 return 'pending'", "read-only");
    assert_fails(h, "_G.count = 1",
                 "global 'count' is read-only: globals are set while files load; use a local");
    assert_fails(h, "string.upper = nil", "read-only");
    assert_fails(h, "table.insert(math, 1)", "read-only");
    assert_fails(h, "setmetatable(_G, {})", "read-only");
}

HOST_TEST(globals_of_loading_stay)
{
    add_plugin(h, "strict",
               "limit = 'pending' string.twice = function(s) return s .. s end\n"
               "setmetatable(_G, {__index = function(_, name) error('no global ' .. name) end})\n"
               "oms.policy('order.status', function() assert(string.twice('a') == 'aa')\n"
               "  return pcall(function() return unknown end) and 'found' or limit end)");
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), 0);
    assert_string_equal(h->answer.value.ptr, "pending");
}

HOST_TEST(a_plugin_cannot_see_anothers_globals)
{
    add_plugin(h, "one",
               "secret = 'x' string.leak = 'x' _G.other = 'x'\n"
               "assert(_G.secret == 'x')");
    add_plugin(h, "two",
               "assert(secret == nil and other == nil and string.leak == nil)\n"
               "assert(_ENV == _G)");
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

HOST_TEST(oms_is_read_only_and_not_shared)
{
    assert_fails(h, "oms.policy = nil", "read-only");
    assert_fails(h, "oms.now = function() return 1 end", "read-only");
    assert_fails(h, "setmetatable(oms, {})", "read-only");
    assert_fails(h, "oms.status('payment', 'paid').phase = 'x'", "read-only");
    assert_fails(h, "table.insert(order.items, 1)", "read-only");
}

HOST_TEST(dangerous_metamethods_are_refused)
{
    static const char *const names[] = {"__gc",        "__close", "__mode", "__len",
                                        "__metatable", "__name",  "__pairs"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char body[200];
        snprintf(body, sizeof body, "setmetatable({}, {%s = function() end})", names[i]);
        assert_fails(h, body, "not available to scripts");
    }
}

HOST_TEST(metamethods_added_later_have_no_effect)
{
    assert_answers(
        h,
        "local mt = {} local t = setmetatable({}, mt) mt.__len = function() return 9 end "
        "return tostring(#t)",
        "0");
    assert_fails(h,
                 "local mt = {} local t = setmetatable({}, mt) mt.__close = function() end "
                 "local x <close> = t",
                 "non-closable");
}

HOST_TEST(classes_still_work)
{
    assert_answers(h,
                   "local C = {} C.__index = C function C:name() return self.n end "
                   "return setmetatable({n = 'me'}, C):name()",
                   "me");
}

HOST_TEST(bytecode_is_refused)
{
    add_plugin(h, "shop", "\x1bLua");
    assert_int_equal(host_load(h), -1);
    assert_contains(h->err.message, "binary chunk");
}

HOST_TEST(addresses_are_not_shown)
{
    assert_answers(h, "return tostring({})", "table");
    assert_answers(h, "return tostring(tostring)", "function");
    assert_answers(h, "return tostring(order)", "order");
    assert_answers(h, "return ('%s %s'):format({}, pairs)", "table function");
    assert_fails(h, "return ('%-10p'):format({})", "%p");
    assert_fails(h, "return ('%%%p'):format({})", "%p");
    assert_fails(h, "error({})", "table value");
}

HOST_TEST(pairs_has_one_order)
{
    assert_answers(h,
                   "local t = {z = 1, a = 1, [true] = 1, [2] = 1, [1] = 1, [-1] = 1, [1.5] = 1} "
                   "local s = '' for k in pairs(t) do s = s .. tostring(k) .. ' ' end return s",
                   "-1 1 1.5 2 a z true ");
    assert_fails(h, "for k in pairs({[{}] = 1}) do end", "no order");
    assert_answers(h,
                   "local t = {a=1, b=2} for k in pairs(t) do t.b = nil t[k] = nil end "
                   "return t.a == nil and 'ok' or 'no'",
                   "ok");
}

HOST_TEST(error_objects_with_a_throwing_tostring_are_harmless)
{
    assert_fails(h, "error(setmetatable({}, {__tostring = function() error('again') end}))",
                 "error object is a table");
}

HOST_TEST(pcall_behaves_like_luas)
{
    assert_answers(h,
                   "local ok, a, b = pcall(function(...) return ... end, 'x', 'y') "
                   "return tostring(ok) .. a .. b",
                   "truexy");
    assert_answers(h, "local ok, e = pcall(error, {code = 'c'}) return tostring(ok) .. e.code",
                   "falsec");
    assert_answers(h, "return tostring(select('#', pcall(function() end)))", "1");
    assert_fails(h, "pcall()", "bad argument #1 to 'pcall'");
}

HOST_TEST(bindings_know_their_context)
{
    assert_fails(h, "oms.policy('order.status', function() end)",
                 "cannot be called inside a policy");
    assert_fails(h, "oms.on('order.placed', function() end)", "cannot be called inside a policy");
    assert_fails(h, "oms.hold('h', 'x') oms.finding('shadowed_rule', 'x')",
                 "oms.finding cannot be called inside a policy");
    h->plugin_count = 1;
    add_plugin(h, "shop", "oms.now()");
    assert_int_equal(host_load(h), -1);
    assert_contains(h->err.message, "while a file loads");
}

HOST_TEST(verdicts_cannot_be_forged)
{
    add_plugin(h, "shop", "oms.policy('order.cancel', function() return true end)");
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_CANCEL), -1);
    assert_contains(h->err.message, "oms.allow() or oms.refuse(code, reason), got boolean");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_libraries_say_what_to_use),
        cmocka_unit_test(strings_lead_to_no_shared_table),
        cmocka_unit_test(a_changed_library_does_not_reach_the_methods_all_plugins_share),
        cmocka_unit_test(nothing_global_outlives_a_call),
        cmocka_unit_test(globals_of_loading_stay),
        cmocka_unit_test(a_plugin_cannot_see_anothers_globals),
        cmocka_unit_test(oms_is_read_only_and_not_shared),
        cmocka_unit_test(dangerous_metamethods_are_refused),
        cmocka_unit_test(metamethods_added_later_have_no_effect),
        cmocka_unit_test(classes_still_work),
        cmocka_unit_test(bytecode_is_refused),
        cmocka_unit_test(addresses_are_not_shown),
        cmocka_unit_test(pairs_has_one_order),
        cmocka_unit_test(error_objects_with_a_throwing_tostring_are_harmless),
        cmocka_unit_test(pcall_behaves_like_luas),
        cmocka_unit_test(bindings_know_their_context),
        cmocka_unit_test(verdicts_cannot_be_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
