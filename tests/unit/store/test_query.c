#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../pg/fixture.h"
#include "base/json/json.h"
#include "pg/migrate.h"
#include "store/query.h"

/* Queries of scripts against a real PostgreSQL: what they find, and that no value becomes SQL. */

static struct od_loop loop;
static struct od_pg_private *cluster;
static struct od_pg_conn *conn;
static struct od_arena arena;
static char dir[64];

/* Five orders: n has n items of "SKU-1" … and, when odd, a shipment; 2 is called by a hostile name;
 * 3 has no customer, and 4 alone an address. */
static const char *const rows =
    "insert into orders (order_id, uuid, order_number, version, currency, created_at, updated_at,"
    " status, payment_status, shipment_status, customer_full_name, sub_total, sub_total_incl_tax,"
    " discount_amount, tax_amount, shipping_fee_excl_tax, shipping_fee_incl_tax, grand_total,"
    " total_qty, total_weight, amount_authorized, amount_captured, amount_refunded, tags,"
    " historical)"
    " select n, ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'N-' || n, 1, 'EUR',"
    " '2026-01-01Z'::timestamptz + n * interval '1 day' + interval '1.5 ms', '2026-01-01Z',"
    " case when n < 3 then 'pending' else 'completed' end, 'paid', 'unshipped',"
    " case n when 2 then 'Robert''); drop table orders; --' when 3 then null else 'Ana' end,"
    " n * 1000, n * 1000, 0, 0, 0, 0, n * 1000, n, 0, 0, 0, 0,"
    " case when n = 1 then '[\"gift\"]'::json end, false from generate_series(1, 5) n;"
    "update orders set customer_email = 'Ana@Example.org' where order_id = 4;"
    "insert into order_item (order_id, order_item_id, sku, weight, qty, price, final_price,"
    " final_price_incl_tax, tax_percent, tax_amount, discount_amount, sub_total, total,"
    " qty_shipped, qty_delivered, qty_canceled, qty_returned, qty_refunded, stock_tracked)"
    " select n, i, 'SKU-' || i, 0, 1, 1000, 1000, 1000, 0, 0, 0, 1000, 1000, 0, 0, 0, 0, 0, true"
    " from generate_series(1, 5) n, generate_series(1, n) i;"
    "insert into shipment (order_id, shipment_id, shipment_number, carrier, status, shipped_at)"
    " select n, 1, 'N-' || n || '-1', 'Post', 'shipped', '2026-02-01Z'"
    " from generate_series(1, 5, 2) n;"
    "insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data) values"
    " (4, 2, 'activity.added', '2026-01-05Z', '2026-01-05Z', 'till', 0,"
    " '{\"comment\": \"Rang\", \"customer_notified\": true}'),"
    " (4, 3, 'order.held', '2026-01-05Z', '2026-01-05Z', 'till', 0, '{}')";

static int set_up(void **state)
{
    struct od_err err;
    (void)state;
    od_log_set_level(OD_LOG_ERROR);
    fixture_make_dir(dir);
    od_loop_init(&loop);
    od_arena_init(&arena);
    cluster = fixture_start(&loop, dir);
    conn = fixture_connect(&loop, od_pg_private_conninfo(cluster));
    if (od_pg_migrate(conn, OD_SOURCE_DIR "/core/store/migrations", NULL, &err))
        fail_msg("%s", err.message);
    fixture_exec(conn, rows);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    od_pg_conn_free_wait(conn, &loop);
    od_pg_private_stop(cluster);
    od_loop_fini(&loop);
    od_arena_fini(&arena);
    fixture_remove_dir(dir);
    return 0;
}

struct answer {
    struct od_json *rows[64];
    uint32_t count;
};

static void take(void *ctx, const struct od_pg_result *r)
{
    struct answer *a = ctx;
    struct od_err err;
    assert_in_range(r->rows, 0, 64);
    for (int i = 0; i < r->rows; i++) {
        struct od_str text = od_arena_str(&arena, od_pg_get_text(r, i, 0));
        if (od_json_parse(&arena, text, 16, &a->rows[a->count++], &err))
            fail_msg("%s: %s", err.message, text.ptr);
    }
}

/* The answer, or the database's sqlstate in err. */
static int try(const struct od_query *q, struct answer *a, struct od_err *err)
{
    struct od_pg_params *params = od_pg_params(conn);
    struct od_pg_stmt stmt = {.sql = od_query_sql(q, &arena, params)};
    assert_non_null(stmt.sql);
    stmt.nparams = params->count;
    *a = (struct answer){0};
    return od_pg_exec_wait(conn, &stmt, params, take, a, err);
}

static struct answer ask(const struct od_query *q)
{
    struct answer a;
    struct od_err err;
    if (try(q, &a, &err))
        fail_msg("%s", err.message);
    return a;
}

static struct od_query_column column(const char *name)
{
    struct od_query_column c;
    assert_true(od_query_column(od_str_of(name), &c));
    return c;
}

static int64_t integer(const struct od_json *row, const char *key)
{
    int64_t v = -1;
    const struct od_json *member = od_json_get(row, key);
    assert_non_null(member);
    assert_true(od_json_i64(member, INT64_MIN, INT64_MAX, &v));
    return v;
}

static const char *text(const struct od_json *row, const char *key)
{
    return od_arena_str(&arena, od_json_get(row, key)->text).ptr;
}

/* The ids of the orders found, "1 2 3". */
static const char *ids(const struct od_query *q)
{
    struct answer a = ask(q);
    struct od_str list = OD_STR("");
    for (uint32_t i = 0; i < a.count; i++)
        list = od_arena_printf(&arena, "%.*s%s%lld", OD_STR_ARG(list), i ? " " : "",
                               (long long)integer(a.rows[i], "order_id"));
    return list.ptr;
}

static struct od_query one(const char *name, enum od_query_compare compare, const char *value)
{
    struct od_query_where *w = OD_NEW(&arena, struct od_query_where);
    struct od_str *v = OD_NEW(&arena, struct od_str);
    *v = od_str_of(value);
    *w = (struct od_query_where){
        .column = column(name), .compare = compare, .values = v, .value_count = 1};
    return (struct od_query){.where = w, .where_count = 1, .limit = 100};
}

static void rows_hold_every_column_of_orders(void **state)
{
    (void)state;
    struct od_query q = one("order_id", OD_QUERY_EQ, "1");
    struct answer a = ask(&q);
    assert_int_equal(a.count, 1);
    assert_int_equal(a.rows[0]->count, od_entities[OD_ENTITY_ORDER].field_count);
    assert_string_equal(text(a.rows[0], "order_number"), "N-1");
    assert_string_equal(text(a.rows[0], "uuid"), "00000000-0000-7000-8000-000000000001");
    assert_int_equal(integer(a.rows[0], "grand_total"), 1000);
    /* 2026-01-02T00:00:00.0015Z, cut to milliseconds */
    assert_int_equal(integer(a.rows[0], "created_at"), INT64_C(1767312000001));
    assert_int_equal(od_json_get(a.rows[0], "tags")->type, OD_JSON_ARRAY);
    assert_int_equal(od_json_get(a.rows[0], "canceled_at")->type, OD_JSON_NULL);
    assert_int_equal(od_json_get(a.rows[0], "historical")->type, OD_JSON_BOOL);
}

static void comparisons_find_what_they_say(void **state)
{
    (void)state;
    const struct {
        const char *column;
        enum od_query_compare compare;
        const char *value, *found;
    } cases[] = {
        {"status", OD_QUERY_EQ, "pending", "1 2"},
        {"status", OD_QUERY_NE, "pending", "3 4 5"},
        {"grand_total", OD_QUERY_LT, "2000", "1"},
        {"grand_total", OD_QUERY_LE, "2000", "1 2"},
        {"grand_total", OD_QUERY_GT, "4000", "5"},
        {"grand_total", OD_QUERY_GE, "4000", "4 5"},
        {"order_number", OD_QUERY_LIKE, "N-_", "1 2 3 4 5"},
        {"order_number", OD_QUERY_LIKE, "%3", "3"},
        {"created_at", OD_QUERY_GE, "2026-01-05T00:00:00Z", "4 5"},
        {"uuid", OD_QUERY_EQ, "00000000-0000-7000-8000-000000000002", "2"},
        {"historical", OD_QUERY_EQ, "true", ""},
        {"tags", OD_QUERY_EQ, "[\"gift\"]", "1"},
        {"tags", OD_QUERY_NE, "[\"gift\"]", "2 3 4 5"},
        {"customer_full_name", OD_QUERY_NE, "Ana", "2 3"}, /* 3 has none, and so not that one */
        {"customer_email", OD_QUERY_EQ, "ANA@example.org", "4"},
        {"customer_email", OD_QUERY_NE, "ANA@example.org", "1 2 3 5"},
        {"customer_email", OD_QUERY_IN, "ana@EXAMPLE.org", "4"},
        {"customer_email", OD_QUERY_LIKE, "%.ORG", "4"},
        {"customer_full_name", OD_QUERY_NULL, NULL, "3"},
        {"customer_full_name", OD_QUERY_NOT_NULL, NULL, "1 2 4 5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct od_query q = one(cases[i].column, cases[i].compare, cases[i].value);
        assert_string_equal(ids(&q), cases[i].found);
    }
}

static void in_takes_a_list_and_an_empty_one_finds_nothing(void **state)
{
    (void)state;
    struct od_str values[] = {OD_STR_INIT("1"), OD_STR_INIT("4"), OD_STR_INIT("9")};
    struct od_query q = one("order_id", OD_QUERY_IN, "");
    q.where->values = values;
    q.where->value_count = 3;
    assert_string_equal(ids(&q), "1 4");
    q.where->value_count = 0;
    assert_string_equal(ids(&q), "");
}

static void or_binds_weaker_than_and(void **state)
{
    (void)state;
    struct od_query_where where[3];
    struct od_query q = {.where = where, .where_count = 3, .limit = 100};
    where[0] = *one("order_id", OD_QUERY_EQ, "1").where;
    where[1] = *one("status", OD_QUERY_EQ, "completed").where;
    where[1].or_ = true;
    where[2] = *one("grand_total", OD_QUERY_GT, "3000").where;
    assert_string_equal(ids(&q), "1 4 5");
}

static void hostile_values_are_values(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "'; drop table orders; --", "' or '1'='1",   "$1",     "$2::text",
        "\\'; select 1; --",        "%' or true --", "\"; --", "\xc3\xa9'",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct od_query q = one("customer_full_name", OD_QUERY_EQ, hostile[i]);
        assert_string_equal(ids(&q), "");
        q = one("customer_full_name", OD_QUERY_IN, hostile[i]);
        assert_string_equal(ids(&q), "");
    }
    struct od_query found =
        one("customer_full_name", OD_QUERY_EQ, "Robert'); drop table orders; --");
    assert_string_equal(ids(&found), "2");
    assert_int_equal(fixture_i64(conn, "select count(*) from orders"), 5);
}

static void a_value_of_another_type_is_refused_by_the_server(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"order_id", "1; drop table orders", "22P02"},
        {"grand_total", "99999999999999999999", "22003"},
        {"uuid", "not one", "22P02"},
        {"created_at", "no time", "22007"},
        {"customer_full_name", "\xff", "22021"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer a;
        struct od_err err;
        struct od_query q = one(cases[i][0], OD_QUERY_EQ, cases[i][1]);
        assert_int_equal(try(&q, &a, &err), -1);
        assert_string_equal(err.sqlstate, cases[i][2]);
    }
}

static void joins_give_one_row_for_each_joined_one(void **state)
{
    (void)state;
    struct od_query q = one("items.sku", OD_QUERY_EQ, "SKU-4");
    q.joins[0].source = OD_QUERY_ITEM;
    q.join_count = 1;
    struct answer a = ask(&q);
    assert_int_equal(a.count, 2);
    assert_int_equal(integer(a.rows[0], "order_id"), 4);
    const struct od_json *item = od_json_get(a.rows[1], "items");
    assert_int_equal(item->count, od_entities[OD_ENTITY_ITEM].field_count);
    assert_int_equal(integer(item, "order_item_id"), 4);
    assert_string_equal(text(item, "sku"), "SKU-4");
}

static void a_left_join_keeps_orders_without(void **state)
{
    (void)state;
    struct od_query q = {.join_count = 1, .limit = 100};
    q.joins[0].source = OD_QUERY_SHIPMENT;
    assert_string_equal(ids(&q), "1 3 5");
    q.joins[0].left = true;
    struct answer a = ask(&q);
    assert_int_equal(a.count, 5);
    assert_int_equal(od_json_get(a.rows[1], "shipments")->type, OD_JSON_NULL);
    assert_string_equal(text(od_json_get(a.rows[2], "shipments"), "carrier"), "Post");
}

static void activities_are_the_comments_alone(void **state)
{
    (void)state;
    struct od_query q = one("activities.username", OD_QUERY_EQ, "till");
    q.joins[0].source = OD_QUERY_ACTIVITIES;
    q.join_count = 1;
    struct answer a = ask(&q);
    assert_int_equal(a.count, 1);
    const struct od_json *activity = od_json_get(a.rows[0], "activities");
    assert_int_equal(integer(activity, "activity_id"), 2);
    assert_string_equal(text(activity, "comment"), "Rang");
    assert_true(od_json_get(activity, "customer_notified")->boolean);
}

static void pages_follow_the_order_asked_for(void **state)
{
    (void)state;
    struct od_query q = {.order_count = 2, .limit = 2};
    q.order_by[0].column = column("status");
    q.order_by[1].column = column("grand_total");
    q.order_by[1].descending = true;
    assert_string_equal(ids(&q), "5 4");
    q.offset = 2;
    assert_string_equal(ids(&q), "3 2");
    q.offset = 4;
    assert_string_equal(ids(&q), "1");
    q = (struct od_query){.order_count = 1, .limit = 100};
    q.order_by[0].column = column("payment_status"); /* the same for all */
    assert_string_equal(ids(&q), "1 2 3 4 5");
}

static void a_count_counts_rows_without_page(void **state)
{
    (void)state;
    struct od_query q = one("status", OD_QUERY_EQ, "completed");
    q.joins[0].source = OD_QUERY_ITEM;
    q.join_count = 1;
    q.count = true;
    q.limit = 1;
    q.offset = 50;
    struct answer a = ask(&q);
    assert_int_equal(a.count, 1);
    assert_int_equal(integer(a.rows[0], "count"), 3 + 4 + 5);
}

static void every_column_of_every_source_can_be_asked_for(void **state)
{
    (void)state;
    for (enum od_query_source s = OD_QUERY_ORDER; s < OD_QUERY_SOURCES; s++) {
        struct od_query_column c;
        bool source = s == OD_QUERY_ORDER || od_query_joins(s);
        for (uint32_t i = 0; source && od_query_column_at(s, i, &c); i++) {
            struct od_query_where w = {.column = c, .compare = OD_QUERY_NOT_NULL};
            struct od_query q = {.where = &w, .where_count = 1, .limit = 1, .order_count = 1};
            q.order_by[0].column = c;
            q.join_count = s != OD_QUERY_ORDER;
            q.joins[0].source = s;
            (void)ask(&q);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_every_column_of_orders),
        cmocka_unit_test(comparisons_find_what_they_say),
        cmocka_unit_test(in_takes_a_list_and_an_empty_one_finds_nothing),
        cmocka_unit_test(or_binds_weaker_than_and),
        cmocka_unit_test(hostile_values_are_values),
        cmocka_unit_test(a_value_of_another_type_is_refused_by_the_server),
        cmocka_unit_test(joins_give_one_row_for_each_joined_one),
        cmocka_unit_test(a_left_join_keeps_orders_without),
        cmocka_unit_test(activities_are_the_comments_alone),
        cmocka_unit_test(pages_follow_the_order_asked_for),
        cmocka_unit_test(a_count_counts_rows_without_page),
        cmocka_unit_test(every_column_of_every_source_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
