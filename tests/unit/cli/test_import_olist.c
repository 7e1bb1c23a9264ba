#include "../order/check.h"

#include <ftw.h>
#include <unistd.h>

#include "cli/import/source.h"
#include "base/clock.h"

/* Orders of the Olist format, each read from CSV files made here and decided in the stub shop. */

#define ID   "0009792311464db532ff765bf7b182ae"
#define BUY  "2018-01-01 10:00:00"
#define OKAY "2018-01-02 10:00:00"
#define SENT "2018-01-03 10:00:00"
#define HOME "2018-01-04 10:00:00"
#define ITEM(n, price, freight)                                                                    \
    ID "," n ",product1,seller1,2018-01-05 00:00:00," price "," freight "\n"
#define PAID(n, type, value) ID "," n "," type ",1," value "\n"
#define ORDER(status, approved, sent, home)                                                        \
    ID ",customer1," status "," BUY "," approved "," sent "," home ",2018-02-01 00:00:00\n"

static char directory[] = "/tmp/od-test-olist-XXXXXX";
static struct od_import_unit unit;
static struct od_import_source source;

static void write_file(const char *name, const char *header, const char *rows)
{
    char path[128];
    snprintf(path, sizeof path, "%s/olist_%s_dataset.csv", directory, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%s\n%s", header, rows);
    assert_int_equal(fclose(f), 0);
}

static void write_set(const char *orders, const char *items, const char *payments)
{
    write_file("orders",
               "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
               "order_delivered_carrier_date,order_delivered_customer_date,"
               "order_estimated_delivery_date",
               orders);
    write_file("order_items",
               "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,"
               "freight_value",
               items);
    write_file("order_payments",
               "order_id,payment_sequential,payment_type,payment_installments,payment_value",
               payments);
    write_file("customers",
               "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,"
               "customer_state",
               "customer1,person1,35182,timoteo,MG\n");
    write_file("products", "product_id,product_category_name,product_weight_g",
               "product1,\"bebes, etc\",500\n");
    write_file("sellers", "seller_id,seller_zip_code_prefix,seller_city,seller_state",
               "seller1,70740,brasilia,DF\n");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    return nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct od_import_shop import_shop = {&statuses, OD_STR_INIT("EUR"), NULL};

/* The unit and the order decided from it borrow from the source. */
static int close_all(void **state)
{
    int rc = teardown(state);
    od_arena_fini(&unit.arena);
    if (source.close)
        source.close(source.ctx);
    return rc;
}

static int open_all(void **state)
{
    unit = (struct od_import_unit){0};
    source = (struct od_import_source){0};
    od_arena_init(&unit.arena);
    return setup(state);
}

/* Reads the one order of the set and decides its commands. */
static void import_one(struct shop *sh, const char *order, const char *items, const char *payments)
{
    struct od_err err;
    write_set(order, items, payments);
    if (od_import_olist_open(&source, directory, &import_shop, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(source.total, 1);
    assert_int_equal(source.next(source.ctx, &unit, &err), 1);
    if (unit.commands)
        assert_done(shop_run(sh, unit.commands));
    struct od_import_unit none = {0};
    assert_int_equal(source.next(source.ctx, &none, &err), 0);
}

static const char *note(const char *reason)
{
    for (const struct od_import_note *n = unit.notes; n; n = n->next) {
        if (strcmp(n->reason, reason) == 0)
            return n->detail.ptr;
    }
    return NULL;
}

static int64_t us(const char *time)
{
    int64_t at = 0;
    assert_true(od_time_parse(od_str_of(time), &at));
    return at;
}

/* When the first event of that type happened; 0: there is none. */
static int64_t when(const struct shop *sh, enum od_event_type type)
{
    for (size_t i = 0; i < sh->ledger_len; i++) {
        if (sh->ledger[i].type == type)
            return sh->ledger[i].at;
    }
    return 0;
}

static void delivered_order_is_told_at_its_times(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("delivered", OKAY, SENT, HOME),
               ITEM("2", "10.5", "1.25") ITEM("1", "20.0", "2.0"),
               PAID("1", "credit_card", "33.75"));
    assert_str(sh->order.status, "completed");
    assert_int_equal(sh->order.grand_total, 3375);
    assert_int_equal(sh->order.sub_total, 3050);
    assert_int_equal(sh->order.shipping_fee_incl_tax, 325);
    assert_int_equal(sh->order.item_count, 2);
    assert_int_equal(sh->order.items[0].price, 2000);
    assert_str(sh->order.items[0].name, "bebes, etc");
    assert_str(sh->order.customer_id, "person1");
    assert_str(sh->order.addresses[OD_SHIPPING].province, "MG");
    assert_str(sh->order.payments[0].transaction_id, "olist-" ID "-1");
    assert_int_equal(when(sh, OD_EVENT_ORDER_PLACED), us(BUY));
    assert_int_equal(when(sh, OD_EVENT_PAYMENT_CAPTURED), us(OKAY));
    assert_int_equal(when(sh, OD_EVENT_SHIPMENT_CREATED), us(SENT));
    assert_int_equal(when(sh, OD_EVENT_SHIPMENT_DELIVERED), us(HOME));
    assert_null(unit.notes);
}

static void parts_of_a_payment_are_recorded_one_by_one(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("shipped", OKAY, SENT, ""), ITEM("1", "10", "0"),
               PAID("3", "voucher", "2") PAID("1", "credit_card", "5") PAID("2", "voucher", "3"));
    assert_str(sh->order.status, "shipped");
    assert_int_equal(sh->order.payment_count, 3);
    assert_str(sh->order.payments[0].method, "credit_card");
    assert_int_equal(sh->order.payments[2].amount, 200);
    assert_str(sh->order.payment_method, "credit_card");
    assert_non_null(note("paid_in_parts"));
    assert_null(note("payments_differ"));
}

static void approved_order_is_paid_whatever_its_payments_add_up_to(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("processing", OKAY, "", ""), ITEM("1", "10", "2.50"),
               PAID("1", "boleto", "12.05"));
    assert_str(sh->order.payment_status, "paid");
    assert_str(sh->order.status, "processing");
    assert_int_equal(sh->order.amount_captured, 1205);
    assert_string_equal(note("payments_differ"), "paid 12.05, items and freight are 12.50");
}

static void order_without_items_or_approval_waits(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("created", "", "", ""), "", PAID("1", "credit_card", "7"));
    assert_str(sh->order.status, "pending");
    assert_int_equal(sh->order.amount_authorized, 700);
    assert_int_equal(sh->order.amount_captured, 0);
    assert_non_null(note("no_items"));
    assert_null(note("payments_differ"));
}

static void parcel_of_an_order_without_items_is_shipped(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("shipped", OKAY, SENT, ""), "", PAID("1", "credit_card", "7"));
    assert_int_equal(sh->order.shipment_count, 1);
    assert_str(sh->order.status, "shipped");
}

static void unavailable_order_is_held(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("unavailable", OKAY, "", ""), "", PAID("1", "credit_card", "7"));
    assert_str(sh->order.status, "on_hold");
    assert_int_equal(when(sh, OD_EVENT_ORDER_HELD), us(OKAY));
}

static void cancel_after_delivery_is_recorded_and_reported(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("canceled", OKAY, SENT, HOME), ITEM("1", "10", "0"),
               PAID("1", "credit_card", "10"));
    assert_str(sh->order.status, "canceled");
    assert_int_equal(sh->order.canceled_at, us(HOME));
    assert_int_equal(sh->order.items[0].qty_delivered, 1);
    assert_non_null(sh->ledger[sh->ledger_len - 1].overruled.ptr);
    assert_non_null(note("canceled_after_hand_over"));
    assert_non_null(note("canceled_after_delivery"));
}

static void impossible_times_are_kept_in_a_possible_order(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("delivered", HOME, OKAY, BUY), ITEM("1", "10", "0"),
               PAID("1", "credit_card", "10"));
    assert_str(sh->order.status, "completed");
    assert_int_equal(when(sh, OD_EVENT_SHIPMENT_CREATED), us(OKAY));
    assert_int_equal(when(sh, OD_EVENT_SHIPMENT_DELIVERED), us(BUY));
    assert_int_equal(when(sh, OD_EVENT_PAYMENT_CAPTURED), us(HOME));
    assert_non_null(note("handed_over_before_approval"));
    assert_non_null(note("delivered_before_hand_over"));
}

static void missing_times_are_not_invented(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("delivered", "", "", ""), ITEM("1", "10", "0"),
               PAID("1", "credit_card", "10"));
    assert_str(sh->order.status, "completed");
    assert_int_equal(when(sh, OD_EVENT_SHIPMENT_DELIVERED), us(BUY));
    assert_string_equal(note("missing_time"),
                        "delivered, but no time of hand-over and of delivery");
    assert_non_null(note("no_approval_time"));
}

static void payment_of_nothing_is_kept(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("invoiced", OKAY, "", ""), ITEM("1", "10", "0"),
               PAID("2", "voucher", "0.0") PAID("3", "credit_card", "10.0"));
    assert_int_equal(sh->order.payment_count, 2);
    assert_int_equal(sh->order.payments[0].amount, 0);
    assert_non_null(note("payment_of_nothing"));
    assert_non_null(note("payment_sequence_gap"));
}

static void unreadable_amount_fails_its_order_alone(void **state)
{
    struct shop *sh = *state;
    import_one(sh, ORDER("invoiced", OKAY, "", ""), ITEM("1", "10.005", "0"),
               PAID("1", "voucher", "10"));
    assert_null(unit.commands);
    assert_string_equal(note("unreadable"), "not an amount: \"10.005\"");
}

static void files_that_do_not_fit_together_are_refused(void **state)
{
    (void)state;
    struct od_err err;
    write_set(ORDER("created", "", "", ""), "", "other,1,voucher,1,5\n");
    assert_int_equal(od_import_olist_open(&source, directory, &import_shop, &err), -1);
    assert_string_equal(err.message, "olist_order_payments_dataset.csv: line 2: its order is not "
                                     "among the orders");
    write_set(ORDER("created", "", "", ""), "", "");
    write_file("sellers", "seller_id,seller_city", "");
    assert_int_equal(od_import_olist_open(&source, directory, &import_shop, &err), -1);
    assert_non_null(strstr(err.message, "there is no column seller_zip_code_prefix"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(delivered_order_is_told_at_its_times),
        CASE(parts_of_a_payment_are_recorded_one_by_one),
        CASE(approved_order_is_paid_whatever_its_payments_add_up_to),
        CASE(order_without_items_or_approval_waits),
        CASE(parcel_of_an_order_without_items_is_shipped),
        CASE(unavailable_order_is_held),
        CASE(cancel_after_delivery_is_recorded_and_reported),
        CASE(impossible_times_are_kept_in_a_possible_order),
        CASE(missing_times_are_not_invented),
        CASE(payment_of_nothing_is_kept),
        CASE(unreadable_amount_fails_its_order_alone),
        CASE(files_that_do_not_fit_together_are_refused),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
