#include "sample.h"

#include <string.h>

#include "order/ledger/event.h"

struct life {
    struct od_arena a;
    struct od_order *o;      /* folded from the events as made */
    struct od_order *stored; /* folded from the events as stored and read back */
};

static int setup(void **state)
{
    struct life *l = test_calloc(1, sizeof *l);

    od_arena_init(&l->a);
    l->o = OD_NEW(&l->a, struct od_order);
    l->stored = OD_NEW(&l->a, struct od_order);
    *state = l;
    return 0;
}

static int teardown(void **state)
{
    struct life *l = *state;

    od_arena_fini(&l->a);
    test_free(l);
    return 0;
}

/* An event as it comes back from the ledger: the header from its columns, the data from JSON. */
static struct od_event stored(struct life *l, const struct od_event *e)
{
    struct od_event back = *e;
    struct od_buf b;
    struct od_err err;
    struct od_str data;

    od_buf_init(&b, 1 << 20);
    od_event_encode(e, &b);
    data = od_arena_str(&l->a, od_buf_view(&b));
    od_buf_fini(&b);
    back.order = NULL;
    back.patch = NULL;
    back.payment = NULL;
    back.shipment = NULL;
    back.hold = NULL;
    back.refund = NULL;
    back.ret = NULL;
    back.invoice = NULL;
    back.change = NULL;
    back.amount = 0;
    back.handed_over = false;
    back.units = NULL;
    back.unit_count = 0;
    back.comment = OD_STR_NONE;
    if (od_event_decode(&back, data, &l->a, &err) != 0)
        fail_msg("%s in %.*s", err.message, OD_STR_ARG(data));
    return back;
}

static void happens(struct life *l, struct od_event e)
{
    struct od_event back = stored(l, &e);
    struct od_err err;
    const char *diff;

    if (od_fold(l->o, &e, &l->a, &err) != 0 || od_fold(l->stored, &back, &l->a, &err) != 0)
        fail_msg("%s", err.message);
    diff = od_order_diff(&l->a, l->o, l->stored);
    if (diff)
        fail_msg("%s: %s differs", od_event_type_name(e.type).ptr, diff);
}

static void refused(struct life *l, struct od_event e, const char *why)
{
    struct od_order *c = od_order_clone(&l->a, l->o);
    struct od_err err = {0};

    assert_int_equal(od_fold(c, &e, &l->a, &err), -1);
    assert_int_equal(err.code, OD_ERR_INVALID);
    if (!strstr(err.message, why))
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static void placed(struct life *l)
{
    struct od_event e = sample_event(l->o, OD_EVENT_ORDER_PLACED);

    e.order = sample_draft(&l->a);
    e.status[OD_STATUS_ORDER].to = OD_STR("pending");
    happens(l, e);
}

static void every_event_type_survives_the_ledger(void **state)
{
    struct life *l = *state;
    struct od_event e;

    placed(l);
    happens(l, sample_patch(&l->a, l->o));
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_FAILED, "fail", 0));
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_AUTHORIZED, "authorize", 6499));
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 6000));
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_VOIDED, "void", 499));
    e = sample_event(l->o, OD_EVENT_PAYMENT_STATUS_SET);
    e.status[OD_STATUS_PAYMENT].to = OD_STR("paid");
    happens(l, e);
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "fraud"));
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "manual"));
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_RELEASED, "fraud"));
    happens(l, sample_shipment(&l->a, l->o, 3, 2));
    happens(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_UPDATED, 1));
    happens(l, sample_shipment(&l->a, l->o, 3, 3));
    happens(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_CANCELED, 2));
    happens(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_DELIVERED, 1));
    e = sample_event(l->o, OD_EVENT_SHIPMENT_STATUS_SET);
    e.status[OD_STATUS_SHIPMENT].to = OD_STR("shipped");
    happens(l, e);
    e = sample_event(l->o, OD_EVENT_ACTIVITY_ADDED);
    e.comment = OD_STR("called: \"où?\"\n");
    happens(l, e);
    happens(l, sample_cancel(&l->a, l->o, 3, 3));

    assert_int_equal(l->o->version, 18);
    assert_int_equal(l->o->created_at, SAMPLE_AT);
    assert_int_equal(l->o->updated_at, SAMPLE_AT + 17 * 1000000);
    assert_int_equal(l->o->amount_authorized, 6000);
    assert_int_equal(l->o->amount_captured, 6000);
    assert_int_equal(l->o->hold_count, 1);
    assert_true(od_str_is(l->o->payment_status, "paid"));
    assert_true(od_str_is(l->o->shipments[0].tracking_number, "BR123"));
    assert_true(od_str_is(l->o->shipping_note, "ring twice"));
    assert_null(l->o->tags.ptr);
    assert_true(od_str_is(l->o->addresses[OD_BILLING].kind, "billing"));
    assert_true(od_str_is(l->o->cancel_reason, "changed my mind"));
    assert_int_equal(l->o->items[2].qty_shipped, 2);
    assert_int_equal(l->o->items[2].qty_delivered, 2);
    assert_int_equal(l->o->items[2].qty_canceled, 3);
}

static void a_shipment_canceled_after_its_order_cancels_its_units(void **state)
{
    struct life *l = *state;

    placed(l);
    happens(l, sample_shipment(&l->a, l->o, 1, 1));
    happens(l, sample_cancel(&l->a, l->o, 1, 1));
    happens(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_CANCELED, 1));
    assert_int_equal(l->o->items[0].qty_shipped, 0);
    assert_int_equal(l->o->items[0].qty_canceled, 2);
}

static void the_head_must_follow_on_the_order(void **state)
{
    struct life *l = *state;
    struct od_event e = sample_event(l->o, OD_EVENT_ACTIVITY_ADDED);

    refused(l, e, "does not follow on version 0");
    placed(l);
    e = sample_event(l->o, OD_EVENT_ACTIVITY_ADDED);
    e.seq++;
    refused(l, e, "does not follow on version 1");
    e = sample_event(l->o, OD_EVENT_ORDER_PLACED);
    refused(l, e, "does not follow on version 1");
    e = sample_event(l->o, OD_EVENT_ACTIVITY_ADDED);
    e.order_id = 8;
    refused(l, e, "not of order 7");
    e = sample_event(l->o, OD_EVENT_ACTIVITY_ADDED);
    e.at = 0;
    refused(l, e, "no time");
    e = sample_event(l->o, OD_EVENT_ACTIVITY_ADDED);
    e.status[OD_STATUS_ORDER] = (struct od_status_change){OD_STR("paid"), OD_STR("shipped")};
    refused(l, e, "order 7 event 2 activity.added: its order_status is from paid");
}

static void a_broken_placed_event_is_named(void **state)
{
    struct life *l = *state;
    struct od_event e = sample_event(l->o, OD_EVENT_ORDER_PLACED);
    struct od_order *draft = sample_draft(&l->a);

    e.order = draft;
    draft->currency = OD_STR("EUX");
    refused(l, e, "currency EUX is unknown");
    draft->currency = OD_STR("EUR");
    draft->items[1].order_item_id = 3;
    refused(l, e, "item 3 does not follow on item 1");
    draft->items[1].order_item_id = 2;
    draft->items[1].qty = 0;
    refused(l, e, "item 2 has 0 units");
    draft->item_count = 0;
    refused(l, e, "no items");
    draft->historical = true;
    happens(l, e);
}

static void derived_fields_of_a_draft_are_not_taken(void **state)
{
    struct life *l = *state;
    struct od_event e = sample_event(l->o, OD_EVENT_ORDER_PLACED);
    struct od_order *draft = sample_draft(&l->a);

    draft->amount_captured = 5;
    draft->items[0].qty_shipped = 1;
    e.order = draft;
    happens(l, e);
    assert_int_equal(l->o->amount_captured, 0);
    assert_int_equal(l->o->items[0].qty_shipped, 0);
    assert_int_equal(l->o->dirty, OD_DIRTY_NEW);
}

static void patches_reach_mutable_input_fields_only(void **state)
{
    const struct od_entity *entity = &od_entities[OD_ENTITY_ORDER];
    struct life *l = *state;
    struct od_event e;
    struct od_patch p;

    placed(l);
    e = sample_patch(&l->a, l->o);
    p = *e.patch;
    e.patch = &p;
    p.fields = (uint64_t)1 << (od_entity_field(entity, OD_STR("grand_total")) - entity->fields);
    refused(l, e, "grand_total cannot be updated");
    p.fields = (uint64_t)1 << (od_entity_field(entity, OD_STR("status")) - entity->fields);
    refused(l, e, "status cannot be updated");
}

static void units_stay_within_their_item(void **state)
{
    struct life *l = *state;
    struct od_event e;

    placed(l);
    refused(l, sample_cancel(&l->a, l->o, 4, 1), "item 4 is unknown");
    refused(l, sample_cancel(&l->a, l->o, 3, 6), "6 units of item 3 are more than are open");
    refused(l, sample_cancel(&l->a, l->o, 3, 0), "item 3 has 0 units");
    refused(l, sample_shipment(&l->a, l->o, 9, 1), "item 9 is unknown");
    refused(l, sample_shipment(&l->a, l->o, 1, 3), "3 units of item 1 are more than are open");
    e = sample_shipment(&l->a, l->o, 1, 1);
    ((struct od_shipment *)e.shipment)->item_count = 0;
    refused(l, e, "no items");
    e = sample_shipment(&l->a, l->o, 1, 1);
    ((struct od_shipment *)e.shipment)->shipment_id = 2;
    refused(l, e, "shipment 2 does not follow on shipment 0");
    e = sample_shipment(&l->a, l->o, 1, 1);
    ((struct od_shipment *)e.shipment)->delivered_at = 1;
    refused(l, e, "neither delivered nor canceled");
    e = sample_shipment(&l->a, l->o, 1, 1);
    ((struct od_shipment *)e.shipment)->item_count = 2;
    ((struct od_shipment *)e.shipment)->items = (struct od_shipment_item[]){{1, 1, 1}, {1, 1, 1}};
    refused(l, e, "item 1 is there twice");
}

static struct od_event sample_items_canceled(struct life *l, int32_t item, int32_t qty,
                                             int64_t amount)
{
    struct od_event e = sample_cancel(&l->a, l->o, item, qty);
    e.type = OD_EVENT_ITEMS_CANCELED;
    e.amount = amount;
    return e;
}

static void units_are_canceled_with_what_they_cost(void **state)
{
    struct life *l = *state;
    struct od_event e;

    placed(l);
    happens(l, sample_items_canceled(l, 3, 2, 800));
    assert_int_equal(l->o->items[2].qty_canceled, 2);
    assert_int_equal(l->o->amount_canceled, 800);
    assert_int_equal(l->o->canceled_at, 0);
    refused(l, sample_items_canceled(l, 3, 4, 0), "more than are open");
    refused(l, sample_items_canceled(l, 3, 1, -1), "below zero");
    refused(l, sample_items_canceled(l, 3, 1, 5700), "not be a part of the order");
    e = sample_items_canceled(l, 3, 1, 0);
    e.unit_count = 0;
    refused(l, e, "no units");
    e = sample_cancel(&l->a, l->o, 3, 3);
    e.amount = 5699;
    happens(l, e);
    assert_int_equal(l->o->amount_canceled, 6499);
    refused(l, sample_items_canceled(l, 1, 1, 0), "canceled already");
}

static void only_what_was_handed_over_takes_canceled_units(void **state)
{
    struct life *l = *state;
    struct od_event e;

    placed(l);
    happens(l, sample_items_canceled(l, 3, 2, 800));
    refused(l, sample_shipment(&l->a, l->o, 3, 4), "more than are open");
    e = sample_shipment(&l->a, l->o, 3, 1);
    e.amount = 1;
    refused(l, e, "amount does not fit");
    e = sample_shipment(&l->a, l->o, 3, 6);
    e.handed_over = true;
    refused(l, e, "more than are open");
    e = sample_shipment(&l->a, l->o, 3, 4);
    e.handed_over = true;
    e.amount = 801;
    refused(l, e, "not be a part of the order");
    e.amount = 400;
    happens(l, e);
    assert_int_equal(l->o->items[2].qty_shipped, 4);
    assert_int_equal(l->o->items[2].qty_canceled, 1);
    assert_int_equal(l->o->items[2].qty_shipped_after_cancel, 1);
    assert_int_equal(l->o->amount_canceled, 400);

    e = sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_UPDATED, 1);
    e.amount = 400;
    refused(l, e, "amount does not fit");
    e = sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_CANCELED, 1);
    e.amount = 400;
    happens(l, e);
    assert_int_equal(l->o->items[2].qty_canceled, 2);
    assert_int_equal(l->o->items[2].qty_shipped_after_cancel, 0);
    assert_int_equal(l->o->amount_canceled, 800);
}

static void what_came_back_stays_shipped(void **state)
{
    struct life *l = *state;

    placed(l);
    happens(l, sample_shipment(&l->a, l->o, 1, 2));
    l->o->items[0].qty_returned = l->stored->items[0].qty_returned = 1;
    refused(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_CANCELED, 1),
            "some came back already");
}

/* Orders that were placed before there were several locations. */
static void tracked_lines_without_a_location_are_at_the_first(void **state)
{
    struct life *l = *state;

    placed(l);
    assert_true(od_str_is(l->o->items[0].location, "main"));
}

static void a_shipment_ends_once(void **state)
{
    struct life *l = *state;
    struct od_event e;

    placed(l);
    refused(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_UPDATED, 1), "unknown");
    happens(l, sample_shipment(&l->a, l->o, 1, 1));
    e = sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_DELIVERED, 1);
    e.type = OD_EVENT_SHIPMENT_UPDATED;
    refused(l, e, "does not fit");
    happens(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_DELIVERED, 1));
    refused(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_CANCELED, 1),
            "delivered already");
    happens(l, sample_shipment(&l->a, l->o, 1, 1));
    l->o->items[0].qty_delivered = 2;
    refused(l, sample_shipment_change(&l->a, l->o, OD_EVENT_SHIPMENT_CANCELED, 2),
            "more than are on their way");
}

static void an_order_is_canceled_once(void **state)
{
    struct life *l = *state;

    placed(l);
    happens(l, sample_cancel(&l->a, l->o, 1, 1));
    refused(l, sample_cancel(&l->a, l->o, 1, 1), "canceled already");
}

static void holds_stand_in_order_of_handles(void **state)
{
    struct life *l = *state;

    placed(l);
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "manual"));
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "stock"));
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "fraud"));
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_RELEASED, "manual"));
    assert_int_equal(l->o->hold_count, 2);
    assert_true(od_str_is(l->o->holds[0].handle, "fraud"));
    assert_true(od_str_is(l->o->holds[1].handle, "stock"));
}

static void holds_come_and_go(void **state)
{
    struct life *l = *state;

    placed(l);
    refused(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_RELEASED, "manual"), "unknown");
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "manual"));
    refused(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "manual"), "there already");
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_RELEASED, "manual"));
    assert_int_equal(l->o->hold_count, 0);
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "manual"));
    /* As if it had been loaded: its row must go, or be written over. */
    l->o->holds[0].dirty = OD_CLEAN;
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_RELEASED, "manual"));
    assert_int_equal(l->o->holds[0].dirty, OD_DIRTY_DELETED);
    assert_null(od_order_hold(l->o, OD_STR("manual")));
    happens(l, sample_hold(&l->a, l->o, OD_EVENT_ORDER_HELD, "manual"));
    assert_int_equal(l->o->holds[0].dirty, OD_DIRTY_CHANGED);
    assert_int_equal(l->o->hold_count, 1);
}

static void a_sale_authorizes_itself(void **state)
{
    struct life *l = *state;

    placed(l);
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 6499));
    assert_int_equal(l->o->amount_authorized, 6499);
    assert_int_equal(l->o->amount_captured, 6499);
}

static void captured_never_passes_authorized(void **state)
{
    struct life *l = *state;
    struct od_event e;

    placed(l);
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_AUTHORIZED, "authorize", 100));
    refused(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 101),
            "payment 2 is more than what is authorized");
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 60));
    refused(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_VOIDED, "void", 41), "authorized");
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_VOIDED, "void", 40));
    e = sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 1);
    refused(l, e, "authorized");
    e.overruled = OD_STR("capture_exceeds_authorized");
    happens(l, e);
    assert_int_equal(l->o->amount_captured, 61);
}

static void broken_payments_are_named(void **state)
{
    struct life *l = *state;
    struct od_event e;

    placed(l);
    e = sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_AUTHORIZED, "capture", 1);
    refused(l, e, "payment 1 is of type capture");
    e = sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_AUTHORIZED, "authorize", -1);
    refused(l, e, "below zero");
    happens(l, sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_AUTHORIZED, "authorize", INT64_MAX));
    e = sample_payment(&l->a, l->o, OD_EVENT_PAYMENT_AUTHORIZED, "authorize", 1);
    refused(l, e, "past int64");
    ((struct od_payment *)e.payment)->payment_id = 1;
    refused(l, e, "payment 1 does not follow on payment 1");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(every_event_type_survives_the_ledger),
        T(a_shipment_canceled_after_its_order_cancels_its_units),
        T(the_head_must_follow_on_the_order),
        T(a_broken_placed_event_is_named),
        T(derived_fields_of_a_draft_are_not_taken),
        T(patches_reach_mutable_input_fields_only),
        T(units_stay_within_their_item),
        T(units_are_canceled_with_what_they_cost),
        T(only_what_was_handed_over_takes_canceled_units),
        T(what_came_back_stays_shipped),
        T(tracked_lines_without_a_location_are_at_the_first),
        T(a_shipment_ends_once),
        T(an_order_is_canceled_once),
        T(holds_stand_in_order_of_handles),
        T(holds_come_and_go),
        T(a_sale_authorizes_itself),
        T(captured_never_passes_authorized),
        T(broken_payments_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
