#include "check.h"

#include "order/amounts/totals.h"
#include "order/machine/parse.h"

static const char *settle(struct shop *sh, const char *body, struct od_order *out)
{
    char *text = (char *)od_arena_str(&sh->arena, od_str_of(body)).ptr;
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    struct od_problem_list list = {.arena = &sh->arena};
    struct od_command c;
    int rc = od_command_parse(OD_COMMAND_PLACE, shop_json(sh, text), &sh->arena, OD_STR("EUR"), &c,
                              &list);
    if (out)
        *out = *c.draft;
    assert_int_equal(rc, list.count ? -1 : 0);
    if (list.count == 0)
        return "";
    return od_arena_printf(&sh->arena, "%.*s: %.*s", OD_STR_ARG(list.items[0].pointer),
                           OD_STR_ARG(list.items[0].detail))
        .ptr;
}

#define GOOD(body)      assert_string_equal(settle(sh, body, NULL), "")
#define BAD(body, text) assert_string_equal(settle(sh, body, NULL), text)

static void what_is_left_out_is_derived(void **state)
{
    struct shop *sh = *state;
    struct od_order o;
    const char *body = "{'items':[{'sku':'a','qty':3,'price':10,'finalPrice':9,'taxAmount':5,"
                       "'discountAmount':2,'weight':0.5},{'sku':'b','qty':1,'price':1}],"
                       "'shippingFeeExclTax':4,'shippingFeeInclTax':4.76}";
    assert_string_equal(settle(sh, body, &o), "");
    assert_int_equal(o.items[0].sub_total, 2700);
    assert_int_equal(o.items[0].total, 3000);
    assert_int_equal(o.items[0].final_price_incl_tax, 1067);
    assert_int_equal(o.items[1].total, 100);
    assert_int_equal(o.sub_total, 2800);
    assert_int_equal(o.sub_total_incl_tax, 3300);
    assert_int_equal(o.discount_amount, 200);
    assert_int_equal(o.tax_amount, 576);
    assert_int_equal(o.grand_total, 2800 - 200 + 500 + 476);
    assert_int_equal(o.total_qty, 4);
    assert_int_equal(o.total_weight, 15000);
}

static void a_shipping_fee_given_once_counts_for_both(void **state)
{
    struct shop *sh = *state;
    struct od_order o;
    settle(sh, "{'items':[{'sku':'a','qty':1,'price':1}],'shippingFeeExclTax':4}", &o);
    assert_int_equal(o.shipping_fee_incl_tax, 400);
    settle(sh, "{'items':[{'sku':'a','qty':1,'price':1}],'shippingFeeInclTax':5}", &o);
    assert_int_equal(o.shipping_fee_excl_tax, 500);
    assert_int_equal(o.grand_total, 600);
    BAD("{'items':[{'sku':'a','qty':1,'price':1}],'shippingFeeInclTax':5,'shippingFeeExclTax':6}",
        "/shippingFeeInclTax: is less than shippingFeeExclTax");
}

static void the_tax_of_shipping_may_be_counted_or_not(void **state)
{
    struct shop *sh = *state;
#define TAXED                                                                                      \
    "{'items':[{'sku':'a','qty':1,'price':10,'taxAmount':2}],'shippingFeeExclTax':4,'"             \
    "shippingFeeInclTax':5,"
    GOOD(TAXED "'taxAmount':2,'grandTotal':17}");
    GOOD(TAXED "'taxAmount':3,'grandTotal':17}");
    BAD(TAXED "'taxAmount':4}",
        "/taxAmount: does not add up: the sum of items' taxAmount (and shipping's) is 3.00");
    BAD(TAXED "'grandTotal':17.01}", "/grandTotal: does not add up: subTotal - discountAmount + "
                                     "items' taxAmount + shippingFeeInclTax is 17.00");
}

static void a_discount_stands_on_the_lines_or_on_the_order(void **state)
{
    struct shop *sh = *state;
    GOOD("{'items':[{'sku':'a','qty':1,'price':10}],'discountAmount':3,'grandTotal':7}");
    GOOD("{'items':[{'sku':'a','qty':1,'price':10,'discountAmount':3}],'discountAmount':3,'"
         "grandTotal':7}");
    BAD("{'items':[{'sku':'a','qty':1,'price':10,'discountAmount':3}],'discountAmount':4}",
        "/discountAmount: does not add up: the sum of items' discountAmount is 3.00");
    BAD("{'items':[{'sku':'a','qty':1,'price':10}],'discountAmount':11}",
        "/grandTotal: would be negative");
    BAD("{'items':[{'sku':'a','qty':1,'price':10,'discountAmount':11}]}",
        "/items/0/total: would be negative");
}

static void lines_that_do_not_add_up_are_named(void **state)
{
    struct shop *sh = *state;
    BAD("{'items':[{'sku':'b','qty':1,'price':1},{'sku':'a','qty':3,'price':10,'subTotal':30.01}]}",
        "/items/1/subTotal: does not add up: finalPrice * qty is 30.00");
    BAD("{'items':[{'sku':'a','qty':3,'price':10,'total':29}]}",
        "/items/0/total: does not add up: subTotal - discountAmount + taxAmount is 30.00");
    BAD("{'items':[{'sku':'a','qty':3,'price':10}],'subTotal':29}",
        "/subTotal: does not add up: the sum of items' subTotal is 30.00");
}

static void sums_past_int64_are_problems(void **state)
{
    struct shop *sh = *state;
    BAD("{'items':[{'sku':'a','qty':2,'price':'92233720368547758.07'}]}",
        "/items/0/subTotal: is too large");
    BAD("{'items':[{'sku':'a','qty':1,'price':'92233720368547758.07','taxAmount':1}]}",
        "/items/0/total: is too large");
    BAD("{'items':[{'sku':'a','qty':1,'price':'92233720368547758.07'},{'sku':'a','qty':1,'price':1}"
        "]}",
        "/subTotal: is too large");
    BAD("{'items':[{'sku':'a','qty':1,'price':'92233720368547758.07'}],'shippingFeeInclTax':1}",
        "/grandTotal: is too large");
    BAD("{'items':[{'sku':'a','qty':1000000,'price':1,'weight':'922337203685477.5807'}]}",
        "/totalWeight: is too large");
}

static void an_order_without_lines_keeps_its_header(void **state)
{
    struct shop *sh = *state;
    struct od_order o;
    assert_string_equal(settle(sh, "{'subTotal':12}", &o), "");
    assert_int_equal(o.grand_total, 1200);
    assert_string_equal(settle(sh, "{}", &o), "");
    assert_int_equal(o.grand_total, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_left_out_is_derived),
        TEST(a_shipping_fee_given_once_counts_for_both),
        TEST(the_tax_of_shipping_may_be_counted_or_not),
        TEST(a_discount_stands_on_the_lines_or_on_the_order),
        TEST(lines_that_do_not_add_up_are_named),
        TEST(sums_past_int64_are_problems),
        TEST(an_order_without_lines_keeps_its_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
