#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "read/reports/report.h"

/* Reports without a database: their table, their numbers and their links. */

static void every_report_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; od_report_at(i); i++) {
        const struct od_report *r = od_report_at(i);
        int columns = 0, links = 0;
        assert_ptr_equal(od_report_find(od_str_of(r->name)), r);
        assert_non_null(r->rows);
        while (r->columns[columns].name)
            columns++;
        while (r->links[links].name) {
            assert_in_range(r->links[links].key + 1, 0, columns);
            if (r->links[links].finds != OD_REPORT_FINDS_STATUS)
                assert_int_not_equal(r->links[links].kinds, 0);
            links++;
        }
        assert_in_range(columns, r->keys + 1, OD_REPORT_COLUMNS);
        assert_in_range(links, 1, OD_REPORT_LINKS);
        assert_true(r->is_cut || !r->every);
    }
    assert_null(od_report_find(OD_STR("sale")));
}

static void assert_amount(const char *units, int digits, const char *text)
{
    struct od_buf b;
    od_buf_init(&b, 200);
    od_report_put_amount(&b, od_str_of(units), digits);
    assert_true(od_str_is(od_buf_view(&b), text));
    od_buf_fini(&b);
}

static void an_amount_may_be_larger_than_any_integer(void **state)
{
    (void)state;
    assert_amount("5998", 2, "59.98");
    assert_amount("0", 2, "0.00");
    assert_amount("7", 3, "0.007");
    assert_amount("-7", 2, "-0.07");
    assert_amount("-12345", 2, "-123.45");
    assert_amount("500", 0, "500");
    assert_amount("92233720368547758070", 2, "922337203685477580.70");
}

static void assert_change(const char *now, const char *before, const char *text)
{
    struct od_buf b;
    od_buf_init(&b, 200);
    bool is = od_report_put_change(&b, now ? od_str_of(now) : OD_STR_NONE,
                                   before ? od_str_of(before) : OD_STR_NONE);
    assert_int_equal(is, text != NULL);
    if (text)
        assert_true(od_str_is(od_buf_view(&b), text));
    od_buf_fini(&b);
}

static void a_change_is_a_proportion_of_what_was(void **state)
{
    (void)state;
    assert_change("500", "400", "0.2500");
    assert_change("0", "400", "-1.0000");
    assert_change("100", "-100", "2.0000");
    assert_change("100", "0", NULL);
    assert_change("100", NULL, NULL);
    assert_change(NULL, "100", NULL);
}

static void assert_link(const char *report, int link, const struct od_report_row *row,
                        const struct od_report_query *q, const char *text)
{
    const struct od_report *r = od_report_find(od_str_of(report));
    struct od_buf b;
    od_buf_init(&b, 4 << 10);
    od_report_put_link(&b, r, &r->links[link], row, q);
    od_buf_char(&b, '\0');
    assert_string_equal(b.ptr, text);
    od_buf_fini(&b);
}

#define FROM "1970-01-01T00:00:00Z"
#define TO   "1970-01-02T00:00:00Z"

static void a_link_names_the_orders_of_a_row(void **state)
{
    struct od_report_query q = {0};
    struct od_report_row row = {.to_us = 86400LL * 1000000, .currency = OD_STR("EUR")};
    (void)state;
    assert_link("sales", 1, &row, &q, "/api/orders?figure=refund," FROM "," TO "&currency=EUR");
    row.values[0] = OD_STR("A&B, \"C\"");
    assert_link("top-products", 0, &row, &q,
                "/api/orders?createdAt.gte=" FROM "&createdAt.lt=" TO "&figure=product," FROM "," TO
                ",A%26B,%20%22C%22&currency=EUR");
    row.values[0] = OD_STR("paymentStatus");
    row.values[1] = OD_STR("paid");
    assert_link("status-breakdown", 0, &row, &q,
                "/api/orders?createdAt.gte=" FROM "&createdAt.lt=" TO
                "&paymentStatus=paid&currency=EUR");
    row.values[0] = OD_STR("items");
    row.values[1] = OD_STR("7.75");
    assert_link("tax", 1, &row, &q,
                "/api/orders?figure=tax-refund," FROM "," TO ",77500&currency=EUR");
    row.is_total = true;
    assert_link("tax", 1, &row, &q, "/api/orders?figure=tax-refund," FROM "," TO "&currency=EUR");
}

static void a_link_is_held_to_the_store_that_was_asked_for(void **state)
{
    struct od_report_query q = {.by_store = true};
    struct od_report_row row = {.to_us = 86400LL * 1000000, .currency = OD_STR("EUR")};
    (void)state;
    assert_link("sales", 1, &row, &q,
                "/api/orders?figure=refund," FROM "," TO "&currency=EUR&store.exists=false");
    row.store = OD_STR("north");
    assert_link("sales", 1, &row, &q,
                "/api/orders?figure=refund," FROM "," TO "&currency=EUR&store=north");
    q = (struct od_report_query){.store = OD_STR("")};
    row.store = OD_STR_NONE;
    assert_link("sales", 1, &row, &q,
                "/api/orders?figure=refund," FROM "," TO "&currency=EUR&store.exists=false");
}

static void rows_are_compared_by_what_tells_them_apart(void **state)
{
    struct od_report_row now[3] = {{.currency = OD_STR("EUR"), .values = {OD_STR("card")}},
                                   {.currency = OD_STR("EUR"), .values = {OD_STR("")}},
                                   {.currency = OD_STR("EUR"), .is_total = true}};
    struct od_report_row then[3] = {{.currency = OD_STR("EUR"), .is_total = true},
                                    {.currency = OD_STR("USD"), .values = {OD_STR("")}},
                                    {.currency = OD_STR("EUR"), .values = {OD_STR("card")}}};
    struct od_report_rows rows = {now, 3}, before = {then, 3};
    (void)state;
    od_report_compare(od_report_find(OD_STR("revenue-by-payment-method")), &rows, &before);
    assert_ptr_equal(now[0].previous, &then[2]);
    assert_null(now[1].previous);
    assert_ptr_equal(now[2].previous, &then[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_report_is_whole),
        cmocka_unit_test(an_amount_may_be_larger_than_any_integer),
        cmocka_unit_test(a_change_is_a_proportion_of_what_was),
        cmocka_unit_test(a_link_names_the_orders_of_a_row),
        cmocka_unit_test(a_link_is_held_to_the_store_that_was_asked_for),
        cmocka_unit_test(rows_are_compared_by_what_tells_them_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
