#include "sample.h"

#include "order/amounts/rollup.h"

struct money {
    int64_t total, canceled, authorized, captured, refunded, charged_back;
    bool canceled_at, failed;
    enum od_rollup is;
    int64_t outstanding, overpaid, refundable;
};

static const struct money money[] = {
    {.total = 100, .is = OD_ROLLUP_PENDING, .outstanding = 100},
    {.total = 0, .is = OD_ROLLUP_PAID},
    {.total = 0, .canceled_at = true, .is = OD_ROLLUP_CANCELED},
    {.total = 100, .failed = true, .is = OD_ROLLUP_FAILED, .outstanding = 100},
    {.total = 100, .authorized = 100, .is = OD_ROLLUP_AUTHORIZED, .outstanding = 100},
    {.total = 100, .authorized = 9, .failed = true, .is = OD_ROLLUP_AUTHORIZED, .outstanding = 100},
    {.total = 100, .canceled = 100, .canceled_at = true, .is = OD_ROLLUP_CANCELED},
    {.total = 100,
     .authorized = 100,
     .captured = 40,
     .is = OD_ROLLUP_PARTIALLY_PAID,
     .outstanding = 60,
     .refundable = 40},
    {.total = 100,
     .authorized = 40,
     .captured = 40,
     .failed = true,
     .is = OD_ROLLUP_PARTIALLY_PAID,
     .outstanding = 60,
     .refundable = 40},
    {.total = 100, .authorized = 100, .captured = 100, .is = OD_ROLLUP_PAID, .refundable = 100},
    {.total = 100,
     .authorized = 130,
     .captured = 130,
     .is = OD_ROLLUP_PAID,
     .overpaid = 30,
     .refundable = 130},
    /* The surplus went back: that is no refund of the order. */
    {.total = 100, .captured = 130, .refunded = 30, .is = OD_ROLLUP_PAID, .refundable = 100},
    {.total = 100,
     .captured = 130,
     .refunded = 31,
     .is = OD_ROLLUP_PARTIALLY_REFUNDED,
     .refundable = 99},
    /* So did what cancelled units had cost. */
    {.total = 100,
     .canceled = 20,
     .captured = 100,
     .is = OD_ROLLUP_PAID,
     .overpaid = 20,
     .refundable = 100},
    {.total = 100,
     .canceled = 20,
     .captured = 100,
     .refunded = 20,
     .is = OD_ROLLUP_PAID,
     .refundable = 80},
    {.total = 100, .canceled = 20, .captured = 80, .is = OD_ROLLUP_PAID, .refundable = 80},
    {.total = 100,
     .captured = 100,
     .refunded = 1,
     .is = OD_ROLLUP_PARTIALLY_REFUNDED,
     .refundable = 99},
    {.total = 100,
     .captured = 40,
     .refunded = 10,
     .is = OD_ROLLUP_PARTIALLY_PAID,
     .outstanding = 60,
     .refundable = 30},
    {.total = 100, .captured = 100, .refunded = 100, .is = OD_ROLLUP_REFUNDED},
    {.total = 100, .captured = 40, .refunded = 40, .is = OD_ROLLUP_REFUNDED, .outstanding = 60},
    {.total = 100,
     .canceled = 100,
     .captured = 100,
     .canceled_at = true,
     .is = OD_ROLLUP_PAID,
     .overpaid = 100,
     .refundable = 100},
    {.total = 100,
     .canceled = 100,
     .captured = 100,
     .refunded = 100,
     .canceled_at = true,
     .is = OD_ROLLUP_REFUNDED},
    {.total = 100,
     .captured = 100,
     .charged_back = 100,
     .is = OD_ROLLUP_CHARGED_BACK,
     .outstanding = 100},
    {.total = 100,
     .captured = 100,
     .refunded = 60,
     .charged_back = 40,
     .is = OD_ROLLUP_CHARGED_BACK,
     .outstanding = 40},
    {.total = 100,
     .captured = 100,
     .charged_back = 30,
     .is = OD_ROLLUP_PARTIALLY_PAID,
     .outstanding = 30,
     .refundable = 70},
    {.total = INT64_MAX,
     .captured = INT64_MAX,
     .charged_back = INT64_MAX,
     .refunded = INT64_MAX,
     .is = OD_ROLLUP_CHARGED_BACK,
     .outstanding = INT64_MAX},
};

static void payments_are_rolled_up_from_amounts(void **state)
{
    struct od_payment fail = {.type = OD_STR("fail")};
    (void)state;
    for (size_t i = 0; i < sizeof money / sizeof *money; i++) {
        const struct money *m = &money[i];
        struct od_order o = {.grand_total = m->total,
                             .amount_canceled = m->canceled,
                             .amount_authorized = m->authorized,
                             .amount_captured = m->captured,
                             .amount_refunded = m->refunded,
                             .amount_charged_back = m->charged_back,
                             .canceled_at = m->canceled_at,
                             .payments = &fail,
                             .payment_count = m->failed};
        if (od_rollup_payment(&o) != m->is)
            fail_msg("row %zu is %s", i, od_rollup_name(od_rollup_payment(&o)).ptr);
        if (od_amount_outstanding(&o) != m->outstanding || od_amount_overpaid(&o) != m->overpaid ||
            od_amount_refundable(&o) != m->refundable)
            fail_msg("row %zu: outstanding %lld, overpaid %lld, refundable %lld", i,
                     (long long)od_amount_outstanding(&o), (long long)od_amount_overpaid(&o),
                     (long long)od_amount_refundable(&o));
    }
}

static void each_method_gives_back_what_it_took(void **state)
{
    struct od_payment p[] = {
        {.type = OD_STR("authorize"), .method = OD_STR("card"), .amount = 100},
        {.type = OD_STR("capture"), .method = OD_STR("card"), .amount = 60},
        {.type = OD_STR("capture"), .method = OD_STR("voucher"), .amount = 25},
        {.type = OD_STR("refund"), .method = OD_STR("card"), .amount = 10},
        {.type = OD_STR("chargeback"), .method = OD_STR("card"), .amount = 20},
        {.type = OD_STR("fail"), .method = OD_STR("card"), .amount = 40},
        {.type = OD_STR("refund"), .method = OD_STR("voucher"), .amount = 25},
    };
    struct od_order o = {.payments = p, .payment_count = sizeof p / sizeof *p};
    (void)state;
    assert_int_equal(od_amount_refundable_by(&o, OD_STR("card")), 30);
    assert_int_equal(od_amount_refundable_by(&o, OD_STR("voucher")), 0);
    assert_int_equal(od_amount_refundable_by(&o, OD_STR("cash")), 0);
    assert_int_equal(od_amount_refundable_by(&o, OD_STR_NONE), 0);
}

struct units {
    int32_t qty, canceled, shipped, delivered, returned; /* of each of two lines */
    enum od_rollup is, both; /* of the first line alone; with a second line of 2 open units */
};

static const struct units units[] = {
    {2, 0, 0, 0, 0, OD_ROLLUP_PENDING, OD_ROLLUP_PENDING},
    {2, 1, 0, 0, 0, OD_ROLLUP_PARTIALLY_CANCELED, OD_ROLLUP_PARTIALLY_CANCELED},
    {2, 2, 0, 0, 0, OD_ROLLUP_CANCELED, OD_ROLLUP_PARTIALLY_CANCELED},
    {2, 0, 1, 0, 0, OD_ROLLUP_PARTIALLY_SHIPPED, OD_ROLLUP_PARTIALLY_SHIPPED},
    {2, 1, 1, 0, 0, OD_ROLLUP_SHIPPED, OD_ROLLUP_PARTIALLY_SHIPPED},
    {2, 0, 2, 0, 0, OD_ROLLUP_SHIPPED, OD_ROLLUP_PARTIALLY_SHIPPED},
    {2, 0, 2, 1, 0, OD_ROLLUP_PARTIALLY_DELIVERED, OD_ROLLUP_PARTIALLY_DELIVERED},
    {2, 0, 1, 1, 0, OD_ROLLUP_PARTIALLY_DELIVERED, OD_ROLLUP_PARTIALLY_DELIVERED},
    {2, 0, 2, 2, 0, OD_ROLLUP_DELIVERED, OD_ROLLUP_PARTIALLY_DELIVERED},
    {2, 1, 1, 1, 0, OD_ROLLUP_DELIVERED, OD_ROLLUP_PARTIALLY_DELIVERED},
    {2, 0, 2, 2, 1, OD_ROLLUP_PARTIALLY_RETURNED, OD_ROLLUP_PARTIALLY_DELIVERED},
    {2, 0, 2, 2, 2, OD_ROLLUP_RETURNED, OD_ROLLUP_PARTIALLY_DELIVERED},
    {2, 0, 2, 0, 2, OD_ROLLUP_RETURNED, OD_ROLLUP_PARTIALLY_SHIPPED}, /* back to the sender */
    {2, 0, 2, 0, 1, OD_ROLLUP_SHIPPED, OD_ROLLUP_PARTIALLY_SHIPPED},
    {2, 0, 1, 1, 1, OD_ROLLUP_PARTIALLY_DELIVERED, OD_ROLLUP_PARTIALLY_DELIVERED},
};

static void shipments_are_rolled_up_from_units(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const struct units *u = &units[i];
        struct od_item items[2] = {{.qty = u->qty,
                                    .qty_canceled = u->canceled,
                                    .qty_shipped = u->shipped,
                                    .qty_delivered = u->delivered,
                                    .qty_returned = u->returned},
                                   {.qty = 2}};
        struct od_order o = {.items = items, .item_count = 1};
        if (od_rollup_shipment(&o) != u->is)
            fail_msg("row %zu is %s", i, od_rollup_name(od_rollup_shipment(&o)).ptr);
        o.item_count = 2;
        if (od_rollup_shipment(&o) != u->both)
            fail_msg("row %zu with another line is %s", i,
                     od_rollup_name(od_rollup_shipment(&o)).ptr);
    }
}

static void parcels_stand_for_lines_that_are_not_there(void **state)
{
    struct od_shipment parcels[] = {{.shipment_id = 1}, {.shipment_id = 2, .delivered_at = 1}};
    struct od_order o = {.shipments = parcels};
    (void)state;
    assert_int_equal(od_rollup_shipment(&o), OD_ROLLUP_PENDING);
    o.canceled_at = 1;
    assert_int_equal(od_rollup_shipment(&o), OD_ROLLUP_CANCELED);
    o.shipment_count = 1;
    assert_int_equal(od_rollup_shipment(&o), OD_ROLLUP_SHIPPED);
    o.shipment_count = 2;
    assert_int_equal(od_rollup_shipment(&o), OD_ROLLUP_PARTIALLY_DELIVERED);
    parcels[0].canceled_at = 1;
    assert_int_equal(od_rollup_shipment(&o), OD_ROLLUP_DELIVERED);
}

#define STATUS(code_, phase_)                                                                      \
    {                                                                                              \
        .code = OD_STR_INIT(code_), .phase = OD_STR_INIT(phase_)                                   \
    }

static struct od_status rich[] = {
    {.code = OD_STR_INIT("open"), .is_default = true},
    STATUS("part_money", "partially_paid"),
    STATUS("partially_refunded", "refunded"),
    STATUS("refunded", "refunded"),
    STATUS("bezahlt", "paid"),
    STATUS("gone", "shipped"),
    STATUS("partially_returned", ""),
    STATUS("there", "delivered"),
    STATUS("broken", "failed"),
};
static struct od_status poor[] = {
    STATUS("pending", ""),
    {.code = OD_STR_INIT("new"), .is_default = true},
    STATUS("done", "shipped"),
};

static void names(const struct od_status_set *set, enum od_rollup r, const char *code)
{
    struct od_str found = od_rollup_status(set, r);
    if (!od_str_is(found, code))
        fail_msg("%s is %.*s, not %s", od_rollup_name(r).ptr, OD_STR_ARG(found), code);
}

static void a_rollup_is_named_by_phase_then_by_code_then_coarser(void **state)
{
    const struct od_status_set set = {rich, sizeof rich / sizeof *rich};
    const struct od_status_set few = {poor, sizeof poor / sizeof *poor};
    (void)state;
    names(&set, OD_ROLLUP_PENDING, "open");
    names(&set, OD_ROLLUP_PARTIALLY_PAID, "part_money");
    names(&set, OD_ROLLUP_PAID, "bezahlt");
    names(&set, OD_ROLLUP_PARTIALLY_REFUNDED, "partially_refunded");
    names(&set, OD_ROLLUP_REFUNDED, "refunded");
    names(&set, OD_ROLLUP_CHARGED_BACK, "broken");
    names(&set, OD_ROLLUP_AUTHORIZED, "open");
    names(&set, OD_ROLLUP_CANCELED, "open");
    names(&set, OD_ROLLUP_PARTIALLY_CANCELED, "open");
    names(&set, OD_ROLLUP_PARTIALLY_DELIVERED, "gone");
    names(&set, OD_ROLLUP_PARTIALLY_RETURNED, "partially_returned");
    names(&set, OD_ROLLUP_RETURNED, "there");
    names(&few, OD_ROLLUP_PENDING, "pending");
    names(&few, OD_ROLLUP_RETURNED, "done");
    names(&few, OD_ROLLUP_PARTIALLY_REFUNDED, "pending");
    names(&few, OD_ROLLUP_CHARGED_BACK, "pending");
    for (int r = 0; r < OD_ROLLUPS; r++)
        assert_true(od_rollup_name((enum od_rollup)r).len > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payments_are_rolled_up_from_amounts),
        cmocka_unit_test(each_method_gives_back_what_it_took),
        cmocka_unit_test(shipments_are_rolled_up_from_units),
        cmocka_unit_test(parcels_stand_for_lines_that_are_not_there),
        cmocka_unit_test(a_rollup_is_named_by_phase_then_by_code_then_coarser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
