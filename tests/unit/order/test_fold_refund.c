#include "sample.h"

#include <string.h>

#include "order/amounts/account.h"
#include "order/amounts/rollup.h"
#include "order/ledger/event.h"

/* Refunds and invoices that a damaged ledger would have: fold names what is wrong with them. */

struct books {
    struct od_arena a;
    struct od_order *o;
};

static int teardown(void **state)
{
    struct books *b = *state;

    od_arena_fini(&b->a);
    test_free(b);
    return 0;
}

static void happens(struct books *b, struct od_event e)
{
    struct od_err err;

    if (od_fold(b->o, &e, &b->a, &err) != 0)
        fail_msg("%s", err.message);
}

/* 64.99: item 1 of 2 units, item 2 of 1, item 3 of 5. Paid by card, both units of item 1 shipped.
 */
static int setup(void **state)
{
    struct books *b = test_calloc(1, sizeof *b);

    od_arena_init(&b->a);
    b->o = sample_placed(&b->a);
    happens(b, sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 6499));
    happens(b, sample_shipment(&b->a, b->o, 1, 2));
    *state = b;
    return 0;
}

static void refused(struct books *b, struct od_event e, const char *why)
{
    struct od_order *c = od_order_clone(&b->a, b->o);
    struct od_err err = {0};

    assert_int_equal(od_fold(c, &e, &b->a, &err), -1);
    assert_int_equal(err.code, OD_ERR_INVALID);
    if (!strstr(err.message, why))
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

struct refunded {
    struct od_event e;
    struct od_refund *r;
    struct od_payment *p;
    struct od_refund_item *items; /* [2] */
};

/* 12.50 for one unit of item 1, by card, and no transaction. */
static struct refunded refund(struct books *b)
{
    struct refunded f = {.e = sample_event(b->o, OD_EVENT_PAYMENT_REFUNDED),
                         .r = OD_NEW(&b->a, struct od_refund),
                         .p = OD_NEW(&b->a, struct od_payment),
                         .items = OD_NEW_ARRAY(&b->a, struct od_refund_item, 2)};

    f.items[0] = (struct od_refund_item){.order_item_id = 1, .qty = 1, .amount = 1250};
    *f.r = (struct od_refund){.refund_id = (int32_t)b->o->refund_count + 1,
                              .credit_memo_number = OD_STR("C-1"),
                              .amount = 1250,
                              .method = OD_STR("card"),
                              .version = f.e.seq,
                              .created_at = f.e.at,
                              .items = f.items,
                              .item_count = 1};
    *f.p = (struct od_payment){.payment_id = (int32_t)b->o->payment_count + 1,
                               .type = OD_STR("refund"),
                               .amount = 1250,
                               .method = OD_STR("card"),
                               .status = OD_STR("succeeded"),
                               .created_at = f.e.at,
                               .refund_id = f.r->refund_id};
    f.e.refund = f.r;
    f.e.payment = f.p;
    return f;
}

static struct refunded refund_of(struct books *b, int64_t amount, const char *method)
{
    struct refunded f = refund(b);

    f.r->amount = f.p->amount = amount;
    f.r->method = f.p->method = od_str_of(method);
    f.r->item_count = 0;
    return f;
}

static void a_refund_moves_money_and_units(void **state)
{
    struct books *b = *state;
    struct refunded f = refund(b);

    f.items[0].qty_restocked = 1;
    happens(b, f.e);
    assert_int_equal(b->o->amount_refunded, 1250);
    assert_int_equal(b->o->refund_count, 1);
    assert_int_equal(b->o->refunds[0].dirty, OD_DIRTY_NEW);
    assert_int_equal(b->o->refunds[0].items[0].refund_id, 1);
    assert_ptr_not_equal(b->o->refunds[0].items, f.items);
    assert_int_equal(b->o->payments[1].refund_id, 1);
    assert_int_equal(b->o->items[0].qty_refunded, 1);
    assert_int_equal(b->o->items[0].qty_returned, 1);
    assert_int_equal(b->o->items[0].qty_restocked, 1);
}

#define BREAKS(member, value, why)                                                                 \
    do {                                                                                           \
        struct refunded f = refund(b);                                                             \
        f.member = value;                                                                          \
        refused(b, f.e, why);                                                                      \
    } while (0)

static void a_broken_refund_is_named(void **state)
{
    struct books *b = *state;

    BREAKS(r->refund_id, 2, "refund 2 does not follow on refund 0");
    BREAKS(p->refund_id, 2, "payment 2 is not of refund 1");
    BREAKS(p->amount, 1249, "payment 2 is not of refund 1");
    BREAKS(p->method, OD_STR("cash"), "payment 2 is not of refund 1");
    BREAKS(p->transaction_id, OD_STR("t"), "payment 2 is not of refund 1");
    BREAKS(p->type, OD_STR("capture"), "payment 2 is of type capture");
    BREAKS(p->payment_id, 4, "payment 4 does not follow on payment 1");
    BREAKS(r->amount = f.p->amount, 0, "amount out of range");
    BREAKS(r->shipping_amount, -1, "amount out of range");
    BREAKS(r->shipping_amount, 1251, "amount out of range");
    BREAKS(r->version, 3, "no credit memo");
    BREAKS(r->credit_memo_number, OD_STR_NONE, "no credit memo");
    BREAKS(r->return_id, 1, "return 1 is unknown");
}

/* 10.00 by card and 2.50 by voucher. */
static struct refunded by_two(struct books *b)
{
    struct refunded f = refund(b);
    struct od_payment *list = OD_NEW_ARRAY(&b->a, struct od_payment, 2);

    list[0] = list[1] = *f.p;
    list[0].amount = 1000;
    list[1].amount = 250;
    list[1].payment_id++;
    list[1].method = OD_STR("voucher");
    f.e.payment = f.p = list;
    f.e.payment_count = 2;
    return f;
}

static void paid_by_voucher(struct books *b)
{
    struct od_event e = sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 250);

    ((struct od_payment *)e.payment)->method = OD_STR("voucher");
    happens(b, e);
}

#define BREAKS_TWO(member, value, why)                                                             \
    do {                                                                                           \
        struct refunded f = by_two(b);                                                             \
        f.member = value;                                                                          \
        refused(b, f.e, why);                                                                      \
    } while (0)

static void a_refund_by_two_methods_has_two_payments(void **state)
{
    struct books *b = *state;

    refused(b, by_two(b).e, "payment 3 is more than what is left to refund");
    paid_by_voucher(b);
    BREAKS_TWO(p[1].amount, 249, "payment 3 is not of refund 1");
    BREAKS_TWO(p[1].refund_id, 2, "payment 4 is not of refund 1");
    BREAKS_TWO(p[1].payment_id, 3, "payment 3 does not follow on payment 3");
    BREAKS_TWO(p[0].method, OD_STR("voucher"), "payment 3 is not of refund 1");
    happens(b, by_two(b).e);
    assert_int_equal(b->o->amount_refunded, 1250);
    assert_int_equal(b->o->payment_count, 4);
    assert_int_equal(b->o->refund_count, 1);
}

/* Money that was paid by card goes back as store credit: card has it no more. */
static void a_refund_by_another_method_is_the_money_of_the_one_that_paid(void **state)
{
    struct books *b = *state;
    struct refunded f = refund_of(b, 6000, "store_credit");

    refused(b, f.e, "payment 2 is more than what is left to refund");
    f.p->paid_by = OD_STR("card");
    happens(b, f.e);
    assert_int_equal(od_amount_refundable_by(b->o, OD_STR("card")), 499);
    assert_int_equal(od_amount_refundable_by(b->o, OD_STR("store_credit")), 0);
    refused(b, refund_of(b, 500, "card").e, "left to refund");

    struct od_event e = sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 1);
    ((struct od_payment *)e.payment)->paid_by = OD_STR("card");
    refused(b, e, "payment 3 goes back by another method");
}

static void broken_units_of_a_refund_are_named(void **state)
{
    struct books *b = *state;
    struct refunded twice = refund(b);

    BREAKS(items[0].order_item_id, 4, "item 4 is unknown");
    BREAKS(items[0].qty, 0, "item 1 has 0 units");
    BREAKS(items[0].qty, INT32_MAX, "more than are left");
    BREAKS(items[0].amount, -1, "item 1 has an amount below zero");
    BREAKS(items[0].qty_restocked, -1, "cannot have come back");
    BREAKS(items[0].qty_restocked, 2, "cannot have come back");
    BREAKS(items[0].qty_canceled, -1, "-1 units of item 1 cannot leave the order");
    BREAKS(items[0].qty_canceled, 1,
           "1 units of item 1 cannot leave the order"); /* they have left */
    BREAKS(r->amount_canceled, -1, "cancels an amount below zero");
    BREAKS(r->amount_canceled, 6500, "would not be a part of the order");
    twice.items[1] = twice.items[0];
    twice.r->item_count = 2;
    refused(b, twice.e, "item 1 is there twice");

    struct refunded unshipped = refund(b);
    unshipped.items[0].order_item_id = 2;
    unshipped.items[0].qty_restocked = 1;
    refused(b, unshipped.e, "1 units of item 2 cannot have come back");
    unshipped.items[0].qty_restocked = 0;
    unshipped.items[0].qty_canceled = 2;
    refused(b, unshipped.e, "2 units of item 2 cannot leave the order");
}

/* An event from before units left the order says nothing of them. */
static void units_leave_the_order_where_the_event_says_so(void **state)
{
    struct books *b = *state;
    struct refunded f = refund(b);

    f.items[0].order_item_id = 3;
    happens(b, f.e);
    assert_int_equal(b->o->items[2].qty_canceled, 0);
    assert_int_equal(od_item_open(&b->o->items[2]), 5);
    assert_int_equal(b->o->amount_canceled, 0);

    f = refund(b);
    f.items[0].order_item_id = 3;
    f.items[0].qty = f.items[0].qty_canceled = 2;
    f.r->amount_canceled = 300;
    happens(b, f.e);
    assert_int_equal(b->o->items[2].qty_canceled, 2);
    assert_int_equal(b->o->items[2].qty_refunded, 3);
    assert_int_equal(od_item_credited(b->o, &b->o->items[2]), 2);
    assert_int_equal(b->o->amount_canceled, 300);
    assert_int_equal(od_order_credited(b->o), 300);
}

static void refunded_never_passes_captured(void **state)
{
    struct books *b = *state;

    refused(b, refund_of(b, 6500, "card").e, "payment 2 is more than what is left to refund");
    refused(b, refund_of(b, 1, "cash").e, "left to refund");
    happens(b, sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CHARGED_BACK, "chargeback", 6000));
    refused(b, refund_of(b, 500, "card").e, "left to refund");
    happens(b, refund_of(b, 499, "card").e);
    happens(b, sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CHARGED_BACK, "chargeback", 499));
    refused(b, sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CHARGED_BACK, "chargeback", 1),
            "payment 5 is more than what is captured");

    /* Of another method, though what is left of it all is nothing. */
    struct od_event e = sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 100);
    ((struct od_payment *)e.payment)->method = OD_STR("cash");
    happens(b, e);
    refused(b, refund_of(b, 100, "cash").e, "left to refund");
    struct refunded history = refund_of(b, 100, "cash");
    history.e.overruled = OD_STR("refund_exceeds_captured");
    happens(b, history.e);
    struct refunded huge = refund_of(b, INT64_MAX, "cash");
    huge.e.overruled = OD_STR("refund_exceeds_captured");
    refused(b, huge.e, "past int64");
}

static void only_a_refunds_payment_has_a_refund(void **state)
{
    struct books *b = *state;
    struct od_event e = sample_payment(&b->a, b->o, OD_EVENT_PAYMENT_CAPTURED, "capture", 1);

    ((struct od_payment *)e.payment)->refund_id = 1;
    refused(b, e, "payment 2 is of refund 1");
}

static struct od_event confirmed(struct books *b, int32_t refund_id, struct od_str transaction_id)
{
    struct od_event e = sample_event(b->o, OD_EVENT_REFUND_CONFIRMED);
    struct od_refund *r = OD_NEW(&b->a, struct od_refund);

    *r = (struct od_refund){.refund_id = refund_id, .transaction_id = transaction_id};
    e.refund = r;
    return e;
}

static void a_refund_is_confirmed_once(void **state)
{
    struct books *b = *state;

    refused(b, confirmed(b, 1, OD_STR("t")), "refund 1 is unknown");
    happens(b, refund(b).e);
    b->o->refunds[0].dirty = b->o->payments[1].dirty = OD_CLEAN;
    refused(b, confirmed(b, 1, OD_STR_NONE), "not at all");
    happens(b, confirmed(b, 1, OD_STR("t")));
    assert_true(od_str_is(b->o->payments[1].transaction_id, "t"));
    assert_true(od_str_is(b->o->refunds[0].transaction_id, "t"));
    assert_int_equal(b->o->payments[1].dirty, OD_DIRTY_CHANGED);
    assert_int_equal(b->o->refunds[0].dirty, OD_DIRTY_CHANGED);
    refused(b, confirmed(b, 1, OD_STR("u")), "confirmed already");
}

static void a_confirmation_names_its_payment(void **state)
{
    struct books *b = *state;

    paid_by_voucher(b);
    happens(b, by_two(b).e);
    struct od_event e = confirmed(b, 1, OD_STR("v"));
    e.payment_id = 2;
    refused(b, e, "payment 2 is not of refund 1");
    e.payment_id = 4;
    happens(b, e);
    assert_null(b->o->refunds[0].transaction_id.ptr);
    assert_true(od_str_is(b->o->payments[3].transaction_id, "v"));
    e = confirmed(b, 1, OD_STR("c"));
    e.payment_id = 3;
    happens(b, e);
    assert_true(od_str_is(b->o->refunds[0].transaction_id, "c"));
    e = confirmed(b, 1, OD_STR("d"));
    e.payment_id = 4;
    refused(b, e, "confirmed already");
}

/* A decision is tried on a clone: what it confirms there leaves the order alone. */
static void a_clone_confirms_for_itself(void **state)
{
    struct books *b = *state;
    struct od_err err;

    happens(b, refund(b).e);
    struct od_order *c = od_order_clone(&b->a, b->o);
    struct od_event e = confirmed(b, 1, OD_STR("t"));
    assert_int_equal(od_fold(c, &e, &b->a, &err), 0);
    assert_null(b->o->payments[1].transaction_id.ptr);
    assert_null(b->o->refunds[0].transaction_id.ptr);
    assert_non_null(od_order_diff(&b->a, b->o, c));
}

static struct od_event invoice(struct books *b, int64_t amount)
{
    struct od_event e = sample_event(b->o, OD_EVENT_INVOICE_ISSUED);
    struct od_invoice *i = OD_NEW(&b->a, struct od_invoice);

    *i = (struct od_invoice){.invoice_id = (int32_t)b->o->invoice_count + 1,
                             .invoice_number = OD_STR("I-1"),
                             .amount = amount,
                             .version = e.seq,
                             .created_at = e.at};
    e.invoice = i;
    return e;
}

static struct od_event credit(struct books *b, int64_t amount)
{
    struct od_event e = invoice(b, -amount);

    e.type = OD_EVENT_INVOICE_CREDITED;
    return e;
}

static void invoices_never_pass_what_the_order_comes_to(void **state)
{
    struct books *b = *state;
    struct od_event e;

    refused(b, invoice(b, 6500), "more than is left to invoice");
    refused(b, invoice(b, 0), "more than is left to invoice");
    happens(b, invoice(b, 6000));
    refused(b, invoice(b, 500), "more than is left to invoice");
    e = invoice(b, 499);
    ((struct od_invoice *)e.invoice)->invoice_id = 1;
    refused(b, e, "invoice 1 does not follow on invoice 1");
    e = invoice(b, 499);
    ((struct od_invoice *)e.invoice)->version = 1;
    refused(b, e, "invoice 2 has no number");
    e = invoice(b, 499);
    ((struct od_invoice *)e.invoice)->invoice_number = OD_STR_NONE;
    refused(b, e, "invoice 2 has no number");
    happens(b, invoice(b, 499));
    assert_int_equal(b->o->invoice_count, 2);
    assert_int_equal(b->o->invoices[1].dirty, OD_DIRTY_NEW);
}

static void a_credit_never_passes_what_is_invoiced_and_not_owed(void **state)
{
    struct books *b = *state;

    happens(b, invoice(b, 6000));
    refused(b, credit(b, 1), "more than is left to credit");
    b->o->amount_canceled = b->o->grand_total - 5000;
    refused(b, credit(b, 1), "more than is left to credit"); /* it is paid */
    b->o->amount_captured = 0;
    refused(b, credit(b, 1001), "more than is left to credit");
    refused(b, credit(b, -1), "more than is left to invoice");
    refused(b, invoice(b, -1), "more than is left to credit");
    happens(b, credit(b, 1000));
    assert_int_equal(b->o->invoices[1].amount, -1000);
    refused(b, credit(b, 1), "more than is left to credit");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_refund_moves_money_and_units),
        T(a_broken_refund_is_named),
        T(a_refund_by_two_methods_has_two_payments),
        T(a_refund_by_another_method_is_the_money_of_the_one_that_paid),
        T(a_confirmation_names_its_payment),
        T(broken_units_of_a_refund_are_named),
        T(units_leave_the_order_where_the_event_says_so),
        T(refunded_never_passes_captured),
        T(only_a_refunds_payment_has_a_refund),
        T(a_refund_is_confirmed_once),
        T(a_clone_confirms_for_itself),
        T(invoices_never_pass_what_the_order_comes_to),
        T(a_credit_never_passes_what_is_invoiced_and_not_owed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
