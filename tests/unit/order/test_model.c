#include "sample.h"

#include "order/ledger/event.h"

static void every_field_is_found_by_both_names(void **state)
{
    (void)state;
    for (int kind = 0; kind < OD_ENTITY_COUNT; kind++) {
        const struct od_entity *e = &od_entities[kind];
        assert_true(e->field_count <= 64); /* masks have a bit for each */
        for (uint32_t i = 0; i < e->field_count; i++) {
            const struct od_field *f = &e->fields[i];
            assert_ptr_equal(od_entity_field(e, od_str_of(f->name)), f);
            assert_ptr_equal(od_entity_json_field(e, od_str_of(f->json)), f);
            assert_true(f->offset < e->size);
        }
        assert_null(od_entity_field(e, OD_STR("nothing")));
        assert_null(od_entity_field(e, OD_STR_NONE));
    }
}

/* One of each part, as if it had happened; two items in each that has some. */
static void sample_parts(struct od_arena *a, struct od_order *o)
{
    o->refunds = OD_NEW(a, struct od_refund);
    *o->refunds = (struct od_refund){.refund_id = 1, .amount = 10, .item_count = 2};
    o->refunds->items = OD_NEW_ARRAY(a, struct od_refund_item, 2);
    o->returns = OD_NEW(a, struct od_return);
    *o->returns = (struct od_return){.return_id = 1, .status = OD_STR("approved"), .item_count = 2};
    o->returns->items = OD_NEW_ARRAY(a, struct od_return_item, 2);
    for (int i = 0; i < 2; i++) {
        o->refunds->items[i] =
            (struct od_refund_item){.refund_id = 1, .order_item_id = i + 1, .qty = 1, .amount = 5};
        o->returns->items[i] = (struct od_return_item){.return_id = 1, .order_item_id = i + 1};
    }
    o->invoices = OD_NEW(a, struct od_invoice);
    o->invoices->invoice_id = 1;
    o->changes = OD_NEW_ARRAY(a, struct od_change, 2);
    o->changes[0] = (struct od_change){.change_id = 1, .status = OD_STR("discarded")};
    o->changes[1] = (struct od_change){.change_id = 2, .status = OD_STR("proposed")};
    o->refund_count = o->return_count = o->invoice_count = 1;
    o->change_count = 2;
}

static void lookups_know_their_bounds(void **state)
{
    struct od_arena a;
    struct od_order *o;
    (void)state;

    od_arena_init(&a);
    o = sample_placed(&a);
    assert_ptr_equal(od_order_item(o, 3), &o->items[2]);
    assert_null(od_order_item(o, 0));
    assert_null(od_order_item(o, 4));
    assert_null(od_order_item(o, -1));
    assert_null(od_order_shipment(o, 1));
    assert_null(od_order_hold(o, OD_STR("manual")));
    assert_null(od_order_refund(o, 1));
    assert_null(od_order_return(o, 1));
    assert_null(od_order_invoice(o, 1));
    assert_null(od_order_change(o, 1));
    assert_null(od_order_proposed(o));
    sample_parts(&a, o);
    assert_ptr_equal(od_order_refund(o, 1), o->refunds);
    assert_null(od_order_refund(o, 2));
    assert_null(od_order_refund(o, 0));
    assert_ptr_equal(od_order_return(o, 1), o->returns);
    assert_ptr_equal(od_order_invoice(o, 1), o->invoices);
    assert_ptr_equal(od_order_change(o, 2), o->changes + 1);
    assert_ptr_equal(od_order_proposed(o), o->changes + 1);
    o->changes[1].status = OD_STR("confirmed");
    assert_null(od_order_proposed(o));
    o->items[2].qty_canceled = 1;
    o->items[2].qty_shipped = 3;
    assert_int_equal(od_item_open(&o->items[2]), 1);
    od_arena_fini(&a);
}

static void fold_ok(struct od_order *o, struct od_event e, struct od_arena *a)
{
    struct od_err err;

    if (od_fold(o, &e, a, &err) != 0)
        fail_msg("%s", err.message);
}

static void a_clone_may_change_without_its_original(void **state)
{
    struct od_arena a;
    struct od_order *o, *kept, *c;
    (void)state;

    od_arena_init(&a);
    o = sample_placed(&a);
    fold_ok(o, sample_payment(&a, o, OD_EVENT_PAYMENT_CAPTURED, "capture", 1), &a);
    fold_ok(o, sample_shipment(&a, o, 1, 1), &a);
    fold_ok(o, sample_hold(&a, o, OD_EVENT_ORDER_HELD, "manual"), &a);
    kept = od_order_clone(&a, o);
    c = od_order_clone(&a, o);
    assert_null(od_order_diff(&a, c, o));
    fold_ok(c, sample_payment(&a, c, OD_EVENT_PAYMENT_CAPTURED, "capture", 2), &a);
    fold_ok(c, sample_shipment(&a, c, 3, 5), &a);
    fold_ok(c, sample_shipment_change(&a, c, OD_EVENT_SHIPMENT_DELIVERED, 1), &a);
    fold_ok(c, sample_hold(&a, c, OD_EVENT_ORDER_RELEASED, "manual"), &a);
    assert_null(od_order_diff(&a, kept, o));
    assert_non_null(od_order_diff(&a, c, o));
    /* The original goes its own way behind the array both came from. */
    fold_ok(o, sample_payment(&a, o, OD_EVENT_PAYMENT_CAPTURED, "capture", 3), &a);
    assert_int_equal(c->payments[1].amount, 2);
    assert_int_equal(o->payments[1].amount, 3);
    od_arena_fini(&a);
}

/* Fold changes these in place. */
static void a_clone_has_its_own_of_what_may_change(void **state)
{
    struct od_arena a;
    struct od_order *o, *c;
    (void)state;

    od_arena_init(&a);
    o = sample_placed(&a);
    fold_ok(o, sample_payment(&a, o, OD_EVENT_PAYMENT_CAPTURED, "capture", 1), &a);
    sample_parts(&a, o);
    c = od_order_clone(&a, o);
    assert_null(od_order_diff(&a, c, o));
    c->refunds[0].transaction_id = c->payments[0].transaction_id = OD_STR("told later");
    c->returns[0].status = OD_STR("received");
    c->returns[0].items[1].qty_received = 1;
    c->changes[1].status = OD_STR("confirmed");
    assert_null(o->refunds[0].transaction_id.ptr);
    assert_true(od_str_is(o->payments[0].transaction_id, "tx-1"));
    assert_true(od_str_is(o->returns[0].status, "approved"));
    assert_int_equal(o->returns[0].items[1].qty_received, 0);
    assert_true(od_str_is(o->changes[1].status, "proposed"));
    assert_true(c->item_cap >= c->item_count);
    od_arena_fini(&a);
}

/* Items of a part are a set: a row knows no order among them. */
static void items_are_compared_in_any_order(void **state)
{
    struct od_arena a;
    struct od_order *o, *c;
    (void)state;

    od_arena_init(&a);
    o = sample_placed(&a);
    sample_parts(&a, o);
    c = od_order_clone(&a, o);
    c->returns[0].items[0] = o->returns[0].items[1];
    c->returns[0].items[1] = o->returns[0].items[0];
    assert_null(od_order_diff(&a, o, c));
    c->returns[0].items[1].reason = OD_STR("torn");
    assert_string_equal(od_order_diff(&a, o, c), "returns[0].items");
    od_arena_fini(&a);
}

static void every_field_of_every_part_is_compared(void **state)
{
    struct od_arena a;
    struct od_order *o, *c;
    (void)state;

    od_arena_init(&a);
    o = sample_placed(&a);
    fold_ok(o, sample_payment(&a, o, OD_EVENT_PAYMENT_CAPTURED, "capture", 1), &a);
    fold_ok(o, sample_shipment(&a, o, 1, 1), &a);
    fold_ok(o, sample_hold(&a, o, OD_EVENT_ORDER_HELD, "manual"), &a);

    sample_parts(&a, o);

#define DIFFERS(change, where)                                                                     \
    c = od_order_clone(&a, o);                                                                     \
    c->payments = OD_NEW(&a, struct od_payment);                                                   \
    c->payments[0] = o->payments[0];                                                               \
    c->shipments[0].items = OD_NEW(&a, struct od_shipment_item);                                   \
    c->shipments[0].items[0] = o->shipments[0].items[0];                                           \
    c->refunds[0].items = OD_NEW_ARRAY(&a, struct od_refund_item, 2);                              \
    memcpy(c->refunds[0].items, o->refunds[0].items, 2 * sizeof(struct od_refund_item));           \
    c->invoices = OD_NEW(&a, struct od_invoice);                                                   \
    c->invoices[0] = o->invoices[0];                                                               \
    assert_null(od_order_diff(&a, o, c));                                                          \
    c->change;                                                                                     \
    assert_string_equal(od_order_diff(&a, o, c), where)

    DIFFERS(version++, "version");
    DIFFERS(historical = true, "historical");
    DIFFERS(coupon = OD_STR(""), "coupon"); /* empty is not absent */
    DIFFERS(uuid.bytes[15] ^= 1, "uuid");
    DIFFERS(items[2].qty_shipped++, "items[2].qty_shipped");
    DIFFERS(item_count--, "items");
    DIFFERS(addresses[OD_SHIPPING].city = OD_STR("Lapa"), "shipping_address.city");
    DIFFERS(addresses[OD_BILLING].present = true, "billing_address");
    DIFFERS(payments[0].amount++, "payments[0].amount");
    DIFFERS(payment_count--, "payments");
    DIFFERS(shipments[0].note = OD_STR("x"), "shipments[0].note");
    DIFFERS(shipments[0].items[0].qty++, "shipments[0].items");
    DIFFERS(shipments[0].item_count--, "shipments[0].items");
    DIFFERS(shipment_count--, "shipments");
    DIFFERS(payments[0].refund_id++, "payments[0].refund_id");
    DIFFERS(items[0].location = OD_STR("east"), "items[0].location");
    DIFFERS(amount_canceled++, "amount_canceled");
    DIFFERS(exchange_of.bytes[0] ^= 1, "exchange_of");
    DIFFERS(refunds[0].transaction_id = OD_STR("x"), "refunds[0].transaction_id");
    DIFFERS(refunds[0].items[1].amount++, "refunds[0].items");
    DIFFERS(refunds[0].item_count--, "refunds[0].items");
    DIFFERS(refund_count--, "refunds");
    DIFFERS(returns[0].note = OD_STR("x"), "returns[0].note");
    DIFFERS(returns[0].items[0].qty_restocked++, "returns[0].items");
    DIFFERS(return_count--, "returns");
    DIFFERS(invoices[0].amount++, "invoices[0].amount");
    DIFFERS(invoice_count--, "invoices");
    DIFFERS(changes[1].status = OD_STR("discarded"), "changes[1].status");
    DIFFERS(change_count--, "changes");
    DIFFERS(holds[0].reason = OD_STR("x"), "holds[0].reason");
    DIFFERS(holds[0].handle = OD_STR("x"), "holds[0].handle");
    DIFFERS(holds[0].dirty = OD_DIRTY_DELETED, "holds");
    od_arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_found_by_both_names),
        cmocka_unit_test(lookups_know_their_bounds),
        cmocka_unit_test(a_clone_may_change_without_its_original),
        cmocka_unit_test(a_clone_has_its_own_of_what_may_change),
        cmocka_unit_test(items_are_compared_in_any_order),
        cmocka_unit_test(every_field_of_every_part_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
