#include "fixture_task.h"

/* oms.orders(): what a script writes and the query that comes of it. */

static const struct od_query *query_of(struct tasks *ts, struct host *h, const char *body)
{
    tasks_route(ts, h, body);
    if (ts->ended)
        fail_msg("%s: %s", ts->err.origin, ts->err.message);
    assert_int_equal(ts->request->wait, OD_WAIT_QUERY);
    return ts->request->query;
}

static void end(struct tasks *ts)
{
    od_task_cancel(ts->waiting, "the test is over");
}

static void assert_where(const struct od_query *q, uint32_t i, const char *column,
                         enum od_query_compare compare, const char *value)
{
    assert_true(i < q->where_count);
    assert_string_equal(q->where[i].column.name, column);
    assert_int_equal(q->where[i].compare, compare);
    assert_int_equal(q->where[i].value_count, value ? 1 : 0);
    if (value)
        assert_true(od_str_is(q->where[i].values[0], value));
}

HOST_TEST(a_query_is_put_together_call_by_call)
{
    struct tasks ts;
    const struct od_query *q =
        query_of(&ts, h,
                 "oms.orders():where('payment_status', '=', 'paid'):and_where('shipment_status', "
                 "'!=', 'x')\n"
                 ":or_where('items.sku', 'like', 'mug%'):join('items'):left_join('shipments')\n"
                 ":order_by('created_at', 'desc'):order_by('items.qty'):limit(40, 20):execute()");

    assert_int_equal(q->where_count, 3);
    assert_where(q, 0, "payment_status", OD_QUERY_EQ, "paid");
    assert_where(q, 1, "shipment_status", OD_QUERY_NE, "x");
    assert_false(q->where[1].or_);
    assert_where(q, 2, "sku", OD_QUERY_LIKE, "mug%");
    assert_true(q->where[2].or_);
    assert_int_equal(q->where[2].column.source, OD_QUERY_ITEM);
    assert_int_equal(q->join_count, 2);
    assert_int_equal(q->joins[0].source, OD_QUERY_ITEM);
    assert_false(q->joins[0].left);
    assert_true(q->joins[1].left);
    assert_int_equal(q->order_count, 2);
    assert_true(q->order_by[0].descending);
    assert_false(q->order_by[1].descending);
    assert_int_equal(q->offset, 40);
    assert_int_equal(q->limit, 20);
    assert_false(q->count);
    end(&ts);
}

HOST_TEST(values_are_written_as_their_columns_want_them)
{
    static const struct {
        const char *call, *value;
    } cases[] = {
        {"'grand_total', '>=', 5998", "5998"},
        {"'version', '<', -3", "-3"},
        {"'created_at', '>', 1700000000123", "2023-11-14T22:13:20.123Z"},
        {"'created_at', '>', '2026-05-31T10:00:00+02:00'", "2026-05-31T08:00:00Z"},
        {"'historical', '=', true", "true"},
        {"'uuid', '=', '6fa459ea-ee8a-3ca4-894e-db77e160355e'",
         "6fa459ea-ee8a-3ca4-894e-db77e160355e"},
        {"'coupon', '=', ''", ""},
        {"'coupon', '=', \"a' or 1=1 --\"", "a' or 1=1 --"},
    };
    struct tasks ts;
    char body[256];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(body, sizeof body, "oms.orders():where(%s):execute()", cases[i].call);
        const struct od_query *q = query_of(&ts, h, body);
        if (!od_str_is(q->where[0].values[0], cases[i].value))
            fail_msg("%s: %.*s", body, OD_STR_ARG(q->where[0].values[0]));
        end(&ts);
    }
}

HOST_TEST(lists_and_nulls)
{
    struct tasks ts;
    const struct od_query *q =
        query_of(&ts, h,
                 "oms.orders():where('status', 'in', {'pending', 'processing'})\n"
                 ":and_where('order_id', 'in', {}):and_where('metadata', 'not_null')\n"
                 ":and_where('canceled_at', 'is_null'):execute()");

    assert_int_equal(q->where[0].value_count, 2);
    assert_true(od_str_is(q->where[0].values[1], "processing"));
    assert_int_equal(q->where[1].value_count, 0);
    assert_where(q, 2, "metadata", OD_QUERY_NOT_NULL, NULL);
    assert_where(q, 3, "canceled_at", OD_QUERY_NULL, NULL);
    assert_int_equal(q->limit, 100);
    end(&ts);
}

HOST_TEST(mistakes_are_found_at_their_line)
{
    static const struct {
        const char *call, *part;
    } cases[] = {
        {":where('payment_sttaus', '=', 'x')",
         "there is no column 'payment_sttaus'; did you mean payment_status?"},
        {":where('items.skuu', '=', 'x')", "no column 'items.skuu'; did you mean items.sku?"},
        {":where('itens.sku', '=', 'x')",
         "before the dot stands orders, or one of items, payments"},
        {":where('zzzzzzzzzzzz', '=', 'x')", "there is no column 'zzzzzzzzzzzz'"},
        {":where('status; drop table orders', '=', 'x')", "there is no column"},
        {":where('status', '==', 'x')", "there is no comparison '=='"},
        {":where('status', '=', nil)", "status cannot be compared with nil; use is_null"},
        {":where('status', '=', 5)", "status is compared with a text, got number"},
        {":where('grand_total', '=', 59.98)", "a whole number of minor units (cents), got number"},
        {":where('version', '=', 3000000000)", "version is compared with a whole number"},
        {":where('historical', '=', 1)", "historical is compared with true or false"},
        {":where('created_at', '<', 'monday')", "milliseconds (a whole number) or a text like"},
        {":where('created_at', '<', -1)", "milliseconds"},
        {":where('uuid', '=', 'x')", "uuid is compared with a uuid, got x"},
        {":where('tags', '=', 'x')", "tags is JSON: it can be compared with is_null"},
        {":where('version', 'like', 'x')", "like compares texts"},
        {":where('status', 'in', 'x')", "a list of values by in, got x"},
        {":where('status', 'in', {a = 1})", "a list of values by in"},
        {":where('status', 'in', {1})", "status is compared with a text, got number"},
        {":where('status', 'is_null', 1)", "is_null and not_null take no value"},
        {":where('status', '=', 'a\\0b')", "UTF-8 without NUL"},
        {":join('orders')", "there is no 'orders' to join; known: items"},
        {":join('items'):left_join('items')", "items are joined already"},
        {":order_by('created_at', 'down')", "'down' is neither"},
        {":order_by('metadata')", "order_by: metadata is JSON"},
        {":limit(0, 1001)", "the count from 1 to 1000"},
        {":limit(20)", "limit(offset, count)"},
        {":where('items.sku', '=', 'x'):execute()",
         "items.sku is asked for, but items are not joined: add :join(\"items\")"},
        {":order_by('addresses.city'):execute()", "addresses are not joined"},
        {".where('status', '=', 'x')", "where is called with a colon"},
    };
    struct tasks ts;
    char body[256];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(body, sizeof body, "local q = oms.orders()\nq%s", cases[i].call);
        tasks_route(&ts, h, body);
        assert_task_failed(&ts, cases[i].part);
        assert_string_equal(ts.err.origin, "shop/rules.lua:2");
    }
}

HOST_TEST(rows_are_frozen_tables)
{
    struct tasks ts;
    struct od_str rows[2] = {OD_STR("{\"order_id\":1,\"items\":{\"sku\":\"mug\"}}"),
                             OD_STR("{\"order_id\":2,\"items\":null}")};

    tasks_route(&ts, h,
                "local rows = oms.orders():left_join('items'):execute()\n"
                "assert(not pcall(function() rows[1].order_id = 5 end))\n"
                "return {json = {#rows, rows[1].items.sku, rows[2].order_id, "
                "rows[2].items == nil}}");
    tasks_answer(&ts, &(struct od_task_answer){.texts = rows, .count = 2});
    assert_replied(&ts, "[2,\"mug\",2,true]");
}

HOST_TEST(first_and_count)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local q = oms.orders():where('status', '=', 'pending'):limit(5, 50)\n"
                "local row, none, n = q:first(), q:first(), q:count()\n"
                "return {json = {row.order_id, none == nil, n}}");
    assert_int_equal(ts.request->query->limit, 1);
    assert_int_equal(ts.request->query->offset, 5);
    tasks_answer_text(&ts, "{\"order_id\":4}");
    tasks_answer(&ts, &(struct od_task_answer){0});
    assert_true(ts.request->query->count);
    tasks_answer_text(&ts, "{\"count\":17}");
    assert_replied(&ts, "[4,true,17]");
}

/* Its values are kept by the builder, not by the script's stack or the task's memory. */
HOST_TEST(a_builder_outlives_waits)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local q = oms.orders():where('status', 'in', {('a'):rep(3), ('b'):rep(3)})\n"
                "for i = 1, 3 do q:execute() end");
    for (int i = 0; i < 3; i++) {
        const struct od_query *q = ts.request->query;
        assert_true(od_str_is(q->where[0].values[1], "bbb"));
        tasks_answer(&ts, &(struct od_task_answer){0});
    }
    assert_replied(&ts, "");
}

HOST_TEST(an_error_of_the_database_is_the_scripts_to_see)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local ok, e = pcall(function() return oms.orders():execute() end)\n"
                "return {text = tostring(e)}");
    tasks_refuse(&ts, "unavailable", "The database cannot be reached");
    assert_replied(&ts, "The database cannot be reached (unavailable)");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_put_together_call_by_call),
        cmocka_unit_test(values_are_written_as_their_columns_want_them),
        cmocka_unit_test(lists_and_nulls),
        cmocka_unit_test(mistakes_are_found_at_their_line),
        cmocka_unit_test(rows_are_frozen_tables),
        cmocka_unit_test(first_and_count),
        cmocka_unit_test(a_builder_outlives_waits),
        cmocka_unit_test(an_error_of_the_database_is_the_scripts_to_see),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
