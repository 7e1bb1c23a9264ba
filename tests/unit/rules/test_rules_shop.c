#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rules/make/shop.h"
#include "rules/make/statuses.h"
#include "conf/conf.h"

struct given {
    struct od_conf *conf;
    struct od_arena arena;
    struct od_status_sets sets;
    struct od_shop *shop;
    struct od_err err;
};

static int build(struct given *g, const char *text)
{
    memset(g, 0, sizeof *g);
    od_arena_init(&g->arena);
    if (od_conf_parse("shop.ini", od_str_of(text), NULL, 0, &g->conf, &g->err) != 0 ||
        od_statuses_build(g->conf, &g->arena, &g->sets, &g->err) != 0)
        fail_msg("%s: %s", g->err.origin, g->err.message);
    return od_rules_shop_build(g->conf, &g->sets, &g->arena, &g->shop, &g->err);
}

static void fini(struct given *g)
{
    od_conf_unref(g->conf);
    od_arena_fini(&g->arena);
}

static void refuse(const char *text, const char *origin, const char *word)
{
    struct given g;
    assert_int_equal(build(&g, text), -1);
    assert_int_equal(g.err.code, OD_ERR_CONFIG);
    assert_string_equal(g.err.origin, origin);
    if (!strstr(g.err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", g.err.message, word);
    fini(&g);
}

static void without_a_word_there_is_one_location_and_any_store(void **state)
{
    (void)state;
    struct given g;
    assert_int_equal(build(&g, ""), 0);
    assert_int_equal(g.shop->store_count, 0);
    assert_int_equal(g.shop->location_count, 1);
    assert_true(od_str_is(od_shop_first_location(g.shop), "main"));
    assert_false(g.shop->metadata_strict);
    fini(&g);
}

static void stores_are_read(void **state)
{
    (void)state;
    struct given g;
    assert_int_equal(build(&g, "[store.tokyo]\n"
                               "currencies = JPY, USD\n"
                               "order_status.pending = Received\n"
                               "shipment_status.shipped = Sent\n"
                               "series = tokyo\n"
                               "prefix = T-\n"
                               "[store.kuwait]\n"
                               "title = Kuwait City\n"
                               "currency = KWD\n"
                               "[store.bare]\n"
                               "email = bare@example.org\n"),
                     0);
    const struct od_store *tokyo = od_shop_store(g.shop, OD_STR("tokyo"));
    const struct od_store *kuwait = od_shop_store(g.shop, OD_STR("kuwait"));
    assert_int_equal(g.shop->store_count, 3);
    assert_true(od_str_is(tokyo->title, "tokyo"));
    assert_true(od_str_is(tokyo->currency, "JPY"));
    assert_int_equal(tokyo->currency_count, 2);
    assert_true(od_str_is(tokyo->series, "tokyo"));
    assert_true(od_str_is(tokyo->prefix, "T-"));
    assert_true(od_str_is(kuwait->title, "Kuwait City"));
    assert_true(od_str_is(kuwait->currency, "KWD"));
    assert_null(kuwait->series.ptr);
    assert_null(od_shop_store(g.shop, OD_STR("bare"))->currency.ptr);
    assert_true(od_str_is(
        od_shop_status_name(g.shop, OD_STR("tokyo"), &g.sets, OD_STATUS_ORDER, OD_STR("pending")),
        "Received"));
    assert_true(od_str_is(
        od_shop_status_name(g.shop, OD_STR("kuwait"), &g.sets, OD_STATUS_ORDER, OD_STR("pending")),
        "Pending"));
    assert_true(od_str_is(
        od_shop_status_name(g.shop, OD_STR_NONE, &g.sets, OD_STATUS_ORDER, OD_STR("gone")),
        "gone"));
    fini(&g);
}

static void what_a_store_cannot_be_is_refused_where_it_stands(void **state)
{
    (void)state;
    refuse("[store.a b]\ntitle = x\n", "shop.ini:2", "a store's name");
    refuse("[store.x]\ncurrency = XYZ\n", "shop.ini:2", "ISO 4217");
    refuse("[store.x]\ncurrencies = EUR, XYZ\n", "shop.ini:2", "\"XYZ\"");
    refuse("[store.x]\ncurrencies = EUR, EUR\n", "shop.ini:2", "twice");
    refuse("[store.x]\ncurrencies = EUR\ncurrency = JPY\n", "shop.ini:3", "not among");
    refuse("[store.x]\norder_status.packed = Packed\n", "shop.ini:2", "no order_status \"packed\"");
    refuse("[store.x]\norder_status.pending =\n", "shop.ini:2", "needs a name");
    refuse("[store.x]\nprefix = 123456789012345678901\n", "shop.ini:2", "at most 20");
}

static void metadata_and_locations_are_read_and_checked(void **state)
{
    (void)state;
    struct given g;
    assert_int_equal(build(&g, "[stock]\nlocations = front, back\n"
                               "[metadata]\nstrict = yes\n"
                               "[metadata.channel]\nchoices = web, phone\nrequired = yes\n"
                               "[metadata.weight]\ntype = decimal\n"),
                     0);
    assert_int_equal(g.shop->location_count, 2);
    assert_true(od_shop_has_location(g.shop, OD_STR("back")));
    assert_false(od_shop_has_location(g.shop, OD_STR("main")));
    assert_true(g.shop->metadata_strict);
    assert_int_equal(g.shop->metadata_count, 2);
    assert_int_equal(g.shop->metadata[0].kind, OD_METADATA_CHOICE);
    assert_true(g.shop->metadata[0].required);
    assert_int_equal(g.shop->metadata[1].kind, OD_METADATA_DECIMAL);
    fini(&g);

    refuse("[stock]\nlocations = ,\n", "shop.ini:2", "not empty");
    refuse("[stock]\nlocations = a, b, a\n", "shop.ini:2", "twice");
    refuse("[stock]\nlocations = a b\n", "shop.ini:2", "\"a b\"");
    refuse("[metadata.x]\ntype = number\n", "shop.ini:2", "decimal");
    refuse("[metadata.x]\ntype = choice\n", "shop.ini:2", "choices");
    refuse("[metadata.x]\ntype = string\nchoices = a\n", "shop.ini:3", "type = choice");
    refuse("[metadata.x]\nrequired = maybe\n", "shop.ini:2", "yes or no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_there_is_one_location_and_any_store),
        cmocka_unit_test(stores_are_read),
        cmocka_unit_test(what_a_store_cannot_be_is_refused_where_it_stands),
        cmocka_unit_test(metadata_and_locations_are_read_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
