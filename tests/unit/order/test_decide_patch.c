#include "check.h"

static void a_patch_sets_fields_addresses_and_clears_with_null(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PATCH,
                        "{'shippingNote':'ring twice','customer':{'id':'c1','email':'a@b.example'},"
                        "'tags':['vip'],'shippingAddress':{'city':'Bern'}}"));
    assert_int_equal(sh->d.event_count, 1);
    assert_str(sh->order.customer_id, "c1");
    assert_str(sh->order.tags, "[\"vip\"]");
    assert_str(sh->order.addresses[OD_SHIPPING].city, "Bern");
    assert_str(sh->order.addresses[OD_SHIPPING].kind, "shipping");
    assert_done(
        shop_do(sh, OD_COMMAND_PATCH, "{'shippingNote':null,'customer':{'id':null},'tags':null}"));
    assert_null(sh->order.shipping_note.ptr);
    assert_null(sh->order.customer_id.ptr);
    assert_null(sh->order.tags.ptr);
    assert_str(sh->order.customer_email, "a@b.example");
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'customer':null}"));
    assert_null(sh->order.customer_email.ptr);
}

static void an_address_emptied_and_given_again_ends_as_a_change_of_its_row(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'billingAddress':{'city':'Rom'}}"));
    assert_int_equal(sh->order.addresses[OD_BILLING].dirty, OD_DIRTY_NEW);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'billingAddress':null}"));
    assert_false(sh->order.addresses[OD_BILLING].present);
    assert_int_equal(sh->order.addresses[OD_BILLING].dirty, OD_CLEAN);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'billingAddress':null}"));
    assert_int_equal(sh->d.event_count, 0);

    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'billingAddress':{'city':'Rom'}}"));
    sh->order.addresses[OD_BILLING].dirty = OD_CLEAN; /* its row is written */
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'billingAddress':null}"));
    assert_int_equal(sh->order.addresses[OD_BILLING].dirty, OD_DIRTY_DELETED);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'billingAddress':{'city':'Bari'}}"));
    assert_int_equal(sh->order.addresses[OD_BILLING].dirty, OD_DIRTY_CHANGED);
}

static void a_patch_that_changes_nothing_makes_no_event(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    const char *body =
        "{'shippingNote':'x','paymentStatus':'pending','billingAddress':{'city':'Rom'}}";
    assert_done(shop_do(sh, OD_COMMAND_PATCH, body));
    assert_int_equal(sh->d.event_count, 1);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, body));
    assert_int_equal(sh->d.event_count, 0);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->order.version, 2);
}

static void patched_statuses_follow_set_and_graph(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(shop_do(sh, OD_COMMAND_PATCH, "{'paymentStatus':'gold'}"), OD_VERDICT_INVALID,
                   "unknown_status");
    assert_str(sh->d.refusal.pointer, "/paymentStatus");
    assert_refused(shop_do(sh, OD_COMMAND_PATCH, "{'shippingNote':'x','shipmentStatus':'gold'}"),
                   OD_VERDICT_INVALID, "unknown_status");
    assert_str(sh->d.refusal.pointer, "/shipmentStatus");
    assert_done(
        shop_do(sh, OD_COMMAND_PATCH,
                "{'shippingNote':'x','paymentStatus':'paid','shipmentStatus':'in_transit'}"));
    assert_int_equal(sh->d.event_count, 3);
    assert_int_equal(sh->d.events[1].type, OD_EVENT_PAYMENT_STATUS_SET);
    assert_str(sh->d.events[1].status[OD_STATUS_PAYMENT].from, "pending");
    assert_int_equal(sh->d.events[2].type, OD_EVENT_SHIPMENT_STATUS_SET);
    assert_str(sh->order.status, "processing");
    assert_int_equal(sh->order.items[0].qty_shipped, 0);
    assert_refused(shop_do(sh, OD_COMMAND_PATCH, "{'shippingNote':'y','shipmentStatus':'pending'}"),
                   OD_VERDICT_CONFLICT, "move_not_allowed");
    assert_done(shop_history(sh, OD_COMMAND_PATCH, "{'shipmentStatus':'pending'}"));
    assert_non_null(sh->d.events[0].overruled.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_patch_sets_fields_addresses_and_clears_with_null),
        TEST(an_address_emptied_and_given_again_ends_as_a_change_of_its_row),
        TEST(a_patch_that_changes_nothing_makes_no_event),
        TEST(patched_statuses_follow_set_and_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
