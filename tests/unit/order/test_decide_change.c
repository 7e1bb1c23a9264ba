#include "check.h"

#include "order/commands/change/change.h"
#include "order/model/limits.h"

#include "problems.h"

#define PROPOSE(body) shop_do(sh, OD_COMMAND_PROPOSE_CHANGE, body)
#define CONFIRM()     shop_do(sh, OD_COMMAND_CONFIRM_CHANGE, "{}")
#define DISCARD()     shop_do(sh, OD_COMMAND_DISCARD_CHANGE, "{}")
#define AMOUNT(type, amount)                                                                       \
    shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'" type "','amount':" amount "}")

/* 3 of a at 10.00, tax 1.00, discount 2.00; 2 of b at 5.00, tax 0.50; shipping 4.00 and 0.80 tax:
 * 30 + 10 - 2 + 1.50 + 4.80 = 44.30 */
static const char taxed[] =
    "{'items':[{'sku':'a','qty':3,'price':10,'taxAmount':1,'discountAmount':2,'weight':2},"
    "{'sku':'b','qty':2,'price':5,'taxAmount':'0.50'}],'shippingFeeExclTax':4,"
    "'shippingFeeInclTax':'4.80','paymentMethod':'card','shippingAddress':{'city':'Bern'}}";

static void place_taxed(struct shop *sh)
{
    assert_done(shop_do(sh, OD_COMMAND_PLACE, taxed));
    assert_int_equal(sh->order.grand_total, 4430);
    assert_int_equal(sh->order.tax_amount, 230);
}

static const struct od_change *change(struct shop *sh)
{
    return &sh->order.changes[sh->d.part_ids[OD_ENTITY_CHANGE] - 1];
}

static void a_proposal_says_what_it_would_come_to_and_changes_nothing(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}],'reason':'two are enough'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_CHANGE], 1);
    assert_int_equal(sh->d.event_count, 1);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_CHANGE_PROPOSED);
    assert_str(change(sh)->status, "proposed");
    assert_str(change(sh)->by, "tester");
    assert_str(change(sh)->reason, "two are enough");
    assert_int_equal(change(sh)->created_at, NOW);
    /* One of three: 10.00 less the third of 2.00 that is 0.66, tax 0.33: 9.67 instead of 29.00 */
    assert_int_equal(change(sh)->difference, 967 - 2900);
    assert_int_equal(sh->order.grand_total, 4430);
    assert_int_equal(sh->order.items[0].qty, 3);
    assert_int_equal(sh->skus[0].reserved, 3);
}

static void a_confirmed_change_is_the_order(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->d.event_count, 1);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_ORDER_CHANGED);
    const struct od_item *it = &sh->order.items[0];
    assert_int_equal(it->qty, 1);
    assert_int_equal(it->sub_total, 1000);
    assert_int_equal(it->discount_amount, 66);
    assert_int_equal(it->tax_amount, 33);
    assert_int_equal(it->total, 967);
    assert_int_equal(sh->order.grand_total, 4430 - 2900 + 967);
    assert_int_equal(sh->order.discount_amount, 66);
    assert_int_equal(sh->order.tax_amount, 33 + 50 + 80);
    assert_int_equal(sh->order.sub_total, 2000);
    assert_int_equal(sh->order.sub_total_incl_tax, 2083);
    assert_int_equal(sh->order.total_qty, 3);
    assert_int_equal(sh->order.total_weight, 20000);
    assert_int_equal(sh->skus[0].reserved, 1);
    assert_str(change(sh)->status, "confirmed");
    assert_int_equal(change(sh)->closed_at, NOW);
    assert_refused(CONFIRM(), OD_VERDICT_NOT_FOUND, "change_not_found");
    struct od_command *again = shop_command(sh, OD_COMMAND_CONFIRM_CHANGE, "{}");
    again->change_id = 1;
    assert_refused(shop_run(sh, again), OD_VERDICT_CONFLICT, "change_closed");
    again->change_id = 2;
    assert_refused(shop_run(sh, again), OD_VERDICT_NOT_FOUND, "change_not_found");
}

static void a_discarded_change_is_gone(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_refused(DISCARD(), OD_VERDICT_NOT_FOUND, "change_not_found");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':2}]}"), OD_VERDICT_CONFLICT,
                   "change_proposed");
    assert_done(DISCARD());
    assert_int_equal(sh->d.events[0].type, OD_EVENT_CHANGE_DISCARDED);
    assert_str(sh->order.changes[0].status, "discarded");
    assert_refused(CONFIRM(), OD_VERDICT_NOT_FOUND, "change_not_found");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_CHANGE], 2);
    assert_done(CONFIRM());
    assert_int_equal(sh->order.items[0].qty, 2);
}

static void a_line_is_added_and_reserves_its_units(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'add':[{'sku':'b','qty':3,'price':7,'taxAmount':'0.21','name':'Bee',"
                        "'variantOptions':{'size':'L'}}]}"));
    assert_int_equal(change(sh)->difference, 2121);
    assert_int_equal(sh->skus[1].reserved, 2);
    assert_done(CONFIRM());
    assert_int_equal(sh->order.item_count, 3);
    const struct od_item *it = &sh->order.items[2];
    assert_int_equal(it->order_item_id, 3);
    assert_str(it->name, "Bee");
    assert_str(it->variant_options, "{\"size\":\"L\"}");
    assert_int_equal(it->total, 2121);
    assert_int_equal(it->dirty, OD_DIRTY_NEW);
    assert_true(it->stock_tracked);
    assert_str(it->location, "main");
    assert_int_equal(sh->skus[1].reserved, 5);
    assert_int_equal(sh->order.total_qty, 8);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    assert_int_equal(sh->order.items[2].qty_shipped, 3);
}

static void a_removed_line_keeps_its_place_without_units(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':2,'qty':0}]}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->order.item_count, 2);
    assert_int_equal(sh->order.items[1].qty, 0);
    assert_int_equal(sh->order.items[1].total, 0);
    assert_int_equal(sh->order.grand_total, 4430 - 1050);
    assert_int_equal(sh->skus[1].reserved, 0);
    assert_refused(PROPOSE("{'items':[{'orderItemId':2,'qty':1}]}"), OD_VERDICT_INVALID,
                   "line_removed");
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':0,'taxAmount':1}]}"),
                   OD_VERDICT_INVALID, "line_removed");
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':0}]}"), OD_VERDICT_INVALID,
                   "nothing_left");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':0}],'add':[{'sku':'b','qty':1,"
                        "'price':5}]}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->order.grand_total, 500 + 480);
}

static void amounts_may_be_given_and_have_the_currencys_digits(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':3,'taxAmount':'1.50',"
                        "'discountAmount':0}]}"));
    assert_int_equal(change(sh)->difference, 50 + 200);
    assert_done(CONFIRM());
    assert_int_equal(sh->order.discount_amount, 0);
    assert_int_equal(sh->order.tax_amount, 280);
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':3,'taxAmount':'1.505'}]}"),
                   OD_VERDICT_INVALID, "bad_amount");
    assert_str(sh->d.refusal.pointer, "/items/0/taxAmount");
    assert_refused(PROPOSE("{'add':[{'sku':'a','qty':1,'price':'0.001'}]}"), OD_VERDICT_INVALID,
                   "invalid_change");
    assert_str(sh->d.refusal.pointer, "/add/0/price");
    assert_refused(PROPOSE("{'shippingFeeInclTax':'0.001'}"), OD_VERDICT_INVALID, "bad_amount");
}

static void a_yen_has_no_fraction_and_a_dinar_three_digits(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'currency':'JPY','items':[{'sku':'a','qty':3,'price':100,'taxAmount':"
                        "10}]}"));
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':2,'taxAmount':'6.5'}]}"),
                   OD_VERDICT_INVALID, "bad_amount");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_int_equal(change(sh)->difference, 206 - 310);
    sh->order = (struct od_order){0};
    sh->ledger_len = 0;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'currency':'KWD','items':[{'sku':'a','qty':1,'price':'1.005'}]}"));
    assert_done(PROPOSE("{'add':[{'sku':'a','qty':2,'price':'0.005'}]}"));
    assert_int_equal(change(sh)->difference, 10);
}

static void what_does_not_add_up_is_said_where_it_was_asked_for(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_refused(PROPOSE("{'items':[{'orderItemId':2,'qty':1,'discountAmount':9}]}"),
                   OD_VERDICT_INVALID, "invalid_change");
    assert_str(sh->d.refusal.pointer, "/items/0/total");
    assert_refused(PROPOSE("{'add':[{'sku':'a','qty':1,'price':1},{'sku':'a','qty':2,'price':1,"
                           "'subTotal':3}]}"),
                   OD_VERDICT_INVALID, "invalid_change");
    assert_str(sh->d.refusal.pointer, "/add/1/subTotal");
    assert_str(sh->d.refusal.detail, "does not add up: finalPrice * qty is 2.00");
    assert_refused(PROPOSE("{'discountAmount':1}"), OD_VERDICT_INVALID, "invalid_change");
    assert_str(sh->d.refusal.pointer, "/discountAmount");
    assert_refused(PROPOSE("{'taxAmount':1}"), OD_VERDICT_INVALID, "invalid_change");
    assert_refused(PROPOSE("{'shippingFeeInclTax':1,'shippingFeeExclTax':2}"), OD_VERDICT_INVALID,
                   "invalid_change");
    assert_str(sh->d.refusal.pointer, "/shippingFeeInclTax");
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':2},{'orderItemId':1,'qty':1}]}"),
                   OD_VERDICT_INVALID, "item_repeated");
    assert_refused(PROPOSE("{'items':[{'orderItemId':3,'qty':2}]}"), OD_VERDICT_INVALID,
                   "unknown_item");
    assert_refused(PROPOSE("{'add':[{'sku':'a','qty':1,'price':1,'location':'moon'}]}"),
                   OD_VERDICT_INVALID, "unknown_location");
    assert_str(sh->d.refusal.pointer, "/add/0/location");
}

static void a_change_that_changes_nothing_is_refused(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    const char *bodies[] = {"{}", "{'items':[{'orderItemId':1,'qty':3}]}",
                            "{'shippingAddress':{'city':'Bern'}}", "{'billingAddress':null}",
                            "{'shippingFeeInclTax':'4.80'}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_refused(PROPOSE(bodies[i]), OD_VERDICT_INVALID, "nothing_changed");
}

static void addresses_and_fees_change_with_it(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'shippingAddress':{'city':'Rom','country':'IT'},'billingAddress':"
                        "{'city':'Bari'},'shippingFeeInclTax':'9.60'}"));
    assert_str(sh->order.addresses[OD_SHIPPING].city, "Bern");
    assert_done(CONFIRM());
    assert_str(sh->order.addresses[OD_SHIPPING].city, "Rom");
    assert_str(sh->order.addresses[OD_SHIPPING].country, "IT");
    assert_str(sh->order.addresses[OD_SHIPPING].kind, "shipping");
    assert_str(sh->order.addresses[OD_BILLING].city, "Bari");
    assert_int_equal(sh->order.shipping_fee_incl_tax, 960);
    assert_int_equal(sh->order.shipping_fee_excl_tax, 800); /* as 4.00 stood to 4.80 */
    assert_int_equal(sh->order.grand_total, 4430 + 480);
    assert_int_equal(sh->order.tax_amount, 150 + 160);
    assert_done(PROPOSE("{'billingAddress':null,'shippingFeeExclTax':0}"));
    assert_done(CONFIRM());
    assert_false(sh->order.addresses[OD_BILLING].present);
    assert_int_equal(sh->order.shipping_fee_incl_tax, 0);
    assert_int_equal(sh->order.grand_total, 4430 - 480);
}

static void a_discount_of_the_order_stays_unless_it_is_changed(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':3,'price':10}],'discountAmount':5}"));
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->order.discount_amount, 500);
    assert_int_equal(sh->order.grand_total, 1500);
    assert_done(PROPOSE("{'discountAmount':1}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->order.grand_total, 1900);
    assert_refused(PROPOSE("{'discountAmount':21}"), OD_VERDICT_INVALID, "invalid_change");
    assert_str(sh->d.refusal.pointer, "/grandTotal");
}

static void a_tax_told_without_that_of_shipping_stays_so(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':2,'price':10,'taxAmount':2}],'taxAmount':2,"
                        "'shippingFeeExclTax':4,'shippingFeeInclTax':5}"));
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->order.tax_amount, 100);
    assert_int_equal(sh->order.grand_total, 1000 + 100 + 500);
}

static void what_is_shipped_or_cancelled_is_not_changed(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':2,'qty':1}]}"));
    assert_refused(CONFIRM(), OD_VERDICT_CONFLICT, "already_shipped");
    assert_done(DISCARD());
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_CONFLICT,
                   "already_shipped");
    assert_done(shop_update_shipment(sh, 1, "{'status':'canceled'}"));
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(CONFIRM(), OD_VERDICT_CONFLICT, "order_canceled");
    assert_done(DISCARD());
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_CONFLICT,
                   "order_canceled");
}

static void cancelled_units_stay_in_their_line(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':2}]}"));
    int64_t canceled = sh->order.amount_canceled;
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_INVALID,
                   "units_canceled");
    assert_str(sh->d.refusal.pointer, "/items/0/qty");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_done(CONFIRM());
    assert_int_equal(od_item_open(&sh->order.items[0]), 0);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_int_equal(sh->order.amount_canceled, canceled);
}

static void a_change_does_not_cost_less_than_what_is_cancelled(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':3,'discountAmount':30},"
                           "{'orderItemId':2,'qty':1}],'shippingFeeInclTax':0}"),
                   OD_VERDICT_CONFLICT, "change_below_canceled");
}

static void a_change_does_not_cost_less_than_what_is_invoiced(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}"));
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':2}]}"), OD_VERDICT_CONFLICT,
                   "already_invoiced");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':4}]}"));
    assert_done(CONFIRM());
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':3}]}"));
    assert_done(shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}"));
    assert_refused(CONFIRM(), OD_VERDICT_CONFLICT, "already_invoiced");
}

static void refunded_shipping_stays_in_the_fee(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(AMOUNT("authorize", "44.30"));
    assert_done(AMOUNT("capture", "44.30"));
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{'shipping':true}"));
    assert_refused(PROPOSE("{'shippingFeeInclTax':0.01,'shippingFeeExclTax':0.01}"),
                   OD_VERDICT_INVALID, "shipping_refunded");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':2}]}"));
}

static void refunded_units_stay_in_their_line(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(AMOUNT("authorize", "44.30"));
    assert_done(AMOUNT("capture", "44.30"));
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(
        shop_do(sh, OD_COMMAND_REFUND, "{'items':[{'orderItemId':1,'qty':2}],'keep':true}"));
    assert_refused(CONFIRM(), OD_VERDICT_CONFLICT, "change_outdated");
    assert_done(DISCARD());
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_INVALID,
                   "units_refunded");
}

static void a_change_is_outdated_when_the_order_has_moved_on(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_refused(CONFIRM(), OD_VERDICT_CONFLICT, "change_outdated");
    assert_str(sh->d.refusal.detail,
               "The order is no longer as it was: 2 units of item 1 are cancelled, and stay in its "
               "quantity. Discard the change and propose anew");
}

static void payment_and_order_follow_what_is_due(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(AMOUNT("authorize", "44.30"));
    assert_done(AMOUNT("capture", "44.30"));
    assert_str(sh->order.status, "processing");
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':4}]}"));
    assert_str(sh->order.payment_status, "paid");
    assert_done(CONFIRM());
    assert_str(sh->order.payment_status, "partially_paid");
    assert_str(sh->order.status, "pending");
}

static void stock_that_is_gone_refuses_the_confirmation(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':11}]}"));
    assert_refused(CONFIRM(), OD_VERDICT_CONFLICT, "stock_unavailable");
    assert_done(DISCARD());
    const char *none = "{'add':[{'sku':'none','qty':1,'price':1}]}";
    assert_refused(PROPOSE(none), OD_VERDICT_INVALID, "unknown_sku");
    assert_str(sh->d.refusal.pointer, "/add/0/sku");
    sh->env.track = OD_STOCK_KNOWN;
    assert_done(PROPOSE(none));
    sh->env.track = OD_STOCK_ALL;
    assert_refused(CONFIRM(), OD_VERDICT_INVALID, "unknown_sku");
    sh->env.track = OD_STOCK_KNOWN;
    assert_done(CONFIRM());
    assert_false(sh->order.items[2].stock_tracked);
    assert_done(PROPOSE("{'items':[{'orderItemId':3,'qty':5}]}"));
    assert_done(CONFIRM());
}

static void stock_that_was_not_read_is_not_taken_for_none(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    sh->env.track = OD_STOCK_KNOWN;
    assert_done(PROPOSE("{'add':[{'sku':'unread','qty':1,'price':1}]}"));
    assert_refused(CONFIRM(), OD_VERDICT_CONFLICT, "stock_not_read");
    assert_done(shop_history(sh, OD_COMMAND_CONFIRM_CHANGE, "{}"));
    assert_false(sh->order.items[2].stock_tracked);
}

/* LOAD has looked for its stock and found none, so that there is nothing to keep under its name. */
static void a_sku_without_stock_is_added_where_only_known_ones_are_tracked(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    sh->env.track = OD_STOCK_KNOWN;
    assert_done(PROPOSE("{'add':[{'sku':'service','qty':1,'price':1}]}"));
    sh->order.changes[0].dirty = OD_CLEAN; /* was loaded */
    assert_done(CONFIRM());
    assert_false(sh->order.items[2].stock_tracked);
    assert_done(PROPOSE("{'add':[{'sku':'ghost','qty':1,'price':1}]}"));
    sh->order.changes[1].dirty = OD_CLEAN;
    sh->env.track = OD_STOCK_ALL;
    assert_refused(CONFIRM(), OD_VERDICT_INVALID, "unknown_sku");
}

static void what_one_line_gives_back_another_may_take(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}],"
                        "'add':[{'sku':'a','qty':9,'price':1}]}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->skus[0].reserved, 10);
}

static void the_rule_is_asked_at_both_ends(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    sh->answers[OD_ASK_ORDER_CHANGE] = true;
    sh->refuse[OD_ASK_ORDER_CHANGE] = "Not on Sundays";
    assert_refused(PROPOSE("{'items':[{'orderItemId':2,'qty':3}]}"), OD_VERDICT_POLICY, "no");
    assert_int_equal(sh->request.difference, 525);
    assert_int_equal(sh->request.patch->values->item_count, 1);
    assert_int_equal(sh->request.patch->values->items[0].qty, 3);
    sh->refuse[OD_ASK_ORDER_CHANGE] = NULL;
    assert_done(PROPOSE("{'items':[{'orderItemId':2,'qty':3}]}"));
    sh->refuse[OD_ASK_ORDER_CHANGE] = "Too late";
    assert_refused(CONFIRM(), OD_VERDICT_POLICY, "no");
    assert_int_equal(sh->skus[1].reserved, 2);
    assert_done(shop_history(sh, OD_COMMAND_CONFIRM_CHANGE, "{}"));
    assert_str(sh->d.events[0].overruled, "order.change: Too late");
    assert_int_equal(sh->skus[1].reserved, 3);
    assert_int_equal(sh->asked[OD_ASK_ORDER_CHANGE], 4);
}

static void history_without_lines_changes_its_fees_alone(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_history(sh, OD_COMMAND_PLACE, "{'items':[],'subTotal':20}"));
    assert_refused(PROPOSE("{'add':[{'sku':'a','qty':1,'price':1}]}"), OD_VERDICT_INVALID,
                   "no_lines");
    assert_done(PROPOSE("{'shippingFeeInclTax':3}"));
    assert_done(CONFIRM());
    assert_int_equal(sh->order.sub_total, 2000);
    assert_int_equal(sh->order.grand_total, 2300);
}

static void changes_and_lines_are_limited(void **state)
{
    struct shop *sh = *state;
    place_taxed(sh);
    struct od_item *items = OD_NEW_ARRAY(&sh->arena, struct od_item, OD_ITEMS_MAX);
    memcpy(items, sh->order.items, sh->order.item_count * sizeof *items);
    struct od_order *full = od_order_clone(&sh->arena, &sh->order);
    full->items = items;
    full->item_count = OD_ITEMS_MAX;
    sh->d.order = full;
    assert_int_equal(PROPOSE("{'add':[{'sku':'a','qty':1,'price':1}]}"), OD_VERDICT_INVALID);
    assert_str(sh->d.refusal.code, "too_many_items");
    sh->d.order = &sh->order;
    for (int i = 0; i < OD_CHANGES_MAX; i++) {
        assert_done(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"));
        assert_done(DISCARD());
    }
    assert_refused(PROPOSE("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_CONFLICT,
                   "limit_reached");
}

static void bodies_say_what_is_wrong_with_them(void **state)
{
    struct shop *sh = *state;
    CHECK(PROPOSE_CHANGE, "{'items':[{'qty':-1},{'orderItemId':1}],'foo':1}",
          "/items/0/qty: must be a whole number from 0 to 1000000\n"
          "/items/0/orderItemId: is required\n/items/1/qty: is required\n/foo: unknown member");
    CHECK(PROPOSE_CHANGE,
          "{'items':[{'orderItemId':1,'qty':1,'taxAmount':'x','discountAmount':-1}]}",
          "/items/0/taxAmount: is not a decimal number\n"
          "/items/0/discountAmount: must not be negative");
    CHECK(PROPOSE_CHANGE, "{'add':[{'qty':1,'price':true}],'shippingAddress':{}}",
          "/add/0/price: must be a decimal number\n/add/0/sku: is required\n"
          "/shippingAddress: must not be empty");
    CHECK(PROPOSE_CHANGE, "{'add':[{'qty':1,'price':1}],'taxAmount':{}}",
          "/add/0/sku: is required\n/taxAmount: must be a decimal number");
    CHECK(CONFIRM_CHANGE, "{'changeId':1}", "/changeId: unknown member");
}

static void the_stored_request_names_new_skus_where_a_query_finds_them(void **state)
{
    struct shop *sh = *state;
    struct od_err err;
    struct od_change_terms t;
    place_taxed(sh);
    assert_done(PROPOSE("{'items':[{'orderItemId':2,'qty':1,'discountAmount':0}],"
                        "'add':[{'sku':'a','qty':1,'price':'2.50'}],'billingAddress':null,"
                        "'shippingAddress':{'city':'Rom'},'shippingFeeInclTax':0}"));
    assert_str(change(sh)->request,
               "{\"lines\":[{\"order_item_id\":2,\"qty\":1,\"discount_amount\":0}],"
               "\"add\":[{\"sku\":\"a\",\"qty\":1,\"price\":250,\"final_price\":250,"
               "\"final_price_incl_tax\":250,\"sub_total\":250,\"total\":250}],"
               "\"shipping_address\":{\"city\":\"Rom\"},\"billing_address\":null,"
               "\"shipping_fee_incl_tax\":0}");
    assert_int_equal(od_change_decode(change(sh)->request, &sh->arena, &t, &err), 0);
    assert_int_equal(t.lines[0].tax_amount, OD_AMOUNT_UNSET);
    assert_int_equal(t.lines[0].discount_amount, 0);
    assert_int_equal(t.shipping_fee_excl_tax, OD_AMOUNT_UNSET);
    assert_true(t.has_address[OD_BILLING] && !t.addresses[OD_BILLING].present);
    assert_string_equal(od_change_encode(&t, &sh->arena).ptr,
                        od_arena_str(&sh->arena, change(sh)->request).ptr);
    static const char *const broken[] = {"{}", "[]", "{\"lines\":[],\"add\":{}}",
                                         "{\"lines\":[{\"qty\":1}],\"add\":[]}",
                                         "{\"lines\":[],\"add\":[],\"tax_amount\":-1}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(od_change_decode(od_str_of(broken[i]), &sh->arena, &t, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_proposal_says_what_it_would_come_to_and_changes_nothing),
        TEST(a_confirmed_change_is_the_order),
        TEST(a_discarded_change_is_gone),
        TEST(a_line_is_added_and_reserves_its_units),
        TEST(a_removed_line_keeps_its_place_without_units),
        TEST(amounts_may_be_given_and_have_the_currencys_digits),
        TEST(a_yen_has_no_fraction_and_a_dinar_three_digits),
        TEST(what_does_not_add_up_is_said_where_it_was_asked_for),
        TEST(a_change_that_changes_nothing_is_refused),
        TEST(addresses_and_fees_change_with_it),
        TEST(a_discount_of_the_order_stays_unless_it_is_changed),
        TEST(a_tax_told_without_that_of_shipping_stays_so),
        TEST(what_is_shipped_or_cancelled_is_not_changed),
        TEST(cancelled_units_stay_in_their_line),
        TEST(a_change_does_not_cost_less_than_what_is_cancelled),
        TEST(a_change_does_not_cost_less_than_what_is_invoiced),
        TEST(refunded_shipping_stays_in_the_fee),
        TEST(refunded_units_stay_in_their_line),
        TEST(a_change_is_outdated_when_the_order_has_moved_on),
        TEST(payment_and_order_follow_what_is_due),
        TEST(stock_that_is_gone_refuses_the_confirmation),
        TEST(stock_that_was_not_read_is_not_taken_for_none),
        TEST(a_sku_without_stock_is_added_where_only_known_ones_are_tracked),
        TEST(what_one_line_gives_back_another_may_take),
        TEST(the_rule_is_asked_at_both_ends),
        TEST(history_without_lines_changes_its_fees_alone),
        TEST(changes_and_lines_are_limited),
        TEST(bodies_say_what_is_wrong_with_them),
        TEST(the_stored_request_names_new_skus_where_a_query_finds_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
