#include "fixture_task.h"
#include "script/call/hooks.h"

/* Scripts that turn bindings against themselves: arguments that run the script while they are read,
 * values kept for later, and work that only C does. */

/* What the script runs instead of a plain order's reference. */
#define REFERENCE(body) "setmetatable({}, {__index = function() " body " return 7 end})"

HOST_TEST(a_request_is_the_one_that_waits)
{
    struct tasks ts;

    tasks_route(
        &ts, h,
        "oms.cancel_order(" REFERENCE("pcall(oms.update_order, 8)") ") "
                                                                    "return {text = 'done'}");
    assert_int_equal(ts.request->wait, OD_WAIT_COMMANDS);
    assert_int_equal(ts.request->parts[0].ref.order_id, 7);
    assert_non_null(ts.request->parts[0].command);
    assert_int_equal(ts.request->parts[0].command->type, OD_COMMAND_CANCEL);
    tasks_answer_text(&ts, "{}");
    assert_replied(&ts, "done");

    tasks_route(&ts, h,
                "return {json = oms.order(" REFERENCE("pcall(oms.cancel_order, 8, {})") ")}");
    assert_int_equal(ts.request->wait, OD_WAIT_ORDER);
    assert_int_equal(ts.request->ref.order_id, 7);
    tasks_answer_text(&ts, "{\"order_id\":7}");
    assert_replied(&ts, "{\"order_id\":7}");
}

HOST_TEST(two_requests_are_told_apart_by_all_that_was_given)
{
    static const struct {
        const char *one, *other;
        bool same;
    } cases[] = {
        {"tx:cancel_order(7, 'late')", "tx:cancel_order(7, 'lost')", false},
        {"tx:update_order(7, {tags = {'a'}})", "tx:update_order(7, {tags = {'b'}})", false},
        {"tx:hold_order(7, {handle = 'h', reason = 'r'})",
         "tx:hold_order(7, {reason = 'r', handle = 'h'})", true},
        {"tx:command_order(7, 'sell', {n = 1})", "tx:command_order(7, 'sell', {n = 2})", false},
    };
    char body[512];
    struct tasks ts;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct od_task_part *parts;

        snprintf(body, sizeof body, "oms.transaction(function(tx) %s %s end)", cases[i].one,
                 cases[i].other);
        tasks_route(&ts, h, body);
        parts = ts.request->parts;
        assert_int_equal(od_str_eq(parts[0].body, parts[1].body), cases[i].same);
        tasks_answer(&ts, &(struct od_task_answer){0});
        assert_replied(&ts, "");
    }
}

/* Runs one hook that returns the body's intents. */
static const struct od_intent *intent_of(struct host *h, const char *body)
{
    struct od_event e = {.type = OD_EVENT_ORDER_PLACED, .seq = 1, .recorded_at = NOW};
    struct od_intent *intents;
    char text[2048];
    uint32_t n;

    snprintf(text, sizeof text,
             "oms.command('sell', tostring) oms.command('other', tostring)\n"
             "oms.on('order.placed', function(event, order) %s end)",
             body);
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    h->plugin_count = 1;
    h->source.grant_count = 0;
    add_plugin(h, "shop", text);
    allow(h, "mail, commands");
    if (host_load(h) != 0 || od_bundle_run_hooks(h->bundle, OD_STR("order.placed"), &e, &h->order,
                                                 &h->arena, &intents, &n, &h->err) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    assert_int_equal(n, 1);
    return intents;
}

HOST_TEST(an_intent_made_while_another_is_read_does_not_spoil_it)
{
    assert_string_equal(
        intent_of(h, "local fields = {subject = 'S', data = {n = 1}} "
                     "return oms.mail(setmetatable({}, {__index = function(_, key) "
                     "oms.mail { to = 'x@y.z', template = 'other', data = {m = 2} } "
                     "return fields[key] or ({to = 'a@b.c', template = 'hello'})[key] end}))")
            ->payload.ptr,
        "{\"subject\":\"S\",\"data\":{\"n\":1}}");
    assert_string_equal(intent_of(h, "return oms.run(setmetatable({}, {__index = function(_, key) "
                                     "oms.run { command = 'other', args = {m = 2} } "
                                     "if key == 'args' then return {n = 1} end "
                                     "return key == 'command' and 'sell' or nil end}))")
                            ->payload.ptr,
                        "{\"n\":1}");
}

HOST_TEST(a_nul_in_a_format_does_not_hide_an_address)
{
    assert_fails(h, "return string.format('\\0%p', 'x')", "%p is not available");
    assert_fails(h, "return ('a\\0%%%5p'):format('x')", "%p is not available");
    assert_answers(h, "return (('\\0%s%%'):format('x'):gsub('%z', '0'))", "0x%");
}

HOST_TEST(writing_a_text_again_and_again_is_charged)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local s, t = ('x'):rep(400000), {} for i = 1, 9000 do t[i] = s end "
                "while true do pcall(function() oms.update_order(7, {metadata = t}) end) end");
    assert_task_failed(&ts, "budget");
}

HOST_TEST(what_a_call_leaves_for_c_is_bounded)
{
    struct tasks ts;

    h->limits.memory = 2 << 20;
    h->limits.task_instructions = INT64_C(1) << 40;
    tasks_route(&ts, h,
                "local s = ('1'):rep(90) "
                "table.sort({2, 1}, function(a, b) while true do pcall(oms.order, s) end end)");
    assert_task_failed(&ts, "ran out of memory");
    tasks_route(&ts, h,
                "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000) end "
                "local q = oms.orders() for _ = 1, 32 do q:where('order_number', 'in', t) end "
                "q:execute() return {text = 'here'}");
    assert_task_failed(&ts, "ran out of memory");
}

HOST_TEST(a_query_that_is_refused_copies_nothing)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000) end "
                "local q = oms.orders() for _ = 1, 31 do q:where('order_number', 'in', t) end "
                "q:where('items.sku', '=', 'x') local n = 0 "
                "for _ = 1, 1000 do if not pcall(q.execute, q) then n = n + 1 end end "
                "return {text = '' .. n}");
    assert_replied(&ts, "1000");
}

HOST_TEST(a_transaction_requires_a_bounded_number_of_versions)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "oms.transaction(function(tx) tx:cancel_order(1) "
                "while true do tx:require_version(1, 2) end end)");
    assert_task_failed(&ts, "at most 500 in a transaction");
}

HOST_TEST(closing_a_transaction_early_ends_it)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local kept local ok, e = pcall(oms.transaction, function(tx) kept = tx "
                "  do local c <close> = tx end tx:cancel_order(1) end) "
                "local ok2 = pcall(function() oms.transaction(function(tx) "
                "  do local c <close> = kept end tx:cancel_order(1) end) end) "
                "return {json = {ok, e, ok2}}");
    assert_replied(&ts, "[false,\"shop/rules.lua:1: tx:cancel_order: this transaction is over\","
                        "false]");
}

HOST_TEST(handles_do_not_pass_for_one_another)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local q, n = oms.orders(), 0 "
                "oms.transaction(function(tx) "
                "  for _, f in ipairs({q.where, q.limit, q.execute, q.join, tx.cancel_order, "
                "      tx.require_version}) do "
                "    for _, handle in ipairs({q, tx, request, {}, 'x', 7}) do "
                "      if not pcall(f, handle) then n = n + 1 end end end end) "
                "return {text = '' .. n}");
    assert_replied(&ts, "36");
}

HOST_TEST(a_script_cannot_say_that_another_file_failed)
{
    assert_fails(h, "error('default/rules.lua:1: not me', 0)", "default/rules.lua:1: not me");
    assert_string_equal(h->err.origin, "shop/rules.lua:1");
    assert_fails(h, "error('x.lua:12: made up', 0)", "x.lua:12: made up");
    assert_string_equal(h->err.origin, "shop/rules.lua:1");
    assert_fails(h, "local _, e = pcall(error, 'again')\nerror(e, 0)", "again");
    assert_string_equal(h->err.origin, "shop/rules.lua:2");
    assert_fails(h, "\nerror('here')", "here");
    assert_string_equal(h->err.origin, "shop/rules.lua:2");
    assert_int_equal(strncmp(h->err.message, "here", 4), 0);
}

HOST_TEST(numbers_that_a_double_cannot_tell_apart_keep_their_order)
{
    assert_answers(h,
                   "local t, s = {[0x1p63] = 'd', [math.maxinteger] = 'c', "
                   "[math.maxinteger - 1] = 'b', [0.5] = 'a'}, '' "
                   "for _, v in pairs(t) do s = s .. v end return s",
                   "abcd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_the_one_that_waits),
        cmocka_unit_test(two_requests_are_told_apart_by_all_that_was_given),
        cmocka_unit_test(an_intent_made_while_another_is_read_does_not_spoil_it),
        cmocka_unit_test(a_nul_in_a_format_does_not_hide_an_address),
        cmocka_unit_test(writing_a_text_again_and_again_is_charged),
        cmocka_unit_test(what_a_call_leaves_for_c_is_bounded),
        cmocka_unit_test(a_query_that_is_refused_copies_nothing),
        cmocka_unit_test(a_transaction_requires_a_bounded_number_of_versions),
        cmocka_unit_test(closing_a_transaction_early_ends_it),
        cmocka_unit_test(handles_do_not_pass_for_one_another),
        cmocka_unit_test(a_script_cannot_say_that_another_file_failed),
        cmocka_unit_test(numbers_that_a_double_cannot_tell_apart_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
