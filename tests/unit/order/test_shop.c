#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "order/model/shop.h"

static struct od_str choices[] = {OD_STR_INIT("web"), OD_STR_INIT("phone")};
static struct od_metadata_type types[] = {
    {OD_STR_INIT("note"), OD_METADATA_STRING, NULL, 0, false},
    {OD_STR_INIT("count"), OD_METADATA_INTEGER, NULL, 0, false},
    {OD_STR_INIT("weight"), OD_METADATA_DECIMAL, NULL, 0, false},
    {OD_STR_INIT("gift"), OD_METADATA_BOOLEAN, NULL, 0, false},
    {OD_STR_INIT("day"), OD_METADATA_DATE, NULL, 0, false},
    {OD_STR_INIT("at"), OD_METADATA_TIME, NULL, 0, false},
    {OD_STR_INIT("channel"), OD_METADATA_CHOICE, choices, 2, true},
};

/* The findings, "pointer detail" joined by "; ". */
static const char *check(const struct od_shop *t, const char *metadata, bool placing)
{
    static char text[2000];
    struct od_arena a;
    od_arena_init(&a);
    struct od_problem_list problems = {.arena = &a};
    od_shop_check_metadata(t, od_str_of(metadata), placing, "/metadata", &problems);
    text[0] = '\0';
    for (size_t i = 0; i < problems.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s %.*s", i ? "; " : "",
                 OD_STR_ARG(problems.items[i].pointer), OD_STR_ARG(problems.items[i].detail));
    od_arena_fini(&a);
    return text;
}

static void values_are_of_their_types(void **state)
{
    (void)state;
    struct od_shop t = {.metadata = types, .metadata_count = 7};
    assert_string_equal(check(&t,
                              "{\"note\":\"x\",\"count\":-3,\"weight\":1.25,\"gift\":false,"
                              "\"day\":\"2028-02-29\",\"at\":\"2026-11-21T08:00:00+01:00\","
                              "\"channel\":\"web\",\"else\":[]}",
                              true),
                        "");
    assert_string_equal(check(&t, "{\"note\":1}", false), "/metadata/note must be a string");
    assert_string_equal(check(&t, "{\"count\":1.5}", false),
                        "/metadata/count must be a whole number");
    assert_string_equal(check(&t, "{\"weight\":\"1\"}", false),
                        "/metadata/weight must be a number");
    assert_string_equal(check(&t, "{\"gift\":\"yes\"}", false),
                        "/metadata/gift must be true or false");
    assert_string_equal(check(&t, "{\"channel\":\"fax\"}", false),
                        "/metadata/channel must be one of web, phone");
    assert_non_null(strstr(check(&t, "{\"at\":\"noon\"}", false), "/metadata/at must be a time"));
}

static void a_date_is_a_day_that_there_is(void **state)
{
    (void)state;
    struct od_shop t = {.metadata = types, .metadata_count = 7};
    static const char *const wrong[] = {"2026-02-29", "2026-13-01",           "2026-1-1",
                                        "20261121",   "2026-11-21T00:00:00Z", "",
                                        "tomorrow!!"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[80];
        snprintf(text, sizeof text, "{\"day\":\"%s\"}", wrong[i]);
        if (!strstr(check(&t, text, false), "/metadata/day must be a date"))
            fail_msg("%s is taken for a date", wrong[i]);
    }
}

static void what_is_required_is_asked_for_when_an_order_is_placed(void **state)
{
    (void)state;
    struct od_shop t = {.metadata = types, .metadata_count = 7};
    assert_string_equal(check(&t, "{}", true), "/metadata/channel is required");
    assert_string_equal(check(&t, NULL, true), "/metadata/channel is required");
    assert_string_equal(check(&t, "{}", false), "");
}

static void only_strict_metadata_refuses_other_keys(void **state)
{
    (void)state;
    struct od_shop t = {.metadata = types, .metadata_count = 6, .metadata_strict = true};
    assert_string_equal(check(&t, "{\"a/b~c\":1,\"note\":\"x\"}", true),
                        "/metadata/a~1b~0c is not a declared key of metadata");
    assert_string_equal(check(NULL, "{\"a\":1}", true), "");
}

static void an_order_that_names_no_currency_has_its_stores(void **state)
{
    (void)state;
    struct od_store stores[] = {{.name = OD_STR("tokyo"), .currency = OD_STR("JPY")},
                                {.name = OD_STR("bare")}};
    struct od_shop t = {.stores = stores, .store_count = 2};
    static const struct {
        const char *body, *currency;
    } cases[] = {{"{\"store\":\"tokyo\"}", "JPY"},
                 {"{\"store\":\"bare\"}", "EUR"},
                 {"{\"store\":\"none\"}", "EUR"},
                 {"{\"store\":7}", "EUR"},
                 {"{}", "EUR"}};
    struct od_arena a;
    od_arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct od_json *body;
        assert_int_equal(od_json_parse(&a, od_str_of(cases[i].body), 8, &body, NULL), 0);
        assert_true(od_str_is(od_shop_currency(&t, body, OD_STR("EUR")), cases[i].currency));
        assert_true(od_str_is(od_shop_currency(NULL, body, OD_STR("EUR")), "EUR"));
    }
    od_arena_fini(&a);
}

static void without_a_configured_shop_stock_lies_in_one_place(void **state)
{
    (void)state;
    assert_true(od_str_is(od_shop_first_location(NULL), "main"));
    assert_true(od_shop_has_location(NULL, OD_STR("main")));
    assert_false(od_shop_has_location(NULL, OD_STR("attic")));
    assert_null(od_shop_store(NULL, OD_STR("any")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_of_their_types),
        cmocka_unit_test(a_date_is_a_day_that_there_is),
        cmocka_unit_test(what_is_required_is_asked_for_when_an_order_is_placed),
        cmocka_unit_test(only_strict_metadata_refuses_other_keys),
        cmocka_unit_test(an_order_that_names_no_currency_has_its_stores),
        cmocka_unit_test(without_a_configured_shop_stock_lies_in_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
