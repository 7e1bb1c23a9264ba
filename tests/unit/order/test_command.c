#include "problems.h"

#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/limits.h"

static void names_and_references(void **state)
{
    (void)state;
    struct od_order_ref ref;
    assert_string_equal(od_command_name(OD_COMMAND_CREATE_SHIPMENT), "create_shipment");
    for (int i = 0; i < OD_COMMAND_TYPES; i++)
        assert_string_not_equal(od_command_name((enum od_command_type)i), "unknown");
    assert_true(od_order_ref_parse(OD_STR("0189e8a0-0000-7000-8000-000000000001"), &ref));
    assert_int_equal(ref.uuid.bytes[15], 1);
    assert_false(ref.order_number.ptr);
    assert_true(od_order_ref_parse(OD_STR("id:4711"), &ref));
    assert_int_equal(ref.order_id, 4711);
    assert_true(od_order_ref_parse(OD_STR("ORD-1"), &ref));
    assert_true(od_str_is(ref.order_number, "ORD-1") && ref.order_id == 0 &&
                od_uuid_is_zero(&ref.uuid));
    assert_true(od_order_ref_parse(OD_STR("99999999999999999999"), &ref));
    assert_true(od_str_is(ref.order_number, "99999999999999999999"));
    assert_false(od_order_ref_parse(OD_STR(""), &ref));
    char longer[OD_ORDER_NUMBER_MAX + 1];
    memset(longer, 'x', sizeof longer);
    assert_false(od_order_ref_parse(od_str_n(longer, sizeof longer), &ref));
}

static void a_full_place_body_is_read(void **state)
{
    struct shop *sh = *state;
    struct od_command c;
    CHECK(PLACE, "{'items':[{'sku':'a','qty':1,'price':1}]}", "");
    assert_string_equal(
        problems(
            sh, OD_COMMAND_PLACE,
            "{'currency':'KWD','customer':{'id':'c','email':'e@x','fullName':'Ann'},"
            "'shippingAddress':{'fullName':'Ann','city':'Bern'},'billingAddress':null,"
            "'items':[{'productId':'p','sku':'a','name':'A','weight':1.25,'qty':2,'price':'3.125',"
            "'taxPercent':7.5,'variantOptions':{'size':'M'},'thumbnail':null}],'coupon':'C',"
            "'shippingFeeInclTax':1,'tags':['x','y'],'metadata':{'k':[1,2]},"
            "'placedAt':'2020-01-01T00:00:00Z','paymentStatus':'paid'}",
            &c),
        "");
    assert_str(c.draft->currency, "KWD");
    assert_str(c.draft->customer_full_name, "Ann");
    assert_true(c.draft->addresses[OD_SHIPPING].present);
    assert_false(c.draft->addresses[OD_BILLING].present);
    assert_int_equal(c.draft->items[0].price, 3125);
    assert_int_equal(c.draft->items[0].weight, 12500);
    assert_int_equal(c.draft->items[0].tax_percent, 75000);
    assert_int_equal(c.draft->total_weight, 25000);
    assert_str(c.draft->items[0].variant_options, "{\"size\":\"M\"}");
    assert_str(c.draft->tags, "[\"x\",\"y\"]");
    assert_int_equal(c.draft->grand_total, 7250);
    assert_int_equal(c.at, INT64_C(1577836800000000));
    assert_str(c.draft->payment_status, "paid");
}

static void problems_name_pointers(void **state)
{
    struct shop *sh = *state;
    CHECK(PLACE, "[]", ": must be an object");
    CHECK(PLACE, "{'items':{}}", "/items: must be an array of at most 500 items");
    CHECK(PLACE, "{'items':[3]}", "/items/0: must be an object");
    CHECK(PLACE, "{'items':[{}]}",
          "/items/0/sku: is required\n/items/0/qty: is required\n/items/0/price: is required");
    CHECK(PLACE, "{'items':[{'sku':'a','qty':-1,'price':1}]}",
          "/items/0/qty: must be a whole number from 1 to 1000000");
    CHECK(PLACE, "{'items':[{'sku':'a','qty':1000001,'price':1}]}",
          "/items/0/qty: must be a whole number from 1 to 1000000");
    CHECK(PLACE, "{'items':[{'sku':'a','qty':1.5,'price':1}]}",
          "/items/0/qty: must be a whole number from 1 to 1000000");
    CHECK(PLACE, "{'items':[{'sku':'a','qty':1,'price':-1}]}",
          "/items/0/price: must not be negative");
    CHECK(PLACE, "{'items':[{'sku':7,'qty':1,'price':[]}]}",
          "/items/0/sku: must be a string\n/items/0/price: must be a decimal number");
    CHECK(PLACE, "{'a/b~c':1,'metadata':[],'tags':[1,'']}",
          "/a~1b~0c: unknown member\n/metadata: must be an object\n/tags/0: must be a string\n"
          "/tags/1: must not be empty");
    CHECK(
        PLACE, "{'customer':{'age':3},'customerId':'x','status':'paid','totalQty':3}",
        "/customer/age: unknown member\n/customerId: unknown member\n/status: cannot be set here\n"
        "/totalQty: cannot be set here");
    CHECK(PLACE, "{'placedAt':'soon','uuid':'1','orderNumber':''}",
          "/placedAt: must be a time like 2024-05-31T08:00:00Z\n/uuid: must be a UUID\n"
          "/orderNumber: must not be empty");
    CHECK(PLACE, "{'shippingAddress':{}}", "/shippingAddress: must not be empty");
    CHECK(PLACE, "{'':1}", "/: unknown member");
}

static void digits_follow_the_currency(void **state)
{
    struct shop *sh = *state;
    const char *text = problems(
        sh, OD_COMMAND_PLACE, "{'currency':'JPY','items':[{'sku':'a','qty':1,'price':1.5}]}", NULL);
    assert_int_equal(strncmp(text, "/items/0/price: ", 16), 0);
    CHECK(PLACE, "{'currency':'JPY','items':[{'sku':'a','qty':1,'price':1.0}]}", "");
    CHECK(PLACE, "{'currency':'ZZZ','items':[{'sku':'a','qty':1,'price':1.555}]}",
          "/currency: is not an ISO 4217 currency code");
    assert_non_null(
        strstr(problems(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':1,'price':59.980000000000001}]}", NULL),
               "/items/0/price: "));
}

static void strings_are_bounded_and_printable(void **state)
{
    struct shop *sh = *state;
    CHECK(ADD_ACTIVITY, "{'comment':'two\\nlines\\tand a tab \\u00e9'}", "");
    CHECK(ADD_ACTIVITY, "{'comment':'bell\\u0007'}", "/comment: holds a control character");
    CHECK(ADD_ACTIVITY, "{'comment':'cr\\r'}", "/comment: holds a control character");
    CHECK(ADD_ACTIVITY, "{'comment':''}", "/comment: must not be empty");
    char body[6000];
    snprintf(body, sizeof body, "{'comment':'%04001d'}", 0);
    CHECK(ADD_ACTIVITY, body, "/comment: is longer than 4000 bytes");
    snprintf(body, sizeof body, "{'items':[{'sku':'%0101d','qty':1,'price':1}]}", 0);
    CHECK(PLACE, body, "/items/0/sku: is longer than 100 bytes");
}

static void other_bodies_are_checked(void **state)
{
    struct shop *sh = *state;
    CHECK(CANCEL, "{}", "");
    CHECK(CANCEL, "{'reason':null}", "");
    CHECK(CANCEL, "{'reason':3}", "/reason: must be a string");
    CHECK(PAYMENT, "{}", "/type: is required");
    CHECK(PAYMENT, "{'type':'gift'}",
          "/type: must be authorize, capture, void, fail, refund or chargeback");
    CHECK(PAYMENT, "{'type':'capture','amount':true}", "/amount: must be a decimal number");
    CHECK(PAYMENT, "{'type':'capture','amount':null,'status':'x'}", "/status: cannot be set here");
    CHECK(CREATE_SHIPMENT, "{'items':[]}", "/items: must be an array of 1 to 500 items");
    CHECK(CREATE_SHIPMENT, "{'items':[{'orderItemId':1}]}", "/items/0/qty: is required");
    CHECK(CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':0}]}",
          "/items/0/qty: must be a whole number from 1 to 1000000");
    CHECK(UPDATE_SHIPMENT, "{'items':[],'shippedAt':'x'}",
          "/items: unknown member\n/shippedAt: cannot be set here");
    CHECK(HOLD, "{'handle':7}", "/handle: must be a string");
    CHECK(HOLD, "{'by':'x'}", "/by: cannot be set here");
    CHECK(ADD_ACTIVITY, "{'customerNotified':1}",
          "/customerNotified: must be true or false\n/comment: is required");
    CHECK(SET_INVENTORY, "{}", ": must hold either qty or delta, or backorder alone");
    CHECK(SET_INVENTORY, "{'qty':1,'delta':1}",
          ": must hold either qty or delta, or backorder alone");
    CHECK(SET_INVENTORY, "{'qty':-1}", "/qty: must be a whole number from 0 to 1000000000000");
    CHECK(SET_INVENTORY, "{'qty':null,'delta':-1}", "");
    CHECK(PATCH, "{'grandTotal':1,'status':'paid'}",
          "/grandTotal: cannot be set here\n/status: cannot be set here");
    CHECK(PATCH, "{'billingAddress':{'city':3}}", "/billingAddress/city: must be a string");
    CHECK(PATCH, "{'customer':3}", "/customer: must be an object");
}

static void units_are_named_to_be_cancelled(void **state)
{
    struct shop *sh = *state;
    struct od_command c;
    CHECK(CANCEL, "{'items':[]}", "/items: must be an array of 1 to 500 items");
    CHECK(CANCEL, "{'items':[{'orderItemId':1},{'qty':1}]}",
          "/items/0/qty: is required\n/items/1/orderItemId: is required");
    CHECK(CANCEL, "{'items':[{'orderItemId':1,'qty':1,'sku':'A'}]}",
          "/items/0/sku: unknown member");
    assert_string_equal(
        problems(sh, OD_COMMAND_CANCEL,
                 "{'items':[{'orderItemId':2,'qty':3},{'orderItemId':1,'qty':1}],'reason':'no'}",
                 &c),
        "");
    assert_int_equal(c.unit_count, 2);
    assert_int_equal(c.units[0].order_item_id, 2);
    assert_int_equal(c.units[0].qty, 3);
    assert_str(c.text, "no");
}

static void parcels_are_told_with_what_is_in_them(void **state)
{
    struct shop *sh = *state;
    struct od_command c;
    CHECK(CREATE_SHIPMENT, "{'handedOver':true}", "/items: is required");
    CHECK(CREATE_SHIPMENT, "{'handedOver':1}", "/handedOver: must be true or false");
    CHECK(CREATE_SHIPMENT, "{'handedOver':false}", "");
    assert_string_equal(problems(sh, OD_COMMAND_CREATE_SHIPMENT,
                                 "{'handedOver':true,'items':[{'orderItemId':1,'qty':1}]}", &c),
                        "");
    assert_true(c.handed_over);
    CHECK(TRACK, "{'carrier':'DHL'}", "/trackingNumber: is required");
    CHECK(TRACK, "{'trackingNumber':''}", "/trackingNumber: must not be empty");
    CHECK(TRACK, "{'trackingNumber':'1','shipmentId':0}",
          "/shipmentId: must be the shipmentId of one of the order's shipments");
    CHECK(TRACK, "{'trackingNumber':'1','items':[]}", "/items: unknown member");
    assert_string_equal(problems(sh, OD_COMMAND_TRACK,
                                 "{'carrier':'DHL','trackingNumber':'1','trackingUrl':'u',"
                                 "'shipmentId':2,'status':'shipped'}",
                                 &c),
                        "");
    assert_int_equal(c.shipment.shipment_id, 2);
    assert_str(c.shipment.tracking_number, "1");
    assert_str(c.shipment.status, "shipped");
}

static void stock_is_set_at_a_location(void **state)
{
    struct shop *sh = *state;
    struct od_command c;
    CHECK(SET_INVENTORY, "{'qty':1,'location':''}", "/location: must not be empty");
    CHECK(SET_INVENTORY, "{'qty':1,'location':7}", "/location: must be a string");
    CHECK(SET_INVENTORY, "{'backorder':'yes'}", "/backorder: must be true or false");
    CHECK(SET_INVENTORY, "{'location':'main','reason':'count'}",
          ": must hold either qty or delta, or backorder alone");
    assert_string_equal(problems(sh, OD_COMMAND_SET_INVENTORY, "{'backorder':true}", &c), "");
    assert_true(c.has_backorder && c.backorder && !c.has_qty);
    assert_string_equal(
        problems(sh, OD_COMMAND_SET_INVENTORY,
                 "{'delta':-2,'location':'north','backorder':false,'reason':'broken'}", &c),
        "");
    assert_true(c.has_qty && c.is_delta && c.has_backorder && !c.backorder);
    assert_str(c.location, "north");
    assert_str(c.text, "broken");
}

static void an_invoice_has_no_body(void **state)
{
    struct shop *sh = *state;
    CHECK(ISSUE_INVOICE, "{}", "");
    CHECK(ISSUE_INVOICE, "{'amount':1}", "/amount: unknown member");
}

static void an_absent_body_is_an_empty_one(void **state)
{
    struct shop *sh = *state;
    struct od_problem_list list = {0};
    struct od_command c;
    assert_int_equal(
        od_command_parse(OD_COMMAND_CANCEL, NULL, &sh->arena, OD_STR("EUR"), &c, &list), 0);
    assert_int_equal(c.type, OD_COMMAND_CANCEL);
}

static void the_payments_literal_is_kept(void **state)
{
    struct shop *sh = *state;
    struct od_command c;
    problems(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':59.980,'method':'card'}", &c);
    assert_str(c.payment_amount, "59.980");
    problems(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':'7'}", &c);
    assert_str(c.payment_amount, "7");
}

static void problems_of_one_body_are_limited(void **state)
{
    struct shop *sh = *state;
    struct od_buf body;
    od_buf_init(&body, 100000);
    od_buf_str(&body, OD_STR("{'items':["));
    for (int i = 0; i < 400; i++)
        od_buf_printf(&body, "%s{}", i ? "," : "");
    od_buf_str(&body, OD_STR("]}"));
    od_buf_char(&body, '\0');
    const char *text = problems(sh, OD_COMMAND_PLACE, body.ptr, NULL);
    int lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    assert_int_equal(lines, OD_PROBLEMS_MAX);
    od_buf_fini(&body);
}

static void a_full_list_of_problems_hides_none(void **state)
{
    struct shop *sh = *state;
    struct od_problem_list list = {.arena = &sh->arena};
    struct od_command c;
    for (int i = 0; i < OD_PROBLEMS_MAX; i++)
        od_problem_add(&list, "/x", "earlier");
    assert_int_equal(od_command_parse(OD_COMMAND_PLACE, shop_json(sh, "{\"items\":[{}]}"),
                                      &sh->arena, OD_STR("EUR"), &c, &list),
                     -1);
}

static void the_default_currency_is_the_commands_own(void **state)
{
    struct shop *sh = *state;
    struct od_problem_list list = {.arena = &sh->arena};
    struct od_command c;
    char code[] = "JPY";
    const char *body = "{\"items\":[{\"sku\":\"A\",\"qty\":1,\"price\":1}]}";
    assert_int_equal(od_command_parse(OD_COMMAND_PLACE, shop_json(sh, body), &sh->arena,
                                      od_str_of(code), &c, &list),
                     0);
    memset(code, 'X', 3);
    assert_str(c.draft->currency, "JPY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_and_references),
        TEST(a_full_place_body_is_read),
        TEST(problems_name_pointers),
        TEST(digits_follow_the_currency),
        TEST(strings_are_bounded_and_printable),
        TEST(other_bodies_are_checked),
        TEST(units_are_named_to_be_cancelled),
        TEST(parcels_are_told_with_what_is_in_them),
        TEST(stock_is_set_at_a_location),
        TEST(an_invoice_has_no_body),
        TEST(an_absent_body_is_an_empty_one),
        TEST(the_payments_literal_is_kept),
        TEST(problems_of_one_body_are_limited),
        TEST(a_full_list_of_problems_hides_none),
        TEST(the_default_currency_is_the_commands_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
