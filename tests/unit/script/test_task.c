#include "fixture_task.h"

#include "script/task/thread.h"

/* Routes and jobs: what they are given, what they wait for, and how they end. */

HOST_TEST(a_route_gets_its_request_and_answers_with_a_table)
{
    struct tasks ts;
    struct od_route_request r = {
        .method = OD_STR("POST"),
        .path = OD_STR("/hello/ada"),
        .actor = OD_STR("clerk"),
        .body = OD_STR("{\"n\":[1,2]}"),
        .params = OD_STR("{\"name\":\"ada\"}"),
        .query = OD_STR("{\"q\":\"x\"}"),
        .headers = OD_STR("{\"x-shop\":\"7\"}"),
        .json = OD_STR("{\"n\":[1,2]}"),
    };

    tasks_load(&ts, h,
               "oms.route('POST', '/hello/:name', {role = 'reader'}, function(r)\n"
               "  return {status = 201, json = {r.method, r.path, r.params.name, r.query.q,\n"
               "    r.headers['x-shop'], r.body, r.json.n[2], r.actor, oms.now()},\n"
               "    headers = {['X-Two'] = 2, ['Cache-Control'] = 'no-store'}}\n"
               "end)");
    tasks_call(&ts, &r);
    assert_replied(&ts, "[\"POST\",\"/hello/ada\",\"ada\",\"x\",\"7\",\"{\\\"n\\\":[1,2]}\",2,"
                        "\"clerk\",1700000000000]");
    assert_int_equal(ts.status, 201);
    assert_string_equal(ts.type, "application/json");
    assert_string_equal(ts.headers, "Cache-Control: no-store\nX-Two: 2\n");
}

HOST_TEST(headers_are_sent_in_the_order_of_their_names)
{
    struct tasks ts;
    struct od_task_host host;

    tasks_load(&ts, h,
               "oms.route('GET', '/r', {}, function() oms.order(1) return {text = 'x',\n"
               "headers = {['X-B'] = 'b', ['X-A'] = 'a', ['Content-Type'] = 'text/csv'}} end)");
    host = tasks_host(&ts);
    od_task_start_route(h->bundle, 0, &(struct od_route_request){.method = OD_STR("GET")}, NOW,
                        &host, &ts);
    assert_true(od_str_is(od_task_offer(ts.waiting)->label, "route./r@shop"));
    tasks_answer_text(&ts, "{}");
    assert_replied(&ts, "x");
    assert_string_equal(ts.type, "text/csv");
    assert_string_equal(ts.headers, "X-A: a\nX-B: b\n");
}

HOST_TEST(a_route_that_returns_nothing_has_no_content)
{
    struct tasks ts;

    tasks_route(&ts, h, "");
    assert_replied(&ts, "");
    assert_int_equal(ts.status, 204);
    assert_string_equal(ts.type, "");
    tasks_route(&ts, h, "return {status = 404}");
    assert_int_equal(ts.status, 404);
    tasks_route(&ts, h, "return {html = '<p>'}");
    assert_replied(&ts, "<p>");
    assert_string_equal(ts.type, "text/html; charset=utf-8");
}

HOST_TEST(replies_are_checked)
{
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"return 'hello'", "must return a table {status =, json =, …} or nothing, got string"},
        {"return {status = 101}", "whole number from 200 to 599"},
        {"return {status = 600}", "whole number from 200 to 599"},
        {"return {status = 200.5}", "whole number from 200 to 599"},
        {"return {body = 'x'}", "but no 'body'"},
        {"return {json = {}, html = ''}", "one of json, html and text"},
        {"return {json = error}", "data cannot hold a function"},
        {"return {text = {}}", "the reply's text must be a string, got table"},
        {"return {status = 204, text = 'x'}", "a reply of status 204 has no body"},
        {"return {headers = {a = 'x\\r\\nset-cookie: 1'}}", "no line ends"},
        {"return {headers = {['a b'] = 'x'}}", "'a b' is no name of a header"},
        {"return {headers = {['Content-Length'] = 3}}", "Content-Length is set by the server"},
        {"return {headers = {a = ('x'):rep(2001)}}", "at most 2000 bytes"},
        {"return {headers = 'x'}", "headers must be a table"},
        {"local t = {} for i = 1, 17 do t['h' .. i] = 'x' end return {headers = t}",
         "more than 16"},
    };
    struct tasks ts;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tasks_route(&ts, h, cases[i].body);
        if (!ts.failed)
            fail_msg("'%s' is a reply", cases[i].body);
        assert_task_failed(&ts, cases[i].part);
    }
}

HOST_TEST(an_error_names_its_line)
{
    struct tasks ts;

    tasks_route(&ts, h, "\nlocal o = oms.order(7)\nreturn {json = o.a.b}");
    tasks_answer_text(&ts, "{}");
    assert_task_failed(&ts, "order has no field 'a'");
    assert_string_equal(ts.err.origin, "shop/rules.lua:3");
}

HOST_TEST(a_job_knows_its_name_and_time)
{
    struct tasks ts;
    struct od_task_host host;
    struct od_job_request r = {.scheduled_at = NOW};

    tasks_load(&ts, h,
               "oms.job('sweep', {every = '5m'}, function(job)\n"
               "  assert(job.name == 'sweep' and job.scheduled_at == 1700000000000)\n"
               "  assert(not pcall(function() job.name = 'x' end))\n"
               "  oms.cancel_order(5)\n"
               "end)");
    host = tasks_host(&ts);
    od_task_start_job(h->bundle, 0, &r, NOW, &host, &ts);
    assert_true(od_str_is(ts.request->parts[0].command->actor, "job.sweep@shop"));
    tasks_answer_text(&ts, "{\"order_id\":5}");
    assert_int_equal(ts.ended, 1);
    assert_false(ts.failed);
}

HOST_TEST(an_order_is_waited_for_and_frozen)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local before = oms.now() local o = oms.order('ORD-1')\n"
                "assert(oms.now() - before == 1000)\n"
                "assert(not pcall(function() o.status = 'x' end))\n"
                "return {json = {o.order_id, oms.order(o) == nil}}");
    assert_int_equal(ts.request->wait, OD_WAIT_ORDER);
    assert_true(od_str_is(ts.request->ref.order_number, "ORD-1"));
    tasks_answer_text(&ts, "{\"order_id\":12}");
    assert_int_equal(ts.request->ref.order_id, 12);
    tasks_answer_text(&ts, NULL);
    assert_replied(&ts, "[12,true]");
    assert_int_equal(ts.started, 2);
}

HOST_TEST(a_refusal_can_be_caught_around_a_wait)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local ok, e = pcall(oms.cancel_order, 5, 'why')\n"
                "local o = oms.order(5)\n"
                "return {json = {ok, e.code, e.message, e.policy, tostring(e), o.order_id}}");
    assert_int_equal(ts.request->wait, OD_WAIT_COMMANDS);
    tasks_refuse(&ts, "on_hold", "Release it first");
    assert_int_equal(ts.request->wait, OD_WAIT_ORDER);
    tasks_answer_text(&ts, "{\"order_id\":5}");
    assert_replied(&ts, "[false,\"on_hold\",\"Release it first\",\"order.cancel@default\","
                        "\"Release it first (on_hold)\",5]");
}

HOST_TEST(an_uncaught_refusal_ends_the_task_with_its_text)
{
    struct tasks ts;

    tasks_route(&ts, h, "\noms.cancel_order(5)");
    tasks_refuse(&ts, "on_hold", "Release it first");
    assert_task_failed(&ts, "Release it first (on_hold)");
    assert_string_equal(ts.err.origin, "shop/rules.lua:2");
}

HOST_TEST(an_uncaught_refusal_is_the_routes_answer)
{
    struct tasks ts;

    tasks_route(&ts, h, "oms.cancel_order(5)");
    tasks_answer(&ts, &(struct od_task_answer){.error_code = OD_STR("on_hold"),
                                               .error = OD_STR("Release it first"),
                                               .error_policy = OD_STR("order.cancel@default"),
                                               .error_status = 409});
    assert_false(ts.failed);
    assert_int_equal(ts.status, 409);
    assert_int_equal(od_bundle_stats(h->bundle).tasks.errors, 0);
    tasks_route(&ts, h, "local ok, e = pcall(oms.order, 5) oms.order(6) error(e)");
    tasks_answer(&ts, &(struct od_task_answer){.error_code = OD_STR("unavailable"),
                                               .error = OD_STR("No database"),
                                               .error_status = 503});
    tasks_answer_text(&ts, "{}");
    assert_false(ts.failed);
    assert_int_equal(ts.status, 503);
    tasks_route(&ts, h, "oms.cancel_order(5)");
    tasks_answer(&ts, &(struct od_task_answer){.error_code = OD_STR("query_failed"),
                                               .error = OD_STR("x"),
                                               .error_status = 500});
    assert_task_failed(&ts, "x (query_failed)");
}

HOST_TEST(empty_lists_stay_lists)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local rows, o = oms.orders():execute(), oms.order(2)\n"
                "return {json = {rows = rows, holds = o.holds, kinds = o.metadata,\n"
                "  mine = oms.list {}, full = oms.list {1}, table = {}, none = oms.transaction("
                "function() end)}}");
    tasks_answer(&ts, &(struct od_task_answer){0});
    tasks_answer_text(&ts, "{\"holds\":[],\"metadata\":{}}");
    assert_replied(&ts, "{\"full\":[1],\"holds\":[],\"kinds\":{},\"mine\":[],\"none\":[],"
                        "\"rows\":[],\"table\":{}}");
    tasks_route(&ts, h, "local t = oms.list {} t.x = 1 return {json = t}");
    assert_task_failed(&ts, "data must be a list");
    tasks_route(&ts, h, "oms.list(setmetatable({}, {}))");
    assert_task_failed(&ts, "a table with a metatable is no list");
}

HOST_TEST(typing_mistakes_in_what_c_makes_are_told)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"return request.qurey", "request has no field 'qurey' (did you mean 'query'?)"},
        {"return oms.order(1).payment_satus", "(did you mean 'payment_status'?)"},
        {"return oms.order(1).items[1].skuu", "item has no field 'skuu' (did you mean 'sku'?)"},
        {"return oms.set_inventory('a', {qty = 1}).avail", "stock has no field 'avail'"},
        {"return oms.status('order', 'pending').cancellable", "(did you mean 'cancelable'?)"},
        {"return oms.date(0).yer", "date has no field 'yer' (did you mean 'year'?)"},
    };
    struct tasks ts;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tasks_route(&ts, h, cases[i].body);
        if (ts.waiting)
            tasks_answer_text(&ts, "{\"items\":[{}]}");
        assert_task_failed(&ts, cases[i].message);
    }
    tasks_route(&ts, h,
                "return {text = tostring(oms.order(1).cancel_reason) .. "
                "tostring(request.json) .. tostring(request.query.any)}");
    tasks_answer_text(&ts, "{}");
    assert_replied(&ts, "nilnilnil");
}

HOST_TEST(nested_pcalls_go_on_after_waits)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local n = 0\n"
                "local ok, e = pcall(function()\n"
                "  local inner = pcall(function() n = n + oms.order(1).order_id error('x') end)\n"
                "  n = n + oms.order(2).order_id\n"
                "  error('out ' .. tostring(inner), 0)\n"
                "end)\n"
                "return {text = n .. ' ' .. tostring(ok) .. ' ' .. e}");
    tasks_answer_text(&ts, "{\"order_id\":1}");
    tasks_answer_text(&ts, "{\"order_id\":20}");
    assert_replied(&ts, "21 false out false");
}

HOST_TEST(nothing_waits_inside_a_comparison)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local t = {2, 1}\n"
                "table.sort(t, function(a, b) return oms.order(a).order_id < b end)");
    assert_task_failed(&ts, "nothing can wait inside of a function that a library function calls");
    assert_int_equal(ts.started, 0);
}

HOST_TEST(services_say_where_they_may_be_used)
{
    assert_fails(h, "return oms.order(1)", "oms.order may wait: routes, jobs and receivers only");
    h->plugin_count = 1;
    add_plugin(h, "default2", "");
    h->plugin_count = 1;
    h->files[0].text =
        OD_STR("oms.policy('order.status', function(order) return order:cancel() end)\n"
               "oms.policy('order.cancel', function() return oms.cancel_order(1) end)\n"
               "oms.policy('order.number', function() return oms.orders() end)\n"
               "oms.policy('payment.status', function() return oms.transaction(tostring) end)\n"
               "oms.policy('shipment.status', function() return 'pending' end)\n");
    od_bundle_unref(h->bundle);
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), -1);
    assert_contains(h->err.message, "order has no field 'cancel'");
    assert_int_equal(ask(h, OD_ASK_ORDER_CANCEL), -1);
    assert_contains(h->err.message,
                    "oms.cancel_order may wait: routes, jobs and receivers only; a composite "
                    "command acts on its order: order:cancel");
    assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), -1);
    assert_contains(h->err.message, "oms.orders may wait: routes, jobs and receivers only");
    assert_int_equal(ask(h, OD_ASK_PAYMENT_STATUS), -1);
    assert_contains(h->err.message, "oms.transaction may wait: routes, jobs and receivers only");
}

HOST_TEST(a_task_outlives_the_bundle_that_is_replaced)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "return {text = oms.order(1).order_number .. oms.status('order', "
                "'pending').name}");
    od_bundle_unref(h->bundle); /* a reload: nobody but the task holds it now */
    h->bundle = NULL;
    tasks_answer_text(&ts, "{\"order_number\":\"N1\"}");
    assert_replied(&ts, "N1Pending");
}

HOST_TEST(a_cancelled_task_cannot_catch_it)
{
    struct tasks ts;

    tasks_route(&ts, h, "\nwhile true do pcall(oms.order, 1) end");
    tasks_answer_text(&ts, "{}");
    od_task_cancel(ts.waiting, "took longer than 30 s");
    assert_task_failed(&ts, "took longer than 30 s");
    assert_string_equal(ts.err.origin, "shop/rules.lua:2");
    assert_int_equal(od_bundle_stats(h->bundle).tasks.errors, 1);
    assert_int_equal(od_bundle_stats(h->bundle).tasks.calls, 1);
}

/* A wait each time, so that no single part of it is long. */
HOST_TEST(the_budget_is_one_over_all_waits)
{
    struct tasks ts;
    unsigned waits = 0;

    h->limits.task_instructions = 100000;
    tasks_route(&ts, h, "while true do pcall(oms.order, 1) end");
    while (ts.waiting && waits++ < 10000)
        tasks_answer_text(&ts, "{}");
    assert_task_failed(&ts, "budget of instructions");
    assert_true(waits > 10 && waits < 1000);
}

HOST_TEST(policies_are_asked_while_a_task_waits)
{
    struct tasks ts;

    tasks_load(&ts, h,
               "local order_of_policy\n"
               "oms.policy('order.status', function(order) return order.status end)\n"
               "oms.route('GET', '/r', {}, function()\n"
               "  local seen = oms.order(1)\n"
               "  return {text = seen.status}\n"
               "end)");
    tasks_call(&ts, &(struct od_route_request){.method = OD_STR("GET")});
    assert_int_equal(ask(h, OD_ASK_ORDER_STATUS), 0);
    assert_string_equal(h->answer.value.ptr, "pending");
    tasks_answer_text(&ts, "{\"status\":\"seen\"}");
    assert_replied(&ts, "seen");
}

/* Answers do not pile up in the task's memory, which a job of many waits would fill. */
HOST_TEST(the_memory_of_answers_is_given_back)
{
    struct tasks ts;
    size_t most = 0;

    tasks_route(&ts, h, "for i = 1, 200 do oms.orders():execute() end");
    while (ts.waiting) {
        struct od_str rows[50];
        if (ts.waiting->arena->used > most)
            most = ts.waiting->arena->used;
        for (size_t i = 0; i < 50; i++)
            rows[i] = OD_STR("{\"order_id\":1,\"metadata\":{\"a\":[1,2,3]}}");
        tasks_answer(&ts, &(struct od_task_answer){.texts = rows, .count = 50});
    }
    assert_false(ts.failed);
    assert_int_equal(ts.started, 200);
    assert_true(most < 16384);
}

HOST_TEST(a_big_reply_is_refused)
{
    struct tasks ts;

    h->limits.memory = 256 << 20;
    tasks_route(&ts, h, "return {text = ('x'):rep(4 * 1024 * 1024 + 1)}");
    assert_task_failed(&ts, "the reply's text is longer than 4194304 bytes");
}

static void cancel_at_once(void *ctx, struct od_task *t, const struct od_task_request *request)
{
    struct tasks *ts = ctx;

    (void)request;
    ts->started++;
    od_task_cancel(t, "the server stops");
}

HOST_TEST(a_host_that_cannot_start_may_cancel_at_once)
{
    struct od_route_request r = {.method = OD_STR("GET"), .path = OD_STR("/r")};
    struct od_task_host host;
    struct tasks ts;

    tasks_load(&ts, h,
               "oms.route('GET', '/r', {}, function()\n"
               "  pcall(oms.transaction, function(tx) tx:cancel_order(1) end) end)");
    host = (struct od_task_host){.ctx = &ts, .start = cancel_at_once, .done = on_done};
    for (unsigned i = 1; i <= 3; i++) {
        od_task_start_route(h->bundle, 0, &r, NOW, &host, &ts);
        assert_int_equal(ts.started, i);
        assert_int_equal(ts.ended, i);
        assert_string_equal(ts.err.message, "the server stops");
        assert_string_equal(ts.err.origin, "shop/rules.lua:2");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_gets_its_request_and_answers_with_a_table),
        cmocka_unit_test(headers_are_sent_in_the_order_of_their_names),
        cmocka_unit_test(a_route_that_returns_nothing_has_no_content),
        cmocka_unit_test(replies_are_checked),
        cmocka_unit_test(an_error_names_its_line),
        cmocka_unit_test(a_job_knows_its_name_and_time),
        cmocka_unit_test(an_order_is_waited_for_and_frozen),
        cmocka_unit_test(a_refusal_can_be_caught_around_a_wait),
        cmocka_unit_test(an_uncaught_refusal_ends_the_task_with_its_text),
        cmocka_unit_test(an_uncaught_refusal_is_the_routes_answer),
        cmocka_unit_test(empty_lists_stay_lists),
        cmocka_unit_test(typing_mistakes_in_what_c_makes_are_told),
        cmocka_unit_test(nested_pcalls_go_on_after_waits),
        cmocka_unit_test(nothing_waits_inside_a_comparison),
        cmocka_unit_test(services_say_where_they_may_be_used),
        cmocka_unit_test(a_task_outlives_the_bundle_that_is_replaced),
        cmocka_unit_test(a_cancelled_task_cannot_catch_it),
        cmocka_unit_test(the_budget_is_one_over_all_waits),
        cmocka_unit_test(policies_are_asked_while_a_task_waits),
        cmocka_unit_test(the_memory_of_answers_is_given_back),
        cmocka_unit_test(a_big_reply_is_refused),
        cmocka_unit_test(a_host_that_cannot_start_may_cancel_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
