#include "sample.h"

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

#define DIFFERS(change, where)                                                                     \
    c = od_order_clone(&a, o);                                                                     \
    c->payments = OD_NEW(&a, struct od_payment);                                                   \
    c->payments[0] = o->payments[0];                                                               \
    c->shipments[0].items = OD_NEW(&a, struct od_shipment_item);                                   \
    c->shipments[0].items[0] = o->shipments[0].items[0];                                           \
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
        cmocka_unit_test(every_field_of_every_part_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
